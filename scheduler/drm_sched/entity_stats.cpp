// SPDX-License-Identifier: MIT
#include "scheduler/drm_sched/entity_stats.h"

#include <array>

namespace gpusim::sched::drm {

namespace {

// vruntime_shift[], by priority. Shares of the hardware: KERNEL 2 to HIGH 1, HIGH 4 to NORMAL 1, NORMAL 8 to LOW 1.
constexpr std::array<unsigned, 4> kShift{1, 2, 4, 7};

[[nodiscard]] unsigned shift_of(Priority priority) { return kShift.at(static_cast<std::size_t>(priority)); }

// ktime_t wraps around.
[[nodiscard]] Ktime sum(Ktime a, Ktime b) {
  return static_cast<Ktime>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
[[nodiscard]] Ktime difference(Ktime a, Ktime b) {
  return static_cast<Ktime>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

}  // namespace

void EntityStats::add_job(Ktime duration) {
  runtime = sum(runtime, duration);
  average.add(static_cast<std::uint64_t>(duration / 1000));
}

Ktime EntityStats::charge(Priority priority) {
  const Ktime real = difference(runtime, prev_runtime);
  prev_runtime = runtime;
  vruntime = sum(vruntime, static_cast<Ktime>(static_cast<std::uint64_t>(real) << shift_of(priority)));
  return vruntime;
}

void EntityStats::save(Ktime smallest) {
  vruntime = smallest != 0 && vruntime > smallest ? difference(vruntime, smallest) : 0;
}

Ktime EntityStats::restore(Ktime smallest, Priority own, std::int32_t head, const AverageTime& of_scheduler) {
  if (vruntime == 0 && head != kNoPriority) {
    const auto priority = static_cast<std::int32_t>(own);
    if (priority > head) {
      // Behind some jobs of an average length.
      vruntime = static_cast<Ktime>(((1 + average.us() + of_scheduler.us()) << shift_of(own)) * 1000);
    } else if (priority < head) {
      vruntime = priority - head;
    } else {
      vruntime = average.us() <= of_scheduler.us() ? -1 : 1;  // shorter jobs first
    }
  }
  vruntime = sum(smallest, vruntime);
  return vruntime;
}

}  // namespace gpusim::sched::drm
