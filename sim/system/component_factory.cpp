// SPDX-License-Identifier: MIT
#include "sim/system/component_factory.h"

#include <string>
#include <utility>
#include <vector>

#include "scheduler/dep/component.h"
#include "scheduler/drm_sched/component.h"
#include "scheduler/jobqueue/component.h"
#include "scheduler/orchestrator/orchestrator.h"

namespace gpusim::system {
namespace {

class DepFactory final : public ComponentFactory {
 public:
  DepFactory(os::Host& host, sched::FenceArena& fences, const scenario::ScenarioSpec& spec)
      : component_{host, fences, spec.costs}, spec_{spec} {}
  sched::SubmissionQueue& create_queue(QueueId id, const drv::QueueParams& params, std::uint32_t credit_limit,
                                       sched::SubmissionBackend& backend, os::Workqueue& /*timeout_wq*/) override {
    return component_.create_queue(
        {id, params.name, params.client.value(), credit_limit, component_timeout(spec_), spec_.dep, params.priority},
        backend);
  }
  [[nodiscard]] std::size_t live_queues() const override { return component_.live_queues(); }
  void check_released() const override { component_.check_released(); }
  void quarantine(const ActorBoard& actors) override { component_.quarantine(actors); }

 private:
  sched::dep::Component component_;
  const scenario::ScenarioSpec& spec_;
};

class DrmSchedFactory final : public ComponentFactory {
 public:
  DrmSchedFactory(os::Host& host, sched::FenceArena& fences, const scenario::ScenarioSpec& spec)
      : component_{host, fences, spec.costs}, spec_{spec}, timeout_{component_timeout(spec)} {}
  sched::SubmissionQueue& create_queue(QueueId id, const drv::QueueParams& params, std::uint32_t credit_limit,
                                       sched::SubmissionBackend& backend, os::Workqueue& timeout_wq) override {
    sched::drm::SchedulerSpec spec = scheduler_spec(id, params.name, credit_limit, timeout_wq);
    spec.level = params.priority;
    spec.bypass = spec_.dep.bypass;
    return component_.create_queue(std::move(spec), backend);
  }
  sched::SubmissionDomain& create_scheduler(QueueId id, const std::string& name, std::uint32_t credit_limit,
                                            sched::SchedulerOps& ops, os::Workqueue& timeout_wq) override {
    return component_.create_scheduler(scheduler_spec(id, name, credit_limit, timeout_wq), ops);
  }
  sched::SubmissionQueue& create_entity(QueueId id, const drv::QueueParams& params,
                                        std::span<sched::SubmissionDomain* const> schedulers,
                                        sched::QueueOps& ops) override {
    sched::drm::EntitySpec entity;
    entity.id = id;
    entity.priority = sched::drm::priority_of(params.priority);
    entity.has_guilty = spec_.driver.guilty_entities;
    return component_.create_entity(sched::drm::schedulers_of(schedulers), entity, ops);
  }
  [[nodiscard]] sched::SubmissionDomain& pick_best(
      std::span<sched::SubmissionDomain* const> schedulers) const override {
    sched::drm::Scheduler* const best = sched::drm::Scheduler::pick_best(sched::drm::schedulers_of(schedulers));
    if (best == nullptr) violate("queue_factory", "no scheduler is ready");
    return *best;
  }
  [[nodiscard]] std::size_t live_queues() const override { return component_.live_queues(); }
  [[nodiscard]] bool is_idle() const override { return component_.is_idle(); }
  void check_released() const override { component_.check_released(); }
  void quarantine(const ActorBoard& actors) override { component_.quarantine(actors); }

 private:
  [[nodiscard]] sched::drm::SchedulerSpec scheduler_spec(QueueId id, const std::string& name,
                                                         std::uint32_t credit_limit, os::Workqueue& timeout_wq) const {
    sched::drm::SchedulerSpec spec;
    spec.id = id;
    spec.name = name;
    spec.credit_limit = credit_limit;
    spec.timeout = timeout_.count() == 0 ? sched::drm::kNoTimeout : timeout_;
    spec.timeout_wq = &timeout_wq;
    switch (spec_.driver.stop_way) {
      case drv::StopWay::workers:
        spec.stop = sched::drm::Stop::workers;
        break;
      case drv::StopWay::scheduler:
        spec.stop = sched::drm::Stop::scheduler;
        break;
      case drv::StopWay::resubmit:
        spec.stop = sched::drm::Stop::resubmit;
        break;
    }
    spec.kernel = spec_.kernel;
    spec.policy = spec_.policy;
    spec.minimum = spec_.minimum;
    spec.num_rqs = spec_.num_rqs;
    spec.hang_limit = spec_.driver.hang_limit;
    spec.pause_submit_race = spec_.pause_submit_race;
    return spec;
  }

  sched::drm::Component component_;
  const scenario::ScenarioSpec& spec_;
  Picoseconds timeout_;
};

class JobQueueFactory final : public ComponentFactory {
 public:
  JobQueueFactory(os::Host& host, sched::FenceArena& fences, const scenario::ScenarioSpec& spec)
      : component_{host, fences, spec.costs}, spec_{spec} {}
  sched::SubmissionQueue& create_queue(QueueId id, const drv::QueueParams& params, std::uint32_t credit_limit,
                                       sched::SubmissionBackend& backend, os::Workqueue& /*timeout_wq*/) override {
    const bool has_credits = spec_.jobqueue.shape == sched::jq::Shape::counter;
    return component_.create_queue({id, params.name, has_credits ? credit_limit : spec_.driver.ring_entries,
                                    component_timeout(spec_), spec_.jobqueue, params.priority},
                                   backend);
  }
  [[nodiscard]] std::size_t live_queues() const override { return component_.live_queues(); }
  void check_released() const override { component_.check_released(); }
  void quarantine(const ActorBoard& actors) override { component_.quarantine(actors); }

 private:
  sched::jq::Component component_;
  const scenario::ScenarioSpec& spec_;
};

/// Queues are mapped into their clients.
class NoComponent final : public ComponentFactory {
 public:
  sched::SubmissionQueue& create_queue(QueueId /*id*/, const drv::QueueParams& /*params*/,
                                       std::uint32_t /*credit_limit*/, sched::SubmissionBackend& /*backend*/,
                                       os::Workqueue& /*timeout_wq*/) override {
    violate("queue_factory", "there is no component");
  }
  [[nodiscard]] std::size_t live_queues() const override { return 0; }
  void check_released() const override {}
  void quarantine(const ActorBoard& /*actors*/) override {}
};

/// Any of these, with an orchestrator between its queues and the driver.
class OrchestratedFactory final : public ComponentFactory {
 public:
  OrchestratedFactory(os::Host& host, const sched::orch::Spec& spec, std::unique_ptr<ComponentFactory> component)
      : orchestrator_{host, spec}, component_{std::move(component)} {}
  sched::SubmissionQueue& create_queue(QueueId id, const drv::QueueParams& params, std::uint32_t credit_limit,
                                       sched::SubmissionBackend& backend, os::Workqueue& timeout_wq) override {
    sched::orch::TokenGate& gate = orchestrator_.add(id, params.name, backend);
    sched::SubmissionQueue& queue = component_->create_queue(id, params, credit_limit, gate, timeout_wq);
    gate.serve(queue);
    return queue;
  }
  [[nodiscard]] std::size_t live_queues() const override { return component_->live_queues(); }
  [[nodiscard]] bool is_idle() const override { return component_->is_idle() && orchestrator_.is_idle(); }
  void check_released() const override { component_->check_released(); }
  void quarantine(const ActorBoard& actors) override { component_->quarantine(actors); }

 private:
  sched::orch::Orchestrator orchestrator_;
  std::unique_ptr<ComponentFactory> component_;
};

std::unique_ptr<ComponentFactory> make_component(os::Host& host, sched::FenceArena& fences,
                                                 const scenario::ScenarioSpec& spec) {
  switch (spec.component) {
    case scenario::Component::drm_sched:
      return std::make_unique<DrmSchedFactory>(host, fences, spec);
    case scenario::Component::jobqueue:
      return std::make_unique<JobQueueFactory>(host, fences, spec);
    case scenario::Component::direct:
      return std::make_unique<NoComponent>();
    case scenario::Component::drm_dep:
      break;
  }
  return std::make_unique<DepFactory>(host, fences, spec);
}

}  // namespace

std::unique_ptr<ComponentFactory> make_component_factory(os::Host& host, sched::FenceArena& fences,
                                                         const scenario::ScenarioSpec& spec) {
  std::unique_ptr<ComponentFactory> component = make_component(host, fences, spec);
  if (spec.orchestrator.slots == 0) return component;
  return std::make_unique<OrchestratedFactory>(host, spec.orchestrator, std::move(component));
}

}  // namespace gpusim::system
