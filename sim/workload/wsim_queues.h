// SPDX-License-Identifier: MIT
// The queues of a .wsim client: created at first use, with the priority that their context has then, and moved when it
// changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "sim/workload/client_queue.h"
#include "sim/workload/wsim_plan.h"

namespace gpusim::workload {

/// gem_wsim's priorities to levels: above 0 to level 0, 0 to 1, below 0 to 2.
[[nodiscard]] std::uint32_t wsim_priority_level(std::int32_t priority);

class WsimQueues {
 public:
  /// `environment` and `plan` outlive this.
  WsimQueues(const ClientEnvironment& environment, const WsimPlan& plan)
      : environment_{environment}, plan_{plan}, queues_(plan.queues.size()) {}

  /// Precondition of use: open() has returned ok for it.
  [[nodiscard]] ClientQueue& at(std::size_t queue) { return queues_[queue]; }
  [[nodiscard]] bool is_open(std::size_t queue) const { return queues_[queue].is_open(); }
  [[nodiscard]] os::Task<Errno> open(os::Context& ctx, std::size_t queue);

  /// For the context's queues and those it will have. Asks the driver only if the level changes.
  [[nodiscard]] os::Task<> set_priority(os::Context& ctx, std::uint32_t context, std::int32_t priority);

  /// Waits for all jobs, drops their fences, closes the queues.
  [[nodiscard]] os::Task<> finish(os::Context& ctx) { return finish_queues(ctx, *environment_.uapi, queues_); }

 private:
  [[nodiscard]] std::uint32_t level(std::uint32_t context) const;

  const ClientEnvironment& environment_;
  const WsimPlan& plan_;
  std::vector<ClientQueue> queues_;                // as WsimPlan::queues
  std::map<std::uint32_t, std::uint32_t> levels_;  // by context; normal if absent
};

}  // namespace gpusim::workload
