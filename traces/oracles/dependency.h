// SPDX-License-Identifier: MIT
// No job begins to execute before each of its dependencies is satisfied: the fence has signalled, or - where the
// dependency is another job of the same domain (the same queue, or queues that share one scheduler and so one ring), or
// where the device itself waits for dependencies - that job's work has ended, or was thrown away with its ring and not
// written again, not later either: no order is left to keep, and its fence signals an error when the host comes to it.
// A dependency that the driver leaves to the device is satisfied when the other job's fence value is in memory, or the
// host has written it for a queue that is at its end; such a job may fail at any time, as all that is on the hardware.
// Nor does a job fail before the others: even a killed job ends after those it depends on (the kernel's rule for
// fences), unless early kills are allowed; of its own domain it suffices that they have been run, for drm_sched waits
// no longer there, and run_job may refuse the job. A point of a timeline (a node of a dma_fence_chain) is satisfied
// when all fences up to it have signalled, whether or not the node itself has: that it does only if somebody waits for
// it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/id_window.h"
#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class Dependency final : public Oracle {
 public:
  explicit Dependency(const Names& names) : Oracle{"dependency", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const dma_fence_init& event);
  void on(const drm_sched_job_add_dep& event);
  void on(const user_dependency& event);
  void on(const syncobj_point& event);
  void on(const native_dependency& event);
  void on(const fence_visible& event);
  void on(const fence_forced& event);
  void on(const exec_end& event);
  void on(const drm_sched_job_run& event);
  void on(const ring_write& event);
  void on(const queue_deregistered& event);
  void on(const job_start& event);
  void on(const job_end& event);
  void on(const dma_fence_signaled& event);

  /// Queues of one domain execute in the order in which they reach the ring. Default: each queue for itself.
  void on_queue_domain(QueueId queue, std::uint32_t domain);
  /// From here on the end of a job's work satisfies its dependents.
  void allow_device_waits() { device_waits_ = true; }
  void allow_early_kills() { early_kills_ = true; }

 private:
  struct Fence {
    std::uint64_t context = 0;
    std::uint64_t seqno = 0;
    friend bool operator==(const Fence&, const Fence&) = default;
  };
  struct Point {
    std::uint64_t seqno = 0;
    Fence contained;
  };
  struct Job {
    Fence finished;
    std::vector<Fence> dependencies;
    std::vector<Fence> native;  ///< left to the device
    void recycle() {
      finished = {};
      dependencies.clear();
      native.clear();
    }
  };
  struct Context {
    QueueId queue;                      ///< whose finished fences these are; 0: others
    std::uint64_t signalled = 0;        ///< last sequence number
    std::uint64_t run = 0;              ///< last sequence number that run_job was called for
    std::uint64_t run_before_loss = 0;  ///< `run` when a ring of its domain was lost for the losses-th time
    std::uint32_t losses = 0;
    std::uint64_t visible = 0;  ///< last sequence number whose job's fence value is in memory
    std::uint64_t ended = 0;    ///< last sequence number whose job's work has ended
    std::vector<Point> points;  ///< of a chain, in order, without those at the front that have signalled
    bool is_chain = false;
  };
  enum class Step : std::uint8_t { start, failure };
  /// A job that began although a dependency had not been satisfied, for that was lost.
  struct Excuse {
    Fence lost;
    QueueId queue;
    JobId job;
  };

  void check(QueueId queue, JobId id, SimTime now, Step step);
  void check_native(QueueId queue, JobId id, SimTime now);
  [[noreturn]] void fail_before(QueueId queue, JobId id, const Fence& fence, SimTime now, Step step);
  [[nodiscard]] bool has_signalled(const Fence& fence);
  /// All points of the chain up to that one.
  [[nodiscard]] bool is_reached(Context& chain, std::uint64_t seqno);
  [[nodiscard]] std::uint32_t domain_of(QueueId queue) const;
  [[nodiscard]] bool same_domain(QueueId a, QueueId b) const;
  /// It was in a ring that the firmware has forgotten, and is in none.
  [[nodiscard]] bool is_lost(Context& context, const Fence& fence);
  void count_losses(Context& context);

  IdWindow<Job> jobs_;
  IdWindow<Context> contexts_;  ///< by context + 1
  std::vector<std::uint32_t> domains_;
  std::vector<std::uint32_t> losses_;  ///< of rings, by domain
  std::vector<Fence> written_again_;   ///< in a ring since one of their domain was lost
  std::vector<bool> forced_;           ///< by queue
  std::vector<Excuse> excuses_;        ///< of dependencies that have not signalled yet
  bool device_waits_ = false;
  bool early_kills_ = false;
};

}  // namespace gpusim::trace
