// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/hash.h"
#include "traces/report/summary.h"
#include "traces/report/text_table.h"

namespace gpusim::trace {
namespace {

constexpr std::size_t kMaxClients = 7;
constexpr std::size_t kMaxEngines = 5;

/// "12.3%", halves up; "-" if there is no whole.
std::string percent(Wide part, Wide whole) {
  return whole == 0 ? "-" : fixed_point(divide_rounded(part * 1'000, whole), 1) + "%";
}

std::string duration(Wide picoseconds) {
  // Beyond 106 days of summed job time the smaller digits do not matter.
  constexpr Wide kSecond = 1'000'000'000'000;
  if (picoseconds > kSecond * 9'000'000) return decimal(picoseconds / kSecond) + " s";
  return format_duration(ps(static_cast<std::int64_t>(picoseconds)));
}

std::string count(std::uint64_t value, const char* one, const char* many) {
  return fmt::format("{} {}", value, value == 1 ? one : many);
}

struct ClientRow {
  std::string name;
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  SimTime first = kNever;
  SimTime last{};
  Histogram latency;
  std::uint64_t misses = 0;

  void add(const ClientStatistics& client) {
    done += client.jobs_done;
    failed += client.jobs_failed;
    first = std::min(first, client.first_exec);
    last = std::max(last, client.last_end);
    latency.merge(client.latency);
    misses += client.period_misses;
  }

  [[nodiscard]] std::vector<std::string> cells() const {
    const Picoseconds elapsed = first == kNever ? ps(0) : last - first;
    std::vector<std::string> row{
        name, std::to_string(done), std::to_string(failed), format_duration(elapsed),
        fixed_point(divide_rounded(Wide{done} * 10'000'000'000'000, static_cast<std::uint64_t>(elapsed.count())), 1)};
    for (const std::uint64_t value :
         {latency.min(), latency.mean(), latency.percentile(500), latency.percentile(990), latency.max()}) {
      row.push_back(latency.count() == 0 ? "-" : duration(value));
    }
    row.push_back(std::to_string(misses));
    return row;
  }
};

void write_clients(std::ostream& out, const Statistics& statistics, const Names& names) {
  TextTable table;
  table.add({"client", "jobs", "failed", "elapsed", "jobs/s", "min", "avg", "p50", "p99", "max", "misses"});
  ClientRow all;
  std::size_t shown = 0;
  std::size_t present = 0;
  for (std::size_t number = 0; number < statistics.clients().size(); ++number) {
    const ClientStatistics& client = statistics.clients()[number];
    if (client.jobs_done + client.jobs_failed + client.period_misses == 0) continue;
    all.add(client);
    ++present;
    if (shown == kMaxClients) continue;
    ++shown;
    ClientRow row;
    row.name = Names::of(names.clients, number);
    row.add(client);
    table.add(row.cells());
  }
  if (present != 1) {
    all.name = present > shown ? fmt::format("all {} clients", present) : "all";
    table.add(all.cells());
  }
  table.write(out);
}

void write_engines(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names) {
  TextTable table;
  table.add({"engine", "busy", "switching", "idle", "jobs", "switches"});
  const auto whole = static_cast<std::uint64_t>(to_ps(run.end));
  const std::size_t engines = std::max(statistics.engines().size(), names.engines.size());
  for (std::size_t number = 0; number < std::min(engines, kMaxEngines); ++number) {
    EngineStatistics engine;
    engine.times.idle = run.end.time_since_epoch();
    if (number < statistics.engines().size()) engine = statistics.engines()[number];
    const auto share = [&](Picoseconds part) { return percent(static_cast<std::uint64_t>(part.count()), whole); };
    table.add({number < names.engines.size() ? names.engines[number].name : fmt::format("engine {}", number),
               share(engine.times.busy), share(engine.times.switching), share(engine.times.idle),
               std::to_string(engine.jobs), std::to_string(engine.switches)});
  }
  if (engines > kMaxEngines) table.add({fmt::format("and {} more", engines - kMaxEngines)});
  table.write(out);
}

void write_causes(std::ostream& out, const RunInfo& run, const Statistics& statistics) {
  TextTable table;
  table.add({"cause", "total", "share", "mean/job", "from estimates"});
  const auto charges = charges_by_cause(run.charges);
  const Wide life_time = statistics.life_time();
  CauseCharge sum;
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    sum.total += charges[i].total;
    sum.estimated += charges[i].estimated;
    const Wide total = statistics.causes()[i];
    if (total == 0) continue;
    table.add({std::string{kCauseNames[i]}, duration(total), percent(total, life_time),
               duration(divide_rounded(total, statistics.jobs_ended())),
               percent(charges[i].estimated, charges[i].total)});
  }
  table.add({"life", duration(life_time), percent(life_time, life_time),
             duration(divide_rounded(life_time, statistics.jobs_ended())), percent(sum.estimated, sum.total)});
  table.write(out);
}

/// The only floating point: the simulator's own speed.
void write_host(std::ostream& out, const RunInfo& run, const Statistics& statistics) {
  const double seconds = static_cast<double>(run.wall_ns) / 1e9;
  const double jobs = static_cast<double>(statistics.jobs_ended());
  out << fmt::format("{:.3f} s of wall time, {:.0f} jobs/s\n", seconds, run.wall_ns == 0 ? 0.0 : jobs / seconds);
}

}  // namespace

void write_summary_text(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names) {
  out << fmt::format("{}, seed {}: {} at {} with {} done, {} failed, {} unfinished\n\n", run.scenario, run.seed,
                     to_string(run.outcome), format_duration(run.end.time_since_epoch()),
                     count(statistics.jobs_done(), "job", "jobs"), statistics.jobs_failed(),
                     statistics.jobs_unfinished());
  write_clients(out, statistics, names);
  out << '\n';
  write_engines(out, run, statistics, names);
  out << '\n';
  write_causes(out, run, statistics);
  out << '\n';
  for (const std::string& notice : run.notices) out << "note: " << notice << '\n';
  out << fmt::format("trace {}, {}\n", hash_text(run.trace_hash), count(run.events, "event", "events"));
  write_host(out, run, statistics);
}

}  // namespace gpusim::trace
