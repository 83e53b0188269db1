// SPDX-License-Identifier: MIT
#include "sim/hw/firmware_turn.h"

namespace gpusim::hw {

namespace {

[[nodiscard]] FirmwareHandler handler_of_message(abi::Action action) {
  switch (action) {
    case abi::Action::register_queue:
      return FirmwareHandler::register_queue;
    case abi::Action::schedule:
      return FirmwareHandler::schedule;
    case abi::Action::set_priority:
      return FirmwareHandler::set_priority;
    case abi::Action::disable_queue:
      return FirmwareHandler::disable_queue;
    case abi::Action::enable_queue:
      return FirmwareHandler::enable_queue;
    case abi::Action::terminate_queue:
      return FirmwareHandler::terminate_queue;
    case abi::Action::deregister_queue:
      return FirmwareHandler::deregister_queue;
    case abi::Action::set_limits:
      return FirmwareHandler::set_limits;
    default:
      return FirmwareHandler::bad_message;
  }
}

}  // namespace

FirmwareHandler handler_of(const fw::Turn& turn, bool resets) {
  switch (turn.step) {
    case fw::Step::doorbell:
      return FirmwareHandler::doorbell;
    case fw::Step::message:
      return handler_of_message(turn.action);
    case fw::Step::engine_empty:
      return FirmwareHandler::engine_empty;
    case fw::Step::engine_saved:
      return FirmwareHandler::engine_saved;
    case fw::Step::quantum:
      return FirmwareHandler::quantum;
    case fw::Step::pick:
      return FirmwareHandler::pick;
    case fw::Step::preempt_timeout:
      return resets ? FirmwareHandler::reset_engine : FirmwareHandler::preempt_timeout;
    case fw::Step::page_fault:
      return resets ? FirmwareHandler::reset_engine : FirmwareHandler::engine_saved;  // or it comes too late
    case fw::Step::wait_over:
      return FirmwareHandler::wait_over;
    case fw::Step::tick:
      return FirmwareHandler::tick;
    case fw::Step::idle:
      return FirmwareHandler::idle;
    case fw::Step::empty_look:
      break;
  }
  return FirmwareHandler::empty_look;
}

const Cost& table_cost(const FirmwareSpec& spec, FirmwareHandler handler) {
  switch (handler) {
    case FirmwareHandler::doorbell:
    case FirmwareHandler::wait_over:  // what is looked at is the same
      return spec.doorbell;
    case FirmwareHandler::schedule:
      return spec.message_short;
    case FirmwareHandler::empty_look:
      return spec.message_look;
    case FirmwareHandler::engine_empty:
    case FirmwareHandler::engine_saved:
      return spec.engine_event;
    case FirmwareHandler::tick:
    case FirmwareHandler::idle:
    case FirmwareHandler::quantum:
    case FirmwareHandler::preempt_timeout:
      return spec.timer;
    case FirmwareHandler::reset_engine:
      return spec.engine_reset;
    case FirmwareHandler::pick:
      return spec.pick;
    default:
      return spec.message_long;
  }
}

}  // namespace gpusim::hw
