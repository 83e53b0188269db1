// SPDX-License-Identifier: MIT
#include "os/latency.h"

#include <algorithm>
#include <utility>

#include "base/wide.h"

namespace gpusim::os {

Latency::Latency(std::vector<Quantile> distribution, std::uint16_t of_parameter) : quantiles{std::move(distribution)} {
  parameter = of_parameter;
  const auto median = std::find_if(quantiles.begin(), quantiles.end(),
                                   [](const Quantile& quantile) { return quantile.share == kAllDraws / 2; });
  value = median->value;
}

Picoseconds Latency::at(std::uint64_t position) const {
  const Wide scaled = static_cast<Wide>(position) * kAllDraws;  // share : 14, fraction : 64
  const auto share = static_cast<std::uint16_t>(scaled >> 64);
  const auto above = std::upper_bound(quantiles.begin(), quantiles.end(), share,
                                      [](std::uint16_t s, const Quantile& quantile) { return s < quantile.share; });
  const Quantile& low = *(above - 1);
  const std::int64_t rise = (above->value - low.value).count();
  const Wide part = (scaled >> 32) - (static_cast<Wide>(low.share) << 32);  // 32 fractional bits
  const auto whole = static_cast<std::uint64_t>(above->share - low.share) << 32;
  return low.value + Picoseconds{static_cast<std::int64_t>(static_cast<Wide>(rise) * part / whole)};
}

}  // namespace gpusim::os
