// SPDX-License-Identifier: MIT
#include "sim/system/explorer.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/invariant.h"
#include "sim/system/simulation.h"
#include "traces/event/handlers.h"

namespace gpusim::system {
namespace {

// Twelve times as long is no overflow.
constexpr Picoseconds kLongestRun = kLongestSum / 16;

// After the disturbances a scenario gets a simulated minute and ten times its own length: time for the timeouts that
// repair what was disturbed and for what they set off. The minute is twelve of the default timeouts, of 5 s; where the
// timeouts are longer it is as many of the longest.
Picoseconds repair_time(const scenario::ScenarioSpec& spec) {
  constexpr std::int64_t kTimeouts = 12;
  constexpr Picoseconds kLeast = ms(60'000) / kTimeouts;
  constexpr Picoseconds kMost = kLongestRun / kTimeouts;
  Picoseconds longest = std::max(timeout_of(spec), spec.driver.answer_timeout);
  if (is_jobqueue(spec, sched::jq::Shape::pipeline)) longest = std::max(longest, spec.jobqueue.cancel_timeout);
  return std::clamp(longest, kLeast, kMost) * kTimeouts;
}

}  // namespace

/// Whether a run gets on: its time, and its jobs.
class Explorer::Progress final {
 public:
  /// `is_mapped`: clients write into the rings, and no component has a queue.
  Progress(const trace::Recorder& recorder, bool is_mapped) : recorder_{recorder}, is_mapped_{is_mapped} {}

  void on(const trace::drm_sched_job_queue& /*event*/) { begin(); }
  void on(const trace::ring_write& /*event*/) {
    if (is_mapped_) begin();
  }
  void on(const trace::job_end& /*event*/) { last = recorder_.now(); }
  void on(const trace::job_released& /*event*/) {
    --under_way;
    last = recorder_.now();
  }

  void on(const trace::client_finish& event) { has_lost_client = has_lost_client || event.error != Errno::ok; }
  void on(const trace::client_killed& /*event*/) { has_lost_client = true; }

  /// Called every Machine::kPollEvery steps.
  void look(SimTime now) { gets_on = now > std::exchange(before_, now); }

  bool gets_on = false;
  SimTime last{};  ///< when a job last went on
  std::int64_t under_way = 0;
  bool has_lost_client = false;  ///< what it would have submitted nobody will

 private:
  void begin() {
    ++under_way;
    last = recorder_.now();
  }

  const trace::Recorder& recorder_;
  bool is_mapped_;
  SimTime before_{};
};

namespace {

// Even a scenario that ends at once is disturbed for a moment.
constexpr Picoseconds kLeastActive = us(100);

/// Delta debugging over the choices of a schedule.
class Minimiser {
 public:
  using Try = std::function<bool(const Schedule&, Schedule& made)>;  // still fails? then what was made of it
  Minimiser(Schedule schedule, Try still_fails)
      : schedule_{std::move(schedule)}, still_fails_{std::move(still_fails)} {}

  Schedule run() {
    if (attempt({})) return schedule_;
    for (std::size_t part = schedule_.size(); part >= 1; part = part == 1 ? 0 : (part + 1) / 2) remove_all(part);
    // A smaller value may make another choice unnecessary.
    for (bool lowered = true; lowered; remove_all(1)) {
      lowered = false;
      for (std::size_t i = 0; i < schedule_.size(); ++i) lowered = lower(i) || lowered;
    }
    return schedule_;
  }

 private:
  bool attempt(const Schedule& candidate) {
    Schedule made;
    if (!still_fails_(candidate, made)) return false;
    schedule_ = std::move(made);
    return true;
  }

  // From the end, because late choices are less often needed. True if any part could be removed.
  bool remove_parts(std::size_t part) {
    bool removed = false;
    for (std::size_t end = schedule_.size(); end > 0;) {
      const std::size_t begin = end > part ? end - part : 0;
      Schedule candidate{schedule_.begin(), schedule_.begin() + static_cast<std::ptrdiff_t>(begin)};
      candidate.insert(candidate.end(), schedule_.begin() + static_cast<std::ptrdiff_t>(end), schedule_.end());
      removed = attempt(candidate) || removed;
      end = std::min(begin, schedule_.size());
    }
    return removed;
  }

  void remove_all(std::size_t part) {
    while (remove_parts(part)) {
    }
  }

  bool lower(std::size_t index) {
    for (std::uint32_t value = 1; index < schedule_.size() && value < schedule_[index].value; value *= 2) {
      Schedule candidate = schedule_;
      candidate[index].value = value;
      if (attempt(candidate)) return true;
    }
    return false;
  }

  Schedule schedule_;
  Try still_fails_;
};

}  // namespace

Explorer::Explorer(const scenario::ScenarioSpec& spec, std::uint64_t most_steps)
    : spec_{spec}, most_steps_{most_steps}, limit_{kLongestRun} {
  undisturbed_ = run_schedule({});
  active_ = std::max(undisturbed_.end.time_since_epoch(), kLeastActive);
  if (undisturbed_.oracle == "drain" || undisturbed_.gave_up) active_ = kLeastActive;
  horizon_ = SimTime{2 * active_};
  limit_ = horizon_ + 10 * active_ + repair_time(spec);
}

ExploredRun Explorer::run_seed(std::uint64_t seed, const Prepare& prepare, const Finish& finish) const {
  Exploration exploration{seed};
  return run(exploration, prepare, finish);
}

ExploredRun Explorer::run_schedule(const Schedule& schedule, const Prepare& prepare, const Finish& finish) const {
  Exploration exploration{schedule};
  return run(exploration, prepare, finish);
}

std::string Explorer::describe_drain(const RunResult& end, const Machine& machine, const Progress& progress) const {
  const std::string when = format_duration(end.end.time_since_epoch());
  const std::string why = end.outcome == Outcome::interrupted && !progress.gets_on
                              ? fmt::format("no time passes at {}, in {} steps", when, Machine::kPollEvery)
                              : fmt::format("not at its end by {}", when);
  const std::string text =
      is_undisturbed()
          ? fmt::format("{}, and no job went on after {}", why, format_duration(progress.last.time_since_epoch()))
          : fmt::format("disturbed until {}, and {}", format_duration(horizon_.time_since_epoch()), why);
  return text + "\n" + machine.describe_waits();
}

bool Explorer::may_get_on(const RunResult& end, const Machine& machine, const Progress& progress) const {
  if (end.outcome == Outcome::interrupted && !progress.gets_on) return false;
  if (timeout_of(spec_).count() == 0 && machine.is_at_work()) return true;
  if (!is_undisturbed()) return end.outcome == Outcome::interrupted;
  return progress.under_way == 0 || end.end - progress.last < repair_time(spec_);
}

ExploredRun Explorer::run(Exploration& exploration, const Prepare& prepare, const Finish& finish) const {
  exploration.active = active_;
  exploration.horizon = horizon_;
  exploration.limit = limit_;
  MachineOptions options;
  options.exploration = &exploration;
  Simulation simulation{spec_, options};
  Progress progress{simulation.recorder(), spec_.component == scenario::Component::direct};
  trace::attach_handlers(progress, simulation.recorder());
  if (prepare) prepare(simulation);

  ExploredRun result;
  try {
    std::uint64_t steps = 0;
    const RunResult end = simulation.run([&](SimTime now) {
      progress.look(now);
      steps += Machine::kPollEvery;
      return steps > most_steps_;
    });
    result.end = end.end;
    const bool is_bereft = !is_undisturbed() && progress.has_lost_client && simulation.machine().waits_for_submitters();
    if (end.outcome == Outcome::stalled && !is_bereft) {
      result.oracle = "stall";
      result.text = end.stall_report;
    } else if (end.outcome == Outcome::finished || is_bereft) {
      // Its end, or as far as it could come without the client that the exploration took.
    } else if (may_get_on(end, simulation.machine(), progress)) {
      result.gave_up = true;
    } else {
      result.oracle = "drain";
      result.text = describe_drain(end, simulation.machine(), progress);
    }
  } catch (const InvariantViolation& violation) {
    result.oracle = violation.oracle();
    result.text = violation.what();
    result.end = simulation.recorder().now();
  }
  if (finish) finish(result.end);
  result.schedule = exploration.choices.made();
  result.asked = exploration.choices.asked();
  result.trace_hash = simulation.recorder().hash();
  return result;
}

MinimisedRun Explorer::minimise(const ExploredRun& failure, const std::function<bool()>& give_up) const {
  MinimisedRun best{failure, 0};
  Minimiser minimiser{failure.schedule, [&](const Schedule& candidate, Schedule& made) {
                        if (give_up && give_up()) return false;
                        ++best.tries;
                        ExploredRun next = run_schedule(candidate);
                        if (next.oracle != failure.oracle) return false;
                        made = next.schedule;
                        best.run = std::move(next);
                        return true;
                      }};
  (void)minimiser.run();
  return best;
}

}  // namespace gpusim::system
