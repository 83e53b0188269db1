// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/errno.h"
#include "base/hash.h"
#include "traces/folds/fairness.h"
#include "traces/report/json_writer.h"
#include "traces/report/summary.h"
#include "traces/report/summary_parts.h"

namespace gpusim::trace {

namespace {

/// What runs on a CPU, or waits for one.
[[nodiscard]] bool takes_cpu(Cause cause) {
  return cause == Cause::syscall || cause == Cause::host_worker || cause == Cause::completion || cause == Cause::wakeup;
}

}  // namespace

std::array<CauseShare, kCauseCount> shares_by_cause(const std::array<Wide, kCauseCount>& causes,
                                                    const std::vector<ParameterCharge>& charges,
                                                    bool load_is_estimate) {
  std::array<CauseShare, kCauseCount> shares{};
  for (const ParameterCharge& charge : charges) {
    if (!charge.cause.has_value()) continue;
    CauseShare& share = shares[static_cast<std::size_t>(*charge.cause)];
    const auto amount = static_cast<std::uint64_t>(charge.total.count());
    share.charged += amount;
    if (is_uncertain(charge.tag)) share.estimated += amount;
  }
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    CauseShare& share = shares[i];
    share.total = causes[i];
    share.is_known = share.charged != 0;
    if (share.charged > share.total) share.estimated = divide_rounded(share.estimated * share.total, share.charged);
    if (!load_is_estimate || !takes_cpu(static_cast<Cause>(i))) continue;
    share.is_known = true;
    if (share.total > share.charged) share.estimated += share.total - share.charged;
  }
  return shares;
}

namespace {

void write_number(JsonWriter& json, std::string_view key, Wide value) { json.key(key).number_text(decimal(value)); }

void write_latency(JsonWriter& json, std::string_view name, const Histogram& latency) {
  json.key(name).begin_object();
  json.key("count").value(latency.count());
  json.key("min").value(latency.min());
  json.key("mean").value(latency.mean());
  for (const auto& [key, permille] : {std::pair{"p50", 500U}, {"p90", 900U}, {"p99", 990U}, {"p999", 999U}}) {
    json.key(key).value(latency.percentile(permille));
  }
  // How far the true percentile may be from the one above: half a bucket of the histogram.
  for (const auto& [key, permille] :
       {std::pair{"p50_off", 500U}, {"p90_off", 900U}, {"p99_off", 990U}, {"p999_off", 999U}}) {
    json.key(key).value(latency.quantile(permille).off);
  }
  json.key("max").value(latency.max());
  // Bars of an eighth of an octave: the least value of each, and how many there were.
  json.key("histogram").begin_array();
  for (const Histogram::Bar& bar : latency.bars(3)) {
    json.number_text(fmt::format("[{}, {}]", bar.low, bar.count));
  }
  json.end_array();
  json.end_object();
}

/// Only causes that took time.
void write_sums(JsonWriter& json, std::string_view name, const CauseSums& sums) {
  json.key(name).begin_object();
  json.key("jobs").value(sums.lives);
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    if (sums.causes[i] != 0) write_number(json, std::string{kCauseNames[i]} + "_ps", sums.causes[i]);
  }
  if (sums.own_backlog != 0) write_number(json, "own_backlog_ps", sums.own_backlog);
  json.end_object();
}

void write_profile(JsonWriter& json, const CauseProfile& profile, const CauseSums& open) {
  json.key("causes").begin_object();
  write_sums(json, "all", profile.all());
  write_sums(json, "slowest_10_percent", profile.slowest(100));
  write_sums(json, "slowest_1_percent", profile.slowest(10));
  write_sums(json, "unfinished", open);
  json.end_object();
}

/// Of renderers and compositors only.
void write_frames(JsonWriter& json, const FrameStatistics& frames) {
  json.key("frames").begin_object();
  json.key("shown").value(frames.shown);
  json.key("repeated").value(frames.repeated);
  json.key("dropped").value(frames.dropped);
  json.key("vblanks").value(frames.vblanks);
  json.key("vblanks_missed").value(frames.missed);
  write_latency(json, "latency_ps", frames.latency);
  json.end_object();
}

void write_slowest_jobs(JsonWriter& json, const SlowestJobs& jobs, const Names& names) {
  json.key("slowest_jobs").begin_array();
  for (const auto& [life, is_finished] : jobs.entries()) {
    json.begin_object();
    json.key("job").value(life.job);
    json.key("client").value(Names::of(names.clients, life.client));
    json.key("queue").value(life.queue < names.queues.size() ? names.queues[life.queue].name : "?");
    json.key("begin_ps").value(to_ps(life.begin));
    json.key("latency_ps").value(life.length().count());
    json.key("finished").value(is_finished);
    json.key("error").value(life.error == 0 ? std::string_view{} : to_string(static_cast<Errno>(life.error)));
    CauseSums sums;
    sums.add(life);
    write_sums(json, "causes", sums);
    json.end_object();
  }
  json.end_array();
}

void write_clients(JsonWriter& json, const Statistics& statistics, const Names& names) {
  json.key("clients").begin_array();
  const ClientStatistics none;
  for (std::size_t number = 0; number < std::max(statistics.clients().size(), names.clients.size()); ++number) {
    const ClientStatistics& client = number < statistics.clients().size() ? statistics.clients()[number] : none;
    const bool ran = client.first_exec != kNever;
    json.begin_object();
    json.key("name").value(Names::of(names.clients, number));
    json.key("jobs_done").value(client.jobs_done);
    json.key("jobs_failed").value(client.jobs_failed);
    json.key("jobs_unfinished").value(client.jobs_unfinished);
    json.key("oldest_unfinished_ps").value(client.oldest.count());
    json.key("oldest_waits_for");
    if (client.jobs_unfinished > 0)
      json.value(to_string(client.oldest_waits_for));
    else
      json.null();
    json.key("first_exec_ps");
    if (ran)
      json.value(to_ps(client.first_exec));
    else
      json.null();
    json.key("last_end_ps");
    if (ran)
      json.value(to_ps(client.last_end));
    else
      json.null();
    const Picoseconds elapsed = ran ? client.last_end - client.first_exec : ps(0);
    json.key("jobs_per_s")
        .number_text(fixed_point(
            divide_rounded(Wide{client.jobs_done} * 1'000'000'000'000'000, static_cast<std::uint64_t>(elapsed.count())),
            3));
    json.key("period_misses").value(client.period_misses);
    json.key("execs_refused").value(client.execs_refused).key("execs_failed").value(client.execs_failed);
    write_number(json, "engine_time_ps", client.engine_time());
    write_number(json, "longest_wait_ps", client.longest_wait());
    json.key("preemptions").value(client.preemptions);
    json.key("slot_evictions").value(client.evictions);
    write_latency(json, "latency_ps", client.latency);
    write_profile(json, client.causes, client.open_causes);
    write_slowest_jobs(json, client.slowest, names);
    if (!client.frames.is_empty()) write_frames(json, client.frames);
    json.end_object();
  }
  json.end_array();
}

void write_engines(JsonWriter& json, const RunInfo& run, const Statistics& statistics, const Names& names) {
  json.key("engines").begin_array();
  for (std::size_t number = 0; number < std::max(statistics.engines().size(), names.engines.size()); ++number) {
    EngineStatistics engine;
    engine.times.idle = run.end.time_since_epoch();
    if (number < statistics.engines().size()) engine = statistics.engines()[number];
    const bool named = number < names.engines.size();
    json.begin_object();
    json.key("name").value(named ? names.engines[number].name : "?");
    json.key("class").value(named ? names.engines[number].class_name : "?");
    json.key("busy_ps").value(engine.times.busy.count());
    json.key("switching_ps").value(engine.times.switching.count());
    json.key("idle_ps").value(engine.times.idle.count());
    json.key("jobs").value(engine.jobs);
    json.key("switches").value(engine.switches);
    json.key("preempted").value(engine.preempted);
    json.end_object();
  }
  json.end_array();
}

void write_queues(JsonWriter& json, const Statistics& statistics, const Names& names) {
  json.key("queues").begin_array();
  const QueueStatistics none;
  for (std::size_t number = 1; number < std::max(statistics.queues().size(), names.queues.size()); ++number) {
    const QueueStatistics& queue = number < statistics.queues().size() ? statistics.queues()[number] : none;
    json.begin_object();
    json.key("name").value(number < names.queues.size() ? names.queues[number].name : "?");
    json.key("jobs").value(queue.jobs);
    json.key("jobs_unfinished").value(queue.jobs_unfinished);
    write_number(json, "engine_time_ps", queue.engine_time());
    json.key("preemptions").value(queue.preemptions);
    json.key("slot_grants").value(queue.grants);
    json.key("slot_evictions").value(queue.evictions);
    json.key("causes").begin_object();
    write_sums(json, "all", queue.causes);
    write_sums(json, "unfinished", queue.open_causes);
    json.end_object().end_object();
  }
  json.end_array();
}

void write_fairness(JsonWriter& json, const Statistics& statistics, const Names& names) {
  json.key("fairness").begin_array();
  for (const EvenShare& share : even_shares(statistics)) {
    json.begin_object();
    json.key("engines").begin_array();
    for (std::size_t engine = 0; engine < names.engines.size(); ++engine) {
      if ((share.engine_mask >> engine & 1) != 0) json.value(names.engines[engine].name);
    }
    json.end_array();
    json.key("priority").value(share.level);
    json.key("clients").value(share.clients);
    json.key("clients_that_changed_priority").value(share.changed);
    write_number(json, "least_engine_time_ps", share.least);
    write_number(json, "most_engine_time_ps", share.most);
    json.key("jain_percent").number_text(fixed_point(share.jain, 3));
    json.end_object();
  }
  json.end_array();
}

void write_causes(JsonWriter& json, const RunInfo& run, const Statistics& statistics) {
  const auto shares = shares_by_cause(statistics.causes(), run.charges, run.load_is_estimate);
  CauseProfile all;
  CauseSums open;
  for (const ClientStatistics& client : statistics.clients()) {
    all.add(client.causes);
    open.add(client.open_causes);
  }
  json.key("causes").begin_array();
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    const Wide total = statistics.causes()[i];
    json.begin_object();
    json.key("name").value(kCauseNames[i]);
    write_number(json, "total_ps", total);
    write_number(json, "mean_ps", divide_rounded(total, statistics.jobs_ended()));
    json.key("share_percent").number_text(fixed_point(divide_rounded(total * 1'000, statistics.life_time()), 1));
    write_number(json, "charged_ps", shares[i].charged);
    write_number(json, "estimated_ps", shares[i].estimated);
    write_number(json, "unfinished_ps", statistics.unfinished_causes()[i]);
    if (static_cast<Cause>(i) == Cause::engine_busy) {
      write_number(json, "own_backlog_ps", all.all().own_backlog);
      write_number(json, "own_backlog_unfinished_ps", open.own_backlog);
    }
    json.end_object();
  }
  json.end_array();
  json.key("slowest").begin_object();
  write_sums(json, "slowest_10_percent", all.slowest(100));
  write_sums(json, "slowest_1_percent", all.slowest(10));
  json.end_object();
  json.key("parameters").begin_array();
  for (const ParameterCharge& charge : run.charges) {
    json.begin_object();
    json.key("name").value(charge.name);
    json.key("tag").value(std::string_view{&charge.tag, 1});
    json.key("cause");
    if (charge.cause.has_value())
      json.value(to_string(*charge.cause));
    else
      json.null();
    json.key("charged_ps").value(charge.total.count());
    json.end_object();
  }
  json.end_array();
}

void write_recovery(JsonWriter& json, const Statistics& statistics, const Names& names) {
  const RecoveryCounts& recovery = statistics.recovery();
  const DeviceTurns turns = device_turns(statistics);
  json.key("recovery").begin_object();
  json.key("timeouts").value(recovery.timeouts);
  json.key("verdicts").begin_object();
  for (std::size_t i = 0; i < std::max(recovery.verdicts.size(), names.verdicts.size()); ++i) {
    json.key(Names::of(names.verdicts, i)).value(i < recovery.verdicts.size() ? recovery.verdicts[i] : 0);
  }
  json.end_object();
  json.key("queues_banned").value(recovery.queues_banned);
  json.key("engine_resets").value(recovery.engine_resets);
  json.key("device_resets").value(recovery.device_resets);
  json.key("missed_preemptions").begin_object();
  json.key("engine_resets").value(recovery.engine_preempt_misses);
  json.key("device_resets").value(recovery.device_preempt_misses);
  json.end_object();
  json.key("page_faults").value(recovery.page_faults);
  json.key("messages_abandoned").value(recovery.messages_abandoned);
  json.key("preemptions").value(turns.preemptions);
  json.key("slot_grants").value(turns.grants);
  json.key("slot_evictions").value(turns.evictions);
  json.key("faults").begin_object();
  for (std::size_t i = 0; i < std::max(recovery.faults.size(), names.faults.size()); ++i) {
    json.key(Names::of(names.faults, i)).value(i < recovery.faults.size() ? recovery.faults[i] : 0);
  }
  json.end_object();
  json.key("failed_jobs").begin_object();
  for (const auto& [error, count] : statistics.failures()) {
    json.key(to_string(static_cast<Errno>(error))).value(count);
  }
  json.end_object().end_object();
}

}  // namespace

void write_summary_json(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names) {
  JsonWriter json{out};
  json.begin_object();
  json.key("schema").value("gpusim-summary/1");
  write_build(json, run.build);
  if (!run.firmware.empty()) json.key("firmware").value(run.firmware);
  if (!run.plug_ins.empty()) {
    json.key("plug_ins").value(run.plug_ins);
  }
  json.key("scenario").value(run.scenario);
  json.key("seed").value(run.seed);
  json.key("outcome").value(to_string(run.outcome));
  if (!run.cut_off.empty()) json.key("cut_off").value(run.cut_off);
  json.key("end_ps").value(to_ps(run.end));
  json.key("events").value(run.events);
  json.key("trace_hash").value(hash_text(run.trace_hash));
  json.key("jobs").begin_object();
  json.key("done").value(statistics.jobs_done());
  json.key("failed").value(statistics.jobs_failed());
  json.key("unfinished").value(statistics.jobs_unfinished());
  json.end_object();
  write_clients(json, statistics, names);
  write_engines(json, run, statistics, names);
  write_queues(json, statistics, names);
  write_fairness(json, statistics, names);
  write_causes(json, run, statistics);
  write_slowest_jobs(json, statistics.slowest_jobs(), names);
  write_recovery(json, statistics, names);
  if (run.device_load != nullptr) write_device_load_json(json, run, names);
  if (run.firmware_profile != nullptr) write_firmware_json(json, *run.firmware_profile);
  json.key("notices").value(run.notices);
  json.end_object();
}

}  // namespace gpusim::trace
