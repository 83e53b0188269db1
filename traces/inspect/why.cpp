// SPDX-License-Identifier: MIT
// On the host; why_device.cpp has the rest.
#include "traces/inspect/why.h"

#include <algorithm>

#include <fmt/core.h>

#include "traces/event/handlers.h"
#include "traces/inspect/words.h"

namespace gpusim::trace {
namespace {

constexpr std::size_t kLongestChain = 40;

}  // namespace

WhyChain::WhyChain(const Recording& recording, const RunIndex& index, Standing& standing, WhyOptions options)
    : recording_{recording}, index_{index}, standing_{standing}, options_{std::move(options)} {}

Why WhyChain::of(JobId job_id) {
  why_ = {};
  told_.clear();
  job(job_id);
  return std::move(why_);
}

void WhyChain::job(JobId id) {
  const JobFacts& facts = *index_.job(id);
  if (!told_.insert(id).second) return say(who(facts) + ": which closes the circle");
  if (why_.chain.size() > kLongestChain) return say("and so on");
  if (facts.begin > standing_.at()) return not_submitted(facts);
  const std::optional<Milestones::Place> place = standing_.milestones().place_of(id);
  if (!place) return say(who(facts) + " has ended");
  using Stage = Milestones::Stage;
  switch (place->stage) {
    case Stage::submitting:
      return submitting(facts);
    case Stage::queued:
      return queued(facts);
    case Stage::issuing:
      return issuing(facts);
    case Stage::device_wait:
      awaits_engine(facts);
      return strikes(facts, *place);
    case Stage::started:
      started(facts, *place);
      return strikes(facts, *place);
    case Stage::ringing:
    case Stage::arrived:
    case Stage::writing_fence:
    case Stage::visible:
    case Stage::completing:
      on_device(facts);
      return strikes(facts, *place);
    case Stage::waking:
      return say(
          fmt::format("{} has ended: its finished fence has signalled at {}, and who waits for it has not returned",
                      who(facts), exact(place->since)));
  }
}

std::uint32_t WhyChain::thread_of_exec(JobId id) const {
  const SimTime begin = index_.job(id)->begin;
  const auto first = std::lower_bound(recording_.events.begin(), recording_.events.end(), begin,
                                      [](const Event& event, SimTime time) { return event.time < time; });
  for (auto event = first; event != recording_.events.end() && event->time == begin; ++event) {
    if (event->kind == EventKind::exec_begin && event->job == id.value()) return event->thread;
  }
  return 0;
}

void WhyChain::not_submitted(const JobFacts& facts) {
  const std::string text = fmt::format("{} is not submitted: its exec begins at {}", who(facts), exact(facts.begin));
  const std::uint32_t thread = thread_of_exec(facts.id);
  const auto wait = standing_.wait_of(thread);
  if (!wait) return say(text);
  say(fmt::format("{}; {} waits for {} since {}", text, Names::of(recording_.names.threads, thread),
                  index_.text(wait->fence), exact(wait->since)));
  fence(wait->fence);
}

void WhyChain::submitting(const JobFacts& facts) {
  if (const auto awaited = standing_.user_wait(facts.id)) {
    say(fmt::format("{} is in its exec since {}: the client waits for {}", who(facts), exact(facts.begin),
                    index_.text(*awaited)));
    return fence(*awaited);
  }
  if (standing_.waits_for_room(facts.id)) return issuing(facts);
  if (!standing_.sleeps_on_lock(facts.id)) {
    return say(fmt::format("{} is in its exec since {}, which is under way", who(facts), exact(facts.begin)));
  }
  say(fmt::format("{} is in its exec since {}: the caller sleeps on the lock of queue {}", who(facts),
                  exact(facts.begin), index_.queue_name(facts.queue)));
  for (const JobId other : standing_.queue(facts.queue).submitting) {
    if (other != facts.id && !standing_.sleeps_on_lock(other)) return job(other);
  }
}

std::string WhyChain::trouble_text(const QueueStanding& queue) const {
  std::string text;
  if (const auto since = standing_.resets_since()) {
    text += ", the device is reset since " + exact(*since);
    if (standing_.resets_for_preemption()) text += ", because a queue did not leave its engine in time";
  }
  if (queue.missed_preemption) {
    text += fmt::format(", the firmware gave its queue up at {}: it did not leave its engine in time",
                        exact(*queue.missed_preemption));
  }
  if (queue.page_fault) text += fmt::format(", it had a page fault at {}", exact(*queue.page_fault));
  if (queue.stops > 0) text += ", its queue is stopped";
  if (queue.is_banned) text += ", its queue is banned";
  if (queue.is_killed) text += ", its queue is killed";
  return text;
}

void WhyChain::queued(const JobFacts& facts) {
  const QueueStanding& queue = standing_.queue(facts.queue);
  const auto place = std::find(queue.queued.begin(), queue.queued.end(), facts.id);
  if (place == queue.queued.begin() || place == queue.queued.end()) return head(facts, queue);
  say(fmt::format("{} is queued in {}, behind {}: {}{}", who(facts), index_.queue_name(facts.queue),
                  counted(static_cast<std::uint64_t>(place - queue.queued.begin()), "job"),
                  list({queue.queued.begin(), place}), trouble_text(queue)));
  job(queue.queued.front());
}

void WhyChain::head(const JobFacts& facts, const QueueStanding& queue) {
  using For = HeadWait::For;
  const HeadWait& wait = queue.wait;
  const std::string begin =
      fmt::format("{} is the head of queue {}", who(facts), index_.queue_name(facts.queue)) + trouble_text(queue);
  switch (wait.head == facts.id ? wait.what : For::nothing) {
    case For::dependency:
      say(fmt::format("{}; it waits for {} since {}", begin, index_.text(wait.fence), exact(wait.since)));
      return fence(wait.fence);
    case For::gang:
      say(fmt::format("{}; it waits for its gang's turn since {}: the gang of {} goes to the rings", begin,
                      exact(wait.since), index_.text(wait.fence)));
      return fence(wait.fence);
    case For::credits:
      say(fmt::format("{}; it lacks credits since {}: it needs {}, and {} of {} were in flight", begin,
                      exact(wait.since), wait.needed, wait.in_flight, wait.limit));
      return lacks_credits(facts, queue);
    case For::token:
      say(fmt::format("{}; it waits for a token of the orchestrator since {}", begin, exact(wait.since)));
      return lacks_token(facts, queue);
    case For::nothing:
      say(begin + "; nothing but a worker is missing");
      return awaits_worker(facts, queue);
  }
}

std::vector<JobId> WhyChain::handed(const JobFacts& facts, bool all) const {
  if (!all) return standing_.queue(facts.queue).handed;
  std::vector<JobId> jobs;
  const std::uint64_t mask = standing_.queue(facts.queue).engine_mask;
  for (std::uint32_t i = 1; i < standing_.queue_count(); ++i) {
    const QueueStanding& queue = standing_.queue(QueueId{i});
    if ((queue.engine_mask & mask) != 0) jobs.insert(jobs.end(), queue.handed.begin(), queue.handed.end());
  }
  std::sort(jobs.begin(), jobs.end());
  return jobs;
}

std::string WhyChain::list(const std::vector<JobId>& jobs) const {
  constexpr std::size_t kMost = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(jobs.size(), kMost); ++i) text += (i == 0 ? "" : ", ") + index_.text(jobs[i]);
  if (jobs.size() > kMost) text += fmt::format(" and {} more", jobs.size() - kMost);
  return text;
}

/// Of the queue itself, or of all that have the ring in common.
void WhyChain::lacks_credits(const JobFacts& facts, const QueueStanding& queue) {
  std::vector<JobId> jobs = queue.handed;
  std::uint64_t credits = 0;
  for (const JobId one : jobs) credits += index_.job(one)->credits;
  if (credits < queue.wait.in_flight) jobs = handed(facts, true);
  if (jobs.empty()) return;
  say("the credits are those of " + list(jobs));
  job(jobs.front());
}

void WhyChain::lacks_token(const JobFacts& facts, const QueueStanding& /*queue*/) {
  std::string names;
  std::vector<JobId> jobs;
  for (std::uint32_t i = 1; i < standing_.queue_count(); ++i) {
    const QueueStanding& other = standing_.queue(QueueId{i});
    if (!other.has_token || QueueId{i} == facts.queue) continue;
    names += (names.empty() ? "" : ", ") + index_.queue_name(QueueId{i});
    jobs.insert(jobs.end(), other.handed.begin(), other.handed.end());
  }
  if (names.empty()) return;
  say(fmt::format("tokens have: {}{}", names, jobs.empty() ? "" : "; on the hardware they have " + list(jobs)));
  if (!jobs.empty()) job(jobs.front());
}

void WhyChain::awaits_worker(const JobFacts& facts, const QueueStanding& queue) {
  const std::vector<std::string>& works = recording_.names.works;
  for (const auto& [work, doer] : queue.at_work) {
    say(fmt::format("{} executes {} for the queue since {}", Names::of(recording_.names.threads, doer.first),
                    Names::of(works, work), exact(doer.second)));
  }
  for (const auto& [work, since] : queue.works) {
    say(fmt::format("{} is queued since {}, and no worker has begun it", Names::of(works, work), exact(since)));
  }
  const auto last = standing_.last_run();
  if (!last) return;
  const JobFacts& other = *index_.job(last->first);
  const bool shares = (standing_.queue(other.queue).engine_mask & queue.engine_mask) != 0;
  if (!shares || other.queue == facts.queue) return;
  say(fmt::format("the last job handed over was {} of queue {}, at {}{}", who(other), index_.queue_name(other.queue),
                  exact(last->second), options_.scheduler.empty() ? "" : " (" + options_.scheduler + ")"));
}

void WhyChain::issuing(const JobFacts& facts) {
  if (!standing_.waits_for_room(facts.id)) {
    return say(
        fmt::format("{} is being written to the ring of {} (run_job)", who(facts), index_.queue_name(facts.queue)));
  }
  std::vector<JobId> jobs = handed(facts, false);
  std::erase(jobs, facts.id);
  if (jobs.empty()) jobs = handed(facts, true);
  std::erase(jobs, facts.id);
  say(fmt::format("{} waits for room in its ring, which {} fill", who(facts), list(jobs)));
  if (!jobs.empty()) job(jobs.front());
}

void WhyChain::fence(const FenceName& name) {
  const FenceFacts* facts = index_.fence(name);
  if (facts == nullptr) return say(index_.text(name) + " is signalled by nobody");
  if (facts->signalled && *facts->signalled <= standing_.at()) {
    return say(fmt::format("{} has signalled at {}", index_.text(name), exact(*facts->signalled)));
  }
  if (facts->job.value() != 0 && index_.job(facts->job) != nullptr) return job(facts->job);
  if (facts->syncobj) {
    say(fmt::format("{} contains {}", index_.text(name), index_.text(facts->contained)));
    return fence(facts->contained);
  }
  say(index_.text(name) +
      (facts->signalled ? " signals at " + exact(*facts->signalled) : std::string{" does not signal in this run"}));
}

}  // namespace gpusim::trace
