// SPDX-License-Identifier: MIT
// A fence is initialised before it signals, signals once, and the fences of one context are initialised and signal in
// the order of their sequence numbers. A node of a dma_fence_chain signals only if somebody waits for it, so an earlier
// one may signal after a later one.
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
  void on(const syncobj_point& event);
  void on(const dma_fence_signaled& event);

 private:
  struct Context {
    std::uint64_t initialised = 0;  ///< last sequence number
    std::uint64_t signalled = 0;
    SimTime signalled_at{};
    bool is_chain = false;
  };
  IdWindow<Context> contexts_;  ///< by context + 1
};

}  // namespace gpusim::trace
