// SPDX-License-Identifier: MIT
// [host]: CPUs and operating system.
#include "sim/scenario/parameter_rows.h"
#include "sim/scenario/parameter_table.h"

namespace gpusim::scenario {

namespace {

using os::BackgroundLoad;
using os::HostSpec;
using trace::Cause;

template <Cost HostSpec::* Field>
[[nodiscard]] Parameter cost(std::string_view path, Unit unit, std::string_view doc) {
  return rows::duration<&ScenarioSpec::host, Field>(path, unit, doc);
}

template <os::Latency HostSpec::* Field>
[[nodiscard]] Parameter latency(std::string_view path, Unit unit, std::string_view doc) {
  return rows::latency<&ScenarioSpec::host, Field>(path, unit, doc);
}

// A thread gets on by a slice for each switch: the least keeps the number of switches of a run within reason (ours; the
// kernel's own least is 100 us, kernel/sched/syscalls.c).
[[nodiscard]] Parameter timeslice() {
  Parameter row = cost<&HostSpec::timeslice>(
      "host.timeslice", Unit::us,
      "After it a thread of the normal class makes way for one that waits, unless it is owed more.");
  row.min = us(1).count();
  return row;
}

constexpr std::string_view kNoLoad = "host.background.threads is 0";
[[nodiscard]] bool has_load(const Target& target) { return target.spec->host.background.threads != 0; }

/// Queues have work of their own, or the orchestrator has for them. The counter JobQueue's is in the system's
/// workqueue.
[[nodiscard]] bool has_submit_workers(const Target& target) {
  const ScenarioSpec& spec = *target.spec;
  const bool grants_in_worker =
      spec.orchestrator.slots != 0 && spec.orchestrator.grant_in == sched::orch::GrantIn::worker;
  return spec.component != Component::direct && (!is_jobqueue(spec, sched::jq::Shape::counter) || grants_in_worker);
}
constexpr std::string_view kNoSubmitWorkers = "no submission queue has work of its own with this component";

[[nodiscard]] std::vector<Parameter> scheduling_rows() {
  return {
      rows::integer<&ScenarioSpec::host, &HostSpec::cpus>("host.cpus", 1, 64, "CPUs.")
          .from('E', "a small client machine"),
      rows::choice<&ScenarioSpec::host, &HostSpec::worker_class>(
          "host.worker_class", {"fifo", "normal"},
          "Class of the workers of workqueues: normal, sharing by time slice; or real time, ahead of all normal "
          "threads, as no "
          "kernel has it.")
          .from('S', "kernel: kworkers are normal threads (workqueue.c)"),
      rows::choice<&ScenarioSpec::host, &HostSpec::submit_workers>(
          "host.submit_workers", {"unbound", "highpri", "shared", "kthread", "kthread_per_priority"},
          "Who runs the work of submission queues: an ordered workqueue for each (unbound; or with WQ_HIGHPRI, whose "
          "workers have nice -20), one unbound workqueue for all (as panthor; items of one queue may then overlap), or "
          "a kthread_worker for each queue, or one for each priority.")
          .read_if(&has_submit_workers, kNoSubmitWorkers)
          .from('S', "drm_sched: drm_sched_alloc_wq() (sched_main.c)"),
      rows::choice<&ScenarioSpec::host, &HostSpec::kthread_class>("host.kthread_class", {"fifo", "normal"},
                                                                  "Class of the kthread_workers of submission queues.")
          .read_if(&has_submit_workers, kNoSubmitWorkers)
          .from('S', "kernel: a kthread is a normal thread until it is made another (kthread.c)"),
      timeslice().from('S', "kernel: kernel/sched/fair.c, base slice of 0.7 ms times 1 + log2 of the CPUs, here four"),
  };
}

[[nodiscard]] std::vector<Parameter> wake_rows() {
  // Of normal threads: half of it from the kernel's histogram, which counts wake-ups of cyclictest's threads by powers
  // of two of microseconds (75 of normal threads), half from five gaps between queueing and running a job in traces of
  // Perfetto's tests, less 1.8 us for switch, pass and dispatch. Between the bounds of a power the distribution is
  // taken as even. That the two weigh alike is ours.
  return {
      latency<&HostSpec::task_wake>("host.task_wake", Unit::us,
                                    "From the wake-up of a client's thread until it may run on an idle CPU.")
          .from('E',
                "kernel, perfetto: half from 75 wake-ups in Documentation/trace/histogram.rst, half as worker_wake; a "
                "phone has shown 169 us")
          .in(Cause::wakeup),
      latency<&HostSpec::worker_wake>("host.worker_wake", Unit::us, "The same for a kernel worker.")
          .from(
              'E',
              "kernel, perfetto: half as task_wake, half from five gaps of queue to run less switch and pass: a single "
              "sample of amdgpu, 7,915 ns, and four of msm, 16..26 us")
          .in(Cause::host_worker),
      latency<&HostSpec::irq_thread_wake>("host.irq_thread_wake", Unit::us,
                                          "The same for a threaded interrupt handler.")
          .from('M', "kernel: Documentation/trace/histogram.rst, 2,047 wake-ups of real-time threads")
          .in(Cause::completion)
          .read_if([](const Target& target) { return target.spec->driver.irq_path == drv::IrqPath::threaded; },
                   "driver.irq_path is hard"),
      cost<&HostSpec::context_switch>("host.context_switch", Unit::ns,
                                      "Paid by a CPU when another thread than its last comes on.")
          .from('W', "switch-blog: 1.07 us between threads, 2.41 us between processes"),
  };
}

[[nodiscard]] std::vector<Parameter> step_rows() {
  return {
      cost<&HostSpec::syscall_entry>("host.syscall_entry", Unit::ns, "Entering the kernel.")
          .from(
              'C',
              "guest-counts: 553 instructions in Linux 7.3 at 3 per ns, from the system call to the ioctl's body; 487 "
              "in 6.1, 495 in 6.12")
          .in(Cause::syscall),
      cost<&HostSpec::syscall_exit>("host.syscall_exit", Unit::ns, "Leaving it.")
          .from(
              'C',
              "guest-counts: 198 instructions in Linux 7.3 at 3 per ns, what a whole ioctl has beside the stages that "
              "were counted; 225 in 6.12")
          .in(Cause::syscall),
      cost<&HostSpec::mutex_op>("host.mutex_op", Unit::ns, "Each lock and each unlock of a mutex that nobody holds.")
          .from('E', "one atomic and a call; a spinlock's pair of one atomic and a store takes 8.3 ns"),
      cost<&HostSpec::spinlock_op>("host.spinlock_op", Unit::ns, "Taking and giving back a spinlock.")
          .from('M', "time-bench: 33 cycles, uncontended, with its line in the cache"),
      cost<&HostSpec::irq_spinlock_op>(
          "host.irq_spinlock_op", Unit::ns,
          "The same with interrupts saved and switched off: the locks of fences, wait queues and completions.")
          .from('M', "time-bench: 62 cycles, uncontended, with its line in the cache"),
      cost<&HostSpec::queue_work>("host.queue_work", Unit::ns, "queue_work() in its caller.")
          .from(
              'C',
              "guest-counts: 952 instructions in Linux 7.3 at 3 per ns, of a push that wakes a worker on another CPU, "
              "less one that wakes nobody; 2,997 if it is the same CPU, 2,153 there in 6.12"),
      cost<&HostSpec::timer_op>("host.timer_op", Unit::ns, "Arming or cancelling a timer, as a timeout does.")
          .read_if([](const Target& target) { return !is_jobqueue(*target.spec, sched::jq::Shape::counter); },
                   "the counter JobQueue arms no timer")
          .from('E', "a lock and a list operation on the timer wheel"),
      cost<&HostSpec::wake_up>("host.wake_up", Unit::ns, "Waking one thread, in the waker.")
          .from('C',
                "guest-counts: 1,470 instructions in Linux 7.3 at 3 per ns, what a waiter on the same CPU adds to the "
                "signal of a fence; 1,179 in 6.1, 1,279 in 6.12")
          .in(Cause::completion),
  };
}

[[nodiscard]] std::vector<Parameter> other_rows() {
  return {
      cost<&HostSpec::irq_entry>("host.irq_entry", Unit::ns, "From the vector to the handler's first instruction.")
          .from(
              'C',
              "guest-counts: 325 instructions in Linux 7.3 at 3 per ns, from the MSI-X to the handler on an idle CPU; "
              "377 in 6.1, 382 in 6.12. What the processor does before is in irq_delivery")
          .in(Cause::interrupt),
      cost<&HostSpec::irq_exit>("host.irq_exit", Unit::ns,
                                "From the handler's last instruction to what it interrupted.")
          .from('E', "shorter than the entry"),
      latency<&HostSpec::irq_delivery>("host.irq_delivery", Unit::ns,
                                       "From the MSI-X message at the host until the CPU takes the interrupt.")
          .from('E',
                "with the crossing and the entry: 2 us from device to handler; tail: interrupts off for a few thousand "
                "instructions, exit from an idle state; no measurement found")
          .in(Cause::interrupt),
      cost<&HostSpec::memory_barrier>("host.memory_barrier", Unit::ns,
                                      "A full barrier; the store buffer is empty after it.")
          .from('E', "a few tens of cycles")
          .in(Cause::host_worker),
      cost<&HostSpec::store_drain>("host.store_drain", Unit::ns,
                                   "After this time a store is visible to the device without a barrier.")
          .from('E', "tens to hundreds of cycles"),
      rows::choice<&ScenarioSpec::host, &HostSpec::timer>("host.timer", {"exact", "jiffy", "wheel"},
                                                          "When timers of the kernel expire (timeouts, not sleeps): "
                                                          "exactly; at the next jiffy of 1 ms; or rounded up to "
                                                          "the slot of Linux' timer wheel.")
          .from('S', "kernel: kernel/time/timer.c, HZ=1000"),
      rows::choice<&ScenarioSpec::host, &HostSpec::work_dispatch>(
          "host.work_dispatch", {"pool", "pipelined", "serial"},
          "How a queued work item gets to run: the kernel's pool, where a worker that is awake takes the next item; "
          "each "
          "item on a worker of its own that first wakes; or the same, on ordered queues one after the other.")
          .from('S', "kernel: kernel/workqueue.c"),
      rows::integer<&ScenarioSpec::host, &HostSpec::background, &BackgroundLoad::threads>(
          "host.background.threads", 0, 256, "Threads of the normal class that burn CPU time. 0: none.")
          .from('E', "an idle machine"),
      rows::duration<&ScenarioSpec::host, &HostSpec::background, &BackgroundLoad::busy>(
          "host.background.busy", Unit::us, "CPU time that each of them burns in a period, on average.")
          .read_if(&has_load, kNoLoad)
          .from('E', "an idle machine"),
      rows::duration<&ScenarioSpec::host, &HostSpec::background, &BackgroundLoad::period>(
          "host.background.period", Unit::us, "Their period if they need not wait for a CPU, on average.")
          .read_if(&has_load, kNoLoad)
          .from('E', "an idle machine"),
      rows::choice<&ScenarioSpec::host, &HostSpec::background, &BackgroundLoad::times>(
          "host.background.times", {"drawn", "fixed"},
          "Whether busy and idle times are drawn (exponentially, with busy and what it leaves of the period as their "
          "means, and a drawn begin), or are all the same and begin together.")
          .read_if(&has_load, kNoLoad)
          .from('E', "what others do comes at no fixed times"),
  };
}

}  // namespace

std::vector<Parameter> host_rows() {
  std::vector<Parameter> table = scheduling_rows();
  for (auto* part : {&wake_rows, &step_rows, &other_rows}) {
    for (Parameter& parameter : part()) table.push_back(std::move(parameter));
  }
  return table;
}

}  // namespace gpusim::scenario
