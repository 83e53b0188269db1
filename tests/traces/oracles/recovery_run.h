// SPDX-License-Identifier: MIT
// All oracles, with a timeout, on a hand-made trace of what goes wrong and how it is dealt with.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/trace_script.h"
#include "tests/support/violation.h"
#include "traces/event/make.h"
#include "traces/oracles/oracles.h"

namespace gpusim::trace {

inline constexpr std::int64_t kTimeoutMs = 100;

struct RecoveryRun {
  RecoveryRun() {
    names.queues = {{}, {.name = "game.0.rcs"}, {.name = "video.0.vcs"}};
    oracles.on_timeout(ms(kTimeoutMs));
    oracles.attach_to(script.recorder);
  }
  TraceScript& at_ms(std::int64_t milliseconds) { return script.at_ns(milliseconds * 1'000'000); }
  /// The job goes to the hardware; finished fence and job have the same number.
  void run_job(std::uint64_t job, std::uint64_t in_flight) {
    script.put(exec_begin{.job = JobId{job}, .credits = 1})
        .put(dma_fence_init{.job = JobId{job}, .context = script.queue, .seqno = job});
    script.put(drm_sched_job_queue{.job = JobId{job}})
        .put(exec_end{.job = JobId{job}})
        .put(drm_sched_job_run{.job = JobId{job}, .in_flight = in_flight});
  }
  void end(std::uint64_t job, std::uint64_t in_flight, Errno error = Errno::ok) {
    script.put(credit_returned{.job = JobId{job}, .credits = 1, .in_flight = in_flight})
        .put(dma_fence_signaled{.job = JobId{job}, .context = script.queue, .seqno = job, .error = error});
  }

  Names names;
  OracleSet oracles{names};
  TraceScript script;
};

inline std::string spoken(const std::function<void(RecoveryRun&)>& trace) {
  RecoveryRun run;
  return test::violation_of([&] { trace(run); });
}

}  // namespace gpusim::trace
