// SPDX-License-Identifier: MIT
#include "sim/system/firmware_times.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/wide.h"
#include "sim/hw/firmware_image.h"
#include "sim/hw/firmware_turn.h"
#include "sim/system/simulation.h"

namespace gpusim::system {

namespace {

using scenario::ResolvedParameter;

/// Of fewer calls of the scenario's own the exercise's are taken.
constexpr std::uint64_t kEnoughCalls = 20;

constexpr std::array kServiceTimes{"device.firmware.doorbell",     "device.firmware.message_short",
                                   "device.firmware.message_long", "device.firmware.message_look",
                                   "device.firmware.engine_event", "device.firmware.timer",
                                   "device.firmware.pick"};
constexpr std::array kPrices{"device.firmware.cycle", "device.firmware.register_access", "device.firmware.host_read"};

[[nodiscard]] const ResolvedParameter& row_of(const scenario::Resolved& resolved, std::string_view path) {
  return *std::find_if(resolved.machine.begin(), resolved.machine.end(),
                       [&](const ResolvedParameter& row) { return row.path == path; });
}

/// By Cost::parameter.
using Measured = std::vector<trace::Histogram>;

[[nodiscard]] Measured measure(scenario::ScenarioSpec spec) {
  spec.device.firmware.core = hw::FirmwareCoreKind::rv32;
  spec.device.modules.core = {};
  spec.device.firmware.timing = hw::FirmwareTiming::cycles;
  Simulation simulation{spec};
  (void)simulation.run();
  Measured measured;
  const auto& handlers = simulation.firmware_profile().handlers;
  for (std::size_t i = 0; i < handlers.size(); ++i) {
    const auto handler = static_cast<hw::FirmwareHandler>(i);
    if (handler == hw::FirmwareHandler::first_turn || handler == hw::FirmwareHandler::no_event) continue;
    const std::size_t parameter = hw::table_cost(spec.device.firmware, handler).parameter;
    if (measured.size() <= parameter) measured.resize(parameter + 1);
    measured[parameter].merge(handlers[i].time);
  }
  return measured;
}

}  // namespace

std::uint64_t ServiceTime::computed_ns() const {
  return static_cast<std::uint64_t>(divide_rounded(time.sum(), Wide{time.count()} * 1'000));
}

std::uint64_t ServiceTime::computed_ps() const {
  constexpr std::uint64_t kCoarse = 100'000;
  return time.mean() < kCoarse ? time.mean() : computed_ns() * 1'000;
}

FirmwareTimes measure_firmware_times(const scenario::LoadResult& loaded, const scenario::LoadResult& exercise) {
  Measured own = measure(*loaded.spec);
  Measured other = measure(*exercise.spec);
  FirmwareTimes result;
  result.firmware = hw::firmware_image_text();
  for (const char* path : kPrices) result.prices.push_back(&row_of(loaded.resolved, path));
  for (const char* path : kServiceTimes) {
    ServiceTime& time = result.service_times.emplace_back();
    time.parameter = &row_of(loaded.resolved, path);
    const auto number = static_cast<std::size_t>(time.parameter - loaded.resolved.machine.data());
    const auto calls = [number](const Measured& in) { return number < in.size() ? in[number].count() : 0; };
    if (calls(own) >= kEnoughCalls || (calls(own) > 0 && calls(own) >= calls(other))) {
      time.time = std::move(own[number]);
      time.of = ServiceTime::Of::scenario;
    } else if (calls(other) > 0) {
      time.time = std::move(other[number]);
      time.of = ServiceTime::Of::exercise;
    }
  }
  return result;
}

}  // namespace gpusim::system
