// SPDX-License-Identifier: MIT
// What engines and the firmware did, as pieces of time: whom a job waited for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/event/make.h"
#include "traces/inspect/run_index.h"

namespace gpusim::trace {

/// From a fetch or a resumption to the end or the preemption.
struct JobOnEngine {
  std::uint32_t engine = 0;
  QueueId queue;
  JobId job;
  SimTime begin{};
  SimTime end = kNever;
};

struct FirmwareService {
  std::uint64_t event = 0;
  QueueId queue;
  SimTime begin{};
  SimTime end = kNever;
};

class Doings final {
 public:
  explicit Doings(const Recording& recording);

  [[nodiscard]] const std::vector<JobOnEngine>& jobs() const { return jobs_; }
  [[nodiscard]] const std::vector<FirmwareService>& services() const { return services_; }

  /// "rcs0 worked for job 5 of b (20 us) and job 6 of b (3 us)": of the engines in the mask and other queues than
  /// `queue`; of many the longest. Empty if there was nothing.
  [[nodiscard]] std::string on_engines(const RunIndex& index, std::uint64_t engine_mask, JobId except, SimTime begin,
                                       SimTime end) const;
  /// "the firmware is at message (20 us), pick (1 us); it crashed at 5 us (fault.firmware_crash)"
  [[nodiscard]] std::string of_firmware(SimTime begin, SimTime end) const;

  // Of events.
  void on(const fetch_begin& event);
  void on(const job_resumed& event);
  void on(const job_preempted& event) { leaves(event.engine, event.time); }
  void on(const job_end& event) { leaves(event.engine, event.time); }
  void on(const engine_release& event) { leaves(event.engine, event.time); }
  void on(const engine_reset& event) { leaves(event.engine, event.time); }
  void on(const firmware_begin& event);
  void on(const firmware_end& event);
  void on(const fault_injected& event);
  void on(const device_reset_end& event);

 private:
  void leaves(std::uint32_t engine, SimTime now);

  const Names& names_;
  std::vector<JobOnEngine> jobs_;
  std::vector<std::size_t> last_of_engine_;  ///< index in jobs_, plus one
  std::vector<FirmwareService> services_;

  /// An injected fault of the firmware, until it is over.
  struct Failure {
    bool is_crash = false;
    SimTime begin{};
    SimTime end = kNever;
  };
  void ends_failures(bool with_crashes, SimTime now);

  std::vector<Failure> failures_;
};

}  // namespace gpusim::trace
