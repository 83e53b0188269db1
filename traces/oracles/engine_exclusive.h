// SPDX-License-Identifier: MIT
// An engine belongs to one queue at a time, a queue to one engine, and an engine works only for the queue it belongs
// to.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class EngineExclusive final : public Oracle {
 public:
  explicit EngineExclusive(const Names& names) : Oracle{"engine_exclusive", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const engine_assign& event);
  void on(const engine_release& event);
  void on(const fetch_begin& event);
  void on(const job_resumed& event);

 private:
  void check_owner(std::uint32_t engine, QueueId queue, JobId job, SimTime now);

  std::vector<QueueId> owners_;         ///< by engine; 0: free
  std::vector<std::uint32_t> engines_;  ///< by queue: engine + 1, 0 if none
};

}  // namespace gpusim::trace
