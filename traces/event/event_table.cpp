// SPDX-License-Identifier: MIT
#include "traces/event/event_table.h"

#include <array>

namespace gpusim::trace {
namespace {

using K = EventKind;
using C = Category;
using T = Track;
using D = Draw;
constexpr std::optional<Cause> kNone = std::nullopt;

// clang-format off
constexpr std::array<EventInfo, kEventKindCount> kTable{{
  // clients and uapi
  {K::client_start, "client_start", C::client, "client={client_name} client_id={client}", T::thread, D::instant, "start", false, kNone, "a: client"},
  {K::client_finish, "client_finish", C::client, "client={client} errno={c}", T::thread, D::instant, "finish", false, kNone, "a: client; c: errno of the ioctl that made it give up, 0: it came to its end"},
  {K::client_period_missed, "client_period_missed", C::client, "client={client} late={ps:b}", T::thread, D::instant, "period missed", false, kNone, "a: client; b: ps late"},
  {K::queue_create, "queue_create", C::client, "ring={ring} client={client} class={b} priority={c}", T::thread, D::instant, "create {ring}", false, kNone, "a: client; b: mask of engines allowed; c: priority level, 0 highest"},
  {K::queue_close, "queue_close", C::client, "ring={ring} client={client}", T::thread, D::instant, "close {ring}", false, kNone, "a: client"},
  {K::queue_destroyed, "queue_destroyed", C::driver, "ring={ring}", T::thread, D::instant, "destroyed {ring}", false, kNone, "the firmware has given the id back, last reference dropped"},
  {K::exec_begin, "exec_begin", C::client, "job={job} ring={ring} client={client}", T::thread, D::begin, "exec {job}", true, Cause::syscall, "a: client; b: credits; c: work in ps, 2^64-1 for endless"},
  {K::exec_lock_wait, "exec_lock_wait", C::client, "job={job} ring={ring}", T::thread, D::begin, "lock of {ring}", false, Cause::lock, "the caller sleeps on the queue's lock"},
  {K::exec_lock_acquired, "exec_lock_acquired", C::client, "job={job} ring={ring}", T::thread, D::end, "", false, Cause::syscall, ""},
  {K::exec_end, "exec_end", C::client, "job={job} ring={ring} ret={errno:b}", T::thread, D::end, "", false, kNone, "a: client; b: errno"},
  {K::dma_fence_wait_start, "dma_fence_wait_start", C::fence, "driver=gpusim timeline={ring} context={a} seqno={b}", T::thread, D::begin, "wait {job}", false, kNone, "a: fence context; b: seqno; job: whose finished fence, 0 for other fences"},
  {K::dma_fence_wait_end, "dma_fence_wait_end", C::fence, "driver=gpusim timeline={ring} context={a} seqno={b}", T::thread, D::end, "woken {job}", true, kNone, "as dma_fence_wait_start; c: errno of the fence"},
  // submission component
  {K::drm_sched_job_queue, "drm_sched_job_queue", C::scheduler, "dev={dev}, fence={a}:{b}, ring={ring}, job count:{hi:c}, hw job count:{lo:c}, client_id:{client}", T::queue, D::instant, "queue {job}", true, Cause::host_worker, "a:b finished fence; c: jobs queued before this one << 32 | credits in flight"},
  {K::drm_sched_job_add_dep, "drm_sched_job_add_dep", C::scheduler, "fence={hi:c}:{lo:c} depends on fence={a}:{b}", T::none, D::none, "", false, kNone, "a:b the dependency's context:seqno; c: own finished fence's context << 32 | seqno"},
  {K::drm_sched_job_unschedulable, "drm_sched_job_unschedulable", C::scheduler, "fence={hi:c}:{lo:c} depends on unsignalled fence={a}:{b}", T::queue, D::begin, "wait for {a}:{b}", false, Cause::dependency, "as add_dep; the head of the queue waits from here on"},
  {K::dependency_ready, "dependency_ready", C::scheduler, "fence={a}:{b} ring={ring}", T::queue, D::end, "dependency {a}:{b}", false, Cause::host_worker, "a:b the dependency that signalled; job: the head that waited"},
  {K::credit_blocked, "credit_blocked", C::scheduler, "job={job} ring={ring} needs={a} in flight={b} limit={c}", T::queue, D::begin, "credits short", false, Cause::credit, "a: credits needed; b: in flight; c: limit"},
  {K::credit_returned, "credit_returned", C::scheduler, "job={job} ring={ring} credits={a} in flight={b}", T::queue, D::end, "credits back", false, Cause::host_worker, "a: credits given back; b: in flight afterwards; c: 1 if the head had been waiting for credits and is free to go"},
  {K::drm_sched_job_run, "drm_sched_job_run", C::scheduler, "dev={dev}, fence={a}:{b}, ring={ring}, job count:{hi:c}, hw job count:{lo:c}, client_id:{client}", T::thread, D::begin, "run_job {job}", true, Cause::host_worker, "a:b finished fence; c: jobs left in the queue << 32 | credits in flight with this one"},
  {K::drm_sched_job_done, "drm_sched_job_done", C::scheduler, "fence={a}:{b} signaled", T::none, D::none, "", false, kNone, "a:b finished fence; c: errno"},
  {K::job_put, "job_put", C::scheduler, "job={job} ring={ring}", T::none, D::none, "", false, kNone, "the queue dropped its reference on the job"},
  {K::job_released, "job_released", C::scheduler, "job={job} ring={ring}", T::none, D::none, "", false, kNone, "last reference on the job dropped"},
  {K::job_bypass_refused, "job_bypass_refused", C::scheduler, "job={job} ring={ring} condition={a}", T::none, D::none, "", false, kNone, "the job takes the queued path. a: the first condition of the bypass that did not hold (sched::dep::BypassCondition)"},
  {K::job_timedout, "job_timedout", C::scheduler, "job={job} ring={ring} hardware done={a}", T::thread, D::begin, "timedout_job {job}", false, kNone, "timedout_job is called. a: 1 if the hardware fence has signalled"},
  {K::timeout_verdict, "timeout_verdict", C::scheduler, "job={job} ring={ring} verdict={a}", T::thread, D::end, "", false, kNone, "timedout_job has returned. a: 0 recovered, 1 not hung, 2 gone"},
  {K::queue_stop, "queue_stop", C::scheduler, "ring={ring}", T::thread, D::instant, "stop {ring}", false, kNone, "no run_job from here on"},
  {K::queue_start, "queue_start", C::scheduler, "ring={ring}", T::thread, D::instant, "start {ring}", false, kNone, "ends a queue_stop"},
  {K::queue_kill, "queue_kill", C::scheduler, "ring={ring} error={errno:a}", T::thread, D::instant, "kill {ring}", false, kNone, "a: errno that jobs end with which have not run"},
  {K::queue_fini, "queue_fini", C::scheduler, "ring={ring}", T::thread, D::instant, "fini {ring}", false, kNone, "last reference on the queue dropped: it is a zombie until queue_destroyed"},
  {K::dma_fence_init, "dma_fence_init", C::fence, "driver=gpusim timeline={ring} context={a} seqno={b}", T::none, D::none, "", false, kNone, "a:b the fence; job: of which it is the finished fence, 0 if none"},
  {K::dma_fence_signaled, "dma_fence_signaled", C::fence, "driver=gpusim timeline={ring} context={a} seqno={b}", T::queue, D::instant, "finished {job}", true, Cause::wakeup, "a:b the fence; c: errno; job: of which it is the finished fence, 0 if none"},
  // os
  {K::sched_wakeup, "sched_wakeup", C::os, "comm={thread:a} pid={a}", T::none, D::none, "", false, kNone, "a: thread made runnable, after its wake latency"},
  {K::sched_switch, "sched_switch", C::os, "prev_comm={thread:a} prev_pid={a} ==> next_comm={thread:b} next_pid={b}", T::cpu, D::swap, "{thread:b}", false, kNone, "a: thread that leaves, 0 idle; b: thread that comes, 0 idle"},
  {K::workqueue_queue_work, "workqueue_queue_work", C::os, "work={work:a} ring={ring}", T::none, D::none, "", false, kNone, "a: kind of work"},
  {K::workqueue_execute_start, "workqueue_execute_start", C::os, "work={work:a} ring={ring}", T::thread, D::begin, "{work:a}", false, kNone, "a: kind of work"},
  {K::workqueue_execute_end, "workqueue_execute_end", C::os, "work={work:a} ring={ring}", T::thread, D::end, "", false, kNone, "a: kind of work"},
  {K::irq_handler_entry, "irq_handler_entry", C::irq, "irq={unit} name={vector}", T::cpu, D::begin, "irq {vector}", false, Cause::completion, "unit: vector"},
  {K::irq_handler_exit, "irq_handler_exit", C::irq, "irq={unit} ret=handled", T::cpu, D::end, "", false, kNone, "unit: vector"},
  // driver ops
  {K::ring_full, "ring_full", C::driver, "job={job} ring={ring} free={a} need={b}", T::none, D::none, "", false, Cause::ring_space, "a: free entries; b: entries needed"},
  {K::ring_space, "ring_space", C::driver, "job={job} ring={ring}", T::none, D::none, "", false, Cause::host_worker, "run_job found room and goes on"},
  {K::ring_write, "ring_write", C::driver, "job={job} ring={ring} index={a} free={b} capacity={c}", T::none, D::none, "", false, kNone, "a: entry's index since creation; b: free entries afterwards; c: capacity in entries"},
  {K::doorbell_write, "doorbell_write", C::driver, "job={job} ring={ring} doorbell={unit} write index={a}", T::thread, D::end, "doorbell {ring}", true, Cause::doorbell, "a: write index that the device may now see; ends run_job's slice. unit: doorbell number, 0 for a message"},
  {K::message_send, "message_send", C::driver, "action={msg:a} ring={ring} tail={b}", T::thread, D::instant, "send {msg:a}", false, kNone, "a: action; b: tail of the host-to-firmware buffer afterwards, in dwords"},
  {K::message_back_off, "message_back_off", C::driver, "action={msg:a} ring={ring} sleep={ps:b}", T::thread, D::instant, "back off", false, kNone, "a: action; b: ps until the next try; c: 0 no room in the buffer, 1 no room for the answer"},
  {K::message_abandoned, "message_abandoned", C::driver, "action={msg:a} ring={ring}", T::thread, D::instant, "give up {msg:a}", false, kNone, "a: action that could not be sent, or was not answered, in time; c: as message_back_off, 2 no answer"},
  {K::message_reply, "message_reply", C::driver, "action={msg:a} ring={ring}", T::cpu, D::instant, "reply {msg:a}", false, kNone, "a: action answered"},
  {K::queue_banned, "queue_banned", C::driver, "ring={ring} job={job}", T::thread, D::instant, "ban {ring}", false, kNone, "job: the guilty one, 0 if none"},
  {K::device_reset_begin, "device_reset_begin", C::driver, "reason={a}", T::thread, D::begin, "device reset", false, kNone, "a: reason (drv::ResetReason)"},
  {K::device_reset_end, "device_reset_end", C::driver, "", T::thread, D::end, "", false, kNone, "the device answers again"},
  {K::device_gone, "device_gone", C::driver, "", T::thread, D::instant, "device gone", false, kNone, "unplugged: nothing that is written arrives any more"},
  // link, doorbell unit, firmware
  {K::doorbell_arrive, "doorbell_arrive", C::link, "ring={ring} doorbell={unit} write index={a}", T::link, D::instant, "doorbell {ring}", false, Cause::firmware, "a: write index given in doorbell_write"},
  {K::firmware_wake, "firmware_wake", C::firmware, "", T::firmware, D::begin, "wake", false, kNone, "the idle firmware core starts to wake"},
  {K::firmware_begin, "firmware_begin", C::firmware, "event={fw:a} ring={ring} engine={unit}", T::firmware, D::begin, "{fw:a}", false, kNone, "a: firmware event"},
  {K::firmware_end, "firmware_end", C::firmware, "event={fw:a} ring={ring} engine={unit}", T::firmware, D::end, "", false, kNone, "a: firmware event"},
  {K::queue_registered, "queue_registered", C::firmware, "ring={ring}", T::firmware, D::instant, "registered {ring}", false, kNone, "the firmware knows the queue. unit: its id there, which is used again after queue_deregistered"},
  {K::queue_deregistered, "queue_deregistered", C::firmware, "ring={ring}", T::firmware, D::instant, "deregistered {ring}", false, kNone, "the firmware has forgotten the queue. unit: its id there"},
  {K::queue_ready, "queue_ready", C::firmware, "ring={ring} write index={a} resident={b}", T::firmware, D::instant, "ready {ring}", false, kNone, "the firmware has seen the queue's entries below write index a; b: 1 if the queue holds a slot (always 1 where slots are unlimited)"},
  {K::slot_grant, "slot_grant", C::firmware, "ring={ring} slot={unit}", T::firmware, D::instant, "slot {unit} to {ring}", false, kNone, "unit: slot"},
  {K::slot_evict, "slot_evict", C::firmware, "ring={ring} slot={unit}", T::firmware, D::instant, "evict {ring}", false, Cause::run_list, "unit: slot taken from the queue"},
  {K::engine_reset, "engine_reset", C::engine, "engine={engine} ring={ring} job={job}", T::engine, D::clear, "", false, kNone, "the engine was reset under the queue. job: the one it executed, 0 if none"},
  {K::reset_notify, "reset_notify", C::firmware, "ring={ring}", T::firmware, D::instant, "reset {ring}", false, kNone, "the firmware tells the host that it reset an engine under the queue"},
  // engines
  {K::engine_assign, "engine_assign", C::engine, "engine={engine} ring={ring}", T::none, D::none, "", false, kNone, "the engine was told to run the queue: from here it is the queue's engine. a: 1 if the context was still loaded"},
  {K::context_restore_begin, "context_restore_begin", C::engine, "engine={engine} ring={ring}", T::engine, D::begin, "restore {ring}", false, Cause::context_switch, ""},
  {K::context_restore_end, "context_restore_end", C::engine, "engine={engine} ring={ring}", T::engine, D::end, "", false, kNone, ""},
  {K::context_save_begin, "context_save_begin", C::engine, "engine={engine} ring={ring}", T::engine, D::begin, "save {ring}", false, kNone, ""},
  {K::context_save_end, "context_save_end", C::engine, "engine={engine} ring={ring}", T::engine, D::end, "", false, kNone, ""},
  {K::engine_release, "engine_release", C::engine, "engine={engine} ring={ring}", T::engine, D::clear, "", false, kNone, "the engine no longer belongs to the queue (empty and taken off, or saved). a: 1 if preempted with work left"},
  {K::fetch_begin, "fetch_begin", C::engine, "job={job} engine={engine} ring={ring}", T::engine, D::begin, "job {job}", true, Cause::work, "the command streamer reads the ring entry. a: entry's index"},
  {K::job_start, "job_start", C::engine, "job={job} engine={engine} ring={ring} work={ps:a}", T::engine, D::instant, "start {job}", false, kNone, "execution begins; a: work in ps, 2^64-1 for endless"},
  {K::job_preempted, "job_preempted", C::engine, "job={job} engine={engine} ring={ring} done={ps:a}", T::engine, D::end, "", false, Cause::preempted, "a: ps of work done so far"},
  {K::job_resumed, "job_resumed", C::engine, "job={job} engine={engine} ring={ring} done={ps:a}", T::engine, D::begin, "job {job}", true, Cause::work, "a: ps of work done so far"},
  {K::job_end, "job_end", C::engine, "job={job} engine={engine} ring={ring}", T::engine, D::end, "", false, Cause::fence_write, "the work is done"},
  {K::fence_write, "fence_write", C::engine, "job={job} ring={ring} address={a} value={b}", T::none, D::none, "", false, kNone, "a posted write leaves for host memory. a: address; b: value; c: 1 for a completion, 0 for a start mark"},
  {K::fence_visible, "fence_visible", C::link, "job={job} ring={ring} address={a} value={b}", T::link, D::instant, "fence {job}", false, Cause::interrupt, "the value stands in host memory. unit: vector that will report it; fields as fence_write"},
  {K::interrupt_raise, "interrupt_raise", C::irq, "irq={unit} name={vector}", T::interrupt, D::instant, "raise", false, kNone, "MSI-X write leaves the device. unit: vector"},
  {K::interrupt_arrive, "interrupt_arrive", C::irq, "irq={unit} name={vector}", T::interrupt, D::instant, "arrive", false, kNone, "MSI-X write reaches the host. unit: vector"},
  // faults
  {K::fault_injected, "fault_injected", C::link, "kind={a} ring={ring} unit={unit}", T::link, D::instant, "fault {a}", false, kNone, "a: 0 an interrupt is lost, 2 late, 3 sent twice (unit: vector); 1 a doorbell is lost, 4 late (unit: doorbell); 5 a job hangs, 6 is slow (unit: engine); 7 a message is lost, 8 a message of the firmware; 9 the firmware stalls; 10 somebody wants a reset; 11 the device is pulled"},
  {K::choice_made, "choice_made", C::link, "kind={a} value={b} place={c}", T::none, D::none, "", false, kNone, "the explorer decided otherwise than by default. a: kind of choice; b: value; c: place"},
  {K::queue_create_failed, "queue_create_failed", C::client, "client={client} errno={c}", T::thread, D::instant, "no queue", false, kNone, "a client that goes on without the queue that it wanted. a: client; c: errno"},
  {K::queue_closed, "queue_closed", C::client, "ring={ring} client={client}", T::thread, D::instant, "closed {ring}", false, kNone, "the close has returned; from clients that go on afterwards. a: client"},
}};
// clang-format on

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].kind) != i) return false;
  }
  return true;
}
static_assert(in_order(), "a row of the event table stands at the wrong place");

}  // namespace

std::span<const EventInfo> event_table() { return kTable; }

const EventInfo& info(EventKind kind) { return kTable[static_cast<std::size_t>(kind)]; }

std::string_view to_string(Category category) {
  constexpr std::array<std::string_view, 9> kNames{"client", "scheduler", "fence",  "os", "driver",
                                                   "link",   "firmware",  "engine", "irq"};
  return kNames[static_cast<std::size_t>(category)];
}

}  // namespace gpusim::trace
