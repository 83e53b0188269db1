// SPDX-License-Identifier: MIT
#include "sim/app/firmware_times_command.h"

#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "sim/app/exit_code.h"
#include "sim/app/report_problems.h"
#include "sim/system/firmware_exercise.h"
#include "sim/system/firmware_times.h"
#include "traces/report/durations.h"
#include "traces/report/json_writer.h"

namespace gpusim::app {

namespace {

using scenario::ResolvedParameter;
using system::FirmwareTimes;
using system::ServiceTime;

constexpr std::string_view kSection = "device.firmware.";

[[nodiscard]] std::string_view key_of(const ResolvedParameter& row) {
  return std::string_view{row.path}.substr(kSection.size());
}

[[nodiscard]] const char* name_of(ServiceTime::Of of) {
  switch (of) {
    case ServiceTime::Of::nobody:
      return "-";
    case ServiceTime::Of::scenario:
      return "scenario";
    case ServiceTime::Of::exercise:
      return "exercise";
  }
  return "-";
}

/// "cycle 1 ns (E), ..."
[[nodiscard]] std::string prices_of(const FirmwareTimes& times) {
  std::string text;
  for (const ResolvedParameter* row : times.prices) {
    text += fmt::format("{}{} {} ({})", text.empty() ? "" : ", ", key_of(*row), row->value, row->tag);
  }
  return text;
}

void write_table(std::ostream& out, const FirmwareTimes& times, const trace::PageForm& form) {
  trace::DurationColumn needs;
  trace::DurationColumn p50;
  trace::DurationColumn p99;
  trace::DurationColumn max;
  for (const ServiceTime& time : times.service_times) {
    if (!time.is_known()) {
      for (trace::DurationColumn* column : {&needs, &p50, &p99, &max}) column->add_none();
      continue;
    }
    needs.add(time.computed_ps());
    p50.add(time.time.quantile(500));
    p99.add(time.time.quantile(990));
    max.add(time.time.max());
  }
  const auto need_texts = needs.texts();
  const auto p50_texts = p50.texts();
  const auto p99_texts = p99.texts();
  const auto max_texts = max.texts();
  trace::TextTable table;
  table.add({"parameter", "has", "tag", "needs", "tag", "calls", "of", "p50", "p99", "max"});
  for (std::size_t i = 0; i < times.service_times.size(); ++i) {
    const ServiceTime& time = times.service_times[i];
    table.add({time.parameter->path, time.parameter->value, std::string{time.parameter->tag}, need_texts[i],
               time.is_known() ? "C" : "-", std::to_string(time.time.count()), name_of(time.of), p50_texts[i],
               p99_texts[i], max_texts[i]});
  }
  table.write(out, form);
}

/// The value of a key in lines that fit: TOML joins them at their backslashes.
void write_broken_text(std::ostream& out, const std::string& key, const std::string& text, trace::PageForm form) {
  constexpr std::size_t kRoomForEnd = 3;
  form.width -= kRoomForEnd;
  std::stringstream broken;
  trace::write_paragraph(broken, text, form);
  out << key << " = \"\"\"\\";
  const char* end = "\n";
  for (std::string line; std::getline(broken, line); end = " \\\n") out << end << line;
  out << "\"\"\"\n";
}

/// For a preset or a scenario.
void write_fragment(std::ostream& out, const FirmwareTimes& times, const trace::PageForm& form) {
  const std::string basis = times.firmware.substr(0, times.firmware.find(" (")) + "; " + prices_of(times);
  out << "[device.firmware]\n";
  for (const ServiceTime& time : times.service_times) {
    if (!time.is_known()) continue;
    const std::uint64_t value = time.computed_ps();
    const bool is_ns = value % 1'000 == 0;
    const std::string key = fmt::format("{}_{}", key_of(*time.parameter), is_ns ? "ns" : "ps");
    const std::string number = std::to_string(is_ns ? value / 1'000 : value);
    const std::string source = fmt::format("mean of {} calls: {}", time.time.count(), basis);
    const std::string line = fmt::format("{} = {{ v = {}, tag = \"C\", src = \"{}\" }}", key, number, source);
    if (form.width == 0 || form.is_markdown || line.size() <= form.width) {
      out << line << '\n';
    } else {
      out << key << ".v = " << number << '\n' << key << ".tag = \"C\"\n";
      write_broken_text(out, key + ".src", source, form);
    }
  }
}

void write_page(std::ostream& out, const FirmwareTimes& times, const trace::PageForm& form) {
  write_table(out, times, form);
  out << '\n';
  trace::write_paragraph(
      out, fmt::format("computed from {} on the rv32 core, by cycles: {}", times.firmware, prices_of(times)), form);
  trace::write_paragraph(out,
                         "needs: the mean, with which the firmware is as busy as by cycles; as good as the prices are, "
                         "and as the mix of calls is yours",
                         form);
  out << '\n';
  if (form.is_markdown) out << "```toml\n";
  write_fragment(out, times, form);
  if (form.is_markdown) out << "```\n";
}

void write_json(std::ostream& out, const FirmwareTimes& times) {
  trace::JsonWriter json{out};
  json.begin_object().key("schema").value("gpusim-firmware-times/1");
  json.key("firmware").value(times.firmware);
  json.key("prices").begin_array();
  for (const ResolvedParameter* row : times.prices) {
    json.begin_object().key("name").value(row->path).key("value_ps").value(row->duration.count());
    json.key("tag").value(std::string_view{&row->tag, 1}).end_object();
  }
  json.end_array().key("service_times").begin_array();
  for (const ServiceTime& time : times.service_times) {
    json.begin_object().key("name").value(time.parameter->path);
    json.key("has_ps").value(time.parameter->duration.count());
    json.key("has_tag").value(std::string_view{&time.parameter->tag, 1});
    json.key("calls").value(time.time.count()).key("of").value(name_of(time.of));
    if (time.is_known()) {
      json.key("needs_ns").value(time.computed_ns()).key("needs_ps").value(time.computed_ps());
      json.key("p50_ps").value(time.time.percentile(500)).key("p99_ps").value(time.time.percentile(990));
      json.key("max_ps").value(time.time.max());
    }
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

int firmware_times_command(const scenario::LoadResult& loaded, const PageOptions& page) {
  const scenario::LoadResult exercise = system::load_firmware_exercise(loaded);
  if (!exercise.ok()) return report_problems(exercise.problems);
  const FirmwareTimes times = system::measure_firmware_times(loaded, exercise);
  print_page(
      page, [&](std::ostream& out) { write_json(out, times); },
      [&](std::ostream& out) { write_page(out, times, form_of(page)); });
  return kGood;
}

}  // namespace gpusim::app
