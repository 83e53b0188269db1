// SPDX-License-Identifier: MIT
#include "sim/app/why_command.h"

#include <array>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "sim/app/exit_code.h"
#include "sim/app/moment.h"
#include "sim/app/recorded_run.h"
#include "sim/app/report_problems.h"
#include "sim/system/simulation.h"
#include "traces/inspect/why.h"
#include "traces/inspect/words.h"
#include "traces/report/json_writer.h"

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

/// Queues that wait, by level, in the order of their turns; of one engine if there is one.
using Levels = std::map<std::uint32_t, std::vector<std::string>>;

[[nodiscard]] Levels levels_of(const std::vector<hw::FirmwareView::Waiter>& waiters, const trace::Names& names,
                               std::optional<std::uint32_t> engine = std::nullopt) {
  Levels levels;
  for (const hw::FirmwareView::Waiter& waiter : waiters) {
    const trace::QueueName& queue = names.queues[waiter.queue.value()];
    if (!engine || (queue.engine_mask >> *engine & 1) != 0) levels[waiter.level].push_back(queue.name);
  }
  return levels;
}

/// The firmware's choice of a queue for an engine.
struct FirmwareChoice {
  std::string engine;
  std::string chosen;
  SimTime time{};
  Levels among{};
};

struct Leaving {
  std::string queue;
  std::string engine;
  std::optional<SimTime> due;  ///< of the preempt timeout, if there is one
};

struct Answer {
  JobId job;
  SimTime at{};
  trace::Why why{};
  std::vector<Leaving> leaving{};
  std::vector<FirmwareChoice> choices{};
  std::optional<hw::FirmwareView> run_list{};  ///< none: it is in no file of events
};

/// Of the engines that the job's queue may use: who is told to leave them.
[[nodiscard]] std::vector<Leaving> leaving_of(const hw::FirmwareView& view, const trace::Names& names, QueueId own) {
  std::vector<Leaving> all;
  for (const hw::FirmwareView::Preemption& one : view.preemptions) {
    if ((names.queues[own.value()].engine_mask >> one.engine & 1) == 0) continue;
    all.push_back({names.queues[one.queue.value()].name, names.engines[one.engine].name, one.due});
  }
  return all;
}

[[nodiscard]] Answer answer_of(const RecordedRun& run, const trace::RunIndex& index, JobId job, SimTime at) {
  trace::Standing standing{run.recording, at};
  trace::WhyChain chain{run.recording, index, standing, facts_of(run.spec)};
  Answer answer{.job = job, .at = at, .why = chain.of(job)};
  if (!run.spec) return answer;
  const trace::Names& names = run.recording.names;
  answer.run_list = firmware_at(*run.spec, at);
  answer.leaving = leaving_of(*answer.run_list, names, index.job(job)->queue);
  for (const trace::EnginePick& pick : answer.why.picks) {
    if (pick.time.time_since_epoch().count() == 0) continue;
    const hw::FirmwareView view = firmware_at(*run.spec, pick.time - ps(1));
    answer.choices.push_back({names.engines[pick.engine].name, index.queue_name(pick.chosen), pick.time,
                              levels_of(view.runnable, names, pick.engine)});
  }
  return answer;
}

void write_levels(std::ostream& out, const Levels& levels, const trace::PageForm& form) {
  for (const auto& [level, queues] : levels) {
    std::string list;
    for (const std::string& queue : queues) list += (list.empty() ? "" : ", ") + queue;
    trace::write_paragraph(out, fmt::format("    level {}: {}", level, list), form);
  }
}

void write_run_list(std::ostream& out, const Answer& answer, const trace::Names& names, const trace::PageForm& form) {
  const auto write = [&](const std::string& text) { trace::write_paragraph(out, text, form); };
  if (!answer.run_list) {
    out << '\n';
    write("The firmware's run-list is in no file of events; name a scenario to see it.");
    return;
  }
  for (const FirmwareChoice& choice : answer.choices) {
    out << '\n';
    write(fmt::format("The firmware chose {} for {} at {}, among", choice.chosen, choice.engine, exact(choice.time)));
    write_levels(out, choice.among, form);
  }
  const Levels runnable = levels_of(answer.run_list->runnable, names);
  const Levels slotless = levels_of(answer.run_list->slotless, names);
  out << '\n';
  write(fmt::format("In its run-list at {} wait for an engine{}", exact(answer.at), runnable.empty() ? ": none" : ""));
  write_levels(out, runnable, form);
  if (!slotless.empty()) write("and for a slot");
  write_levels(out, slotless, form);
  write("The highest level (0) goes first; within a level the queues are in turn.");
}

void write_answer(std::ostream& out, const Answer& answer, const trace::Names& names, const trace::PageForm& form) {
  out << fmt::format("job {} at {}\n", answer.job.value(), exact(answer.at));
  for (std::size_t i = 0; i < answer.why.chain.size(); ++i) {
    trace::write_paragraph(out, (i == 0 ? "  " : "  -> ") + answer.why.chain[i], form);
  }
  for (const Leaving& one : answer.leaving) {
    const std::string due = !one.due ? "there is no preempt timeout"
                            : *one.due > answer.at
                                ? fmt::format("its preempt timeout is due at {}", exact(*one.due))
                                : fmt::format("its preempt timeout is over since {}", exact(*one.due));
    out << '\n';
    trace::write_paragraph(
        out, fmt::format("The firmware has told {} to leave {}, and it has not yet; {}.", one.queue, one.engine, due),
        form);
  }
  if (!answer.why.picks.empty()) write_run_list(out, answer, names, form);
}

void write_levels(trace::JsonWriter& json, std::string_view key, const Levels& levels) {
  json.key(key).begin_array();
  for (const auto& [level, queues] : levels) {
    json.begin_object().key("level").value(level).key("queues").value(queues).end_object();
  }
  json.end_array();
}

void write_answer_json(std::ostream& out, const Answer& answer, const RecordedRun& run) {
  trace::JsonWriter json{out};
  json.begin_object();
  trace::write_head(json, "gpusim-why/1", json_head(run.notes));
  trace::write_run(json, "of", run.recording);
  json.key("job").value(answer.job.value()).key("at_ps").value(to_ps(answer.at));
  json.key("chain").value(answer.why.chain).key("leaving").begin_array();
  for (const Leaving& one : answer.leaving) {
    json.begin_object().key("queue").value(one.queue).key("engine").value(one.engine);
    if (one.due) json.key("preempt_timeout_due_ps").value(to_ps(*one.due));
    json.end_object();
  }
  json.end_array().key("choices").begin_array();
  for (const FirmwareChoice& choice : answer.choices) {
    json.begin_object().key("engine").value(choice.engine).key("chosen").value(choice.chosen);
    json.key("begin_ps").value(to_ps(choice.time));
    write_levels(json, "among", choice.among);
    json.end_object();
  }
  json.end_array().key("run_list");
  if (!answer.run_list) {
    json.null();
  } else {
    json.begin_object();
    write_levels(json, "await_engine", levels_of(answer.run_list->runnable, run.recording.names));
    write_levels(json, "await_slot", levels_of(answer.run_list->slotless, run.recording.names));
    json.end_object();
  }
  json.end_object();
}

[[nodiscard]] int explain(const WhyOptions& options, const RecordedRun& run, SimTime at) {
  std::vector<Problem> problems;
  const trace::RunIndex index{run.recording};
  const std::optional<JobId> job = find_job(options.job, run.recording, index, problems);
  if (at > run.recording.end) {
    problems.push_back({{"--at"}, "the run ends at " + exact(run.recording.end), {}});
  }
  if (!problems.empty()) return report_problems(problems);
  const PageOptions& page = options.job.page;
  const Answer answer = answer_of(run, index, *job, at);
  print_words(
      page, [&](std::ostream& out) { write_answer_json(out, answer, run); },
      [&](std::ostream& out, const trace::PageForm& form) {
        write_notes(out, run, form);
        write_answer(out, answer, run.recording.names, form);
      });
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
