// SPDX-License-Identifier: MIT
// A job ends when its engines have executed it for exactly its work, over all its pieces, and the progress that is
// reported at a preemption is what was executed. One that moves bytes ends when all are moved, which may be later: as
// many as it was to move, over all its pieces. A job that is started again after a reset begins from zero. One whose
// work the host has ended (soft recovery) ends with an error.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/id_window.h"
#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class WorkDone final : public Oracle {
 public:
  explicit WorkDone(const Names& names) : Oracle{"work_done", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const job_start& event);
  void on(const job_preempted& event);
  void on(const work_killed& event);
  void on(const job_resumed& event);
  void on(const job_end& event);
  void on(const transfer_begin& event);
  void on(const transfer_end& event);
  void on(const dma_fence_signaled& event);

 private:
  static constexpr Picoseconds kEndless{-1};
  struct Progress {
    JobId job;
    Picoseconds work{0};  ///< endless: kEndless
    Picoseconds done{0};  ///< before `since`
    SimTime since{};
    std::optional<std::uint64_t> bytes_left{};  ///< at the last event about its bytes; none: it moves none
    bool moves = false;                         ///< bytes, now
    SimTime moved{};                            ///< when it last ceased to
  };
  [[nodiscard]] Progress& running(std::uint32_t engine, QueueId queue, JobId job, SimTime now);

  std::vector<Progress> engines_;  ///< what each executes
  IdWindow<Progress> preempted_;   ///< by job
  std::vector<JobId> killed_;      ///< their work was ended, and their finished fences have not signalled
};

}  // namespace gpusim::trace
