// SPDX-License-Identifier: MIT
// What cause_check knows about a run before it looks at single jobs: when each engine, queue and interrupt handler was
// in which state, and when a queue's head really lacked a dependency or credits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "tests/support/cause_check.h"
#include "tests/support/spans.h"
#include "traces/event/event.h"

namespace gpusim::test {

/// Index of an event in the run; it orders events of the same time. kNoMark: never.
using Mark = std::size_t;
inline constexpr Mark kNoMark = ~std::size_t{0};

struct EngineFacts {
  Spans owned;      ///< by any queue
  Spans working;    ///< fetching or executing
  Spans switching;  ///< saving or restoring
};

struct QueueFacts {
  std::vector<Mark> events;  ///< all that name the queue
  std::uint64_t mask = 0;
  Spans without_slot;
  Spans ring_waits;  ///< off its engine, for another queue's fence value
  Spans recovering;  ///< timed out, reset, banned, or its registration lost
  std::map<std::uint32_t, Spans> owned_engines;
  Spans called_dependency;  ///< by the models' events
  Spans called_credit;
  Spans called_gang;
  Spans called_token;
  Spans head_lacks_dependency;  ///< by fences
  Spans head_lacks_credit;      ///< by credits in flight
};

class RunFacts {
 public:
  RunFacts(const std::vector<trace::Event>& events, const CauseCheckOptions& options);

  [[nodiscard]] const std::vector<trace::Event>& events() const { return events_; }
  [[nodiscard]] const std::map<std::uint32_t, QueueFacts>& queues() const { return queues_; }
  [[nodiscard]] const QueueFacts& queue(std::uint32_t number) const;
  [[nodiscard]] const EngineFacts& engine(std::uint32_t number) const;
  [[nodiscard]] const std::vector<Mark>& job_events(std::uint64_t job) const;
  /// Where handlers of the vector begin and end, in order.
  [[nodiscard]] const std::vector<Mark>& vector_events(std::uint32_t vector) const;

 private:
  void find_engine_states();
  void find_slots_and_owners();
  void find_called_waits();
  void find_recoveries();
  void find_missing_dependencies();
  void find_missing_credits();
  [[nodiscard]] Spans head_span(const std::vector<std::uint64_t>& pushed, std::size_t position) const;
  [[nodiscard]] SimTime time_of(Mark mark) const { return mark == kNoMark ? end_ : events_[mark].time; }
  [[nodiscard]] Mark first_of_job(std::uint64_t job, trace::EventKind kind) const;

  const std::vector<trace::Event>& events_;
  const CauseCheckOptions& options_;
  SimTime end_{};
  std::map<std::uint32_t, QueueFacts> queues_;
  std::map<std::uint32_t, EngineFacts> engines_;
  std::map<std::uint64_t, std::vector<Mark>> jobs_;
  std::map<std::uint32_t, std::vector<Mark>> vectors_;
  std::map<std::uint32_t, std::vector<std::uint64_t>> pushed_;  ///< jobs of a queue in the order of their push
};

}  // namespace gpusim::test
