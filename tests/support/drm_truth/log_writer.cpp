// SPDX-License-Identifier: MIT
#include "tests/support/drm_truth/log_writer.h"

#include <array>

#include "traces/event/handlers.h"

namespace gpusim::test::truth {

namespace {

std::string key_of(const sched::drm::Entity& entity) {
  return entity.is_listed() ? std::to_string(entity.key().time_since_epoch() / ns(1)) : "-";
}

}  // namespace

LogWriter::LogWriter(World& world) : world_{world} { trace::attach_handlers(*this, world.base.recorder); }

void LogWriter::on(const trace::drm_sched_job_queue& event) {
  const ScriptJob& job = world_.job(event.job);
  const ScriptEntity& entity = world_.entity_of_queue(event.queue.value());
  const sched::drm::Scheduler& scheduler = entity.entity->scheduler();
  world_.log("queue", job.entity, job.name,
             {{"s", scheduler.spec().name},
              {"seq", std::to_string(event.seqno)},
              {"prio", priority_name(entity.entity->priority())},
              {"cr", std::to_string(job.job->credits())},
              {"jc", std::to_string(event.queued)},
              {"hw", std::to_string(scheduler.credit_count())},
              {"score", std::to_string(scheduler.score())}});
}

void LogWriter::on(const trace::drm_sched_job_add_dep& event) {
  const ScriptJob& job = world_.job(event.job);
  world_.log("add_dep", job.entity, job.name,
             {{"on", world_.fence_name(event.dependency_context, event.dependency_seqno)}});
}

void LogWriter::on(const trace::drm_sched_job_unschedulable& event) {
  const ScriptJob& job = world_.job(event.job);
  world_.log("dep_wait", job.entity, job.name,
             {{"on", world_.fence_name(event.dependency_context, event.dependency_seqno)}});
}

void LogWriter::on(const trace::dependency_ready& event) {
  const ScriptEntity& entity = world_.entity_of_queue(event.queue.value());
  const std::string job = event.job == JobId{} ? "-" : world_.job(event.job).name;
  world_.log("dep_wake", entity.name, job, {{"s", entity.entity->scheduler().spec().name}});
}

void LogWriter::on(const trace::drm_sched_job_run& event) {
  const ScriptJob& job = world_.job(event.job);
  const sched::drm::Entity& entity = *world_.entity_of_queue(event.queue.value()).entity;
  const sched::drm::Scheduler& scheduler = entity.scheduler();
  world_.log("run", job.entity, job.name,
             {{"s", scheduler.spec().name},
              {"cr", std::to_string(job.job->credits())},
              {"jc", std::to_string(event.queued)},
              {"hw", std::to_string(scheduler.credit_count())},
              {"key", key_of(entity)}});
}

void LogWriter::on(const trace::drm_sched_job_done& event) {
  const ScriptJob& job = world_.job(event.job);
  const sched::drm::Scheduler& scheduler = world_.entity_of_queue(event.queue.value()).entity->scheduler();
  world_.log("done", job.entity, job.name,
             {{"s", scheduler.spec().name},
              {"hw", std::to_string(scheduler.credit_count())},
              {"score", std::to_string(scheduler.score())}});
}

void LogWriter::on(const trace::dma_fence_signaled& event) {
  if (event.queue == QueueId{}) return;  // a mock GPU's, or a software fence
  const ScriptEntity& entity = world_.entity_of_queue(event.queue.value());
  const bool finished = event.context == entity.entity->fence_context();
  const std::string& job = entity.jobs[event.seqno - 1];
  world_.log(finished ? "finished" : "sched_fence", entity.name, job,
             {{"err", std::to_string(-static_cast<std::int64_t>(event.error))}});
  world_.on_job_event(finished ? "finished" : "sched", job);
}

void LogWriter::on(const trace::job_timedout& event) {
  const ScriptJob& job = world_.job(event.job);
  world_.log("timeout", job.entity, job.name, {{"hwdone", event.hardware_done ? "1" : "0"}});
}

void LogWriter::on(const trace::timeout_verdict& event) {
  static const std::array<const char*, 4> kNames{"NONE", "RESET", "ENODEV", "NO_HANG"};
  const ScriptJob& job = world_.job(event.job);
  world_.log("timeout_ret", job.entity, job.name, {{"stat", kNames.at(event.verdict.as<std::size_t>())}});
}

void LogWriter::on(const trace::workqueue_queue_work& event) { on_work("wake_", event.work, event.queue); }
void LogWriter::on(const trace::workqueue_execute_start& event) { on_work("exec_", event.work, event.queue); }

void LogWriter::on_work(const std::string& verb, trace::Code kind, QueueId queue) {
  using sched::drm::WorkKind;
  const auto work = kind.as<WorkKind>();
  if (work == WorkKind::kill) {  // the log names the job, the trace the queue
    return world_.log(verb + "kill", "*", "*", {});
  }
  const std::string name = work == WorkKind::run_job ? "run" : work == WorkKind::free_job ? "free" : "tdr";
  world_.log(verb + name, "-", "-", {{"s", world_.script.schedulers.at(queue.value() - 1).word(1)}});
}

}  // namespace gpusim::test::truth
