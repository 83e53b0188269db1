// SPDX-License-Identifier: MIT
#include "traces/folds/milestones.h"

#include <string>

#include "base/invariant.h"
#include "tests/support/catch.h"
#include "tests/support/cause_check.h"
#include "tests/support/trace_script.h"

using namespace gpusim;
using namespace gpusim::trace;
using K = EventKind;

namespace {

constexpr std::uint32_t kEngine = 0;
constexpr std::uint32_t kVector = 3;

/// Milestones on a hand-made trace; each run is checked by the second opinion as well.
struct Fold {
  Fold() {
    milestones.attach_to(script.recorder);
    milestones.add_listener(kept);
    script.put(K::queue_create, 0, 0, 1);
  }
  ~Fold() {
    std::vector<JobLife> all = kept.lives;
    for (const JobLife& life : milestones.finish(script.now())) all.push_back(life);
    for (const std::string& sentence : test::check_causes(script.kept(), all)) FAIL_CHECK(sentence);
  }

  [[nodiscard]] const JobLife& life(std::uint64_t job) const {
    for (const JobLife& life : kept.lives) {
      if (life.job == job) return life;
    }
    FAIL("job " << job << " has not ended");
    return kept.lives.front();
  }
  [[nodiscard]] Picoseconds spent(std::uint64_t job, Cause cause) const { return life(job)[cause]; }

  /// exec and push of a job, at this moment.
  void push(std::uint64_t job) { script.put(K::exec_begin, job, 0, 1).put(K::drm_sched_job_queue, job); }
  /// run_job of a job, its doorbell sent and arrived, at this moment.
  void ring(std::uint64_t job, std::uint64_t index) {
    script.put(K::drm_sched_job_run, job).put(K::ring_write, job, index).put(K::doorbell_write, job, index + 1);
    script.put(K::doorbell_arrive, 0, index + 1);
  }
  /// All of the above and the firmware knows.
  void submit(std::uint64_t job, std::uint64_t index) {
    push(job);
    ring(job, index);
    script.put(K::queue_ready, 0, index + 1, 1);
  }
  void finish(std::uint64_t job) { script.put(K::dma_fence_signaled, job); }

  TraceScript script;
  KeptLives kept;
  Milestones milestones;
};

}  // namespace

TEST_CASE("each step of a plain job's way is booked to its cause") {
  Fold fold;
  TraceScript& script = fold.script;
  script.at_ns(100).put(K::exec_begin, 1, 7, 1);
  script.at_ns(101).put(K::exec_lock_wait, 1);
  script.at_ns(103).put(K::exec_lock_acquired, 1);
  script.at_ns(106).put(K::drm_sched_job_queue, 1);
  script.put(K::exec_end, 1).put(K::dma_fence_wait_start, 1);
  script.at_ns(110).put(K::drm_sched_job_run, 1).put(K::ring_write, 1, 0);
  script.at_ns(115).put_on(5, K::doorbell_write, 1, 1);
  script.at_ns(121).put_on(5, K::doorbell_arrive, 0, 1);
  script.at_ns(128).put(K::queue_ready, 0, 1, 1);
  script.at_ns(136).put_on(kEngine, K::engine_assign).put_on(kEngine, K::context_restore_begin);
  script.at_ns(145).put_on(kEngine, K::context_restore_end);
  script.at_ns(155).put_on(kEngine, K::fetch_begin, 1);
  script.at_ns(166).put_on(kEngine, K::job_end, 1);
  script.at_ns(178).put_on(kVector, K::fence_visible, 1, 64, 1, 1);
  script.at_ns(191).put_on(kVector, K::irq_handler_entry);
  script.at_ns(205).put(K::dma_fence_signaled, 1);
  script.at_ns(220).put(K::dma_fence_wait_end, 1);

  const JobLife& life = fold.life(1);
  CHECK(life.queue == 1);
  CHECK(life.client == 7);
  CHECK(life.error == 0);
  CHECK(life.begin == at(ns(100)));
  CHECK(life.end == at(ns(220)));
  CHECK(life[Cause::syscall] == ns(1 + 3));
  CHECK(life[Cause::lock] == ns(2));
  CHECK(life[Cause::host_worker] == ns(4 + 5));
  CHECK(life[Cause::doorbell] == ns(6));
  CHECK(life[Cause::firmware] == ns(7 + 8 + 10));  // event, decision, after the restore
  CHECK(life[Cause::context_switch] == ns(9));
  CHECK(life[Cause::work] == ns(11));
  CHECK(life[Cause::fence_write] == ns(12));
  CHECK(life[Cause::interrupt] == ns(13));
  CHECK(life[Cause::completion] == ns(14));
  CHECK(life[Cause::wakeup] == ns(15));
}

TEST_CASE("all queued jobs wait for the dependency of their queue's head") {
  Fold fold;
  TraceScript& script = fold.script;
  script.at_ns(0).put(K::exec_begin, 1, 0, 1).put(K::drm_sched_job_add_dep, 1, 9, 5);
  script.put(K::drm_sched_job_queue, 1);
  script.at_ns(10).put(K::drm_sched_job_unschedulable, 1, 9, 5);
  script.at_ns(15);
  fold.push(2);
  script.at_ns(40).put(K::dma_fence_signaled, 0, 9, 5).put(K::dependency_ready, 1, 9, 5);
  script.at_ns(42).put(K::drm_sched_job_run, 1);
  script.at_ns(47).put(K::drm_sched_job_run, 2);
  fold.finish(1);
  fold.finish(2);
  CHECK(fold.spent(1, Cause::dependency) == ns(30));
  CHECK(fold.spent(1, Cause::host_worker) == ns(10 + 2 + 5));
  CHECK(fold.spent(2, Cause::dependency) == ns(25));
  CHECK(fold.spent(2, Cause::host_worker) == ns(7));
}

TEST_CASE("credits end to be short only when enough have come back") {
  Fold fold;
  TraceScript& script = fold.script;
  for (const std::uint64_t job : {1U, 2U}) {
    fold.push(job);
    script.put(K::drm_sched_job_run, job);
  }
  script.at_ns(10).put(K::exec_begin, 3, 0, 2).put(K::drm_sched_job_queue, 3);
  script.at_ns(20).put(K::credit_blocked, 3, 2, 2, 2);
  script.at_ns(30).put(K::credit_returned, 1, 1, 1, 0);
  script.at_ns(50).put(K::credit_returned, 2, 1, 0, 1);
  script.at_ns(55).put(K::drm_sched_job_run, 3);
  fold.finish(3);
  CHECK(fold.spent(3, Cause::credit) == ns(30));
  CHECK(fold.spent(3, Cause::host_worker) == ns(10 + 5));
}

TEST_CASE("a head that is cancelled while it waits leaves those behind it runnable") {
  Fold fold;
  TraceScript& script = fold.script;
  script.put(K::exec_begin, 1, 0, 1).put(K::drm_sched_job_add_dep, 1, 9, 5).put(K::drm_sched_job_queue, 1);
  script.put(K::drm_sched_job_unschedulable, 1, 9, 5);
  fold.push(2);
  script.at_ns(10).put(K::dma_fence_signaled, 1, 1, 1, 125);
  script.at_ns(30).put(K::drm_sched_job_run, 2);
  fold.finish(2);
  CHECK(fold.life(1).error == 125);
  CHECK(fold.spent(1, Cause::dependency) == ns(10));
  CHECK(fold.spent(2, Cause::dependency) == ns(10));
  CHECK(fold.spent(2, Cause::host_worker) == ns(20));
}

TEST_CASE("a head that runs after all leaves those behind it runnable") {
  Fold fold;
  TraceScript& script = fold.script;
  script.put(K::dma_fence_init, 0, 9, 5).put(K::exec_begin, 1, 0, 1).put(K::drm_sched_job_add_dep, 1, 9, 5);
  script.put(K::drm_sched_job_queue, 1).put(K::drm_sched_job_unschedulable, 1, 9, 5);
  fold.push(2);
  script.at_ns(10).put(K::drm_sched_job_run, 1);
  script.at_ns(30).put(K::drm_sched_job_run, 2);
  fold.finish(2);
  CHECK(fold.spent(2, Cause::dependency) == ns(10));
  CHECK(fold.spent(2, Cause::host_worker) == ns(20));
}

TEST_CASE("what was sent before a job was run again does not concern it any more") {
  Fold fold;
  TraceScript& script = fold.script;
  fold.push(1);
  script.put(K::drm_sched_job_run, 1).put(K::ring_write, 1, 0).put(K::doorbell_write, 1, 1);
  script.at_ns(5).put(K::drm_sched_job_run, 1).put(K::ring_write, 1, 1);
  script.at_ns(7).put(K::doorbell_arrive, 0, 1);
  script.at_ns(9).put(K::queue_ready, 0, 1, 1);
  script.at_ns(12).put(K::doorbell_write, 1, 2);
  script.at_ns(14).put(K::doorbell_arrive, 0, 2);
  fold.finish(1);
  CHECK(fold.spent(1, Cause::doorbell) == ns(5 + 2));
  CHECK(fold.spent(1, Cause::host_worker) == ns(7));
  CHECK(fold.spent(1, Cause::firmware) == ns(0));
}

TEST_CASE("a job that has signalled is woken by its waiter only, whatever still arrives for it") {
  Fold fold;
  TraceScript& script = fold.script;
  for (const std::uint64_t job : {1U, 2U}) {
    fold.push(job);
    script.put(K::dma_fence_wait_start, job).put(K::drm_sched_job_run, job).put(K::ring_write, job, job - 1);
  }
  fold.finish(1);  // cancelled between ring and doorbell
  script.at_ns(3).put(K::doorbell_write, 2, 2);
  script.at_ns(4).put(K::doorbell_arrive, 0, 2).put(K::queue_ready, 0, 2, 1);
  script.put_on(0, K::fetch_begin, 2, 1).put_on(0, K::job_end, 2);
  script.put_on(kVector, K::fence_visible, 2, 64, 1, 1);
  script.at_ns(6);
  fold.finish(2);  // found by polling
  script.at_ns(8).put_on(kVector, K::irq_handler_entry);
  script.at_ns(11).put(K::dma_fence_wait_end, 1).put(K::dma_fence_wait_end, 2);
  CHECK(fold.spent(1, Cause::wakeup) == ns(11));
  CHECK(fold.spent(2, Cause::interrupt) == ns(2));
  CHECK(fold.spent(2, Cause::completion) == ns(0));
  CHECK(fold.spent(2, Cause::wakeup) == ns(5));
}

TEST_CASE("run_job waits for ring space until there is some") {
  Fold fold;
  TraceScript& script = fold.script;
  fold.push(1);
  script.put(K::drm_sched_job_run, 1);
  script.at_ns(5).put(K::ring_full, 1, 0, 1);
  script.at_ns(25).put(K::ring_space, 1);
  script.at_ns(26).put(K::ring_write, 1, 0).put(K::doorbell_write, 1, 1);
  fold.finish(1);
  CHECK(fold.spent(1, Cause::ring_space) == ns(20));
  CHECK(fold.spent(1, Cause::host_worker) == ns(6));
}

TEST_CASE("one doorbell takes several jobs along") {
  Fold fold;
  TraceScript& script = fold.script;
  for (const std::uint64_t job : {1U, 2U}) {
    fold.push(job);
    script.put(K::drm_sched_job_run, job).put(K::ring_write, job, job - 1);
  }
  script.at_ns(10).put(K::doorbell_write, 2, 2);
  script.at_ns(30).put(K::doorbell_arrive, 0, 2);
  script.at_ns(60).put(K::queue_ready, 0, 2, 1);
  fold.finish(1);
  fold.finish(2);
  for (const std::uint64_t job : {1U, 2U}) {
    CHECK(fold.spent(job, Cause::host_worker) == ns(10));
    CHECK(fold.spent(job, Cause::doorbell) == ns(20));
    CHECK(fold.spent(job, Cause::firmware) == ns(30));
  }
}

TEST_CASE("a job that is fetched before its doorbell arrives goes on to work") {
  Fold fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  fold.push(2);
  script.put(K::drm_sched_job_run, 2).put(K::ring_write, 2, 1);
  script.at_ns(10).put(K::doorbell_write, 2, 2);
  script.at_ns(15).put_on(kEngine, K::engine_assign).put_on(kEngine, K::fetch_begin, 1);
  script.at_ns(20).put_on(kEngine, K::job_end, 1).put_on(kEngine, K::fetch_begin, 2, 1);
  script.at_ns(25).put(K::doorbell_arrive, 0, 2).put(K::queue_ready, 0, 2, 1);
  script.at_ns(50).put_on(kEngine, K::job_end, 2);
  fold.finish(1);
  fold.finish(2);
  CHECK(fold.spent(2, Cause::host_worker) == ns(10));
  CHECK(fold.spent(2, Cause::doorbell) == ns(10));
  CHECK(fold.spent(2, Cause::firmware) == ns(0));
  CHECK(fold.spent(2, Cause::work) == ns(30));
}

TEST_CASE("the firmware may know of a job whose doorbell has not been rung yet") {
  Fold fold;
  TraceScript& script = fold.script;
  fold.push(1);
  script.put(K::drm_sched_job_run, 1).put(K::ring_write, 1, 0);
  script.at_ns(10).put(K::queue_ready, 0, 1, 1);
  script.at_ns(20).put(K::doorbell_write, 1, 1);
  script.at_ns(30).put_on(kEngine, K::fetch_begin, 1);
  fold.finish(1);
  CHECK(fold.spent(1, Cause::host_worker) == ns(10));
  CHECK(fold.spent(1, Cause::doorbell) == ns(0));
  CHECK(fold.spent(1, Cause::firmware) == ns(20));
}

TEST_CASE("a queue without a slot waits for the run list whatever the engines do") {
  Fold fold;
  TraceScript& script = fold.script;
  fold.push(1);
  fold.ring(1, 0);
  script.put(K::queue_ready, 0, 1, 0);
  script.at_ns(10).put_on(2, K::slot_grant);
  script.at_ns(14).put_on(2, K::slot_evict);
  script.at_ns(40).put_on(2, K::slot_grant);
  script.at_ns(45).put_on(kEngine, K::fetch_begin, 1);
  fold.finish(1);
  CHECK(fold.spent(1, Cause::run_list) == ns(10 + 26));
  CHECK(fold.spent(1, Cause::firmware) == ns(4 + 5));
}

TEST_CASE("an unassigned queue waits by what the engines it may use are doing") {
  Fold fold;
  TraceScript& script = fold.script;
  script.put(K::queue_create, Event{.queue = 2, .b = 0b011});
  script.put(K::queue_create, Event{.queue = 3, .b = 0b111});
  script.put(K::queue_create, Event{.queue = 4, .b = 0b110});
  script.on_queue(2);
  fold.submit(1, 0);
  script.on_queue(3);
  fold.submit(2, 0);
  script.at_ns(1).on_queue(3).put_on(0, K::engine_assign);
  script.at_ns(11).on_queue(4).put_on(1, K::engine_assign);  // both taken by others, neither does anything
  script.at_ns(14).put_on(1, K::context_restore_begin);
  script.at_ns(30).on_queue(3).put_on(0, K::fetch_begin, 2);
  script.at_ns(60).on_queue(4).put_on(1, K::context_restore_end);
  script.at_ns(70).on_queue(3).put_on(0, K::job_end, 2).put_on(0, K::context_save_begin);
  script.at_ns(75).put_on(0, K::context_save_end);
  script.at_ns(76).put_on(0, K::engine_release);
  script.at_ns(80).on_queue(2);
  fold.finish(1);
  CHECK(fold.spent(1, Cause::firmware) == ns(11 + 3 + 1 + 4));
  CHECK(fold.spent(1, Cause::context_switch) == ns(16 + 5));
  CHECK(fold.spent(1, Cause::engine_busy) == ns(40));
}

TEST_CASE("a queue that has an engine waits by what that engine is doing") {
  Fold fold;
  TraceScript& script = fold.script;
  script.put(K::queue_create, Event{.queue = 1, .b = 0b11});
  fold.submit(1, 0);
  fold.submit(2, 1);
  script.at_ns(2).put_on(0, K::engine_assign);
  script.at_ns(3).put_on(0, K::context_restore_begin);
  script.at_ns(10).put_on(0, K::context_restore_end);
  script.at_ns(12).put_on(0, K::fetch_begin, 1);
  script.at_ns(40).put_on(0, K::job_end, 1);
  script.at_ns(45).put_on(0, K::fetch_begin, 2, 1);
  script.at_ns(50).put_on(0, K::job_end, 2);
  fold.finish(1);
  fold.finish(2);
  CHECK(fold.spent(2, Cause::firmware) == ns(3 + 2 + 5));
  CHECK(fold.spent(2, Cause::context_switch) == ns(7));
  CHECK(fold.spent(2, Cause::engine_busy) == ns(28));
}

TEST_CASE("from preemption to resumption a job is preempted") {
  Fold fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  script.put_on(0, K::engine_assign).put_on(0, K::fetch_begin, 1);
  script.at_ns(10).put_on(0, K::job_preempted, 1).put_on(0, K::context_save_begin);
  script.at_ns(15).put_on(0, K::context_save_end).put_on(0, K::engine_release);
  script.at_ns(50).put_on(0, K::engine_assign).put_on(0, K::context_restore_begin);
  script.at_ns(55).put_on(0, K::context_restore_end).put_on(0, K::job_resumed, 1);
  script.at_ns(80).put_on(0, K::job_end, 1);
  fold.finish(1);
  CHECK(fold.spent(1, Cause::work) == ns(10 + 25));
  CHECK(fold.spent(1, Cause::preempted) == ns(45));
}

TEST_CASE("a job that a reset takes off its engine is preempted until it is run again") {
  Fold fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  script.put_on(0, K::engine_assign).put_on(0, K::fetch_begin, 1);
  script.at_ns(10).put_on(0, K::engine_release);
  script.at_ns(30);
  script.put(K::drm_sched_job_run, 1).put(K::ring_write, 1, 1);
  script.at_ns(33).put(K::doorbell_write, 1, 2);
  script.at_ns(37).put(K::doorbell_arrive, 0, 2).put(K::queue_ready, 0, 2, 1);
  script.at_ns(40).put_on(0, K::engine_assign).put_on(0, K::fetch_begin, 1, 1);
  script.at_ns(60).put_on(0, K::job_end, 1);
  fold.finish(1);
  CHECK(fold.spent(1, Cause::work) == ns(10 + 20));
  CHECK(fold.spent(1, Cause::preempted) == ns(20));
  CHECK(fold.spent(1, Cause::host_worker) == ns(3));
  CHECK(fold.spent(1, Cause::doorbell) == ns(4));
  CHECK(fold.spent(1, Cause::firmware) == ns(3));
}

TEST_CASE("a fence that becomes visible while its handler runs waits for no interrupt") {
  Fold fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  script.put_on(0, K::fetch_begin, 1).put_on(0, K::job_end, 1);
  script.at_ns(5).put_on(kVector, K::irq_handler_entry);
  script.at_ns(10).put_on(kVector, K::fence_visible, 1, 64, 1, 0);  // a start mark says nothing
  script.at_ns(12).put_on(kVector, K::fence_visible, 1, 64, 1, 1);
  script.at_ns(20).put_on(kVector, K::irq_handler_exit);
  fold.finish(1);
  CHECK(fold.spent(1, Cause::fence_write) == ns(12));
  CHECK(fold.spent(1, Cause::interrupt) == ns(0));
  CHECK(fold.spent(1, Cause::completion) == ns(8));
}

TEST_CASE("a handler of another vector is no news of a job") {
  Fold fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  script.put_on(0, K::fetch_begin, 1).put_on(0, K::job_end, 1).put_on(kVector, K::fence_visible, 1, 64, 1, 1);
  script.at_ns(5).put_on(kVector + 1, K::irq_handler_entry);
  script.at_ns(9).put_on(kVector, K::irq_handler_entry);
  script.at_ns(10);
  fold.finish(1);
  CHECK(fold.spent(1, Cause::interrupt) == ns(9));
  CHECK(fold.spent(1, Cause::completion) == ns(1));
}

TEST_CASE("a life ends with the first waiter that returns, or with the signal if nobody waits any more") {
  Fold fold;
  TraceScript& script = fold.script;
  fold.submit(1, 0);
  fold.submit(2, 1);
  script.put(K::dma_fence_wait_start, 1).put(K::dma_fence_wait_start, 1).put(K::dma_fence_wait_start, 2);
  script.at_ns(5).put(K::dma_fence_wait_end, 2);  // gave up
  script.at_ns(10);
  fold.finish(1);
  fold.finish(2);
  script.at_ns(13).put(K::dma_fence_wait_end, 1);
  script.at_ns(19).put(K::dma_fence_wait_end, 1);
  CHECK(fold.life(1).end == at(ns(13)));
  CHECK(fold.spent(1, Cause::wakeup) == ns(3));
  CHECK(fold.life(2).end == at(ns(10)));
  CHECK(fold.spent(2, Cause::wakeup) == ns(0));
}

TEST_CASE("an exec that fails leaves no life, and jobs open at the end are cut off") {
  Fold fold;
  TraceScript& script = fold.script;
  script.put(K::exec_begin, 1, 0, 1);
  script.at_ns(10).put(K::exec_end, 1, 0, 12);
  fold.push(2);
  script.at_ns(30);
  CHECK(fold.kept.lives.empty());
  const std::vector<JobLife> open = fold.milestones.finish(script.now());
  REQUIRE(open.size() == 1);
  CHECK(open[0].job == 2);
  CHECK(open[0].length() == ns(20));
  CHECK(open[0][Cause::host_worker] == ns(20));
}

TEST_CASE("without a submission component the caller's time up to the doorbell is the ioctl's") {
  Fold fold;
  TraceScript& script = fold.script;
  script.put(K::exec_begin, 1, 0, 1);
  script.at_ns(2).put(K::ring_full, 1);
  script.at_ns(6).put(K::ring_space, 1).put(K::ring_write, 1, 0);
  script.at_ns(7).put(K::doorbell_write, 1, 1);
  script.at_ns(9).put(K::doorbell_arrive, 0, 1);
  fold.finish(1);
  CHECK(fold.spent(1, Cause::syscall) == ns(2 + 1));
  CHECK(fold.spent(1, Cause::ring_space) == ns(4));
  CHECK(fold.spent(1, Cause::doorbell) == ns(2));
}

TEST_CASE("jobs of many queues retire in any order") {
  Fold fold;
  TraceScript& script = fold.script;
  constexpr std::uint64_t kJobs = 1'000;
  for (std::uint64_t job = 1; job <= kJobs; ++job) {
    script.at_ns(static_cast<std::int64_t>(job)).put(K::exec_begin, job, 0, 1);
  }
  for (std::uint64_t job = 1; job <= kJobs; ++job) fold.finish(job * 3 % 1'001);
  CHECK(fold.kept.lives.size() == kJobs);
  CHECK(fold.spent(3, Cause::syscall) == ns(997));
}
