// SPDX-License-Identifier: MIT
#include "tests/support/cause_check.h"
#include "base/sanitizers.h"

#include <string>

#include "tests/support/catch.h"
#include "tests/support/toy_machine.h"
#include "tests/support/trace_script.h"
#include "traces/folds/milestones.h"
#include "traces/oracles/oracles.h"

using namespace gpusim;
using namespace gpusim::trace;
using gpusim::test::check_causes;

namespace {

/// Job 2 waits 10 ns for a dependency, 20 for credits and 30 for the engine that works for job 1.
struct CauseExample {
  CauseExample() {
    script.put(queue_create{.engine_mask = 1});
    script.put(exec_begin{.job = JobId{1}, .credits = 1})
        .put(drm_sched_job_queue{.job = JobId{1}})
        .put(drm_sched_job_run{.job = JobId{1}, .context = 1, .seqno = 1, .in_flight = 1});
    script.put(ring_write{.job = JobId{1}, .index = 0})
        .put(doorbell_write{.job = JobId{1}, .write_index = 1})
        .put(doorbell_arrive{.write_index = 1});
    script.put(queue_ready{.write_index = 1, .resident = true})
        .put(engine_assign{.engine = 0})
        .put(fetch_begin{.engine = 0, .job = JobId{1}});
    script.put(exec_begin{.job = JobId{2}, .credits = 1})
        .put(drm_sched_job_add_dep{.job = JobId{2}, .dependency_context = 9, .dependency_seqno = 1})
        .put(drm_sched_job_queue{.job = JobId{2}});
    script.put(drm_sched_job_unschedulable{.job = JobId{2}, .dependency_context = 9, .dependency_seqno = 1});
    script.at_ns(10)
        .put(dma_fence_signaled{.context = 9, .seqno = 1})
        .put(dependency_ready{.job = JobId{2}, .dependency_context = 9, .dependency_seqno = 1});
    script.put(credit_blocked{.job = JobId{2}, .credits = 1, .in_flight = 1, .limit = 1});
    script.at_ns(30).put(credit_returned{.job = JobId{1}, .credits = 1, .in_flight = 0, .head_free = true});
    script.put(drm_sched_job_run{.job = JobId{2}})
        .put(ring_write{.job = JobId{2}, .index = 1})
        .put(doorbell_write{.job = JobId{2}, .write_index = 2});
    script.put(doorbell_arrive{.write_index = 2}).put(queue_ready{.write_index = 2, .resident = true});
    script.at_ns(60).put(job_end{.engine = 0, .job = JobId{1}}).put(fetch_begin{.engine = 0, .job = JobId{2}});
    script.at_ns(70).put(dma_fence_signaled{.job = JobId{2}, .context = 1, .seqno = 2});
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
  CauseExample example;
  for (const std::string& sentence : example.check()) FAIL_CHECK(sentence);
}

TEST_CASE("engine_busy that is booked as credit is found") {
  CauseExample example;
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
      CauseExample example;
      if (from == to || example.life.causes[from] == ns(0)) continue;
      example.life.causes[from] -= ps(1);
      example.life.causes[to] += ps(1);
      CHECK(example.check().size() >= 2);
    }
  }
}

TEST_CASE("a life of the wrong length is found") {
  CauseExample example;
  example.life.end = at(ns(69));
  CHECK(says(example.check(), "job 2: causes add up to 70.000 ns of 69.000 ns"));
  CauseExample late;
  late.life.end = at(ns(71));
  CHECK(says(late.check(), "job 2: ends at 71.000 ns, not 70.000 ns"));
}

TEST_CASE("a model that says dependency when all fences have signalled is found out") {
  TraceScript script;
  script.put(exec_begin{.job = JobId{1}, .credits = 1})
      .put(drm_sched_job_add_dep{.job = JobId{1}, .dependency_context = 9, .dependency_seqno = 1})
      .put(drm_sched_job_queue{.job = JobId{1}});
  script.put(drm_sched_job_unschedulable{.job = JobId{1}, .dependency_context = 9, .dependency_seqno = 1});
  script.at_ns(10).put(dma_fence_signaled{.context = 9, .seqno = 1});
  script.at_ns(15).put(dependency_ready{.job = JobId{1}, .dependency_context = 9, .dependency_seqno = 1});  // 5 ns late
  CHECK(says(check_causes(script.kept(), {}),
             "queue 1 was said to wait for a dependency from 10.000 ns to 15.000 ns, but its head had none"));
}

TEST_CASE("a model that says credit when credits suffice is found out") {
  TraceScript script;
  script.put(exec_begin{.job = JobId{1}, .credits = 2})
      .put(drm_sched_job_queue{.job = JobId{1}})
      .put(drm_sched_job_run{.job = JobId{1}, .context = 1, .seqno = 1, .in_flight = 2});
  script.put(exec_begin{.job = JobId{2}, .credits = 2})
      .put(drm_sched_job_queue{.job = JobId{2}})
      .put(credit_blocked{.job = JobId{2}, .credits = 2, .in_flight = 2, .limit = 3});
  script.at_ns(10).put(credit_returned{
      .job = JobId{1}, .credits = 2, .in_flight = 0, .head_free = false});  // enough, but the head is not told
  script.at_ns(16).put(drm_sched_job_run{.job = JobId{2}, .context = 1, .seqno = 2, .in_flight = 2});
  CHECK(says(check_causes(script.kept(), {}),
             "queue 1 was said to wait for credits from 10.000 ns to 16.000 ns, but they sufficed"));
}

TEST_CASE("queues of one domain are short of credits together") {
  TraceScript script;
  script.put(exec_begin{.job = JobId{1}, .credits = 2})
      .put(drm_sched_job_queue{.job = JobId{1}})
      .put(drm_sched_job_run{.job = JobId{1}, .context = 1, .seqno = 1, .in_flight = 2});
  script.on_queue(2);
  script.put(exec_begin{.job = JobId{2}, .credits = 2})
      .put(drm_sched_job_queue{.job = JobId{2}})
      .put(credit_blocked{.job = JobId{2}, .credits = 2, .in_flight = 2, .limit = 3});
  script.at_ns(10).on_queue(1).put(credit_returned{.job = JobId{1}, .credits = 2, .in_flight = 0, .head_free = false});
  script.on_queue(2)
      .put(credit_returned{.credits = 0, .in_flight = 0, .head_free = true})
      .put(drm_sched_job_run{.job = JobId{2}, .context = 2, .seqno = 1, .in_flight = 2});
  CHECK(check_causes(script.kept(), {}, {.domains = {{1, 1}, {2, 1}}}).empty());
  CHECK_FALSE(check_causes(script.kept(), {}).empty());
}

TEST_CASE("milestones, oracles and the second opinion agree on traces of every kind") {
  constexpr std::uint64_t kSeeds = kAddressSanitizer ? 12 : 100;  // that build is many times slower
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
