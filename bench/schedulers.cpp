// SPDX-License-Identifier: MIT
// The components alone, before in-order hardware that has a job for 2 us: drm_sched with many clients, each with an
// entity, on one scheduler; and each component with one queue.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/cost.h"
#include "bench/benchmarks.h"
#include "bench/clock.h"
#include "os/host.h"
#include "scheduler/dep/component.h"
#include "scheduler/drm_sched/component.h"
#include "scheduler/jobqueue/component.h"

namespace gpusim::bench {
namespace {

constexpr std::uint32_t kVector = 1;
constexpr std::uint32_t kJobsOfCycle = 4;
constexpr std::uint32_t kCredits = 2;

/// A host with a ring whose interrupt signals one job's hardware fence, and clients that wait for every fourth job.
class Ring final : public sched::SubmissionBackend {
 public:
  explicit Ring(std::uint64_t jobs_of_each)
      : jobs_of_each_{jobs_of_each}, host_{timeline_, recorder_, names_, ledger_, os::HostSpec{}, 1} {
    names_.queues = {{}, {"ring", 0, 1}};
    names_.works = {"work"};
    host_.request_irq(kVector, "ring", 0, [this](os::Context& ctx) -> os::Task<> {
      const sched::FenceRef done = std::move(hardware_.front());
      hardware_.pop_front();
      if (!hardware_.empty()) begin();
      done->signal(ctx, Errno::ok);
      co_return;
    });
  }

  [[nodiscard]] os::Host& host() { return host_; }
  [[nodiscard]] sched::FenceArena& fences() { return fences_; }
  void add_client(sched::SubmissionQueue& queue) {
    host_.spawn_client("client", [this, &queue](os::Context& ctx) { return client(ctx, queue); });
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

  os::Task<> client(os::Context& ctx, sched::SubmissionQueue& queue) {
    for (std::uint64_t i = 0; i < jobs_of_each_; i += kJobsOfCycle) {
      sched::FenceRef last;
      for (std::uint32_t j = 0; j < kJobsOfCycle; ++j) {
        sched::Job* const job = queue.prepare(ctx, {JobId{++jobs_}, 1, 0}).value();
        last = co_await queue.commit(ctx, *job);
        queue.put_job(ctx, *job);
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
  std::deque<sched::FenceRef> hardware_;
};

/// Makes the component and its queues, adds the clients, runs. The component outlives the run, not the ring.
using Body = std::function<void(Ring& ring)>;

sched::drm::SchedulerSpec drm_spec(sched::drm::Policy policy) {
  sched::drm::SchedulerSpec spec;
  spec.id = QueueId{1};
  spec.name = "ring";
  spec.credit_limit = kCredits;
  spec.policy = policy;
  spec.num_rqs = 4;
  return spec;
}

void run_entities(Ring& ring, sched::drm::Policy policy, std::uint32_t clients) {
  sched::drm::Component component{ring.host(), ring.fences(), sched::Costs{}};
  sched::drm::Scheduler& scheduler = component.create_scheduler(drm_spec(policy), ring);
  for (std::uint32_t i = 0; i < clients; ++i) ring.add_client(component.create_entity(scheduler, {}, ring));
  ring.run();
}

void run_dep(Ring& ring) {
  sched::dep::Component component{ring.host(), ring.fences(), sched::Costs{}};
  sched::dep::QueueSpec spec;
  spec.id = QueueId{1};
  spec.name = "ring";
  spec.credit_limit = kCredits;
  ring.add_client(component.create_queue(spec, ring));
  ring.run();
}

void run_jobqueue(Ring& ring, sched::jq::Shape shape) {
  sched::jq::Component component{ring.host(), ring.fences(), sched::Costs{}};
  sched::jq::QueueSpec spec;
  spec.id = QueueId{1};
  spec.name = "ring";
  spec.capacity = kCredits;
  spec.options.shape = shape;
  ring.add_client(component.create_queue(spec, ring));
  ring.run();
}

void measure(Harness& harness, const std::string& name, const std::string& what, std::uint32_t clients,
             const Body& body) {
  Measurement& rate =
      harness.measure({.name = "schedulers." + name, .what = what, .unit = "jobs/s", .more_is_better = true});
  for (int i = 0; i < harness.repeats(); ++i) {
    const std::uint64_t of_each =
        std::max<std::uint64_t>(harness.scaled(640'000) / clients / kJobsOfCycle, 1) * kJobsOfCycle;
    Ring ring{of_each};
    const Stopwatch watch;
    body(ring);
    rate.add(static_cast<double>(of_each * clients) / watch.seconds());
  }
}

}  // namespace

void bench_schedulers(Harness& harness) {
  using sched::drm::Policy;
  constexpr std::pair<Policy, const char*> kPolicies[]{
      {Policy::rr, "rr"}, {Policy::fifo, "fifo"}, {Policy::fair, "fair"}};
  for (const std::uint32_t clients : {1U, 64U}) {
    const std::string count = std::to_string(clients);
    for (const auto& [policy, name] : kPolicies) {
      measure(harness, std::string{name} + "_" + count, "drm_sched without a machine, entities: " + count, clients,
              [chosen = policy, clients](Ring& ring) { run_entities(ring, chosen, clients); });
    }
  }
  const std::string alone = " without a machine, one queue";
  measure(harness, "single_entity", "drm_sched, single entity," + alone, 1,
          [](Ring& ring) { run_entities(ring, Policy::single_entity, 1); });
  measure(harness, "drm_dep", "drm_dep" + alone, 1, &run_dep);
  measure(harness, "jobqueue_counter", "JobQueue, counter," + alone, 1,
          [](Ring& ring) { run_jobqueue(ring, sched::jq::Shape::counter); });
  measure(harness, "jobqueue_pipeline", "JobQueue, pipeline," + alone, 1,
          [](Ring& ring) { run_jobqueue(ring, sched::jq::Shape::pipeline); });
}

}  // namespace gpusim::bench
