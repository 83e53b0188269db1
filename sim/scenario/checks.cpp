// SPDX-License-Identifier: MIT
#include "sim/scenario/checks.h"

#include <algorithm>
#include <bit>
#include <string>

#include <fmt/core.h>

namespace gpusim::scenario {

namespace {

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
    stage_of_the_driver();
  }

  void stage_of_the_driver() {
    if (spec_.driver.timeout_clock != drv::TimeoutClock::in_stage) return;
    const std::string chosen = "driver.timeout_clock = \"in_stage\"";
    require(is_jobqueue(spec_, sched::jq::Shape::pipeline),
            {"driver.timeout_clock", "scheduler.component", "scheduler.jobqueue"},
            chosen +
                " needs scheduler.component = \"jobqueue\" with scheduler.jobqueue = \"pipeline\": no other "
                "component has stages of the driver");
    require(spec_.driver.kill_way == drv::KillWay::terminate, {"driver.timeout_clock", "driver.kill_way"},
            chosen +
                " needs driver.kill_way = \"terminate\": a job whose time is over costs its queue the hardware at "
                "once, and nobody asks further");
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

}  // namespace

void check_machine(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems) {
  MachineChecks{settings, spec, problems}.run();
}

}  // namespace gpusim::scenario
