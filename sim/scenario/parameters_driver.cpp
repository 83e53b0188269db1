// SPDX-License-Identifier: MIT
// [driver]: the kernel-mode driver.
#include "sim/scenario/parameter_rows.h"
#include "sim/scenario/parameter_table.h"

namespace gpusim::scenario {

namespace {

using drv::DriverSpec;
using trace::Cause;

template <Cost DriverSpec::* Field>
[[nodiscard]] Parameter cost(std::string_view path, std::string_view doc) {
  return rows::duration<&ScenarioSpec::driver, Field>(path, Unit::ns, doc);
}

}  // namespace

std::vector<Parameter> driver_rows() {
  return {
      rows::integer<&ScenarioSpec::driver, &DriverSpec::ring_entries>("driver.ring_entries", 2, 65'536,
                                                                      "Entries of each queue's ring; a power of two.")
          .from('C', "xe: the power of two next to 55 jobs (16 KiB, 296 B a job)"),
      rows::integer<&ScenarioSpec::driver, &DriverSpec::credit_limit>(
          "driver.credit_limit", 0, 65'536, "Credits of each queue; a job takes one. 0: as many as ring entries.")
          .from('S', "xe, panthor: what fits into the ring"),
      rows::choice<&ScenarioSpec::driver, &DriverSpec::irq_path>(
          "driver.irq_path", {"hard", "threaded"},
          "Who completes jobs: the hard interrupt handler, or a thread that it wakes.")
          .from('S', "xe, panthor: user interrupt and irq_work, or a threaded handler"),
      rows::integer<&ScenarioSpec::driver, &DriverSpec::irq_cpu>(
          "driver.irq_cpu", 0, 63, "Vector v is taken by CPU irq_cpu + v, modulo the number of CPUs.")
          .from('E', "one CPU for each vector, as the kernel spreads managed interrupts"),
      rows::duration<&ScenarioSpec::driver, &DriverSpec::no_room_timeout>(
          "driver.no_room_timeout", Unit::ms,
          "Time that a message waits for room in the firmware's buffer, or for room for its answer; then the device is "
          "reset.",
          1)
          .from('S', "xe: naps of 1, 2 ... 64 ms, 1 s in all (xe_guc_ct.c)"),
      rows::duration<&ScenarioSpec::driver, &DriverSpec::answer_timeout>(
          "driver.answer_timeout", Unit::ms,
          "Time that the firmware has to answer a request; then the device is reset.", 1)
          .from('S', "xe: blocking answer (xe_guc_ct.c)"),
      rows::duration<&ScenarioSpec::driver, &DriverSpec::reset_poll>(
          "driver.reset_poll", Unit::ms, "Time between two looks at a device that is in reset.", 1)
          .from('S', "xe: 5 ms (xe_gt.c)"),
      rows::integer<&ScenarioSpec::driver, &DriverSpec::timeout_retries>(
          "driver.timeout_retries", 0, 1'000,
          "Timeouts at which a job may not have begun yet and its queue is only enabled again; then the device is "
          "reset.")
          .from('E', "as many as device resets"),
      rows::integer<&ScenarioSpec::driver, &DriverSpec::reset_limit>(
          "driver.reset_limit", 1, 1'000, "A job that has seen so many device resets is given up, with its queue.")
          .from('S', "xe: up to 2 times a job (xe_guc_submit.c)"),
      cost<&DriverSpec::create_queue>("driver.create_queue", "Creating a queue, without the message to the firmware.")
          .from('E', "allocation and mapping of a ring"),
      cost<&DriverSpec::exec>("driver.exec", "Exec ioctl: copying and checking its arguments, looking up objects.")
          .from('E', "a few user copies and look-ups")
          .in(Cause::syscall),
      cost<&DriverSpec::run_job>("driver.run_job", "The driver's run_job, without what follows.")
          .from('E', "fence initialisation")
          .in(Cause::host_worker),
      cost<&DriverSpec::ring_write>("driver.ring_write", "Encoding and storing one ring entry.")
          .from('E', "a cache line or two")
          .in(Cause::host_worker),
      cost<&DriverSpec::mmio_write>("driver.mmio_write", "CPU time of one posted MMIO write.")
          .from('W', "intel-forum: uncached writes 50..300 ns apart")
          .in(Cause::host_worker),
      cost<&DriverSpec::message>("driver.message", "Composing one message to the firmware and moving the tail.")
          .from('E', "barrier and descriptor write")
          .in(Cause::host_worker),
      cost<&DriverSpec::irq_scan>("driver.irq_scan", "Completion handler: for each queue looked at.")
          .from('E', "a cache miss on the fence value")
          .in(Cause::completion),
      cost<&DriverSpec::irq_complete>("driver.irq_complete", "Completion handler: for each job that was reached.")
          .from('E', "signalling a hardware fence")
          .in(Cause::completion),
      cost<&DriverSpec::reply>("driver.reply", "Reply handler: for each message of the firmware.")
          .from('E', "parsing and a look-up"),
  };
}

}  // namespace gpusim::scenario
