// SPDX-License-Identifier: MIT
#include "scheduler/fence_chain.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "os/host.h"

namespace gpusim::sched {

namespace {

FenceChain* node_of(const FenceRef& fence) { return fence ? dynamic_cast<FenceChain*>(fence->ops()) : nullptr; }

}  // namespace

FenceChain::FenceChain(os::Host& host, FenceRef previous, FenceRef contained, std::uint64_t previous_seqno)
    : host_{host},
      previous_{std::move(previous)},
      contained_{std::move(contained)},
      previous_seqno_{previous_seqno},
      work_{&FenceChain::irq_work, this} {}

FenceRef FenceChain::create(os::Context& ctx, FenceArena& fences, FenceRef previous, FenceRef contained,
                            std::uint64_t seqno) {
  const bool goes_on = node_of(previous) != nullptr && seqno > previous->seqno();
  const std::uint64_t context = goes_on ? previous->context() : fences.new_context();
  const std::uint64_t previous_seqno = goes_on ? previous->seqno() : 0;
  if (!goes_on && node_of(previous) != nullptr) seqno = std::max(previous->seqno(), seqno);
  FenceRef node = fences.create(ctx, context, seqno, 0, 0, FenceLock::chain);
  auto chain = std::make_unique<FenceChain>(ctx.host(), std::move(previous), std::move(contained), previous_seqno);
  (void)chain->walk();  // drm_syncobj_add_point() walks it once, to drop what has signalled
  node->set_ops(std::move(chain));
  return node;
}

Result<FenceRef> FenceChain::find_seqno(const FenceRef& head, std::uint64_t seqno) {
  FenceChain* node = node_of(head);
  if (node == nullptr || head->seqno() < seqno) return Errno::inval;
  FenceRef found = head;
  while (node != nullptr && node->previous_seqno_ >= seqno) {
    found = FenceRef{node->walk()};
    node = node_of(found);
    if (node != nullptr && found->context() != head->context()) break;
  }
  return found;
}

const Fence* FenceChain::find_blocker(const FenceRef& head, std::uint64_t context, std::uint64_t seqno) {
  const Fence* blocker = nullptr;
  const FenceRef* at = &head;
  bool is_found = false;
  while (*at) {
    const FenceChain* node = node_of(*at);
    const Fence& contained = node == nullptr ? **at : *node->contained_;
    is_found = is_found || ((*at)->context() == context && (*at)->seqno() == seqno);
    if (is_found && !contained.is_signaled()) blocker = &contained;
    if (node == nullptr) break;
    at = &node->previous_;
  }
  return blocker;
}

const FenceRef& FenceChain::walk() {
  while (previous_) {
    FenceChain* const node = node_of(previous_);
    if (node == nullptr) {
      if (previous_->is_signaled()) previous_.reset();
      break;
    }
    if (!node->contained_->is_signaled()) break;
    previous_ = FenceRef{node->previous_};
  }
  return previous_;
}

bool FenceChain::enable_signaling(os::Context& ctx, Fence& self) {
  self_ = self.keep();
  FenceChain* node = this;
  for (FenceRef at = self_; at; at = node == nullptr ? FenceRef{} : FenceRef{node->walk()}) {
    node = node_of(at);
    Fence& contained = node == nullptr ? *at : *node->contained_;
    if (contained.add_callback(ctx, *this)) return true;
  }
  self_.reset();
  return false;
}

bool FenceChain::has_signaled() const {
  const FenceChain* node = this;
  for (;;) {
    if (!node->contained_->is_signaled()) return false;
    if (!node->previous_) return true;
    const FenceRef& previous = node->previous_;
    node = node_of(previous);
    if (node == nullptr) return previous->is_signaled();
  }
}

// dma_fence_chain_cb()
FenceRelay FenceChain::on_fence_signaled(os::Context& ctx, Fence& /*fence*/) {
  host_.queue_irq_work(ctx, work_);
  return {};
}

// dma_fence_chain_irq_work()
os::Task<> FenceChain::irq_work(void* self, os::Context& ctx) {
  auto& chain = *static_cast<FenceChain*>(self);
  const FenceRef node = std::move(chain.self_);
  if (!chain.enable_signaling(ctx, *node)) co_await node->signaling(ctx, Errno::ok);
}

}  // namespace gpusim::sched
