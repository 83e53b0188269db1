// SPDX-License-Identifier: MIT
#include "sim/system/firmware_exercise.h"

#include <algorithm>

#include <fmt/core.h>

#include "sim/hw/gpu.h"
#include "sim/scenario/explain.h"

namespace gpusim::system {

namespace {

/// {0}: a class of engines. {1}: us of a job that is longer than a quantum.
constexpr const char* kClients = R"(
[[client]]
name = "short"
workload = "loop"
engine = "{0}"
work_us = 20
jobs_per_cycle = 4
cycles = 60
clones = 2

[[client]]
name = "long"
workload = "loop"
engine = "{0}"
work_us = {1}
cycles = 12
clones = 2
change_cycle = 4
changed_priority = 2
limits_cycle = 6
changed_quantum_us = {1}

[[client]]
name = "urgent"
workload = "poisson"
engine = "{0}"
work_us = 30
mean_interval_us = 700
jobs = 40
priority = 0

[[client]]
name = "brief"
workload = "churn"
engine = "{0}"
work_us = 50
jobs_per_cycle = 2
cycles = 30

[[client]]
name = "abandoned"
workload = "churn"
engine = "{0}"
work_us = {1}
jobs_per_cycle = 3
cycles = 8
sync = false
)";

/// Beside those, on a device whose firmware knows waits in rings.
constexpr const char* kClientThatWaits = R"(
[[client]]
name = "chain"
workload = "pipeline"
copy_engine = "{0}"
compute_engine = "{0}"
upload_us = 20
kernel_us = 20
readback_us = 20
frames = 20
)";

/// As --set takes them.
[[nodiscard]] std::vector<std::string> device_of(const scenario::LoadResult& loaded) {
  std::vector<std::string> sets;
  for (const scenario::ResolvedParameter& row : loaded.resolved.machine) {
    const bool is_choice = row.path == "device.firmware.core" || row.path == "device.firmware.timing";
    const bool is_module = row.path.ends_with(".module");  // of a plug-in: the times are those of our device
    if (!row.path.starts_with("device.") || is_choice || is_module || row.toml.value == "\"\"") continue;
    sets.push_back(scenario::set_key(row) + "=" + row.toml.value);
  }
  sets.insert(sets.end(), {"device.firmware.core=\"rv32\"", "device.firmware.timing=\"cycles\""});
  return sets;
}

}  // namespace

scenario::LoadResult load_firmware_exercise(const scenario::LoadResult& with_device) {
  const abi::DeviceDescriptor& device = with_device.spec->device.descriptor;
  constexpr std::uint64_t kPicosecondsPerUs = 1'000'000;
  const std::uint64_t quantum_us = device.quantum_ps / kPicosecondsPerUs;
  scenario::LoadOptions options;
  options.sets = device_of(with_device);
  options.sets.insert(options.sets.end(), {"fault.hung_job=200", "scheduler.timeout_ms=2000"});
  const auto engine = hw::engine_class_name(device.engines[0].engine_class);
  std::string text = fmt::format(kClients, engine, std::clamp<std::uint64_t>(quantum_us * 5 / 2, 100, 100'000));
  if (with_device.spec->driver.native_waits) {
    options.sets.emplace_back("driver.native_waits=true");
    text += fmt::format(kClientThatWaits, engine);
  }
  return scenario::load_scenario_text(text, "firmware exercise", options);
}

}  // namespace gpusim::system
