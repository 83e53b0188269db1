// SPDX-License-Identifier: MIT
#include "sim/hw/fence_watch.h"

#include <algorithm>
#include <utility>

#include "firmware/abi/ring.h"

namespace gpusim::hw {

FenceWatch::FenceWatch(Timeline& timeline, Timeline::Component component, BusPort& memory, const Cost& read_latency,
                       CostLedger& ledger, std::function<void(std::uint32_t queue)> on_reached)
    : timeline_{timeline},
      component_{component},
      memory_{memory},
      read_latency_{read_latency},
      ledger_{ledger},
      on_reached_{std::move(on_reached)} {}

bool FenceWatch::is_watched(std::uint64_t address) const {
  return std::any_of(watches_.begin(), watches_.end(), [&](const Watch& watch) { return watch.address == address; });
}

void FenceWatch::watch(std::uint32_t queue, std::uint64_t address, std::uint32_t value) {
  unwatch(queue);
  if (!is_watched(address)) memory_.write_value(bus::kWatch, address);
  check(watches_.emplace_back(Watch{.queue = queue, .value = value, .address = address, .seen = {}}));
}

void FenceWatch::unwatch(std::uint32_t queue) {
  const auto found =
      std::find_if(watches_.begin(), watches_.end(), [&](const Watch& watch) { return watch.queue == queue; });
  if (found == watches_.end()) return;
  timeline_.cancel(found->seen);
  const std::uint64_t address = found->address;
  watches_.erase(found);
  if (!is_watched(address)) memory_.write_value(bus::kUnwatch, address);
}

void FenceWatch::reset() {
  while (!watches_.empty()) unwatch(watches_.back().queue);
}

void FenceWatch::on_word(std::uint64_t address) {
  for (Watch& watch : watches_) {
    if (watch.address == address) check(watch);
  }
}

void FenceWatch::check(Watch& watch) {
  std::uint32_t word = 0;
  if (watch.is_reached) return;
  (void)memory_.read(watch.address, std::as_writable_bytes(std::span{&word, 1}));
  if (!abi::is_reached(word, watch.value)) return;
  watch.is_reached = true;
  watch.seen = timeline_.schedule<&FenceWatch::on_seen>(timeline_.now() + read_latency_.value, Phase::firmware,
                                                        component_, this, watch.queue);
}

void FenceWatch::on_seen(std::uint64_t queue) {
  ledger_.charge(read_latency_);
  unwatch(static_cast<std::uint32_t>(queue));
  on_reached_(static_cast<std::uint32_t>(queue));
}

}  // namespace gpusim::hw
