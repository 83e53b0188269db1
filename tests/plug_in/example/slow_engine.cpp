// SPDX-License-Identifier: MIT
// An engine that takes twice the time that an entry says. It has the contexts of all queues at hand, and gives a queue
// up between entries only; it has no quantum.
#include <optional>

#include "base/invariant.h"
#include "sim/hw/plug_in.h"

namespace {

using namespace gpusim;

class SlowEngine final : public hw::EngineModule {
 public:
  using EngineModule::EngineModule;

  bool is_at_work() const override { return timeline().is_pending(end_); }

  void reset(QueueId under) override {
    const JobId executed{is_at_work() ? entry_.job : 0};
    timeline().cancel(end_);
    if (fetch_) abort_fetch(*fetch_);
    fetch_.reset();
    const QueueId queue = has_queue_ ? queue_id() : under;
    if (queue != QueueId{}) {
      recorder().emit(
          trace::engine_reset{.queue = queue, .engine = index(), .job = executed, .with_device = under == QueueId{}});
    }
    if (has_queue_) recorder().emit(trace::engine_release{.queue = queue, .engine = index()});
    has_queue_ = false;
  }

 private:
  void run(const fw::RunRequest& request) override {
    request_ = request;
    next_ = request.read_index;
    begin();
  }
  void extend(std::uint32_t write_index) override {
    request_.write_index = write_index;
    if (!has_queue_) begin();  // its report that the queue is empty has crossed the order
  }
  void preempt() override { is_to_leave_ = true; }
  void kill_work(std::uint32_t word) override {
    if (!is_at_work() || word != abi::kill_work(index(), entry_.fence_value)) return;
    recorder().emit(trace::work_killed{.queue = queue_id(), .engine = index(), .job = JobId{entry_.job}});
    timeline().cancel(end_);
    on_end();
  }
  void on_watched_word(std::uint64_t /*address*/) override {}

  void begin() {
    has_queue_ = true;
    is_to_leave_ = false;
    recorder().emit(trace::engine_assign{.queue = queue_id(), .engine = index(), .loaded = true});
    go_on();
  }
  void go_on() {
    const bool is_empty = next_ == request_.write_index;
    if (!is_empty && !is_to_leave_) {
      fetch_ = begin_fetch(request_, next_);
      return;
    }
    has_queue_ = false;
    recorder().emit(trace::engine_release{.queue = queue_id(), .engine = index(), .work_left = !is_empty});
    tell_firmware(is_empty ? fw::Step::engine_empty : fw::Step::engine_saved, request_, next_);
  }
  void on_fetched(std::span<const std::byte> bytes) override {
    fetch_.reset();
    entry_ = entry_of(request_, next_, bytes);
    if (entry_.work_ps == abi::kEndless) violate("slow_engine", "an endless job, which this engine does not have");
    entry_.work_ps *= 2;
    note_run_time(request_, entry_, Picoseconds{0}, abi::kOnEngine, true);
    recorder().emit(
        trace::job_start{.queue = queue_id(), .engine = index(), .job = JobId{entry_.job}, .work_ps = entry_.work_ps});
    const Picoseconds work{static_cast<std::int64_t>(entry_.work_ps)};
    end_ = timeline().schedule<&SlowEngine::on_end>(timeline().now() + work, Phase::engine, component(), this);
  }
  void on_end() {
    recorder().emit(trace::job_end{.queue = queue_id(), .engine = index(), .job = JobId{entry_.job}});
    ++next_;
    const std::uint64_t fence = request_.context_address + offsetof(abi::QueueContext, completed);
    post_fence(request_, entry_, fence, entry_.fence_value, true);
    if ((entry_.flags & abi::kEntryInterrupt) != 0) raise_interrupt();
    go_on();
  }
  QueueId queue_id() const { return QueueId{request_.tag}; }

  fw::RunRequest request_{};
  abi::RingEntry entry_{};  // under way
  std::uint32_t next_ = 0;
  bool has_queue_ = false;
  bool is_to_leave_ = false;
  std::optional<std::uint32_t> fetch_;
  Timeline::Handle end_;
};

}  // namespace

GPUSIM_PLUG_IN("slow_engine", "1.0") { offers.engine<SlowEngine>("slow_engine"); }
