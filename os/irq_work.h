// SPDX-License-Identifier: MIT
// irq_work (kernel/irq_work.c): what a context with interrupts off leaves to an interrupt of its own CPU, which comes
// as soon as they are on. It costs the CPU an interrupt's entry and exit. Host::queue_irq_work() queues it.
#pragma once

#include "os/task.h"

namespace gpusim::os {

class Context;

class IrqWork {
 public:
  using Function = Task<> (*)(void* self, Context& ctx);
  /// `function` runs in a hard interrupt. Both outlive a pending work.
  IrqWork(Function function, void* self) : function_{function}, self_{self} {}
  [[nodiscard]] bool is_pending() const { return pending_; }

 private:
  friend class Host;
  Function function_;
  void* self_;
  bool pending_ = false;
};

}  // namespace gpusim::os
