// SPDX-License-Identifier: MIT
#include "sim/workload/renderer_client.h"

#include <span>
#include <utility>

#include "sim/workload/client_queue.h"
#include "sim/workload/process.h"
#include "sim/workload/surface.h"

namespace gpusim::workload {

namespace {

/// A killed renderer leaves no word: its frames are gone, and the connection with them.
class Connection {
 public:
  explicit Connection(Surface& surface) : surface_{surface} {}
  ~Connection() {
    if (surface_.life == Surface::Life::open) surface_.life = Surface::Life::gone;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  void end() { surface_.life = Surface::Life::ended; }

 private:
  Surface& surface_;
};

class Renderer {
 public:
  Renderer(const RendererSpec& spec, const ClientEnvironment& environment)
      : spec_{spec},
        environment_{environment},
        screen_{*environment.screen},
        surface_{*environment.surface},
        random_{random_stream(environment, "work")},
        pauses_{random_stream(environment, "wait")} {}

  [[nodiscard]] os::Task<ClientEnd> run(os::Context& ctx) {
    Connection connection{surface_};
    Errno error = co_await open_queue(ctx, environment_, "frames", engine_mask(*environment_.device, spec_.placement),
                                      spec_.priority, queue_);
    std::uint64_t frame = 0;
    while (error == Errno::ok && !screen_.is_closed && (spec_.frames == 0 || frame < spec_.frames)) {
      if (spec_.wait.max.count() > 0) {
        co_await ctx.step();
        co_await sleep(ctx, environment_, ctx.now() + draw(spec_.wait, pauses_));
      }
      std::uint32_t buffer = 0;
      co_await until(ctx, "a free buffer of its surface", [&] { return surface_.free_buffer(buffer) != nullptr; });
      if (screen_.is_closed) break;
      Frame next{frame + 1, buffer, {}, ctx.now()};
      error = co_await render(ctx, next);
      if (error != Errno::ok) break;
      if (spec_.vsync) {
        co_await until(ctx, "its compositor's frame callback", [&] { return surface_.committed.empty(); });
        if (screen_.is_closed) break;
      }
      ++frame;
      ctx.emit(trace::frame_commit{
          .client = environment_.id, .buffer = next.buffer, .frame = next.number, .compositor = screen_.compositor});
      surface_.committed.push_back(std::move(next));
    }
    co_await finish_queues(ctx, *environment_.uapi, std::span{&queue_, 1});
    connection.end();
    co_return ClientEnd{error, spec_.frames > frame ? spec_.frames - frame : 0};
  }

 private:
  template <class Condition>
  [[nodiscard]] os::Task<> until(os::Context& ctx, const char* what, Condition holds) {
    const os::Thread& thread = os::thread_of(ctx, what);
    co_await surface_.waiters.wait(ctx, {os::BlockedOn::Kind::other, what, 0, 0, true},
                                   [&] { return screen_.is_closed || thread.is_killed() || holds(); });
    if (environment_.process != nullptr) co_await environment_.process->boundary();
  }

  [[nodiscard]] os::Task<Errno> render(os::Context& ctx, Frame& frame) {
    Surface::Buffer& buffer = surface_.buffers[frame.buffer];
    if (!buffer.id) buffer.id = environment_.uapi->create_buffer(ctx);
    const drv::BufferUse use{*buffer.id, screen_.is_explicit ? sched::Usage::bookkeep : sched::Usage::write};
    const drv::SyncFile released = std::exchange(buffer.released, {});
    drv::ExecArgs args;
    args.queue = queue_.id;
    args.work_ps = static_cast<std::uint64_t>(draw(spec_.work, random_).count());
    args.work_is_estimate = spec_.work.is_estimate;
    args.preempt_every_ps = queue_.points.next();
    args.credits = queue_.credits;
    args.in_fences = std::span{&released, released ? 1U : 0U};
    args.buffers = std::span{&use, 1};
    Result<drv::ExecResult> submitted = co_await exec_again(ctx, *environment_.uapi, args);
    if (!submitted.ok()) co_return submitted.error();
    buffer.is_free = false;
    frame.rendered = queue_.last = std::move(submitted.value().finished);
    co_return Errno::ok;
  }

  const RendererSpec& spec_;
  const ClientEnvironment& environment_;
  Screen& screen_;
  Surface& surface_;
  Prng random_;
  Prng pauses_;
  ClientQueue queue_;
};

}  // namespace

os::Task<ClientEnd> run_renderer(os::Context& ctx, const RendererSpec& spec, const ClientEnvironment& environment) {
  Renderer renderer{spec, environment};
  co_return co_await renderer.run(ctx);
}

}  // namespace gpusim::workload
