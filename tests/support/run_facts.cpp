// SPDX-License-Identifier: MIT
#include "tests/support/run_facts.h"

#include <algorithm>
#include <array>
#include <set>

#include "traces/event/faults.h"
#include "traces/event/make.h"

namespace gpusim::test {
namespace {

using trace::Event;
using K = trace::EventKind;

/// An interval that is opened and closed by events.
struct Open {
  bool is_open = false;
  SimTime since{};

  void open(SimTime now) {
    if (!is_open) since = now;
    is_open = true;
  }
  void close(SimTime now, Spans& into) {
    if (is_open) into.push_back({since, now});
    is_open = false;
  }
};

}  // namespace

RunFacts::RunFacts(const std::vector<Event>& events, const CauseCheckOptions& options)
    : events_{events}, options_{options} {
  for (Mark mark = 0; mark < events_.size(); ++mark) {
    const Event& event = events_[mark];
    end_ = event.time;
    if (event.job != 0) jobs_[event.job].push_back(mark);
    if (event.queue != 0) queues_[event.queue].events.push_back(mark);
    if (event.kind == K::irq_handler_entry || event.kind == K::irq_handler_exit) vectors_[event.unit].push_back(mark);
    if (const auto create = trace::as<trace::queue_create>(event)) queues_[event.queue].mask = create->engine_mask;
    if (event.kind == K::drm_sched_job_queue) pushed_[event.queue].push_back(event.job);
  }
  find_engine_states();
  find_slots_and_owners();
  find_called_waits();
  find_recoveries();
  find_missing_dependencies();
  find_missing_credits();
}

const QueueFacts& RunFacts::queue(std::uint32_t number) const {
  static const QueueFacts kNone;
  const auto found = queues_.find(number);
  return found == queues_.end() ? kNone : found->second;
}

const EngineFacts& RunFacts::engine(std::uint32_t number) const {
  static const EngineFacts kNone;
  const auto found = engines_.find(number);
  return found == engines_.end() ? kNone : found->second;
}

const std::vector<Mark>& RunFacts::job_events(std::uint64_t job) const {
  static const std::vector<Mark> kNone;
  const auto found = jobs_.find(job);
  return found == jobs_.end() ? kNone : found->second;
}

const std::vector<Mark>& RunFacts::vector_events(std::uint32_t vector) const {
  static const std::vector<Mark> kNone;
  const auto found = vectors_.find(vector);
  return found == vectors_.end() ? kNone : found->second;
}

Mark RunFacts::first_of_job(std::uint64_t job, K kind) const {
  for (const Mark mark : job_events(job)) {
    if (events_[mark].kind == kind) return mark;
  }
  return kNoMark;
}

void RunFacts::find_engine_states() {
  struct State {
    Open owned;
    Open switching;
    std::map<std::uint64_t, Open> jobs;
  };
  std::map<std::uint32_t, State> states;
  for (const Event& event : events_) {
    State& state = states[event.unit];
    EngineFacts& facts = engines_[event.unit];
    switch (event.kind) {
      case K::engine_assign:
        state.owned.open(event.time);
        break;
      case K::context_restore_begin:
      case K::context_save_begin:
        state.switching.open(event.time);
        break;
      case K::context_restore_end:
      case K::context_save_end:
        state.switching.close(event.time, facts.switching);
        break;
      case K::fetch_begin:
      case K::job_resumed:
        state.jobs[event.job].open(event.time);
        break;
      case K::job_preempted:
      case K::job_end:
        state.jobs[event.job].close(event.time, facts.working);
        break;
      case K::engine_release:
        state.owned.close(event.time, facts.owned);
        state.switching.close(event.time, facts.switching);
        for (auto& [job, open] : state.jobs) open.close(event.time, facts.working);
        break;
      default:
        break;
    }
  }
  for (auto& [number, state] : states) {
    EngineFacts& facts = engines_[number];
    state.owned.close(end_, facts.owned);
    state.switching.close(end_, facts.switching);
    for (auto& [job, open] : state.jobs) open.close(end_, facts.working);
    facts.owned = tidy(facts.owned);
    facts.switching = tidy(facts.switching);
    facts.working = tidy(facts.working);
  }
}

void RunFacts::find_recoveries() {
  Spans resets;
  Open device;
  std::map<std::uint32_t, std::array<Open, 5>> open;  // timed out, engine reset, banned, registration lost, evicted
  std::set<std::uint32_t> known;                      // queues of which the firmware has ever known
  for (const Event& event : events_) {
    auto& [timeout, reset, ban, lost, evicted] = open[event.queue];
    Spans& spans = queues_[event.queue].recovering;
    switch (event.kind) {
      case K::device_reset_begin:
        device.open(event.time);
        break;
      case K::device_reset_end:
        device.close(event.time, resets);
        break;
      case K::job_timedout:
        timeout.open(event.time);
        break;
      case K::timeout_verdict:
        timeout.close(event.time, spans);
        reset.close(event.time, spans);
        break;
      case K::engine_reset:
        reset.open(event.time);
        break;
      case K::queue_registered:
        reset.close(event.time, spans);
        lost.close(event.time, spans);
        known.insert(event.queue);
        break;
      case K::queue_ready:
        lost.close(event.time, spans);
        known.insert(event.queue);
        break;
      case K::fault_injected:
        if (trace::fault_injected::from(event).fault.as<trace::Fault>() == trace::Fault::dropped_message &&
            known.count(event.queue) == 0) {
          lost.open(event.time);
        }
        break;
      case K::queue_banned:
        ban.open(event.time);
        break;
      case K::queue_evicted:
        evicted.open(event.time);
        break;
      case K::queue_restored:
        evicted.close(event.time, spans);
        break;
      default:
        break;
    }
  }
  device.close(end_, resets);
  for (auto& [number, facts] : queues_) {
    for (Open& still : open[number]) still.close(end_, facts.recovering);
    facts.recovering = unite(tidy(facts.recovering), tidy(resets));
  }
}

void RunFacts::find_slots_and_owners() {
  for (auto& [number, facts] : queues_) {
    Open outside;
    Open waits;
    std::map<std::uint32_t, Open> owned;
    for (const Mark mark : facts.events) {
      const Event& event = events_[mark];
      const auto ready = trace::as<trace::queue_ready>(event);
      if (event.kind == K::slot_evict || (ready && !ready->resident)) outside.open(event.time);
      if (event.kind == K::slot_grant || (ready && ready->resident)) {
        outside.close(event.time, facts.without_slot);
      }
      if (event.kind == K::ring_wait_begin) waits.open(event.time);
      if (event.kind == K::ring_wait_end) waits.close(event.time, facts.ring_waits);
      if (event.kind == K::engine_assign) owned[event.unit].open(event.time);
      if (event.kind == K::engine_release) owned[event.unit].close(event.time, facts.owned_engines[event.unit]);
    }
    outside.close(end_, facts.without_slot);
    waits.close(end_, facts.ring_waits);
    for (auto& [engine, open] : owned) open.close(end_, facts.owned_engines[engine]);
    facts.without_slot = tidy(facts.without_slot);
    facts.ring_waits = tidy(facts.ring_waits);
  }
}

void RunFacts::find_called_waits() {
  for (auto& [number, facts] : queues_) {
    Open dependency;
    Open credit;
    Open gang;
    Open token;
    std::uint64_t head = 0;
    bool is_of_gang = false;  // what the head waits for
    for (const Mark mark : facts.events) {
      const Event& event = events_[mark];
      const bool opens_gang = event.kind == K::gang_wait;
      // What prepare_job has given is said to be waited for, too.
      const bool says_again = is_of_gang && event.job == head;
      const bool opens_dependency = event.kind == K::drm_sched_job_unschedulable && !says_again;
      const bool opens_credit = event.kind == K::credit_blocked;
      const bool opens_token = event.kind == K::token_wait;
      const bool head_leaves = (event.kind == K::drm_sched_job_run || event.kind == K::dma_fence_signaled) &&
                               event.job != 0 && event.job == head;
      const auto returned = trace::as<trace::credit_returned>(event);
      const bool turns = event.kind == K::token_granted || event.kind == K::token_withdrawn;
      const bool goes_on =
          event.kind == K::dependency_ready || (returned && returned->head_free) || head_leaves || turns;
      const bool opens = opens_dependency || opens_credit || opens_gang || opens_token;
      if (goes_on || (opens && !opens_dependency)) dependency.close(event.time, facts.called_dependency);
      if (goes_on || (opens && !opens_credit)) credit.close(event.time, facts.called_credit);
      if (goes_on || (opens && !opens_gang)) gang.close(event.time, facts.called_gang);
      if (goes_on || (opens && !opens_token)) token.close(event.time, facts.called_token);
      if (opens_dependency) dependency.open(event.time);
      if (opens_credit) credit.open(event.time);
      if (opens_gang) gang.open(event.time);
      if (opens_token) token.open(event.time);
      if (opens) head = event.job;
      if (opens || goes_on) is_of_gang = opens_gang;
    }
    gang.close(end_, facts.called_gang);
    facts.called_gang = tidy(facts.called_gang);
    token.close(end_, facts.called_token);
    facts.called_token = tidy(facts.called_token);
    dependency.close(end_, facts.called_dependency);
    credit.close(end_, facts.called_credit);
    facts.called_dependency = tidy(facts.called_dependency);
    facts.called_credit = tidy(facts.called_credit);
  }
}

/// From the moment at which all pushed before it have left the queue until it leaves.
Spans RunFacts::head_span(const std::vector<std::uint64_t>& pushed, std::size_t position) const {
  const auto leaves = [&](std::uint64_t job) {
    return time_of(std::min(first_of_job(job, K::drm_sched_job_run), first_of_job(job, K::dma_fence_signaled)));
  };
  SimTime from = time_of(first_of_job(pushed[position], K::drm_sched_job_queue));
  for (std::size_t before = 0; before < position; ++before) from = std::max(from, leaves(pushed[before]));
  return tidy({{from, leaves(pushed[position])}});
}

void RunFacts::find_missing_dependencies() {
  std::map<std::pair<std::uint64_t, std::uint64_t>, SimTime> signalled;
  for (const Event& event : events_) {
    if (const auto signal = trace::as<trace::dma_fence_signaled>(event)) {
      signalled.try_emplace({signal->context, signal->seqno}, signal->time);
    }
  }
  for (auto& [number, facts] : queues_) {
    const std::vector<std::uint64_t>& pushed = pushed_[number];
    for (std::size_t position = 0; position < pushed.size(); ++position) {
      Spans missing;
      for (const Mark mark : job_events(pushed[position])) {
        const auto added = trace::as<trace::drm_sched_job_add_dep>(events_[mark]);
        if (!added) continue;
        const auto found = signalled.find({added->dependency_context, added->dependency_seqno});
        missing.push_back({SimTime{}, found == signalled.end() ? end_ : found->second});
      }
      if (missing.empty()) continue;
      facts.head_lacks_dependency =
          unite(facts.head_lacks_dependency, intersect(head_span(pushed, position), tidy(missing)));
    }
  }
}

void RunFacts::find_missing_credits() {
  const auto domain_of = [&](std::uint32_t queue) {
    const auto found = options_.domains.find(queue);
    return found == options_.domains.end() ? std::uint64_t{queue} : std::uint64_t{found->second} << 32;
  };
  std::map<std::uint64_t, std::uint64_t> limits;
  std::map<std::uint64_t, std::uint64_t> wanted;
  for (const Event& event : events_) {
    if (const auto blocked = trace::as<trace::credit_blocked>(event)) limits[domain_of(event.queue)] = blocked->limit;
    if (const auto begin = trace::as<trace::exec_begin>(event)) wanted[event.job] = begin->credits;
  }
  for (auto& [number, facts] : queues_) {
    const auto limit = limits.find(domain_of(number));
    if (limit == limits.end()) continue;
    const std::vector<std::uint64_t>& pushed = pushed_[number];
    for (std::size_t position = 0; position < pushed.size(); ++position) {
      const Spans head = head_span(pushed, position);
      if (head.empty()) continue;
      Spans shortage;
      Open short_of;
      std::uint64_t in_flight = 0;
      std::map<std::uint64_t, bool> ran;
      const std::uint64_t needed = std::min(wanted[pushed[position]], limit->second);
      for (const Event& event : events_) {
        if (domain_of(event.queue) != limit->first) continue;
        if (event.kind == K::drm_sched_job_run && !ran[event.job]) {
          ran[event.job] = true;
          in_flight += std::min(wanted[event.job], limit->second);
        } else if (const auto returned = trace::as<trace::credit_returned>(event)) {
          in_flight -= returned->credits;
        } else {
          continue;
        }
        if (in_flight + needed > limit->second) {
          short_of.open(event.time);
        } else {
          short_of.close(event.time, shortage);
        }
      }
      short_of.close(end_, shortage);
      facts.head_lacks_credit = unite(facts.head_lacks_credit, intersect(head, tidy(shortage)));
    }
  }
}

}  // namespace gpusim::test
