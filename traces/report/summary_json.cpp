// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "base/hash.h"
#include "traces/report/json_writer.h"
#include "traces/report/summary.h"

namespace gpusim::trace {

std::array<CauseCharge, kCauseCount> charges_by_cause(const std::vector<ParameterCharge>& charges) {
  std::array<CauseCharge, kCauseCount> result{};
  for (const ParameterCharge& charge : charges) {
    if (!charge.cause.has_value()) continue;
    CauseCharge& cause = result[static_cast<std::size_t>(*charge.cause)];
    const auto amount = static_cast<std::uint64_t>(charge.total.count());
    cause.total += amount;
    if (charge.tag == 'E') cause.estimated += amount;
  }
  return result;
}

namespace {

void write_number(JsonWriter& json, std::string_view key, Wide value) { json.key(key).number_text(decimal(value)); }

void write_clients(JsonWriter& json, const Statistics& statistics, const Names& names) {
  json.key("clients").begin_array();
  for (std::size_t number = 0; number < statistics.clients().size(); ++number) {
    const ClientStatistics& client = statistics.clients()[number];
    const bool ran = client.first_exec != kNever;
    json.begin_object();
    json.key("name").value(Names::of(names.clients, number));
    json.key("jobs_done").value(client.jobs_done);
    json.key("jobs_failed").value(client.jobs_failed);
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
    const Histogram& latency = client.latency;
    json.key("latency_ps").begin_object();
    json.key("count").value(latency.count());
    json.key("min").value(latency.min());
    json.key("mean").value(latency.mean());
    json.key("p50").value(latency.percentile(500));
    json.key("p90").value(latency.percentile(900));
    json.key("p99").value(latency.percentile(990));
    json.key("p999").value(latency.percentile(999));
    json.key("max").value(latency.max());
    json.end_object().end_object();
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
    json.end_object();
  }
  json.end_array();
}

void write_queues(JsonWriter& json, const Statistics& statistics, const Names& names) {
  json.key("queues").begin_array();
  for (std::size_t queue = 1; queue < statistics.queue_jobs().size(); ++queue) {
    json.begin_object();
    json.key("name").value(queue < names.queues.size() ? names.queues[queue].name : "?");
    json.key("jobs").value(statistics.queue_jobs()[queue]);
    json.end_object();
  }
  json.end_array();
}

void write_causes(JsonWriter& json, const RunInfo& run, const Statistics& statistics) {
  const auto charges = charges_by_cause(run.charges);
  json.key("causes").begin_array();
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    const Wide total = statistics.causes()[i];
    json.begin_object();
    json.key("name").value(kCauseNames[i]);
    write_number(json, "total_ps", total);
    write_number(json, "mean_ps", divide_rounded(total, statistics.jobs_ended()));
    json.key("share_percent").number_text(fixed_point(divide_rounded(total * 1'000, statistics.life_time()), 1));
    write_number(json, "charged_ps", charges[i].total);
    write_number(json, "estimated_ps", charges[i].estimated);
    json.end_object();
  }
  json.end_array();
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

}  // namespace

void write_summary_json(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names) {
  JsonWriter json{out};
  json.begin_object();
  json.key("schema").value("gpusim-summary/1");
  json.key("scenario").value(run.scenario);
  json.key("seed").value(run.seed);
  json.key("outcome").value(to_string(run.outcome));
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
  write_causes(json, run, statistics);
  json.key("notices").begin_array();
  for (const std::string& notice : run.notices) json.value(notice);
  json.end_array();
  json.key("host").begin_object();
  json.key("wall_ns").value(run.wall_ns);
  json.key("jobs_per_s")
      .value(run.wall_ns == 0
                 ? 0
                 : static_cast<std::uint64_t>(Wide{statistics.jobs_ended()} * 1'000'000'000 / run.wall_ns));
  json.end_object().end_object();
}

}  // namespace gpusim::trace
