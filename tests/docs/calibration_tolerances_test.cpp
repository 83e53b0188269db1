// SPDX-License-Identifier: MIT
// docs/calibration.md: what IGT's tests measure on hardware and hold against tolerances, on the preset of GuC.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "tests/docs/calibration.h"
#include "tests/docs/marked_block.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using namespace gpusim::test;
using namespace gpusim::test::calibration;

namespace {

/// Time of each queue on an engine.
[[nodiscard]] std::map<std::uint32_t, Times> slices_of(const Recording& recording) {
  std::map<std::uint32_t, Times> slices;
  for (const auto& [queue, stays] : stays_of<trace::context_restore_end, trace::context_save_begin>(recording)) {
    for (const auto& [begin, end] : stays) {
      if (end != kNever) slices[queue].push_back(end - begin);
    }
  }
  return slices;
}

void add_fair_slices(std::vector<Row>& rows) {
  const Recording recording = simulate("xe_guc", busy("spin", 3, 1), {"stop.after_ms=2000"});
  Times totals;
  for (const auto& [queue, slices] : slices_of(recording)) {
    Picoseconds total{0};
    for (const Picoseconds slice : slices) total += slice;
    totals.push_back(total);
  }
  REQUIRE(totals.size() == 3);
  const auto [least, most] = std::minmax_element(totals.begin(), totals.end());
  const double bound = 2 * 2 * std::sqrt(2000.0);  // twice T, which is twice the root of the number of slices, in ms
  rows.push_back({"three spin for 2 s, time slice 1 ms: most less least time on the engine", "xe_guc",
                  fmt::format("< {:.1f} ms", bound), "`igt`: S",
                  fmt::format("{:.1f} ms, of {:.0f} ms each", in_ms(*most - *least), in_ms(*least)),
                  in_ms(*most - *least) < bound && in_ms(*least) > 600});
}

/// IGT's allowance: 50 ms, or twice what the shortest setting measured.
[[nodiscard]] Picoseconds allowance(Picoseconds of_one_ms) { return std::max(ms(50), 2 * of_one_ms); }

void add_slice_lengths(std::vector<Row>& rows) {
  Picoseconds shortest{0};
  for (const int length : {1, 50, 100, 500}) {
    const Recording recording =
        simulate("xe_guc", busy("spin", 2, 1),
                 {fmt::format("device.quantum_ms={}", length), fmt::format("stop.after_ms={}", 30 * length)});
    Times all;
    for (const auto& [queue, slices] : slices_of(recording)) all.insert(all.end(), slices.begin(), slices.end());
    REQUIRE(all.size() >= 9);
    const Picoseconds slice = median(all);
    if (length == 1) shortest = slice;
    const Picoseconds bound = ms(length) + allowance(shortest);
    rows.push_back({fmt::format("time slice {} ms: median of what two that spin get", length), "xe_guc",
                    fmt::format("< {:.0f} ms", in_ms(bound)), "`igt`: S", fmt::format("{:.3f} ms", in_ms(slice)),
                    slice < bound && slice >= ms(length)});
  }
}

void add_preempt_timeouts(std::vector<Row>& rows) {
  Picoseconds shortest{0};
  for (const int timeout : {1, 50, 100, 500}) {
    const Outcome outcome = run_to_end(
        loop_text("hog", "work_us = 10\n") + loop_text("other", "work_us = 10\nstart_us = 1000\n"), "drm_sched",
        {"use.device=xe_guc", "fault.hung_job=1", fmt::format("device.preempt_timeout_ms={}", timeout)});
    const Job other = outcome.recording.jobs().back();
    REQUIRE(other.end);
    const Picoseconds elapsed = *other.end - other.submitted;
    if (timeout == 1) shortest = elapsed;
    const Picoseconds bound = ms(timeout) + allowance(shortest);
    const bool is_as_told =
        outcome.errors.at("hog") == std::vector{Errno::io} && outcome.errors.at("other") == std::vector{Errno::ok};
    rows.push_back(
        {fmt::format("preempt timeout {} ms: the job behind one that cannot be preempted; -EIO for that", timeout),
         "xe_guc", fmt::format("< {:.0f} ms", in_ms(bound)), "`igt`: S",
         fmt::format("{:.1f} ms; {}", in_ms(elapsed), is_as_told ? "-EIO" : "another error"),
         elapsed < bound && elapsed > ms(timeout) && is_as_told});
  }
}

/// gem_exec_fair's basic mode: clients that share a frame of 16.667 ms, each with three batches, as fast as they can.
void add_frames(std::vector<Row>& rows) {
  const Picoseconds frame = us(16'666);
  for (const int clients : {1, 3, 7, 15}) {
    const Recording recording =
        simulate("xe_guc",
                 client_text("app", "loop",
                             fmt::format("clones = {}\nwork_ns = {}\njobs_per_cycle = 3\ncycles = 1000\nsync = false\n"
                                         "max_in_flight = 9\n",
                                         clients, 16'666'000 / clients / 3)),
                 {"stop.after_ms=1000"});
    std::map<std::uint32_t, std::vector<SimTime>> ends;
    for (const Job& job : recording.jobs()) {
      if (job.end) ends[job.queue].push_back(*job.end);
    }
    REQUIRE(ends.size() == static_cast<std::size_t>(clients));
    Times medians;
    double worst_spread = 0;
    bool is_fair = true;
    for (const auto& [queue, times] : ends) {
      Times intervals;
      Picoseconds sum{0};
      for (std::size_t i = 5; i < times.size(); i += 3) intervals.push_back(times[i] - times[i - 3]);
      for (const Picoseconds interval : intervals) sum += interval;
      const Picoseconds middle = median(intervals);
      const Picoseconds mean = sum / static_cast<std::int64_t>(intervals.size());
      medians.push_back(middle);
      worst_spread = std::max(worst_spread, in_ms(spread(intervals)) / in_ms(middle));
      is_fair =
          is_fair && spread(intervals) < middle && 4 * mean > 3 * middle && 3 * mean < 4 * middle && 2 * middle > frame;
      if (clients == 1) is_fair = is_fair && 4 * middle > 3 * frame && 3 * middle < 4 * frame;
    }
    is_fair = is_fair && spread(medians) < median(medians);
    rows.push_back(
        {fmt::format("frames of 16.666 ms, clients: {}. Median interval; quartiles apart, in a client and between",
                     clients),
         "xe_guc", clients == 1 ? "12.5 to 22.2 ms; < 100 %, < 100 %" : "> 8.3 ms; < 100 %, < 100 %", "`igt`: S",
         fmt::format("{:.2f} ms; {:.1f} %, {:.1f} %", in_ms(median(medians)), 100 * worst_spread,
                     100 * in_ms(spread(medians)) / in_ms(median(medians))),
         is_fair});
  }
}

void add_long_spin(std::vector<Row>& rows) {
  const Outcome outcome = run_to_end(
      client_text(
          "spin", "wsim",
          "clones = 4\nprogram = \"\"\"\n1.RCS.3000000.0.0\n1.RCS.1.0.0\n1.RCS.1.0.0\n1.RCS.1.0.0\n1.RCS.1.0.0\n"
          "1.RCS.1.0.0\n1.RCS.1.0.0\n1.RCS.1.0.1\n\"\"\"\n"),
      "drm_sched", {"use.device=xe_guc"});
  const std::size_t resets = outcome.count<trace::engine_reset>() + outcome.count<trace::device_reset_begin>();
  rows.push_back(
      {"four queues with 3 s of work each and seven jobs behind, job timeout 5 s", "xe_guc", "32 jobs done, no reset",
       "`igt`: S",
       fmt::format("{} jobs done, {}", outcome.jobs() - outcome.failed(),
                   resets == 0 ? "no reset" : "resets: " + std::to_string(resets)),
       outcome.jobs() == 32 && outcome.failed() == 0 && resets == 0 && outcome.recording.finish() > at(ms(12'000))});
}

}  // namespace

TEST_CASE("docs/calibration.md has what tests of hardware tolerate", "[docs]") {
  std::vector<Row> rows;
  add_fair_slices(rows);
  add_slice_lengths(rows);
  add_preempt_timeouts(rows);
  add_frames(rows);
  add_long_spin(rows);
  check_marked_block("docs/calibration.md", "tolerances", table_of(rows));
}
