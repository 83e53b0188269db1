// SPDX-License-Identifier: MIT
#include "sim/workload/compositor_client.h"

#include <span>
#include <utility>
#include <vector>

#include "os/sync.h"
#include "sim/workload/client_queue.h"
#include "sim/workload/surface.h"

namespace gpusim::workload {

namespace {

/// The picture that is to be shown next, and when it is ready: the in-fence of the pending flip. What follows its
/// signal, a worker of the atomic commit and registers, has its time in CompositorSpec::flip.
class Flip final : private sched::FenceCallback {
 public:
  explicit Flip(os::Context& ctx) : ctx_{ctx} {}
  ~Flip() override {
    if (is_registered() && !ctx_.is_cut_off()) (void)picture_->remove_callback(ctx_, *this);
  }
  Flip(const Flip&) = delete;
  Flip& operator=(const Flip&) = delete;

  void request(drv::SyncFile picture) {
    picture_ = std::move(picture);
    is_pending_ = true;
    ready_at_ = picture_->add_callback(ctx_, *this) ? kNever : ctx_.now();
  }
  [[nodiscard]] bool is_pending() const { return is_pending_; }
  [[nodiscard]] bool is_ready(SimTime at) const { return is_pending_ && ready_at_ <= at; }
  /// The screen shows it.
  void done() { is_pending_ = false; }
  [[nodiscard]] const drv::SyncFile& picture() const { return picture_; }

 private:
  sched::FenceRelay on_fence_signaled(os::Context& ctx, sched::Fence& /*fence*/) override {
    ready_at_ = ctx.now();
    return {};
  }

  os::Context& ctx_;
  drv::SyncFile picture_;  // the last one
  bool is_pending_ = false;
  SimTime ready_at_ = kNever;
};

class Compositor {
 public:
  Compositor(os::Context& ctx, const CompositorSpec& spec, const ClientEnvironment& environment)
      : spec_{spec},
        environment_{environment},
        screen_{*environment.screen},
        random_{random_stream(environment, "work")},
        flip_{ctx} {}

  [[nodiscard]] os::Task<ClientEnd> run(os::Context& ctx) {
    const SimTime start = ctx.now();
    Errno error = co_await open_queue(ctx, environment_, "compose", engine_mask(*environment_.device, spec_.placement),
                                      spec_.priority, queue_);
    std::uint64_t left = spec_.refreshes;
    while (error == Errno::ok && left > 0) {
      const std::uint64_t number = spec_.refreshes - left + 1;
      const SimTime vblank = start + spec_.period * static_cast<std::int64_t>(number);
      co_await sleep(ctx, environment_, vblank - spec_.lead);
      if (!flip_.is_pending()) error = co_await compose(ctx);
      co_await sleep(ctx, environment_, vblank);
      refresh(ctx, number, vblank);
      --left;
    }
    close_screen(ctx, screen_);
    co_await finish_queues(ctx, *environment_.uapi, std::span{&queue_, 1});
    co_return ClientEnd{error, left};
  }

 private:
  /// Takes what is new, and composes if anything is.
  [[nodiscard]] os::Task<Errno> compose(os::Context& ctx) {
    bool is_damaged = false;
    for (Surface& surface : screen_.surfaces) is_damaged = latch(ctx, surface) || is_damaged;
    if (!is_damaged) co_return Errno::ok;
    std::vector<drv::BufferUse> uses;
    for (const Surface& surface : screen_.surfaces) {
      if (!surface.current || screen_.is_explicit) continue;
      uses.push_back({*surface.buffers[surface.current->buffer].id, sched::Usage::read});
    }
    drv::ExecArgs args;
    args.queue = queue_.id;
    args.work_ps = static_cast<std::uint64_t>(draw(spec_.work, random_).count());
    args.work_is_estimate = spec_.work.is_estimate;
    args.preempt_every_ps = queue_.points.next();
    args.credits = queue_.credits;
    args.buffers = uses;
    Result<drv::ExecResult> submitted = co_await exec_again(ctx, *environment_.uapi, args);
    if (!submitted.ok()) co_return submitted.error();
    queue_.last = std::move(submitted.value().finished);
    flip_.request(queue_.last);
    co_return Errno::ok;
  }

  /// True: it has something new.
  bool latch(os::Context& ctx, Surface& surface) {
    if (surface.life == Surface::Life::gone) {
      for (const Frame& frame : surface.committed) drop(ctx, surface, frame);
      surface.committed.clear();
      return std::exchange(surface.current, std::nullopt).has_value();
    }
    std::size_t ready = surface.committed.size();
    if (screen_.is_explicit) {
      while (ready > 0 && !environment_.uapi->has_signalled(ctx, surface.committed[ready - 1].rendered)) --ready;
    }
    if (ready == 0) return false;
    for (; ready > 1; --ready) {
      drop(ctx, surface, surface.committed.front());
      surface.committed.pop_front();
    }
    if (surface.current) release(surface, surface.current->buffer, flip_.picture());
    surface.current = std::move(surface.committed.front());
    surface.committed.pop_front();
    surface.is_new = true;
    surface.waiters.wake_all(ctx);
    return true;
  }

  void drop(os::Context& ctx, Surface& surface, const Frame& frame) {
    ctx.emit(trace::frame_dropped{.client = surface.renderer, .frame = frame.number});
    release(surface, frame.buffer, {});
  }

  void release(Surface& surface, std::uint32_t buffer, const drv::SyncFile& reader) {
    surface.buffers[buffer].is_free = true;
    if (screen_.is_explicit) surface.buffers[buffer].released = reader;
  }

  void refresh(os::Context& ctx, std::uint64_t number, SimTime vblank) {
    const bool is_new = flip_.is_ready(vblank - spec_.flip);
    if (is_new) flip_.done();
    for (Surface& surface : screen_.surfaces) {
      if (is_new && surface.is_new && surface.current) {
        surface.is_new = false;
        surface.shown = surface.current->number;
        ctx.emit(trace::frame_shown{
            .client = surface.renderer, .frame = surface.shown, .latency = vblank - surface.current->submitted});
      } else if (surface.life == Surface::Life::open && surface.shown != 0) {
        ctx.emit(trace::frame_repeated{.client = surface.renderer, .frame = surface.shown});
      }
    }
    const std::uint64_t result = is_new ? 1 : flip_.is_pending() ? 2 : 0;
    ctx.emit(trace::vblank{.client = environment_.id, .number = number, .result = result});
  }

  const CompositorSpec& spec_;
  const ClientEnvironment& environment_;
  Screen& screen_;
  Prng random_;
  ClientQueue queue_;
  Flip flip_;
};

}  // namespace

os::Task<ClientEnd> run_compositor(os::Context& ctx, const CompositorSpec& spec, const ClientEnvironment& environment) {
  Compositor compositor{ctx, spec, environment};
  co_return co_await compositor.run(ctx);
}

}  // namespace gpusim::workload
