// SPDX-License-Identifier: MIT
// drm_sched alone: clients, each with an entity, before one in-order ring that has a job for 2 us.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/cost.h"
#include "bench/benchmarks.h"
#include "bench/clock.h"
#include "os/host.h"
#include "scheduler/drm_sched/component.h"

namespace gpusim::bench {
namespace {

constexpr std::uint32_t kVector = 1;
constexpr std::uint32_t kJobsOfCycle = 4;

class Ring final : public sched::SubmissionBackend {
 public:
  Ring(sched::drm::Policy policy, std::uint32_t clients, std::uint64_t jobs_of_each)
      : jobs_of_each_{jobs_of_each}, host_{timeline_, recorder_, names_, ledger_, os::HostSpec{}, 1} {
    names_.queues = {{}, {"ring", 0, 1}};
    names_.works = {"work"};
    component_ = std::make_unique<sched::drm::Component>(host_, fences_, sched::Costs{});
    sched::drm::SchedulerSpec spec;
    spec.id = QueueId{1};
    spec.name = "ring";
    spec.credit_limit = 2;
    spec.policy = policy;
    spec.num_rqs = 4;
    sched::drm::Scheduler& scheduler = component_->create_scheduler(spec, *this);
    host_.request_irq(kVector, "ring", 0, [this](os::Context& ctx) -> os::Task<> {
      const sched::FenceRef done = std::move(hardware_.front());
      hardware_.pop_front();
      if (!hardware_.empty()) begin();
      done->signal(ctx, Errno::ok);
      co_return;
    });
    for (std::uint32_t i = 0; i < clients; ++i) {
      sched::drm::Entity& entity = component_->create_entity(scheduler, {}, *this);
      host_.spawn_client("client", [this, &entity](os::Context& ctx) { return client(ctx, entity); });
    }
  }

  void run() {
    timeline_.freeze();
    while (!timeline_.empty()) timeline_.run_one();
  }

  os::Task<sched::RunResult> run_job(os::Context& ctx, sched::Job& job) override {
    hardware_.push_back(fences_.create(ctx, 1'000'000, job.id().value(), 1, 0, sched::FenceLock::driver));
    if (hardware_.size() == 1) begin();
    co_return sched::RunResult{hardware_.back(), Errno::ok};
  }
  os::Task<sched::TimeoutVerdict> timedout_job(os::Context&, sched::Job&) override {
    co_return sched::TimeoutVerdict{};
  }
  void release_job(os::Context&, sched::Job&) override {}
  os::Task<> queue_fini(os::Context&) override { co_return; }

 private:
  void begin() { timeline_.schedule<&Ring::end>(host_.now() + us(2), Phase::interrupt, host_.component(), this); }
  void end() { host_.deliver_interrupt(kVector); }

  os::Task<> client(os::Context& ctx, sched::drm::Entity& entity) {
    for (std::uint64_t i = 0; i < jobs_of_each_; i += kJobsOfCycle) {
      sched::FenceRef last;
      for (std::uint32_t j = 0; j < kJobsOfCycle; ++j) {
        sched::Job* const job = entity.prepare(ctx, {JobId{++jobs_}, 1, 0}).value();
        last = co_await entity.commit(ctx, *job);
        entity.put_job(ctx, *job);
      }
      (void)co_await sched::wait(ctx, last);
    }
  }

  std::uint64_t jobs_of_each_;
  std::uint64_t jobs_ = 0;
  sched::FenceArena fences_;
  Timeline timeline_;
  trace::Recorder recorder_{timeline_};
  trace::Names names_;
  CostLedger ledger_;
  os::Host host_;
  std::unique_ptr<sched::drm::Component> component_;
  std::deque<sched::FenceRef> hardware_;
};

}  // namespace

void bench_schedulers(Harness& harness) {
  constexpr std::pair<sched::drm::Policy, const char*> kPolicies[]{
      {sched::drm::Policy::rr, "rr"}, {sched::drm::Policy::fifo, "fifo"}, {sched::drm::Policy::fair, "fair"}};
  for (const std::uint32_t clients : {1U, 64U}) {
    for (const auto& [policy, name] : kPolicies) {
      const std::string count = std::to_string(clients);
      Measurement& rate = harness.measure({.name = std::string{"schedulers."} + name + "_" + count,
                                           .what = "drm_sched without a machine, entities: " + count,
                                           .unit = "jobs/s",
                                           .more_is_better = true});
      for (int i = 0; i < harness.repeats(); ++i) {
        const std::uint64_t of_each =
            std::max<std::uint64_t>(harness.scaled(640'000) / clients / kJobsOfCycle, 1) * kJobsOfCycle;
        Ring ring{policy, clients, of_each};
        const Stopwatch watch;
        ring.run();
        rate.add(static_cast<double>(of_each * clients) / watch.seconds());
      }
    }
  }
}

}  // namespace gpusim::bench
