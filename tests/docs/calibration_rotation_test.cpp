// SPDX-License-Identifier: MIT
// docs/calibration.md: the rotation of slots on the preset of Mali, against the closed forms of panthor's rule
// (docs/reference/firmware.md, "panthor with Mali CSF").
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
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

/// From tick to tick: the period, rounded up by the timer wheel, and what a tick takes.
[[nodiscard]] Picoseconds tick_of(const Recording& recording) {
  Times ticks;
  SimTime before{};
  for (const auto& start : recording.all<trace::workqueue_execute_start>()) {
    if (recording.names.works.at(start.work.as<std::size_t>()) != "slot_tick" || start.time < at(ms(500))) continue;
    if (before != SimTime{}) ticks.push_back(start.time - before);
    before = start.time;
  }
  return median(ticks);
}

/// In ticks of that length.
[[nodiscard]] std::string in_ticks(const Times& times, Picoseconds tick, const std::string& if_none) {
  if (times.empty()) return if_none;
  const auto [least, most] = std::minmax_element(times.begin(), times.end());
  const double whole = std::round(in_ms(median(times)) / in_ms(tick));
  const bool is_whole =
      std::abs(in_ms(*least) / in_ms(tick) - whole) < 0.05 && std::abs(in_ms(*most) / in_ms(tick) - whole) < 0.05;
  return is_whole ? fmt::format("{:.0f}", whole)
                  : fmt::format("{:.2f} to {:.2f}", in_ms(*least) / in_ms(tick), in_ms(*most) / in_ms(tick));
}

/// "wait, stay, first" of these queues, in ticks, behind the first 0.5 s: from a slot to the next one, in a slot, and
/// from one turn on the engine, which the first of the slots has, to the next.
[[nodiscard]] std::string rotation(const Recording& recording, const std::set<std::uint32_t>& queues) {
  const auto in_slot = stays_of<trace::slot_grant, trace::slot_evict>(recording);
  const auto on_engine = stays_of<trace::engine_assign, trace::context_save_end>(recording);
  const SimTime from = at(ms(500));
  Times waits;
  Times stays;
  Times turns;
  bool has_slot = false;
  for (const std::uint32_t queue : queues) {
    const auto slots = in_slot.find(queue);
    if (slots != in_slot.end()) {
      for (std::size_t i = 0; i < slots->second.size(); ++i) {
        const auto& [begin, end] = slots->second[i];
        has_slot = has_slot || end > from;
        if (begin > from && end != kNever) stays.push_back(end - begin);
        if (i > 0 && slots->second[i - 1].second > from) waits.push_back(begin - slots->second[i - 1].second);
      }
    }
    const auto engine = on_engine.find(queue);
    if (engine == on_engine.end()) continue;
    for (std::size_t i = 1; i < engine->second.size(); ++i) {
      if (engine->second[i - 1].first > from) turns.push_back(engine->second[i].first - engine->second[i - 1].first);
    }
  }
  const Picoseconds tick = tick_of(recording);
  return in_ticks(waits, tick, has_slot ? "0" : "for ever") + ", " + in_ticks(stays, tick, has_slot ? "always" : "-") +
         ", " + in_ticks(turns, tick, "never");
}

void add_rotations(std::vector<Row>& rows) {
  const std::string source = "`panthor`, `ours`: C";
  const auto add = [&](const std::string& what, const std::string& published, const std::string& simulated) {
    rows.push_back(
        {what + ": ticks of wait, stay, first", "mali_csf", published, source, simulated, simulated == published});
  };
  struct Case {
    int groups;
    int slots;
    const char* published;
  };
  for (const Case& one : {Case{6, 8, "0, always, 6"}, Case{8, 8, "0, always, 8"}, Case{9, 8, "1, 8, 9"},
                          Case{16, 8, "8, 8, 16"}, Case{24, 8, "16, 8, 24"}, Case{4, 3, "1, 3, 4"}}) {
    const Recording recording = simulate("mali_csf", busy("app", one.groups, 1),
                                         {fmt::format("device.slots={}", one.slots), "stop.after_ms=1500"});
    add(fmt::format("{} busy groups on {} slots", one.groups, one.slots), one.published,
        rotation(recording, queues_of(recording, "app")));
  }
  const Recording four = simulate("mali_csf", busy("high", 4, 1) + busy("low", 12, 2), {"stop.after_ms=1500"});
  add("4 high and 12 low on 8, the high", "0, always, 4", rotation(four, queues_of(four, "high")));
  add("the low", "8, 4, never", rotation(four, queues_of(four, "low")));
  const Recording eight = simulate("mali_csf", busy("high", 8, 1) + busy("low", 4, 2), {"stop.after_ms=1500"});
  add("8 high and 4 low on 8, the low", "for ever, -, never", rotation(eight, queues_of(eight, "low")));
}

}  // namespace

TEST_CASE("docs/calibration.md has the rotation of slots", "[docs]") {
  std::vector<Row> rows;
  add_rotations(rows);
  check_marked_block("docs/calibration.md", "rotation", table_of(rows));
}
