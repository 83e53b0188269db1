// SPDX-License-Identifier: MIT
#include "sim/hw/rv32_firmware_core.h"

#include <fmt/core.h>

#include <algorithm>
#include <new>

#include "base/invariant.h"

namespace gpusim::hw {

namespace {

/// Longer than any turn that ends.
constexpr std::uint64_t kMostCycles = 100'000'000;

[[nodiscard]] rv32::ElfFile read(std::span<const std::byte> image) {
  auto file = rv32::ElfFile::read(image);
  if (!file) violate("firmware_fault", "the firmware's image cannot be used: " + file.error().what);
  return std::move(file).value();
}

[[nodiscard]] std::uint32_t begin_of(const rv32::ElfFile& file) {
  std::uint32_t begin = file.entry();
  for (const rv32::ElfSegment& segment : file.segments()) begin = std::min(begin, segment.address);
  return begin / rv32::Tcm::kGranule * rv32::Tcm::kGranule;
}

[[nodiscard]] std::uint32_t records_of(const rv32::ElfFile& file) {
  const auto symbol = file.symbol("firmware_records");
  if (!symbol) violate("firmware_fault", "the firmware's image does not say where its records are");
  return symbol->address;
}

[[nodiscard]] std::uint32_t record_bytes(std::uint32_t queues) {
  const std::size_t bytes = abi::kMaxEngines * sizeof(fw::EngineRecord) + queues * sizeof(fw::QueueRecord);
  return static_cast<std::uint32_t>((bytes + rv32::Tcm::kGranule - 1) / rv32::Tcm::kGranule * rv32::Tcm::kGranule);
}

[[nodiscard]] rv32::CoreSpec core_spec() {
  rv32::CoreSpec spec;
  spec.reported_traps = ~0U;
  return spec;
}

}  // namespace

// --- bus -------------------------------------------------------------------------------------------------------------

void RegisterBus::update_line() { core_->set_line(rv32::Line::external, registers_.has_event()); }

/// The end of a turn is always waited at.
bool RegisterBus::waits(std::uint32_t offset) const {
  if (offset == abi::kFwTurn) return true;
  return stops_ && !abi::is_models(offset);
}

rv32::BusReply RegisterBus::load(std::uint32_t address, std::uint32_t size) {
  const std::uint32_t offset = address - abi::kFirmwareRegisters;
  if (size != 4 || offset >= abi::kFirmwareRegisterBytes) return {rv32::BusReply::Kind::fault};
  return waits(offset) ? rv32::BusReply{rv32::BusReply::Kind::wait} : load_now(offset);
}

rv32::BusReply RegisterBus::store(std::uint32_t address, std::uint32_t size, std::uint32_t value) {
  const std::uint32_t offset = address - abi::kFirmwareRegisters;
  if (size != 4 || offset >= abi::kFirmwareRegisterBytes) return {rv32::BusReply::Kind::fault};
  return waits(offset) ? rv32::BusReply{rv32::BusReply::Kind::wait} : store_now(offset, value);
}

rv32::BusReply RegisterBus::serve(const rv32::BusAccess& access) {
  const std::uint32_t offset = access.address - abi::kFirmwareRegisters;
  return access.is_store ? store_now(offset, access.value) : load_now(offset);
}

rv32::BusReply RegisterBus::load_now(std::uint32_t offset) {
  const std::uint32_t value = registers_.load(offset);
  if (offset == abi::kFwEvent) update_line();
  return {rv32::BusReply::Kind::done, value};
}

rv32::BusReply RegisterBus::store_now(std::uint32_t offset, std::uint32_t value) {
  registers_.store(offset, value);
  if (offset == abi::kFwNotifyAgain) update_line();
  return {};
}

// --- core ------------------------------------------------------------------------------------------------------------

Rv32FirmwareCore::Rv32FirmwareCore(std::span<const std::byte> image, FirmwareRegisters& registers,
                                   const abi::DeviceDescriptor& device, bool stops_at_accesses)
    : registers_{registers},
      file_{read(image)},
      records_{records_of(file_)},
      engine_count_{device.engine_count},
      queue_count_{device.max_queues + 1},
      bytes_(records_ - begin_of(file_) + record_bytes(queue_count_)),
      tcm_{begin_of(file_), bytes_},
      bus_{registers, stops_at_accesses},
      core_{tcm_, bus_, core_spec()} {
  bus_.bind_core(core_);
  reset();
}

void Rv32FirmwareCore::reset() {
  std::fill(bytes_.begin(), bytes_.end(), std::byte{0});
  if (const auto error = rv32::load(file_, tcm_)) {
    violate("firmware_fault", "the firmware's image cannot be loaded: " + error->what);
  }
  tcm_.permit(records_, record_bytes(queue_count_), rv32::kRead | rv32::kWrite);
  core_.note_write(tcm_.base(), tcm_.size());
  core_.reset(file_.entry());
  ends_turn_ = false;
  turn_cycles_ = 0;
}

bool Rv32FirmwareCore::attach(FirmwareDebugger& debugger) {
  debugged_ = std::make_unique<DebuggedCore>(core_, tcm_, registers_, debugger);
  return true;
}

FirmwareStop Rv32FirmwareCore::run() {
  const rv32::Counts begin = core_.counts();
  if (ends_turn_) core_.complete({});
  ends_turn_ = false;
  bus_.update_line();
  const std::uint64_t left = kMostCycles - turn_cycles_;
  const rv32::Stop stop = debugged_ ? debugged_->run(left) : core_.run(left);
  used_ = {.cycles = core_.counts().cycles - begin.cycles,
           .instructions = core_.counts().instructions - begin.instructions};
  turn_cycles_ += used_.cycles;
  if (stop == rv32::Stop::wfi) {
    turn_cycles_ = 0;
    return FirmwareStop::sleep;
  }
  if (stop == rv32::Stop::bus) {
    const rv32::BusAccess& access = core_.access();
    ends_turn_ = access.address == abi::kFirmwareRegisters + abi::kFwTurn;
    if (ends_turn_) {
      turn_cycles_ = 0;
      turn_ = {static_cast<fw::Step>(abi::word_step(access.value)), abi::turn_action(access.value)};
      return FirmwareStop::turn;
    }
    if (turn_cycles_ < kMostCycles) return FirmwareStop::access;
  }
  if (stop == rv32::Stop::trap) {
    const rv32::Trap& trap = core_.trap();
    fail(fmt::format("takes trap {} with value {:#x}", static_cast<unsigned>(trap.cause), trap.value), trap.pc);
  }
  fail(fmt::format("does not come to an end in {} cycles", kMostCycles), core_.pc());
}

bool Rv32FirmwareCore::reads_host() const {
  const rv32::BusAccess& access = core_.access();
  return !access.is_store && access.address == abi::kFirmwareRegisters + abi::kFwHostData;
}

void Rv32FirmwareCore::fail(const std::string& what, std::uint32_t pc) const {
  violate("firmware_fault", fmt::format("the firmware {} at {:#x} in {}", what, pc, file_.function_at(pc)));
}

/// In an array of std::byte records of plain data come to be.
template <class Record>
std::span<const Record> Rv32FirmwareCore::records_at(std::uint32_t address, std::uint32_t count) const {
  return {std::launder(reinterpret_cast<const Record*>(bytes_.data() + (address - tcm_.base()))), count};
}

std::span<const fw::QueueRecord> Rv32FirmwareCore::queues() const {
  return records_at<fw::QueueRecord>(records_ + std::uint32_t{abi::kMaxEngines * sizeof(fw::EngineRecord)},
                                     queue_count_);
}

std::span<const fw::EngineRecord> Rv32FirmwareCore::engines() const {
  return records_at<fw::EngineRecord>(records_, engine_count_);
}

}  // namespace gpusim::hw
