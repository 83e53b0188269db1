// SPDX-License-Identifier: MIT
#include "traces/oracles/oracle.h"

#include "base/invariant.h"

namespace gpusim::trace {

void Oracle::fail(SimTime when, const std::string& text) const {
  violate(std::string{name_}, "at " + format_duration(when.time_since_epoch()) + ": " + text);
}

std::string Oracle::queue_text(QueueId queue) const {
  const std::uint32_t number = queue.value();
  std::string text = "queue " + std::to_string(number);
  if (number < names_.queues.size() && !names_.queues[number].name.empty())
    text += " (" + names_.queues[number].name + ")";
  return text;
}

std::string Oracle::engine_text(std::uint32_t engine) const {
  return engine < names_.engines.size() ? names_.engines[engine].name : "engine " + std::to_string(engine);
}

}  // namespace gpusim::trace
