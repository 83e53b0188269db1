// SPDX-License-Identifier: MIT
// Specs in which no step costs anything, for tests that say themselves what takes time.
#pragma once

#include <initializer_list>

#include "host_driver/spec.h"
#include "os/spec.h"
#include "scheduler/costs.h"

namespace gpusim::test {

template <class Spec>
void make_free(Spec& spec, std::initializer_list<Cost Spec::*> steps) {
  for (Cost Spec::* step : steps) spec.*step = Cost{};
}

/// The default host; its timers are exact, too.
[[nodiscard]] inline os::HostSpec free_host() {
  using Host = os::HostSpec;
  Host host;
  host.task_wake = host.worker_wake = host.irq_thread_wake = host.irq_delivery = Cost{};
  make_free(host, {&Host::context_switch, &Host::syscall_entry, &Host::syscall_exit, &Host::mutex_op,
                   &Host::spinlock_op, &Host::irq_spinlock_op, &Host::queue_work, &Host::timer_op, &Host::wake_up,
                   &Host::irq_entry, &Host::irq_exit, &Host::memory_barrier, &Host::store_drain});
  host.timer = os::TimerGranularity::exact;
  return host;
}

[[nodiscard]] inline drv::DriverSpec free_driver() {
  using Driver = drv::DriverSpec;
  Driver driver;
  make_free(driver, {&Driver::create_queue, &Driver::exec, &Driver::run_job, &Driver::ring_write, &Driver::mmio_write,
                     &Driver::message, &Driver::irq_scan, &Driver::irq_complete, &Driver::reply, &Driver::tick_scan});
  return driver;
}

[[nodiscard]] inline sched::Costs free_component() {
  using Costs = sched::Costs;
  Costs costs;
  make_free(costs, {&Costs::job_init, &Costs::add_dependency, &Costs::arm, &Costs::push, &Costs::worker_pass,
                    &Costs::dispatch, &Costs::done, &Costs::put});
  return costs;
}

}  // namespace gpusim::test
