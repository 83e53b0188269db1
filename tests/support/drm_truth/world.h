// SPDX-License-Identifier: MIT
// What a script of drm_sched_truth acts on: a host whose only cost is the hop of a work item, schedulers with a mock
// GPU each, entities, jobs, and the log.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "os/context.h"
#include "os/sync.h"
#include "scheduler/drm_sched/component.h"
#include "tests/support/bare_host.h"
#include "tests/support/drm_truth/log.h"
#include "tests/support/drm_truth/script.h"

namespace gpusim::test::truth {

class MockGpu;
class LogWriter;

/// A job of the script, from its first mention on.
struct ScriptJob {
  std::string name;
  std::string entity;
  sched::drm::SchedJob* job = nullptr;  ///< while it lives
  sched::FenceRef scheduled;
  sched::FenceRef finished;
  sched::FenceRef hardware;
  Picoseconds duration{0};  ///< 0: ends by `advance`
  bool keeps = false;       ///< "noreset"
  bool no_fence = false;
  bool instant = false;
  std::int64_t fails = 0;
  // mock GPU
  std::uint64_t hardware_seqno = 0;
  SimTime ends{};
  Timeline::Handle end_timer;
  bool ran = false;
  bool done = false;
  bool freed = false;
  bool timed_out = false;
  bool freed_by_timeout = false;  ///< its timeout handler gave it up, timed out or just done
  bool skipped = false;
  os::WaitQueue armed_wait;
  os::WaitQueue done_wait;
  os::WaitQueue free_wait;
};

struct ScriptEntity {
  std::string name;
  sched::drm::Entity* entity = nullptr;
  std::vector<std::string> jobs;  ///< by sequence number - 1
};

struct World;

/// A job ends with the driver of its scheduler.
class JobEnds final : public sched::QueueOps {
 public:
  explicit JobEnds(World& world) : world_{world} {}
  void release_job(os::Context& ctx, sched::Job& job) override;
  os::Task<> queue_fini(os::Context&) override { co_return; }

 private:
  World& world_;
};

struct World {
  /// The logs are of Linux 6.18; those of FAIR of 6.18 with the series that brought it.
  World(const Script& script, sched::drm::Policy policy, sched::drm::Kernel kernel);
  ~World();

  [[nodiscard]] ScriptJob& job(const std::string& name);
  [[nodiscard]] ScriptJob& job(JobId id) { return *jobs[id.value() - 1]; }
  [[nodiscard]] ScriptEntity& entity(const std::string& name);
  [[nodiscard]] MockGpu& gpu(const std::string& name);
  /// "s0,s1"
  [[nodiscard]] std::vector<sched::drm::Scheduler*> schedulers(const std::string& names);
  [[nodiscard]] sched::FenceRef& fence(const std::string& name);
  [[nodiscard]] std::string fence_name(std::uint64_t context, std::uint64_t seqno);
  [[nodiscard]] ScriptEntity& entity_of_queue(QueueId queue) {
    return *entities.at(queue.value() - script.schedulers.size() - 1);
  }

  using Fields = std::map<std::string, std::string>;
  void log(std::string event, std::string entity, std::string job, Fields fields);
  /// The event "done", "sched", "finished" or "free" of a job has happened: threads that wait for it start.
  void on_job_event(const std::string& event, const std::string& job);

  const Script& script;
  sched::drm::Policy policy;
  sched::FenceArena fences;  // outlives the frames of the host's threads
  BareHost base;
  os::IrqContext irq{base.host};  ///< of the mock GPUs' timers
  std::vector<std::unique_ptr<os::Workqueue>> workqueues;
  sched::drm::Component component;
  std::vector<std::unique_ptr<MockGpu>> gpus;
  JobEnds job_ends{*this};
  std::vector<std::unique_ptr<ScriptEntity>> entities;
  std::vector<std::unique_ptr<ScriptJob>> jobs;
  std::map<std::string, ScriptJob*> jobs_by_name;
  std::map<std::string, sched::FenceRef> software_fences;
  std::vector<std::pair<const Thread*, os::Thread*>> event_threads;
  Log lines;
  std::unique_ptr<LogWriter> writer;  ///< turns trace events into lines
};

}  // namespace gpusim::test::truth
