// SPDX-License-Identifier: MIT
#include "sim/scenario/checks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "sim/workload/wsim_placement.h"
#include "sim/workload/wsim_plan.h"

namespace gpusim::scenario {

namespace {

using workload::WsimEngine;

class MachineChecks {
 public:
  MachineChecks(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems)
      : settings_{settings}, spec_{spec}, problems_{problems} {}

  void run() {
    require(in_one_line(spec_.name) == spec_.name, {"name"}, "name must be one line of text");
    rings();
    firmware();
    shared_rings();
    native_waits();
    engines();
    interrupts();
    background();
    submit_workers();
    jobqueue();
    orchestrator();
    direct();
  }

 private:
  // The place to report if these contradict each other; none if one is unreadable or all are defaults.
  [[nodiscard]] const Place* blame(std::initializer_list<std::string_view> paths) const {
    const Slot* last = nullptr;
    for (const std::string_view path : paths) {
      const Slot& slot = settings_.at(path);
      if (slot.is_broken) return nullptr;
      if (last == nullptr || slot.layer > last->layer) last = &slot;
    }
    return last->layer == Layer::built_in ? nullptr : &last->setting.place;
  }
  void require(bool holds, std::initializer_list<std::string_view> paths, const std::string& what) {
    if (holds) return;
    if (const Place* place = blame(paths)) problems_.push_back({*place, what, {}});
  }

  void rings() {
    const drv::DriverSpec& driver = spec_.driver;
    require(std::has_single_bit(driver.ring_entries), {"driver.ring_entries"},
            fmt::format("driver.ring_entries must be a power of two, not {}", driver.ring_entries));
    require(driver.credit_limit <= driver.ring_entries, {"driver.credit_limit", "driver.ring_entries"},
            fmt::format("driver.credit_limit is {}, but driver.ring_entries only {}", driver.credit_limit,
                        driver.ring_entries));
  }

  void firmware() {
    const hw::FirmwareSpec& firmware = spec_.device.firmware;
    const bool counts_cycles = firmware.core == hw::FirmwareCoreKind::rv32 || !spec_.device.modules.core.name.empty();
    require(firmware.timing == hw::FirmwareTiming::table || counts_cycles,
            {"device.firmware.timing", "device.firmware.core"},
            "device.firmware.timing = \"cycles\" or \"live\" needs device.firmware.core = \"rv32\", whose cycles are "
            "counted");
    using Policy = abi::RunPolicy;
    const abi::DeviceDescriptor& device = spec_.device.descriptor;
    require(device.policy != Policy::tick_rotation || device.slots != 0, {"device.firmware.policy", "device.slots"},
            "device.firmware.policy = \"tick_rotation\" rotates slots, but device.slots is 0: no limit");
    require(device.policy != Policy::tick_rotation || device.tick_ps != 0, {"device.firmware.tick"},
            "device.firmware.tick must be longer than 0");
    require(device.policy != Policy::list_walk || device.slots == 0, {"device.slots", "device.firmware.policy"},
            "device.slots is a limit that device.firmware.policy = \"list_walk\" does not have: a queue's place is the "
            "engine that it is on");
    require(
        device.policy == Policy::list_walk || device.outer_quantum == hw::default_descriptor().outer_quantum,
        {"device.firmware.outer_quantum", "device.firmware.policy"},
        "device.firmware.outer_quantum is of the processes that device.firmware.policy = \"list_walk\" goes through: "
        "the other policies have none");
    host_slots();
    direct_doorbells();
    require(!spec_.traces_decisions || spec_.device.modules.core.name.empty(),
            {"trace.decisions", "device.firmware.module"},
            "trace.decisions reads the records of gpusim's own firmware, but device.firmware.module executes another");
  }

  void host_slots() {
    const abi::DeviceDescriptor& device = spec_.device.descriptor;
    const drv::DriverSpec& driver = spec_.driver;
    if (device.policy != abi::RunPolicy::host_slots) return;
    require(device.slots != 0, {"device.firmware.policy", "device.slots"},
            "device.firmware.policy = \"host_slots\" leaves it to the driver who has a slot, but device.slots is 0: "
            "nobody needs one");
    require(driver.rings == drv::Rings::own, {"device.firmware.policy", "driver.rings"},
            "device.firmware.policy = \"host_slots\" gives slots to queues of clients, but driver.rings is shared: the "
            "host schedules before a few rings, which have no need of a slot");
    require(spec_.component != Component::direct, {"device.firmware.policy", "scheduler.component"},
            "device.firmware.policy = \"host_slots\" needs a driver that sees what is submitted, but "
            "scheduler.component is direct: its clients ring doorbells themselves");
    require(!driver.native_waits, {"device.firmware.policy", "driver.native_waits"},
            "device.firmware.policy = \"host_slots\" and driver.native_waits are not modelled together: the host would "
            "have to look again at queues without a slot whose wait is over");
  }

  void direct_doorbells() {
    if (spec_.device.descriptor.doorbell_route != abi::DoorbellRoute::direct) return;
    require(spec_.device.doorbell.poll.count() != 0, {"device.doorbell.poll"},
            "device.doorbell.poll must be longer than 0");
    require(
        !spec_.driver.native_waits, {"device.doorbell.route", "driver.native_waits"},
        "device.doorbell.route = \"direct\" and driver.native_waits are not modelled together: an engine would have "
        "to look itself which entries wait");
  }

  void shared_rings() {
    const drv::DriverSpec& driver = spec_.driver;
    if (driver.rings == drv::Rings::own) {
      require(driver.stop_way != drv::StopWay::resubmit, {"driver.stop_way", "driver.rings"},
              "driver.stop_way = \"resubmit\" is for shared rings: of its own one a queue knows what has begun");
      return;
    }
    require(spec_.component == Component::drm_sched, {"driver.rings", "scheduler.component"},
            "driver.rings is shared, but only drm_sched has schedulers that queues can share: the others are 1:1 by "
            "design");
    require(driver.kill_way == drv::KillWay::entity, {"driver.kill_way", "driver.rings"},
            "driver.rings = \"shared\" needs driver.kill_way = \"entity\": the ring and its timeout are others', too");
    require(driver.stop_way != drv::StopWay::scheduler, {"driver.stop_way", "driver.rings"},
            "driver.stop_way = \"scheduler\" is for rings of a queue's own; with shared ones: workers or resubmit");
    require(spec_.policy != sched::drm::Policy::single_entity, {"scheduler.policy", "driver.rings"},
            "scheduler.policy = \"single_entity\" is for a scheduler with one queue, but driver.rings is shared");
    require(!spec_.dep.bypass, {"scheduler.bypass", "driver.rings"},
            "scheduler.bypass is for a scheduler with one queue, but driver.rings is shared");
  }

  void native_waits() {
    if (!spec_.driver.native_waits) return;
    require(spec_.driver.rings == drv::Rings::own, {"driver.native_waits", "driver.rings"},
            "driver.native_waits is for rings of a queue's own: in one that clients share, a wait would hold up all "
            "behind it");
    require(
        spec_.component != Component::direct, {"driver.native_waits", "scheduler.component"},
        "driver.native_waits is for queues with a driver in the path, but scheduler.component is direct: its clients "
        "wait for values themselves");
  }

  void engines() {
    std::int64_t sum = 0;
    const std::initializer_list<std::string_view> counts{"device.engines.rcs.count", "device.engines.bcs.count",
                                                         "device.engines.vcs.count", "device.engines.vecs.count",
                                                         "device.engines.ccs.count"};
    for (const std::string_view path : counts) sum += settings_.at(path).setting.value.number;
    require(sum >= 1, counts, "the device has no engine");
    require(sum <= std::int64_t{abi::kMaxEngines}, counts,
            fmt::format("the device has {} engines; {} are the most", sum, abi::kMaxEngines));
  }

  void interrupts() {
    require(
        spec_.driver.irq_cpu < spec_.host.cpus, {"driver.irq_cpu", "host.cpus"},
        fmt::format("driver.irq_cpu is {}, but the host has CPUs 0..{}", spec_.driver.irq_cpu, spec_.host.cpus - 1));
  }

  void background() {
    const os::BackgroundLoad& load = spec_.host.background;
    const std::initializer_list<std::string_view> all{"host.background.threads", "host.background.busy",
                                                      "host.background.period"};
    if (load.threads > 0) {
      require(!load.busy.is_zero() && load.period.count() > 0, all,
              fmt::format("host.background.threads is {}, but busy or period is 0", load.threads));
    }
    require(load.busy.value <= load.period, {"host.background.busy", "host.background.period"},
            "host.background.busy is longer than its period");
  }

  void submit_workers() {
    const os::HostSpec& host = spec_.host;
    require(host.submit_workers == os::SubmitWorkers::unbound || host.work_dispatch == os::WorkDispatch::pool,
            {"host.submit_workers", "host.work_dispatch"},
            "host.submit_workers other than unbound need host.work_dispatch = \"pool\"");
    require(host.kthread_class == os::SchedClass::normal || host.submit_workers == os::SubmitWorkers::kthread ||
                host.submit_workers == os::SubmitWorkers::kthread_per_priority,
            {"host.kthread_class", "host.submit_workers"},
            "host.kthread_class is fifo, but host.submit_workers names no kthread_worker");
  }

  // What a component does not have and something else needs.
  void jobqueue() {
    const bool counter = is_jobqueue(spec_, sched::jq::Shape::counter);
    const std::string chosen = "scheduler.jobqueue = \"counter\"";
    require(!counter || spec_.driver.kill_way == drv::KillWay::terminate,
            {"driver.kill_way", "scheduler.jobqueue", "scheduler.component"},
            chosen +
                " needs driver.kill_way = \"terminate\": it has no timeout by which another driver takes a queue "
                "off the hardware");
    const bool is_inline =
        is_jobqueue(spec_, sched::jq::Shape::pipeline) && spec_.jobqueue.coalescing == sched::jq::Coalescing::in_thread;
    require(!is_inline || spec_.driver.irq_path == drv::IrqPath::threaded,
            {"driver.irq_path", "scheduler.coalescing", "scheduler.component"},
            "scheduler.coalescing = \"inline\" needs driver.irq_path = \"threaded\": a tick may sleep");
  }

  void orchestrator() {
    const sched::orch::Spec& orchestrator = spec_.orchestrator;
    if (orchestrator.slots == 0) return;
    require(spec_.driver.rings == drv::Rings::own, {"scheduler.orchestrator.slots", "driver.rings"},
            "scheduler.orchestrator is for queues with a scheduler of their own: where driver.rings is shared, the "
            "scheduler of the ring chooses already");
    require(orchestrator.batch != 0 || orchestrator.quantum.count() != 0,
            {"scheduler.orchestrator.batch", "scheduler.orchestrator.quantum"},
            "scheduler.orchestrator.batch and quantum are both 0: a queue that always has jobs on the hardware would "
            "keep its token for ever");
  }

  /// A value with evidence describes a driver as it is: that of a preset, or of a scenario resolved from one. Who says
  /// another one means it.
  void require_not_said(std::string_view path, const std::string& why) {
    const Slot& slot = settings_.at(path);
    if (slot.is_broken || slot.setting.tag != 'U' || slot.setting.value == parameter_at(path).fallback) return;
    problems_.push_back({slot.setting.place, fmt::format("{}: {}", path, why), {}});
  }

  // What a queue that is mapped into its client cannot have: docs/direct.md.
  void direct() {
    if (spec_.component != Component::direct) return;
    const std::string chosen = "scheduler.component = \"direct\"";
    require(spec_.device.descriptor.notify == abi::SubmitNotify::doorbell, {"device.notify", "scheduler.component"},
            chosen + " needs device.notify = \"doorbell\": a message to the firmware is the kernel's");
    require(spec_.orchestrator.slots == 0, {"scheduler.orchestrator.slots", "scheduler.component"},
            "scheduler.orchestrator: with " + chosen + " no job passes through the kernel, where it could wait");
    const std::string unseen = "with " + chosen + " the kernel does not see jobs";
    require_not_said("driver.credit_limit", unseen + ", and a client may write as many as the ring holds");
    require_not_said("driver.max_jobs", unseen + ", and refuses none");
    require_not_said("driver.kill_way", unseen + "; a queue that ends is taken off the hardware");
    require_not_said("driver.close_way", unseen + "; a queue that ends is taken off the hardware");
  }

  const Settings& settings_;
  const ScenarioSpec& spec_;
  std::vector<Problem>& problems_;
};

class ClientChecks {
 public:
  ClientChecks(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems)
      : settings_{settings}, spec_{spec}, problems_{problems} {}

  void run() {
    const auto& clients = settings_.clients();
    for (std::size_t i = 0; i < clients.size(); ++i) {
      name(i);
      if (!clients[i].kind()) continue;
      if (device_is_known()) engines(clients[i], spec_.clients[i]);
      if (spec_.component == Component::direct) direct(clients[i], spec_.clients[i]);
      if (const auto* steps = std::get_if<workload::StepsSpec>(&spec_.clients[i].workload)) gangs(clients[i], *steps);
      queues_ += queues(spec_.clients[i]) * spec_.clients[i].clones;
    }
    if (spec_.driver.rings == drv::Rings::shared) queues_ = spec_.device.descriptor.engine_count;
    const Slot& limit = settings_.at("device.max_queues");
    if (queues_ <= spec_.device.descriptor.max_queues || limit.is_broken) return;
    const Place& place = limit.layer > Layer::preset ? limit.setting.place : clients.back().place;
    problems_.push_back({place,
                         fmt::format("the {} need {} queues, but device.max_queues is {}",
                                     spec_.driver.rings == drv::Rings::shared ? "engines" : "clients", queues_,
                                     spec_.device.descriptor.max_queues),
                         {}});
  }

 private:
  [[nodiscard]] bool device_is_known() const {
    const auto& slots = settings_.slots();
    return std::none_of(parameters().begin(), parameters().end(), [&](const Parameter& parameter) {
      return parameter.path.starts_with("device.engines.") && slots[parameter.index].is_broken;
    });
  }

  void name(std::size_t client) {
    const Slot& mine = settings_.clients()[client].at("client.name");
    if (!mine.is_given || mine.is_broken) return;
    const auto [first, is_new] = lines_by_name_.emplace(mine.setting.value.text, mine.setting.place.line);
    if (is_new) return;
    problems_.push_back(
        {mine.setting.place,
         fmt::format("there is a client '{}' already, in line {}", mine.setting.value.text, first->second),
         {}});
  }

  [[nodiscard]] bool has(abi::EngineClass engine_class, std::int64_t instance) const {
    const abi::DeviceDescriptor& device = spec_.device.descriptor;
    return std::any_of(device.engines.begin(), device.engines.begin() + device.engine_count,
                       [&](const abi::EngineDescriptor& engine) {
                         return engine.engine_class == engine_class && (instance < 0 || engine.instance == instance);
                       });
  }

  [[nodiscard]] std::string missing(const std::string& engine) const {
    std::string engines;
    const abi::DeviceDescriptor& device = spec_.device.descriptor;
    for (std::uint32_t i = 0; i < device.engine_count; ++i) {
      engines += fmt::format("{}{}{}", i == 0 ? "" : ", ",
                             abi::kEngineClassNames[static_cast<std::size_t>(device.engines[i].engine_class)],
                             device.engines[i].instance);
    }
    return fmt::format("the device has no engine '{}', only {}", engine, engines);
  }

  void engines(const ClientSettings& settings, const workload::ClientSpec& client) {
    const std::span<const Parameter> table = client_parameters();
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (table[i].type != Type::engine || table[i].kind != settings.kind() || settings.slots[i].is_broken) continue;
      const Setting& setting = settings.slots[i].setting;
      if (has(static_cast<abi::EngineClass>(setting.value.number), setting.value.high)) continue;
      problems_.push_back(
          {settings.slots[i].is_given ? setting.place : settings.place,
           fmt::format("{}.{}: {}", settings.shown, table[i].key(), missing(value_text(table[i], setting.value))),
           {}});
    }
    if (const auto* wsim = std::get_if<workload::WsimSpec>(&client.workload)) wsim_engines(settings, *wsim);
    if (const auto* steps = std::get_if<workload::StepsSpec>(&client.workload)) steps_engines(settings, *steps);
  }

  void direct(const ClientSettings& settings, const workload::ClientSpec& client) {
    if (const auto* wsim = std::get_if<workload::WsimSpec>(&client.workload)) wsim_dependencies(settings, *wsim);
    if (!std::holds_alternative<workload::CompositorSpec>(client.workload)) return;
    problems_.push_back({settings.at("client.workload").setting.place,
                         "workload = \"compositor\" needs dma_fences, which a flip waits for: with "
                         "scheduler.component = \"direct\" the end of a job is a value in memory",
                         {}});
  }

  // Where a client waits before it submits, what it would do behind that submission never comes.
  void wsim_dependencies(const ClientSettings& settings, const workload::WsimSpec& wsim) {
    const Slot& inline_text = settings.at("client.program");
    const auto report = [&](const workload::Step& step, const std::string& what) {
      const Place place =
          inline_text.is_given ? inline_text.setting.place : Place{wsim.program.file, step.line, step.column};
      problems_.push_back({place,
                           fmt::format("step {}: scheduler.component = \"direct\" waits for dependencies before it "
                                       "submits, and has no {}",
                                       step.index, what),
                           {}});
    };
    const auto is_endless = [&](const workload::StepRef& ref) {
      const auto* batch = std::get_if<workload::Batch>(&wsim.program.steps[ref.step].body);
      return batch != nullptr && batch->duration.unbounded;
    };
    const auto is_software = [&](const workload::StepRef& ref) {
      return std::holds_alternative<workload::SwFence>(wsim.program.steps[ref.step].body);
    };
    for (const workload::Step& step : wsim.program.steps) {
      const auto* batch = std::get_if<workload::Batch>(&step.body);
      if (batch == nullptr) continue;
      const auto any = [](const auto& refs, const auto& is) { return std::any_of(refs.begin(), refs.end(), is); };
      if (!batch->submit_deps.empty()) {
        report(step, "submit fences");
      } else if (any(batch->fence_deps, is_software)) {
        report(step, "batches behind a software fence of their own client");
      } else if (any(batch->data_deps, is_endless) || any(batch->fence_deps, is_endless) ||
                 (batch->duration.unbounded && !batch->set_deps.empty())) {
        report(step, "batches behind one that only a later step ends");
      }
    }
  }

  void wsim_engines(const ClientSettings& settings, const workload::WsimSpec& wsim) {
    const Slot& inline_text = settings.at("client.program");
    const workload::Placements placements{wsim.program};
    for (const workload::Step& step : wsim.program.steps) {
      const auto* batch = std::get_if<workload::Batch>(&step.body);
      if (batch == nullptr) continue;
      for (const WsimEngine engine : placements.place(*batch).allowed) {
        const auto [engine_class, instance] = physical(engine);
        if (has(engine_class, instance)) continue;
        const Place place =
            inline_text.is_given ? inline_text.setting.place : Place{wsim.program.file, step.line, step.column};
        problems_.push_back(
            {place,
             fmt::format("step {}: {}", step.index,
                         missing(fmt::format("{}{}", abi::kEngineClassNames[static_cast<std::size_t>(engine_class)],
                                             instance))),
             {}});
      }
    }
  }

  void steps_engines(const ClientSettings& settings, const workload::StepsSpec& steps) {
    const Place& place = settings.at("client.program").setting.place;
    for (std::size_t i = 0; i < steps.program.steps.size(); ++i) {
      const auto* submit = std::get_if<workload::SubmitStep>(&steps.program.steps[i]);
      if (submit == nullptr) continue;
      const auto look_for = [&](const workload::EngineChoice& engine) {
        if (has(engine.engine_class, engine.instance)) return;
        problems_.push_back({place, fmt::format("step {}: {}", i, missing(to_text(engine))), {}});
      };
      for (const workload::StepMember& member : submit->members) look_for(member.engine);
      look_for(submit->engine);
    }
  }

  void gangs(const ClientSettings& settings, const workload::StepsSpec& steps) {
    if (spec_.driver.rings == drv::Rings::shared) return;
    for (std::size_t i = 0; i < steps.program.steps.size(); ++i) {
      const auto* submit = std::get_if<workload::SubmitStep>(&steps.program.steps[i]);
      if (submit == nullptr || submit->members.empty()) continue;
      problems_.push_back(
          {settings.at("client.program").setting.place,
           fmt::format("step {}: a gang needs driver.rings = \"shared\", as amdgpu's kernel rings are: of rings of a "
                       "queue's own the firmware chooses which go to the engines",
                       i),
           {}});
    }
  }

  [[nodiscard]] static std::pair<abi::EngineClass, std::int64_t> physical(WsimEngine engine) {
    switch (engine) {
      case WsimEngine::bcs:
        return {abi::EngineClass::copy, 0};
      case WsimEngine::vcs:
      case WsimEngine::vcs1:
        return {abi::EngineClass::video, 0};
      case WsimEngine::vcs2:
        return {abi::EngineClass::video, 1};
      case WsimEngine::vecs:
        return {abi::EngineClass::video_enhance, 0};
      case WsimEngine::ccs:
        return {abi::EngineClass::compute, 0};
      case WsimEngine::default_engine:
      case WsimEngine::rcs:
        break;
    }
    return {abi::EngineClass::render, 0};
  }

  // Of one clone: those that it cannot do without. A churn client waits for a free id, or loses a cycle.
  [[nodiscard]] static std::uint64_t queues(const workload::ClientSpec& client) {
    if (std::holds_alternative<workload::ChurnSpec>(client.workload)) return 0;
    if (std::holds_alternative<workload::PipelineSpec>(client.workload)) return 3;
    if (const auto* fan = std::get_if<workload::FanSpec>(&client.workload)) return fan->width + std::uint64_t{1};
    if (const auto* steps = std::get_if<workload::StepsSpec>(&client.workload)) {
      return workload::engines_of(steps->program).size();
    }
    const auto* wsim = std::get_if<workload::WsimSpec>(&client.workload);
    if (wsim == nullptr) return 1;
    return workload::plan_wsim(wsim->program).queues.size();
  }

  const Settings& settings_;
  const ScenarioSpec& spec_;
  std::vector<Problem>& problems_;
  std::uint64_t queues_ = 0;
  std::map<std::string_view, std::uint32_t> lines_by_name_;  // the first client of each name
};

}  // namespace

void check_machine(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems) {
  MachineChecks{settings, spec, problems}.run();
}

void check_clients(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems) {
  ClientChecks{settings, spec, problems}.run();
}

}  // namespace gpusim::scenario
