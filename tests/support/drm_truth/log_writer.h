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
  /// What no event says: where the entity's first job has put it.
  void after_push(const ScriptEntity& entity);
  [[nodiscard]] World::Fields averages_of(const sched::drm::Entity& entity,
                                          const sched::drm::Scheduler& scheduler) const;
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
  [[nodiscard]] World::Fields order_of(const sched::drm::Entity& entity) const;
  void on_work(const std::string& verb, trace::Code kind, QueueId queue);

  World& world_;
  bool first_ = false;  // the job being pushed finds none before it
};

}  // namespace gpusim::test::truth
