// SPDX-License-Identifier: MIT
// trace.decisions on whole machines: what the firmware decides under each policy, on either core, and that nothing else
// changes.
#include <array>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/core.h>

#include "sim/scenario/loader.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using test::loop_text;
using test::Texts;
using trace::Event;
using trace::PickRule;

namespace {

using Sets = std::vector<std::string>;

/// "rcs0: a, first_in_line of 0 2 0 0": each decision.
[[nodiscard]] Texts decisions_of(const test::Recording& recording) {
  Texts texts;
  for (const trace::decision& made : recording.all<trace::decision>()) {
    const std::string& queue = recording.names.queues.at(made.queue.value()).name;
    texts.push_back(fmt::format("{}: {}, {} of {} {} {} {}", recording.names.engines.at(made.engine).name,
                                queue.substr(0, queue.find('.')),
                                trace::kPickRuleNames.at(static_cast<std::size_t>(made.rule)), made.level_0,
                                made.level_1, made.level_2, made.level_3));
  }
  return texts;
}

using Words = std::tuple<std::int64_t, trace::EventKind, std::uint16_t, std::uint32_t, std::uint32_t, std::uint32_t,
                         std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;

[[nodiscard]] std::vector<Words> without_decisions(const std::vector<Event>& events) {
  std::vector<Words> rest;
  for (const Event& event : events) {
    if (event.kind == trace::EventKind::decision) continue;
    rest.emplace_back(to_ps(event.time), event.kind, event.cpu, event.thread, event.queue, event.unit, event.job,
                      word(event, trace::Slot::a), word(event, trace::Slot::b), word(event, trace::Slot::c));
  }
  return rest;
}

/// Each decision stands right in front of the order that it gave. An engine that has got more entries while it was
/// reporting that it is empty goes on by itself; no other is without a decision.
void check_orders(const test::Recording& recording) {
  std::vector<QueueId> last(recording.names.engines.size());
  for (std::size_t i = 0; i < recording.events.size(); ++i) {
    const auto made = trace::as<trace::decision>(recording.events[i]);
    if (made) {
      REQUIRE(i + 1 < recording.events.size());
      const auto given = trace::as<trace::engine_assign>(recording.events[i + 1]);
      REQUIRE(given);
      CHECK(given->queue == made->queue);
      CHECK(given->engine == made->engine);
      CHECK(given->time == made->time);
    } else if (const auto given = trace::as<trace::engine_assign>(recording.events[i])) {
      const bool is_decided = i > 0 && recording.events[i - 1].kind == trace::EventKind::decision;
      if (!is_decided) CHECK(last.at(given->engine) == given->queue);
      last.at(given->engine) = given->queue;
    }
  }
}

/// A loop of one job on the render engine that starts by itself at that time.
[[nodiscard]] std::string one_job(const std::string& name, int start_us, int work_us, int level) {
  return loop_text(name, fmt::format("start_us = {}\nwork_us = {}\npriority = {}\n", start_us, work_us, level));
}

[[nodiscard]] test::Recording run_traced(const std::string& text, Sets sets = {}) {
  sets.emplace_back("trace.decisions=true");
  return test::run(test::spec_of(text, sets));
}

}  // namespace

TEST_CASE("round robin: who comes alone, who is of a higher level, who has waited for longest", "[decisions]") {
  // a is alone; c takes the engine from it at once; then b has waited for longer than a, which came back to the line.
  const std::string text = one_job("a", 0, 3000, 1) + one_job("b", 500, 1000, 1) + one_job("c", 1000, 1000, 0);
  const Texts expected{"rcs0: a, only_candidate of 0 1 0 0", "rcs0: c, highest_level of 1 2 0 0",
                       "rcs0: b, first_in_line of 0 2 0 0", "rcs0: a, only_candidate of 0 1 0 0"};
  CHECK(decisions_of(run_traced(text, {"device.quantum_us=0"})) == expected);
  CHECK(decisions_of(run_traced(text, {"device.quantum_us=0", "device.firmware.core=rv32"})) == expected);
}

TEST_CASE("tick rotation: at each tick the next of the residents in their order", "[decisions]") {
  const std::string text = one_job("a", 0, 2000, 1) + one_job("b", 100, 2000, 1) + one_job("c", 200, 1500, 1);
  const Texts all = decisions_of(
      run_traced(text, {"device.firmware.policy=tick_rotation", "device.slots=3", "device.firmware.tick_us=1000"}));
  REQUIRE(all.size() >= 3);
  CHECK(Texts{all.begin(), all.begin() + 3} == Texts{"rcs0: a, only_candidate of 0 1 0 0",
                                                     "rcs0: b, first_in_rotation of 0 3 0 0",
                                                     "rcs0: c, first_in_rotation of 0 3 0 0"});
}

TEST_CASE("list walk: ten quanta for the queues of a process, then the next one", "[decisions]") {
  const std::string text = test::client_text("two", "wsim", "program = \"1.RCS.3000.0.0,2.RCS.3000.0.0,s.-2,s.-2\"\n") +
                           one_job("other", 100, 3000, 1);
  const Texts all =
      decisions_of(run_traced(text, {"device.firmware.policy=list_walk", "device.slots=0", "device.quantum_us=200"}));
  REQUIRE(all.size() >= 12);
  CHECK(all[0] == "rcs0: two, only_candidate of 0 1 0 0");
  for (std::size_t i = 2; i < 10; ++i) CHECK(all[i] == "rcs0: two, same_process of 0 3 0 0");
  CHECK(all[10] == "rcs0: other, next_process of 0 3 0 0");
  // It is alone in its process, and goes on without a decision until its ten quanta are over.
  CHECK(all[11] == "rcs0: two, next_process of 0 3 0 0");
}

TEST_CASE("with decisions a trace is what it is without, and theirs beside it", "[decisions]") {
  for (const auto& path : test::shipped_files("scenarios")) {
    CAPTURE(path.filename().string());
    const test::Recording without = test::run(test::load_spec(path));
    const test::Recording with = test::run(test::load_spec(path, {"trace.decisions=true"}));
    check_orders(with);
    CHECK(without.all<trace::decision>().empty());
    CHECK((without_decisions(with.events) == without_decisions(without.events)));
  }
}

TEST_CASE("the records bear every decision out, on either core, also with each access at its moment", "[decisions]") {
  const std::string text = loop_text("low", "clones = 4\nwork_us = [200, 900]\ncycles = 8\npriority = 2\n") +
                           loop_text("high", "clones = 3\nwork_us = [50, 300]\ncycles = 20\npriority = 1\n");
  const std::vector<Sets> policies{
      {"device.firmware.policy=round_robin", "device.slots=3", "device.quantum_us=200"},
      {"device.firmware.policy=tick_rotation", "device.slots=3", "device.firmware.tick_us=500"},
      {"device.firmware.policy=list_walk", "device.slots=0", "device.quantum_us=100"},
  };
  for (const Sets& policy : policies) {
    const auto run_on = [&](const Sets& core) {
      Sets sets = policy;
      sets.insert(sets.end(), core.begin(), core.end());
      return run_traced(text, sets);
    };
    CAPTURE(policy.front());
    const test::Recording native = run_on({});
    CHECK(run_on({"device.firmware.core=rv32"}).hash == native.hash);
    const test::Recording live = run_on({"device.firmware.core=rv32", "device.firmware.timing=live"});
    for (const test::Recording* recording : {&native, &live}) {
      check_orders(*recording);
      for (const trace::decision& made : recording->all<trace::decision>()) CHECK(made.rule != PickRule::none);
    }
  }
}

TEST_CASE("decisions go on after a reset of the device", "[decisions]") {
  const test::Recording recording =
      run_traced(loop_text("a", "clones = 3\nwork_us = 900\ncycles = 8\n"), {"fault.reset_ms=5"});
  const auto resets = recording.all<trace::device_reset_end>();
  REQUIRE(resets.size() == 1);
  std::size_t after = 0;
  for (const trace::decision& made : recording.all<trace::decision>()) {
    CHECK(made.level_1 <= 3);
    CHECK(made.rule != PickRule::none);
    if (made.time > resets.front().time) ++after;
  }
  CHECK(after > 3);
}
