// SPDX-License-Identifier: MIT
// Which steps of a .wsim program end what others wait for. The program is read once, whatever is asked then.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "sim/workload/wsim_program.h"

namespace gpusim::workload {

class WsimEnds {
 public:
  explicit WsimEnds(const WsimProgram& program);

  // The first step that terminates the batch; the number of steps if none does.
  [[nodiscard]] std::size_t terminated_at(std::size_t batch) const;
  // Does the batch need a software fence that no step in front of `wait` signals: itself, by what it depends on, or by
  // what it is queued behind?
  [[nodiscard]] bool needs_signal(std::size_t batch, std::size_t wait) const {
    return last_fence_needed_[batch] > last_fence_signalled_[wait];
  }

 private:
  std::map<std::size_t, std::size_t> terminators_;  // by batch
  // By step, and one more than the fence's step, or 0: which software fence a batch needs, the last of them; up to
  // which all are signalled in front of a step, for a signal moves the client's timeline over that fence and all before
  // it.
  std::vector<std::size_t> last_fence_needed_;
  std::vector<std::size_t> last_fence_signalled_;
};

}  // namespace gpusim::workload
