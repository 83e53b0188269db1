// SPDX-License-Identifier: MIT
// The firmware's loop on a device as large as they come, turn by turn, for who counts what a turn costs. Its machine
// does next to nothing, so that what is counted is the firmware's.
#include <new>

#include "firmware/main/null_hal.h"
#include "tests/core/programs/handlers.h"

// The policy that decides; programs beside this one have others.
#ifndef HANDLERS_POLICY
#define HANDLERS_POLICY RoundRobin
#endif

using namespace gpusim;
using namespace gpusim::test;

extern "C" {

alignas(64) TurnInput input{};  // no byte of the data shares a granule of the TCM with code
TurnOutput output{};
fw::RunRequest orders[abi::kMaxEngines];

}  // extern "C"

namespace {

/// The message stands at the ring's first index, whichever the firmware reads; write indices in an array by queue.
struct QuietMachine : fw::NullHal {
  std::uint32_t read32(std::uint64_t address) {
    const auto low = static_cast<std::uint32_t>(address);
    const std::uint32_t in_ring = low - kHandlersChannel - abi::kToFirmwareOffset;
    if (in_ring < abi::kToFirmwareDwords * 4) return input.words[(in_ring / 4 - input.first) % std::size(input.words)];
    return low >= kHandlersContexts ? input.write_index : input.tail;
  }
  void engine_run(std::uint32_t engine, const fw::RunRequest& request) { orders[engine] = request; }
  void note_refused(std::uint32_t, abi::Refusal) { ++output.refused; }
  bool next_event(fw::Event& event) {
    if (!input.has_event) return false;
    input.has_event = false;
    event.step = input.event.step;
    event.queue = input.event.queue;
    const fw::EngineReport& report = input.event.report;
    event.report = {report.engine, report.queue, report.run, report.read_index, report.begun};
    return true;
  }
  std::uint64_t channel_address() const { return kHandlersChannel; }
  void note_step(fw::Step step, std::uint32_t, std::uint32_t) { output.step = step; }
};

QuietMachine g_machine;
// Zeros are records; as such a table of this size would be initialised by code.
alignas(fw::QueueRecord) std::byte g_queues[(kHandlersQueues + 1) * sizeof(fw::QueueRecord)];
fw::EngineRecord g_engines[abi::kMaxEngines];
using Firmware = fw::Main<QuietMachine, fw::HANDLERS_POLICY>;
alignas(Firmware) std::byte g_place[sizeof(Firmware)];
Firmware* g_firmware;

}  // namespace

extern "C" {

void start(std::uint32_t slots);
void start(std::uint32_t slots) {
  abi::DeviceDescriptor device;
  device.engine_count = abi::kMaxEngines;
  for (std::uint8_t i = 0; i < abi::kMaxEngines; ++i) device.engines[i] = {abi::EngineClass::compute, i};
  device.slots = slots;
  device.max_queues = kHandlersQueues;
  device.preempt_timeout_ps = 1;
  const std::span queues{reinterpret_cast<fw::QueueRecord*>(g_queues), kHandlersQueues + 1};
  g_firmware = new (g_place) Firmware{g_machine, device, queues, g_engines};
}

/// 1: something was done.
std::uint32_t turn();
std::uint32_t turn() { return g_firmware->turn() ? 1 : 0; }

}  // extern "C"
