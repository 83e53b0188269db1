// SPDX-License-Identifier: MIT
// The clock of all measurements: wall clock, or the CPU time of this process, which is the fairer one on a machine
// shared with other work (the benchmarks have one thread and never sleep).
#pragma once

namespace gpusim::bench {

/// From now on clock_seconds() counts CPU time. Once, before the first measurement.
void use_cpu_time();

/// Seconds since some fixed moment.
[[nodiscard]] double clock_seconds();

/// Seconds since it was made.
class Stopwatch {
 public:
  [[nodiscard]] double seconds() const { return clock_seconds() - begin_; }

 private:
  double begin_ = clock_seconds();
};

}  // namespace gpusim::bench
