// SPDX-License-Identifier: MIT
// All oracles on a hand-made trace, with short words for the steps of a sound machine.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/invariant.h"
#include "tests/support/catch.h"
#include "tests/support/trace_script.h"
#include "traces/event/make.h"
#include "traces/oracles/oracles.h"

namespace gpusim::trace {

inline constexpr std::uint64_t kRing = 4;
inline constexpr std::uint64_t kAddress = 4096;

struct OracleRun {
  OracleRun() {
    names.queues = {{}, {.name = "game.0.rcs"}, {.name = "video.0.vcs"}};
    names.engines = {{.name = "rcs0"}, {.name = "vcs0"}};
    oracles.attach_to(script.recorder);
    oracles.on_queue_limit(QueueId{1}, 2);
  }

  /// exec of a job with its finished fence 1:seqno (context and queue have the same number).
  void exec(std::uint64_t job, std::uint64_t seqno, std::uint64_t credits = 1) {
    script.put(exec_begin{.job = JobId{job}, .credits = credits})
        .put(dma_fence_init{.job = JobId{job}, .context = script.queue, .seqno = seqno});
  }
  void push(std::uint64_t job) { script.put(drm_sched_job_queue{.job = JobId{job}}).put(exec_end{.job = JobId{job}}); }
  void run_job(std::uint64_t job, std::uint64_t in_flight) {
    script.put(drm_sched_job_run{.job = JobId{job}, .in_flight = in_flight});
  }
  void ring(std::uint64_t job, std::uint64_t index) {
    script.put(ring_write{.job = JobId{job}, .index = index, .free = 0, .capacity = kRing})
        .put(doorbell_write{.job = JobId{job}, .write_index = index + 1});
  }
  void assign() { script.put(engine_assign{.engine = 0}); }
  void release() { script.put(engine_release{.engine = 0}); }
  /// 10 ns of work.
  void execute(std::uint64_t job) {
    script.put(fetch_begin{.engine = 0, .job = JobId{job}})
        .put(job_start{.engine = 0, .job = JobId{job}, .work_ps = 10'000});
    pass_ns(10);
    script.put(job_end{.engine = 0, .job = JobId{job}});
  }
  void visible(std::uint64_t job, std::uint64_t value) {
    script.put(fence_visible{.job = JobId{job}, .address = kAddress, .value = value, .completion = true});
  }
  void give_back(std::uint64_t job, std::uint64_t credits, std::uint64_t in_flight) {
    script.put(credit_returned{.job = JobId{job}, .credits = credits, .in_flight = in_flight});
  }
  void signal(std::uint64_t job, std::uint64_t seqno, Errno error = Errno::ok) {
    script.put(dma_fence_signaled{.job = JobId{job}, .context = script.queue, .seqno = seqno, .error = error});
  }
  void pass_ns(std::int64_t nanoseconds) { script.at_ns(to_ps(script.now()) / 1'000 + nanoseconds); }

  /// One job from beginning to end, alone on its queue.
  void whole_job(std::uint64_t job, std::uint64_t seqno) {
    exec(job, seqno);
    push(job);
    run_job(job, 1);
    ring(job, seqno - 1);
    assign();
    execute(job);
    release();
    visible(job, seqno);
    give_back(job, 1, 0);
    signal(job, seqno);
  }

  Names names;
  OracleSet oracles{names};
  TraceScript script;
};

/// Runs it to a complete end; the sentence of the oracle that speaks, "" if none does.
inline std::string spoken(const std::function<void(OracleRun&)>& trace, bool complete = true) {
  OracleRun run;
  try {
    trace(run);
    run.oracles.finish(run.script.now(), complete);
  } catch (const InvariantViolation& violation) {
    CHECK(std::string{violation.what()}.rfind(violation.oracle() + ": at ", 0) == 0);
    return violation.what();
  }
  return "";
}

}  // namespace gpusim::trace
