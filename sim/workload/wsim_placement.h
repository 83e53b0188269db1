// SPDX-License-Identifier: MIT
// What holds for a batch of a .wsim program before anything runs: on which engines it may run, how it can be preempted.
//
// Models: gem_wsim's preparation, which scans the whole program for engine maps, balancing and preemption before the
// first step is taken. Does not model: which of several allowed engines is picked; that is the device's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "sim/workload/wsim_program.h"

namespace gpusim::workload {

enum class PlacementFault : std::uint8_t {
  none,
  not_in_map,     // the context has a map without balancing and the engine is not in it
  names_a_class,  // the context has a map without balancing and the name does not denote one engine
};

// Physical engines (never default_engine or vcs) in map order. Batches of one context that are placed alike share one
// in-order queue; the virtual queue is another than the direct queue to one of its engines.
struct Placement {
  std::vector<WsimEngine> allowed;  // empty when there is a fault
  bool is_virtual = false;          // over the whole map of a balanced context
  bool foreign_name = false;        // virtual although the name is of a class outside the map (gem_wsim accepts that)
  PlacementFault fault = PlacementFault::none;
};

// vcs -> vcs1, vcs2; default_engine -> rcs; everything else is itself.
[[nodiscard]] std::vector<WsimEngine> expand(WsimEngine engine);

// Answers for a whole program, which is read once: a program may have as many steps as a file has room for.
class Placements {
 public:
  explicit Placements(const WsimProgram& program);

  // Without a map: DEFAULT is RCS and VCS is VCS1. With a map: a name of exactly one engine in it picks that engine,
  // anything else the virtual engine, if the context is balanced.
  [[nodiscard]] Placement place(const Batch& batch) const;
  // The context's map with classes expanded; empty when it has none.
  [[nodiscard]] const std::vector<WsimEngine>& expanded_map(std::uint32_t context) const;
  // The preemption period of the batch at `step`: that of the last `X` for its context earlier in the text, else 100
  // us; 0 = not preemptible. A property of the text, not of the run: a later X does not reach back in the next loop.
  [[nodiscard]] std::uint64_t preemption_period_us(std::size_t step) const { return periods_us_[step]; }

 private:
  std::map<std::uint32_t, std::vector<WsimEngine>> maps_;  // by context
  std::set<std::uint32_t> balanced_;                       // contexts
  std::vector<std::uint64_t> periods_us_;                  // by step
};

}  // namespace gpusim::workload
