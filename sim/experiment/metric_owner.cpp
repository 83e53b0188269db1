// SPDX-License-Identifier: MIT
#include "sim/experiment/metric_owner.h"

#include "sim/experiment/asked_metrics.h"
#include "sim/experiment/metrics.h"

namespace gpusim::experiment {

namespace {

/// "client.web.cause.wakeup": "client" and "web".
struct Owner {
  std::string_view kind{};
  std::string_view name{};
};

[[nodiscard]] Owner owner_of(std::string_view metric) {
  const std::size_t begin = metric.find('.');
  const std::size_t end = end_of_owner(metric);
  if (begin == std::string_view::npos || end <= begin) return {};
  return {metric.substr(0, begin), metric.substr(begin + 1, end - begin - 1)};
}

}  // namespace

std::size_t end_of_owner(std::string_view metric) {
  const std::size_t end = metric.rfind('.');
  for (const std::string_view before : {std::string_view{".event."}, std::string_view{".cause."}}) {
    const std::size_t two = metric.rfind(before);
    if (two != std::string_view::npos && two + before.size() == end + 1) return two;
  }
  return end;
}

std::string_view client_of_metric(std::string_view name) {
  const Owner owner = owner_of(name);
  return owner.kind == "client" ? owner.name : std::string_view{};
}

std::vector<std::string> names_of_same(std::string_view name) {
  const Owner owner = owner_of(name);
  if (owner.kind == "client") return client_metric_names(owner.name);
  if (owner.kind == "engine") return engine_metric_names(owner.name);
  return owner.kind == "queue" ? queue_metric_names(owner.name) : std::vector<std::string>{};
}

}  // namespace gpusim::experiment
