// SPDX-License-Identifier: MIT
#include "tests/support/drm_truth/log_writer.h"

#include <array>

namespace gpusim::test::truth {

using trace::EventKind;

namespace {

std::string high(std::uint64_t packed) { return std::to_string(packed >> 32); }

std::string key_of(const sched::drm::Entity& entity) {
  return entity.is_listed() ? std::to_string(entity.key().time_since_epoch() / ns(1)) : "-";
}

}  // namespace

void LogWriter::on_event(const trace::Event& event) {
  switch (event.kind) {
    case EventKind::drm_sched_job_queue:
      return on_queue(event);
    case EventKind::drm_sched_job_add_dep:
    case EventKind::drm_sched_job_unschedulable: {
      const ScriptJob& job = world_.job(JobId{event.job});
      world_.log(event.kind == EventKind::drm_sched_job_add_dep ? "add_dep" : "dep_wait", job.entity, job.name,
                 {{"on", world_.fence_name(event.a, event.b)}});
      return;
    }
    case EventKind::dependency_ready: {
      const ScriptEntity& entity = world_.entity_of_queue(event.queue);
      const std::string job = event.job == 0 ? "-" : world_.job(JobId{event.job}).name;
      return world_.log("dep_wake", entity.name, job, {{"s", entity.entity->scheduler().spec().name}});
    }
    case EventKind::drm_sched_job_run:
      return on_run(event);
    case EventKind::drm_sched_job_done:
      return on_done(event);
    case EventKind::dma_fence_signaled:
      return on_fence(event);
    case EventKind::workqueue_queue_work:
      return on_work(event, "wake_");
    case EventKind::workqueue_execute_start:
      return on_work(event, "exec_");
    case EventKind::job_timedout: {
      const ScriptJob& job = world_.job(JobId{event.job});
      return world_.log("timeout", job.entity, job.name, {{"hwdone", std::to_string(event.a)}});
    }
    case EventKind::timeout_verdict: {
      static const std::array<const char*, 3> kNames{"RESET", "NO_HANG", "ENODEV"};
      const ScriptJob& job = world_.job(JobId{event.job});
      return world_.log("timeout_ret", job.entity, job.name, {{"stat", kNames.at(event.a)}});
    }
    default:
      return;
  }
}

void LogWriter::on_queue(const trace::Event& event) {
  const ScriptJob& job = world_.job(JobId{event.job});
  const ScriptEntity& entity = world_.entity_of_queue(event.queue);
  const sched::drm::Scheduler& scheduler = entity.entity->scheduler();
  world_.log("queue", job.entity, job.name,
             {{"s", scheduler.spec().name},
              {"seq", std::to_string(event.b)},
              {"prio", priority_name(entity.entity->priority())},
              {"cr", std::to_string(job.job->credits())},
              {"jc", high(event.c)},
              {"hw", std::to_string(scheduler.credit_count())},
              {"score", std::to_string(scheduler.score())}});
}

void LogWriter::on_run(const trace::Event& event) {
  const ScriptJob& job = world_.job(JobId{event.job});
  const sched::drm::Entity& entity = *world_.entity_of_queue(event.queue).entity;
  const sched::drm::Scheduler& scheduler = entity.scheduler();
  world_.log("run", job.entity, job.name,
             {{"s", scheduler.spec().name},
              {"cr", std::to_string(job.job->credits())},
              {"jc", high(event.c)},
              {"hw", std::to_string(scheduler.credit_count())},
              {"key", key_of(entity)}});
}

void LogWriter::on_done(const trace::Event& event) {
  const ScriptJob& job = world_.job(JobId{event.job});
  const sched::drm::Scheduler& scheduler = world_.entity_of_queue(event.queue).entity->scheduler();
  world_.log("done", job.entity, job.name,
             {{"s", scheduler.spec().name},
              {"hw", std::to_string(scheduler.credit_count())},
              {"score", std::to_string(scheduler.score())}});
}

void LogWriter::on_fence(const trace::Event& event) {
  if (event.queue == 0) return;  // a mock GPU's, or a software fence
  const ScriptEntity& entity = world_.entity_of_queue(event.queue);
  const bool finished = event.a == entity.entity->fence_context();
  const std::string& job = entity.jobs[event.b - 1];
  world_.log(finished ? "finished" : "sched_fence", entity.name, job,
             {{"err", std::to_string(-static_cast<std::int64_t>(event.c))}});
  world_.on_job_event(finished ? "finished" : "sched", job);
}

void LogWriter::on_work(const trace::Event& event, const std::string& verb) {
  using sched::drm::WorkKind;
  const auto work = static_cast<WorkKind>(event.a);
  if (work == WorkKind::kill) {  // the log names the job, the trace the queue
    return world_.log(verb + "kill", "*", "*", {});
  }
  const std::string name = work == WorkKind::run_job ? "run" : work == WorkKind::free_job ? "free" : "tdr";
  world_.log(verb + name, "-", "-", {{"s", world_.script.schedulers.at(event.queue - 1).word(1)}});
}

}  // namespace gpusim::test::truth
