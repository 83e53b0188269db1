// SPDX-License-Identifier: MIT
// The firmware's profile in the summary: means for a call in the text, sums in JSON.
#include <fmt/core.h>

#include "traces/report/durations.h"
#include "traces/report/json_writer.h"
#include "traces/report/summary_parts.h"

namespace gpusim::trace {

namespace {

/// "12.3"
[[nodiscard]] std::string per_call(Wide sum, std::uint64_t calls) {
  return fixed_point(divide_rounded(sum * 10, calls), 1);
}

[[nodiscard]] std::vector<const HandlerProfile*> called(const FirmwareProfile& profile) {
  std::vector<const HandlerProfile*> handlers;
  for (const HandlerProfile& handler : profile.handlers) {
    if (handler.time.count() > 0) handlers.push_back(&handler);
  }
  return handlers;
}

/// A column of each of these.
struct Times {
  DurationColumn wait;
  DurationColumn mean;
  DurationColumn p50;
  DurationColumn p99;
  DurationColumn max;
};

}  // namespace

void write_firmware(const Page& page) {
  const FirmwareProfile* profile = page.run.firmware_profile;
  if (profile == nullptr || (!profile->has_core && !page.run.show_all)) return;
  const std::vector<const HandlerProfile*> handlers = called(*profile);
  if (handlers.empty()) return;
  Times times;
  Wide whole = 0;
  for (const HandlerProfile* handler : handlers) {
    const Histogram& time = handler->time;
    times.wait.add(divide_rounded(handler->bus_wait, time.count()));
    times.mean.add(time.mean());
    times.p50.add(time.quantile(500));
    times.p99.add(time.quantile(990));
    times.max.add(time.max());
    whole += time.sum();
  }
  const auto waits = times.wait.texts();
  const auto means = times.mean.texts();
  const auto p50s = times.p50.texts();
  const auto p99s = times.p99.texts();
  const auto maxima = times.max.texts();
  TextTable table;
  table.add({"firmware", "calls", "share"});
  if (profile->has_core) table.append({"instr/call", "cycles/call"});
  table.append({"regs/call", "reads/call"});
  if (profile->has_bus_waits) table.append({"bus wait"});
  table.append({"avg", "p50", "p99", "max"});
  for (std::size_t i = 0; i < handlers.size(); ++i) {
    const HandlerProfile& handler = *handlers[i];
    const std::uint64_t calls = handler.time.count();
    table.add({handler.name, std::to_string(calls), percent(handler.time.sum(), whole)});
    if (profile->has_core) table.append({per_call(handler.instructions, calls), per_call(handler.cycles, calls)});
    table.append({per_call(handler.registers, calls), per_call(handler.host_reads, calls)});
    if (profile->has_bus_waits) table.append({waits[i]});
    table.append({means[i], p50s[i], p99s[i], maxima[i]});
  }
  page.table(table);
}

void write_firmware_json(JsonWriter& json, const FirmwareProfile& profile) {
  const auto wide = [&json](std::string_view key, Wide value) { json.key(key).number_text(decimal(value)); };
  json.key("firmware_profile").begin_array();
  for (const HandlerProfile* handler : called(profile)) {
    json.begin_object();
    json.key("name").value(handler->name);
    json.key("calls").value(handler->time.count());
    if (profile.has_core) {
      json.key("instructions").value(handler->instructions);
      json.key("cycles").value(handler->cycles);
    }
    json.key("registers").value(handler->registers);
    json.key("host_reads").value(handler->host_reads);
    if (profile.has_bus_waits) wide("bus_wait_ps", handler->bus_wait);
    json.key("time_ps").begin_object();
    wide("sum", handler->time.sum());
    json.key("min").value(handler->time.min());
    json.key("mean").value(handler->time.mean());
    json.key("p50").value(handler->time.percentile(500));
    json.key("p99").value(handler->time.percentile(990));
    json.key("max").value(handler->time.max());
    json.end_object().end_object();
  }
  json.end_array();
}

}  // namespace gpusim::trace
