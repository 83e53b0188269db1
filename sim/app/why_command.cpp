// SPDX-License-Identifier: MIT
#include "sim/app/why_command.h"

#include <array>
#include <iostream>
#include <map>

#include <fmt/core.h>

#include "sim/app/exit_code.h"
#include "sim/app/moment.h"
#include "sim/app/recorded_run.h"
#include "sim/app/report_problems.h"
#include "sim/system/simulation.h"
#include "traces/inspect/why.h"
#include "traces/inspect/words.h"

namespace gpusim::app {

namespace {

using scenario::Problem;
using trace::exact;

[[nodiscard]] std::string scheduler_text(const scenario::ScenarioSpec& spec) {
  static constexpr std::array kPolicies{"rr", "fifo", "fair", "single_entity"};
  switch (spec.component) {
    case scenario::Component::drm_sched:
      return fmt::format("drm_sched, policy {}", kPolicies.at(static_cast<std::size_t>(spec.policy)));
    case scenario::Component::drm_dep:
      return "drm_dep, each queue has its own worker";
    case scenario::Component::jobqueue:
      return "jobqueue, each queue has its own worker";
    case scenario::Component::direct:
      break;
  }
  return {};
}

[[nodiscard]] trace::WhyOptions facts_of(const std::optional<scenario::ScenarioSpec>& spec) {
  if (!spec) return {};
  return {.quantum = ps(static_cast<std::int64_t>(spec->device.descriptor.quantum_ps)),
          .scheduler = scheduler_text(*spec)};
}

/// The run-list at the end of that moment: the run is made once more, up to there.
[[nodiscard]] hw::FirmwareView firmware_at(const scenario::ScenarioSpec& spec, SimTime moment) {
  scenario::ScenarioSpec until = spec;
  until.stop_after = moment.time_since_epoch();
  system::Simulation simulation{until};
  static_cast<void>(simulation.run());
  return simulation.machine().firmware_view();
}

/// "  level 0: a.jobs, b.jobs", for each level; of one engine if there is one.
[[nodiscard]] std::string lines_of(const std::vector<hw::FirmwareView::Waiter>& waiters, const trace::Names& names,
                                   std::optional<std::uint32_t> engine) {
  std::map<std::uint32_t, std::string> levels;
  for (const hw::FirmwareView::Waiter& waiter : waiters) {
    const trace::QueueName& queue = names.queues[waiter.queue.value()];
    if (engine && (queue.engine_mask >> *engine & 1) == 0) continue;
    std::string& level = levels[waiter.level];
    level += (level.empty() ? "" : ", ") + queue.name;
  }
  std::string text;
  for (const auto& [level, line] : levels) text += fmt::format("    level {}: {}\n", level, line);
  return text;
}

/// Of the engines that the job's queue may use: who is told to leave them.
void write_preemptions(const hw::FirmwareView& view, const RecordedRun& run, const trace::RunIndex& index, JobId job,
                       SimTime at) {
  const QueueId own = index.job(job)->queue;
  const std::uint64_t engines = run.recording.names.queues[own.value()].engine_mask;
  for (const hw::FirmwareView::Preemption& one : view.preemptions) {
    if ((engines >> one.engine & 1) == 0) continue;
    const std::string due = !one.due        ? "there is no preempt timeout"
                            : *one.due > at ? fmt::format("its preempt timeout is due at {}", exact(*one.due))
                                            : fmt::format("its preempt timeout is over since {}", exact(*one.due));
    std::cout << fmt::format("\nThe firmware has told {} to leave {}, and it has not yet; {}.\n",
                             index.queue_name(one.queue), run.recording.names.engines[one.engine].name, due);
  }
}

void write_picks(const trace::Why& why, const RecordedRun& run, const trace::RunIndex& index,
                 const std::optional<hw::FirmwareView>& now, SimTime at) {
  if (!now) {
    std::cout << "\nThe firmware's run-list is in no file of events; name a scenario to see it.\n";
    return;
  }
  for (const trace::EnginePick& pick : why.picks) {
    if (pick.time.time_since_epoch().count() == 0) continue;
    const std::string& engine = run.recording.names.engines[pick.engine].name;
    const hw::FirmwareView view = firmware_at(*run.spec, pick.time - ps(1));
    std::cout << fmt::format("\nThe firmware chose {} for {} at {}, among\n{}", index.queue_name(pick.chosen), engine,
                             exact(pick.time), lines_of(view.runnable, run.recording.names, pick.engine));
  }
  const std::string runnable = lines_of(now->runnable, run.recording.names, std::nullopt);
  const std::string slotless = lines_of(now->slotless, run.recording.names, std::nullopt);
  std::cout << fmt::format("\nIn its run-list at {} wait for an engine{}", exact(at),
                           runnable.empty() ? ": none\n" : "\n" + runnable);
  if (!slotless.empty()) std::cout << "and for a slot\n" << slotless;
  std::cout << "The highest level (0) goes first; within a level the queues are in turn.\n";
}

[[nodiscard]] int explain(const WhyOptions& options, const RecordedRun& run, SimTime at) {
  std::vector<Problem> problems;
  const trace::RunIndex index{run.recording};
  const std::optional<JobId> job = find_job(options.job, run.recording, index, problems);
  if (at > run.recording.end) {
    problems.push_back({{"--at"}, "the run ends at " + exact(run.recording.end), {}});
  }
  if (!problems.empty()) return report_problems(problems);
  write_notes(run, options.job.page);
  const trace::PageForm form = form_of(options.job.page);
  trace::Standing standing{run.recording, at};
  trace::WhyChain chain{run.recording, index, standing, facts_of(run.spec)};
  const trace::Why why = chain.of(*job);
  std::cout << fmt::format("job {} at {}\n", job->value(), exact(at));
  for (std::size_t i = 0; i < why.chain.size(); ++i) {
    trace::write_paragraph(std::cout, (i == 0 ? "  " : "  -> ") + why.chain[i], form);
  }
  const std::optional<hw::FirmwareView> now = run.spec ? std::optional{firmware_at(*run.spec, at)} : std::nullopt;
  if (now) write_preemptions(*now, run, index, *job, at);
  if (!why.picks.empty()) write_picks(why, run, index, now, at);
  return kGood;
}

}  // namespace

int why_command(const WhyOptions& options) {
  std::vector<Problem> problems;
  const std::optional<SimTime> at = read_moment(options.at);
  if (!at) {
    problems.push_back(
        {{"--at"}, fmt::format("'{}' is no moment such as 1.234ms", scenario::in_one_line(options.at)), {}});
  }
  if (!problems.empty()) return report_problems(problems);
  const std::optional<RecordedRun> run =
      open_run({.path = options.job.run, .sets = options.job.sets, .seed = options.job.seed}, problems);
  if (!run) return report_problems(problems, {options.job.sets});
  return explain(options, *run, *at);
}

}  // namespace gpusim::app
