// SPDX-License-Identifier: MIT
#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/errno.h"
#include "base/hash.h"
#include "traces/report/durations.h"
#include "traces/report/summary.h"
#include "traces/report/summary_parts.h"

namespace gpusim::trace {
namespace {

constexpr std::size_t kMaxEngines = 5;

[[nodiscard]] std::vector<EngineStatistics> engines_of(const Page& page) {
  std::vector<EngineStatistics> engines = page.statistics.engines();
  for (std::size_t i = engines.size(); i < page.names.engines.size(); ++i) {
    engines.emplace_back().times.idle = page.run.end.time_since_epoch();
  }
  return engines;
}

struct ShownEngines {
  std::vector<std::size_t> places;          ///< in order
  std::size_t left = 0;                     ///< that did something and have no line
  std::optional<std::size_t> busiest_left;  ///< of them
  std::size_t idle = 0;                     ///< others without a line
};

[[nodiscard]] ShownEngines shown_engines(const std::vector<EngineStatistics>& engines, bool all) {
  const auto weight = [&](std::size_t i) { return std::pair{engines[i].times.busy, engines[i].times.switching}; };
  ShownEngines shown;
  for (std::size_t i = 0; i < engines.size(); ++i) {
    const bool is_idle = engines[i].times.busy.count() + engines[i].times.switching.count() == 0;
    if (is_idle && engines[i].jobs == 0 && !all) {
      ++shown.idle;
    } else {
      shown.places.push_back(i);
    }
  }
  std::vector<std::size_t> rest = shown.places;
  keep_heaviest(shown.places, all ? engines.size() : kMaxEngines, weight);
  std::sort(shown.places.begin(), shown.places.end());
  shown.left = rest.size() - shown.places.size();
  for (const std::size_t i : rest) {
    if (std::binary_search(shown.places.begin(), shown.places.end(), i)) continue;
    if (!shown.busiest_left || weight(i) > weight(*shown.busiest_left)) shown.busiest_left = i;
  }
  return shown;
}

}  // namespace

/// Only engines that did something have a line, of many the busiest; the others are counted.
void write_engines(const Page& page) {
  const auto& [out, run, statistics, names, form] = page;
  const std::vector<EngineStatistics> engines = engines_of(page);
  const auto whole = static_cast<std::uint64_t>(to_ps(run.end));
  const auto share = [&](Picoseconds part) { return percent(static_cast<std::uint64_t>(part.count()), whole); };
  const auto name = [&](std::size_t i) {
    return i < page.names.engines.size() ? page.names.engines[i].name : fmt::format("engine {}", i);
  };
  const bool with_preempted =
      std::any_of(engines.begin(), engines.end(), [](const EngineStatistics& engine) { return engine.preempted > 0; });
  const ShownEngines shown = shown_engines(engines, run.show_all);
  TextTable table;
  table.add({"engine", "busy", "switching", "idle", "jobs", "switches"});
  if (with_preempted) table.append({"preempted"});
  for (const std::size_t i : shown.places) {
    const EngineStatistics& engine = engines[i];
    table.add({name(i), share(engine.times.busy), share(engine.times.switching), share(engine.times.idle),
               std::to_string(engine.jobs), std::to_string(engine.switches)});
    if (with_preempted) table.append({std::to_string(engine.preempted)});
  }
  if (!shown.places.empty()) table.write(out, form);
  if (form.is_markdown) out << '\n';
  if (shown.busiest_left) {
    page.line(fmt::format("and {} more, the busiest of them {} with {}", shown.left, name(*shown.busiest_left),
                          share(engines[*shown.busiest_left].times.busy)));
  }
  if (shown.idle > 0) {
    page.line(shown.places.empty() ? fmt::format("engines: {}, idle all the time", shown.idle)
                                   : fmt::format("and {} more, idle all the time", shown.idle));
  }
  const DeviceTurns turns = device_turns(statistics);
  if (turns.grants > 0) {
    page.line(fmt::format("slots: {}, {}", counted(turns.grants, "grant", "grants"),
                          counted(turns.evictions, "eviction", "evictions")));
  }
  write_device_load(page);
  out << '\n';
}

/// What broke, and what was done about it.
void write_recovery(const Page& page) {
  const Statistics& statistics = page.statistics;
  const Names& names = page.names;
  const RecoveryCounts& recovery = statistics.recovery();
  if (recovery.is_empty() && statistics.failures().empty()) return;
  // "2 a, 1 b"
  const auto list = [](const std::vector<std::uint64_t>& counts, const std::vector<std::string>& of) {
    std::string text;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counts[i], Names::of(of, i));
    }
    return text;
  };
  std::vector<std::string> parts;
  if (const std::uint64_t faults = recovery.faults_injected(); faults > 0) {
    parts.push_back(
        fmt::format("{} injected ({})", counted(faults, "fault", "faults"), list(recovery.faults, names.faults)));
  }
  if (recovery.timeouts > 0) {
    const std::string verdicts = list(recovery.verdicts, names.verdicts);
    parts.push_back(counted(recovery.timeouts, "timeout", "timeouts") +
                    (verdicts.empty() ? "" : " (answered: " + verdicts + ")"));
  }
  const auto part = [&](std::uint64_t number, const char* one, const char* many) {
    if (number > 0) parts.push_back(counted(number, one, many));
  };
  part(recovery.messages_abandoned, "message given up", "messages given up");
  const auto resets = [&](std::uint64_t number, std::uint64_t missed, const char* one, const char* many) {
    part(number, one, many);
    if (missed > 0) parts.back() += fmt::format(" ({} after a missed preemption)", missed);
  };
  resets(recovery.engine_resets, recovery.engine_preempt_misses, "engine reset", "engine resets");
  if (recovery.page_faults > 0) parts.back() += fmt::format(" ({} after a page fault)", recovery.page_faults);
  resets(recovery.device_resets, recovery.device_preempt_misses, "device reset", "device resets");
  part(recovery.queues_banned, "queue banned", "queues banned");
  for (const auto& [error, jobs] : statistics.failures()) {
    parts.push_back(
        fmt::format("{} failed with {}", counted(jobs, "job", "jobs"), to_string(static_cast<Errno>(error))));
  }
  std::string text;
  for (const std::string& one : parts) text += (text.empty() ? "recovery: " : ", ") + one;
  page.line(text);
  page.out << '\n';
}

std::string counted(std::uint64_t value, const char* one, const char* many) {
  return fmt::format("{} {}", value, value == 1 ? one : many);
}

std::string percent(Wide part, Wide whole) {
  return whole == 0 ? "-" : fixed_point(divide_rounded(part * 1'000, whole), 1) + "%";
}

void write_summary_text(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names,
                        const PageForm& form) {
  const Page page{out, run, statistics, names, form};
  page.line(fmt::format("{}, seed {}: {} at {} with {} done, {} failed, {} unfinished", run.scenario, run.seed,
                        run.cut_off.empty() ? to_string(run.outcome) : "cut off",
                        format_duration(run.end.time_since_epoch()), counted(statistics.jobs_done(), "job", "jobs"),
                        statistics.jobs_failed(), statistics.jobs_unfinished()));
  out << '\n';
  write_clients(page);
  write_shares(page);
  write_frames(page);
  write_engines(page);
  write_firmware(page);
  write_causes(page);
  write_causes_of_each(page);
  write_slowest_jobs(page);
  write_histogram(page);
  write_recovery(page);
  if (!run.cut_off.empty()) page.line("note: the run was cut off: " + run.cut_off);
  for (const std::string& plug_in : run.plug_ins) page.line(plug_in);
  for (const std::string& notice : run.notices) page.line("note: " + notice);
  if (form.is_markdown && (!run.notices.empty() || !run.cut_off.empty())) out << '\n';
  page.line(fmt::format("trace {}, {}", hash_text(run.trace_hash), counted(run.events, "event", "events")));
  if (run.build.version.empty()) return;
  if (form.is_markdown) out << '\n';
  page.line(fmt::format("by {}: {}", run.build.text(), run.command));
}

}  // namespace gpusim::trace
