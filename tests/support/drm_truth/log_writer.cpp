// SPDX-License-Identifier: MIT
#include "tests/support/drm_truth/log_writer.h"

#include <array>

#include "traces/event/handlers.h"

namespace gpusim::test::truth {

namespace {

std::string number(std::int64_t value) { return std::to_string(value); }

World::Fields operator+(World::Fields a, World::Fields b) {
  a.merge(b);
  return a;
}

}  // namespace

LogWriter::LogWriter(World& world) : world_{world} { trace::attach_handlers(*this, world.base.recorder); }

// What decides when an entity's head is served. RR has a list, without a key.
World::Fields LogWriter::order_of(const sched::drm::Entity& entity) const {
  if (world_.policy == sched::drm::Policy::rr) return {};
  World::Fields fields{{"key", entity.is_in_tree() ? number(entity.key()) : "-"}};
  if (world_.policy == sched::drm::Policy::fifo) return fields;
  const sched::drm::EntityStats& stats = entity.stats();
  return fields + World::Fields{{"vr", number(stats.vruntime)},
                                {"rt", number(stats.runtime)},
                                {"prt", number(stats.prev_runtime)},
                                {"hp", number(entity.run_queue().head_priority())}};
}

World::Fields LogWriter::averages_of(const sched::drm::Entity& entity, const sched::drm::Scheduler& scheduler) const {
  if (world_.policy != sched::drm::Policy::fair) return {};
  return {{"avg", std::to_string(entity.stats().average.us())}, {"savg", std::to_string(scheduler.average().us())}};
}

void LogWriter::after_push(const ScriptEntity& entity) {
  if (!first_ || world_.policy == sched::drm::Policy::rr) return;
  World::Fields fields{{"key", number(entity.entity->key())}};
  if (world_.policy == sched::drm::Policy::fair) {
    fields["hp"] = number(entity.entity->run_queue().head_priority());
    fields = fields + averages_of(*entity.entity, entity.entity->scheduler());
  }
  world_.log("enq", entity.name, entity.jobs.back(), std::move(fields));
}

void LogWriter::on(const trace::drm_sched_job_queue& event) {
  const ScriptJob& job = world_.job(event.job);
  const ScriptEntity& entity = world_.entity_of_queue(event.queue);
  const sched::drm::Scheduler& scheduler = entity.entity->scheduler();
  first_ = event.queued == 0 && !entity.entity->is_stopped();
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
  const ScriptEntity& entity = world_.entity_of_queue(event.queue);
  const std::string job = event.job == JobId{} ? "-" : world_.job(event.job).name;
  world_.log("dep_wake", entity.name, job, {{"s", entity.entity->scheduler().spec().name}});
}

void LogWriter::on(const trace::drm_sched_job_run& event) {
  const ScriptJob& job = world_.job(event.job);
  const sched::drm::Entity& entity = *world_.entity_of_queue(event.queue).entity;
  const sched::drm::Scheduler& scheduler = entity.scheduler();
  world_.log("run", job.entity, job.name,
             World::Fields{{"s", scheduler.spec().name},
                           {"cr", std::to_string(job.job->credits())},
                           {"jc", std::to_string(event.queued)},
                           {"hw", std::to_string(scheduler.credit_count())}} +
                 order_of(entity));
}

void LogWriter::on(const trace::drm_sched_job_done& event) {
  const ScriptJob& job = world_.job(event.job);
  const sched::drm::Scheduler& scheduler = job.job->scheduler();
  world_.log("done", job.entity, job.name,
             {{"s", scheduler.spec().name},
              {"hw", std::to_string(scheduler.credit_count())},
              {"score", std::to_string(scheduler.score())}});
}

void LogWriter::on(const trace::dma_fence_signaled& event) {
  if (event.queue == QueueId{}) return;  // a mock GPU's, or a software fence
  const ScriptEntity& entity = world_.entity_of_queue(event.queue);
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
