// SPDX-License-Identifier: MIT
#include "sim/hw/firmware_view.h"

#include <algorithm>

#include "sim/hw/firmware_processor.h"

namespace gpusim::hw {

namespace {

/// In the order of their tickets, which are compared modulo 2^32 (fw::RunLines).
void append_runnable(std::span<const fw::QueueRecord> queues, std::uint32_t level,
                     std::vector<FirmwareView::Waiter>& waiters) {
  std::vector<const fw::QueueRecord*> line;
  for (const fw::QueueRecord& record : queues) {
    if (record.state == fw::QueueState::runnable && record.priority == level) line.push_back(&record);
  }
  std::sort(line.begin(), line.end(), [](const fw::QueueRecord* a, const fw::QueueRecord* b) {
    return static_cast<std::int32_t>(a->ticket - b->ticket) < 0;
  });
  for (const fw::QueueRecord* record : line) waiters.push_back({QueueId{record->tag}, level});
}

/// The list of a level, from its head.
void append_slotless(std::span<const fw::QueueRecord> queues, std::uint32_t level,
                     std::vector<FirmwareView::Waiter>& waiters) {
  for (const fw::QueueRecord& head : queues) {
    if (head.state != fw::QueueState::waiting || head.priority != level || head.previous != fw::kNil) continue;
    waiters.push_back({QueueId{head.tag}, level});
    for (std::uint32_t next = head.next; next != fw::kNil; next = queues[next].next) {
      waiters.push_back({QueueId{queues[next].tag}, level});
    }
  }
}

}  // namespace

FirmwareView FirmwareProcessor::view() const {
  FirmwareView view;
  for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
    append_runnable(core_->queues(), level, view.runnable);
    append_slotless(core_->queues(), level, view.slotless);
  }
  for (std::uint32_t engine = 0; engine < device_.engine_count; ++engine) {
    const fw::EngineRecord& record = core_->engines()[engine];
    if (record.state != fw::EngineState::preempting) continue;
    view.preemptions.push_back({engine, QueueId{core_->queues()[record.queue].tag}, preempt_timers_[engine].due});
  }
  return view;
}

}  // namespace gpusim::hw
