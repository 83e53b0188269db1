// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/core.h>

#include "base/errno.h"
#include "base/hash.h"
#include "traces/report/summary.h"
#include "traces/report/text_table.h"

namespace gpusim::trace {
namespace {

constexpr std::size_t kMaxClients = 7;
constexpr std::size_t kMaxEngines = 5;

std::string duration(Wide picoseconds) {
  // Beyond 106 days of summed job time the smaller digits do not matter.
  constexpr Wide kSecond = 1'000'000'000'000;
  if (picoseconds > kSecond * 9'000'000) return decimal(picoseconds / kSecond) + " s";
  return format_duration(ps(static_cast<std::int64_t>(picoseconds)));
}

std::string count(std::uint64_t value, const char* one, const char* many) {
  return fmt::format("{} {}", value, value == 1 ? one : many);
}

/// min, avg, p50, p99, max
std::vector<std::string> latency_cells(const Histogram& latency) {
  std::vector<std::string> cells;
  for (const Histogram::Quantile& value :
       {Histogram::Quantile{latency.min(), 0}, Histogram::Quantile{latency.mean(), 0}, latency.quantile(500),
        latency.quantile(990), Histogram::Quantile{latency.max(), 0}}) {
    cells.push_back(latency.count() == 0 ? "-" : known_duration(value.value, value.off));
  }
  return cells;
}

struct ClientRow {
  std::string name;
  ClientStatistics sum;

  [[nodiscard]] std::vector<std::string> cells(bool with_unfinished) const {
    const Picoseconds elapsed = sum.first_exec == kNever ? ps(0) : sum.last_end - sum.first_exec;
    std::vector<std::string> row{name, std::to_string(sum.jobs_done), std::to_string(sum.jobs_failed)};
    if (with_unfinished) {
      row.push_back(std::to_string(sum.jobs_unfinished));
      row.push_back(sum.jobs_unfinished == 0 ? "-" : format_duration(sum.oldest));
    }
    const bool has_ended = sum.first_exec != kNever;
    row.push_back(has_ended ? format_duration(elapsed) : "-");
    const Wide rate =
        divide_rounded(Wide{sum.jobs_done} * 10'000'000'000'000, static_cast<std::uint64_t>(elapsed.count()));
    row.push_back(has_ended ? fixed_point(rate, 1) : "-");
    for (std::string& cell : latency_cells(sum.latency)) row.push_back(std::move(cell));
    row.push_back(std::to_string(sum.period_misses));
    return row;
  }

  [[nodiscard]] bool starves() const { return sum.jobs_done + sum.jobs_failed == 0 && sum.jobs_unfinished > 0; }
  /// A client with more to tell comes first: some of its jobs failed, a period was missed, slow.
  [[nodiscard]] auto weight() const {
    return std::tuple{sum.jobs_failed > 0, sum.period_misses > 0, sum.latency.percentile(990)};
  }
};

/// Those of `places` that weigh most; of two that weigh alike the earlier one. (std::stable_sort of libstdc++ 12 uses
/// what clang calls deprecated.)
template <class Weight>
void keep_heaviest(std::vector<std::size_t>& places, std::size_t most, Weight weight) {
  if (places.size() <= most) return;
  std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    const auto of_a = weight(a);
    const auto of_b = weight(b);
    return of_a != of_b ? of_a > of_b : a < b;
  });
  places.resize(most);
}

/// Which clients have a line of their own, in order. Of those that starve and of the others each has a share of them.
std::vector<std::size_t> shown_clients(const std::vector<ClientRow>& clients, std::size_t most) {
  std::vector<std::size_t> starving;
  std::vector<std::size_t> served;
  for (std::size_t i = 0; i < clients.size(); ++i) (clients[i].starves() ? starving : served).push_back(i);
  const std::size_t least = most / 2;
  keep_heaviest(starving, std::max(most - least, most - std::min(most, served.size())),
                [&](std::size_t i) { return clients[i].sum.oldest; });
  keep_heaviest(served, most - starving.size(), [&](std::size_t i) { return clients[i].weight(); });
  starving.insert(starving.end(), served.begin(), served.end());
  std::sort(starving.begin(), starving.end());
  return starving;
}

void write_clients(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names) {
  std::vector<ClientRow> clients;
  for (std::size_t number = 0; number < std::max(statistics.clients().size(), names.clients.size()); ++number) {
    ClientRow& row = clients.emplace_back();
    row.name = Names::of(names.clients, number);
    if (number < statistics.clients().size()) row.sum.add(statistics.clients()[number]);
  }
  const bool with_unfinished = statistics.jobs_unfinished() > 0;
  TextTable table;
  std::vector<std::string> head{"client", "jobs", "failed"};
  if (with_unfinished) head.insert(head.end(), {"unfinished", "oldest"});
  head.insert(head.end(), {"elapsed", "jobs/s", "min", "avg", "p50", "p99", "max", "misses"});
  table.add(std::move(head));
  const std::vector<std::size_t> shown = shown_clients(clients, run.show_all ? clients.size() : kMaxClients);
  ClientRow all;
  ClientRow rest;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    all.sum.add(clients[i].sum);
    if (std::binary_search(shown.begin(), shown.end(), i)) {
      table.add(clients[i].cells(with_unfinished));
    } else {
      rest.sum.add(clients[i].sum);
    }
  }
  if (shown.size() < clients.size()) {
    rest.name = fmt::format("{} others", clients.size() - shown.size());
    table.add(rest.cells(with_unfinished));
  }
  if (clients.size() != 1) {
    all.name = clients.size() > shown.size() ? fmt::format("all {} clients", clients.size()) : "all";
    table.add(all.cells(with_unfinished));
  }
  table.write(out);
}

/// Renderers and compositors; nothing if there are none. Of many renderers those that repeat most.
void write_frames(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names) {
  const std::vector<ClientStatistics>& clients = statistics.clients();
  std::vector<std::size_t> renderers;
  std::vector<std::size_t> compositors;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const FrameStatistics& frames = clients[i].frames;
    if (frames.vblanks > 0) compositors.push_back(i);
    if (frames.vblanks == 0 && !frames.is_empty()) renderers.push_back(i);
  }
  if (renderers.empty() && compositors.empty()) return;
  out << '\n';
  TextTable table;
  table.add({"frames", "shown", "repeated", "dropped", "min", "avg", "p50", "p99", "max"});
  const auto add = [&table](const std::string& name, const FrameStatistics& frames) {
    std::vector<std::string> row{name, std::to_string(frames.shown), std::to_string(frames.repeated),
                                 std::to_string(frames.dropped)};
    for (std::string& cell : latency_cells(frames.latency)) row.push_back(std::move(cell));
    table.add(std::move(row));
  };
  const std::size_t all = renderers.size();
  keep_heaviest(renderers, run.show_all ? all : kMaxClients, [&](std::size_t i) { return clients[i].frames.repeated; });
  std::sort(renderers.begin(), renderers.end());
  FrameStatistics rest;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (std::binary_search(renderers.begin(), renderers.end(), i)) {
      add(Names::of(names.clients, i), clients[i].frames);
    } else if (clients[i].frames.vblanks == 0) {
      rest.add(clients[i].frames);
    }
  }
  if (renderers.size() < all) add(fmt::format("{} others", all - renderers.size()), rest);
  if (all > 0) table.write(out);
  for (const std::size_t i : compositors) {
    const FrameStatistics& frames = clients[i].frames;
    out << fmt::format("{}: {}, {} missed\n", Names::of(names.clients, i), count(frames.vblanks, "vblank", "vblanks"),
                       frames.missed);
  }
}

void write_engines(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names) {
  TextTable table;
  table.add({"engine", "busy", "switching", "idle", "jobs", "switches"});
  const auto whole = static_cast<std::uint64_t>(to_ps(run.end));
  const auto share = [&](Picoseconds part) { return percent(static_cast<std::uint64_t>(part.count()), whole); };
  std::vector<EngineStatistics> engines(std::max(statistics.engines().size(), names.engines.size()));
  for (std::size_t number = 0; number < engines.size(); ++number) {
    engines[number].times.idle = run.end.time_since_epoch();
    if (number < statistics.engines().size()) engines[number] = statistics.engines()[number];
  }
  const bool with_preempted =
      std::any_of(engines.begin(), engines.end(), [](const EngineStatistics& engine) { return engine.preempted > 0; });
  if (with_preempted) table.append({"preempted"});
  std::vector<std::size_t> shown(engines.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  keep_heaviest(shown, run.show_all ? engines.size() : kMaxEngines,
                [&](std::size_t i) { return std::pair{engines[i].times.busy, engines[i].times.switching}; });
  std::sort(shown.begin(), shown.end());
  Picoseconds busiest{0};
  for (std::size_t number = 0; number < engines.size(); ++number) {
    const EngineStatistics& engine = engines[number];
    if (!std::binary_search(shown.begin(), shown.end(), number)) {
      busiest = std::max(busiest, engine.times.busy);
      continue;
    }
    table.add({number < names.engines.size() ? names.engines[number].name : fmt::format("engine {}", number),
               share(engine.times.busy), share(engine.times.switching), share(engine.times.idle),
               std::to_string(engine.jobs), std::to_string(engine.switches)});
    if (with_preempted) table.append({std::to_string(engine.preempted)});
  }
  table.write(out);
  if (shown.size() == engines.size()) return;
  const std::size_t left = engines.size() - shown.size();
  out << fmt::format("and {} more, {}\n", left,
                     busiest.count() == 0 ? "idle all the time"
                                          : fmt::format("{} busy{}", share(busiest), left == 1 ? "" : " at most"));
}

void write_causes(std::ostream& out, const RunInfo& run, const Statistics& statistics) {
  TextTable table;
  const bool with_unfinished = statistics.jobs_unfinished() > 0;
  table.add({"cause", "total", "share", "mean/job", "from estimates"});
  if (with_unfinished) table.append({"unfinished"});
  const auto shares = shares_by_cause(statistics.causes(), run.charges, run.load_is_estimate);
  const Wide life_time = statistics.life_time();
  Wide estimated = 0;
  Wide unfinished = 0;
  bool is_known = false;
  const auto add = [&](std::string_view name, Wide total, const std::string& from_estimates, Wide open) {
    table.add({std::string{name}, duration(total), percent(total, life_time),
               duration(divide_rounded(total, statistics.jobs_ended())), from_estimates});
    if (with_unfinished) table.append({duration(open)});
  };
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    estimated += shares[i].estimated;
    is_known = is_known || shares[i].is_known;
    const Wide open = statistics.unfinished_causes()[i];
    unfinished += open;
    if (shares[i].total + open == 0) continue;
    add(kCauseNames[i], shares[i].total, shares[i].is_known ? percent(shares[i].estimated, shares[i].total) : "-",
        open);
  }
  add("life", life_time, is_known ? percent(estimated, life_time) : "-", unfinished);
  table.write(out);
}

/// What broke, and what was done about it; nothing if nothing did.
void write_recovery(std::ostream& out, const Statistics& statistics, const Names& names) {
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
        fmt::format("{} injected ({})", count(faults, "fault", "faults"), list(recovery.faults, names.faults)));
  }
  if (recovery.timeouts > 0) {
    const std::string verdicts = list(recovery.verdicts, names.verdicts);
    parts.push_back(count(recovery.timeouts, "timeout", "timeouts") + (verdicts.empty() ? "" : " (" + verdicts + ")"));
  }
  const auto part = [&](std::uint64_t number, const char* one, const char* many) {
    if (number > 0) parts.push_back(count(number, one, many));
  };
  part(recovery.messages_abandoned, "message given up", "messages given up");
  part(recovery.engine_resets, "engine reset", "engine resets");
  part(recovery.device_resets, "device reset", "device resets");
  part(recovery.queues_banned, "queue banned", "queues banned");
  for (const auto& [error, jobs] : statistics.failures()) {
    parts.push_back(fmt::format("{} failed with {}", count(jobs, "job", "jobs"), to_string(static_cast<Errno>(error))));
  }
  out << "recovery: ";
  for (std::size_t i = 0; i < parts.size(); ++i) out << (i == 0 ? "" : ", ") << parts[i];
  out << "\n\n";
}

}  // namespace

std::string percent(Wide part, Wide whole) {
  return whole == 0 ? "-" : fixed_point(divide_rounded(part * 1'000, whole), 1) + "%";
}

std::string known_duration(Wide picoseconds, Wide off) {
  if (off == 0) return duration(picoseconds);
  // The last digit is worth no more than the width of what is not known.
  Wide step = 1;
  while (step * 10 <= 2 * off) step *= 10;
  struct Unit {
    Wide ps;
    const char* name;
  };
  constexpr std::array<Unit, 5> kUnits{
      {{1'000'000'000'000, "s"}, {1'000'000'000, "ms"}, {1'000'000, "us"}, {1'000, "ns"}, {1, "ps"}}};
  for (const Unit& unit : kUnits) {
    if (picoseconds < unit.ps) continue;
    unsigned digits = 0;
    for (Wide digit = unit.ps; digits < 3 && digit >= 10 && digit / 10 >= step; digit /= 10) ++digits;
    Wide last = unit.ps;
    for (unsigned i = 0; i < digits; ++i) last /= 10;
    return fmt::format("{} {}", fixed_point(divide_rounded(picoseconds, last), digits), unit.name);
  }
  return "0 ps";
}

void write_summary_text(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names) {
  out << fmt::format("{}, seed {}: {} at {} with {} done, {} failed, {} unfinished\n\n", run.scenario, run.seed,
                     to_string(run.outcome), format_duration(run.end.time_since_epoch()),
                     count(statistics.jobs_done(), "job", "jobs"), statistics.jobs_failed(),
                     statistics.jobs_unfinished());
  write_clients(out, run, statistics, names);
  write_frames(out, run, statistics, names);
  out << '\n';
  write_engines(out, run, statistics, names);
  out << '\n';
  write_causes(out, run, statistics);
  out << '\n';
  write_recovery(out, statistics, names);
  for (const std::string& notice : run.notices) out << "note: " << notice << '\n';
  out << fmt::format("trace {}, {}\n", hash_text(run.trace_hash), count(run.events, "event", "events"));
}

}  // namespace gpusim::trace
