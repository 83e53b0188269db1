// SPDX-License-Identifier: MIT
// How a queued work item comes to run, and the order of what is due at one moment that goes with it. A host has one
// model, named by HostSpec::work_dispatch:
//
//   pool               as the kernel: a worker is woken, or one that is awake takes the item; wake-ups have their
//                      latency, timers expire after all else of their moment
//   pipelined, serial  a model of time that can be followed by hand, and that logs of the real scheduler on a mock of
//                      its device are compared with: each item is due a fixed hop after it was queued (serial, on an
//                      ordered queue: after the one before has ended), a sleeper goes on at the moment it waited
//                      for, and what is due at one moment happens in the order in which it was planned
#pragma once

#include <memory>

#include "base/timeline.h"
#include "os/latency.h"

namespace gpusim::os {

class Cpu;
class Host;
class Thread;
class Work;
class Workqueue;

/// No call waits, and none charges a context: items are also queued by timers, which have none.
class DispatchModel {
 public:
  virtual ~DispatchModel() = default;

  /// An item was queued: sees to it that it gets a turn of its queue, now or later.
  virtual void queue(Workqueue& workqueue, Work& work) = 0;
  /// A turn of the queue has become free, and items are in line for it. `wake`: no worker is about to look for work
  /// anyway, one has to be woken.
  virtual void pass_turn_on(Workqueue& workqueue, bool wake) = 0;

  /// There is work for a sleeping worker.
  virtual void wake_worker(Thread& worker) const = 0;
  /// The wake-up latency of a worker.
  [[nodiscard]] virtual const Latency& worker_latency() const = 0;
  /// The timer of a timed sleep has expired. Called from a Timeline entry.
  virtual void wake_sleeper(Thread& thread) const = 0;
  /// The phase in which timers of the kernel expire.
  [[nodiscard]] virtual Phase timer_phase() const = 0;
  /// A thread that was woken has come on an idle CPU.
  virtual void on_placed(Cpu& cpu) const = 0;
};

[[nodiscard]] std::unique_ptr<DispatchModel> make_dispatch_model(Host& host);

}  // namespace gpusim::os
