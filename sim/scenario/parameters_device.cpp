// SPDX-License-Identifier: MIT
// [device]: hardware and firmware.
#include <array>
#include <iterator>

#include "sim/scenario/parameter_rows.h"
#include "sim/scenario/parameter_table.h"
#include "sim/scenario/transfers.h"

namespace gpusim::scenario {

namespace {

using abi::DeviceDescriptor;
using hw::DeviceModules;
using hw::DeviceSpec;
using hw::EngineSpec;
using hw::FirmwareSpec;
using hw::LinkSpec;
using trace::Cause;

// The classes are stored in the order of their values; the sum is checked before.
template <std::uint8_t Class>
void store_engines(const Target& target, const Parameter& /*parameter*/, const Value& value) {
  DeviceDescriptor& device = target.spec->device.descriptor;
  if (Class == 0) device.engine_count = 0;
  for (std::int64_t i = 0; i < value.number && device.engine_count < abi::kMaxEngines; ++i) {
    device.engines[device.engine_count++] = {static_cast<abi::EngineClass>(Class), static_cast<std::uint8_t>(i)};
  }
}

template <std::uint8_t Class>
[[nodiscard]] Value fetch_engines(const Target& target) {
  return {abi::engines_of(target.spec->device.descriptor, static_cast<abi::EngineClass>(Class)), 0, {}};
}

template <std::uint8_t Class, auto Field>
[[nodiscard]] Parameter context_cost(std::string_view path, std::string_view doc) {
  return rows::duration<&ScenarioSpec::device, &DeviceSpec::engines, std::size_t{Class}, Field>(path, Unit::us, doc)
      .read_if(
          [](const Target& target) { return fetch_engines<Class>(target).number > 0 && !rows::has_host_slots(target); },
          "the device has no engine of that class, or device.firmware.policy is host_slots")
      .from('E', "fixed part of a context switch: 5..50 us are plausible, nobody has published it")
      .in(Cause::context_switch);
}

/// docs/plug-in.md
template <auto... Way>
[[nodiscard]] Parameter module(std::string_view path, std::string_view doc) {
  return rows::text<&ScenarioSpec::device, &DeviceSpec::modules, Way...>(path, doc);
}

template <std::uint8_t Class>
void add_class(std::vector<Parameter>& table, std::string_view count_path, std::string_view restore_path,
               std::string_view save_path, std::string_view module_path, std::string_view doc) {
  Parameter engines{.path = count_path,
                    .type = Type::integer,
                    .store = &store_engines<Class>,
                    .fetch = &fetch_engines<Class>,
                    .doc = doc,
                    .max = abi::kMaxEngines};
  table.push_back(std::move(engines).from('E', "a small client GPU with one engine of a class and two for video"));
  table.push_back(context_cost<Class, &EngineSpec::context_restore>(
      restore_path, "Loading the context of a queue that is not the one loaded."));
  table.push_back(context_cost<Class, &EngineSpec::context_save>(
      save_path, "Saving the context of a queue that was preempted with work left."));
  table.push_back(module<&DeviceModules::engines, std::size_t{Class}, &hw::Module<hw::MakeEngine>::name>(
                      module_path, "A plug-in's engine, by its name, in place of ours. Empty: ours.")
                      .read_if([](const Target& target) { return fetch_engines<Class>(target).number > 0; },
                               "the device has no engine of that class"));
}

template <Cost LinkSpec::* Field>
[[nodiscard]] Parameter link(std::string_view path, std::string_view doc) {
  return rows::duration<&ScenarioSpec::device, &DeviceSpec::link, Field>(path, Unit::ns, doc);
}

template <Cost FirmwareSpec::* Field>
[[nodiscard]] Parameter firmware(std::string_view path, Unit unit, std::string_view doc) {
  return rows::duration<&ScenarioSpec::device, &DeviceSpec::firmware, Field>(path, unit, doc);
}

[[nodiscard]] bool has_table(const Target& target) {
  return target.spec->device.firmware.timing == hw::FirmwareTiming::table;
}
[[nodiscard]] bool has_link_bandwidth(const Target& target) { return target.spec->device.link.bandwidth_mb_s != 0; }

[[nodiscard]] bool counts_cycles(const Target& target) { return !has_table(target); }

template <abi::RunPolicy Policy>
[[nodiscard]] bool has_policy(const Target& target) {
  return target.spec->device.descriptor.policy == Policy;
}

template <abi::SubmitNotify Way>
[[nodiscard]] bool is_notified_by(const Target& target) {
  return has_table(target) && target.spec->device.descriptor.notify == Way;
}

[[nodiscard]] bool has_doorbells(const Target& target) {
  return target.spec->device.descriptor.notify == abi::SubmitNotify::doorbell;
}
constexpr std::string_view kNoDoorbells = "device.notify is message";
[[nodiscard]] bool rings_directly(const Target& target) { return abi::rings_engines(target.spec->device.descriptor); }
[[nodiscard]] bool has_unmapped(const Target& target) {
  return rings_directly(target) && target.spec->device.descriptor.slots != 0 && !rows::has_host_slots(target);
}
constexpr std::string_view kNoDirectDoorbells = "device.doorbell.route is firmware, or device.notify is message";

constexpr std::int64_t kMostBandwidth = 1'000'000'000;  // 1 PB/s
constexpr std::int64_t kMostContextBytes = 1'000'000'000'000;

template <auto... Way>
[[nodiscard]] Parameter bandwidth(std::string_view path, std::string_view doc) {
  return rows::integer<&ScenarioSpec::device, Way...>(path, 0, kMostBandwidth, doc)
      .from('S', "ours: no limit, a job's time is all that it takes");
}

[[nodiscard]] std::vector<Parameter> descriptor_rows() {
  return {
      rows::row<&ScenarioSpec::device, &DeviceSpec::name>("device.name", Type::name, "How traces call it."),
      rows::choice<&ScenarioSpec::device, &DeviceSpec::descriptor, &DeviceDescriptor::notify>(
          "device.notify", {"doorbell", "message"},
          "How the host says that a queue has work: a write to the queue's doorbell, or a message and one write.")
          .from('S', "panthor, amdgpu: a doorbell for each queue"),
      rows::integer<&ScenarioSpec::device, &DeviceSpec::descriptor, &DeviceDescriptor::max_queues>(
          "device.max_queues", 1, 65'535, "Queues that can be alive at a time.")
          .from('E', "amdgpu, xe: between MES (1,024 a process) and GuC (65,535)"),
      rows::integer<&ScenarioSpec::device, &DeviceSpec::descriptor, &DeviceDescriptor::slots>(
          "device.slots", 0, 64, "Places that a queue must hold to be picked for an engine. 0: no such limit.")
          .from('S', "xe: the host sees no limit, GuC multiplexes any number of contexts"),
      rows::duration<&ScenarioSpec::device, &DeviceSpec::descriptor, &DeviceDescriptor::quantum_ps>(
          "device.quantum", Unit::us,
          "Time on an engine after which the next queue of the same priority has its turn. 0: no such limit.")
          .read_if(&rows::has_quanta,
                   "device.firmware.policy is tick_rotation or host_slots, which have a tick and no quantum")
          .from('S', "xe: default timeslice (xe_hw_engine.c)"),
      rows::boolean<&ScenarioSpec::device, &DeviceSpec::quantum_charges_switch>(
          "device.quantum_charges_switch",
          "Whether a quantum begins when the queue's context begins to be restored. If not, when it is loaded.")
          .read_if(&rows::has_quanta,
                   "device.firmware.policy is tick_rotation or host_slots, which have a tick and no quantum")
          .from('E', "ours: the time of a switch is no queue's; of firmware nothing is published"),
      rows::duration<&ScenarioSpec::device, &DeviceSpec::linger>(
          "device.linger", Unit::us,
          "Time for which the context of a queue that has run empty stays loaded on its engine, if no other queue is: "
          "until then new work of it pays no restore. 0: for ever.")
          .read_if([](const Target& target) { return !rows::has_host_slots(target); },
                   "device.firmware.policy is host_slots: contexts of holders stay on the device")
          .from('E', "ours: nobody has published that an idle engine drops it"),
      rows::duration<&ScenarioSpec::device, &DeviceSpec::descriptor, &DeviceDescriptor::idle_hysteresis_ps>(
          "device.idle_hysteresis", Unit::us,
          "host_slots: time without work after which the firmware reports the holder of a slot as idle. 0: at once.")
          .read_if(&rows::has_host_slots, rows::kNoHostSlots)
          .from('S', "ours: at once"),
      rows::duration<&ScenarioSpec::device, &DeviceSpec::descriptor, &DeviceDescriptor::preempt_timeout_ps>(
          "device.preempt_timeout", Unit::ms,
          "Time that a queue has to leave its engine once it was asked to; then preempt_miss. 0: for ever.")
          .read_if([](const Target& target) { return !rows::has_host_slots(target); },
                   "device.firmware.policy is host_slots, where driver.answer_timeout is the limit")
          .from('S', "xe: default preempt timeout (Kconfig.profile)"),
      rows::choice<&ScenarioSpec::device, &DeviceSpec::descriptor, &DeviceDescriptor::preempt_miss>(
          "device.preempt_miss", {"reset_engine", "tell_host"},
          "A queue that has not left its engine in time: the firmware resets the engine, and the queue is lost; or it "
          "tells the host, which resets the device.")
          .read_if([](const Target& target) { return abi::has_preempt_timeout(target.spec->device.descriptor); },
                   "device.preempt_timeout is 0, or device.firmware.policy is host_slots")
          .from('S', "xe: CONTEXT_RESET_NOTIFICATION (xe_guc_submit.c)"),
      rows::duration<&ScenarioSpec::device, &DeviceSpec::reset>(
          "device.reset", Unit::ms, "From the write to the device's reset register until its firmware runs again.")
          .from('E', "xe: polls for 5 ms (xe_gt.c), the reload of the firmware is of that order"),
      rows::integer<&ScenarioSpec::device, &DeviceSpec::context_bytes>(
          "device.context_bytes", 0, kMostContextBytes,
          "Size of a queue's context, which each restore and each save moves through the device's memory, beside its "
          "fixed cost.")
          .read_if(
              [](const Target& target) {
                return target.spec->device.memory.bandwidth_mb_s != 0 && !rows::has_host_slots(target);
              },
              "device.memory.bandwidth_mb_s is 0, or device.firmware.policy is host_slots")
          .from('S', "ours: none, the fixed cost of a switch is all"),
  };
}

[[nodiscard]] std::vector<Parameter> doorbell_rows() {
  return {
      rows::choice<&ScenarioSpec::device, &DeviceSpec::descriptor, &DeviceDescriptor::doorbell_route>(
          "device.doorbell.route", {"firmware", "direct"},
          "Whom a doorbell reaches: the firmware; or the engine that its queue is on, which goes on with more entries "
          "without the firmware.")
          .read_if(&has_doorbells, kNoDoorbells)
          .from('S', "ours: the firmware, as the MCU of Mali"),
      rows::choice<&ScenarioSpec::device, &DeviceSpec::doorbell, &hw::DoorbellSpec::value>(
          "device.doorbell.value", {"write_index", "handle"},
          "What a doorbell carries: the queue's write index; or whose it is alone, and an engine that it reaches reads "
          "the index from memory, for device.link.dma_read_latency.")
          .read_if(&rings_directly, kNoDirectDoorbells)
          .from('S', "amdgpu: the write pointer (userq.rst)"),
      rows::choice<&ScenarioSpec::device, &DeviceSpec::doorbell, &hw::DoorbellSpec::unmapped>(
          "device.doorbell.unmapped", {"firmware", "polled"},
          "When the firmware learns of a doorbell whose queue holds no slot: at once, as of the others that are on no "
          "engine; or when it next looks at the write indices of such queues, each device.doorbell.poll.")
          .read_if(&has_unmapped,
                   "device.slots is 0, or device.doorbell.route is firmware, or the driver rings for no such queue")
          .from('S', "amdgpu: engines may support doorbells of unmapped queues (userq.rst)"),
      rows::duration<&ScenarioSpec::device, &DeviceSpec::doorbell, &hw::DoorbellSpec::poll>(
          "device.doorbell.poll", Unit::ms, "Period of the firmware's looks at the write indices of queues.")
          .read_if(
              [](const Target& target) {
                return has_unmapped(target) && target.spec->device.doorbell.unmapped == hw::UnmappedDoorbell::polled;
              },
              "device.doorbell.unmapped is not polled, or has no effect")
          .from('E', "amdgpu: oversubscription_timer is 50, whose unit is not told: taken for ms (mes_v11_0.c)"),
  };
}

[[nodiscard]] std::vector<Parameter> cost_rows() {
  return {
      module<&DeviceModules::memory, &hw::Module<hw::MakeMemory>::name>(
          "device.memory.module",
          "A plug-in's host memory, by its name: it says when a DMA read is answered. Empty: at once."),
      bandwidth<&DeviceSpec::memory, &hw::MemorySpec::bandwidth_mb_s>(
          "device.memory.bandwidth_mb_s",
          "Bytes that jobs and context switches read from or write to the device's own memory, together, in 10^6 a "
          "second. 0: no such limit.")
          .read_if(
              [](const Target& target) {
                return target.spec->device.context_bytes != 0 ||
                       any_transfer(*target.spec, [](const workload::TransferSpec& /*transfer*/) { return true; });
              },
              "no job moves bytes (client.bytes), and device.context_bytes is 0"),
      module<&DeviceModules::link, &hw::Module<hw::MakeLink>::name>(
          "device.link.module", "A plug-in's link, by its name, in place of ours. Empty: ours."),
      link<&LinkSpec::mmio_write_latency>("device.link.mmio_write_latency",
                                          "One crossing of a posted write of a CPU: doorbell or notification.")
          .from('C', "intel-forum: half of an MMIO read's round trip of 0.5..1 us, less its CPU part")
          .in(Cause::doorbell),
      link<&LinkSpec::dma_write_latency>("device.link.dma_write_latency",
                                         "One crossing of a posted write of the device: fence value, reply, MSI-X.")
          .from('E', "device DMA write until host memory shows it, 0.3..0.7 us")
          .in(Cause::fence_write),
      link<&LinkSpec::dma_read_latency>("device.link.dma_read_latency",
                                        "The device reads host memory: request and completion.")
          .from('E', "like an MMIO read without its CPU part, 0.4..1.2 us")
          .in(Cause::work),
      link<&LinkSpec::mmio_read_latency>("device.link.mmio_read_latency",
                                         "A CPU reads a register: request and completion.")
          .from('W', "intel-forum: 0.5..1 us, outliers of 5.5 us"),
      bandwidth<&DeviceSpec::link, &LinkSpec::bandwidth_mb_s>(
          "device.link.bandwidth_mb_s",
          "Bytes that jobs move over the link, each way, in 10^6 a second. 0: no such limit.")
          .read_if(
              [](const Target& target) {
                return target.spec->device.link.packet_bytes != 0 || any_transfer(*target.spec, uses_link);
              },
              "no job moves bytes from or to the host (client.bytes), and device.link.packet_bytes is 0"),
      rows::integer<&ScenarioSpec::device, &DeviceSpec::link, &LinkSpec::packet_bytes>(
          "device.link.packet_bytes", 0, 4096,
          "Payload of the packets of transfers. Writes, requests and completions then wait for the packet on the wire, "
          "and take their own bytes. 0: they wait for nothing.")
          .read_if(&has_link_bandwidth, "device.link.bandwidth_mb_s is 0")
          .from('S', "ours: off; PCIe's payloads are 128 to 4096 bytes, mostly 256 or 512"),
      rows::integer<&ScenarioSpec::device, &DeviceSpec::link, &LinkSpec::packet_header_bytes>(
          "device.link.packet_header_bytes", 0, 1'000, "Bytes of each packet on the link beside its payload.")
          .read_if(
              [](const Target& target) {
                return has_link_bandwidth(target) && target.spec->device.link.packet_bytes != 0;
              },
              "device.link.bandwidth_mb_s or device.link.packet_bytes is 0")
          .from('D', "intel-an708: 5 to 7 dwords of framing, number, header and CRC"),
      module<&DeviceModules::core, &hw::Module<hw::MakeFirmwareCore>::name>(
          "device.firmware.module",
          "What executes the firmware, of a plug-in, by its name. Empty: device.firmware.core."),
      rows::choice<&ScenarioSpec::device, &DeviceSpec::firmware, &FirmwareSpec::core>(
          "device.firmware.core", {"native", "rv32"},
          "What executes the firmware: the simulator's own code, or an RV32IMAC core with the firmware's image.")
          .read_if([](const Target& target) { return target.spec->device.modules.core.name.empty(); },
                   "device.firmware.module executes it")
          .from('S', "ours: both run the same sources and give the same trace"),
      rows::choice<&ScenarioSpec::device, &DeviceSpec::firmware, &FirmwareSpec::timing>(
          "device.firmware.timing", {"table", "cycles", "live"},
          "How long the firmware takes: a service time for each kind of step; or the cycles of the rv32 core, its "
          "accesses to registers and its reads of host memory; or the same with each access at its own moment.")
          .from('S', "ours: without a core nobody counts cycles"),
      rows::choice<&ScenarioSpec::device, &DeviceSpec::descriptor, &DeviceDescriptor::policy>(
          "device.firmware.policy", {"round_robin", "tick_rotation", "list_walk", "host_slots"},
          "Who decides: levels, and turns by quantum within a level; slots that rotate on a tick; a list of processes "
          "and their queues that is walked in order; or the host, whose driver gives the slots on a tick.")
          .from('S', "ours: round robin within strict levels, as GuC's contexts"),
      rows::duration<&ScenarioSpec::device, &DeviceSpec::descriptor, &DeviceDescriptor::tick_ps>(
          "device.firmware.tick", Unit::ms, "Period of the tick on which slots rotate.")
          .read_if(&has_policy<abi::RunPolicy::tick_rotation>, "device.firmware.policy is not tick_rotation")
          .from('S', "panthor: 10 ms (panthor_sched.c)"),
      rows::integer<&ScenarioSpec::device, &DeviceSpec::descriptor, &DeviceDescriptor::outer_quantum>(
          "device.firmware.outer_quantum", 1, 1'000'000,
          "Quanta for which an engine stays with a process of the list before the next one has its turn.")
          .read_if(&has_policy<abi::RunPolicy::list_walk>, "device.firmware.policy is not list_walk")
          .from('S', "amdgpu: gangs of 1 ms within processes of 10 ms (mes_userqueue.c)"),
      firmware<&FirmwareSpec::cycle>("device.firmware.cycle", Unit::ns, "A cycle of the rv32 core.")
          .read_if(&counts_cycles, "device.firmware.timing is table")
          .from('E', "a microcontroller of about 1 GHz beside a GPU")
          .in(Cause::firmware),
      firmware<&FirmwareSpec::register_access>(
          "device.firmware.register_access", Unit::ns,
          "A load or store of the rv32 core to a register of the device, beside its cycles.")
          .read_if(&counts_cycles, "device.firmware.timing is table")
          .from('E', "some tens of cycles over the device's own bus")
          .in(Cause::firmware),
      firmware<&FirmwareSpec::host_read>(
          "device.firmware.host_read", Unit::ns,
          "A load of the rv32 core from host memory, beside its cycles: the core waits for it.")
          .read_if(&counts_cycles, "device.firmware.timing is table")
          .from('E', "the default of device.link.dma_read_latency")
          .in(Cause::firmware),
      firmware<&FirmwareSpec::wake>("device.firmware.wake", Unit::ns,
                                    "From an event to the first instruction of an idle firmware core.")
          .from('E', "cuda-handbook: pick-up of a doorbell in the 2..8 us of an empty kernel")
          .in(Cause::firmware),
      firmware<&FirmwareSpec::doorbell>("device.firmware.doorbell", Unit::us, "Service time of a doorbell.")
          .read_if(&is_notified_by<abi::SubmitNotify::doorbell>,
                   "device.notify is message, or device.firmware.timing is not table")
          .from('E', "a short message: 1..10 us")
          .in(Cause::firmware),
      firmware<&FirmwareSpec::message_short>("device.firmware.message_short", Unit::us,
                                             "Service time of a message that schedules a queue.")
          .read_if(&is_notified_by<abi::SubmitNotify::message>,
                   "device.notify is doorbell, or device.firmware.timing is not table")
          .from('E', "a short message: 1..10 us")
          .in(Cause::firmware),
      firmware<&FirmwareSpec::message_long>(
          "device.firmware.message_long", Unit::us,
          "Service time of a message that registers, disables or deregisters a queue, or sets its priority.")
          .read_if(&has_table, "device.firmware.timing is not table")
          .from('E', "a long message: 10..100 us"),
      firmware<&FirmwareSpec::message_look>(
          "device.firmware.message_look", Unit::ns,
          "Service time of a look at the message buffer that finds no message in it, as after the last one.")
          .read_if(&has_table, "device.firmware.timing is not table")
          .from('E', "one read of its descriptor in host memory: the default of device.link.dma_read_latency")
          .in(Cause::firmware),
      firmware<&FirmwareSpec::engine_event>("device.firmware.engine_event", Unit::us,
                                            "Service time of an engine's report: nothing left to do, context saved.")
          .read_if(&has_table, "device.firmware.timing is not table")
          .from('E', "taken like a short message")
          .in(Cause::firmware),
      firmware<&FirmwareSpec::timer>("device.firmware.timer", Unit::us,
                                     "Service time of the end of a quantum, or of another timer.")
          .read_if(
              [](const Target& target) {
                const DeviceDescriptor& device = target.spec->device.descriptor;
                return has_table(target) &&
                       (device.policy == abi::RunPolicy::tick_rotation ||
                        (device.quantum_ps | device.preempt_timeout_ps | device.idle_hysteresis_ps) != 0);
              },
              "device.quantum, device.preempt_timeout and device.idle_hysteresis are 0, or device.firmware.timing is "
              "not "
              "table")
          .from('E', "shorter than a message: nothing is read from memory")
          .in(Cause::firmware),
      firmware<&FirmwareSpec::pick>("device.firmware.pick", Unit::us, "Choosing the next queue for a free engine.")
          .read_if(&has_table, "device.firmware.timing is not table")
          .from('E', "cuda-handbook: dispatch in the 2..8 us of an empty kernel")
          .in(Cause::firmware),
      firmware<&FirmwareSpec::engine_reset>("device.firmware.engine_reset", Unit::us,
                                            "Resetting an engine whose queue did not leave it in time, or whose job "
                                            "had a page fault.")
          .read_if(
              [](const Target& target) {
                return abi::has_preempt_timeout(target.spec->device.descriptor) ||
                       target.spec->fault.aims(fault::Kind::page_fault);
              },
              "device.preempt_timeout is 0, or device.firmware.policy is host_slots, and no page faults are injected")
          .from('E', "no public figure; register writes and waits of some hundred us")
          .in(Cause::firmware),
      firmware<&FirmwareSpec::slot_resume>(
          "device.firmware.slot_resume", Unit::us,
          "host_slots: starting or resuming a queue in the slot that it gets, beside the message's time. With this "
          "policy a context moves with its slot, and an engine restores none.")
          .read_if(&rows::has_host_slots, rows::kNoHostSlots)
          .from('E', "panthor: 50..200 us to resume a group")
          .in(Cause::firmware),
      firmware<&FirmwareSpec::slot_suspend>(
          "device.firmware.slot_suspend", Unit::us,
          "host_slots: saving the context of a queue that gives its slot up, before the answer.")
          .read_if(&rows::has_host_slots, rows::kNoHostSlots)
          .from('E', "panthor: 50..200 us to suspend a group, bounded by 100 ms")
          .in(Cause::firmware),
      rows::duration<&ScenarioSpec::device, &DeviceSpec::interrupts, &hw::InterruptSpec::coalesce_window>(
          "device.interrupts.coalesce_window", Unit::us,
          "From the first event of an interrupt vector to its message; what comes meanwhile shares it. 0: one message "
          "an event.")
          .from('S', "xe: no window; interrupts merge because the handler re-reads all fence values")
          .in(Cause::interrupt),
  };
}

}  // namespace

std::vector<Parameter> device_rows() {
  std::vector<Parameter> table = descriptor_rows();
  add_class<0>(table, "device.engines.rcs.count", "device.engines.rcs.context_restore",
               "device.engines.rcs.context_save", "device.engines.rcs.module", "Render engines.");
  add_class<1>(table, "device.engines.bcs.count", "device.engines.bcs.context_restore",
               "device.engines.bcs.context_save", "device.engines.bcs.module", "Copy engines.");
  add_class<2>(table, "device.engines.vcs.count", "device.engines.vcs.context_restore",
               "device.engines.vcs.context_save", "device.engines.vcs.module",
               "Video engines; vcs0 is what a .wsim file calls VCS1.");
  add_class<3>(table, "device.engines.vecs.count", "device.engines.vecs.context_restore",
               "device.engines.vecs.context_save", "device.engines.vecs.module", "Video enhancement engines.");
  add_class<4>(table, "device.engines.ccs.count", "device.engines.ccs.context_restore",
               "device.engines.ccs.context_save", "device.engines.ccs.module", "Compute engines.");
  for (std::vector<Parameter> rows : {doorbell_rows(), cost_rows()}) {
    std::move(rows.begin(), rows.end(), std::back_inserter(table));
  }
  return table;
}

}  // namespace gpusim::scenario
