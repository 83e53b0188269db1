// SPDX-License-Identifier: MIT
// What the summary says of clients.
#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

#include <fmt/core.h>

#include "traces/folds/fairness.h"
#include "traces/report/durations.h"
#include "traces/report/summary_parts.h"

namespace gpusim::trace {
namespace {

constexpr std::size_t kMaxClients = 7;
constexpr std::size_t kMaxShares = 3;

[[nodiscard]] bool starves(const ClientStatistics& client) {
  return client.jobs_done + client.jobs_failed == 0 && client.jobs_unfinished > 0;
}

/// A client with more to tell comes first: some of its jobs failed, a period was missed, slow.
[[nodiscard]] auto weight_of(const ClientStatistics& client) {
  return std::tuple{client.jobs_failed > 0, client.period_misses > 0, client.latency.percentile(990),
                    client.longest_wait()};
}

/// A table of clients: names in order, those with a line of their own, then the others, then all.
struct ClientLines {
  explicit ClientLines(const Page& page) {
    const auto clients = clients_of(page);
    const std::vector<std::size_t> shown = shown_clients(page);
    lines.reserve(clients.size() + 2);
    ClientStatistics rest;
    ClientStatistics all;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      all.add(*clients[i]);
      if (std::binary_search(shown.begin(), shown.end(), i)) {
        lines.emplace_back(Names::of(page.names.clients, i), ClientStatistics{}).second.add(*clients[i]);
      } else {
        rest.add(*clients[i]);
      }
    }
    if (shown.size() < clients.size()) {
      lines.emplace_back(fmt::format("{} others", clients.size() - shown.size()), std::move(rest));
    }
    if (clients.size() == 1) return;
    const bool is_cut = clients.size() > shown.size();
    lines.emplace_back(is_cut ? fmt::format("all {} clients", clients.size()) : "all", std::move(all));
  }
  std::vector<std::pair<std::string, ClientStatistics>> lines;
};

/// min, avg, p50, p99, max: a column each.
class LatencyColumns {
 public:
  void add(const Histogram& latency) {
    const std::array<Histogram::Quantile, 5> values{
        {{latency.min(), 0}, {latency.mean(), 0}, latency.quantile(500), latency.quantile(990), {latency.max(), 0}}};
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (latency.count() == 0) {
        columns_[i].add_none();
      } else {
        columns_[i].add(values[i]);
      }
    }
  }
  [[nodiscard]] std::vector<std::vector<std::string>> texts() const {
    std::vector<std::vector<std::string>> texts;
    for (const DurationColumn& column : columns_) texts.push_back(column.texts());
    return texts;
  }

 private:
  std::array<DurationColumn, 5> columns_;
};

[[nodiscard]] Picoseconds elapsed_of(const ClientStatistics& client) { return client.last_end - client.first_exec; }

[[nodiscard]] std::string rate_of(const ClientStatistics& client) {
  const Wide jobs = Wide{client.jobs_done} * 10'000'000'000'000;
  return fixed_point(divide_rounded(jobs, static_cast<std::uint64_t>(elapsed_of(client).count())), 1);
}

[[nodiscard]] std::string engines_text(std::uint64_t mask, const Names& names) {
  std::string text;
  for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
    const auto engine = static_cast<std::size_t>(std::countr_zero(rest));
    text += (text.empty() ? "" : "+") +
            (engine < names.engines.size() ? names.engines[engine].name : fmt::format("engine {}", engine));
  }
  return text;
}

void write_fairness(const Page& page) {
  const std::vector<EvenShare> shares = even_shares(page.statistics);
  std::vector<std::size_t> shown(shares.size());
  for (std::size_t i = 0; i < shown.size(); ++i) shown[i] = i;
  keep_heaviest(shown, page.run.show_all ? shares.size() : kMaxShares,
                [&](std::size_t i) { return 100'000 - shares[i].jain; });
  std::sort(shown.begin(), shown.end());
  for (const std::size_t i : shown) {
    const EvenShare& share = shares[i];
    page.line(fmt::format("fairness: {} among {} clients of {} created at priority {}{}, engine time {} to {}",
                          percent(share.jain, 100'000), share.clients, engines_text(share.engine_mask, page.names),
                          share.level, share.changed == 0 ? "" : fmt::format(" ({} changed it)", share.changed),
                          long_duration(share.least), long_duration(share.most)));
  }
  if (shown.size() < shares.size()) {
    page.line(fmt::format("fairness: {} more groups are no less fair", shares.size() - shown.size()));
  }
  if (!shares.empty()) page.out << '\n';
}

}  // namespace

std::vector<const ClientStatistics*> clients_of(const Page& page) {
  static const ClientStatistics kNone;
  const std::vector<ClientStatistics>& known = page.statistics.clients();
  std::vector<const ClientStatistics*> clients(std::max(known.size(), page.names.clients.size()), &kNone);
  for (std::size_t i = 0; i < known.size(); ++i) clients[i] = &known[i];
  return clients;
}

/// Of those that starve and of the others each has a share of the lines.
std::vector<std::size_t> shown_clients(const Page& page) {
  const auto clients = clients_of(page);
  const std::size_t most = page.run.show_all ? clients.size() : kMaxClients;
  std::vector<std::size_t> starving;
  std::vector<std::size_t> served;
  for (std::size_t i = 0; i < clients.size(); ++i) (starves(*clients[i]) ? starving : served).push_back(i);
  const std::size_t least = most / 2;
  keep_heaviest(starving, std::max(most - least, most - std::min(most, served.size())),
                [&](std::size_t i) { return clients[i]->oldest; });
  keep_heaviest(served, most - starving.size(), [&](std::size_t i) { return weight_of(*clients[i]); });
  starving.insert(starving.end(), served.begin(), served.end());
  std::sort(starving.begin(), starving.end());
  return starving;
}

void write_clients(const Page& page) {
  const ClientLines clients{page};
  const bool with_unfinished = page.statistics.jobs_unfinished() > 0;
  DurationColumn oldest;
  DurationColumn elapsed;
  LatencyColumns latency;
  for (const auto& [name, client] : clients.lines) {
    client.jobs_unfinished == 0 ? oldest.add_none() : oldest.add(static_cast<std::uint64_t>(client.oldest.count()));
    client.first_exec == kNever ? elapsed.add_none()
                                : elapsed.add(static_cast<std::uint64_t>(elapsed_of(client).count()));
    latency.add(client.latency);
  }
  TextTable table;
  table.add({"client", "jobs", "failed"});
  if (with_unfinished) table.append({"unfinished", "oldest", "waits for"});
  table.append({"elapsed", "jobs/s", "min", "avg", "p50", "p99", "max", "misses"});
  const auto oldest_texts = oldest.texts();
  const auto elapsed_texts = elapsed.texts();
  const auto latency_texts = latency.texts();
  for (std::size_t i = 0; i < clients.lines.size(); ++i) {
    const auto& [name, client] = clients.lines[i];
    table.add({name, std::to_string(client.jobs_done), std::to_string(client.jobs_failed)});
    if (client.jobs_failed > 0) table.alarm();
    if (with_unfinished) {
      table.append({std::to_string(client.jobs_unfinished)});
      if (client.jobs_unfinished > 0) table.alarm();
      const bool is_waiting = client.jobs_unfinished > 0;
      table.append({oldest_texts[i], is_waiting ? std::string{to_string(client.oldest_waits_for)} : "-"});
    }
    table.append({elapsed_texts[i], client.first_exec == kNever ? "-" : rate_of(client)});
    for (const auto& column : latency_texts) table.append({column[i]});
    table.append({std::to_string(client.period_misses)});
    if (client.period_misses > 0) table.alarm();
  }
  page.table(table);
}

void write_shares(const Page& page) {
  if (page.statistics.jobs_ended() + page.statistics.jobs_unfinished() == 0) return;
  const ClientLines clients{page};
  const ClientStatistics& all = clients.lines.back().second;
  const Wide whole = all.engine_time();
  DurationColumn engine_time;
  DurationColumn longest;
  for (const auto& [name, client] : clients.lines) {
    engine_time.add(client.engine_time());
    longest.add(client.longest_wait());
  }
  TextTable table;
  table.end_in_text();
  table.add({"client", "engine time", "share", "longest wait"});
  if (all.preemptions > 0) table.append({"preempted"});
  if (all.evictions > 0) table.append({"evicted"});
  table.append({"lives went to"});
  const auto engine_times = engine_time.texts();
  const auto waits = longest.texts();
  for (std::size_t i = 0; i < clients.lines.size(); ++i) {
    const auto& [name, client] = clients.lines[i];
    table.add({name, engine_times[i], percent(client.engine_time(), whole), waits[i]});
    if (all.preemptions > 0) table.append({std::to_string(client.preemptions)});
    if (all.evictions > 0) table.append({std::to_string(client.evictions)});
    CauseSums lives = client.causes.all();
    lives.add(client.open_causes);
    table.append({largest_causes(lives, 3)});
  }
  page.table(table);
  write_fairness(page);
}

/// Of many renderers those that repeat most.
void write_frames(const Page& page) {
  const auto clients = clients_of(page);
  std::vector<std::size_t> renderers;
  std::vector<std::size_t> compositors;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const FrameStatistics& frames = clients[i]->frames;
    if (frames.vblanks > 0) compositors.push_back(i);
    if (frames.vblanks == 0 && !frames.is_empty()) renderers.push_back(i);
  }
  if (renderers.empty() && compositors.empty()) return;
  const std::size_t all = renderers.size();
  keep_heaviest(renderers, page.run.show_all ? all : kMaxClients,
                [&](std::size_t i) { return clients[i]->frames.repeated; });
  std::sort(renderers.begin(), renderers.end());
  std::vector<std::pair<std::string, FrameStatistics>> lines;
  FrameStatistics rest;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (std::binary_search(renderers.begin(), renderers.end(), i)) {
      lines.emplace_back(Names::of(page.names.clients, i), FrameStatistics{}).second.add(clients[i]->frames);
    } else if (clients[i]->frames.vblanks == 0) {
      rest.add(clients[i]->frames);
    }
  }
  if (renderers.size() < all) lines.emplace_back(fmt::format("{} others", all - renderers.size()), std::move(rest));
  TextTable table;
  table.add({"frames", "shown", "repeated", "dropped", "min", "avg", "p50", "p99", "max"});
  LatencyColumns latency;
  for (const auto& [name, frames] : lines) latency.add(frames.latency);
  const auto latency_texts = latency.texts();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& [name, frames] = lines[i];
    table.add({name, std::to_string(frames.shown), std::to_string(frames.repeated), std::to_string(frames.dropped)});
    for (const auto& column : latency_texts) table.append({column[i]});
  }
  if (all > 0) table.write(page.out, page.form);
  if (all > 0 && page.form.is_markdown) page.out << '\n';
  for (const std::size_t i : compositors) {
    const FrameStatistics& frames = clients[i]->frames;
    page.line(fmt::format("{}: {}, {} missed", Names::of(page.names.clients, i),
                          counted(frames.vblanks, "vblank", "vblanks"), frames.missed));
  }
  page.out << '\n';
}

}  // namespace gpusim::trace
