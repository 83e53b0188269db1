// SPDX-License-Identifier: MIT
// A host without a machine around it, for unit tests: threads, CPUs, workers on a Timeline that the test runs by hand.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "os/host.h"
#include "os/sync.h"
#include "os/workqueue.h"
#include "tests/support/free.h"

namespace gpusim::test {

/// Costs that are easy to distinguish: wake 10 ns (task), 20 ns (worker), 30 ns (interrupt thread), context switch 5
/// ns.
[[nodiscard]] inline os::HostSpec small_host(std::uint32_t cpus) {
  os::HostSpec spec = free_host();
  spec.cpus = cpus;
  spec.timeslice = Cost{ns(100), 1};
  spec.task_wake = Cost{ns(10), 2};
  spec.worker_wake = Cost{ns(20), 3};
  spec.irq_thread_wake = Cost{ns(30), 4};
  spec.context_switch = Cost{ns(5), 5};
  return spec;
}

class BareHost {
 public:
  explicit BareHost(const os::HostSpec& spec, std::uint64_t seed = 1)
      : host{timeline, recorder, names, ledger, spec, seed} {
    names.works = {"work"};
  }

  /// A client thread that first wakes (10 ns) and is switched to (5 ns).
  os::Thread& client(std::string name, os::Thread::Body body) {
    return host.spawn_client(std::move(name), std::move(body));
  }

  void run() {
    if (!frozen_) timeline.freeze();
    frozen_ = true;
    while (!timeline.empty()) timeline.run_one();
  }
  void run_until(Picoseconds when) {
    if (!frozen_) timeline.freeze();
    frozen_ = true;
    timeline.run_until(SimTime{when});
  }

  Timeline timeline;
  trace::Recorder recorder{timeline};
  trace::Names names;
  CostLedger ledger;
  os::Host host;

 private:
  bool frozen_ = false;
};

[[nodiscard]] inline Cost cost(Picoseconds value) { return Cost{value, 0}; }

}  // namespace gpusim::test
