// SPDX-License-Identifier: MIT
// The rows of bugs.def: each planted bug is found by what the row names, by the oracle that it names, and by nothing
// without the bug. Searches by exploration: main.cpp; rules of drm_dep: conformance.sh.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/drm_sched/component.h"
#include "tests/mutants/bugs.h"
#include "tests/mutants/flips.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"
#include "tests/support/drm_truth/player.h"
#include "tests/support/free.h"
#include "tests/support/machine/finding.h"
#include "tests/support/violation.h"

namespace gpusim::test {
namespace {

Finding find_with(scenario::ScenarioSpec spec, Mutation mutation) {
  const ScopedMutation active{mutation};
  spec.dep = flipped(spec.dep);
  return find_in(spec);
}

bool is_as_named(const MachineRun& run, const Finding& finding) {
  return finding.oracle == run.oracle && finding.outcome == run.outcome &&
         std::all_of(run.says.begin(), run.says.end(),
                     [&](std::string_view text) { return finding.text.find(text) != std::string::npos; });
}

void check_sound(const scenario::ScenarioSpec& spec) {
  const Finding clean = find_in(spec);
  CAPTURE(clean.text);
  CHECK(clean.oracle.empty());
  CHECK(clean.outcome == system::Outcome::finished);
}

std::string lines(const Script& script) { return truth::lines_of(truth::play(script.text), script.events); }

/// The oracle that speaks; "none".
std::string oracle_of_slow_host(const SlowHost& set_up, std::optional<Mutation> mutation) {
  sched::Costs costs = free_component();
  costs.add_dependency = cost(us(100));  // for so long a planted bug holds its caller up
  costs.push = costs.worker_pass = costs.dispatch = cost(us(1));
  class Gpu final : public sched::SubmissionBackend {
   public:
    os::Task<sched::RunResult> run_job(os::Context&, sched::Job&) override { co_return sched::RunResult{}; }
    os::Task<sched::TimeoutVerdict> timedout_job(os::Context&, sched::Job&) override {
      co_return sched::TimeoutVerdict::reset;
    }
    void release_job(os::Context&, sched::Job&) override {}
    os::Task<> queue_fini(os::Context&) override { co_return; }
  };
  Gpu gpu;
  sched::FenceArena fences;
  BareHost bare{small_host(4)};
  sched::drm::Component component{bare.host, fences, costs};
  sched::drm::SchedulerSpec spec;
  spec.id = QueueId{1};
  spec.credit_limit = 2;
  sched::drm::Entity& entity = component.create_queue(spec, gpu);
  std::optional<ScopedMutation> planted;
  if (mutation) planted.emplace(*mutation);
  bare.client("client", [&](os::Context& ctx) -> os::Task<> {
    sched::FenceRef gate = fences.create(ctx, fences.new_context(), 1, 0, 0);
    for (const std::uint64_t id : {1U, 2U}) {
      sched::Job& job = *entity.prepare(ctx, {JobId{id}, 1, 0}).value();
      if (set_up.with_dependency && id == 1) {
        (void)entity.add_dependency(ctx, job, gate);
        co_await ctx.step();
      }
      entity.arm(ctx, job);
      co_await entity.push(ctx, job);
      entity.put_job(ctx, job);
      if (set_up.with_dependency) break;
      if (set_up.ps_between > 0) co_await os::sleep_until(ctx, ctx.now() + Picoseconds{set_up.ps_between});
    }
    co_await os::sleep_until(ctx, ctx.now() + us(50));
    gate->signal(ctx, Errno::ok);
    co_await ctx.step();
    co_await entity.close(ctx);
  });
  try {
    bare.run();
  } catch (const InvariantViolation& violation) {
    return violation.oracle();
  }
  component.check_released();
  return "none";
}

}  // namespace

TEST_CASE("every planted bug stands somewhere, and something finds it", "[mutation]") {
  const std::vector<Rule> rules = all_rules();
  for (const Bug& bug : all_bugs()) {
    CAPTURE(std::string{bug.name});
    CHECK(patched_sources(bug.name).empty() != bug.option.empty());
    const Finders& found = bug.found;
    CHECK(found.explore.scenario.empty() != found.explore.unseen.empty());
    CHECK(found.explore.scenario.empty() == (found.explore.oracle.empty() && found.explore.harmless.empty()));
    CHECK((found.explore.harmless.empty() || found.explore.oracle.empty()));
    const bool has_rule =
        std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.without == bug.mutation; });
    const bool has_test = has_rule || !found.test.empty();
    CHECK((!found.explore.scenario.empty() || found.run || found.script || found.slow_host || has_test));
  }
}

TEST_CASE(
    "each planted bug is found in the machine made for it by the oracle named beforehand, which names the culprit",
    "[mutation]") {
  for (const Bug& bug : all_bugs()) {
    if (!bug.found.run) continue;
    const MachineRun& run = *bug.found.run;
    CAPTURE(std::string{bug.name});
    bool found = false;
    for (std::uint32_t variant = 0; variant < run.variants; ++variant) {
      CAPTURE(variant);
      const scenario::ScenarioSpec spec = run.make(variant);
      check_sound(spec);
      const Finding finding = find_with(spec, bug.mutation);
      if (run.variants == 1) {
        INFO("finds " << finding.oracle << ": " << finding.text);
        CHECK(was_reached(bug.mutation));
        CHECK(is_as_named(run, finding));
      }
      found = found || is_as_named(run, finding);
    }
    CHECK(found);
  }
}

TEST_CASE("each planted bug of drm_sched shows in its script", "[drm_sched][mutation]") {
  for (const Bug& bug : all_bugs()) {
    if (!bug.found.script) continue;
    const Script& script = *bug.found.script;
    INFO(std::string{bug.name} << ": " << std::string{script.text});
    const std::string sound = lines(script);
    const ScopedMutation active{bug.mutation};
    std::string broken;
    const std::string oracle = oracle_of([&] { broken = lines(script); });
    CHECK(was_reached(bug.mutation));
    CHECK(oracle == script.oracle);
    if (oracle.empty()) CHECK(broken != sound);
  }
}

TEST_CASE("what drm_sched touches too late is found on a slow host", "[drm_sched][mutation]") {
  for (const Bug& bug : all_bugs()) {
    if (!bug.found.slow_host) continue;
    CAPTURE(std::string{bug.name});
    CHECK(oracle_of_slow_host(*bug.found.slow_host, {}) == "none");
    CHECK(oracle_of_slow_host(*bug.found.slow_host, bug.mutation) == bug.found.slow_host->oracle);
    CHECK(was_reached(bug.mutation));
  }
}

TEST_CASE("a bug counts as reached when its place is run while it is on", "[mutation]") {
  const scenario::ScenarioSpec spec = all_bugs()[0].found.run->make(0);
  const ScopedMutation active{Mutation::drm_fini_leaks};  // no drm_sched in this machine
  CHECK_FALSE(was_reached(Mutation::drm_fini_leaks));
  check_sound(spec);
  CHECK_FALSE(was_reached(Mutation::drm_fini_leaks));
  (void)find_with(spec, Mutation::sched_double_signal);
  CHECK(was_reached(Mutation::sched_double_signal));
  const ScopedMutation again{Mutation::sched_double_signal};
  CHECK_FALSE(was_reached(Mutation::sched_double_signal));
}

}  // namespace gpusim::test
