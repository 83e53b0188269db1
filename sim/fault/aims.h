// SPDX-License-Identifier: MIT
// The [[faults]] of a run: which of them strikes an occasion, and what became of each.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/prng.h"
#include "base/time.h"
#include "sim/fault/explored.h"
#include "sim/fault/spec.h"
#include "traces/event/names.h"

namespace gpusim::fault {

class Aims {
 public:
  /// `names`: of queues and clients; none: nothing is aimed at one. Outlives this. `seed` of the run.
  Aims(const std::vector<AimedFault>& faults, const trace::Names* names, std::uint64_t seed);

  [[nodiscard]] bool has(Kind kind) const { return !by_kind_[static_cast<std::size_t>(kind)].empty(); }
  /// Asked once for each occasion: counts it, and gives the fault that strikes, of several the first in the file.
  /// `queue`: its QueueId, 0: none. `unit`: engine, or vector.
  [[nodiscard]] const AimedFault* strike(Kind kind, SimTime now, std::uint32_t queue, std::uint32_t unit);
  /// A line for each that has not struck as often as it was to.
  [[nodiscard]] std::vector<std::string> not_happened() const;

 private:
  struct Aim {
    AimedFault fault;
    std::size_t number;  // in the file, from 1
    Prng random;
    std::uint64_t came = 0;  // occasions that it is aimed at
    std::uint64_t struck = 0;
  };
  [[nodiscard]] bool is_aimed_at(const AimedFault& fault, SimTime now, std::uint32_t queue, std::uint32_t unit) const;
  [[nodiscard]] bool is_of(const AimedFault& fault, std::uint32_t queue) const;

  const trace::Names* names_;
  std::vector<Aim> aims_;
  std::array<std::vector<std::size_t>, kKinds> by_kind_;  // in aims_
};

}  // namespace gpusim::fault
