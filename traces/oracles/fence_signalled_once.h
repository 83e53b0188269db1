// SPDX-License-Identifier: MIT
// A fence is initialised before it signals, signals once, and the fences of one context are initialised and signal in
// the order of their sequence numbers.
#pragma once

#include <cstdint>

#include "base/id_window.h"
#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class FenceSignalledOnce final : public Oracle {
 public:
  explicit FenceSignalledOnce(const Names& names) : Oracle{"fence_signalled_once", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const dma_fence_init& event);
  void on(const dma_fence_signaled& event);

 private:
  struct Context {
    std::uint64_t initialised = 0;  ///< last sequence number
    std::uint64_t signalled = 0;
    SimTime signalled_at{};
  };
  IdWindow<Context> contexts_;  ///< by context + 1
};

}  // namespace gpusim::trace
