// SPDX-License-Identifier: MIT
// Which event ends which slice in the Perfetto trace, and which slices may end without an event of their own.
#pragma once

#include <cstdint>
#include <string_view>

#include "traces/event/event.h"

namespace gpusim::trace {

/// What a slice stands for; a begin and its end give the same.
enum class Slice : std::uint8_t {
  none,
  exec,
  lock,
  wait,
  run,
  work,
  irq,
  running,
  wake,
  firmware,
  restore,
  save,
  job,
  head_wait,
  timeout,
  reset,
};

[[nodiscard]] constexpr Slice slice_of(EventKind kind) {
  switch (kind) {
    case EventKind::exec_begin:
    case EventKind::exec_end:
      return Slice::exec;
    case EventKind::exec_lock_wait:
    case EventKind::exec_lock_acquired:
      return Slice::lock;
    case EventKind::dma_fence_wait_start:
    case EventKind::dma_fence_wait_end:
      return Slice::wait;
    case EventKind::drm_sched_job_run:
    case EventKind::doorbell_write:
      return Slice::run;
    case EventKind::workqueue_execute_start:
    case EventKind::workqueue_execute_end:
      return Slice::work;
    case EventKind::irq_handler_entry:
    case EventKind::irq_handler_exit:
      return Slice::irq;
    case EventKind::sched_switch:
      return Slice::running;
    case EventKind::firmware_wake:
      return Slice::wake;
    case EventKind::firmware_begin:
    case EventKind::firmware_end:
      return Slice::firmware;
    case EventKind::context_restore_begin:
    case EventKind::context_restore_end:
      return Slice::restore;
    case EventKind::context_save_begin:
    case EventKind::context_save_end:
      return Slice::save;
    case EventKind::fetch_begin:
    case EventKind::job_resumed:
    case EventKind::job_preempted:
    case EventKind::job_end:
      return Slice::job;
    case EventKind::drm_sched_job_unschedulable:
    case EventKind::dependency_ready:
    case EventKind::credit_blocked:
    case EventKind::credit_returned:
      return Slice::head_wait;
    case EventKind::job_timedout:
    case EventKind::timeout_verdict:
      return Slice::timeout;
    case EventKind::device_reset_begin:
    case EventKind::device_reset_end:
      return Slice::reset;
    default:
      return Slice::none;
  }
}

/// The end must be of the job that began.
[[nodiscard]] constexpr bool needs_same_job(Slice slice) {
  return slice == Slice::exec || slice == Slice::run || slice == Slice::job;
}

/// Its end may come when nothing is open: a doorbell without run_job (user-mode queues), a dependency that nobody
/// waited for. It is then drawn as an instant if it has a label.
[[nodiscard]] constexpr bool end_is_optional(Slice slice) {
  return slice == Slice::run || slice == Slice::lock || slice == Slice::head_wait;
}

/// The event ends the innermost slice `open` although it is not that slice's own end: a run_job that rang no doorbell,
/// a lock wait given up, the firmware core awake, a queue's head that waits for something else now.
[[nodiscard]] constexpr bool ends_implicitly(Slice open, EventKind event) {
  const Slice next = slice_of(event);
  switch (open) {
    case Slice::run:
      return event == EventKind::drm_sched_job_run || next == Slice::work || next == Slice::exec;
    case Slice::lock:
      return next == Slice::exec;
    case Slice::wake:
      return event == EventKind::firmware_begin;
    case Slice::head_wait:
      return event == EventKind::drm_sched_job_unschedulable || event == EventKind::credit_blocked;
    default:
      return false;
  }
}

/// What to note on such a slice; empty if its end is a plain one.
[[nodiscard]] constexpr std::string_view remark_on(Slice open) {
  return open == Slice::run ? "no doorbell" : open == Slice::lock ? "given up" : "";
}

}  // namespace gpusim::trace
