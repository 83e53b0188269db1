// SPDX-License-Identifier: MIT
// One JobQueue of either shape between a host and a device: queue_rig.h.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "scheduler/jobqueue/component.h"
#include "tests/support/queue_rig.h"

namespace gpusim::test {

struct JobQueueSetup {
  sched::jq::Options options{};
  std::uint32_t capacity = 4;
  Picoseconds timeout{0};
  std::uint32_t driver_stages = 0;
  os::HostSpec host = small_host(4);
  sched::Costs costs = free_component();
};

[[nodiscard]] inline JobQueueSetup counter(std::uint32_t capacity = 4) {
  return {.options = {.shape = sched::jq::Shape::counter}, .capacity = capacity};
}

/// A driver's stage was asked.
struct StageCall {
  std::uint64_t job = 0;
  std::uint32_t stage = 0;
  SimTime time{};
  Picoseconds elapsed{0};
};

class JobQueueRig final : public QueueRig {
 public:
  explicit JobQueueRig(const JobQueueSetup& setup = {})
      : QueueRig{setup.host},
        driver_stages_{setup.driver_stages},
        component{bare.host, fences, setup.costs},
        queue{&component.create_queue({QueueId{1}, "queue", setup.capacity, setup.timeout, setup.options, 0}, *this)} {}

 private:
  std::uint32_t driver_stages_;

 public:
  sched::jq::Component component;
  sched::jq::JobQueue* queue;
  bool room = true;
  std::uint32_t asked_for_room = 0;
  std::vector<StageCall> stage_calls;
  Picoseconds stage_takes{0};  ///< CPU time of an answer
  /// What a driver's stage answers; advance without it.
  std::function<sched::StageAnswer(const StageCall&)> on_stage;

  [[nodiscard]] bool has_room(const sched::Job& /*job*/) const override {
    ++const_cast<JobQueueRig*>(this)->asked_for_room;  // NOLINT(cppcoreguidelines-pro-type-const-cast): a test's own
    return room;
  }
  [[nodiscard]] std::uint32_t stage_count() const override { return driver_stages_; }
  [[nodiscard]] os::Task<sched::StageAnswer> process_stage(os::Context& ctx, sched::Job& job, std::uint32_t stage,
                                                           Picoseconds elapsed) override {
    stage_calls.push_back({job.id().value(), stage, ctx.now(), elapsed});
    sched::StageAnswer answer = on_stage ? on_stage(stage_calls.back()) : sched::StageAnswer{};
    ctx.charge(cost(stage_takes));
    co_await ctx.step();
    co_return answer;
  }

 protected:
  [[nodiscard]] sched::SubmissionQueue& submission() override { return *queue; }
  void check_component_released() const override { component.check_released(); }
};

}  // namespace gpusim::test
