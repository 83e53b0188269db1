// SPDX-License-Identifier: MIT
#include "tests/support/drm_truth/world.h"

#include <stdexcept>

#include "tests/support/drm_truth/log_writer.h"
#include "tests/support/drm_truth/mock_gpu.h"

namespace gpusim::test::truth {
namespace {

sched::drm::Policy parse_policy(const std::string& name) {
  if (name == "rr") return sched::drm::Policy::rr;
  if (name == "fair") return sched::drm::Policy::fair;
  if (name == "single_entity") return sched::drm::Policy::single_entity;
  throw std::runtime_error("no policy " + name);
}

os::HostSpec host_of(const Phrase& model) {
  os::HostSpec spec = free_host();
  spec.cpus = 64;
  spec.timeslice = cost(ms(1000));
  spec.worker_wake = cost(model.time("hop").value_or(us(2)));
  spec.task_wake = cost(model.time("wake").value_or(us(1)));
  const std::string timer = model.text("timer", "exact");
  spec.timer = timer == "jiffy"   ? os::TimerGranularity::jiffy
               : timer == "wheel" ? os::TimerGranularity::wheel
                                  : os::TimerGranularity::exact;
  spec.work_dispatch =
      model.text("wq", "pipelined") == "serial" ? os::WorkDispatch::serial : os::WorkDispatch::pipelined;
  return spec;
}

}  // namespace

World::World(const Script& the_script, sched::drm::Policy the_policy, sched::drm::Kernel kernel)
    : script{the_script},
      policy{the_policy},
      base{host_of(the_script.model)},
      component{base.host, fences, free_component()} {
  std::map<std::string, os::Workqueue*> workqueue_by_name;
  for (const Phrase& phrase : script.workqueues) {
    workqueues.push_back(std::make_unique<os::Workqueue>(base.host, phrase.has("ordered") ? 1U : 256U));
    workqueue_by_name[phrase.word(1)] = workqueues.back().get();
  }
  const auto workqueue = [&](const Phrase& phrase, const std::string& key) -> os::Workqueue* {
    return phrase.has(key) ? workqueue_by_name.at(phrase.text(key, "")) : nullptr;
  };
  for (const Phrase& phrase : script.schedulers) {
    sched::drm::SchedulerSpec spec;
    spec.id = QueueId{static_cast<std::uint32_t>(gpus.size() + 1)};
    spec.name = phrase.word(1);
    spec.credit_limit = static_cast<std::uint32_t>(phrase.number("credits", 0xffff'ffff));
    if (const auto timeout = phrase.microseconds("timeout_us"))
      spec.timeout = (*timeout + ms(1) - ns(1)) / ms(1) * ms(1);
    spec.kernel = kernel;
    spec.policy = phrase.has("policy") ? parse_policy(phrase.text("policy", "")) : policy;
    if (phrase.text("minimum", "leftmost") == "running") spec.minimum = sched::drm::Minimum::running;
    spec.num_rqs = static_cast<std::uint32_t>(phrase.number("num_rqs", 4));  // as the mock of the kernel's tests
    spec.hang_limit = static_cast<std::uint32_t>(phrase.number("hang_limit", 1));
    spec.has_cancel_job = phrase.number("cancel_job", 1) != 0;
    spec.submit_wq = workqueue(phrase, "submit_wq");
    spec.timeout_wq = workqueue(phrase, "timeout_wq");
    gpus.push_back(std::make_unique<MockGpu>(*this, phrase));
    gpus.back()->scheduler = &component.create_scheduler(spec, *gpus.back());
  }
  for (const Phrase& phrase : script.entities) {
    auto& entry = *entities.emplace_back(std::make_unique<ScriptEntity>());
    entry.name = phrase.word(1);
    const sched::drm::EntitySpec spec{QueueId{static_cast<std::uint32_t>(gpus.size() + entities.size())},
                                      parse_priority(phrase.text("prio", "NORMAL")), phrase.number("guilty", 0) != 0};
    entry.entity = &component.create_entity(schedulers(phrase.word(2)), spec, job_ends);
  }
  for (const Phrase& phrase : script.fences) {
    software_fences[phrase.word(1)] = fences.create(irq, fences.new_context(), 1, 0, 0);
  }
  writer = std::make_unique<LogWriter>(*this);
}

World::~World() = default;

ScriptJob& World::job(const std::string& name) {
  ScriptJob*& known = jobs_by_name[name];
  if (known == nullptr) {
    known = jobs.emplace_back(std::make_unique<ScriptJob>()).get();
    known->name = name;
  }
  return *known;
}

ScriptEntity& World::entity(const std::string& name) {
  for (const auto& entity : entities) {
    if (entity->name == name) return *entity;
  }
  throw std::runtime_error("no entity " + name);
}

MockGpu& World::gpu(const std::string& name) {
  for (const auto& gpu : gpus) {
    if (gpu->name() == name) return *gpu;
  }
  throw std::runtime_error("no scheduler " + name);
}

std::vector<sched::drm::Scheduler*> World::schedulers(const std::string& names) {
  std::vector<sched::drm::Scheduler*> found;
  for (const std::string& name : split(names, ',')) found.push_back(gpu(name).scheduler);
  return found;
}

sched::FenceRef& World::fence(const std::string& name) { return software_fences.at(name); }

std::string World::fence_name(std::uint64_t context, std::uint64_t seqno) {
  for (const auto& entity : entities) {
    const std::uint64_t finished = entity->entity->fence_context();
    if (context == finished) return "fin:" + entity->jobs[seqno - 1];
    if (context == finished - 1) return "sched:" + entity->jobs[seqno - 1];
  }
  for (const auto& [name, fence] : software_fences) {
    if (fence->context() == context) return "ext:" + name;
  }
  return "?";
}

void World::log(std::string event, std::string entity, std::string job, Fields fields) {
  const std::int64_t now = base.host.now().time_since_epoch() / ns(1);
  lines.push_back({now, std::move(event), std::move(entity), std::move(job), std::move(fields)});
}

void World::on_job_event(const std::string& event, const std::string& job) {
  for (const auto& [thread, os_thread] : event_threads) {
    if (thread->event == event && thread->job == job) os_thread->wake();
  }
}

void JobEnds::release_job(os::Context& ctx, sched::Job& job) {
  const sched::drm::Scheduler& scheduler = static_cast<sched::drm::SchedJob&>(job).scheduler();
  for (const auto& gpu : world_.gpus) {
    if (gpu->scheduler == &scheduler) gpu->release_job(ctx, job);
  }
}

}  // namespace gpusim::test::truth
