// SPDX-License-Identifier: MIT
#include "sim/scenario/expectations.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/core.h>

namespace gpusim::scenario {

namespace {

struct Metric {
  std::string name;
  Place place;  ///< where it begins, in the line that gives it
};

/// The metric of a key below `above`: "client.web" and "jobs" may stand in one line or in two.
[[nodiscard]] Metric below(const Metric& above, const Entry& entry) {
  const bool is_in_line = !above.name.empty() && above.place.line == entry.place.line;
  return {above.name.empty() ? entry.key : above.name + "." + entry.key, is_in_line ? above.place : entry.place};
}

void read_condition(const Metric& metric, const Node& node, std::vector<Expectation>& found,
                    std::vector<Problem>& problems) {
  switch (node.kind) {
    case Node::Kind::text:
      found.push_back({metric.name, node.text, node.place, metric.place});
      return;
    case Node::Kind::integer:
      found.push_back({metric.name, fmt::format("== {}", node.integer), node.place, metric.place});
      return;
    default:
      problems.push_back({node.place,
                          fmt::format("expect.{} must be a condition such as \"<= 50 us\", or a list of them, not {}",
                                      metric.name, describe(node)),
                          {}});
  }
}

void read_table(const Node& table, const Metric& above, std::vector<Expectation>& found,
                std::vector<Problem>& problems) {
  for (const Entry& entry : table.table) {
    const Metric metric = below(above, entry);
    const bool is_empty = (entry.value.kind == Node::Kind::table && entry.value.table.empty()) ||
                          (entry.value.kind == Node::Kind::list && entry.value.list.empty());
    if (is_empty) {
      problems.push_back({entry.value.place, fmt::format("expect.{} is empty: nothing is expected", metric.name), {}});
    }
    if (entry.value.kind == Node::Kind::table) {
      read_table(entry.value, metric, found, problems);
    } else if (entry.value.kind == Node::Kind::list) {
      for (const Node& node : entry.value.list) read_condition(metric, node, found, problems);
    } else {
      read_condition(metric, entry.value, found, problems);
    }
  }
}

std::vector<Expectation> read(const Entry& section, std::vector<Problem>& problems) {
  std::vector<Expectation> found;
  if (section.value.kind == Node::Kind::table) {
    read_table(section.value, {}, found, problems);
  } else {
    problems.push_back({section.value.place, "expect must be a table, not " + describe(section.value), {}});
  }
  return found;
}

}  // namespace

void read_expectations(const Entry& section, std::vector<Expectation>& expectations, std::vector<Problem>& problems) {
  std::vector<Expectation> found = read(section, problems);
  std::move(found.begin(), found.end(), std::back_inserter(expectations));
}

void override_expectations(const Entry& section, std::vector<Expectation>& expectations,
                           std::vector<Problem>& problems) {
  std::vector<Expectation> found = read(section, problems);
  std::erase_if(expectations, [&](const Expectation& old) {
    return std::any_of(found.begin(), found.end(), [&](const Expectation& one) { return one.metric == old.metric; });
  });
  std::move(found.begin(), found.end(), std::back_inserter(expectations));
}

}  // namespace gpusim::scenario
