// SPDX-License-Identifier: MIT
#include "tests/support/cause_check.h"

#include <algorithm>
#include <array>
#include <optional>

#include "tests/support/run_facts.h"
#include "traces/event/make.h"

namespace gpusim::test {
namespace {

using trace::Cause;
using trace::Event;
using trace::JobLife;
using trace::kCauseCount;
using K = trace::EventKind;

std::string text(Picoseconds d) { return format_duration(d); }
std::string text(SimTime t) { return format_duration(t.time_since_epoch()); }

/// One job's life, worked out anew.
class Life {
 public:
  Life(const RunFacts& run, const JobLife& given)
      : run_{run}, given_{given}, queue_{run.queue(given.queue)}, own_{run.job_events(given.job)} {
    work_out();
  }

  [[nodiscard]] Picoseconds operator[](Cause cause) const { return length(spans_[static_cast<std::size_t>(cause)]); }
  /// From push to run_job.
  [[nodiscard]] const Spans& queued() const { return queued_; }
  /// Where its client said that it waits before it submits.
  [[nodiscard]] Spans user_waits() const {
    return own_spans(K::user_dependency, K::user_dependency_reached, 0, kNoMark);
  }
  [[nodiscard]] SimTime begin() const { return time_of(first(K::exec_begin, 0)); }
  [[nodiscard]] SimTime end() const { return time_of(end_); }

 private:
  [[nodiscard]] SimTime time_of(Mark mark) const {
    return mark == kNoMark ? given_.end : std::min(given_.end, run_.events()[mark].time);
  }
  [[nodiscard]] Spans between(Mark from, Mark to) const { return tidy({{time_of(from), time_of(to)}}); }
  void book(Cause cause, const Spans& spans) {
    Spans& all = spans_[static_cast<std::size_t>(cause)];
    all = unite(all, spans);
  }

  /// The job's first event of the kind at or after `from`.
  [[nodiscard]] Mark first(K kind, Mark from) const {
    for (const Mark mark : own_) {
      if (mark >= from && run_.events()[mark].kind == kind) return mark;
    }
    return kNoMark;
  }
  /// The queue's first event of the kind after `from` with a write index above `index`.
  template <class Kind>
  [[nodiscard]] Mark first_covering(Mark from, std::uint64_t index) const {
    const auto after = std::upper_bound(queue_.events.begin(), queue_.events.end(), from);
    const auto found = std::find_if(after, queue_.events.end(), [&](Mark mark) {
      return Kind::kKind == run_.events()[mark].kind && Kind::from(run_.events()[mark]).write_index > index;
    });
    return found == queue_.events.end() ? kNoMark : *found;
  }
  /// Spans from an own event of kind `opens` to the next of kind `closes`, in [from, to].
  [[nodiscard]] Spans own_spans(K opens, K closes, Mark from, Mark to) const {
    Spans result;
    for (Mark mark = first(opens, from); mark < to;) {
      const Mark close = std::min(to, first(closes, mark));
      result = unite(result, between(mark, close));
      mark = close == kNoMark ? kNoMark : first(opens, close);
    }
    return result;
  }

  void work_out();
  void work_out_submission(Mark until);
  void move_to_recovery();
  [[nodiscard]] bool is_lost_before(std::uint32_t vector, Mark mark) const;
  [[nodiscard]] Mark lost(std::uint64_t fault, std::optional<std::uint32_t> vector, Mark from, Mark until) const;
  void work_out_round(Mark from, Mark until, Cause before_doorbell);
  void work_out_device_wait(const Spans& window);
  void work_out_execution(Mark fetch, Mark until);
  void work_out_way_back(Mark job_end, Mark until);
  [[nodiscard]] Mark handler_for(Mark visible) const;
  [[nodiscard]] Mark waiter_returns(Mark signalled) const;

  const RunFacts& run_;
  const JobLife& given_;
  const QueueFacts& queue_;
  const std::vector<Mark>& own_;
  std::array<Spans, kCauseCount> spans_;
  Spans queued_;
  Mark end_ = kNoMark;
};

void Life::work_out() {
  const Mark begin = first(K::exec_begin, 0);
  const Mark pushed = first(K::drm_sched_job_queue, 0);
  const Mark signalled = first(K::dma_fence_signaled, 0);
  std::vector<Mark> runs;
  for (const Mark mark : own_) {
    if (run_.events()[mark].kind == K::drm_sched_job_run && mark < signalled) runs.push_back(mark);
  }
  if (pushed == kNoMark && runs.empty()) {  // no component: the client rings itself
    work_out_round(begin, signalled, Cause::syscall);
  } else {
    const Mark first_run = runs.empty() ? signalled : runs.front();
    work_out_submission(std::min(pushed, first_run));
    if (pushed < first_run) {
      queued_ = between(pushed, first_run);
      const Spans dependency = intersect(queued_, queue_.called_dependency);
      const Spans credit = intersect(queued_, queue_.called_credit);
      const Spans gang = intersect(queued_, queue_.called_gang);
      const Spans token = intersect(queued_, queue_.called_token);
      book(Cause::dependency, dependency);
      book(Cause::credit, credit);
      book(Cause::gang, gang);
      book(Cause::token, token);
      const Spans waits = unite(unite(dependency, credit), unite(gang, token));
      book(Cause::host_worker, subtract(queued_, waits));
    }
    for (std::size_t i = 0; i < runs.size(); ++i) {
      work_out_round(runs[i], i + 1 < runs.size() ? runs[i + 1] : signalled, Cause::host_worker);
    }
  }
  move_to_recovery();
  if (signalled == kNoMark) return;
  end_ = waiter_returns(signalled);
  book(Cause::wakeup, between(signalled, end_));
}

/// Whatever is no work, while the queue is timed out, reset or banned.
void Life::move_to_recovery() {
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    const auto cause = static_cast<Cause>(i);
    if (cause == Cause::syscall || cause == Cause::lock || cause == Cause::work || cause == Cause::recovery) continue;
    const Spans moved = intersect(spans_[i], queue_.recovering);
    spans_[i] = subtract(spans_[i], moved);
    book(Cause::recovery, moved);
  }
}

/// Is the last that happened to the vector before the mark that its interrupt was lost?
bool Life::is_lost_before(std::uint32_t vector, Mark mark) const {
  while (mark-- > 0) {
    const Event& event = run_.events()[mark];
    if (event.unit != vector) continue;
    if (event.kind == K::interrupt_raise || event.kind == K::irq_handler_entry) return false;
    if (event.kind == K::fault_injected && trace::fault_injected::from(event).fault == trace::Code{0}) return true;
  }
  return false;
}

/// The first fault of that kind between two marks, of the queue or the vector.
Mark Life::lost(std::uint64_t fault, std::optional<std::uint32_t> vector, Mark from, Mark until) const {
  for (Mark mark = from; mark < until && mark < run_.events().size(); ++mark) {
    if (run_.events()[mark].kind != K::fault_injected) continue;
    const auto event = trace::fault_injected::from(run_.events()[mark]);
    if (event.fault != trace::Code{fault}) continue;
    if (vector ? event.unit == *vector : event.queue.value() == given_.queue) return mark;
  }
  return until;
}

void Life::work_out_submission(Mark until) {
  const Mark begin = first(K::exec_begin, 0);
  const Spans lock = own_spans(K::exec_lock_wait, K::exec_lock_acquired, begin, until);
  book(Cause::lock, lock);
  book(Cause::syscall, subtract(between(begin, until), lock));
}

/// From run_job to the job's end, or to its next run_job after a reset.
void Life::work_out_round(Mark from, Mark until, Cause before_doorbell) {
  Mark rung = until;
  Mark arrived = until;
  Mark ready = until;
  const Mark fetch = std::min(until, first(K::fetch_begin, from));
  const Mark written = first(K::ring_write, from);
  if (written < until) {
    const std::uint64_t index = trace::ring_write::from(run_.events()[written]).index;
    rung = first_covering<trace::doorbell_write>(written, index);
    arrived = first_covering<trace::doorbell_arrive>(written, index);
    ready = first_covering<trace::queue_ready>(written, index);
  }
  // Each step is over when a later one has been made.
  ready = std::min(ready, fetch);
  arrived = std::min(arrived, ready);
  rung = std::min(rung, arrived);
  const Spans ring_space = own_spans(K::ring_full, K::ring_space, from, rung);
  book(Cause::ring_space, ring_space);
  const Spans dependency = own_spans(K::user_dependency, K::user_dependency_reached, from, rung);
  book(Cause::dependency, dependency);
  book(before_doorbell, subtract(subtract(between(from, rung), ring_space), dependency));
  book(Cause::doorbell, between(rung, arrived));
  // A doorbell is lost right behind its arrival, a message when it is taken.
  Mark told_in_vain = lost(7, std::nullopt, arrived, ready);
  const Mark doorbell = lost(1, std::nullopt, arrived, ready);
  if (doorbell < ready && time_of(doorbell) == time_of(arrived)) told_in_vain = std::min(told_in_vain, doorbell);
  book(Cause::firmware, between(arrived, told_in_vain));
  book(Cause::recovery, between(told_in_vain, ready));
  work_out_device_wait(between(ready, fetch));
  if (fetch < until) work_out_execution(fetch, until);
}

void Life::work_out_device_wait(const Spans& window) {
  if (window.empty()) return;
  book(Cause::ring_wait, intersect(window, queue_.ring_waits));
  Spans rest = subtract(window, queue_.ring_waits);
  book(Cause::run_list, intersect(rest, queue_.without_slot));
  rest = subtract(rest, queue_.without_slot);
  for (const auto& [number, owned] : queue_.owned_engines) {
    const EngineFacts& engine = run_.engine(number);
    const Spans mine = intersect(rest, owned);
    const Spans switching = intersect(mine, engine.switching);
    const Spans busy = intersect(subtract(mine, switching), engine.working);
    book(Cause::context_switch, switching);
    book(Cause::engine_busy, busy);
    book(Cause::firmware, subtract(subtract(mine, switching), busy));
    rest = subtract(rest, mine);
  }
  Spans one_free;
  Spans one_working;
  Spans one_switching;
  for (std::uint32_t number = 0; number < 64; ++number) {
    if ((queue_.mask >> number & 1) == 0) continue;
    const EngineFacts& engine = run_.engine(number);
    const Spans working = intersect(rest, engine.working);
    const Spans switching = intersect(rest, engine.switching);
    const Spans used = unite(unite(intersect(rest, engine.owned), switching), working);
    one_free = unite(one_free, subtract(rest, used));
    one_working = unite(one_working, subtract(working, switching));
    one_switching = unite(one_switching, switching);
  }
  const Spans none_free = subtract(rest, one_free);
  const Spans busy = intersect(none_free, one_working);
  const Spans switching = intersect(subtract(none_free, busy), one_switching);
  book(Cause::engine_busy, busy);
  book(Cause::context_switch, switching);
  book(Cause::firmware, subtract(subtract(rest, busy), switching));
}

void Life::work_out_execution(Mark fetch, Mark until) {
  const Mark job_end = std::min(until, first(K::job_end, fetch));
  Spans on_engine;
  for (Mark on = fetch; on < job_end;) {
    // Off again by preemption, or because a reset took the engine away.
    const std::uint32_t engine = run_.events()[on].unit;
    Mark off = std::min(job_end, first(K::job_preempted, on));
    for (const Mark mark : queue_.events) {
      const Event& event = run_.events()[mark];
      if (mark > on && event.kind == K::engine_release && event.unit == engine) off = std::min(off, mark);
    }
    on_engine = unite(on_engine, between(on, off));
    if (off == kNoMark) break;
    on = std::min(first(K::job_resumed, off), first(K::fetch_begin, off + 1));
  }
  book(Cause::work, on_engine);
  book(Cause::preempted, subtract(between(fetch, job_end), on_engine));
  if (job_end < until) work_out_way_back(job_end, until);
}

void Life::work_out_way_back(Mark job_end, Mark until) {
  Mark visible = job_end;
  do {
    visible = first(K::fence_visible, visible + 1);
  } while (visible != kNoMark && !trace::fence_visible::from(run_.events()[visible]).completion);
  visible = std::min(visible, until);
  const Mark handled = visible < until ? std::min(until, handler_for(visible)) : until;
  book(Cause::fence_write, between(job_end, visible));
  Mark interrupt_lost = handled;
  if (visible < handled) {
    const std::uint32_t vector = run_.events()[visible].unit;
    interrupt_lost = is_lost_before(vector, visible) ? visible : lost(0, vector, visible, handled);
  }
  book(Cause::interrupt, between(visible, interrupt_lost));
  book(Cause::recovery, between(interrupt_lost, handled));
  book(Cause::completion, between(handled, until));
}

/// Where a handler of the event's vector runs already, the event itself; else the next that begins.
Mark Life::handler_for(Mark visible) const {
  int running = 0;
  for (const Mark mark : run_.vector_events(run_.events()[visible].unit)) {
    const bool entry = run_.events()[mark].kind == K::irq_handler_entry;
    if (mark > visible && running > 0) return visible;
    if (mark > visible && entry) return mark;
    running += entry ? 1 : -1;
  }
  return running > 0 ? visible : kNoMark;
}

/// The end of the life: the return of the first waiter, or the signal if there is none.
Mark Life::waiter_returns(Mark signalled) const {
  int waiting = 0;
  for (const Mark mark : own_) {
    const K kind = run_.events()[mark].kind;
    if (mark > signalled && waiting == 0) return signalled;
    if (kind == K::dma_fence_wait_start) ++waiting;
    if (kind == K::dma_fence_wait_end && mark > signalled) return mark;
    if (kind == K::dma_fence_wait_end) --waiting;
  }
  return waiting == 0 ? signalled : kNoMark;
}

class Check {
 public:
  Check(const std::vector<Event>& events, const CauseCheckOptions& options) : run_{events, options} {}

  void check_models() {
    for (const auto& [number, queue] : run_.queues()) {
      const std::string name = "queue " + std::to_string(number);
      for (const Span& span : subtract(queue.called_dependency, queue.head_lacks_dependency)) {
        say(name + " was said to wait for a dependency from " + text(span.begin) + " to " + text(span.end) +
            ", but its head had none that was not signalled");
      }
      for (const Span& span : subtract(queue.called_credit, queue.head_lacks_credit)) {
        say(name + " was said to wait for credits from " + text(span.begin) + " to " + text(span.end) +
            ", but they sufficed for its head");
      }
    }
  }

  void check_life(const JobLife& given) {
    const std::string name = "job " + std::to_string(given.job);
    const Life life{run_, given};
    const QueueFacts& queue = run_.queue(given.queue);
    if (given.begin != life.begin()) say(name + ": begins at " + text(given.begin) + ", not " + text(life.begin()));
    if (given.end != life.end()) say(name + ": ends at " + text(given.end) + ", not " + text(life.end()));
    Picoseconds sum{0};
    for (std::size_t i = 0; i < kCauseCount; ++i) {
      const auto cause = static_cast<Cause>(i);
      sum += given[cause];
      if (given[cause] == life[cause]) continue;
      say(name + ": " + text(given[cause]) + " of " + std::string{to_string(cause)} + "; it was " + text(life[cause]));
    }
    if (sum != given.length()) say(name + ": causes add up to " + text(sum) + " of " + text(given.length()));
    check_bound(name, given, Cause::dependency,
                unite(intersect(life.queued(), queue.head_lacks_dependency), life.user_waits()));
    check_bound(name, given, Cause::credit, intersect(life.queued(), queue.head_lacks_credit));
  }

  [[nodiscard]] std::vector<std::string> take() { return std::move(said_); }

 private:
  void say(std::string sentence) { said_.push_back(std::move(sentence)); }

  void check_bound(const std::string& name, const JobLife& given, Cause cause, const Spans& possible) {
    if (given[cause] <= length(possible)) return;
    say(name + ": " + text(given[cause]) + " of " + std::string{to_string(cause)} + ", but only " +
        text(length(possible)) + " of it can have been");
  }

  RunFacts run_;
  std::vector<std::string> said_;
};

}  // namespace

std::vector<std::string> check_causes(const std::vector<Event>& events, const std::vector<JobLife>& lives,
                                      const CauseCheckOptions& options) {
  Check check{events, options};
  check.check_models();
  for (const JobLife& life : lives) check.check_life(life);
  return check.take();
}

}  // namespace gpusim::test
