// SPDX-License-Identifier: MIT
// What the firmware was busy with, and what it had before it. Means are over the whole run.
#include <algorithm>
#include <cstddef>
#include <vector>

#include <fmt/core.h>

#include "traces/report/durations.h"
#include "traces/report/json_writer.h"
#include "traces/report/summary_parts.h"

namespace gpusim::trace {

namespace {

/// "0.42"
[[nodiscard]] std::string mean_text(const LevelOverTime& level, SimTime end) {
  return fixed_point(divide_rounded(level.area() * 100, static_cast<std::uint64_t>(to_ps(end))), 2);
}

/// ps of all turns.
[[nodiscard]] Wide busy_time(const FirmwareProfile& profile) {
  Wide sum = 0;
  for (const HandlerProfile& handler : profile.handlers) sum += handler.time.sum();
  return sum;
}

/// "pick 41%, doorbell 30%": of its time, the largest three.
[[nodiscard]] std::string busiest_handlers(const FirmwareProfile& profile, Wide whole) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < profile.handlers.size(); ++i) {
    if (profile.handlers[i].time.sum() != 0) places.push_back(i);
  }
  const auto weight = [&](std::size_t i) { return profile.handlers[i].time.sum(); };
  keep_heaviest(places, 3, weight);
  std::sort(places.begin(), places.end(),
            [&](std::size_t a, std::size_t b) { return weight(a) != weight(b) ? weight(a) > weight(b) : a < b; });
  std::string text;
  for (const std::size_t i : places) {
    const Wide share = divide_rounded(weight(i) * 100, whole);
    text += fmt::format("{}{} {}%", text.empty() ? "" : ", ", profile.handlers[i].name, decimal(share));
  }
  return text;
}

[[nodiscard]] std::string waiter_of(const DeviceLoad& load, const Names& names) {
  const std::uint32_t queue = load.longest_waiter().value();
  return queue < names.queues.size() ? names.queues[queue].name : "?";
}

void write_level(JsonWriter& json, std::string_view key, const LevelOverTime& level, SimTime end) {
  json.key(key).begin_object();
  json.key("mean").number_text(mean_text(level, end));
  json.key("most").value(level.most());
  json.end_object();
}

}  // namespace

void write_device_load(const Page& page) {
  const DeviceLoad* load = page.run.device_load;
  if (load == nullptr) return;
  const SimTime end = page.run.end;
  if (load->slots_held().most() > 0) {
    page.line(fmt::format("slots held: {} of {} on average, {} at most", mean_text(load->slots_held(), end),
                          load->slot_count(), load->slots_held().most()));
  }
  if (load->waiting().most() > 0) {
    page.line(fmt::format("run-list: {} queues on average, {} at most; the longest wait {}, of {}",
                          mean_text(load->waiting(), end), load->waiting().most(),
                          format_duration(load->longest_wait()), waiter_of(*load, page.names)));
  }
  const FirmwareProfile* profile = page.run.firmware_profile;
  const Wide busy = profile == nullptr ? Wide{0} : busy_time(*profile);
  if (busy == 0) return;
  page.line(fmt::format("firmware: busy {} ({}); {}, {} waiting on average, {} at most",
                        percent(busy, static_cast<std::uint64_t>(to_ps(end))), busiest_handlers(*profile, busy),
                        counted(load->messages_sent(), "message", "messages"), mean_text(load->messages(), end),
                        load->messages().most()));
}

void write_device_load_json(JsonWriter& json, const RunInfo& run, const Names& names) {
  const DeviceLoad& load = *run.device_load;
  json.key("firmware_load").begin_object();
  if (run.firmware_profile != nullptr) json.key("busy_ps").number_text(decimal(busy_time(*run.firmware_profile)));
  json.key("messages").value(load.messages_sent());
  write_level(json, "message_queue", load.messages(), run.end);
  json.key("slots").value(load.slot_count());
  write_level(json, "slots_held", load.slots_held(), run.end);
  write_level(json, "run_list", load.waiting(), run.end);
  json.key("longest_wait_ps").value(load.longest_wait().count());
  json.key("longest_waiter");
  if (load.longest_waiter().value() == 0) {
    json.null();
  } else {
    json.value(waiter_of(load, names));
  }
  json.end_object();
}

}  // namespace gpusim::trace
