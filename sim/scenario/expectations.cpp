// SPDX-License-Identifier: MIT
#include "sim/scenario/expectations.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/core.h>

namespace gpusim::scenario {

namespace {

void read_condition(const std::string& metric, const Node& node, std::vector<Expectation>& found,
                    std::vector<Problem>& problems) {
  switch (node.kind) {
    case Node::Kind::text:
      found.push_back({metric, node.text, node.place});
      return;
    case Node::Kind::integer:
      found.push_back({metric, fmt::format("== {}", node.integer), node.place});
      return;
    default:
      problems.push_back({node.place,
                          fmt::format("expect.{} must be a condition such as \"<= 50 us\", or a list of them, not {}",
                                      metric, describe(node)),
                          {}});
  }
}

void read_table(const Node& table, const std::string& prefix, std::vector<Expectation>& found,
                std::vector<Problem>& problems) {
  for (const Entry& entry : table.table) {
    const std::string metric = prefix + entry.key;
    const bool is_empty = (entry.value.kind == Node::Kind::table && entry.value.table.empty()) ||
                          (entry.value.kind == Node::Kind::list && entry.value.list.empty());
    if (is_empty) {
      problems.push_back({entry.value.place, fmt::format("expect.{} is empty: nothing is expected", metric), {}});
    }
    if (entry.value.kind == Node::Kind::table) {
      read_table(entry.value, metric + ".", found, problems);
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
    read_table(section.value, "", found, problems);
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
