// SPDX-License-Identifier: MIT
#include "sim/app/why_command.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "sim/app/exit_code.h"
#include "sim/app/firmware_history.h"
#include "sim/app/moment.h"
#include "sim/app/recorded_run.h"
#include "sim/app/report_problems.h"
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
  const abi::DeviceDescriptor& device = spec->device.descriptor;
  trace::WhyOptions options{.quantum_charges_switch = spec->device.quantum_charges_switch,
                            .scheduler = scheduler_text(*spec)};
  if (!abi::has_quanta(device.policy)) return options;
  for (const workload::ClientSpec& client : spec->clients) {
    const bool is_own = client.queues.quantum.count() != 0 && spec->driver.rings == drv::Rings::own;
    const Picoseconds quantum = is_own ? client.queues.quantum : ps(static_cast<std::int64_t>(device.quantum_ps));
    options.quanta.insert(options.quanta.end(), client.clones, quantum);
  }
  return options;
}

/// Queues that wait, by level, in the order of their turns.
using Levels = std::map<std::uint32_t, std::vector<std::string>>;

[[nodiscard]] Levels levels_of(const std::vector<hw::FirmwareView::Waiter>& waiters, const trace::Names& names) {
  Levels levels;
  for (const hw::FirmwareView::Waiter& waiter : waiters) {
    levels[waiter.level].push_back(names.queues[waiter.queue.value()].name);
  }
  return levels;
}

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
  std::vector<FirmwareDecision> choices{};     ///< that gave away the engines at which the chain ends
  std::optional<hw::FirmwareView> run_list{};  ///< none: it is in no file of events
  bool is_walk = false;                        ///< the firmware's policy is list_walk
  bool has_decisions = false;                  ///< else nobody knows whether it was passed over
  std::optional<PassedOver> passed_over{};     ///< why.waiter was, at last
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
  if (!run.spec) {
    const std::vector<trace::Event>& events = run.recording.events;
    answer.has_decisions = std::any_of(events.begin(), events.end(), [](const trace::Event& event) {
      return event.kind == trace::EventKind::decision;
    });
    if (answer.why.passed_over) answer.passed_over = PassedOver{.event = *answer.why.passed_over};
    return answer;
  }
  const trace::Names& names = run.recording.names;
  const QueueId waiter = answer.why.waiter;
  FirmwareHistory history = firmware_history(*run.spec, at, waiter, names.queues[waiter.value()].engine_mask);
  answer.run_list = std::move(history.run_list);
  answer.leaving = leaving_of(*answer.run_list, names, index.job(job)->queue);
  answer.is_walk = run.spec->device.descriptor.policy == abi::RunPolicy::list_walk;
  answer.has_decisions = history.has_decisions;
  answer.passed_over = history.passed_over;
  for (const trace::EnginePick& pick : answer.why.picks) {
    const auto made = history.decisions.find(pick.engine);
    if (made == history.decisions.end() || made->second.event.queue != pick.chosen) continue;
    answer.choices.push_back(made->second);
  }
  return answer;
}

/// What made it the one.
[[nodiscard]] std::string_view rule_text(trace::PickRule rule) {
  using Rule = trace::PickRule;
  switch (rule) {
    case Rule::only_candidate:
      return "the only candidate";
    case Rule::highest_level:
      return "the only one of the highest level";
    case Rule::first_in_line:
      return "of the highest level the one that had waited for longest";
    case Rule::first_in_rotation:
      return "of the highest level the first of the rotation";
    case Rule::same_process:
      return "the next queue of the process that the walk was at";
    case Rule::next_process:
      return "a queue of the next process of the walk";
    case Rule::none:
      break;
  }
  return "by no rule of the policy that the firmware's records bear out";
}

[[nodiscard]] std::string_view rule_name(trace::PickRule rule) {
  const auto number = static_cast<std::size_t>(rule);
  return number < trace::kPickRuleNames.size() ? trace::kPickRuleNames[number] : "?";
}

/// Whose name a file of events may lack.
[[nodiscard]] const std::string& chosen_name(const trace::decision& made, const trace::Names& names) {
  static const std::string kUnknown = "?";
  return made.queue.value() < names.queues.size() ? names.queues[made.queue.value()].name : kUnknown;
}
[[nodiscard]] const std::string& engine_of(const trace::decision& made, const trace::Names& names) {
  static const std::string kUnknown = "?";
  return made.engine < names.engines.size() ? names.engines[made.engine].name : kUnknown;
}

/// "1 of level 0, 3 of level 2"
[[nodiscard]] std::string levels_text(const trace::decision& made) {
  std::string text;
  const auto candidates = candidates_of(made);
  for (std::size_t level = 0; level < candidates.size(); ++level) {
    if (candidates[level] == 0) continue;
    text += fmt::format("{}{} of level {}", text.empty() ? "" : ", ", candidates[level], level);
  }
  return text;
}

/// Which decision passed the queue over at which the chain ends.
[[nodiscard]] std::string passed_over_text(const Answer& answer, const trace::Names& names) {
  const std::string& waiter = names.queues[answer.why.waiter.value()].name;
  if (!answer.has_decisions) {
    return answer.run_list ? "Which of the firmware's decisions passed it over is not known: device.firmware.module "
                             "executes another firmware than gpusim's."
                           : "The firmware's decisions are not in this file of events: `gpusim run --trace events "
                             "--set trace.decisions=true` records them.";
  }
  if (!answer.passed_over) return fmt::format("No decision has passed {} over since it had an engine last.", waiter);
  const trace::decision& made = answer.passed_over->event;
  std::string text =
      fmt::format("The last decision that passed {} over was at {}: {} went to {}, {} ({}). Candidates: {}", waiter,
                  exact(made.time), engine_of(made, names), chosen_name(made, names), rule_text(made.rule),
                  rule_name(made.rule), levels_text(made));
  if (answer.passed_over->ahead) text += fmt::format("; {} stood before it", *answer.passed_over->ahead);
  return text + ".";
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
    write(passed_over_text(answer, names));
    write("The firmware's run-list is in no file of events; name a scenario to see it.");
    return;
  }
  for (const FirmwareDecision& choice : answer.choices) {
    out << '\n';
    write(fmt::format("The firmware chose {} for {} at {}, among", chosen_name(choice.event, names),
                      engine_of(choice.event, names), exact(choice.begin)));
    write_levels(out, levels_of(choice.among, names), form);
  }
  out << '\n';
  write(passed_over_text(answer, names));
  const Levels runnable = levels_of(answer.run_list->runnable, names);
  const Levels slotless = levels_of(answer.run_list->slotless, names);
  out << '\n';
  write(fmt::format("In its run-list at {} wait for an engine{}", exact(answer.at), runnable.empty() ? ": none" : ""));
  write_levels(out, runnable, form);
  if (!slotless.empty()) write("and for a slot");
  write_levels(out, slotless, form);
  write(answer.is_walk ? "A list walk knows no levels; in which order it comes by is not shown."
                       : "The highest level (0) goes first; within a level the queues are in turn.");
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

void write_decision(trace::JsonWriter& json, const trace::decision& made, const trace::Names& names) {
  json.key("engine").value(engine_of(made, names));
  json.key("chosen").value(chosen_name(made, names));
  json.key("rule").value(rule_name(made.rule)).key("candidates").begin_array();
  for (const std::uint32_t count : candidates_of(made)) json.value(count);
  json.end_array().key("at_ps").value(to_ps(made.time));
}

void write_passed_over(trace::JsonWriter& json, const Answer& answer, const trace::Names& names) {
  if (!answer.passed_over) {
    json.null();
    return;
  }
  json.begin_object().key("queue").value(names.queues[answer.why.waiter.value()].name);
  write_decision(json, answer.passed_over->event, names);
  json.key("ahead");
  if (answer.passed_over->ahead) {
    json.value(*answer.passed_over->ahead);
  } else {
    json.null();
  }
  json.end_object();
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
  const trace::Names& names = run.recording.names;
  for (const FirmwareDecision& choice : answer.choices) {
    json.begin_object();
    write_decision(json, choice.event, names);
    json.key("begin_ps").value(to_ps(choice.begin));
    write_levels(json, "among", levels_of(choice.among, names));
    json.end_object();
  }
  json.end_array().key("has_decisions").value(answer.has_decisions).key("passed_over");
  write_passed_over(json, answer, names);
  json.key("run_list");
  if (!answer.run_list) {
    json.null();
  } else {
    json.begin_object();
    write_levels(json, "await_engine", levels_of(answer.run_list->runnable, names));
    write_levels(json, "await_slot", levels_of(answer.run_list->slotless, names));
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
