// SPDX-License-Identifier: MIT
#include "sim/system/patience.h"

#include <algorithm>
#include <cstdint>

#include "base/wide.h"
#include "sim/scenario/parameter_table.h"

namespace gpusim::system {

namespace {

/// 0 if the parameter is no step but a limit, or no time at all; at most an hour.
[[nodiscard]] Wide longest_step(const scenario::Parameter& parameter, scenario::ScenarioSpec& spec) {
  const bool is_duration = parameter.type == scenario::Type::duration || parameter.type == scenario::Type::latency;
  const bool is_limit = parameter.path.ends_with("timeout") || parameter.section() == "fault" ||
                        parameter.section() == "stop" || parameter.path == "scheduler.direct.restore" ||
                        parameter.fetch == nullptr;
  if (!is_duration || is_limit) return 0;
  const scenario::Value value = parameter.fetch({&spec, nullptr});
  std::int64_t most = std::max(value.number, value.high);
  for (const os::Quantile& quantile : value.quantiles) most = std::max(most, quantile.value.count());
  return static_cast<Wide>(std::min(most, ms(3'600'000).count()));
}

[[nodiscard]] bool is_host_step(const scenario::Parameter& parameter) {
  const bool is_of_host =
      parameter.section() == "driver" || parameter.section() == "scheduler" || parameter.section() == "host";
  return is_of_host && !parameter.path.ends_with("poll");
}

/// Of the sum twenty times, but no more than is ever counted.
[[nodiscard]] Picoseconds twenty_of(Wide sum) {
  return Picoseconds{static_cast<std::int64_t>(std::min(20 * sum, static_cast<Wide>(kLongestSum.count())))};
}

}  // namespace

Picoseconds firmware_patience(scenario::ScenarioSpec& spec) {
  Wide all = 0;
  for (const scenario::Parameter& parameter : scenario::parameters().subspan(1)) {
    if (parameter.path.starts_with("device.firmware.")) all += longest_step(parameter, spec);
  }
  return twenty_of(all);
}

Picoseconds patience(scenario::ScenarioSpec& spec) {
  Wide clients = spec.host.background.threads;
  for (const workload::ClientSpec& client : spec.clients) clients += client.clones;
  Wide all = 0;
  Wide longest = 0;
  for (const scenario::Parameter& parameter : scenario::parameters().subspan(1)) {
    const Wide length = longest_step(parameter, spec);
    all += length;
    if (is_host_step(parameter)) longest = std::max(longest, length);
  }
  if (longest >= static_cast<Wide>(ms(1'000).count())) return kLongestSum;
  // The work that takes a killed queue off waits for its answer where timeouts run.
  if (spec.driver.kill_way == drv::KillWay::terminate) all += static_cast<Wide>(spec.driver.answer_timeout.count());
  all += clients * longest;
  return twenty_of(all);
}

std::optional<Picoseconds> tick_patience(scenario::ScenarioSpec& spec) {
  const abi::DeviceDescriptor& device = spec.device.descriptor;
  const bool is_hosts = device.policy == abi::RunPolicy::host_slots;
  const Picoseconds tick = is_hosts ? spec.driver.tick : Picoseconds{static_cast<std::int64_t>(device.tick_ps)};
  Wide of_device = 0;
  for (const scenario::Parameter& parameter : scenario::parameters().subspan(1)) {
    const bool is_tick = parameter.path.ends_with(".tick");
    if (is_host_step(parameter) && !is_tick && longest_step(parameter, spec) > static_cast<Wide>(ms(5).count())) {
      return std::nullopt;
    }
    const bool is_of_device = parameter.path.starts_with("device.firmware.") ||
                              parameter.path.starts_with("device.engines.") ||
                              parameter.path.starts_with("device.link.");
    if (is_of_device && !is_tick) of_device += longest_step(parameter, spec);
  }
  // The timer wheel rounds up by an eighth at most, and by a jiffy or two.
  return tick / 8 * 9 + ms(2) + (twenty_of(of_device) + ms(10)) * (device.slots + 1);
}

}  // namespace gpusim::system
