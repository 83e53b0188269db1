// SPDX-License-Identifier: MIT
#include "sim/system/machine.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "host_driver/driver.h"
#include "host_driver/user_mode.h"
#include "os/host.h"
#include "os/sync.h"
#include "sim/hw/gpu.h"
#include "sim/hw/timeline_pump.h"
#include "sim/system/chaos.h"
#include "sim/system/component_factory.h"
#include "sim/system/exploration.h"
#include "sim/system/idle_module.h"
#include "sim/system/kernel.h"
#include "sim/workload/client.h"
#include "sim/workload/process.h"
#include "sim/workload/shared_objects.h"
#include "sim/workload/surface.h"

namespace gpusim::system {
namespace {

/// By sched::TimeoutVerdict: what the kernel calls them (enum drm_gpu_sched_stat).
constexpr std::array kVerdictNames{"NONE", "RESET", "ENODEV", "NO_HANG"};
static_assert(static_cast<std::size_t>(sched::TimeoutVerdict::no_hang) + 1 == kVerdictNames.size());

}  // namespace

struct Machine::Parts {
  Parts(const scenario::ScenarioSpec& scenario, const MachineOptions& options);

  void build(const MachineOptions& options);
  void make_clients();
  void make_screens();
  void start_clients();
  void start_faults();
  void start_kill();
  void start_evictions();
  void start_exploration();
  void record_choices();
  [[nodiscard]] bool all_clients_done() const { return clients_done == clients.size(); }
  [[nodiscard]] bool is_drained() const {
    return driver->live_queues() == 0 && factory->live_queues() == 0 && driver->has_idle_rings() &&
           factory->is_idle() && !host->has_irq_works();
  }
  [[nodiscard]] drv::Uapi& uapi() const {
    return user_mode == nullptr ? static_cast<drv::Uapi&>(*driver) : static_cast<drv::Uapi&>(*user_mode);
  }
  [[nodiscard]] std::string describe_waits() const;
  [[nodiscard]] std::string what_it_waits_for(const os::Thread& thread) const;
  [[nodiscard]] bool is_stuck() const;
  [[nodiscard]] bool waits_for_submitters() const;
  /// What a device loses only a timeout brings back: no exploration loses it where there is none.
  [[nodiscard]] ChoiceSource* explored_faults() const { return has_no_timeout(spec) ? nullptr : choices; }

  struct Client {
    workload::ClientEnvironment environment;
    const workload::ClientSpec* spec;
    os::Thread* thread = nullptr;
    std::unique_ptr<workload::Process> process{};  // of one that is to be killed
  };
  [[nodiscard]] std::string explain_wait(const Client& client, std::vector<const Client*> before = {}) const;
  [[nodiscard]] std::vector<const Client*> signallers_of(drv::SyncobjId syncobj) const;

  scenario::ScenarioSpec spec;
  Exploration* exploration;
  ChoiceSource* choices;
  // Order of destruction matters from here: the kernel's context goes last.
  Kernel kernel;
  hw::Wiring wiring;
  Timeline timeline;
  trace::Recorder recorder{timeline};
  trace::Names names;
  CostLedger ledger;
  ActorBoard actors{timeline};
  fault::Injector faults{recorder, spec.fault, explored_faults(), &names, spec.seed};
  std::unique_ptr<hw::TimelinePump> pump;
  std::unique_ptr<IdleModule> idle_module;
  std::unique_ptr<hw::Gpu> gpu;
  std::unique_ptr<hw::RootComplex> root_complex;
  sched::FenceArena fences{spec.fence_costs};
  std::unique_ptr<ComponentFactory> factory;
  std::unique_ptr<drv::Driver> driver;
  std::unique_ptr<drv::UserMode> user_mode;  // before it, if queues are mapped into their clients
  std::unique_ptr<workload::SharedObjects> objects;
  std::map<std::string, workload::Screen> screens;  // by their compositor's name
  std::vector<Client> clients;
  std::size_t clients_done = 0;
  std::unique_ptr<Chaos> chaos;
  std::unique_ptr<os::Host> host;  // first to go: its threads' frames hold references on all the others
};

Machine::Parts::Parts(const scenario::ScenarioSpec& scenario, const MachineOptions& options)
    : spec{scenario},
      exploration{options.exploration},
      choices{exploration == nullptr ? nullptr : &exploration->choices},
      wiring{options.check_transactions} {
  build(options);
  make_clients();
  start_clients();
  start_faults();
  start_kill();
  start_evictions();
  if (exploration != nullptr) start_exploration();
  timeline.freeze();
}

void Machine::Parts::build(const MachineOptions& options) {
  names.device = spec.device.name;
  for (std::uint32_t i = 0; i < spec.device.descriptor.engine_count; ++i) {
    const abi::EngineDescriptor& engine = spec.device.descriptor.engines[i];
    names.engines.push_back({hw::engine_name(engine), hw::engine_class_name(engine.engine_class)});
  }
  names.firmware_events.assign(hw::kFirmwareStepNames.begin(), hw::kFirmwareStepNames.end());
  names.refusals.assign(abi::kRefusalNames.begin(), abi::kRefusalNames.end());
  names.verdicts.assign(kVerdictNames.begin(), kVerdictNames.end());
  for (const fault::ExploredFault& row : fault::kExploredFaults) names.faults.emplace_back(row.place.name());

  const std::vector<std::function<void()>> parts{
      [&] { pump = std::make_unique<hw::TimelinePump>("timeline_pump", timeline, options.look_ahead); },
      [&] {
        root_complex = std::make_unique<hw::RootComplex>("root_complex", timeline, spec.host.store_drain.value,
                                                         spec.device.descriptor.engine_count, choices);
      },
      [&] {
        gpu = std::make_unique<hw::Gpu>(spec.device.name.c_str(), timeline, recorder, ledger, spec.device, faults,
                                        options.construction_order, wiring);
      },
      [&] {
        host = std::make_unique<os::Host>(timeline, recorder, names, ledger, spec.host, spec.seed, choices,
                                          exploration == nullptr ? nullptr : &actors);
      },
      [&] {
        if (options.idle_module) idle_module = std::make_unique<IdleModule>("an_idle_module", timeline);
      },
  };
  for (const std::size_t part : hw::construction_sequence(parts.size(), options.construction_order)) parts[part]();

  gpu->connect(*root_complex);
  if (options.firmware_turns != nullptr) gpu->bind_firmware_turns(*options.firmware_turns);
  if (spec.traces_decisions) gpu->trace_decisions();
  root_complex->deliver_interrupt = [this](std::uint32_t vector) { host->deliver_interrupt(vector); };
  factory = make_component_factory(*host, fences, spec);
  if (exploration != nullptr) {
    fences.quarantine(actors);
    factory->quarantine(actors);
  }
  drv::DriverSpec driver_spec = spec.driver;
  driver_spec.job_timeout = timeout_of(spec);
  driver_spec.timeout_stuck = scenario::blames_what_stands_still(spec.driver);
  if (spec.component == scenario::Component::direct) driver_spec.direct = spec.direct;
  driver = std::make_unique<drv::Driver>(*host, *root_complex, spec.device.descriptor, driver_spec, fences, *factory);
  if (driver_spec.direct) user_mode = std::make_unique<drv::UserMode>(*driver, spec.direct);
}

void Machine::Parts::make_clients() {
  objects = std::make_unique<workload::SharedObjects>(uapi(), spec.share);
  std::map<std::string, std::shared_ptr<workload::SharedSets>> named_sets;
  for (const workload::ClientSpec& client : spec.clients) {
    auto shared = workload::make_shared_sets(client.workload);
    if (const auto* wsim = std::get_if<workload::WsimSpec>(&client.workload); wsim && !wsim->shared_sets.empty()) {
      shared = named_sets.try_emplace(wsim->shared_sets, shared).first->second;
    }
    for (std::uint32_t clone = 0; clone < client.clones; ++clone) {
      Client& entry = clients.emplace_back();
      entry.spec = &client;
      entry.environment.id = ClientId{static_cast<std::uint32_t>(clients.size() - 1)};
      entry.environment.name = client.clones == 1 ? client.name : fmt::format("{}.{}", client.name, clone);
      entry.environment.client_name = client.name;
      entry.environment.clone = clone;
      entry.environment.seed = spec.seed;
      entry.environment.queues = client.queues;
      if (is_jobqueue(spec, sched::jq::Shape::pipeline)) entry.environment.queues.credits = 1;  // an entry of the ring
      entry.environment.uapi = &uapi();
      entry.environment.device = &spec.device.descriptor;
      entry.environment.shared = shared;
      entry.environment.objects = objects.get();
      if (faults.kill_at().count() != 0 && faults.is_victim(client.name, entry.environment.name)) {
        entry.process = std::make_unique<workload::Process>(uapi());
        entry.environment.process = entry.process.get();
        entry.environment.uapi = entry.process.get();
      }
      names.clients.push_back(entry.environment.name);
    }
  }
  make_screens();
}

void Machine::Parts::make_screens() {
  for (Client& client : clients) {
    const auto* compositor = std::get_if<workload::CompositorSpec>(&client.spec->workload);
    if (compositor == nullptr) continue;
    workload::Screen& screen = screens[client.spec->name];
    screen.compositor = client.environment.id;
    screen.is_explicit = compositor->sync == workload::FrameSync::explicit_;
    client.environment.screen = &screen;
  }
  for (Client& client : clients) {
    const auto* renderer = std::get_if<workload::RendererSpec>(&client.spec->workload);
    if (renderer == nullptr) continue;
    workload::Screen& screen = screens.at(renderer->compositor);
    workload::Surface& surface = screen.surfaces.emplace_back();
    surface.renderer = client.environment.id;
    surface.buffers.resize(renderer->buffers);
    client.environment.screen = &screen;
    client.environment.surface = &surface;
  }
}

void Machine::Parts::start_clients() {
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i].thread = &host->spawn_client(clients[i].environment.name, [this, i](os::Context& ctx) -> os::Task<> {
      const Client& client = clients[i];
      co_await workload::run_client(ctx, *client.spec, client.environment);
      ++clients_done;
      if (all_clients_done()) pump->watch_for_end();
    });
  }
}

/// The faults that are caused from outside the machine, at a given time.
void Machine::Parts::start_faults() {
  const auto at_time = [this](Picoseconds when, const char* name, std::function<void(os::Context&)> happen) {
    if (when.count() == 0) return;
    host->spawn_client(name, [when, happen = std::move(happen)](os::Context& ctx) -> os::Task<> {
      co_await os::sleep_until(ctx, SimTime{when});
      happen(ctx);
      co_await ctx.step();
    });
  };
  at_time(faults.reset_at(), "administrator", [this](os::Context& ctx) {
    faults.note_reset();
    driver->request_reset(ctx, drv::ResetReason::requested);
  });
  at_time(faults.unplug_at(), "hotplug", [this](os::Context& ctx) {
    faults.note_unplug();
    gpu->unplug();
    driver->device_gone(ctx);
  });
}

void Machine::Parts::start_kill() {
  if (faults.kill_at().count() == 0) return;
  host->spawn_client("killer", [this](os::Context& ctx) -> os::Task<> {
    co_await os::sleep_until(ctx, SimTime{faults.kill_at()});
    for (const Client& client : clients) {
      if (client.process == nullptr || client.thread->state() == os::ThreadState::finished) continue;
      faults.note_kill();
      ctx.charge(host->spec().wake_up);
      client.process->kill(*client.thread);
    }
    co_await ctx.step();
  });
}

/// Memory runs short, for all processes.
void Machine::Parts::start_evictions() {
  if (!driver->has_user_queues() || faults.evict_every().count() == 0) return;
  host->spawn_client("memory_pressure", [this](os::Context& ctx) -> os::Task<> {
    for (std::uint64_t i = 0; i < faults.evictions(); ++i) {
      co_await os::sleep_until(ctx, ctx.now() + faults.evict_every());
      bool has_queues = false;
      for (const Client& client : clients) has_queues = driver->evict(ctx, client.environment.id) || has_queues;
      if (has_queues) faults.note_eviction();
    }
    co_await ctx.step();
  });
}

void Machine::Parts::start_exploration() {
  exploration->choices.stop_at(timeline, exploration->horizon);
  chaos = std::make_unique<Chaos>(*host, *driver, *gpu, *exploration);
}

// First the choices that were made while the machine was built, before there were listeners.
void Machine::Parts::record_choices() {
  ChoiceSource& source = exploration->choices;
  source.on_choice = [this](const Choice& choice) {
    recorder.emit(trace::choice_made{.instance = choice.instance,
                                     .choice = choice.kind,
                                     .value = choice.value,
                                     .place = ChoicePlace::hash_of(choice.place, 0)});
  };
  for (const Choice& choice : source.made()) source.on_choice(choice);
}

std::string Machine::Parts::describe_waits() const {
  std::string text;
  for (const Client& client : clients) {
    const os::Thread& thread = *client.thread;
    if (thread.state() == os::ThreadState::finished) continue;
    text += fmt::format("  client {} {}\n", client.environment.name, explain_wait(client));
  }
  for (const auto& thread : host->threads()) {
    if (const std::string waits = what_it_waits_for(*thread); !waits.empty()) {
      text += fmt::format("  {} {}\n", thread->name(), waits);
    }
  }
  return text + driver->explain_closed_queues();
}

// `before`: who waits for this client.
std::string Machine::Parts::explain_wait(const Client& client, std::vector<const Client*> before) const {
  const os::BlockedOn& reason = client.thread->blocked_on();
  if (reason.kind == os::BlockedOn::Kind::nothing) return "waits for nothing: it runs, or could";
  if (reason.kind == os::BlockedOn::Kind::fence) {
    return "waits for " + driver->explain_fence(reason.a, reason.b);
  }
  if (reason.kind != os::BlockedOn::Kind::syncobj) return std::string{"waits for "} + reason.what;
  const drv::SyncobjId syncobj{static_cast<std::uint32_t>(reason.a)};
  std::string text = "waits for " + driver->describe_point(syncobj, reason.b) + ", which nobody has submitted";
  const std::vector<const Client*> signallers = signallers_of(syncobj);
  if (signallers.empty()) return text + ", and no client signals it";
  before.push_back(&client);
  for (const Client* signaller : signallers) {
    text += fmt::format("; client {} signals it", signaller->environment.name);
    if (signaller == &client) {
      text += ", later";
    } else if (std::find(before.begin(), before.end(), signaller) != before.end()) {
      text += ", which closes the cycle";
    } else if (signaller->process != nullptr && signaller->process->is_killed()) {
      text += ", and was killed";
    } else if (signaller->thread->state() == os::ThreadState::finished) {
      text += ", and has ended";
    } else {
      text += ", and " + explain_wait(*signaller, before);
    }
  }
  return text;
}

std::vector<const Machine::Parts::Client*> Machine::Parts::signallers_of(drv::SyncobjId syncobj) const {
  std::vector<const Client*> found;
  const std::optional<std::uint32_t> number = objects->number_of(syncobj);
  for (const Client& client : clients) {
    const auto* steps = std::get_if<workload::StepsSpec>(&client.spec->workload);
    if (steps == nullptr || !number) continue;
    const std::vector<std::uint32_t> all = workload::signalled_by(steps->program);
    if (std::binary_search(all.begin(), all.end(), *number)) found.push_back(&client);
  }
  return found;
}

// Describes a kernel thread that is stuck; empty if it is idle or will go on by itself.
std::string Machine::Parts::what_it_waits_for(const os::Thread& thread) const {
  if (std::any_of(clients.begin(), clients.end(), [&](const Client& c) { return c.thread == &thread; })) return {};
  if (thread.state() == os::ThreadState::runnable) return "could run, and no CPU takes it";
  const os::BlockedOn& reason = thread.blocked_on();
  if (thread.state() != os::ThreadState::blocked || reason.kind == os::BlockedOn::Kind::nothing) return {};
  if (reason.kind == os::BlockedOn::Kind::time) return {};
  return std::string{"waits for "} + reason.what;
}

// A queue that is never torn down because its last reference is lost is a leak; the reference counts detect it.
bool Machine::Parts::is_stuck() const {
  if (!all_clients_done() || !driver->explain_closed_queues().empty()) return true;
  return !is_drained() && std::any_of(host->threads().begin(), host->threads().end(),
                                      [&](const auto& thread) { return !what_it_waits_for(*thread).empty(); });
}

bool Machine::Parts::waits_for_submitters() const {
  const bool only_clients = std::all_of(host->threads().begin(), host->threads().end(), [&](const auto& thread) {
    return host->is_background(*thread) || what_it_waits_for(*thread).empty();
  });
  return only_clients && std::all_of(clients.begin(), clients.end(), [](const Client& client) {
           return client.thread == nullptr || client.thread->state() == os::ThreadState::finished ||
                  client.thread->blocked_on().kind == os::BlockedOn::Kind::syncobj;
         });
}

Machine::Machine(const scenario::ScenarioSpec& spec, const MachineOptions& options)
    : parts_{std::make_unique<Parts>(spec, options)} {}

Machine::~Machine() = default;

static_assert(Machine::kPollEvery == hw::kPollEvery);

trace::Recorder& Machine::recorder() { return parts_->recorder; }
const trace::Recorder& Machine::recorder() const { return parts_->recorder; }
const trace::Names& Machine::names() const { return parts_->names; }
const CostLedger& Machine::ledger() const { return parts_->ledger; }
const os::HostCounters& Machine::host_counters() const { return parts_->host->counters(); }
std::uint32_t Machine::credit_limit() const {
  const bool by_ring = is_jobqueue(parts_->spec, sched::jq::Shape::pipeline);
  return by_ring ? parts_->spec.driver.ring_entries : parts_->driver->credit_limit();
}
std::vector<std::string> Machine::not_done(SimTime end) const {
  std::vector<std::string> lines = parts_->faults.not_happened(end);
  for (const workload::ClientSpec& client : parts_->spec.clients) {
    if (SimTime{client.start} <= end) continue;
    lines.push_back(fmt::format("client {} did not begin: it starts at {}, the run ended at {}", client.name,
                                format_duration(client.start), format_duration(end.time_since_epoch())));
  }
  return lines;
}

std::string Machine::describe_waits() const { return parts_->describe_waits(); }

RunResult Machine::run(const Poll& poll) {
  Parts& p = *parts_;
  bool nothing_left = false;
  p.pump->stop_at = p.spec.stop_after ? SimTime{*p.spec.stop_after} : kEndOfTime;
  if (p.exploration != nullptr) {
    p.pump->stop_at = p.exploration->limit;
    p.record_choices();
  }
  p.pump->is_done = [&p] { return p.all_clients_done() && p.is_drained(); };
  p.pump->is_interrupted = [&] {
    nothing_left = p.host->is_left_to_background();
    return nothing_left || (poll && poll(p.timeline.now()));
  };
  p.kernel.run(&p.timeline);
  if (p.pump->error()) std::rethrow_exception(p.pump->error());

  RunResult result;
  result.end = p.timeline.now();
  if (p.pump->stopped()) {
    result.outcome = Outcome::stopped;
    result.end = p.pump->stop_at;
  } else if (p.pump->interrupted() && !nothing_left) {
    result.outcome = Outcome::interrupted;
  } else if (p.is_stuck()) {
    result.outcome = Outcome::stalled;
    result.stall_report = fmt::format("nothing is left to happen at {}, and:\n{}",
                                      format_duration(result.end.time_since_epoch()), p.describe_waits());
  }
  return result;
}

bool Machine::waits_for_submitters() const { return parts_->waits_for_submitters(); }

hw::FirmwareView Machine::firmware_view() const { return parts_->gpu->firmware_view(); }

bool Machine::attach(hw::FirmwareDebugger& debugger) { return parts_->gpu->attach(debugger); }

bool Machine::is_at_work() const { return parts_->gpu->is_at_work(); }

void Machine::check_released() const {
  parts_->screens.clear();
  parts_->driver->drop_shared();
  parts_->driver->check_released();
  parts_->factory->check_released();
  parts_->fences.check_empty();
}

}  // namespace gpusim::system
