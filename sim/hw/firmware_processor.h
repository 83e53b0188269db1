// SPDX-License-Identifier: MIT
// The embedded processor that runs firmware/main: its core and registers, a wake latency, and a service time for what
// the firmware does in a turn of its loop. A turn reads when its service starts; its orders and writes take effect when
// it ends. Live, each access to a register has its own moment instead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/cost.h"
#include "base/timeline.h"
#include "sim/fault/injector.h"
#include "sim/hw/bus_port.h"
#include "sim/hw/fence_watch.h"
#include "sim/hw/firmware_core.h"
#include "sim/hw/firmware_registers.h"
#include "sim/hw/firmware_turn.h"
#include "sim/hw/firmware_view.h"
#include "sim/hw/spec.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

/// By fw::Step, as in traces.
inline constexpr std::array kFirmwareStepNames{"doorbell",  "message", "engine_empty",    "engine_saved",
                                               "quantum",   "pick",    "preempt_timeout", "empty_look",
                                               "wait_over", "tick",    "page_fault",      "idle"};
static_assert(static_cast<std::size_t>(fw::Step::idle) + 1 == kFirmwareStepNames.size());

class FirmwareProcessor : public sc_core::sc_module {
 public:
  FirmwareProcessor(const sc_core::sc_module_name& name, Timeline& timeline, trace::Recorder& recorder,
                    CostLedger& ledger, const DeviceSpec& spec, fault::Injector& faults);

  /// Doorbells, the channel, reports of engines: bus::kDoorbell and those behind it.
  tlm_utils::multi_passthrough_target_socket<FirmwareProcessor> from_device{"from_device"};
  [[nodiscard]] auto& to_link() { return link_.socket; }
  /// Words that are watched (FenceWatch): no link between.
  [[nodiscard]] auto& to_memory() { return memory_.socket; }
  [[nodiscard]] auto& to_interrupts() { return interrupts_.socket; }
  [[nodiscard]] auto& to_engine(std::uint32_t engine) { return engines_[engine]->socket; }
  /// FirmwareCore::attach().
  [[nodiscard]] bool attach(FirmwareDebugger& debugger) { return core_->attach(debugger); }
  /// `turns` outlives this module.
  void bind_turns(FirmwareTurnListener& turns) { turns_ = &turns; }

  /// The core restarts with no state. The event it was serving has no effect.
  void reset();
  /// The QueueId behind a firmware id; 0 if it was never registered.
  [[nodiscard]] std::uint32_t tag_of(std::uint32_t queue) const { return registers_.tag_of(queue); }

  /// FirmwareRegisters::trace_decisions(). Before the run.
  void trace_decisions() { registers_.trace_decisions(); }

  [[nodiscard]] FirmwareView view() const;

 private:
  /// What a turn of the loop takes, by parameter.
  struct Service {
    std::array<Cost, 4> parts{};
    Picoseconds waited{0};  ///< for what was read, beyond the parameter's price: nobody's parameter
    [[nodiscard]] Picoseconds time() const {
      return parts[0].value + parts[1].value + parts[2].value + parts[3].value + waited;
    }
  };

  void b_transport(int port, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  void doorbell(std::uint32_t queue);
  void await_poll();
  void on_poll();
  void notify();
  void report(fw::Step event, const fw::EngineReport& report);
  void post(const fw::Event& event);
  void wake();
  void on_preempt_timer(std::uint64_t engine);
  void start_preempt_timer(std::uint32_t engine, std::uint32_t queue, std::uint32_t run);
  void schedule_preempt_timer(std::uint32_t engine);
  void renew_limits(std::uint32_t queue);
  void on_limits_read(std::uint64_t queue);
  void run_tick(bool runs);
  void on_tick();
  void start_idle_timer(std::uint32_t queue);
  void stop_idle_timer(std::uint32_t queue);
  void on_idle_timer(std::uint64_t queue);
  void begin_next();
  void begin_step(const Service& service);
  void charge_step();
  void on_service_end();
  void on_look_end();
  void go_on();
  void on_stop();
  [[nodiscard]] bool do_stop();
  void apply_orders();
  /// The queue that the firmware's event is about; 0: none.
  [[nodiscard]] std::uint32_t queue_of_step() const;
  /// A fault: the engine does not come out of the reset that was just ordered, if one was. The core waits for it until
  /// it is reset itself, as it stands still after a crash: awake, without a next step.
  [[nodiscard]] bool fails(const order::Reset* reset);
  [[nodiscard]] Service service_of(const fw::Turn& turn, const RegisterUse& use) const;
  [[nodiscard]] Service priced(const RegisterUse& use) const;
  /// What the host's order about a slot has taken since the last call.
  [[nodiscard]] Cost slot_cost();
  void count(const RegisterUse& use);
  void tell_turn(FirmwareHandler handler);
  void end_step();

  Timeline& timeline_;
  trace::Recorder& recorder_;
  CostLedger& ledger_;
  FirmwareSpec spec_;
  abi::DeviceDescriptor device_;
  fault::Injector& faults_;
  Timeline::Component component_;
  BusPort link_;
  BusPort memory_;
  FenceWatch watch_;
  FirmwareRegisters registers_;
  std::unique_ptr<FirmwareCore> core_;
  bool awake_ = false;
  FirmwareStop stop_{};           // live: where the core stands
  bool waits_for_reset_ = false;  // live: an engine's, that was just ordered
  Timeline::Handle next_step_;    // the end of a wake-up or service
  Service step_;
  SimTime step_begin_{};
  FirmwareTurn turn_;       // so far
  bool is_first_ = true;    // since the reset
  bool has_reset_ = false;  // an engine, in this turn
  FirmwareTurnListener* turns_ = nullptr;
  struct PreemptTimer {
    Timeline::Handle expiry;
    std::uint32_t queue;
    std::uint32_t run;
    SimTime since;
    std::optional<SimTime> due;
    std::uint64_t context;  ///< address, of the queue that the engine was last ordered to run
  };
  std::vector<PreemptTimer> preempt_timers_;  // by engine
  Timeline::Handle tick_;
  bool polls_;  // for queues without a slot
  Picoseconds poll_period_;
  Picoseconds limits_latency_;
  SimTime polls_since_{};
  Timeline::Handle poll_;
  std::vector<std::uint32_t> unmapped_;                    // queues that have rung since the last poll
  std::map<std::uint32_t, Timeline::Handle> idle_timers_;  // that run, by queue
  std::vector<std::unique_ptr<BusPort>> engines_;
  BusPort interrupts_;
};

}  // namespace gpusim::hw
