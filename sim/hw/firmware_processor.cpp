// SPDX-License-Identifier: MIT
#include "sim/hw/firmware_processor.h"

#include <cstring>

#include "base/mutation.h"
#include "sim/hw/engine.h"

namespace gpusim::hw {

using trace::EventKind;

std::vector<std::string> firmware_event_names() {
  return {"doorbell", "message", "engine_empty", "engine_saved", "quantum", "pick"};
}

namespace {
template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;
}  // namespace

// --- HAL -------------------------------------------------------------------------------------------------------------

std::uint32_t FirmwareHal::read32(std::uint64_t address) {
  std::uint32_t value = 0;
  processor_.link_->read_memory_now(address, std::as_writable_bytes(std::span{&value, 1}));
  return value;
}

void FirmwareHal::apply() {
  FirmwareProcessor& self = processor_;
  applying_.swap(outputs_);
  for (const Output& output : applying_) {
    std::visit(Overloaded{
                   [&](const Write& o) { self.port_.write(o.address, std::as_bytes(std::span{&o.value, 1}), nullptr); },
                   [&](const RaiseReply&) { self.interrupts_->raise(abi::kVectorReply); },
                   [&](const Run& o) { self.engine_modules_[o.engine]->run(o.request); },
                   [&](const Extend& o) { self.engine_modules_[o.engine]->extend(o.write_index); },
                   [&](const Preempt& o) { self.engine_modules_[o.engine]->preempt(); },
                   [&](const trace::Event& event) { self.recorder_.emit(event); },
               },
               output);
  }
  applying_.clear();
}

// --- processor -------------------------------------------------------------------------------------------------------

FirmwareProcessor::FirmwareProcessor(sc_core::sc_module_name name, Timeline& timeline, trace::Recorder& recorder,
                                     CostLedger& ledger, const FirmwareSpec& spec, const abi::DeviceDescriptor& device)
    : sc_core::sc_module{name},
      timeline_{timeline},
      recorder_{recorder},
      ledger_{ledger},
      spec_{spec},
      component_{timeline.add_component(this->name())},
      queues_(device.max_queues + 1),
      engines_(device.engine_count),
      hal_{*this},
      core_{hal_, device, queues_, engines_},
      doorbell_pending_(device.max_queues + 1) {}

trace::Event FirmwareProcessor::event(EventKind kind, const Pending& pending) const {
  return {.kind = kind,
          .queue = pending.queue,
          .unit = pending.report.engine,
          .a = static_cast<std::uint64_t>(pending.event)};
}

void FirmwareProcessor::doorbell(std::uint32_t queue) {
  if (doorbell_pending_[queue]) return;
  doorbell_pending_[queue] = true;
  post({FirmwareEvent::doorbell, queue, {}});
}

void FirmwareProcessor::notify() {
  if (message_pending_) return;
  message_pending_ = true;
  post({FirmwareEvent::message, 0, {}});
}

void FirmwareProcessor::report(FirmwareEvent event, const fw::EngineReport& report) {
  post({event, report.queue, report});
}

void FirmwareProcessor::post(const Pending& pending) {
  pending_.push_back(pending);
  if (awake_) return;
  awake_ = true;
  recorder_.emit({.kind = EventKind::firmware_wake});
  ledger_.charge(spec_.wake);
  timeline_.schedule<&FirmwareProcessor::begin_next>(timeline_.now() + spec_.wake.value, Phase::firmware, component_,
                                                     this);
}

void FirmwareProcessor::begin_next() {
  const std::uint32_t engine = core_.engine_to_serve();
  if (engine != fw::kNil) {
    current_ = {FirmwareEvent::pick, 0, {engine, 0, 0, 0}};
  } else if (!pending_.empty()) {
    current_ = pending_.pop_front();
  } else {
    awake_ = false;
    return;
  }
  recorder_.emit(event(EventKind::firmware_begin, current_));
  const Cost& service = handle(current_);
  ledger_.charge(service);
  timeline_.schedule<&FirmwareProcessor::on_service_end>(timeline_.now() + service.value, Phase::firmware, component_,
                                                         this);
}

const Cost& FirmwareProcessor::handle(const Pending& pending) {
  switch (pending.event) {
    case FirmwareEvent::doorbell:
      if (!mutated(Mutation::firmware_clears_late)) doorbell_pending_[pending.queue] = false;
      core_.on_doorbell(pending.queue);
      return spec_.doorbell;
    case FirmwareEvent::message: {
      message_pending_ = false;
      const abi::Action action = core_.on_message();
      if (action != abi::Action::padding) notify();  // look again: there may be more in the buffer
      return action == abi::Action::schedule || action == abi::Action::padding ? spec_.message_short
                                                                               : spec_.message_long;
    }
    case FirmwareEvent::engine_empty:
      core_.on_engine_empty(pending.report);
      return spec_.engine_event;
    case FirmwareEvent::engine_saved:
      core_.on_engine_saved(pending.report);
      return spec_.engine_event;
    case FirmwareEvent::quantum:
      core_.on_quantum_over(pending.report);
      return spec_.timer;
    case FirmwareEvent::pick:
      core_.pick(pending.report.engine);
      return spec_.pick;
  }
  return spec_.pick;
}

void FirmwareProcessor::on_service_end() {
  hal_.apply();
  if (mutated(Mutation::firmware_clears_late)) doorbell_pending_[current_.queue] = false;
  recorder_.emit(event(EventKind::firmware_end, current_));
  begin_next();
}

}  // namespace gpusim::hw
