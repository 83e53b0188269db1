// SPDX-License-Identifier: MIT
#include "traces/folds/fairness.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "traces/folds/statistics.h"

namespace gpusim::trace {

std::vector<EvenShare> even_shares(const Statistics& statistics) {
  using Works = std::map<std::uint32_t, Wide>;  // by client
  std::map<std::pair<std::uint64_t, std::uint64_t>, Works> groups;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::set<std::uint32_t>> changed;
  for (const QueueStatistics& queue : statistics.queues()) {
    if (!queue.is_clients) continue;
    groups[{queue.engine_mask, queue.level}][queue.client] += queue.engine_time();
    if (queue.changed_level) changed[{queue.engine_mask, queue.level}].insert(queue.client);
  }
  std::vector<EvenShare> result;
  for (const auto& [of, works] : groups) {
    if (works.size() < 2) continue;
    EvenShare& share = result.emplace_back();
    share.engine_mask = of.first;
    share.level = of.second;
    share.clients = works.size();
    share.changed = changed[of].size();
    share.least = works.begin()->second;
    Wide sum = 0;
    Wide squares = 0;
    for (const auto& [client, work] : works) {
      share.least = std::min(share.least, work);
      share.most = std::max(share.most, work);
      const Wide ns = work / 1'000;  // its square fits
      sum += ns;
      squares += ns * ns;
    }
    share.jain = squares == 0
                     ? 100'000
                     : static_cast<std::uint64_t>(divide_rounded(sum * sum * 100'000, squares * share.clients));
  }
  return result;
}

}  // namespace gpusim::trace
