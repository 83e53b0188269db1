// SPDX-License-Identifier: MIT
#include "sim/app/firmware_times_command.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "sim/app/exit_code.h"
#include "sim/app/firmware_exercise.h"
#include "sim/app/report_problems.h"
#include "sim/hw/firmware_image.h"
#include "sim/hw/firmware_turn.h"
#include "sim/system/simulation.h"
#include "traces/report/durations.h"
#include "traces/report/json_writer.h"

namespace gpusim::app {

namespace {

using scenario::ResolvedParameter;

/// Of fewer calls of the scenario's own the exercise's are taken.
constexpr std::uint64_t kEnoughCalls = 20;

constexpr std::array kServiceTimes{"device.firmware.doorbell",     "device.firmware.message_short",
                                   "device.firmware.message_long", "device.firmware.message_look",
                                   "device.firmware.engine_event", "device.firmware.timer",
                                   "device.firmware.pick"};
constexpr std::array kPrices{"device.firmware.cycle", "device.firmware.register_access", "device.firmware.host_read"};

struct ServiceTime {
  const ResolvedParameter* parameter = nullptr;
  trace::Histogram time;  ///< ps that the core has taken for each call; of none if it could not be had it called
  const char* from = "-";
};

[[nodiscard]] const ResolvedParameter& row_of(const scenario::Resolved& resolved, std::string_view path) {
  return *std::find_if(resolved.machine.begin(), resolved.machine.end(),
                       [&](const ResolvedParameter& row) { return row.path == path; });
}

/// By Cost::parameter.
using Measured = std::vector<trace::Histogram>;

[[nodiscard]] Measured measure(scenario::ScenarioSpec spec) {
  spec.device.firmware.core = hw::FirmwareCoreKind::rv32;
  spec.device.firmware.timing = hw::FirmwareTiming::cycles;
  system::Simulation simulation{spec};
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

[[nodiscard]] std::vector<ServiceTime> service_times(const scenario::Resolved& resolved, Measured own,
                                                     Measured exercise) {
  std::vector<ServiceTime> times;
  for (const char* path : kServiceTimes) {
    ServiceTime& time = times.emplace_back();
    time.parameter = &row_of(resolved, path);
    const auto number = static_cast<std::size_t>(time.parameter - resolved.machine.data());
    const auto calls = [number](const Measured& in) { return number < in.size() ? in[number].count() : 0; };
    if (calls(own) >= kEnoughCalls || (calls(own) > 0 && calls(own) >= calls(exercise))) {
      time.time = std::move(own[number]);
      time.from = "scenario";
    } else if (calls(exercise) > 0) {
      time.time = std::move(exercise[number]);
      time.from = "exercise";
    }
  }
  return times;
}

/// The mean: with it the firmware is as busy as by cycles.
[[nodiscard]] std::uint64_t computed_ns(const ServiceTime& time) {
  return static_cast<std::uint64_t>(divide_rounded(time.time.sum(), Wide{time.time.count()} * 1'000));
}

[[nodiscard]] std::string prices(const scenario::Resolved& resolved) {
  std::string text;
  for (const char* path : kPrices) {
    const ResolvedParameter& row = row_of(resolved, path);
    text += fmt::format("{}{} {} ({})", text.empty() ? "" : ", ", path + std::string_view{"device.firmware."}.size(),
                        row.value, row.tag);
  }
  return text;
}

void write_table(std::ostream& out, const std::vector<ServiceTime>& times, const trace::PageForm& form) {
  trace::DurationColumn needs;
  trace::DurationColumn p50;
  trace::DurationColumn p99;
  trace::DurationColumn max;
  for (const ServiceTime& time : times) {
    for (const auto& [column, permille] : {std::pair{&p50, 500U}, std::pair{&p99, 990U}}) {
      const auto quantile = time.time.quantile(permille);
      time.time.count() == 0 ? column->add_none() : column->add(quantile.value, quantile.off);
    }
    time.time.count() == 0 ? needs.add_none() : needs.add(Wide{computed_ns(time)} * 1'000);
    time.time.count() == 0 ? max.add_none() : max.add(time.time.max());
  }
  const auto need_texts = needs.texts();
  const auto p50_texts = p50.texts();
  const auto p99_texts = p99.texts();
  const auto max_texts = max.texts();
  trace::TextTable table;
  table.add({"parameter", "has", "tag", "needs", "tag", "calls", "of", "p50", "p99", "max"});
  for (std::size_t i = 0; i < times.size(); ++i) {
    const ServiceTime& time = times[i];
    table.add({time.parameter->path, time.parameter->value, std::string{time.parameter->tag}, need_texts[i],
               time.time.count() == 0 ? "-" : "C", std::to_string(time.time.count()), time.from, p50_texts[i],
               p99_texts[i], max_texts[i]});
  }
  table.write(out, form);
}

void write_fragment(std::ostream& out, const std::vector<ServiceTime>& times, const std::string& basis) {
  out << "[device.firmware]\n";
  for (const ServiceTime& time : times) {
    if (time.time.count() == 0) continue;
    const std::string_view name = std::string_view{time.parameter->path}.substr(sizeof("device.firmware.") - 1);
    out << fmt::format("{}_ns = {{ v = {}, tag = \"C\", src = \"mean of {} calls: {}\" }}\n", name, computed_ns(time),
                       time.time.count(), basis);
  }
}

void write_page(std::ostream& out, const scenario::Resolved& resolved, const std::vector<ServiceTime>& times,
                const trace::PageForm& form) {
  const std::string image = hw::firmware_image_text();
  write_table(out, times, form);
  out << '\n';
  trace::write_paragraph(out, fmt::format("computed from {} on the rv32 core, by cycles: {}", image, prices(resolved)),
                         form);
  trace::write_paragraph(out,
                         "needs: the mean, with which the firmware is as busy as by cycles. It is as good as the "
                         "prices are, and as the mix of calls is yours",
                         form);
  out << '\n';
  if (form.is_markdown) out << "```toml\n";
  write_fragment(out, times, image.substr(0, image.find(" (")) + "; " + prices(resolved));
  if (form.is_markdown) out << "```\n";
}

void write_json(std::ostream& out, const scenario::Resolved& resolved, const std::vector<ServiceTime>& times) {
  trace::JsonWriter json{out};
  json.begin_object().key("schema").value("gpusim-firmware-times/1");
  json.key("firmware").value(hw::firmware_image_text());
  json.key("prices").begin_array();
  for (const char* path : kPrices) {
    const ResolvedParameter& row = row_of(resolved, path);
    json.begin_object().key("name").value(row.path).key("value_ps").value(row.duration.count());
    json.key("tag").value(std::string_view{&row.tag, 1}).end_object();
  }
  json.end_array().key("service_times").begin_array();
  for (const ServiceTime& time : times) {
    json.begin_object().key("name").value(time.parameter->path);
    json.key("has_ps").value(time.parameter->duration.count());
    json.key("has_tag").value(std::string_view{&time.parameter->tag, 1});
    json.key("calls").value(time.time.count()).key("of").value(time.from);
    if (time.time.count() > 0) {
      json.key("needs_ns").value(computed_ns(time));
      json.key("p50_ps").value(time.time.percentile(500)).key("p99_ps").value(time.time.percentile(990));
      json.key("max_ps").value(time.time.max());
    }
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

int firmware_times_command(const scenario::LoadResult& loaded, const PageOptions& page) {
  const scenario::LoadResult exercise = load_firmware_exercise(loaded);
  if (!exercise.ok()) return report_problems(exercise.problems);
  Measured own = measure(*loaded.spec);
  const std::vector<ServiceTime> times = service_times(loaded.resolved, std::move(own), measure(*exercise.spec));
  print_page(
      page, [&](std::ostream& out) { write_json(out, loaded.resolved, times); },
      [&](std::ostream& out) { write_page(out, loaded.resolved, times, form_of(page)); });
  return kGood;
}

}  // namespace gpusim::app
