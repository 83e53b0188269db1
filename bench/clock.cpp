// SPDX-License-Identifier: MIT
#include "bench/clock.h"

#include <chrono>
#include <ctime>

namespace gpusim::bench {
namespace {
constinit bool cpu_time = false;  // set once, before the first measurement
}  // namespace

void use_cpu_time() { cpu_time = true; }

double clock_seconds() {
  if (!cpu_time) return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace gpusim::bench
