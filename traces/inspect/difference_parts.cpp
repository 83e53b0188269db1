// SPDX-License-Identifier: MIT
#include "traces/inspect/difference_parts.h"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "traces/event/event_table.h"
#include "traces/inspect/event_lines.h"
#include "traces/inspect/lives.h"
#include "traces/inspect/words.h"

namespace gpusim::trace {

namespace {

constexpr std::uint32_t kLinesBefore = 3;
constexpr std::uint32_t kLinesFrom = 3;  // of each side

[[nodiscard]] std::string firmware_subject(const RunSide& side, Code event, const std::string& queue) {
  const std::string& name = Names::of(side.recording.names.firmware_events, event.as<std::uint64_t>());
  return queue.empty() ? name : name + " of " + queue;
}

/// "job 3 of web: 5 us of host_worker": the span of the job's life that ends at that moment; empty if none does.
[[nodiscard]] std::string span_before(const RunSide& side, JobId job, SimTime time) {
  for (const Span& span : spans_of(side.recording, job)) {
    if (span.begin < time && time <= span.end) {
      return fmt::format("{}: {} of {}", side.index.text(job), exact(time - span.begin), to_string(span.cause));
    }
  }
  return {};
}

/// The job of the queue that has lived longest at that moment.
[[nodiscard]] std::optional<JobId> oldest_of(const RunSide& side, std::uint32_t queue, SimTime time) {
  std::optional<JobId> oldest;
  SimTime since = time;
  for (const RecordedLife& one : lives_of(side.recording)) {
    const JobLife& life = one.life;
    if (life.job == 0 || life.queue != queue || life.begin >= since || life.end < time) continue;
    oldest = JobId{life.job};
    since = life.begin;
  }
  return oldest;
}

}  // namespace

std::string cause_before(const RunSide& side, const Event& event) {
  if (event.job != 0) {
    const std::string span = span_before(side, JobId{event.job}, event.time);
    return span.empty() ? side.index.text(JobId{event.job}) + ": no life, for it has not begun or is over" : span;
  }
  const std::optional<JobId> oldest = event.queue == 0 ? std::nullopt : oldest_of(side, event.queue, event.time);
  return oldest ? "the oldest job of its queue, " + span_before(side, *oldest, event.time) : "no job that it is about";
}

bool are_same(const RunSide& a, const RunSide& b, const Alignment& alignment) {
  return alignment.first == kNoPartner && a.recording.hash == b.recording.hash && a.recording.end == b.recording.end;
}

FirstLines first_lines(const RunSide& a, const RunSide& b, const Alignment& alignment) {
  FirstLines lines;
  EventLines lines_a{a.recording.names};
  EventLines lines_b{b.recording.names};
  const std::uint32_t first = alignment.first;
  for (std::uint32_t i = first - std::min(first, kLinesBefore); i < first; ++i) {
    lines.before.push_back(lines_a.line(a.recording.events[i]));
  }
  for (std::uint32_t i = first; i < first + kLinesFrom; ++i) {
    if (const Event* event = event_at(a, i)) lines.a.push_back(lines_a.line(*event));
    if (const Event* event = event_at(b, i)) lines.b.push_back(lines_b.line(*event));
  }
  return lines;
}

std::string subject_of(const RunSide& side, const Event& event) {
  std::string text = event.queue != 0 ? side.index.queue_name(QueueId{event.queue}) : "";
  if (event.job != 0) text = side.index.text(JobId{event.job});
  if (const auto begun = as<firmware_begin>(event)) text = firmware_subject(side, begun->event, text);
  if (const auto ended = as<firmware_end>(event)) text = firmware_subject(side, ended->event, text);
  return text.empty() ? "one" : text;
}

std::vector<KindCount> kinds_of_one_run(const RunSide& a, const RunSide& b, const Alignment& alignment) {
  std::vector<KindCount> counts(kEventKindCount);
  for (std::size_t i = 0; i < kEventKindCount; ++i) counts[i].kind = static_cast<EventKind>(i);
  const auto count = [&](const RunSide& side, const std::vector<std::uint32_t>& partners, auto member) {
    for (std::size_t i = 0; i < partners.size(); ++i) {
      if (partners[i] == kNoPartner) ++(counts[static_cast<std::size_t>(side.recording.events[i].kind)].*member);
    }
  };
  count(a, alignment.partner_of_a, &KindCount::a);
  count(b, alignment.partner_of_b, &KindCount::b);
  std::erase_if(counts, [](const KindCount& one) { return one.a + one.b == 0; });
  std::sort(counts.begin(), counts.end(), [](const KindCount& x, const KindCount& y) {
    return x.a + x.b != y.a + y.b ? x.a + x.b > y.a + y.b : x.kind < y.kind;
  });
  return counts;
}

}  // namespace gpusim::trace
