// SPDX-License-Identifier: MIT
#include "bench/harness.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "traces/report/text_table.h"

namespace gpusim::bench {
namespace {

/// Three significant digits or more, with thousands separated: "1,234,567", "12.3", "0.456".
std::string number(double value) {
  if (std::abs(value) < 100) {
    char text[32];
    std::snprintf(text, sizeof text, std::abs(value) < 10 ? "%.2f" : "%.1f", value);
    return text;
  }
  std::string text = std::to_string(std::llround(value));
  for (std::size_t at = text.size(); at > 3 && text[at - 4] != '-';) text.insert(at -= 3, ",");
  return text;
}

bool higher_is_better(const Description& description) {
  return description.target.kind == Target::Kind::none ? description.more_is_better
                                                       : description.target.kind == Target::Kind::at_least;
}

std::string target_text(const Target& target) {
  switch (target.kind) {
    case Target::Kind::none:
      return "-";
    case Target::Kind::at_least:
      return ">= " + number(target.value);
    case Target::Kind::at_most:
      return "<= " + number(target.value);
  }
  return {};
}

}  // namespace

double Measurement::best() const {
  return higher_is_better(description_) ? *std::max_element(samples_.begin(), samples_.end())
                                        : *std::min_element(samples_.begin(), samples_.end());
}

double Measurement::median() const {
  std::vector<double> sorted = samples_;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

bool Measurement::is_made() const {
  return !empty() && std::all_of(samples_.begin(), samples_.end(), [this](double sample) {
    return std::isfinite(sample) && (sample > 0 || description_.can_be_zero);
  });
}

bool Measurement::passes() const {
  switch (description_.target.kind) {
    case Target::Kind::none:
      return true;
    case Target::Kind::at_least:
      return judged() >= description_.target.value;
    case Target::Kind::at_most:
      return judged() <= description_.target.value;
  }
  return true;
}

void Harness::print(std::ostream& out) const {
  trace::TextTable table{trace::TextTable::Align::left};
  table.add({"measurement", "best", "median", "unit", "target", "ratio", "", "what"});
  for (const Measurement& m : measurements_) {
    if (m.empty()) continue;
    const Description& d = m.description();
    const bool has_target = d.target.kind != Target::Kind::none;
    table.add({d.name, number(m.best()), number(m.median()), d.unit, target_text(d.target),
               has_target ? number(m.judged() / d.target.value) : "-",
               !has_target  ? ""
               : m.passes() ? "ok"
                            : "MISSED",
               d.what});
  }
  table.write(out);
}

void Harness::check_made() const {
  if (measurements_.empty()) throw std::runtime_error{"nothing was measured"};
  std::string missing;
  for (const Measurement& m : measurements_) {
    if (!m.is_made()) missing += (missing.empty() ? "" : ", ") + m.description().name;
  }
  if (!missing.empty()) throw std::runtime_error{"not measured: " + missing};
}

void Harness::print_json(std::ostream& out) const {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Measurement& m : measurements_) {
    if (m.empty()) continue;
    const Description& d = m.description();
    nlohmann::ordered_json entry{
        {"name", d.name}, {"what", d.what}, {"unit", d.unit}, {"best", m.best()}, {"median", m.median()}};
    if (d.target.kind != Target::Kind::none) {
      entry["target"] = {{d.target.kind == Target::Kind::at_least ? "at_least" : "at_most", d.target.value},
                         {"judged", d.judge == Judge::best ? "best" : "median"},
                         {"passed", m.passes()}};
    }
    all.push_back(std::move(entry));
  }
  out << all.dump(2) << '\n';
}

}  // namespace gpusim::bench
