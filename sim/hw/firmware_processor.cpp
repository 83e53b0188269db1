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

bool FirmwareHal::next_event(fw::Event& event) {
  if (processor_.events_.empty()) return false;
  event = processor_.events_.pop_front();
  return true;
}

void FirmwareHal::clear_doorbell(std::uint32_t queue) { processor_.doorbell_pending_[queue] = false; }

void FirmwareHal::clear_notification() { processor_.notification_pending_ = false; }

void FirmwareHal::notify_again() { processor_.notify(); }

void FirmwareHal::note_step(fw::Step step, std::uint32_t queue, std::uint32_t engine) {
  processor_.current_ = {step, queue, engine};
  processor_.recorder_.emit(trace::firmware_begin{.queue = id_of(queue), .engine = engine, .event = step});
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
  start_firmware();
}

void FirmwareProcessor::start_firmware() { firmware_.emplace(hal_, device_, queues_, engines_); }

void FirmwareProcessor::reset() {
  timeline_.cancel(next_step_);
  charge_step();
  for (const PreemptTimer& timer : preempt_timers_) timeline_.cancel(timer.expiry);
  if (serving_) recorder_.emit(end_of(current_));
  serving_ = false;
  awake_ = false;
  notification_pending_ = false;
  doorbell_pending_.assign(doorbell_pending_.size(), false);
  events_ = {};
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
  start_firmware();
}

trace::firmware_end FirmwareProcessor::end_of(const Service& service) const {
  return {.queue = QueueId{tag_of(service.queue)}, .engine = service.engine, .event = service.step};
}

void FirmwareProcessor::doorbell(std::uint32_t queue) {
  if (doorbell_pending_[queue]) return;
  doorbell_pending_[queue] = true;
  post({fw::Step::doorbell, queue, {}});
}

void FirmwareProcessor::notify() {
  if (notification_pending_) return;
  notification_pending_ = true;
  post({fw::Step::message, fw::kNil, {}});
}

void FirmwareProcessor::report(fw::Step event, const fw::EngineReport& report) { post({event, report.queue, report}); }

void FirmwareProcessor::post(const fw::Event& event) {
  events_.push_back(event);
  if (awake_) return;
  awake_ = true;
  recorder_.emit(trace::firmware_wake{});
  begin_step(spec_.wake);
  next_step_ = timeline_.schedule<&FirmwareProcessor::begin_next>(timeline_.now() + spec_.wake.value, Phase::firmware,
                                                                  component_, this);
}

void FirmwareProcessor::on_preempt_timer(std::uint64_t engine) {
  const PreemptTimer& timer = preempt_timers_[engine];
  report(fw::Step::preempt_timeout, {static_cast<std::uint32_t>(engine), timer.queue, timer.run, 0, false});
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
  engine_was_reset_ = false;
  const std::optional<fw::Turn> turn = firmware_->turn();
  if (!turn) {
    awake_ = false;
    return;
  }
  serving_ = true;
  const Cost& service = cost_of(*turn);
  begin_step(service);
  const SimTime end = timeline_.now() + service.value + faults_.stalls_firmware();
  next_step_ = timeline_.schedule<&FirmwareProcessor::on_service_end>(end, Phase::firmware, component_, this);
}

const Cost& FirmwareProcessor::cost_of(const fw::Turn& turn) const {
  switch (turn.step) {
    case fw::Step::doorbell:
      return spec_.doorbell;
    case fw::Step::message:
      return turn.action == abi::Action::schedule ? spec_.message_short : spec_.message_long;
    case fw::Step::empty_look:
      return spec_.message_look;
    case fw::Step::engine_empty:
    case fw::Step::engine_saved:
      return spec_.engine_event;
    case fw::Step::quantum:
      return spec_.timer;
    case fw::Step::preempt_timeout:
      return engine_was_reset_ ? spec_.engine_reset : spec_.timer;
    case fw::Step::pick:
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
