// SPDX-License-Identifier: MIT
#include "sim/hw/firmware_processor.h"

#include <algorithm>
#include <utility>

#include "base/wide.h"
#include "sim/hw/context_limits.h"
#include "sim/hw/kernel_time.h"

namespace gpusim::hw {

namespace {
template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;
}  // namespace

FirmwareProcessor::FirmwareProcessor(const sc_core::sc_module_name& name, Timeline& timeline, trace::Recorder& recorder,
                                     CostLedger& ledger, const DeviceSpec& spec, fault::Injector& faults)
    : sc_core::sc_module{name},
      timeline_{timeline},
      recorder_{recorder},
      ledger_{ledger},
      spec_{spec.firmware},
      device_{spec.descriptor},
      faults_{faults},
      component_{timeline.add_component(this->name())},
      link_{"to_link", timeline},
      memory_{"to_memory", timeline},
      watch_{timeline, component_,
             memory_,  spec.link.dma_read_latency,
             ledger,   [this](std::uint32_t queue) { post({fw::Step::wait_over, queue, {}}); }},
      registers_{recorder, faults, device_},
      core_{make_firmware_core(spec.modules.core, {spec_, registers_, device_})},
      preempt_timers_(device_.engine_count),
      polls_{abi::rings_engines(device_) && spec.doorbell.unmapped == UnmappedDoorbell::polled},
      poll_period_{spec.doorbell.poll},
      limits_latency_{std::max(spec.link.dma_write_latency.value, spec.link.dma_read_latency.value / 2) +
                      spec.link.dma_read_latency.value / 2},
      engines_{ports_to_engines(device_.engine_count, timeline)},
      interrupts_{"to_interrupts", timeline} {
  from_device.register_b_transport(this, &FirmwareProcessor::b_transport);
  registers_.bind_link(link_);
  registers_.bind_records(core_->queues(), core_->engines());
}

void FirmwareProcessor::b_transport(int, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  wait_until_effect(timeline_, delay);
  switch (transaction.get_address()) {
    case bus::kDoorbell:
      return obey<std::uint32_t>(transaction, [&](std::uint32_t queue) {
        if (queue > device_.max_queues) return transaction.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
        doorbell(queue);
      });
    case bus::kNotify:
      return obey<std::uint32_t>(transaction, [&](std::uint32_t) { notify(); });
    case bus::kChannel:
      return obey<std::uint64_t>(transaction, [&](std::uint64_t address) { registers_.set_channel(address); });
    case bus::kReport:
      return obey<bus::Report>(transaction, [&](const bus::Report& said) { report(said.event, said.report); });
    case bus::kWatchedWord:
      return obey<std::uint64_t>(transaction, [&](std::uint64_t address) { watch_.on_word(address); });
    default:
      transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
}

void FirmwareProcessor::reset() {
  timeline_.cancel(next_step_);
  watch_.reset();
  charge_step();
  for (const PreemptTimer& timer : preempt_timers_) timeline_.cancel(timer.expiry);
  timeline_.cancel(tick_);
  timeline_.cancel(poll_);
  unmapped_.clear();
  polls_since_ = timeline_.now();
  for (const auto& [queue, expiry] : idle_timers_) timeline_.cancel(expiry);
  idle_timers_.clear();
  if (registers_.is_in_step()) end_step();
  awake_ = false;
  waits_for_reset_ = false;
  turn_ = {};
  is_first_ = true;
  has_reset_ = false;
  registers_.reset();
  core_->reset();
}

void FirmwareProcessor::end_step() {
  const FirmwareStep& step = registers_.step();
  registers_.end_step();
  recorder_.emit(trace::firmware_end{.queue = QueueId{tag_of(step.queue)}, .engine = step.engine, .event = step.step});
}

void FirmwareProcessor::doorbell(std::uint32_t queue) {
  if (polls_ && !registers_.holds_slot(queue)) {
    unmapped_.push_back(queue);
    return await_poll();
  }
  if (registers_.ring(queue)) wake();
}

/// A poll that would find nothing is not made; the others have the times that they would have beside it.
void FirmwareProcessor::await_poll() {
  if (timeline_.is_pending(poll_)) return;
  const std::int64_t polls = (timeline_.now() - polls_since_) / poll_period_ + 1;
  poll_ = timeline_.schedule<&FirmwareProcessor::on_poll>(polls_since_ + poll_period_ * polls, Phase::timer, component_,
                                                          this);
}

void FirmwareProcessor::on_poll() {
  for (const std::uint32_t queue : std::exchange(unmapped_, {})) {
    if (registers_.ring(queue)) wake();
  }
}

void FirmwareProcessor::notify() {
  if (registers_.notify()) wake();
}

void FirmwareProcessor::report(fw::Step event, const fw::EngineReport& report) { post({event, report.queue, report}); }

void FirmwareProcessor::post(const fw::Event& event) {
  registers_.post(event);
  wake();
}

void FirmwareProcessor::wake() {
  if (awake_) return;
  awake_ = true;
  recorder_.emit(trace::firmware_wake{});
  begin_step({{spec_.wake}});
  next_step_ = timeline_.schedule<&FirmwareProcessor::begin_next>(timeline_.now() + spec_.wake.value, Phase::firmware,
                                                                  component_, this);
}

void FirmwareProcessor::start_preempt_timer(std::uint32_t engine, std::uint32_t queue, std::uint32_t run) {
  PreemptTimer& timer = preempt_timers_[engine];
  timer.queue = queue;
  timer.run = run;
  timer.since = timeline_.now();
  schedule_preempt_timer(engine);
}

/// What is over already ends now.
void FirmwareProcessor::schedule_preempt_timer(std::uint32_t engine) {
  PreemptTimer& timer = preempt_timers_[engine];
  const std::uint64_t own = limits_of(memory_, timer.context).preempt_timeout_ps;
  const Picoseconds timeout{static_cast<std::int64_t>(own == 0 ? device_.preempt_timeout_ps : own)};
  timer.due = std::max(timer.since + timeout, timeline_.now());
  timer.expiry =
      timeline_.schedule<&FirmwareProcessor::on_preempt_timer>(*timer.due, Phase::timer, component_, this, engine);
}

/// The words that the firmware has written are read by DMA, behind that write.
void FirmwareProcessor::renew_limits(std::uint32_t queue) {
  timeline_.schedule<&FirmwareProcessor::on_limits_read>(timeline_.now() + limits_latency_, Phase::timer, component_,
                                                         this, queue);
}

void FirmwareProcessor::on_limits_read(std::uint64_t argument) {
  const auto queue = static_cast<std::uint32_t>(argument);
  for (std::uint32_t engine = 0; engine < engines_.size(); ++engine) {
    engines_[engine]->write_value(bus::kNewLimits, queue);
    PreemptTimer& timer = preempt_timers_[engine];
    if (timer.queue != queue || !timeline_.is_pending(timer.expiry)) continue;
    timeline_.cancel(timer.expiry);
    schedule_preempt_timer(engine);
  }
}

void FirmwareProcessor::on_preempt_timer(std::uint64_t engine) {
  const PreemptTimer& timer = preempt_timers_[engine];
  report(fw::Step::preempt_timeout, {static_cast<std::uint32_t>(engine), timer.queue, timer.run, 0, false});
}

void FirmwareProcessor::run_tick(bool runs) {
  timeline_.cancel(tick_);
  if (!runs) return;
  tick_ = timeline_.schedule<&FirmwareProcessor::on_tick>(
      timeline_.now() + Picoseconds{static_cast<std::int64_t>(device_.tick_ps)}, Phase::timer, component_, this);
}

void FirmwareProcessor::on_tick() {
  run_tick(true);
  post({fw::Step::tick, 0, {}});
}

void FirmwareProcessor::start_idle_timer(std::uint32_t queue) {
  stop_idle_timer(queue);
  const Picoseconds hysteresis{static_cast<std::int64_t>(device_.idle_hysteresis_ps)};
  idle_timers_[queue] = timeline_.schedule<&FirmwareProcessor::on_idle_timer>(timeline_.now() + hysteresis,
                                                                              Phase::timer, component_, this, queue);
}

void FirmwareProcessor::stop_idle_timer(std::uint32_t queue) {
  const auto timer = idle_timers_.find(queue);
  if (timer == idle_timers_.end()) return;
  timeline_.cancel(timer->second);
  idle_timers_.erase(timer);
}

void FirmwareProcessor::on_idle_timer(std::uint64_t queue) {
  idle_timers_.erase(static_cast<std::uint32_t>(queue));
  post({fw::Step::idle, static_cast<std::uint32_t>(queue), {}});
}

void FirmwareProcessor::begin_step(const Service& service) {
  step_ = service;
  step_begin_ = timeline_.now();
}

/// A reset may have cut it short; a stall is not part of it.
void FirmwareProcessor::charge_step() {
  Picoseconds left = timeline_.now() - step_begin_;
  for (const Cost& part : step_.parts) {
    const Picoseconds time = std::min(part.value, left);
    if (part.parameter != 0 || time.count() != 0) ledger_.charge(part.parameter, time);
    left -= time;
  }
  step_ = {};
}

void FirmwareProcessor::begin_next() {
  charge_step();
  if (spec_.timing == FirmwareTiming::live) return go_on();
  const FirmwareStop stop = core_->run();
  const RegisterUse use = registers_.take_use();
  if (stop == FirmwareStop::sleep) {
    if (spec_.timing == FirmwareTiming::table) {
      awake_ = false;
      return;
    }
    begin_step(priced(use));
    count(use);
    next_step_ = timeline_.schedule<&FirmwareProcessor::on_look_end>(timeline_.now() + step_.time(), Phase::firmware,
                                                                     component_, this);
    return;
  }
  const order::Reset* const reset = registers_.ordered_reset();
  has_reset_ = reset != nullptr;
  Service service = service_of(core_->turn(), use);
  if (const Cost cost = slot_cost(); cost.value.count() != 0) service.parts[3] = cost;
  begin_step(service);
  count(use);
  const std::uint32_t queue = queue_of_step();
  if (faults_.crashes_firmware(queue) || fails(reset)) return;
  const SimTime end = timeline_.now() + step_.time() + faults_.stalls_firmware(queue);
  next_step_ = timeline_.schedule<&FirmwareProcessor::on_service_end>(end, Phase::firmware, component_, this);
}

std::uint32_t FirmwareProcessor::queue_of_step() const { return tag_of(registers_.step().queue); }

bool FirmwareProcessor::fails(const order::Reset* reset) {
  return reset != nullptr && faults_.fails_engine_reset(reset->queue.value(), reset->engine);
}

FirmwareProcessor::Service FirmwareProcessor::service_of(const fw::Turn& turn, const RegisterUse& use) const {
  if (spec_.timing == FirmwareTiming::table) return {{table_cost(spec_, handler_of(turn, has_reset_))}, use.waited};
  return priced(use);
}

Cost FirmwareProcessor::slot_cost() {
  const std::optional<bool> granted = registers_.take_slot_change();
  // Under the other policies a context moves with its engine.
  if (!granted || device_.policy != abi::RunPolicy::host_slots || has_reset_) return {};
  return *granted ? spec_.slot_resume : spec_.slot_suspend;
}

FirmwareProcessor::Service FirmwareProcessor::priced(const RegisterUse& use) const {
  // No part takes longer than the longest parameter may be.
  const auto times = [](const Cost& cost, std::uint64_t count) {
    const Wide time = static_cast<Wide>(cost.value.count()) * static_cast<Wide>(count);
    const auto most = static_cast<Wide>(Picoseconds{ms(3'600'000)}.count());
    return Cost{Picoseconds{static_cast<std::int64_t>(std::min(time, most))}, cost.parameter};
  };
  // A reset is done by the engine's hardware, and waited for.
  return {{times(spec_.cycle, core_->cycles()), times(spec_.register_access, use.accesses - use.host_reads),
           times(spec_.host_read, use.host_reads), registers_.ordered_reset() != nullptr ? spec_.engine_reset : Cost{}},
          use.waited};
}

/// Of the step that has begun. With the table a turn is one part.
void FirmwareProcessor::count(const RegisterUse& use) {
  turn_.instructions += core_->instructions();
  turn_.cycles += core_->cycles();
  turn_.registers += use.accesses - use.host_reads;
  turn_.host_reads += use.host_reads;
  turn_.bus_wait += step_.parts[1].value + step_.parts[2].value + step_.waited;
  turn_.time += step_.time() - step_.parts[3].value;
}

void FirmwareProcessor::tell_turn(FirmwareHandler handler) {
  turn_.handler = is_first_ ? FirmwareHandler::first_turn : handler;
  if (turns_ != nullptr) turns_->on_turn(turn_);
  turn_ = {};
  is_first_ = false;
  has_reset_ = false;
}

void FirmwareProcessor::on_service_end() {
  apply_orders();
  charge_step();
  end_step();
  tell_turn(handler_of(core_->turn(), has_reset_));
  begin_next();
}

/// It has found nothing to do, which has taken its time; what has happened meanwhile keeps it awake.
void FirmwareProcessor::on_look_end() {
  charge_step();
  tell_turn(FirmwareHandler::no_event);
  awake_ = registers_.has_event();
  if (awake_) begin_next();
}

/// Each stop of the core has its moment: what it does there happens when the cycles before it are over, and the access.
void FirmwareProcessor::go_on() {
  for (;;) {
    stop_ = core_->run();
    const bool is_access = stop_ == FirmwareStop::access;
    const RegisterUse use{.accesses = is_access ? 1U : 0U,
                          .host_reads = is_access && core_->reads_host() ? 1U : 0U,
                          .waited = registers_.take_use().waited};
    Service step = priced(use);
    if (const Cost cost = slot_cost(); cost.value.count() != 0) step.parts[3] = cost;
    if (std::exchange(waits_for_reset_, false)) step.parts[3] = spec_.engine_reset;
    begin_step(step);
    count(use);
    SimTime when = timeline_.now() + step_.time();
    if (stop_ == FirmwareStop::turn) {
      const std::uint32_t queue = queue_of_step();
      if (faults_.crashes_firmware(queue)) return;
      when += faults_.stalls_firmware(queue);
    }
    if (when != timeline_.now() && !timeline_.try_advance(when)) {
      next_step_ = timeline_.schedule<&FirmwareProcessor::on_stop>(when, Phase::firmware, component_, this);
      return;
    }
    if (!do_stop()) return;
  }
}

void FirmwareProcessor::on_stop() {
  if (do_stop()) go_on();
}

/// False: the firmware sleeps.
bool FirmwareProcessor::do_stop() {
  charge_step();
  // What the firmware has noted since the last stop.
  apply_orders();
  if (stop_ == FirmwareStop::sleep) {
    tell_turn(FirmwareHandler::no_event);
    awake_ = registers_.has_event();
    return awake_;
  }
  if (stop_ == FirmwareStop::access) {
    core_->perform();
    const order::Reset* const reset = registers_.ordered_reset();
    if (fails(reset)) return false;
    waits_for_reset_ = reset != nullptr;
    has_reset_ |= waits_for_reset_;
    apply_orders();
    return true;
  }
  end_step();
  tell_turn(handler_of(core_->turn(), has_reset_));
  return true;
}

void FirmwareProcessor::apply_orders() {
  registers_.apply(Overloaded{
      [&](const order::Write& o) { link_.write_value(o.address, o.value); },
      [&](const order::Watch& o) { watch_.watch(o.queue, o.address, o.value); },
      [&](const order::Unwatch& o) { watch_.unwatch(o.queue); },
      [&](const order::Interrupt& o) { interrupts_.write_value(bus::kRaise, o.vector); },
      [&](const order::Run& o) {
        preempt_timers_[o.engine].context = o.request.context_address;
        engines_[o.engine]->write_value(bus::kRun, o.request);
      },
      [&](const order::Extend& o) { engines_[o.engine]->write_value(bus::kExtend, o.write_index); },
      [&](const order::Preempt& o) { engines_[o.engine]->write_value(bus::kPreempt, std::uint32_t{1}); },
      [&](const order::Reset& o) { engines_[o.engine]->write_value(bus::kReset, o.queue.value()); },
      [&](const order::StartTimer& o) { start_preempt_timer(o.engine, o.queue, o.run); },
      [&](const order::Renew& o) { engines_[o.engine]->write_value(bus::kRenew, std::uint32_t{1}); },
      [&](const order::RunTick& o) { run_tick(o.runs); },
      [&](const order::StartIdleTimer& o) { start_idle_timer(o.queue); },
      [&](const order::StopIdleTimer& o) { stop_idle_timer(o.queue); },
      [&](const order::RenewLimits& o) { renew_limits(o.queue); },
      [&](const order::StopTimer& o) { timeline_.cancel(preempt_timers_[o.engine].expiry); },
      [&](const trace::Event& event) { recorder_.emit(event); },
  });
}

}  // namespace gpusim::hw
