// SPDX-License-Identifier: MIT
// dma_resv: who has used a buffer, for implicit synchronisation. A reader waits for the last writer; a writer for the
// last writer and all readers since. At most one fence per fence context is kept, the later one (dma_resv_add_fence()).
// Usages other than READ and WRITE, and its ww-mutex, are not modelled.
#pragma once

#include <vector>

#include "scheduler/fence.h"

namespace gpusim::sched {

class Reservation {
 public:
  /// Appends the fences that a user of the buffer has to wait for.
  void collect(bool for_write, std::vector<FenceRef>& out) const;
  /// Enters a user. Before this, it has collected what it waits for.
  void add(const FenceRef& fence, bool write);

 private:
  FenceRef writer_;
  std::vector<FenceRef> readers_;
};

}  // namespace gpusim::sched
