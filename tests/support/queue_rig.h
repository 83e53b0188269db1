// SPDX-License-Identifier: MIT
// One submission queue between a host and a device that does what a test says: no driver, no SystemC. Jobs are named by
// JobId; what a job does on the "hardware" is planned before it is submitted. Completions come in a hard IRQ. Which
// component's queue it is, dep_rig.h and jobqueue_rig.h say.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/submission.h"
#include "tests/support/bare_host.h"

namespace gpusim::test {

/// What happens to one job.
struct JobPlan {
  Picoseconds run_takes{0};                  ///< CPU time of run_job
  std::optional<Picoseconds> works{us(10)};  ///< from run_job until the hardware fence signals; empty: never
  Errno hardware_error = Errno::ok;
  bool without_fence = false;  ///< run_job returns no fence, but `run_error`
  Errno run_error = Errno::ok;
  bool done_before_return = false;  ///< the hardware fence has signalled when run_job returns
  bool refused_once = false;        ///< the first run_job answers -EAGAIN
};

/// A call of the backend, as it was seen.
struct Call {
  std::uint64_t job = 0;
  SimTime time{};
  os::ContextKind context{};
  std::uint32_t thread = 0;
};

/// A list of dependencies. (g++ 12 does not take one in braces inside of a coroutine.)
template <class... Fences>
[[nodiscard]] std::vector<sched::FenceRef> after(const Fences&... fences) {
  return std::vector<sched::FenceRef>{fences...};
}

class QueueRig : public sched::SubmissionBackend, public trace::Listener {
 public:
  explicit QueueRig(const os::HostSpec& host);
  ~QueueRig() override;

  // --- what tests do ---
  /// A client thread that begins at about `start`.
  void thread(std::string name, Picoseconds start, os::Thread::Body body);
  /// prepare, dependencies, arm, push, put of the caller's reference. The finished fence.
  [[nodiscard]] os::Task<sched::FenceRef> submit(os::Context& ctx, std::uint64_t job,
                                                 std::vector<sched::FenceRef> dependencies = {},
                                                 std::uint32_t credits = 1);
  [[nodiscard]] sched::Job* prepare(os::Context& ctx, std::uint64_t job, std::uint32_t credits = 1);
  /// A fence of a context of its own.
  [[nodiscard]] sched::FenceRef fence(os::Context& ctx);
  /// The hardware fence of a running job signals, in a hard IRQ, at `when` or now.
  void complete(std::uint64_t job, Errno error = Errno::ok);
  /// The same in the context of the caller.
  void signal_hardware(os::Context& ctx, std::uint64_t job, Errno error = Errno::ok);
  void complete_at(Picoseconds when, std::uint64_t job, Errno error = Errno::ok);
  /// Runs until nothing is left to happen; then everything must have been given back, unless the caller says otherwise.
  void run(bool check_released = true);

  // --- what tests look at ---
  [[nodiscard]] std::vector<std::uint64_t> jobs_of(const std::vector<Call>& calls) const;
  [[nodiscard]] std::vector<trace::Event> events(trace::EventKind kind) const;
  template <class Kind>
  [[nodiscard]] std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const trace::Event& event : events(Kind::kKind)) found.push_back(Kind::from(event));
    return found;
  }
  [[nodiscard]] std::optional<SimTime> time_of(trace::EventKind kind, std::uint64_t job) const;
  [[nodiscard]] bool before(trace::EventKind first, std::uint64_t job, trace::EventKind second,
                            std::uint64_t other) const;

  std::map<std::uint64_t, JobPlan> plans;
  /// What timedout_job answers, one for each call; afterwards `recovered`, with the job's fence ended by -ETIME.
  std::vector<sched::TimeoutVerdict> verdicts;
  /// Called at the beginning of run_job.
  std::function<void(os::Context&)> on_run;
  /// Called in timedout_job before it answers.
  std::function<os::Task<>(os::Context&, sched::Job&)> on_timeout;
  Picoseconds fini_takes{0};

  // In this order: threads that a broken rule leaves behind still hold fences.
  sched::FenceArena fences;
  BareHost bare;

  std::vector<Call> runs, releases, timeouts, finis;
  std::vector<trace::Event> trace;
  std::uint32_t running_now = 0;
  std::uint32_t most_running = 0;  ///< run_job calls at one time

  // sched::SubmissionBackend
  [[nodiscard]] os::Task<sched::RunResult> run_job(os::Context& ctx, sched::Job& job) override;
  [[nodiscard]] os::Task<sched::TimeoutVerdict> timedout_job(os::Context& ctx, sched::Job& job) override;
  void release_job(os::Context& ctx, sched::Job& job) override;
  [[nodiscard]] os::Task<> queue_fini(os::Context& ctx) override;
  // trace::Listener
  void on_event(const trace::Event& event) override { trace.push_back(event); }

 protected:
  [[nodiscard]] virtual sched::SubmissionQueue& submission() = 0;
  virtual void check_component_released() const = 0;

 private:
  struct Hardware {
    sched::FenceRef fence;
    Errno error = Errno::ok;
  };
  void on_due(std::uint64_t job);
  [[nodiscard]] Call call(const os::Context& ctx, std::uint64_t job) const;

  std::map<std::uint64_t, Hardware> hardware_;
  std::vector<std::uint64_t> due_;
  std::uint64_t hardware_context_;
};

}  // namespace gpusim::test
