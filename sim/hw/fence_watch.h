// SPDX-License-Identifier: MIT
// The comparators behind the firmware's watches (abi::kFwWatch): for each queue a word in host memory and the value
// that it is to come to. Who has written it does not matter: an engine, for another queue, or the host.
//
// Real devices either write such a word themselves and know it (PVR: the firmware's UFO updates; Mali CSF: SYNC_ADD),
// or poll it (semaphores of a command streamer). Here nothing polls: a write is seen one DMA read later, as if a poll
// had met it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/cost.h"
#include "base/timeline.h"
#include "sim/hw/bus_port.h"

namespace gpusim::hw {

class FenceWatch {
 public:
  /// `on_reached`: once for each watch, from the Timeline. `memory` leads to host memory, without a flight.
  FenceWatch(Timeline& timeline, Timeline::Component component, BusPort& memory, const Cost& read_latency,
             CostLedger& ledger, std::function<void(std::uint32_t queue)> on_reached);

  /// In place of an earlier one of the queue.
  void watch(std::uint32_t queue, std::uint64_t address, std::uint32_t value);
  void unwatch(std::uint32_t queue);
  void reset();
  /// The word may have changed.
  void on_word(std::uint64_t address);

 private:
  struct Watch {
    std::uint32_t queue;
    std::uint32_t value;
    std::uint64_t address;
    Timeline::Handle seen;
    bool is_reached = false;
  };

  void check(Watch& watch);
  void on_seen(std::uint64_t queue);
  [[nodiscard]] bool is_watched(std::uint64_t address) const;

  Timeline& timeline_;
  Timeline::Component component_;
  BusPort& memory_;
  Cost read_latency_;
  CostLedger& ledger_;
  std::function<void(std::uint32_t queue)> on_reached_;
  std::vector<Watch> watches_;
};

}  // namespace gpusim::hw
