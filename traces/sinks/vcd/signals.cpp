// SPDX-License-Identifier: MIT
#include "traces/sinks/vcd/signals.h"

#include <algorithm>

#include "traces/event/faults.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

namespace {

constexpr std::uint32_t kNumber = 32;  // of queues and counts

}  // namespace

std::vector<VcdSignal> vcd_signals(const DeviceShape& shape) {
  std::vector<VcdSignal> signals;
  for (const std::string& engine : shape.engines) {
    const std::string scope = "engine." + engine;
    signals.push_back({scope + ".queue", kNumber});
    signals.push_back({scope + ".busy", 1});
    signals.push_back({scope + ".switching", 1});
  }
  signals.push_back({"firmware.busy", 1});
  signals.push_back({"doorbells.pending", kNumber});
  signals.push_back({"messages.depth", kNumber});
  for (const std::string& vector : shape.vectors) {
    if (vector.empty()) continue;
    signals.push_back({"interrupt." + vector + ".line", 1});
    signals.push_back({"interrupt." + vector + ".handler", 1});
  }
  for (std::uint32_t slot = 0; slot < shape.slots; ++slot) {
    signals.push_back({"slot." + std::to_string(slot) + ".queue", kNumber});
  }
  return signals;
}

std::vector<std::size_t> find_signals(const std::vector<VcdSignal>& signals, std::string_view name) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const std::string_view of = signals[i].name;
    if (of == name || (of.starts_with(name) && of[name.size()] == '.')) found.push_back(i);
  }
  return found;
}

/// In the order of vcd_signals().
VcdValues::VcdValues(const DeviceShape& shape, const Names& names) : names_{names} {
  std::size_t next = 0;
  const auto take = [&next](std::size_t count) {
    const std::size_t first = next;
    next += count;
    return first;
  };
  for (std::size_t i = 0; i < shape.engines.size(); ++i) engines_.push_back(take(3));
  firmware_ = take(1);
  doorbells_ = take(1);
  messages_ = take(1);
  for (const std::string& vector : shape.vectors) {
    Line& line = lines_.emplace_back();
    if (!vector.empty()) line.first = take(2);
  }
  for (std::uint32_t slot = 0; slot < shape.slots; ++slot) slots_.push_back(take(1));
  values_.resize(next);
}

void VcdValues::apply(const Event& event) { dispatch(*this, event); }

void VcdValues::set(std::size_t signal, std::uint64_t value) {
  values_[signal] = value;
  touched_.push_back(signal);
}

// --- engines and slots -----------------------------------------------------------------------------------------------

void VcdValues::set_engine(std::uint32_t engine, OfEngine which, std::uint64_t value) {
  if (engine < engines_.size()) set(engines_[engine] + which, value);
}

void VcdValues::on(const engine_assign& event) { set_engine(event.engine, kQueue, event.queue.value()); }

void VcdValues::take_off(std::uint32_t engine) {
  for (const OfEngine each : {kQueue, kBusy, kSwitching}) set_engine(engine, each, 0);
}

void VcdValues::set_slot(std::uint32_t slot, QueueId queue) {
  if (slot < slots_.size()) set(slots_[slot], queue.value());
}

// --- what waits for the firmware -------------------------------------------------------------------------------------

void VcdValues::on(const firmware_begin& event) {
  set(firmware_, 1);
  const std::string& step = Names::of(names_.firmware_events, event.event.as<std::uint64_t>());
  if (step == "message" && values_[messages_] != 0) set(messages_, values_[messages_] - 1);
  // A doorbell of a queue that the firmware does not know is taken in the order of arrival, as all are.
  if (step == "doorbell") take_doorbell(event.queue == QueueId{} && !rung_.empty() ? rung_.front() : event.queue);
}

void VcdValues::on(const doorbell_arrive& event) {
  if (event.doorbell == 0) return;  // a message
  const bool is_pending = std::find(rung_.begin(), rung_.end(), event.queue) != rung_.end();
  last_rung_ = is_pending ? QueueId{} : event.queue;
  if (is_pending) return;
  rung_.push_back(event.queue);
  set_doorbells();
}

/// It comes right behind the arrival that it strikes.
void VcdValues::on(const fault_injected& event) {
  const auto fault = event.fault.as<Fault>();
  const bool strikes_doorbell = fault == Fault::lost_doorbell || fault == Fault::delayed_doorbell;
  if (strikes_doorbell && last_rung_ != QueueId{}) take_doorbell(last_rung_);
}

void VcdValues::take_doorbell(QueueId queue) {
  const auto found = std::find(rung_.begin(), rung_.end(), queue);
  if (found == rung_.end()) return;
  rung_.erase(found);
  set_doorbells();
}

void VcdValues::forget_requests() {
  rung_.clear();
  set_doorbells();
  set(messages_, 0);
}

void VcdValues::on(const device_reset_end& /*event*/) { forget_requests(); }

void VcdValues::on(const device_gone& /*event*/) {
  forget_requests();
  for (std::uint32_t vector = 0; vector < lines_.size(); ++vector) {
    lines_[vector].in_flight = 0;  // the link is cut
    update_line(vector);
  }
}

// --- interrupts ------------------------------------------------------------------------------------------------------

void VcdValues::set_vector(std::uint32_t vector, OfVector which, std::uint64_t value) {
  if (vector < lines_.size() && lines_[vector].first) set(*lines_[vector].first + which, value);
}

void VcdValues::update_line(std::uint32_t vector) {
  const Line& line = lines_[vector];
  set_vector(vector, kLine, line.in_flight != 0 || line.pending ? 1 : 0);
}

void VcdValues::on(const interrupt_raise& event) {
  if (event.vector >= lines_.size()) return;
  ++lines_[event.vector].in_flight;
  update_line(event.vector);
}

void VcdValues::on(const interrupt_arrive& event) {
  if (event.vector >= lines_.size()) return;
  Line& line = lines_[event.vector];
  if (line.in_flight != 0) --line.in_flight;
  line.pending = true;
  update_line(event.vector);
}

void VcdValues::on(const irq_handler_entry& event) {
  if (event.vector >= lines_.size()) return;
  lines_[event.vector].pending = false;
  update_line(event.vector);
  set_vector(event.vector, kHandler, 1);
}

}  // namespace gpusim::trace
