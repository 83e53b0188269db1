// SPDX-License-Identifier: MIT
#include "os/dispatch_model.h"

#include "os/cpu.h"
#include "os/host.h"
#include "os/thread.h"
#include "os/workqueue.h"

namespace gpusim::os {

namespace {

class PoolDispatch final : public DispatchModel {
 public:
  explicit PoolDispatch(const HostSpec& spec) : spec_{spec} {}

  void queue(Workqueue& workqueue, Work& work) override { workqueue.activate(work); }
  void pass_turn_on(Workqueue& workqueue, bool wake) override { workqueue.activate_first(wake); }
  void wake_worker(Thread& worker) const override { worker.wake(); }
  [[nodiscard]] const Latency& worker_latency() const override { return spec_.worker_wake; }
  void wake_sleeper(Thread& thread) const override { thread.wake(); }
  [[nodiscard]] Phase timer_phase() const override { return Phase::timer; }
  void on_placed(Cpu& /*cpu*/) const override {}

 private:
  const HostSpec& spec_;
};

/// Every item has a hop of `worker_wake` before it, in which a worker of its own wakes; so the worker that then takes
/// it begins at once. `serial`: on an ordered queue hops do not overlap with items.
class HopDispatch final : public DispatchModel {
 public:
  HopDispatch(Host& host, bool serial) : host_{host}, serial_{serial} {}

  void queue(Workqueue& workqueue, Work& work) override {
    if (!in_turn(workqueue)) {
      workqueue.set_out(work, begin_hop([](void* item, std::uint64_t) { static_cast<Work*>(item)->arrive(); }, &work));
      return;
    }
    workqueue.line_up(work);
    if (!workqueue.has_active() && !host_.timeline().is_pending(workqueue.hop)) begin_shared_hop(workqueue);
  }
  void pass_turn_on(Workqueue& workqueue, bool wake) override {
    in_turn(workqueue) ? begin_shared_hop(workqueue) : workqueue.activate_first(wake);
  }
  void wake_worker(Thread& worker) const override { worker.wake_now(); }
  [[nodiscard]] const Latency& worker_latency() const override { return host_.spec().task_wake; }  // within an item
  void wake_sleeper(Thread& thread) const override { thread.wake_now(); }
  [[nodiscard]] Phase timer_phase() const override { return Phase::cpu; }
  // What has nothing to pay first goes on here and now, not after others that are due.
  void on_placed(Cpu& cpu) const override { cpu.end_empty_piece(); }

 private:
  [[nodiscard]] bool in_turn(const Workqueue& workqueue) const { return serial_ && workqueue.is_ordered(); }
  /// For whatever is the first in line when it ends.
  void begin_shared_hop(Workqueue& workqueue) {
    workqueue.hop =
        begin_hop([](void* queue, std::uint64_t) { static_cast<Workqueue*>(queue)->activate_first(true); }, &workqueue);
  }
  Timeline::Handle begin_hop(Timeline::Callback end, void* object) {
    const Latency& latency = host_.spec().worker_wake;
    const Picoseconds hop = latency.draw(draws_);
    host_.ledger().charge(latency.parameter, hop);
    return host_.timeline().schedule(host_.now() + hop, Phase::cpu, host_.component(), end, object);
  }

  Host& host_;
  Prng draws_{host_.seed(), "host.hop"};
  bool serial_;
};

}  // namespace

std::unique_ptr<DispatchModel> make_dispatch_model(Host& host) {
  switch (host.spec().work_dispatch) {
    case WorkDispatch::pool:
      return std::make_unique<PoolDispatch>(host.spec());
    case WorkDispatch::pipelined:
      return std::make_unique<HopDispatch>(host, false);
    case WorkDispatch::serial:
      return std::make_unique<HopDispatch>(host, true);
  }
  return nullptr;
}

}  // namespace gpusim::os
