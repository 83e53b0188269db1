// SPDX-License-Identifier: MIT
// What a drm_gpu_scheduler and its entity are configured with.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "base/time.h"
#include "os/workqueue.h"

namespace gpusim::sched::drm {

/// enum drm_sched_priority. RR and FIFO: the run queue, and so who is served at all while others wait, and how many
/// locks a look takes. FAIR: how fast virtual time passes. And jobs of `kernel` gain no karma.
enum class Priority : std::uint8_t { kernel, high, normal, low };

/// That of a client's level (kPriorityLevels, 0 is served first; 1 is the usual one), as amdgpu has it: KERNEL is the
/// kernel's own.
[[nodiscard]] constexpr Priority priority_of(std::uint32_t level) {
  return level == 0 ? Priority::high : level == 1 ? Priority::normal : Priority::low;
}

/// Who is served first: the module parameter sched_policy.
enum class Policy : std::uint8_t {
  rr,    ///< in turn
  fifo,  ///< by the time of submission; the default
  fair,  ///< by run time on the hardware, weighed by priority
  /// DRM_SCHED_POLICY_SINGLE_ENTITY as proposed in 2023 for a scheduler with one entity, in no kernel: there is no run
  /// queue, nothing has a priority, and no lock of one is taken. Of the proposal's teardown only the kill is modelled.
  single_entity,
};

/// FAIR: what an entity's virtual time is kept against while it has no job, and where those begin that kept nothing.
enum class Minimum : std::uint8_t {
  leftmost,  ///< the virtual time of the leftmost entity of the tree, 0 if it is empty (7.2, 7.3)
  running,  ///< the run queue's own, the largest of any entity at a pop; the last job's pop charges, too (posted later)
};

/// Whose drm_sched. They differ in (drivers/gpu/drm/scheduler/sched_main.c, sched_entity.c, sched_rq.c):
///
///   |                 | 6.18, RR and FIFO                      | 7.3                                                 |
///   | order           | run_queue.h                            | run_queue.h                                         |
///   | push            | locks for the first of an empty queue  | entity's lock always, run queue's for the first     |
///   | pop             | FIFO: both locks if more is queued     | both locks always                                   |
///   | free pass       | one job, then both workers again       | all finished heads of the list, then the run worker |
///   | freed job       | -                                      | its run time is added up under the stats' lock      |
///   | scheduler fini  | marks its entities stopped             | does not                                            |
///   | increase_karma  | looks for the entity from HIGH on      | from KERNEL on                                      |
///   | run queue       | of the priority of the day, when the   | of the priority at init                             |
///   |                 | entity chooses among its schedulers    |                                                     |
///
/// 6.18 has no FAIR. With it, it is 6.18 with the series that brought FAIR: pop, free pass, freed job and karma as in
/// 7.3, one run queue for all priorities.
enum class Kernel : std::uint8_t { v6_18, v7_3 };

/// MAX_SCHEDULE_TIMEOUT.
inline constexpr Picoseconds kNoTimeout = Picoseconds::max();

/// What SubmissionDomain::stop() and start() are.
enum class Stop : std::uint8_t {
  workers,    ///< drm_sched_wqueue_stop(), _start(): what is on the hardware keeps its fences (xe, amdgpu)
  scheduler,  ///< drm_sched_stop(); start() gives the hardware fences back, then drm_sched_start() (panthor)
  resubmit,   ///< drm_sched_stop(); start() is drm_sched_resubmit_jobs(), then drm_sched_start() (v3d, panfrost, lima)
};

struct SchedulerSpec {
  QueueId id;
  std::string name;                  ///< for messages
  std::uint32_t credit_limit = 1;    ///< >= 1
  Picoseconds timeout = kNoTimeout;  ///< of the head of the pending list
  Kernel kernel = Kernel::v7_3;
  Policy policy = Policy::fifo;
  Minimum minimum = Minimum::leftmost;
  std::uint32_t num_rqs = 1;  ///< 1..4: run queues, one for each priority; xe, panthor, imagination: 1
  /// "An opt-in DRM sched path that directly calls run_job in the exec IOCTL context ... if the job has no
  /// dependencies" (Matthew Brost, 5 March 2026; in no kernel). The answer's conditions: no other job pending, enough
  /// credits. The rest is ours: Entity::bypass_refusal(). For a scheduler with one entity.
  bool bypass = false;
  bool pause_submit_race = false;  ///< explorations get in between a look at pause_submit and queue_work()
  std::uint32_t hang_limit = 0;    ///< resubmit_jobs() gives up jobs whose karma is above it
  bool has_cancel_job = false;     ///< fini ends what is on the hardware. Only the mock of the kernel's tests has it
  Stop stop = Stop::workers;
  os::Workqueue* submit_wq = nullptr;   ///< ordered; nullptr: one of its own
  os::Workqueue* timeout_wq = nullptr;  ///< nullptr: system_wq
  /// What entities choose by, shared with others that use the same hardware; nullptr: one of its own.
  std::int64_t* score = nullptr;
  std::uint32_t level = 0;  ///< of the queue, for the host's choice of workers only

  /// Run queues are those of sched_rq.c, and what else came with the FAIR series.
  [[nodiscard]] bool has_sched_rq() const { return kernel == Kernel::v7_3 || policy == Policy::fair; }
  [[nodiscard]] bool has_run_queues() const { return policy != Policy::single_entity; }
  /// No tree: RR walks the list of entities.
  [[nodiscard]] bool has_list_only() const { return kernel == Kernel::v6_18 && policy == Policy::rr; }
  [[nodiscard]] std::uint32_t run_queues() const { return policy == Policy::fair || !has_run_queues() ? 1 : num_rqs; }
};

struct EntitySpec {
  QueueId id{};  ///< what its jobs' events name; none: that of its (first) scheduler
  Priority priority = Priority::normal;
  bool has_guilty = false;  ///< the driver wants to know (and the entity to act on it) when a job of it has hung
};

}  // namespace gpusim::sched::drm
