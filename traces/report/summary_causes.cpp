// SPDX-License-Identifier: MIT
// What the summary says of causes and of single jobs.
#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include <fmt/core.h>

#include "base/errno.h"
#include "traces/report/durations.h"
#include "traces/report/summary_parts.h"

namespace gpusim::trace {
namespace {

constexpr std::size_t kFewJobs = 3;

[[nodiscard]] std::string client_of(std::uint32_t client, const Names& names) {
  return Names::of(names.clients, client);
}

[[nodiscard]] std::string queue_of(std::uint32_t queue, const Names& names) {
  return queue < names.queues.size() ? names.queues[queue].name : "?";
}

/// Rows of the cause table: the causes that took time, in their order, the own backlog below engine_busy, then life.
struct CauseLine {
  std::string name;
  Wide total = 0;
  Wide open = 0;
  Wide of_slow_tenth = 0;
  Wide of_slowest = 0;
  std::string from_estimates = "-";
};

struct AllCauses {
  CauseSums ended;
  CauseSums open;
  CauseSums slow_tenth;
  CauseSums slowest;
};

[[nodiscard]] AllCauses all_causes(const Statistics& statistics) {
  CauseProfile profile;
  AllCauses all;
  for (const ClientStatistics& client : statistics.clients()) {
    profile.add(client.causes);
    all.open.add(client.open_causes);
  }
  all.ended = profile.all();
  all.slow_tenth = profile.slowest(100);
  all.slowest = profile.slowest(10);
  return all;
}

[[nodiscard]] std::vector<CauseLine> cause_lines(const RunInfo& run, const AllCauses& all) {
  const auto shares = shares_by_cause(all.ended.causes, run.charges, run.load_is_estimate);
  std::vector<CauseLine> lines;
  Wide estimated = 0;
  bool is_known = false;
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    estimated += shares[i].estimated;
    is_known = is_known || shares[i].is_known;
    if (all.ended.causes[i] + all.open.causes[i] == 0) continue;
    lines.push_back({std::string{kCauseNames[i]}, all.ended.causes[i], all.open.causes[i], all.slow_tenth.causes[i],
                     all.slowest.causes[i], shares[i].is_known ? percent(shares[i].estimated, shares[i].total) : "-"});
    if (static_cast<Cause>(i) != Cause::engine_busy || all.ended.own_backlog + all.open.own_backlog == 0) continue;
    lines.push_back({"  own backlog", all.ended.own_backlog, all.open.own_backlog, all.slow_tenth.own_backlog,
                     all.slowest.own_backlog, "-"});
  }
  lines.push_back({"life", all.ended.total(), all.open.total(), all.slow_tenth.total(), all.slowest.total(),
                   is_known ? percent(estimated, all.ended.total()) : "-"});
  return lines;
}

void add_of_each(TextTable& table, const std::string& name, const std::string& which, const CauseSums& sums) {
  if (sums.lives == 0) return;
  table.add({name, which, std::to_string(sums.lives), long_duration(divide_rounded(sums.total(), sums.lives)),
             largest_causes(sums, kCauseCount)});
}

}  // namespace

std::string largest_causes(const CauseSums& sums, std::size_t most) {
  std::vector<std::size_t> causes(kCauseCount);
  std::iota(causes.begin(), causes.end(), std::size_t{0});
  std::sort(causes.begin(), causes.end(), [&](std::size_t a, std::size_t b) {
    return sums.causes[a] != sums.causes[b] ? sums.causes[a] > sums.causes[b] : a < b;
  });
  const Wide total = sums.total();
  const auto share = [&](Wide part) { return fmt::format("{}%", decimal(divide_rounded(part * 100, total))); };
  std::string text;
  for (std::size_t i = 0; i < std::min(most, causes.size()); ++i) {
    const Wide part = sums.causes[causes[i]];
    if (part * 200 < total || part == 0) break;  // rounds to nothing
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", kCauseNames[causes[i]], share(part));
    const bool has_own = static_cast<Cause>(causes[i]) == Cause::engine_busy && sums.own_backlog > 0;
    if (has_own) text += fmt::format(" (own {})", share(sums.own_backlog));
  }
  return text.empty() ? "-" : text;
}

void write_causes(const Page& page) {
  const AllCauses all = all_causes(page.statistics);
  const std::vector<CauseLine> lines = cause_lines(page.run, all);
  const bool with_open = page.statistics.jobs_unfinished() > 0;
  DurationColumn total;
  DurationColumn mean;
  DurationColumn open;
  for (const CauseLine& line : lines) {
    total.add(line.total);
    mean.add(divide_rounded(line.total, all.ended.lives));
    open.add(line.open);
  }
  const auto totals = total.texts();
  const auto means = mean.texts();
  const auto opens = open.texts();
  TextTable table;
  table.add({"cause", "total", "share", "slow 10%", "slow 1%", "mean/job", "from estimates"});
  if (with_open) table.append({"unfinished"});
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const CauseLine& line = lines[i];
    table.add({line.name, totals[i], percent(line.total, all.ended.total()),
               percent(line.of_slow_tenth, all.slow_tenth.total()), percent(line.of_slowest, all.slowest.total()),
               means[i], line.from_estimates});
    if (with_open) table.append({opens[i]});
  }
  page.table(table);
}

void write_causes_of_each(const Page& page) {
  if (!page.run.show_all) return;
  TextTable table;
  table.end_in_text();
  table.add({"of", "lives", "jobs", "mean", "went to"});
  const auto clients = clients_of(page);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const std::string& name = Names::of(page.names.clients, i);
    add_of_each(table, name, "all", clients[i]->causes.all());
    add_of_each(table, name, "slow 10%", clients[i]->causes.slowest(100));
    add_of_each(table, name, "slow 1%", clients[i]->causes.slowest(10));
    add_of_each(table, name, "unfinished", clients[i]->open_causes);
  }
  const std::vector<QueueStatistics>& queues = page.statistics.queues();
  for (std::size_t i = 1; i < queues.size(); ++i) {
    add_of_each(table, queue_of(static_cast<std::uint32_t>(i), page.names), "all", queues[i].causes);
    add_of_each(table, queue_of(static_cast<std::uint32_t>(i), page.names), "unfinished", queues[i].open_causes);
  }
  page.table(table);
}

namespace {

void write_jobs(const Page& page, const std::string& title, const std::vector<SlowestJobs::Entry>& jobs) {
  if (jobs.empty()) return;
  DurationColumn latency;
  for (const SlowestJobs::Entry& job : jobs) latency.add(static_cast<std::uint64_t>(job.life.length().count()));
  const auto latencies = latency.texts();
  TextTable table;
  table.end_in_text();
  table.add({title, "job", "latency", "ended", "went to"});
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto& [life, is_finished] = jobs[i];
    CauseSums sums;
    sums.add(life);
    const bool is_good = is_finished && life.error == 0;
    table.add({queue_of(life.queue, page.names) == "?" ? client_of(life.client, page.names)
                                                       : queue_of(life.queue, page.names),
               std::to_string(life.job), latencies[i],
               !is_finished ? "no"
               : is_good    ? "good"
                            : std::string{to_string(static_cast<Errno>(life.error))}});
    if (!is_good) table.alarm();
    table.append({largest_causes(sums, 3)});
  }
  page.table(table);
}

}  // namespace

void write_slowest_jobs(const Page& page) {
  std::vector<SlowestJobs::Entry> jobs = page.statistics.slowest_jobs().entries();
  if (!page.run.show_all && jobs.size() > kFewJobs) jobs.erase(jobs.begin() + kFewJobs, jobs.end());
  write_jobs(page, "slowest", jobs);
  if (!page.run.show_all) return;
  std::vector<SlowestJobs::Entry> of_each;
  std::size_t clients = 0;
  for (const ClientStatistics& client : page.statistics.clients()) {
    const std::vector<SlowestJobs::Entry>& of_client = client.slowest.entries();
    of_each.insert(of_each.end(), of_client.begin(), of_client.end());
    clients += of_client.empty() ? 0 : 1;
  }
  if (clients > 1) write_jobs(page, "slowest of each client", of_each);
}

}  // namespace gpusim::trace
