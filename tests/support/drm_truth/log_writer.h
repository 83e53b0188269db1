// SPDX-License-Identifier: MIT
// Turns the component's trace events into lines of a drm_sched_truth log, so that what is compared is what every other
// user of the trace sees too.
#pragma once

#include "tests/support/drm_truth/world.h"
#include "traces/event/make.h"
#include "traces/event/recorder.h"

namespace gpusim::test::truth {

class LogWriter final {
 public:
  explicit LogWriter(World& world);
  void on(const trace::drm_sched_job_queue& event);
  void on(const trace::drm_sched_job_add_dep& event);
  void on(const trace::drm_sched_job_unschedulable& event);
  void on(const trace::dependency_ready& event);
  void on(const trace::drm_sched_job_run& event);
  void on(const trace::drm_sched_job_done& event);
  void on(const trace::dma_fence_signaled& event);
  void on(const trace::job_timedout& event);
  void on(const trace::timeout_verdict& event);
  void on(const trace::workqueue_queue_work& event);
  void on(const trace::workqueue_execute_start& event);

 private:
  void on_work(const std::string& verb, trace::Code kind, QueueId queue);

  World& world_;
};

}  // namespace gpusim::test::truth
