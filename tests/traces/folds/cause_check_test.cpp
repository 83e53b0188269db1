// SPDX-License-Identifier: MIT
#include "tests/support/cause_check.h"

#include <string>

#include "tests/support/catch.h"
#include "tests/support/toy_machine.h"
#include "tests/support/trace_script.h"
#include "traces/folds/milestones.h"
#include "traces/oracles/oracles.h"

using namespace gpusim;
using namespace gpusim::trace;
using gpusim::test::check_causes;
using K = EventKind;

namespace {

/// Job 2 waits 10 ns for a dependency, 20 for credits and 30 for the engine that works for job 1.
struct Example {
  Example() {
    script.put(K::queue_create, 0, 0, 1);
    script.put(K::exec_begin, 1, 0, 1).put(K::drm_sched_job_queue, 1).put(K::drm_sched_job_run, 1, 1, 1, 1);
    script.put(K::ring_write, 1, 0).put(K::doorbell_write, 1, 1).put(K::doorbell_arrive, 0, 1);
    script.put(K::queue_ready, 0, 1, 1).put_on(0, K::engine_assign).put_on(0, K::fetch_begin, 1);
    script.put(K::exec_begin, 2, 0, 1).put(K::drm_sched_job_add_dep, 2, 9, 1).put(K::drm_sched_job_queue, 2);
    script.put(K::drm_sched_job_unschedulable, 2, 9, 1);
    script.at_ns(10).put(K::dma_fence_signaled, 0, 9, 1).put(K::dependency_ready, 2, 9, 1);
    script.put(K::credit_blocked, 2, 1, 1, 1);
    script.at_ns(30).put(K::credit_returned, 1, 1, 0, 1);
    script.put(K::drm_sched_job_run, 2).put(K::ring_write, 2, 1).put(K::doorbell_write, 2, 2);
    script.put(K::doorbell_arrive, 0, 2).put(K::queue_ready, 0, 2, 1);
    script.at_ns(60).put_on(0, K::job_end, 1).put_on(0, K::fetch_begin, 2);
    script.at_ns(70).put(K::dma_fence_signaled, 2, 1, 2);
    life = {.job = 2, .queue = 1, .client = 0, .begin = at(ns(0)), .end = at(ns(70)), .error = 0, .causes = {}};
    life[Cause::dependency] = ns(10);
    life[Cause::credit] = ns(20);
    life[Cause::engine_busy] = ns(30);
    life[Cause::work] = ns(10);
  }
  [[nodiscard]] std::vector<std::string> check() const { return check_causes(script.kept(), {life}); }

  TraceScript script;
  JobLife life;
};

bool says(const std::vector<std::string>& sentences, const std::string& wanted) {
  for (const std::string& sentence : sentences) {
    if (sentence.find(wanted) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("the second opinion agrees with causes that are right") {
  Example example;
  for (const std::string& sentence : example.check()) FAIL_CHECK(sentence);
}

TEST_CASE("engine_busy that is booked as credit is found") {
  Example example;
  example.life[Cause::credit] += example.life[Cause::engine_busy];
  example.life[Cause::engine_busy] = ns(0);
  const auto sentences = example.check();
  CHECK(sentences.size() == 3);
  CHECK(says(sentences, "job 2: 50.000 ns of credit; it was 20.000 ns"));
  CHECK(says(sentences, "job 2: 0 ps of engine_busy; it was 30.000 ns"));
  // Credits were short from the beginning; a dependency goes before.
  CHECK(says(sentences, "job 2: 50.000 ns of credit, but only 30.000 ns of it can have been"));
}

TEST_CASE("any cause that is booked as any other is found") {
  for (std::size_t from = 0; from < kCauseCount; ++from) {
    for (std::size_t to = 0; to < kCauseCount; ++to) {
      Example example;
      if (from == to || example.life.causes[from] == ns(0)) continue;
      example.life.causes[from] -= ps(1);
      example.life.causes[to] += ps(1);
      CHECK(example.check().size() >= 2);
    }
  }
}

TEST_CASE("a life of the wrong length is found") {
  Example example;
  example.life.end = at(ns(69));
  CHECK(says(example.check(), "job 2: causes add up to 70.000 ns of 69.000 ns"));
  Example late;
  late.life.end = at(ns(71));
  CHECK(says(late.check(), "job 2: ends at 71.000 ns, not 70.000 ns"));
}

TEST_CASE("a model that says dependency when all fences have signalled is found out") {
  TraceScript script;
  script.put(K::exec_begin, 1, 0, 1).put(K::drm_sched_job_add_dep, 1, 9, 1).put(K::drm_sched_job_queue, 1);
  script.put(K::drm_sched_job_unschedulable, 1, 9, 1);
  script.at_ns(10).put(K::dma_fence_signaled, 0, 9, 1);
  script.at_ns(15).put(K::dependency_ready, 1, 9, 1);  // 5 ns late
  CHECK(says(check_causes(script.kept(), {}),
             "queue 1 was said to wait for a dependency from 10.000 ns to 15.000 ns, but its head had none"));
}

TEST_CASE("a model that says credit when credits suffice is found out") {
  TraceScript script;
  script.put(K::exec_begin, 1, 0, 2).put(K::drm_sched_job_queue, 1).put(K::drm_sched_job_run, 1, 1, 1, 2);
  script.put(K::exec_begin, 2, 0, 2).put(K::drm_sched_job_queue, 2).put(K::credit_blocked, 2, 2, 2, 3);
  script.at_ns(10).put(K::credit_returned, 1, 2, 0, 0);  // enough, but the head is not told
  script.at_ns(16).put(K::drm_sched_job_run, 2, 1, 2, 2);
  CHECK(says(check_causes(script.kept(), {}),
             "queue 1 was said to wait for credits from 10.000 ns to 16.000 ns, but they sufficed"));
}

TEST_CASE("queues of one domain are short of credits together") {
  TraceScript script;
  script.put(K::exec_begin, 1, 0, 2).put(K::drm_sched_job_queue, 1).put(K::drm_sched_job_run, 1, 1, 1, 2);
  script.on_queue(2);
  script.put(K::exec_begin, 2, 0, 2).put(K::drm_sched_job_queue, 2).put(K::credit_blocked, 2, 2, 2, 3);
  script.at_ns(10).on_queue(1).put(K::credit_returned, 1, 2, 0, 0);
  script.on_queue(2).put(K::credit_returned, 0, 0, 0, 1).put(K::drm_sched_job_run, 2, 2, 1, 2);
  CHECK(check_causes(script.kept(), {}, {.domains = {{1, 1}, {2, 1}}}).empty());
  CHECK_FALSE(check_causes(script.kept(), {}).empty());
}

TEST_CASE("milestones, oracles and the second opinion agree on traces of every kind") {
#if defined(__SANITIZE_ADDRESS__)
  constexpr std::uint64_t kSeeds = 12;  // thirty times slower
#else
  constexpr std::uint64_t kSeeds = 100;
#endif
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    TraceScript script;
    Names names;
    Milestones milestones;
    OracleSet oracles{names};
    KeptLives kept;
    milestones.attach_to(script.recorder);
    milestones.add_listener(kept);
    oracles.allow_early_kills();  // the toy cancels heads that wait
    oracles.attach_to(script.recorder);
    test::ToySpec spec{.seed = seed};
    spec.queues = static_cast<std::uint32_t>(1 + seed % 5);
    spec.engines = static_cast<std::uint32_t>(1 + seed % 3);
    spec.slots = seed % 2 == 0;
    test::ToyMachine{script, spec}.run();
    oracles.finish(script.now(), true);
    REQUIRE(milestones.finish(script.now()).empty());
    const auto sentences = check_causes(script.kept(), kept.lives);
    INFO("seed " << seed << (sentences.empty() ? "" : ": " + sentences.front()));
    REQUIRE(sentences.empty());
  }
}
