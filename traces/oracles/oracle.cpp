// SPDX-License-Identifier: MIT
#include "traces/oracles/oracle.h"

#include <fmt/core.h>

#include "base/invariant.h"

namespace gpusim::trace {

void Oracle::fail(SimTime when, const std::string& text) const {
  violate(std::string{name_}, fmt::format("at {}: {}", format_duration(when.time_since_epoch()), text));
}

std::string Oracle::queue_text(QueueId queue) const {
  const std::uint32_t number = queue.value();
  if (number >= names_.queues.size() || names_.queues[number].name.empty()) return fmt::format("queue {}", number);
  return fmt::format("queue {} ({})", number, names_.queues[number].name);
}

std::string Oracle::engine_text(std::uint32_t engine) const {
  return engine < names_.engines.size() ? names_.engines[engine].name : fmt::format("engine {}", engine);
}

const std::string& Oracle::work_text(Code work) const { return Names::of(names_.works, work.as<std::uint64_t>()); }

const std::string& Oracle::refusal_text(Code reason) const {
  return Names::of(names_.refusals, reason.as<std::uint64_t>());
}

std::string Oracle::job_text(JobId job) { return fmt::format("job {}", job.value()); }

std::string Oracle::fence_text(std::uint64_t context, std::uint64_t seqno) {
  return fmt::format("fence {}:{}", context, seqno);
}

}  // namespace gpusim::trace
