// SPDX-License-Identifier: MIT
// dma_fence_chain (drivers/dma-buf/dma-fence-chain.c, Linux 7.3): a node contains a fence and has signalled when that
// one and those of all nodes before it have. Whoever depends on it sees one opaque fence. It waits for one of them at a
// time: the callback queues an irq_work, which waits for the next or signals the node. So a wait through a chain takes
// one more interrupt for each fence that was found unsignalled, and exactly one if the newest signals last.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "os/irq_work.h"
#include "scheduler/fence.h"

namespace gpusim::sched {

class FenceChain final : public FenceOps, private FenceCallback {
 public:
  /// dma_fence_chain_init(): in the fence context of `previous`, if `seqno` is later; else in a new one, with a number
  /// that is not below. `previous`: a node, a plain fence, or empty.
  [[nodiscard]] static FenceRef create(os::Context& ctx, FenceArena& fences, FenceRef previous, FenceRef contained,
                                       std::uint64_t seqno);
  /// dma_fence_chain_find_seqno(): the oldest node at or above `seqno`; empty if all up to there has signalled.
  [[nodiscard]] static Result<FenceRef> find_seqno(const FenceRef& head, std::uint64_t seqno);

  /// For reports: of the chain's nodes from `head` on, the fence that the node of that context and number waits for;
  /// the oldest of several. nullptr: it is no node of the chain, or waits for none.
  [[nodiscard]] static const Fence* find_blocker(const FenceRef& head, std::uint64_t context, std::uint64_t seqno);

  FenceChain(os::Host& host, FenceRef previous, FenceRef contained, std::uint64_t previous_seqno);

  bool enable_signaling(os::Context& ctx, Fence& self) override;
  [[nodiscard]] bool has_signaled() const override;

 private:
  static os::Task<> irq_work(void* self, os::Context& ctx);
  FenceRelay on_fence_signaled(os::Context& ctx, Fence& fence) override;
  /// dma_fence_chain_walk(): the node before, without those that have signalled.
  [[nodiscard]] const FenceRef& walk();

  os::Host& host_;
  FenceRef previous_;
  FenceRef contained_;
  std::uint64_t previous_seqno_;
  FenceRef self_;  // while a callback or the irq_work is pending
  os::IrqWork work_;
};

}  // namespace gpusim::sched
