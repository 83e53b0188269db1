// SPDX-License-Identifier: MIT
#include "sim/hw/engine_module.h"

#include <array>
#include <cstddef>
#include <cstring>

#include <fmt/core.h>

#include "base/invariant.h"
#include "sim/hw/kernel_time.h"

namespace gpusim::hw {

namespace {

[[nodiscard]] std::uint64_t address_of_entry(const fw::RunRequest& run, std::uint32_t index) {
  return run.ring_address + std::uint64_t{index % run.ring_entries} * sizeof(abi::RingEntry);
}

}  // namespace

EngineModule::EngineModule(sc_core::sc_module_name name, const EngineParts& parts)
    : sc_core::sc_module{name},
      parts_{parts},
      vector_{abi::completion_vector(parts.device.descriptor.engines[parts.index].engine_class)},
      component_{parts.timeline.add_component(this->name())},
      link_{"to_link", parts.timeline},
      firmware_{"to_firmware", parts.timeline},
      interrupts_{"to_interrupts", parts.timeline},
      memory_{"to_memory", parts.timeline} {
  from_device.register_b_transport(this, &EngineModule::b_transport);
  link_.on_read = [this](std::uint32_t, std::span<const std::byte> bytes) { on_fetched(bytes); };
}

void EngineModule::bind_transfers(Transfers& transfers) {
  transfers_ = &transfers;
  transfers.bind(parts_.index, component_, [this] { on_transferred(); });
}

void EngineModule::b_transport(int, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  using Word = std::uint32_t;
  wait_until_effect(parts_.timeline, delay);
  switch (transaction.get_address()) {
    case bus::kRun:
      return obey<fw::RunRequest>(transaction, [&](const fw::RunRequest& request) { run(request); });
    case bus::kExtend:
      return obey<Word>(transaction, [&](Word write_index) { extend(write_index); });
    case bus::kPreempt:
      return obey<Word>(transaction, [&](Word) { preempt(); });
    case bus::kRenew:
      return obey<Word>(transaction, [&](Word) { renew(); });
    case bus::kNewLimits:
      return obey<Word>(transaction, [&](Word queue) { renew_limits(queue); });
    case bus::kReset:
      return obey<Word>(transaction, [&](Word queue) { reset(QueueId{queue}); });
    case bus::kQueue:
      return tell(transaction, rung_queue());
    case bus::kRing:
      return obey<Word>(transaction, [&](Word value) { ring(value); });
    case bus::kKillWork:
      return obey<Word>(transaction, [&](Word word) { kill_work(word); });
    case bus::kWatchedWord:
      return obey<std::uint64_t>(transaction, [&](std::uint64_t address) { on_watched_word(address); });
    default:
      transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
}

void EngineModule::tell_firmware(fw::Step event, const fw::RunRequest& run, std::uint32_t read_index, bool begun) {
  firmware_.write_value(bus::kReport, bus::Report{event, {parts_.index, run.queue, run.run, read_index, begun}});
}

std::uint32_t EngineModule::begin_fetch(const fw::RunRequest& run, std::uint32_t index) {
  const std::uint64_t address = address_of_entry(run, index);
  // For the trace only: the job of the entry being fetched.
  abi::RingEntry peek{};
  (void)link_.peek(address, std::as_writable_bytes(std::span{&peek, 1}));
  parts_.recorder.emit(
      trace::fetch_begin{.queue = QueueId{run.tag}, .engine = parts_.index, .job = JobId{peek.job}, .index = index});
  return link_.begin_read(address, sizeof(abi::RingEntry));
}

abi::RingEntry EngineModule::entry_of(const fw::RunRequest& run, std::uint32_t index,
                                      std::span<const std::byte> bytes) const {
  abi::RingEntry entry{};
  std::memcpy(&entry, bytes.data(), sizeof entry);
  if (entry.magic != abi::kEntryMagic || entry.index != index || entry.checksum != abi::entry_checksum(entry)) {
    violate("stale_ring_entry",
            fmt::format("{} fetched an entry that is not valid at index {} of queue {} at {}: the write index was "
                        "visible before the entry (a missing barrier?)",
                        name(), index, run.tag, format_duration(parts_.timeline.now().time_since_epoch())));
  }
  return entry;
}

void EngineModule::note_run_time(const fw::RunRequest& run, const abi::RingEntry& entry, Picoseconds done,
                                 abi::ContextPlace place, bool begins) {
  const std::array<std::uint64_t, 4> words{entry.fence_value, static_cast<std::uint64_t>(done.count()),
                                           static_cast<std::uint64_t>(parts_.timeline.now().time_since_epoch().count()),
                                           place};
  static_assert(offsetof(abi::QueueContext, run_ps) == offsetof(abi::QueueContext, begun) + sizeof words[0]);
  static_assert(offsetof(abi::QueueContext, place) == offsetof(abi::QueueContext, begun) + 3 * sizeof words[0]);
  if (begins) {
    memory_.write(run.context_address + offsetof(abi::QueueContext, begun), std::as_bytes(std::span{words}));
  } else {
    memory_.write(run.context_address + offsetof(abi::QueueContext, run_ps),
                  std::as_bytes(std::span{words}).subspan(sizeof words[0]));
  }
}

void EngineModule::post_fence(const fw::RunRequest& run, const abi::RingEntry& entry, std::uint64_t address,
                              std::uint64_t value, bool completion) {
  const QueueId queue{run.tag};
  parts_.recorder.emit(trace::fence_write{.queue = queue,
                                          .vector = vector_,
                                          .job = JobId{entry.job},
                                          .address = address,
                                          .value = value,
                                          .completion = completion});
  const trace::Event arrival = trace::fence_visible{.queue = queue,
                                                    .vector = vector_,
                                                    .job = JobId{entry.job},
                                                    .address = address,
                                                    .value = value,
                                                    .completion = completion};
  link_.write(address, std::as_bytes(std::span{&value, 1}), &arrival);
}

}  // namespace gpusim::hw
