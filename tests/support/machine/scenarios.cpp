// SPDX-License-Identifier: MIT
#include "tests/support/machine/scenarios.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "sim/scenario/defaults.h"
#include "sim/scenario/loader.h"
#include "sim/system/simulation.h"
#include "sim/workload/steps_parser.h"
#include "sim/workload/wsim_parser.h"
#include "tests/support/free.h"
#include "tests/support/trace_script.h"
#include "traces/inspect/recording.h"

namespace gpusim::test {

using trace::Event;
using trace::EventKind;

namespace {

Cost cost(Picoseconds value) { return Cost{value, 0}; }

void set_host_costs(os::HostSpec& host) {
  host.timeslice = cost(ms(3));
  host.task_wake = cost(us(3));
  host.worker_wake = cost(us(2));
  host.irq_thread_wake = cost(us(2));
  host.context_switch = cost(us(1));
  for (Cost* step : {&host.syscall_entry, &host.syscall_exit, &host.mutex_op, &host.spinlock_op, &host.queue_work,
                     &host.wake_up, &host.irq_entry, &host.irq_exit, &host.memory_barrier}) {
    *step = cost(ns(100));
  }
  host.irq_delivery = cost(ns(100));
  host.store_drain = cost(ns(500));
  host.irq_spinlock_op = cost(ps(0));  // of fences: free, as what else they do
}

void set_driver_costs(drv::DriverSpec& driver) {
  driver.create_queue = cost(us(3));
  for (Cost* step : {&driver.exec, &driver.run_job, &driver.ring_write, &driver.mmio_write, &driver.message,
                     &driver.irq_scan, &driver.irq_complete, &driver.reply}) {
    *step = cost(ns(200));
  }
}

void set_component_costs(sched::Costs& costs) {
  for (Cost* step : {&costs.job_init, &costs.add_dependency, &costs.arm, &costs.push, &costs.worker_pass,
                     &costs.dispatch, &costs.done, &costs.put}) {
    *step = cost(ns(100));
  }
}

void set_device_costs(hw::DeviceSpec& device) {
  device.link.mmio_write_latency = cost(ns(300));
  device.link.dma_write_latency = cost(ns(400));
  device.link.dma_read_latency = cost(ns(700));
  device.link.mmio_read_latency = cost(ns(900));
  hw::FirmwareSpec& firmware = device.firmware;
  for (Cost* step : {&firmware.wake, &firmware.doorbell, &firmware.message_short, &firmware.message_long,
                     &firmware.message_look, &firmware.engine_event, &firmware.timer, &firmware.pick}) {
    *step = cost(us(1));
  }
  for (hw::EngineSpec& engine : device.engines) engine = {cost(us(2)), cost(us(2))};
}

void make_device_free(hw::DeviceSpec& device) {
  using Link = hw::LinkSpec;
  using Firmware = hw::FirmwareSpec;
  make_free(device.link,
            {&Link::mmio_write_latency, &Link::dma_write_latency, &Link::dma_read_latency, &Link::mmio_read_latency});
  make_free(device.firmware, {&Firmware::wake, &Firmware::doorbell, &Firmware::message_short, &Firmware::message_long,
                              &Firmware::message_look, &Firmware::engine_event, &Firmware::timer, &Firmware::pick,
                              &Firmware::engine_reset, &Firmware::cycle, &Firmware::register_access,
                              &Firmware::host_read, &Firmware::slot_resume, &Firmware::slot_suspend});
  for (hw::EngineSpec& engine : device.engines) engine = {Cost{}, Cost{}};
  make_free(device.interrupts, {&hw::InterruptSpec::coalesce_window});
  make_free(device, {&hw::DeviceSpec::reset});
}

scenario::ScenarioSpec good_spec(const scenario::LoadResult& loaded) {
  std::string wrong;
  for (const scenario::Problem& problem : loaded.problems) wrong += problem.to_string() + '\n';
  if (!loaded.ok()) throw std::runtime_error{wrong};
  return *loaded.spec;
}

}  // namespace

scenario::ScenarioSpec ideal_scenario() {
  scenario::ScenarioSpec spec = scenario::defaults();
  spec.name = "ideal";
  spec.job_timeout = Picoseconds{0};
  spec.device.descriptor.max_queues = 1024;
  spec.device.descriptor.quantum_ps = 0;
  spec.device.descriptor.preempt_timeout_ps = 0;
  make_device_free(spec.device);
  spec.driver = free_driver();
  spec.costs = free_component();
  spec.fence_costs = {};
  using Orchestrator = sched::orch::Spec;
  make_free(spec.orchestrator, {&Orchestrator::ask, &Orchestrator::grant, &Orchestrator::give_back});
  spec.host = free_host();
  spec.host.timeslice = cost(ms(3));  // a policy, not a cost
  return spec;
}

scenario::ScenarioSpec costly_scenario() {
  scenario::ScenarioSpec spec = ideal_scenario();
  spec.name = "costly";
  spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(ms(1).count());
  set_host_costs(spec.host);
  set_driver_costs(spec.driver);
  set_component_costs(spec.costs);
  spec.fence_costs = {};
  set_device_costs(spec.device);
  return spec;
}

scenario::ScenarioSpec busy_scenario() {
  scenario::ScenarioSpec spec = costly_scenario();
  spec.driver.ring_entries = 4;
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.work = {us(20), us(20)};
  loop.jobs_per_cycle = 8;
  loop.cycles = 2;
  workload::FanSpec fan;
  fan.ends = {abi::EngineClass::copy, -1};
  fan.middle = kRender;
  fan.source = fan.branch = fan.sink = {us(30), us(30)};
  fan.width = 3;
  fan.rounds = 3;
  spec.clients = {client("loop", loop), client("fan", fan)};
  return spec;
}

workload::ClientSpec client(std::string name, workload::WorkloadSpec workload, std::uint32_t clones) {
  workload::ClientSpec spec;
  spec.name = std::move(name);
  spec.clones = clones;
  spec.workload = std::move(workload);
  return spec;
}

workload::WsimSpec wsim_workload(std::string_view text, std::uint64_t repeats) {
  workload::WsimParseResult parsed = workload::parse_wsim(text, "test.wsim");
  std::string messages;
  for (const workload::WsimProblem& problem : parsed.problems) messages += problem.to_string() + "\n";
  if (!parsed.ok()) throw std::runtime_error{messages};
  workload::WsimSpec spec;
  spec.program = std::move(*parsed.program);
  spec.repeats = repeats;
  return spec;
}

workload::StepsSpec steps_workload(std::string_view text, const workload::ShareSpec& share, std::uint64_t repeats) {
  workload::StepsParseResult parsed = workload::parse_steps(text, "test.steps", share);
  std::string messages;
  for (const workload::WsimProblem& problem : parsed.problems) messages += problem.to_string() + "\n";
  if (!parsed.ok()) throw std::runtime_error{messages};
  workload::StepsSpec spec;
  spec.program = std::move(*parsed.program);
  spec.repeats = repeats;
  return spec;
}

std::string read_text(const std::string& path) {
  std::ifstream file{path};
  if (!file) throw std::runtime_error{"cannot open " + path};
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> shipped_files(const std::string& kind) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{GPUSIM_SOURCE_DIR "/configs/" + kind}) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

scenario::ScenarioSpec load_spec(const std::filesystem::path& file, const std::vector<std::string>& sets) {
  return good_spec(scenario::load_scenario(file, {.sets = sets, .seed = {}}));
}

scenario::ScenarioSpec spec_of(const std::string& text, const std::vector<std::string>& sets) {
  return good_spec(scenario::load_scenario_text(text, "x.toml", {.sets = sets, .seed = {}}));
}

std::vector<SimTime> bans(const Recording& recording) {
  std::vector<SimTime> times;
  for (const auto& banned : recording.all<trace::queue_banned>()) times.push_back(banned.time);
  return times;
}

std::vector<Job> Recording::jobs() const {
  std::vector<Job> jobs;
  std::map<std::uint64_t, std::size_t> places;
  for (const Event& event : events) {
    if (const auto begin = trace::as<trace::exec_begin>(event)) {
      places[event.job] = jobs.size();
      Job job;
      job.id = event.job;
      job.client = begin->client.value();
      job.queue = event.queue;
      job.queue_name = names.queues.at(event.queue).name;
      job.work_ps = begin->work_ps;
      job.submitted = event.time;
      jobs.push_back(job);
    } else if (const auto start = trace::as<trace::job_start>(event)) {
      Job& job = jobs.at(places.at(event.job));
      job.start = event.time;
      job.engine = names.engines.at(start->engine).name;
    } else if (event.kind == EventKind::job_end) {
      jobs.at(places.at(event.job)).end = event.time;
    }
  }
  return jobs;
}

std::vector<Event> Recording::of_kind(EventKind kind) const {
  std::vector<Event> found;
  for (const Event& event : events) {
    if (event.kind == kind) found.push_back(event);
  }
  return found;
}

SimTime Recording::finish() const {
  SimTime last{};
  for (const auto& event : all<trace::client_finish>()) {
    if (event.error != Errno::ok) {
      throw std::runtime_error{"a client ended with error " + std::to_string(static_cast<int>(event.error))};
    }
    last = std::max(last, event.time);
  }
  return last;
}

Recording run(const scenario::ScenarioSpec& spec, const system::MachineOptions& options) {
  Recording recording;
  trace::EventKeeper keeper;
  system::Machine machine{spec, options};
  machine.recorder().attach_to_all(keeper);
  recording.result = machine.run();
  if (recording.result.outcome == system::Outcome::finished) machine.check_released();
  recording.names = machine.names();
  recording.hash = machine.recorder().hash();
  recording.events = std::move(keeper.events);
  return recording;
}

std::vector<trace::JobLife> lives_of(const scenario::ScenarioSpec& spec) {
  system::Simulation simulation{spec};
  trace::KeptLives kept;
  simulation.milestones().add_listener(kept);
  const system::RunResult result = simulation.run();
  if (result.outcome != system::Outcome::finished) throw std::runtime_error{"not finished: " + result.stall_report};
  return kept.lives;
}

Recording run_ideal(workload::WorkloadSpec workload, std::uint32_t clones) {
  scenario::ScenarioSpec spec = ideal_scenario();
  spec.clients.push_back(client("app", std::move(workload), clones));
  Recording recording = run(spec);
  if (recording.result.outcome != system::Outcome::finished) throw std::runtime_error{recording.result.stall_report};
  return recording;
}

std::string us_of(SimTime time) {
  const std::int64_t rest = to_ps(time) % 1'000'000;
  return std::to_string(to_ps(time) / 1'000'000) + (rest == 0 ? "" : "+" + std::to_string(rest) + "ps");
}

Texts spans(const Recording& recording) {
  Texts texts;
  for (const Job& job : recording.jobs()) texts.push_back(job.engine + " " + us_of(*job.start) + "-" + us_of(*job.end));
  return texts;
}

Texts submits(const Recording& recording) {
  Texts texts;
  for (const Job& job : recording.jobs()) texts.push_back(us_of(job.submitted));
  return texts;
}

std::string own_workloads() { return GPUSIM_SOURCE_DIR "/configs/workloads"; }

std::vector<std::string> wsim_files(const std::string& folder) {
  std::vector<std::string> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() == ".wsim") files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace gpusim::test
