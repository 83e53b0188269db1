// SPDX-License-Identifier: MIT
#include "sim/experiment/metrics.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <utility>

#include "sim/experiment/asked_metrics.h"
#include "sim/fault/explored.h"
#include "traces/event/cause.h"
#include "traces/folds/fairness.h"

namespace gpusim::experiment {

namespace {

using trace::Histogram;

struct Run {
  const trace::Statistics& statistics;
  const trace::WorkCounters& work;
  const os::HostCounters& host;
  const trace::ClientStatistics all;  ///< clients together
  std::uint64_t clients;              ///< configured, those that did nothing among them
};
struct Figure {
  std::optional<std::int64_t> value;
  std::int64_t off = 0;
  bool is_between_groups = false;
};

[[nodiscard]] Figure number(Wide value) { return {static_cast<std::int64_t>(value)}; }

/// part / whole in thousandths of `scale`; none if there is no whole.
[[nodiscard]] Figure ratio(Wide part, Wide whole, Wide scale = 1'000) {
  if (whole == 0) return {};
  return number(divide_rounded(part * scale, whole));
}
[[nodiscard]] Figure per_job(const Run& run, Wide part) { return ratio(part, run.work.jobs_queued()); }
[[nodiscard]] Figure percentile(const Histogram& histogram, std::uint32_t permille) {
  if (histogram.count() == 0) return {};
  const Histogram::Quantile quantile = histogram.quantile(permille);
  return {static_cast<std::int64_t>(quantile.value), static_cast<std::int64_t>(quantile.off),
          permille == 500 && histogram.gap_at_median().has_value()};
}
[[nodiscard]] Figure mean(const Histogram& histogram) {
  return histogram.count() == 0 ? Figure{} : number(histogram.mean());
}

[[nodiscard]] Figure throughput(const trace::ClientStatistics& client) {
  if (client.jobs_done == 0 || client.last_end <= client.first_exec) return {};
  const auto elapsed = static_cast<std::uint64_t>((client.last_end - client.first_exec).count());
  return ratio(client.jobs_done, elapsed, 1'000'000'000'000'000);
}

/// Jain's index of a figure over the clients: 100 % if it is the same for all, 1/n if one of n has everything.
template <class Share>
[[nodiscard]] Figure fairness(const Run& run, Share share) {
  Wide sum = 0;
  Wide squares = 0;
  for (const trace::ClientStatistics& client : run.statistics.clients()) {
    const Wide value = share(client);
    sum += value;
    squares += value * value;
  }
  return ratio(sum * sum, run.clients * squares, 100'000);
}
/// Jobs of a client in 1,000 s.
[[nodiscard]] Wide rate_of(const trace::ClientStatistics& client) {
  return static_cast<Wide>(throughput(client).value.value_or(0));
}
/// Engines' time for a client, in ns.
[[nodiscard]] Wide work_of(const trace::ClientStatistics& client) { return client.work / 1'000; }

/// Of jobs that ended, well or not, and of those that did not.
[[nodiscard]] Figure longest_wait(const trace::ClientStatistics& client) {
  if (client.jobs_done + client.jobs_failed + client.jobs_unfinished == 0) return {};
  return number(client.longest_wait());
}
/// A cause, or the own backlog, of lives that ended: for each of them.
[[nodiscard]] Figure own_backlog(const trace::ClientStatistics& client) {
  const trace::CauseSums lives = client.causes.all();
  return ratio(lives.own_backlog, lives.lives, 1);
}
/// The least fair group of clients that may expect an even share; none if there is no such group.
[[nodiscard]] Figure least_fair(const trace::Statistics& statistics) {
  const std::vector<trace::EvenShare> shares = trace::even_shares(statistics);
  if (shares.empty()) return {};
  const auto by_jain = [](const trace::EvenShare& a, const trace::EvenShare& b) { return a.jain < b.jain; };
  return number(std::min_element(shares.begin(), shares.end(), by_jain)->jain);
}
[[nodiscard]] Figure thousandths(std::uint64_t count) { return number(Wide{count} * 1'000); }

/// None where nothing renders.
[[nodiscard]] Figure of_frames(const Run& run, std::uint64_t count) {
  return run.all.frames.is_empty() ? Figure{} : thousandths(count);
}

[[nodiscard]] std::uint64_t gave_up(const trace::Statistics& statistics) {
  const auto& ends = statistics.early_ends();
  return static_cast<std::uint64_t>(
      std::count_if(ends.begin(), ends.end(), [](const trace::EarlyEnd& end) { return end.error != Errno::ok; }));
}

struct Metric {
  std::string_view name;
  Unit unit;
  Figure (*of)(const Run& run);
  std::string_view doc;
};

// clang-format off
constexpr std::array kMetrics{
    Metric{"jobs", Unit::count, [](const Run& r) { return thousandths(r.all.jobs_done); }, "Jobs that ended without an error."},
    Metric{"jobs_failed", Unit::count, [](const Run& r) { return thousandths(r.all.jobs_failed); }, "Jobs that ended with one."},
    Metric{"jobs_unfinished", Unit::count, [](const Run& r) { return thousandths(r.all.jobs_unfinished); }, "Jobs that had not ended at the end of the run."},
    Metric{"clients_gave_up", Unit::count, [](const Run& r) { return thousandths(gave_up(r.statistics)); }, "Clients that ended with an error before the end of their work."},
    Metric{"clients_unfinished", Unit::count, [](const Run& r) { return thousandths(r.clients - std::min(r.clients, r.statistics.clients_ended())); }, "Clients that were neither at the end of their work nor gone when the run ended, those that had not begun among them."},
    Metric{"throughput", Unit::rate, [](const Run& r) { return throughput(r.all); }, "Jobs that ended without an error, per second, from the first ioctl to the end of the last job."},
    Metric{"fairness_jobs", Unit::percent, [](const Run& r) { return fairness(r, rate_of); }, "Jain's index of the clients' throughputs: 100 % if all have the same, 1/n if one of n clients has it all."},
    Metric{"fairness_work", Unit::percent, [](const Run& r) { return fairness(r, work_of); }, "The same of the time that engines worked for each client, in jobs that ended. A matter of the workload if that comes to its end."},
    Metric{"fairness_engine", Unit::percent, [](const Run& r) { return least_fair(r.statistics); }, "Jain's index of the time that engines worked, in jobs that ended and others, for clients with queues that were created with one priority for the same engines; of several such groups the lowest. A matter of the workload, too, unless all of them always want more."},
    Metric{"latency_mean", Unit::time, [](const Run& r) { return mean(r.all.latency); }, "Of jobs that ended without an error: from the entry of the exec ioctl to the return of the waiter."},
    Metric{"latency_p50", Unit::time, [](const Run& r) { return percentile(r.all.latency, 500); }, "The same, median."},
    Metric{"latency_p99", Unit::time, [](const Run& r) { return percentile(r.all.latency, 990); }, "The same, 99th percentile."},
    Metric{"latency_p90", Unit::time, [](const Run& r) { return percentile(r.all.latency, 900); }, "The same, 90th percentile."},
    Metric{"latency_p999", Unit::time, [](const Run& r) { return percentile(r.all.latency, 999); }, "The same, 99.9th percentile."},
    Metric{"latency_max", Unit::time, [](const Run& r) { return percentile(r.all.latency, 1'000); }, "The same, longest."},
    Metric{"own_backlog", Unit::time, [](const Run& r) { return own_backlog(r.all); }, "Of jobs that ended: the part of cause.engine_busy in which the engine worked for earlier jobs of the job's own queue; the rest is due to others."},
    Metric{"period_misses", Unit::count, [](const Run& r) { return thousandths(r.all.period_misses); }, "Periods that clients missed."},
    Metric{"max_wait", Unit::time, [](const Run& r) { return longest_wait(r.all); }, "The longest time that a job took, with an error, too, or the age of the oldest that has not ended, whichever is longer."},
    Metric{"ioctl_to_doorbell_mean", Unit::time, [](const Run& r) { return mean(r.work.ioctl_to_doorbell()); }, "From the entry of the exec ioctl to the write that tells the device of the job."},
    Metric{"ioctl_to_doorbell_p50", Unit::time, [](const Run& r) { return percentile(r.work.ioctl_to_doorbell(), 500); }, "The same, median."},
    Metric{"ioctl_to_doorbell_p99", Unit::time, [](const Run& r) { return percentile(r.work.ioctl_to_doorbell(), 990); }, "The same, 99th percentile."},
    Metric{"ioctl_time_mean", Unit::time, [](const Run& r) { return mean(r.work.ioctl_time()); }, "From the entry of the exec ioctl to its return: what the caller pays."},
    Metric{"ioctl_time_p50", Unit::time, [](const Run& r) { return percentile(r.work.ioctl_time(), 500); }, "The same, median."},
    Metric{"ioctl_time_p99", Unit::time, [](const Run& r) { return percentile(r.work.ioctl_time(), 990); }, "The same, 99th percentile."},
    Metric{"bypass_share", Unit::percent, [](const Run& r) { return ratio(r.work.jobs_run_by_caller(), r.work.jobs_run(), 100'000); }, "Share of jobs that were run by the thread of their ioctl, inside of it."},
    Metric{"dependency_share", Unit::percent, [](const Run& r) { return ratio(r.work.jobs_dependent(), r.work.jobs_queued(), 100'000); }, "Share of jobs with a dependency that had not signalled when the job was pushed."},
    Metric{"dependency_kicks", Unit::count, [](const Run& r) { return ratio(r.work.dependency_kicks(), r.work.jobs_dependent()); }, "How often the signal of a dependency had a worker look at its job, for each job with one that was open at the push."},
    Metric{"ready_to_run_p50", Unit::time, [](const Run& r) { return percentile(r.work.ready_to_run(), 500); }, "Of jobs with an open dependency: from the signal of the last one that was open at the push until the job is run, median."},
    Metric{"ready_to_run_p99", Unit::time, [](const Run& r) { return percentile(r.work.ready_to_run(), 990); }, "The same, 99th percentile."},
    Metric{"edge_gap_mean", Unit::time, [](const Run& r) { return mean(r.work.edge_gap()); }, "Of jobs that were submitted before the work of a job that they depend on had ended, on the host or on the device: from the end of the last such work until their own begins."},
    Metric{"edge_gap_p50", Unit::time, [](const Run& r) { return percentile(r.work.edge_gap(), 500); }, "The same, median."},
    Metric{"edge_gap_p99", Unit::time, [](const Run& r) { return percentile(r.work.edge_gap(), 990); }, "The same, 99th percentile."},
    Metric{"wakeups_per_job", Unit::count, [](const Run& r) { return per_job(r, r.work.wakeups()); }, "Wake-ups of threads that take part in submission."},
    Metric{"worker_wakeups_per_job", Unit::count, [](const Run& r) { return per_job(r, r.work.worker_wakeups()); }, "Those of kernel workers among them."},
    Metric{"context_switches_per_job", Unit::count, [](const Run& r) { return per_job(r, r.work.switches()); }, "Switches of a CPU to such a thread."},
    Metric{"work_items_per_job", Unit::count, [](const Run& r) { return per_job(r, r.work.work_items()); }, "Work items executed."},
    Metric{"passes_per_job", Unit::count, [](const Run& r) { return per_job(r, r.host.passes); }, "Passes of submit workers and ticks of pipelines, those in an interrupt's thread among them."},
    Metric{"idle_passes_per_job", Unit::count, [](const Run& r) { return per_job(r, r.host.idle_passes); }, "Those of them that moved no job on: none was run, or, of a pipeline, none left a stage."},
    Metric{"interrupts_per_job", Unit::count, [](const Run& r) { return per_job(r, r.work.interrupts()); }, "Hard interrupts taken."},
    Metric{"cpu_time_per_job", Unit::time, [](const Run& r) { return ratio(r.work.cpu_time(), r.work.jobs_queued(), 1); }, "CPU time of those threads, switches to them included, and of hard interrupts."},
    Metric{"hard_irq_time_per_job", Unit::time, [](const Run& r) { return ratio(r.work.hard_irq_time(), r.work.jobs_queued(), 1); }, "Time in hard interrupt handlers."},
    Metric{"residency_p50", Unit::time, [](const Run& r) { return percentile(r.work.residency(), 500); }, "From a job's completion until its last reference is gone, median."},
    Metric{"residency_p99", Unit::time, [](const Run& r) { return percentile(r.work.residency(), 990); }, "The same, 99th percentile."},
    Metric{"peak_live_jobs", Unit::count, [](const Run& r) { return number(Wide{r.work.peak_live_jobs()} * 1'000); }, "Most jobs that were queued or run and not yet released at a time."},
    Metric{"close_time_p50", Unit::time, [](const Run& r) { return percentile(r.work.close_time(), 500); }, "How long closing a queue keeps its client, median."},
    Metric{"close_time_p99", Unit::time, [](const Run& r) { return percentile(r.work.close_time(), 990); }, "The same, 99th percentile."},
    Metric{"close_time_max", Unit::time, [](const Run& r) { return percentile(r.work.close_time(), 1'000); }, "The same, longest."},
    Metric{"peak_zombies", Unit::count, [](const Run& r) { return number(Wide{r.work.peak_zombies()} * 1'000); }, "Most queues without a reference that were not yet gone."},
    Metric{"peak_ids", Unit::count, [](const Run& r) { return number(Wide{r.work.peak_ids()} * 1'000); }, "Most queues of clients at a time, created and not yet gone. Each holds an id of the device, but for entities in front of a ring that clients share."},
    Metric{"create_failures", Unit::count, [](const Run& r) { return number(Wide{r.work.create_failures()} * 1'000); }, "Queues that could not be created for want of an id."},
    Metric{"steps_per_job", Unit::count, [](const Run& r) { return per_job(r, r.host.steps); }, "Steps in which host code spent time."},
    Metric{"spin_locks_per_job", Unit::count, [](const Run& r) { return per_job(r, r.host.spin_locks); }, "Spinlock sections."},
    Metric{"fence_locks_per_job", Unit::count, [](const Run& r) { return per_job(r, r.host.fence_locks); }, "Sections under the lock of a dma_fence."},
    Metric{"fence_callbacks_per_job", Unit::count, [](const Run& r) { return per_job(r, r.host.fence_callbacks); }, "Callbacks of dma_fences that were called, those of hardware fences and of waiting clients among them."},
    Metric{"wait_locks_per_job", Unit::count, [](const Run& r) { return per_job(r, r.host.wait_locks); }, "Sections under the lock of a wait queue or a completion, drm_sched's only."},
    Metric{"mutex_locks_per_job", Unit::count, [](const Run& r) { return per_job(r, r.host.mutex_locks); }, "Mutexes locked."},
    Metric{"wake_calls_per_job", Unit::count, [](const Run& r) { return per_job(r, r.host.wake_ups); }, "Wake-ups that found a thread asleep, background load included."},
    Metric{"preemptions", Unit::count, [](const Run& r) { return thousandths(trace::device_turns(r.statistics).preemptions); }, "Jobs that an engine gave up in the middle."},
    Metric{"slot_grants", Unit::count, [](const Run& r) { return thousandths(trace::device_turns(r.statistics).grants); }, "Slots that the firmware gave to queues."},
    Metric{"slot_evictions", Unit::count, [](const Run& r) { return thousandths(trace::device_turns(r.statistics).evictions); }, "Slots that it took from a queue for another one. What queues give back when they are disabled, closed or reset does not count."},
    Metric{"timeouts", Unit::count, [](const Run& r) { return thousandths(r.statistics.recovery().timeouts); }, "Calls of timedout_job."},
    Metric{"queues_banned", Unit::count, [](const Run& r) { return thousandths(r.statistics.recovery().queues_banned); }, "Queues that were banned."},
    Metric{"engine_resets", Unit::count, [](const Run& r) { return thousandths(r.statistics.recovery().engine_resets); }, "Engines that the firmware reset under a queue."},
    Metric{"device_resets", Unit::count, [](const Run& r) { return thousandths(r.statistics.recovery().device_resets); }, "Resets of the device."},
    Metric{"hang_detection_mean", Unit::time, [](const Run& r) { return mean(r.work.hang_detection()); }, "Of jobs without an end, by themselves or by a fault: from their first fetch until their queue is banned for them."},
    Metric{"hang_detection_max", Unit::time, [](const Run& r) { return percentile(r.work.hang_detection(), 1'000); }, "The same, longest."},
    Metric{"frames_shown", Unit::count, [](const Run& r) { return of_frames(r, r.all.frames.shown); }, "Frames of renderers that a vblank showed."},
    Metric{"frames_repeated", Unit::count, [](const Run& r) { return of_frames(r, r.all.frames.repeated); }, "Vblanks that showed a renderer's frame once more, each renderer's counted."},
    Metric{"frames_dropped", Unit::count, [](const Run& r) { return of_frames(r, r.all.frames.dropped); }, "Frames that were never shown, because a newer one took their place."},
    Metric{"frame_latency_p50", Unit::time, [](const Run& r) { return percentile(r.all.frames.latency, 500); }, "From the exec of a frame's rendering to the first vblank that shows it, median."},
    Metric{"frame_latency_p99", Unit::time, [](const Run& r) { return percentile(r.all.frames.latency, 990); }, "The same, 99th percentile."},
    Metric{"vblanks_missed", Unit::count, [](const Run& r) { return of_frames(r, r.all.frames.missed); }, "Vblanks for which a compositor's picture was not ready."},
    Metric{"faults", Unit::count, [](const Run& r) { return thousandths(r.statistics.recovery().faults_injected()); }, "Faults injected."},
};
// clang-format on

constexpr std::string_view kCausePrefix = "cause.";
constexpr std::string_view kClientPrefix = "client.";
constexpr std::string_view kFaultPrefix = "fault.";
constexpr std::string_view kEnginePrefix = "engine.";
constexpr std::array<std::string_view, 2> kEngineFigures{"busy", "switching"};

struct ClientFigure {
  std::string_view name;
  Unit unit;
  Figure (*of)(const trace::ClientStatistics& client);
  bool is_of_frames = false;  ///< only of who renders
  bool is_detail = false;
};

// clang-format off
constexpr std::array kClientFigures{
    ClientFigure{"jobs", Unit::count, [](const trace::ClientStatistics& c) { return thousandths(c.jobs_done); }},
    ClientFigure{"jobs_failed", Unit::count, [](const trace::ClientStatistics& c) { return thousandths(c.jobs_failed); }},
    ClientFigure{"jobs_unfinished", Unit::count, [](const trace::ClientStatistics& c) { return thousandths(c.jobs_unfinished); }},
    ClientFigure{"throughput", Unit::rate, &throughput},
    ClientFigure{"latency_p50", Unit::time, [](const trace::ClientStatistics& c) { return percentile(c.latency, 500); }},
    ClientFigure{"latency_mean", Unit::time, [](const trace::ClientStatistics& c) { return mean(c.latency); }, false, true},
    ClientFigure{"latency_p90", Unit::time, [](const trace::ClientStatistics& c) { return percentile(c.latency, 900); }, false, true},
    ClientFigure{"latency_p999", Unit::time, [](const trace::ClientStatistics& c) { return percentile(c.latency, 999); }, false, true},
    ClientFigure{"latency_max", Unit::time, [](const trace::ClientStatistics& c) { return percentile(c.latency, 1'000); }, false, true},
    ClientFigure{"own_backlog", Unit::time, &own_backlog, false, true},
    ClientFigure{"period_misses", Unit::count, [](const trace::ClientStatistics& c) { return thousandths(c.period_misses); }, false, true},
    ClientFigure{"engine_time", Unit::time, [](const trace::ClientStatistics& c) { return number(c.engine_time()); }, false, true},
    ClientFigure{"preemptions", Unit::count, [](const trace::ClientStatistics& c) { return thousandths(c.preemptions); }, false, true},
    ClientFigure{"slot_evictions", Unit::count, [](const trace::ClientStatistics& c) { return thousandths(c.evictions); }, false, true},
    ClientFigure{"latency_p99", Unit::time, [](const trace::ClientStatistics& c) { return percentile(c.latency, 990); }},
    ClientFigure{"max_wait", Unit::time, &longest_wait},
    ClientFigure{"frames_shown", Unit::count, [](const trace::ClientStatistics& c) { return thousandths(c.frames.shown); }, true},
    ClientFigure{"frames_repeated", Unit::count, [](const trace::ClientStatistics& c) { return thousandths(c.frames.repeated); }, true},
    ClientFigure{"frames_dropped", Unit::count, [](const trace::ClientStatistics& c) { return thousandths(c.frames.dropped); }, true},
    ClientFigure{"frame_latency_p50", Unit::time, [](const trace::ClientStatistics& c) { return percentile(c.frames.latency, 500); }, true},
    ClientFigure{"frame_latency_p99", Unit::time, [](const trace::ClientStatistics& c) { return percentile(c.frames.latency, 990); }, true},
    ClientFigure{"vblanks_missed", Unit::count, [](const trace::ClientStatistics& c) { return thousandths(c.frames.missed); }, true},
};
// clang-format on

[[nodiscard]] MetricValue named(std::string name, Unit unit, const Figure& figure) {
  return {std::move(name), unit, figure.value, figure.off, figure.is_between_groups};
}

/// "engine.rcs0.busy" and so on: of an engine that did nothing, too.
void add_engines(const system::Simulation& simulation, std::vector<MetricValue>& values) {
  const std::vector<trace::EngineStatistics>& engines = simulation.statistics().engines();
  const std::vector<trace::EngineName>& names = simulation.names().engines;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto count = [](Picoseconds time) { return static_cast<std::uint64_t>(time.count()); };
    trace::DeviceWait::EngineTimes times{.idle = ps(1)};
    if (i < engines.size()) times = engines[i].times;
    const Wide whole = Wide{count(times.busy)} + count(times.switching) + count(times.idle);
    const std::string name = std::string{kEnginePrefix} + names[i].name + ".";
    values.push_back(named(name + "busy", Unit::percent, ratio(count(times.busy), whole, 100'000)));
    values.push_back(named(name + "switching", Unit::percent, ratio(count(times.switching), whole, 100'000)));
  }
}

[[nodiscard]] bool is_cause(std::string_view name) {
  return std::find(trace::kCauseNames.begin(), trace::kCauseNames.end(), name) != trace::kCauseNames.end();
}

/// For each of the jobs that ended. Pre: is_cause(name).
[[nodiscard]] Figure mean_cause(const trace::ClientStatistics& jobs, std::string_view name) {
  const trace::CauseSums lives = jobs.causes.all();
  const auto* const cause = std::find(trace::kCauseNames.begin(), trace::kCauseNames.end(), name);
  return ratio(lives.causes[static_cast<std::size_t>(cause - trace::kCauseNames.begin())], lives.lives, 1);
}

}  // namespace

std::vector<MetricValue> measure_metrics(const system::Simulation& simulation, const trace::WorkCounters& counters,
                                         const os::HostCounters& host, const scenario::ScenarioSpec& spec) {
  const trace::Statistics& statistics = simulation.statistics();
  trace::ClientStatistics all;
  for (const trace::ClientStatistics& client : statistics.clients()) all.add(client);
  std::uint64_t clients = 0;
  for (const workload::ClientSpec& client : spec.clients) clients += client.clones;
  const Run run{statistics, counters, host, std::move(all), clients};
  std::vector<MetricValue> values;
  values.reserve(kMetrics.size() + trace::kCauseCount + kClientFigures.size() * spec.clients.size());
  for (const Metric& metric : kMetrics) values.push_back(named(std::string{metric.name}, metric.unit, metric.of(run)));
  for (std::size_t cause = 0; cause < trace::kCauseCount; ++cause) {
    values.push_back(named(std::string{kCausePrefix} + std::string{trace::kCauseNames[cause]}, Unit::time,
                           ratio(statistics.causes()[cause], statistics.jobs_ended(), 1)));
  }
  const std::vector<std::uint64_t>& faults = statistics.recovery().faults;
  for (std::size_t i = 0; i < fault::kExploredFaults.size(); ++i) {
    values.push_back(named(std::string{kFaultPrefix} + std::string{fault::kExploredFaults[i].place.name()}, Unit::count,
                           thousandths(i < faults.size() ? faults[i] : 0)));
  }
  add_engines(simulation, values);
  std::size_t next = 0;
  for (const workload::ClientSpec& client : spec.clients) {
    trace::ClientStatistics sum;
    for (std::uint32_t clone = 0; clone < client.clones; ++clone, ++next) {
      if (next < statistics.clients().size()) sum.add(statistics.clients()[next]);
    }
    const std::string name = std::string{kClientPrefix} + client.name + ".";
    for (const ClientFigure& figure : kClientFigures) {
      if (figure.is_of_frames && sum.frames.is_empty()) continue;
      values.push_back(named(name + std::string{figure.name}, figure.unit, figure.of(sum)));
    }
    for (const std::string_view cause : trace::kCauseNames) {
      values.push_back(named(std::string{name}.append(kCausePrefix).append(cause), Unit::time, mean_cause(sum, cause)));
    }
  }
  return values;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  names.reserve(kMetrics.size() + trace::kCauseCount + fault::kExploredFaults.size());
  for (const Metric& metric : kMetrics) names.emplace_back(metric.name);
  for (const std::string_view cause : trace::kCauseNames) {
    names.push_back(std::string{kCausePrefix} + std::string{cause});
  }
  for (const fault::ExploredFault& fault : fault::kExploredFaults) {
    names.push_back(std::string{kFaultPrefix} + std::string{fault.place.name()});
  }
  return names;
}

std::vector<std::string> client_metric_names(std::string_view client) {
  std::vector<std::string> names;
  for (const ClientFigure& figure : kClientFigures) {
    names.push_back(std::string{kClientPrefix}.append(client).append(".").append(figure.name));
  }
  for (const std::string_view cause : trace::kCauseNames) {
    names.push_back(std::string{kClientPrefix}.append(client).append(".").append(kCausePrefix).append(cause));
  }
  return names;
}

std::vector<std::string> engine_metric_names(std::string_view engine) {
  std::vector<std::string> names;
  for (const std::string_view figure : kEngineFigures) {
    names.push_back(std::string{kEnginePrefix}.append(engine).append(".").append(figure));
  }
  return names;
}

std::vector<std::string> figures_of_jobs() {
  std::vector<std::string> names;
  for (const ClientFigure& figure : kClientFigures) {
    if (!figure.is_of_frames) names.emplace_back(figure.name);
  }
  for (const std::string_view cause : trace::kCauseNames) names.push_back(std::string{kCausePrefix}.append(cause));
  return names;
}

bool is_figure_of_jobs(std::string_view name) {
  if (name.starts_with(kCausePrefix)) return is_cause(name.substr(kCausePrefix.size()));
  return std::any_of(kClientFigures.begin(), kClientFigures.end(),
                     [&](const ClientFigure& figure) { return figure.name == name && !figure.is_of_frames; });
}

MetricValue measure_jobs(std::string name, std::string_view figure, const trace::ClientStatistics& jobs) {
  if (figure.starts_with(kCausePrefix)) {
    return named(std::move(name), Unit::time, mean_cause(jobs, figure.substr(kCausePrefix.size())));
  }
  const auto* const found = std::find_if(kClientFigures.begin(), kClientFigures.end(),
                                         [&](const ClientFigure& one) { return one.name == figure; });
  return named(std::move(name), found->unit, found->of(jobs));
}

bool is_client_cause(std::string_view name) {
  const std::size_t cause = name.rfind(kCausePrefix);
  return name.starts_with(kClientPrefix) && cause != std::string_view::npos && cause > kClientPrefix.size() + 1 &&
         name[cause - 1] == '.' && is_cause(name.substr(cause + kCausePrefix.size()));
}

bool is_detail(std::string_view name) {
  if (name.starts_with(kEnginePrefix) || is_client_cause(name)) return true;
  const std::string_view last = name.substr(name.rfind('.') + 1);
  return name.starts_with(kClientPrefix) &&
         std::any_of(kClientFigures.begin(), kClientFigures.end(),
                     [&](const ClientFigure& figure) { return figure.is_detail && figure.name == last; });
}

std::optional<Unit> unit_of(std::string_view name) {
  if (const std::optional<Unit> asked = unit_of_asked(name)) return asked;
  const std::size_t dot = name.rfind('.');
  if (name.starts_with(kEnginePrefix) && dot > kEnginePrefix.size()) {
    const bool is_one =
        std::find(kEngineFigures.begin(), kEngineFigures.end(), name.substr(dot + 1)) != kEngineFigures.end();
    return is_one ? std::optional{Unit::percent} : std::nullopt;
  }
  if (is_client_cause(name)) return Unit::time;
  if (name.starts_with(kClientPrefix) && dot > kClientPrefix.size()) {
    const auto* const figure = std::find_if(kClientFigures.begin(), kClientFigures.end(),
                                            [&](const ClientFigure& one) { return one.name == name.substr(dot + 1); });
    return figure == kClientFigures.end() ? std::nullopt : std::optional{figure->unit};
  }
  const auto* const metric =
      std::find_if(kMetrics.begin(), kMetrics.end(), [&](const Metric& one) { return one.name == name; });
  if (metric != kMetrics.end()) return metric->unit;
  const std::vector<std::string> names = metric_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) return std::nullopt;
  return name.starts_with(kCausePrefix) ? Unit::time : Unit::count;
}

bool is_metric_name(std::string_view name) { return unit_of(name).has_value(); }

void write_metric_table(std::ostream& out) {
  out << "| metric | meaning |\n|---|---|\n";
  for (const Metric& metric : kMetrics) out << "| `" << metric.name << "` | " << metric.doc << " |\n";
}

}  // namespace gpusim::experiment
