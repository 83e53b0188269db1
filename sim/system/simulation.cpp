// SPDX-License-Identifier: MIT
#include "sim/system/simulation.h"

#include <algorithm>
#include <bit>
#include <set>
#include <variant>

#include <fmt/core.h>

#include "base/wide.h"
#include "firmware/abi/messages.h"
#include "sim/hw/firmware_image.h"
#include "sim/system/patience.h"
#include "traces/event/handlers.h"

namespace gpusim::system {

namespace {

[[nodiscard]] trace::TurnPolicy turn_policy(sched::orch::Policy policy) {
  switch (policy) {
    case sched::orch::Policy::fifo:
      return trace::TurnPolicy::fifo;
    case sched::orch::Policy::fair:
      return trace::TurnPolicy::fair;
    case sched::orch::Policy::rr:
      break;
  }
  return trace::TurnPolicy::rr;
}

/// What the oracles have to know of the driver's way with timeouts, resets and kills.
void explain_recovery(const scenario::ScenarioSpec& spec, trace::OracleSet& oracles) {
  const drv::DriverSpec& driver = spec.driver;
  const bool is_drm_sched = spec.component == scenario::Component::drm_sched;
  oracles.on_timeout(component_timeout(spec));
  if (is_jobqueue(spec, sched::jq::Shape::pipeline)) {
    oracles.on_kill_timeout(spec.jobqueue.cancel_timeout);
    oracles.on_pipelines();
  }
  if (!is_drm_sched) oracles.on_killed_heads_asked_once();
  if (is_drm_sched) oracles.on_serial_handlers();
  if (is_drm_sched && driver.kill_way != drv::KillWay::drain) oracles.on_kills_of_queued_jobs_only();
  if (is_drm_sched) oracles.on_drained_kills();
  if (driver.stop_way == drv::StopWay::resubmit) oracles.on_resubmission();
  if (spec.component == scenario::Component::drm_dep) oracles.on_timers_left_running();
  trace::BlameRules rules;
  if (spec.component == scenario::Component::direct) {
    oracles.on_user_queues();
    rules.fence_timeout = spec.direct.hang_timeout;  // the kernel does not know which job hangs
    return oracles.on_blame_rules(rules);
  }
  if (driver.timeout_clock == drv::TimeoutClock::on_slot) rules.run_time = spec.job_timeout;
  if (driver.timeout_clock == drv::TimeoutClock::on_engine) rules.run_time = spec.job_timeout / 21 * 20;
  if (driver.timeout_clock == drv::TimeoutClock::in_stage) rules.since_run_job = spec.job_timeout;
  rules.stuck = scenario::blames_what_stands_still(spec.driver);
  rules.not_begun =
      driver.timeout_not_begun == drv::NotBegun::blame || driver.timeout_clock == drv::TimeoutClock::in_stage;
  rules.bans_first = driver.timeout_not_begun != drv::NotBegun::wait;
  rules.reset_limit = driver.reset_limit;
  rules.reset_takes_begun = driver.reset_victims != drv::ResetVictims::on_engine;
  rules.reset_takes_all = driver.reset_victims == drv::ResetVictims::all;
  rules.preempt_missed = abi::Action::preempt_missed;
  rules.write_latency = spec.device.link.dma_write_latency.value;
  oracles.on_blame_rules(rules);
}

/// Whether the queue's level is that of its creation, for good.
[[nodiscard]] bool keeps_level(const workload::ClientSpec& client) {
  if (const auto* const loop = std::get_if<workload::LoopSpec>(&client.workload)) return loop->change_cycle == 0;
  return !std::holds_alternative<workload::WsimSpec>(client.workload);
}

/// Whether entities take turns, and it shows: each queue is one, and what it pushes goes through its queue. In 7.3 they
/// do not: an entity whose only job is taken keeps the place that it had, and is first again with its next one.
[[nodiscard]] bool takes_turns(const scenario::ScenarioSpec& spec) {
  const bool has_entities = spec.component == scenario::Component::drm_sched &&
                            spec.driver.rings == drv::Rings::shared && spec.driver.entities == drv::Entities::queue;
  const bool is_round = spec.policy == sched::drm::Policy::rr && spec.kernel == sched::drm::Kernel::v6_18;
  return has_entities && is_round && !spec.dep.bypass && spec.orchestrator.slots == 0 &&
         std::all_of(spec.clients.begin(), spec.clients.end(), &keeps_level);
}

/// Whether each queue that has a slot rotates on a tick, and nothing else takes its turn.
[[nodiscard]] bool rotates(const scenario::ScenarioSpec& spec) {
  const abi::RunPolicy policy = spec.device.descriptor.policy;
  const auto is_even = [](const workload::ClientSpec& client) {
    return keeps_level(client) && client.queues.preemption == workload::Preemptible::anywhere;
  };
  return (policy == abi::RunPolicy::host_slots || policy == abi::RunPolicy::tick_rotation) &&
         spec.driver.rings == drv::Rings::own && !spec.driver.native_waits &&
         spec.component != scenario::Component::direct &&
         std::all_of(spec.clients.begin(), spec.clients.end(), is_even);
}

[[nodiscard]] trace::QueueMessages queue_messages(const scenario::ScenarioSpec& spec) {
  return {.off = {abi::Action::disable_queue, abi::Action::terminate_queue, abi::Action::deregister_queue},
          .on = abi::Action::enable_queue,
          .level = abi::Action::set_priority,
          .slots_by_host = spec.device.descriptor.policy == abi::RunPolicy::host_slots};
}

}  // namespace

/// Passes the credit limit of each new queue to the oracles, and with whom it shares a ring.
class Simulation::QueueLimits final {
 public:
  QueueLimits(trace::OracleSet& oracles, const scenario::ScenarioSpec& spec, std::uint32_t limit)
      : oracles_{oracles}, spec_{spec}, limit_{limit} {
    if (spec.driver.rings == drv::Rings::own) return;
    std::uint32_t balanced = 0;
    for (std::uint32_t e = 0; e < spec.device.descriptor.engine_count; ++e) {
      const Sharing sharing = sharing_of(1U << e);
      balanced = std::max(balanced, sharing.rings);
      oracles.on_queue_limit(ring(e), limit, sharing.domain, sharing.rings);
    }
    if (balanced > 1) oracles.on_balanced_queues();
  }
  void on(const trace::queue_create& event) {
    if (spec_.driver.rings == drv::Rings::own) return oracles_.on_queue_limit(event.queue, limit_);
    const auto mask = static_cast<std::uint32_t>(event.engine_mask);
    const Sharing sharing = sharing_of(mask);
    oracles_.on_queue_limit(event.queue, limit_, sharing.domain, sharing.rings);
    const bool is_one = std::has_single_bit(mask);
    const auto first = static_cast<std::uint32_t>(std::countr_zero(mask));
    oracles_.on_shared_ring(event.queue, is_one ? ring(first) : QueueId{});
  }

 private:
  /// The rings of an engine's class may have queues in common: one domain for all of them.
  struct Sharing {
    std::uint32_t domain;
    std::uint32_t rings = 0;
  };
  [[nodiscard]] Sharing sharing_of(std::uint32_t engine_mask) const {
    const abi::DeviceDescriptor& device = spec_.device.descriptor;
    const abi::EngineClass wanted =
        device.engines[static_cast<std::size_t>(std::countr_zero(engine_mask))].engine_class;
    return {1 + static_cast<std::uint32_t>(wanted), abi::engines_of(device, wanted)};
  }
  /// The driver's first queues are its rings.
  [[nodiscard]] static QueueId ring(std::uint32_t engine) { return QueueId{1 + engine}; }

  trace::OracleSet& oracles_;
  const scenario::ScenarioSpec& spec_;
  std::uint32_t limit_;
};

Simulation::Simulation(const scenario::ScenarioSpec& spec, const MachineOptions& options)
    : spec_{spec},
      firmware_fold_{spec_.device},
      machine_{spec_, with_fold(options)},
      folds_{options.exploration == nullptr},
      oracles_{machine_.names()},
      statistics_{queue_messages(spec_)},
      device_load_{fw::Step::message, spec_.device.descriptor.slots},
      limits_{std::make_unique<QueueLimits>(oracles_, spec_, machine_.credit_limit())} {
  trace::Recorder& recorder = machine_.recorder();
  trace::attach_handlers(*limits_, recorder);
  oracles_.on_slot_count(spec_.device.descriptor.slots);
  oracles_.on_tokens(spec_.orchestrator.slots, turn_policy(spec_.orchestrator.policy), spec_.orchestrator.batch);
  if (takes_turns(spec_)) oracles_.on_round_robin();
  explain_recovery(spec_, oracles_);
  const bool is_pipeline = is_jobqueue(spec_, sched::jq::Shape::pipeline);
  if (!spec_.dep.kill_waits_for_dependencies || is_pipeline) oracles_.allow_early_kills();
  // Explorations disturb by milliseconds.
  const Picoseconds slow = patience(spec_);
  oracles_.on_slow_steps(slow);
  oracles_.on_slow_firmware(firmware_patience(spec_));
  const bool is_lone = spec_.driver.rings == drv::Rings::own && timeout_of(spec_) >= std::max(ms(1'000), slow);
  if (options.exploration != nullptr && is_lone) oracles_.forbid_lone_timeouts();
  if (options.exploration != nullptr && rotates(spec_)) {
    if (const auto tick = tick_patience(spec_)) oracles_.on_rotation(*tick, spec_.device.descriptor.slots);
  }
  oracles_.attach_to(recorder);
  if (!folds_) return;
  milestones_.attach_to(recorder);
  milestones_.add_listener(statistics_);
  statistics_.attach_to(recorder);
  device_load_.attach_to(recorder);
}

Simulation::~Simulation() = default;

/// An exploration does without, as without the other folds.
MachineOptions Simulation::with_fold(MachineOptions options) {
  if (options.exploration == nullptr && options.firmware_turns == nullptr) options.firmware_turns = &firmware_fold_;
  return options;
}

RunResult Simulation::run(const Machine::Poll& poll) {
  RunResult result = machine_.run(poll);
  if (folds_ && result.outcome == Outcome::stalled) {
    for (const auto& [job, queue, where] : milestones_.on_device(machine_.names())) {
      const auto& queues = machine_.names().queues;
      const std::string name = queue.value() < queues.size() ? queues[queue.value()].name : "?";
      result.stall_report += fmt::format("  on the device, job {} of {}: {}\n", job.value(), name, where);
    }
    const std::string faults = faults_text();
    if (!faults.empty()) result.stall_report += "  injected before: " + faults + "\n";
  }
  if (folds_) {
    unfinished_ = milestones_.finish(result.end);
    statistics_.finish(unfinished_, milestones_.engine_times(result.end));
    device_load_.finish(result.end);
  }
  oracles_.finish(result.end, result.outcome == Outcome::finished);
  if (result.outcome == Outcome::finished) machine_.check_released();
  return result;
}

/// "fault.lost_interrupt", as often as it struck.
std::string Simulation::faults_text() const {
  std::string text;
  const std::vector<std::uint64_t>& faults = statistics_.recovery().faults;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (faults[i] == 0) continue;
    text += (text.empty() ? "" : ", ") + ("fault." + trace::Names::of(machine_.names().faults, i));
    if (faults[i] > 1) text += fmt::format(" ({} times)", faults[i]);
  }
  return text;
}

/// Work that nobody finds among the failed jobs, because a client that gave up never submitted it. A line for each
/// [[client]] entry, of many the first ones.
void Simulation::note_early_ends(std::vector<std::string>& lines) const {
  constexpr std::size_t kMostLines = 5;
  const std::vector<trace::EarlyEnd>& ends = statistics_.early_ends();
  std::size_t shown = 0;
  std::uint64_t others = 0;
  std::size_t number = 0;
  for (const workload::ClientSpec& client : spec_.clients) {
    std::uint64_t gave_up = 0;
    Wide left = 0;
    std::set<Errno> errors;
    for (std::uint32_t clone = 0; clone < client.clones; ++clone, ++number) {
      if (number >= ends.size() || ends[number].error == Errno::ok) continue;
      ++gave_up;
      left += ends[number].left;
      errors.insert(ends[number].error);
    }
    if (gave_up == 0) continue;
    if (shown == kMostLines) {
      others += gave_up;
      continue;
    }
    ++shown;
    std::string after;
    for (const Errno error : errors) after += fmt::format("{}{}", after.empty() ? "" : ", ", to_string(error));
    const workload::Cycles cycles = workload::cycles_of(client.workload);
    const std::string who = client.clones == 1
                                ? fmt::format("client {}", client.name)
                                : fmt::format("{} of {} clients {}", gave_up, client.clones, client.name);
    lines.push_back(fmt::format("{} gave up after {}: {} of {} {} not submitted", who, after, decimal(left),
                                decimal(Wide{cycles.count} * client.clones), cycles.name));
  }
  if (others > 0) lines.push_back(fmt::format("{} more clients gave up and left work that was not submitted", others));
}

/// What no latency shows: a life begins with the exec that the driver takes. A line for each [[client]] entry.
void Simulation::note_refused_execs(std::vector<std::string>& lines) const {
  const std::vector<trace::ClientStatistics>& clients = statistics_.clients();
  std::size_t number = 0;
  for (const workload::ClientSpec& client : spec_.clients) {
    std::uint64_t refused = 0;
    for (std::uint32_t clone = 0; clone < client.clones; ++clone, ++number) {
      if (number < clients.size()) refused += clients[number].execs_refused;
    }
    if (refused == 0) continue;
    lines.push_back(
        fmt::format("execs of client {} gave -EAGAIN and were made again: {} times; latencies count from "
                    "the exec that was taken",
                    client.name, refused));
  }
}

/// A limit that nobody came near says nothing about what happens beyond it.
void Simulation::note_timeouts(std::vector<std::string>& lines) const {
  const trace::RecoveryCounts& recovery = statistics_.recovery();
  const Picoseconds of_jobs = scenario::timeout_of(spec_);
  if (spec_.asks_for_timeout && of_jobs.count() > 0 && recovery.timeouts == 0) {
    lines.push_back(
        fmt::format("scheduler.timeout, {}, was never reached: no job timed out", format_duration(of_jobs)));
  }
  const Picoseconds of_preemptions = ps(static_cast<std::int64_t>(spec_.device.descriptor.preempt_timeout_ps));
  const bool is_missed = recovery.engine_preempt_misses + recovery.device_preempt_misses > 0;
  if (spec_.asks_for_preempt_timeout && abi::has_preempt_timeout(spec_.device.descriptor) && !is_missed) {
    lines.push_back(fmt::format("device.preempt_timeout, {}, was never reached: who had to leave an engine did in time",
                                format_duration(of_preemptions)));
  }
}

std::vector<std::string> Simulation::notices(const RunResult& result) const {
  std::vector<std::string> lines = spec_.notices;
  for (std::string& line : machine_.not_done(result.end)) lines.push_back(std::move(line));
  if (!folds_) return lines;
  if (statistics_.jobs_ended() + statistics_.jobs_unfinished() == 0) {
    lines.emplace_back("nothing was done: no job was submitted");
  }
  for (const auto& [client, when] : statistics_.kills()) {
    lines.push_back(fmt::format("client {} was killed at {}", trace::Names::of(machine_.names().clients, client),
                                format_duration(when.time_since_epoch())));
  }
  note_early_ends(lines);
  note_refused_execs(lines);
  note_timeouts(lines);
  // What starves: clients none of whose jobs has ended.
  std::uint64_t starved = 0;
  const trace::ClientStatistics* oldest = nullptr;
  std::size_t number = 0;
  for (std::size_t i = 0; i < statistics_.clients().size(); ++i) {
    const trace::ClientStatistics& client = statistics_.clients()[i];
    if (client.jobs_unfinished == 0 || client.jobs_done + client.jobs_failed > 0) continue;
    ++starved;
    if (oldest != nullptr && oldest->oldest >= client.oldest) continue;
    oldest = &client;
    number = i;
  }
  if (oldest != nullptr) {
    const std::string& name = trace::Names::of(machine_.names().clients, number);
    // Of a stall the report says what it waits for; what it has waited for till then may be something else.
    const std::string most = result.outcome == Outcome::stalled
                                 ? std::string{}
                                 : fmt::format(", most of it for {}", to_string(oldest->oldest_waits_for));
    lines.push_back(fmt::format("{}: the oldest job, of {}, has waited for {}{}",
                                starved == 1 ? fmt::format("client {} has not finished a job", name)
                                             : fmt::format("{} clients have not finished a job", starved),
                                name, format_duration(oldest->oldest), most));
  }
  std::vector<std::string> split;  // clients whose median means little
  std::string first;
  for (std::size_t i = 0; i < statistics_.clients().size(); ++i) {
    const auto gap = statistics_.clients()[i].latency.gap_at_median();
    if (!gap) continue;
    split.push_back(trace::Names::of(machine_.names().clients, i));
    if (split.size() > 1) continue;
    first = fmt::format("{}% of its latencies are at most {}, the others at least {}", fixed_point(gap->permille, 1),
                        format_duration(ps(static_cast<std::int64_t>(gap->below))),
                        format_duration(ps(static_cast<std::int64_t>(gap->above))));
  }
  if (!split.empty()) {
    lines.push_back(
        fmt::format("client {}: the median lies between two groups and may be of either: {}{}", split.front(), first,
                    split.size() == 1 ? "" : fmt::format("; the like of {} more clients", split.size() - 1)));
  }
  return lines;
}

std::string Simulation::title() const { return fmt::format("{}, seed {}", spec_.name, spec_.seed); }

std::string Simulation::firmware_text() const {
  return hw::executes_image(spec_.device) ? hw::firmware_image_text(spec_.device.descriptor.policy) : std::string{};
}

trace::RunInfo Simulation::info(const RunResult& result) const {
  trace::RunInfo info;
  info.scenario = spec_.name;
  info.seed = spec_.seed;
  info.trace_hash = machine_.recorder().hash();
  info.events = machine_.recorder().count();
  info.end = result.end;
  info.outcome = result.outcome;
  info.firmware = firmware_text();
  info.plug_ins = spec_.plug_ins;
  info.firmware_profile = &firmware_profile();
  if (folds_) info.device_load = &device_load_;
  info.notices = notices(result);
  return info;
}

}  // namespace gpusim::system
