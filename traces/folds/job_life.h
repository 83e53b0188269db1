// SPDX-License-Identifier: MIT
// A job's life from ioctl entry to the return of its waiter, cut into causes: what Milestones produces and statistics,
// reports and checks consume.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "traces/event/cause.h"

namespace gpusim::trace {

struct JobLife {
  std::uint64_t job = 0;
  std::uint32_t queue = 0;
  std::uint32_t client = 0;
  SimTime begin{};          ///< exec_begin
  SimTime end{};            ///< first waiter's return; without a waiter, the finished fence's signal
  std::uint64_t error = 0;  ///< errno of the finished fence, 0: good
  std::array<Picoseconds, kCauseCount> causes{};  ///< by Cause; they add up to end - begin
  Picoseconds own_backlog{0};  ///< the part of engine_busy in which the engine worked for earlier jobs of its own queue

  [[nodiscard]] Picoseconds& operator[](Cause cause) { return causes[static_cast<std::size_t>(cause)]; }
  [[nodiscard]] Picoseconds operator[](Cause cause) const { return causes[static_cast<std::size_t>(cause)]; }
  [[nodiscard]] Picoseconds length() const { return end - begin; }
};

/// Receives each life when it ends, in that order. Must not touch the model.
class JobLifeListener {
 public:
  virtual ~JobLifeListener() = default;
  virtual void on_job_life(const JobLife& life) = 0;
};

}  // namespace gpusim::trace
