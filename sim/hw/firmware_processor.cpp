// SPDX-License-Identifier: MIT
#include "sim/hw/firmware_processor.h"

#include <algorithm>
#include <cstring>

#include "sim/hw/engine.h"

namespace gpusim::hw {

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

QueueId FirmwareHal::id_of(std::uint32_t queue) const { return QueueId{processor_.tag_of(queue)}; }

void FirmwareHal::engine_reset(std::uint32_t engine) {
  processor_.engine_was_reset_ = true;
  outputs_.push_back(ResetEngine{engine, id_of(processor_.engines_[engine].queue)});
}

bool FirmwareHal::takes_message(std::uint32_t queue, std::uint64_t message) {
  // What makes a queue known says whose it is.
  const bool is_new = abi::message_action(read32(message)) == abi::Action::register_queue;
  return !processor_.faults_.drops_message(is_new ? read32(message + offsetof(abi::RegisterQueue, tag))
                                                  : processor_.tag_of(queue));
}

bool FirmwareHal::sends_message(std::uint32_t queue) {
  return !processor_.faults_.drops_reply(processor_.tag_of(queue));
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
                   [&](const ResetEngine& o) { self.engine_modules_[o.engine]->reset(o.queue); },
                   [&](const StartTimer& o) {
                     const Picoseconds timeout{static_cast<std::int64_t>(self.device_.preempt_timeout_ps)};
                     self.preempt_timers_[o.engine] = {
                         self.timeline_.schedule<&FirmwareProcessor::on_preempt_timer>(
                             self.timeline_.now() + timeout, Phase::timer, self.component_, &self, o.engine),
                         o.queue, o.run};
                   },
                   [&](const StopTimer& o) { self.timeline_.cancel(self.preempt_timers_[o.engine].expiry); },
                   [&](const trace::Event& event) { self.recorder_.emit(event); },
               },
               output);
  }
  applying_.clear();
}

void FirmwareHal::reset() {
  for (const Output& output : outputs_) {
    if (const auto* decided = std::get_if<trace::Event>(&output)) processor_.recorder_.emit(*decided);
  }
  outputs_.clear();
}

// --- processor -------------------------------------------------------------------------------------------------------

FirmwareProcessor::FirmwareProcessor(const sc_core::sc_module_name& name, Timeline& timeline, trace::Recorder& recorder,
                                     CostLedger& ledger, const FirmwareSpec& spec, const abi::DeviceDescriptor& device,
                                     fault::Injector& faults)
    : sc_core::sc_module{name},
      timeline_{timeline},
      recorder_{recorder},
      ledger_{ledger},
      spec_{spec},
      device_{device},
      faults_{faults},
      component_{timeline.add_component(this->name())},
      queues_(device.max_queues + 1),
      engines_(device.engine_count),
      hal_{*this},
      doorbell_pending_(device.max_queues + 1),
      preempt_timers_(device.engine_count) {
  start_core();
}

void FirmwareProcessor::start_core() { core_.emplace(hal_, device_, queues_, engines_); }

void FirmwareProcessor::reset() {
  timeline_.cancel(next_step_);
  charge_step();
  for (const PreemptTimer& timer : preempt_timers_) timeline_.cancel(timer.expiry);
  if (serving_) recorder_.emit(end_of(current_));
  serving_ = false;
  awake_ = false;
  message_pending_ = false;
  doorbell_pending_.assign(doorbell_pending_.size(), false);
  pending_ = {};
  hal_.reset();
  for (std::uint32_t queue = 1; queue < queues_.size(); ++queue) {
    fw::QueueRecord& record = queues_[queue];
    if (record.state == fw::QueueState::unregistered) continue;
    if (record.has_slot && device_.slots != 0) {
      recorder_.emit(trace::slot_evict{.queue = QueueId{record.tag}, .slot = record.slot});
    }
    recorder_.emit(trace::queue_deregistered{.queue = QueueId{record.tag}, .id = queue});
    record = {};
  }
  for (fw::EngineRecord& engine : engines_) engine = {};
  start_core();
}

trace::firmware_end FirmwareProcessor::end_of(const Pending& pending) const {
  return {.queue = QueueId{tag_of(pending.queue)}, .engine = pending.report.engine, .event = pending.event};
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
  recorder_.emit(trace::firmware_wake{});
  begin_step(spec_.wake);
  next_step_ = timeline_.schedule<&FirmwareProcessor::begin_next>(timeline_.now() + spec_.wake.value, Phase::firmware,
                                                                  component_, this);
}

void FirmwareProcessor::on_preempt_timer(std::uint64_t engine) {
  const PreemptTimer& timer = preempt_timers_[engine];
  report(FirmwareEvent::preempt_timeout, {static_cast<std::uint32_t>(engine), timer.queue, timer.run, 0, false});
}

void FirmwareProcessor::begin_step(const Cost& cost) {
  step_ = cost;
  step_begin_ = timeline_.now();
}

/// A reset may have cut it short; a stall is not part of it.
void FirmwareProcessor::charge_step() {
  ledger_.charge(step_.parameter, std::min(step_.value, timeline_.now() - step_begin_));
  step_ = {};
}

void FirmwareProcessor::begin_next() {
  charge_step();
  const std::uint32_t engine = core_->engine_to_serve();
  if (engine != fw::kNoEngine) {
    current_ = {FirmwareEvent::pick, 0, {engine, 0, 0, 0, false}};
  } else if (!pending_.empty()) {
    current_ = pending_.pop_front();
    if (current_.event == FirmwareEvent::message && !core_->has_message()) current_.event = FirmwareEvent::empty_look;
  } else {
    awake_ = false;
    return;
  }
  recorder_.emit(trace::firmware_begin{
      .queue = QueueId{tag_of(current_.queue)}, .engine = current_.report.engine, .event = current_.event});
  serving_ = true;
  const Cost service = handle(current_);
  begin_step(service);
  const SimTime end = timeline_.now() + service.value + faults_.stalls_firmware();
  next_step_ = timeline_.schedule<&FirmwareProcessor::on_service_end>(end, Phase::firmware, component_, this);
}

Cost FirmwareProcessor::handle(const Pending& pending) {
  switch (pending.event) {
    case FirmwareEvent::doorbell:
      doorbell_pending_[pending.queue] = false;
      core_->on_doorbell(pending.queue);
      return spec_.doorbell;
    case FirmwareEvent::message: {
      const abi::Action action = core_->on_message();
      post({FirmwareEvent::message, 0, {}});  // it looks at the buffer again: there may be more
      return action == abi::Action::schedule ? spec_.message_short : spec_.message_long;
    }
    case FirmwareEvent::empty_look:
      message_pending_ = false;
      return spec_.message_look;
    case FirmwareEvent::engine_empty:
      core_->on_engine_empty(pending.report);
      return spec_.engine_event;
    case FirmwareEvent::engine_saved:
      core_->on_engine_saved(pending.report);
      return spec_.engine_event;
    case FirmwareEvent::quantum:
      core_->on_quantum_over(pending.report);
      return spec_.timer;
    case FirmwareEvent::preempt_timeout:
      engine_was_reset_ = false;
      core_->on_preempt_timeout(pending.report);
      return engine_was_reset_ ? spec_.engine_reset : spec_.timer;
    case FirmwareEvent::pick:
      core_->pick(pending.report.engine);
      return spec_.pick;
  }
  return spec_.pick;
}

void FirmwareProcessor::on_service_end() {
  hal_.apply();
  charge_step();
  serving_ = false;
  recorder_.emit(end_of(current_));
  begin_next();
}

}  // namespace gpusim::hw
