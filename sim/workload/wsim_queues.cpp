// SPDX-License-Identifier: MIT
#include "sim/workload/wsim_queues.h"

#include <string>

namespace gpusim::workload {

std::uint32_t wsim_priority_level(std::int32_t priority) { return priority > 0 ? 0 : priority == 0 ? 1 : 2; }

std::uint32_t WsimQueues::level(std::uint32_t context) const {
  const auto entry = levels_.find(context);
  return entry == levels_.end() ? wsim_priority_level(0) : entry->second;
}

os::Task<Errno> WsimQueues::open(os::Context& ctx, std::size_t queue) {
  const PlannedQueue& planned = plan_.queues[queue];
  const std::uint32_t mask = wsim_engine_mask(*environment_.device, planned);
  if (mask == 0) co_return Errno::nodev;
  const std::string role = wsim_queue_role(planned);
  co_return co_await open_queue(ctx, environment_, role, mask, level(planned.context), queues_[queue]);
}

os::Task<> WsimQueues::set_priority(os::Context& ctx, std::uint32_t context, std::int32_t priority) {
  const std::uint32_t wanted = wsim_priority_level(priority);
  if (wanted == level(context)) co_return;
  levels_[context] = wanted;
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    if (plan_.queues[i].context != context || !queues_[i].is_open()) continue;
    co_await environment_.uapi->set_priority(ctx, queues_[i].id, wanted);
  }
}

}  // namespace gpusim::workload
