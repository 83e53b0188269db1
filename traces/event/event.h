// SPDX-License-Identifier: MIT
// What a trace is made of: one fixed-size event. Its meaning - name, fields, category, text, place in Perfetto, who
// listens - stands in one table (event_table.h). Events carry stable numbers only (never addresses, ranks or anything
// that construction order could change), so their bytes are the same in every run of a scenario.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace gpusim::trace {

enum class EventKind : std::uint16_t {
  // clients and the driver's uapi
  client_start,
  client_finish,
  client_period_missed,
  queue_create,
  queue_close,
  queue_destroyed,
  exec_begin,
  exec_lock_wait,
  exec_lock_acquired,
  exec_end,
  dma_fence_wait_start,
  dma_fence_wait_end,
  // the submission component; kernel names where the kernel has one
  drm_sched_job_queue,
  drm_sched_job_add_dep,
  drm_sched_job_unschedulable,
  dependency_ready,
  credit_blocked,
  credit_returned,
  drm_sched_job_run,
  drm_sched_job_done,
  job_put,
  job_released,
  job_bypass_refused,
  job_timedout,
  timeout_verdict,
  queue_stop,
  queue_start,
  queue_kill,
  queue_fini,
  dma_fence_init,
  dma_fence_signaled,
  // the host's operating system
  sched_wakeup,
  sched_switch,
  workqueue_queue_work,
  workqueue_execute_start,
  workqueue_execute_end,
  irq_handler_entry,
  irq_handler_exit,
  // the driver's ops
  ring_full,
  ring_space,
  ring_write,
  doorbell_write,
  message_send,
  message_back_off,
  message_abandoned,
  message_reply,
  queue_banned,
  device_reset_begin,
  device_reset_end,
  device_gone,
  // link, doorbell unit, firmware
  doorbell_arrive,
  firmware_wake,
  firmware_begin,
  firmware_end,
  queue_registered,
  queue_deregistered,
  queue_ready,
  slot_grant,
  slot_evict,
  engine_reset,
  reset_notify,
  // engines and the way back
  engine_assign,
  context_restore_begin,
  context_restore_end,
  context_save_begin,
  context_save_end,
  engine_release,
  fetch_begin,
  job_start,
  job_preempted,
  job_resumed,
  job_end,
  fence_write,
  fence_visible,
  interrupt_raise,
  interrupt_arrive,
  // faults
  fault_injected,
  choice_made,
  queue_create_failed,
  queue_closed,
};

inline constexpr std::size_t kEventKindCount = static_cast<std::size_t>(EventKind::queue_closed) + 1;

inline constexpr std::uint16_t kNoCpu = 0xffff;

struct Event {
  SimTime time{};
  EventKind kind{};
  std::uint16_t cpu = kNoCpu;  ///< host CPU on which it happened; kNoCpu: on the device or in flight
  std::uint32_t thread = 0;  ///< host thread (ThreadNumber) on whose behalf; 0: none (device, hard IRQ on an idle CPU)
  std::uint32_t queue = 0;   ///< QueueId, 0: none
  std::uint32_t unit = 0;    ///< engine, vector, doorbell or slot, by kind
  std::uint64_t job = 0;     ///< JobId, 0: none
  std::uint64_t a = 0;       ///< by kind, see the event table
  std::uint64_t b = 0;
  std::uint64_t c = 0;
};

using EventSet = std::bitset<kEventKindCount>;

}  // namespace gpusim::trace
