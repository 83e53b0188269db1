// SPDX-License-Identifier: MIT
// The embedded processor that runs firmware/main: a FIFO of events, a wake latency, and a service time for what the
// firmware does in a turn of its loop. A turn reads when its service starts; its orders and writes take effect when it
// ends.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/cost.h"
#include "base/fifo.h"
#include "base/timeline.h"
#include "firmware/main/main.h"
#include "sim/fault/injector.h"
#include "sim/hw/device_port.h"
#include "sim/hw/firmware_view.h"
#include "sim/hw/interrupt_unit.h"
#include "sim/hw/spec.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

class Engine;
class FirmwareProcessor;

/// By fw::Step, as in traces.
inline constexpr std::array kFirmwareStepNames{"doorbell", "message", "engine_empty",    "engine_saved",
                                               "quantum",  "pick",    "preempt_timeout", "empty_look"};
static_assert(static_cast<std::size_t>(fw::Step::empty_look) + 1 == kFirmwareStepNames.size());

/// The HAL that the firmware runs on: reads go to host memory now, orders wait for the end of the service.
class FirmwareHal {
 public:
  explicit FirmwareHal(FirmwareProcessor& processor) : processor_{processor} {}

  [[nodiscard]] std::uint32_t read32(std::uint64_t address);
  void write32(std::uint64_t address, std::uint32_t value) { outputs_.push_back(Write{address, value}); }
  void raise_reply_interrupt() { outputs_.push_back(RaiseReply{}); }
  void engine_run(std::uint32_t engine, const fw::RunRequest& request) { outputs_.push_back(Run{engine, request}); }
  void engine_extend(std::uint32_t engine, std::uint32_t write_index) {
    outputs_.push_back(Extend{engine, write_index});
  }
  void engine_preempt(std::uint32_t engine) { outputs_.push_back(Preempt{engine}); }
  void engine_reset(std::uint32_t engine);
  void start_preempt_timer(std::uint32_t engine, std::uint32_t queue, std::uint32_t run) {
    outputs_.push_back(StartTimer{engine, queue, run});
  }
  void stop_preempt_timer(std::uint32_t engine) { outputs_.push_back(StopTimer{engine}); }
  [[nodiscard]] bool next_event(fw::Event& event);
  void clear_doorbell(std::uint32_t queue);
  void clear_notification();
  void notify_again();
  void note_step(fw::Step step, std::uint32_t queue, std::uint32_t engine);
  [[nodiscard]] bool takes_message(std::uint32_t queue, std::uint64_t message);
  [[nodiscard]] bool sends_message(std::uint32_t queue);
  void note_registered(std::uint32_t queue) { note(trace::queue_registered{.queue = id_of(queue), .id = queue}); }
  void note_deregistered(std::uint32_t queue) { note(trace::queue_deregistered{.queue = id_of(queue), .id = queue}); }
  void note_ready(std::uint32_t queue, std::uint32_t write_index, bool has_slot) {
    note(trace::queue_ready{.queue = id_of(queue), .write_index = write_index, .resident = has_slot});
  }
  void note_slot(std::uint32_t queue, std::uint32_t slot, bool granted) {
    if (granted) return note(trace::slot_grant{.queue = id_of(queue), .slot = slot});
    note(trace::slot_evict{.queue = id_of(queue), .slot = slot});
  }
  void note_refused(std::uint32_t queue, abi::Refusal reason) {
    note(trace::message_refused{.queue = id_of(queue), .id = queue, .reason = reason});
  }
  void note_reset_notify(std::uint32_t queue) { note(trace::reset_notify{.queue = id_of(queue), .id = queue}); }

  /// The service is over: applies all queued outputs, in order.
  void apply();
  /// Drops queued outputs.
  /// Drops queued outputs; their events are still recorded, because the records have already changed.
  void reset();

 private:
  struct Write {
    std::uint64_t address;
    std::uint32_t value;
  };
  struct RaiseReply {};
  struct Run {
    std::uint32_t engine;
    fw::RunRequest request;
  };
  struct Extend {
    std::uint32_t engine;
    std::uint32_t write_index;
  };
  struct Preempt {
    std::uint32_t engine;
  };
  struct ResetEngine {
    std::uint32_t engine;
    QueueId queue;  ///< that the firmware takes it to have
  };
  struct StartTimer {
    std::uint32_t engine;
    std::uint32_t queue;
    std::uint32_t run;
  };
  struct StopTimer {
    std::uint32_t engine;
  };
  using Output =
      std::variant<Write, RaiseReply, Run, Extend, Preempt, ResetEngine, StartTimer, StopTimer, trace::Event>;
  /// Traces use the QueueId; the firmware uses an id that is reused.
  [[nodiscard]] QueueId id_of(std::uint32_t queue) const;
  void note(const trace::Event& event) { outputs_.emplace_back(event); }

  FirmwareProcessor& processor_;
  std::vector<Output> outputs_;
  std::vector<Output> applying_;
};
static_assert(fw::MainHal<FirmwareHal>);

class FirmwareProcessor : public sc_core::sc_module {
 public:
  FirmwareProcessor(const sc_core::sc_module_name& name, Timeline& timeline, trace::Recorder& recorder,
                    CostLedger& ledger, const FirmwareSpec& spec, const abi::DeviceDescriptor& device,
                    fault::Injector& faults);

  [[nodiscard]] auto& to_link() { return port_.socket; }
  void bind_engines(std::vector<Engine*> engines) { engine_modules_ = std::move(engines); }
  void bind_interrupts(InterruptUnit& interrupts) { interrupts_ = &interrupts; }
  void bind_link(PcieLink& link) { link_ = &link; }

  // From the doorbell unit.
  void doorbell(std::uint32_t queue);
  void notify();
  void set_channel(std::uint64_t address) { firmware_->set_channel(address); }

  /// The core restarts with no state. The event it was serving has no effect.
  void reset();
  /// The QueueId behind a firmware id; 0 if it was never registered.
  [[nodiscard]] std::uint32_t tag_of(std::uint32_t queue) const {
    return queue < queues_.size() ? queues_[queue].tag : 0;
  }

  [[nodiscard]] FirmwareView view() const;

  // From engines.
  void report(fw::Step event, const fw::EngineReport& report);

 private:
  friend class FirmwareHal;
  /// What is served now.
  struct Service {
    fw::Step step;
    std::uint32_t queue;
    std::uint32_t engine;
  };

  void start_firmware();
  void post(const fw::Event& event);
  void on_preempt_timer(std::uint64_t engine);
  void begin_next();
  void begin_step(const Cost& cost);
  void charge_step();
  void on_service_end();
  [[nodiscard]] const Cost& cost_of(const fw::Turn& turn) const;
  [[nodiscard]] trace::firmware_end end_of(const Service& service) const;

  Timeline& timeline_;
  trace::Recorder& recorder_;
  CostLedger& ledger_;
  FirmwareSpec spec_;
  abi::DeviceDescriptor device_;
  fault::Injector& faults_;
  Timeline::Component component_;
  std::vector<fw::QueueRecord> queues_;
  std::vector<fw::EngineRecord> engines_;
  FirmwareHal hal_;
  std::optional<fw::Main<FirmwareHal>> firmware_;
  Fifo<fw::Event> events_;
  std::vector<bool> doorbell_pending_;  // by queue
  bool notification_pending_ = false;
  bool awake_ = false;
  bool serving_ = false;
  bool engine_was_reset_ = false;  // in the turn that is served now
  Timeline::Handle next_step_;     // the end of a wake-up or service
  Cost step_;
  SimTime step_begin_{};
  struct PreemptTimer {
    Timeline::Handle expiry;
    std::uint32_t queue;
    std::uint32_t run;
  };
  std::vector<PreemptTimer> preempt_timers_;  // by engine
  Service current_{};
  std::vector<Engine*> engine_modules_;
  InterruptUnit* interrupts_ = nullptr;
  PcieLink* link_ = nullptr;
  DevicePort port_{"to_link"};
};

}  // namespace gpusim::hw
