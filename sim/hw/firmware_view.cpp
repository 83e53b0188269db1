// SPDX-License-Identifier: MIT
#include "sim/hw/firmware_view.h"

#include <algorithm>

#include "sim/hw/firmware_processor.h"

namespace gpusim::hw {

namespace {

/// The queues of one state and level, each list from its head; a queue is in the list of its engines' class.
void append_lists(std::span<const fw::QueueRecord> queues, fw::QueueState state, std::uint32_t level,
                  std::vector<FirmwareView::Waiter>& waiters) {
  for (std::uint32_t head = 0; head < queues.size(); ++head) {
    const auto is_listed = [&](std::uint32_t i) { return queues[i].state == state && queues[i].priority == level; };
    if (!is_listed(head) || queues[head].previous != fw::kNil) continue;
    for (std::uint32_t i = head; i != fw::kNil; i = queues[i].next) {
      waiters.push_back({QueueId{queues[i].tag}, level, queues[i].engine_mask});
    }
  }
}

}  // namespace

FirmwareView FirmwareProcessor::view() const {
  FirmwareView view;
  for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
    append_lists(queues_, fw::QueueState::runnable, level, view.runnable);
    append_lists(queues_, fw::QueueState::waiting, level, view.slotless);
  }
  return view;
}

}  // namespace gpusim::hw
