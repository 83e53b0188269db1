// SPDX-License-Identifier: MIT
#include "sim/hw/engine.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "base/invariant.h"
#include "sim/hw/context_limits.h"

namespace gpusim::hw {

namespace {

/// Longer than any run is as good as for ever, and leaves room for further sums.
std::uint64_t slowed(std::uint64_t work_ps, std::uint64_t factor) {
  std::uint64_t product = 0;
  const auto most = static_cast<std::uint64_t>(to_ps(kEndOfTime));
  return __builtin_mul_overflow(work_ps, factor, &product) ? most : std::min(product, most);
}

}  // namespace

Engine::Engine(sc_core::sc_module_name name, Timeline& timeline, trace::Recorder& recorder, CostLedger& ledger,
               const DeviceSpec& device, std::uint32_t index, fault::Injector& faults)
    : EngineModule{name, {timeline, recorder, ledger, device, index, faults}},
      timeline_{timeline},
      recorder_{recorder},
      ledger_{ledger},
      spec_{device.engines[static_cast<std::size_t>(device.descriptor.engines[index].engine_class)]},
      context_size_{kPicobytesPerByte * device.context_bytes},
      estimated_work_{device.estimated_work},
      keeps_contexts_{device.descriptor.policy == abi::RunPolicy::host_slots},
      has_quanta_{abi::has_quanta(device.descriptor.policy)},
      quantum_{static_cast<std::int64_t>(device.descriptor.quantum_ps)},
      charges_switch_{device.quantum_charges_switch},
      linger_{device.linger},
      doorbell_value_{device.doorbell.value},
      poll_latency_{device.link.dma_read_latency},
      faults_{faults},
      index_{index},
      component_{component()} {}

void Engine::tell_firmware(fw::Step event, bool begun) {
  EngineModule::tell_firmware(event, request_, read_index_, begun);
}

// --- orders of the firmware ------------------------------------------------------------------------------------------

void Engine::run(const fw::RunRequest& request) {
  if (assigned_ || state_ != State::idle)
    violate("engine_orders", fmt::format("{} got a queue while it has one", name()));
  request_ = request;
  read_index_ = request.read_index;
  assigned_ = true;
  preempt_asked_ = false;
  ContextImage& context = contexts()[request.queue];
  if (context.tag != request.tag) {
    context = {.tag = request.tag, .job = {}, .last_engine = fw::kNoEngine, .quantum = {}};
  }
  assigned_at_ = timeline_.now();
  const bool lingers = linger_.count() == 0 || assigned_at_ - released_at_ <= linger_;
  const bool is_still_there = loaded_queue_ == request.queue && context.last_engine == index_ && lingers;
  const bool loaded = keeps_contexts_ || is_still_there;
  context.last_engine = index_;
  if (!loaded) loaded_queue_ = fw::kNil;
  recorder_.emit(trace::engine_assign{.queue = queue_id(), .engine = index_, .loaded = loaded});
  state_ = State::restoring;
  if (loaded) return on_restored();
  recorder_.emit(trace::context_restore_begin{.queue = queue_id(), .engine = index_});
  switch_begin_ = timeline_.now();
  switch_ = timeline_.schedule<&Engine::move_context>(timeline_.now() + spec_.context_restore.value, Phase::engine,
                                                      component_, this);
}

/// The fixed part of a restore or save is over.
void Engine::move_context() {
  constexpr TransferPath kPath = TransferPath::of_context();
  if (context_size_ == 0 || !transfers().limits(kPath)) return on_transferred();
  transfers().begin(index_, kPath, context_size_);
}

void Engine::on_transferred() {
  if (state_ == State::restoring) return on_restored();
  if (state_ == State::saving) return on_saved();
  stop_transfer();
  if (!timeline_.is_pending(work_end_)) on_work_end();
}

void Engine::on_restored() {
  if (loaded_queue_ != request_.queue && !keeps_contexts_) {
    loaded_queue_ = request_.queue;
    ledger_.charge(spec_.context_restore);
    recorder_.emit(trace::context_restore_end{.queue = queue_id(), .engine = index_});
  }
  start_quantum(charges_switch_ ? assigned_at_ : timeline_.now());
  next_entry();
}

void Engine::extend(std::uint32_t write_index) {
  // A doorbell may have been faster.
  if (!abi::is_ahead(write_index, request_.write_index)) return;
  request_.write_index = write_index;
  if (assigned_ || state_ != State::idle) return;
  // The engine had reported empty while the firmware already knew of more entries.
  assigned_ = true;
  recorder_.emit(trace::engine_assign{.queue = queue_id(), .engine = index_, .loaded = true});
  start_quantum(timeline_.now());
  next_entry();
}

void Engine::preempt() {
  if (!assigned_) return;  // it went empty first: that report is the answer
  preempt_asked_ = true;
  if (state_ == State::executing) plan_preemption();
}

// --- doorbells -------------------------------------------------------------------------------------------------------

void Engine::ring(std::uint32_t value) {
  if (doorbell_value_ == DoorbellValue::write_index) {
    // Two halves in a register each: the lower one is still that of the doorbell before.
    const bool is_torn = faults_.tears_doorbell(request_.tag, index_);
    return take_entries(is_torn ? (value & 0xffff'0000) | (request_.write_index & 0xffff) : value);
  }
  if (timeline_.is_pending(index_read_)) return;  // that will see it
  index_read_ = timeline_.schedule<&Engine::on_index_read>(timeline_.now() + poll_latency_.value, Phase::engine,
                                                           component_, this);
}

void Engine::on_index_read() {
  constexpr std::uint64_t kWord = offsetof(abi::QueueContext, write_index);
  static_assert(kWord % sizeof(std::uint64_t) == 0 && offsetof(abi::QueueContext, flags) == kWord + 4);
  take_entries(static_cast<std::uint32_t>(read_word(request_.context_address + kWord)));
  if (state_ == State::idle) next_entry();
}

void Engine::take_entries(std::uint32_t write_index) {
  if (write_index - read_index_ > request_.ring_entries || !abi::is_ahead(write_index, request_.write_index)) return;
  request_.write_index = write_index;
  recorder_.emit(trace::queue_ready{.queue = queue_id(), .write_index = write_index, .resident = true});
}

std::uint64_t Engine::read_word(std::uint64_t address) {
  std::uint64_t word = 0;
  (void)memory().read(address, std::as_writable_bytes(std::span{&word, 1}));
  return word;
}

std::uint64_t Engine::read_image() { return read_word(request_.context_address + offsetof(abi::QueueContext, image)); }

void Engine::note_run_time(abi::ContextPlace place, bool begins) {
  EngineModule::note_run_time(request_, entry_, done_, place, begins);
}

Picoseconds Engine::read_quantum() {
  if (!has_quanta_) return Picoseconds{0};
  const std::uint64_t own = limits_of(memory(), request_.context_address).quantum_ps;
  return own == 0 ? quantum_ : Picoseconds{static_cast<std::int64_t>(own)};
}

/// What is over already ends now.
void Engine::start_quantum(SimTime from) {
  end_quantum();
  if (!assigned_) return;
  quantum_since_ = from;
  ContextImage& context = contexts()[request_.queue];
  if (!context.quantum || context.limits_change) context.quantum = read_quantum();
  if (context.quantum->count() == 0) return;
  const SimTime end = std::max(from + *context.quantum, timeline_.now());
  quantum_end_ = timeline_.schedule<&Engine::on_quantum>(end, Phase::timer, component_, this);
}

void Engine::end_quantum() {
  timeline_.cancel(quantum_end_);
  quantum_since_.reset();
}

/// Also of a quantum without an end so far.
void Engine::renew_limits(std::uint32_t queue) {
  contexts()[queue].limits_change = true;
  if (request_.queue == queue && quantum_since_) start_quantum(*quantum_since_);
}

void Engine::on_quantum() {
  quantum_since_.reset();
  if (preempt_asked_) return;
  tell_firmware(fw::Step::quantum);
}

// --- entries ---------------------------------------------------------------------------------------------------------

void Engine::next_entry() {
  std::optional<SavedJob>& saved = contexts()[request_.queue].job;
  if (saved && saved->image != read_image()) saved.reset();
  if (saved) {
    entry_ = saved->entry;
    done_ = saved->done;
    left_ = saved->left;
    fault_ = saved->fault;
    saved.reset();
    note_run_time(abi::kOnEngine);
    recorder_.emit(trace::job_resumed{.queue = queue_id(), .engine = index_, .job = JobId{entry_.job}, .done = done_});
    return execute();
  }
  if (read_index_ == request_.write_index) {
    if (timeline_.is_pending(index_read_)) return;
    return report_empty();
  }
  if (preempt_asked_) return begin_save();
  state_ = State::fetching;
  fetch_ = begin_fetch(request_, read_index_);
}

void Engine::on_fetched(std::span<const std::byte> bytes) {
  fetch_.reset();
  start(entry_of(request_, read_index_, bytes));
}

void Engine::start(const abi::RingEntry& entry) {
  entry_ = entry;
  done_ = Picoseconds{0};
  left_ = is_transfer() ? kPicobytesPerByte * entry_.operand : Picobytes{0};
  if (!is_endless()) entry_.work_ps = slowed(entry_.work_ps, faults_.slows(request_.tag, entry_.job, index_));
  hung_ = faults_.hangs(request_.tag, entry_.job, index_);
  fault_ = faults_.page_fault(request_.tag, entry_.job, index_);
  // Only a host that judges a timeout or resets the device reads these, much later, so their flight is not modelled.
  note_run_time(abi::kOnEngine, true);
  recorder_.emit(
      trace::job_start{.queue = queue_id(), .engine = index_, .job = JobId{entry_.job}, .work_ps = entry_.work_ps});
  if ((entry_.flags & abi::kEntryMarkStart) != 0) {
    post_value(request_.context_address + offsetof(abi::QueueContext, started), entry_.start_value, false);
    raise_interrupt();
  }
  execute();
}

void Engine::execute() {
  state_ = State::executing;
  piece_start_ = timeline_.now();
  if (hung_) {
    // This job will never end.
  } else if (!is_endless()) {
    // A transfer may have taken longer than the work already.
    const Picoseconds rest = std::max(Picoseconds{static_cast<std::int64_t>(entry_.work_ps)} - done_, Picoseconds{0});
    work_end_ = timeline_.schedule<&Engine::on_work_time_over>(timeline_.now() + rest, Phase::engine, component_, this);
    begin_transfer();
  } else {
    watch(entry_.operand);
    watching_ = true;
    on_stop_word(entry_.operand);
  }
  if (fault_) {
    const Picoseconds rest = std::max(*fault_ - done_, Picoseconds{0});
    page_fault_ = timeline_.schedule<&Engine::on_page_fault>(timeline_.now() + rest, Phase::engine, component_, this);
  }
  if (preempt_asked_) plan_preemption();
}

void Engine::on_stop_word(std::uint64_t address) {
  if (read_word(address) == 0) return;
  stop_watching();
  work_end_ =
      timeline_.schedule<&Engine::on_work_end>(timeline_.now() + poll_latency_.value, Phase::engine, component_, this);
}

void Engine::stop_watching() {
  if (watching_) unwatch(entry_.operand);
  watching_ = false;
}

/// The piece of work that is over now, or cut short. An endless or hung job takes as long as it is let.
void Engine::charge_work() {
  if (hung_ || is_endless()) return;
  const bool is_estimate = (entry_.flags & abi::kEntryEstimate) != 0;
  ledger_.charge(is_estimate ? estimated_work_ : std::uint16_t{0}, timeline_.now() - piece_start_);
}

// --- bytes -----------------------------------------------------------------------------------------------------------

void Engine::begin_transfer() {
  if (left_ == 0) return;
  const TransferPath path =
      TransferPath::between((entry_.flags & abi::kEntryFromHost) != 0, (entry_.flags & abi::kEntryToHost) != 0);
  if (!transfers().limits(path)) {
    left_ = 0;
    return;
  }
  recorder_.emit(trace::transfer_begin{.queue = queue_id(),
                                       .engine = index_,
                                       .job = JobId{entry_.job},
                                       .bytes = entry_.operand,
                                       .left = whole_bytes(left_)});
  transfers().begin(index_, path, left_);
  is_moving_ = true;
}

/// It is over, or cut short.
void Engine::stop_transfer() {
  if (!std::exchange(is_moving_, false)) return;
  left_ = transfers().stop(index_);
  recorder_.emit(trace::transfer_end{.queue = queue_id(),
                                     .engine = index_,
                                     .job = JobId{entry_.job},
                                     .bytes = entry_.operand,
                                     .left = whole_bytes(left_)});
}

void Engine::on_work_time_over() {
  if (!is_moving_) on_work_end();
}

// --- the end of an entry ---------------------------------------------------------------------------------------------

/// At its end at the latest it touches the page.
void Engine::on_work_end() {
  if (fault_) return on_page_fault();
  timeline_.cancel(arbitration_);
  charge_work();
  done_ = done_now();
  complete();
  // The context is switched out; a host that looks at a job whose interrupt was lost sees its time stand still.
  if (read_index_ == request_.write_index) note_run_time(abi::kInMemory);
  state_ = State::idle;
  next_entry();
}

void Engine::on_page_fault() {
  for (const Timeline::Handle pending : {work_end_, page_fault_, arbitration_}) timeline_.cancel(pending);
  end_quantum();
  stop_transfer();
  stop_watching();
  charge_work();
  done_ = done_now();
  state_ = State::faulted;
  recorder_.emit(trace::page_fault{.queue = queue_id(), .engine = index_, .job = JobId{entry_.job}, .done = done_});
  tell_firmware(fw::Step::page_fault, true);
}

void Engine::complete() {
  recorder_.emit(trace::job_end{.queue = queue_id(), .engine = index_, .job = JobId{entry_.job}});
  ++read_index_;
  post_value(request_.context_address + offsetof(abi::QueueContext, completed), entry_.fence_value, true);
  if ((entry_.flags & abi::kEntryInterrupt) != 0) raise_interrupt();
}

void Engine::post_value(std::uint64_t address, std::uint64_t value, bool completion) {
  post_fence(request_, entry_, address, value, completion);
}

void Engine::report_empty() {
  state_ = State::idle;
  assigned_ = false;
  preempt_asked_ = false;
  released_at_ = timeline_.now();
  end_quantum();
  recorder_.emit(trace::engine_release{.queue = queue_id(), .engine = index_});
  tell_firmware(fw::Step::engine_empty);
}

// --- preemption ------------------------------------------------------------------------------------------------------

void Engine::plan_preemption() {
  if (hung_ || timeline_.is_pending(arbitration_) || entry_.preempt_every_ps == abi::kPreemptNowhere) return;
  Picoseconds wait{0};
  if (entry_.preempt_every_ps != abi::kPreemptAnywhere) {
    const auto every = static_cast<std::int64_t>(entry_.preempt_every_ps);
    wait = Picoseconds{(every - done_now().count() % every) % every};
  }
  // Phase engine, after the end of work at the same moment (scheduled earlier): a job that is done is not saved.
  arbitration_ =
      timeline_.schedule<&Engine::on_arbitration_point>(timeline_.now() + wait, Phase::engine, component_, this);
}

void Engine::on_arbitration_point() {
  const bool was_moving = is_moving_;
  stop_transfer();
  timeline_.cancel(work_end_);
  timeline_.cancel(page_fault_);
  if (was_moving && left_ == 0 && done_now().count() >= static_cast<std::int64_t>(entry_.work_ps)) return on_work_end();
  stop_watching();
  charge_work();
  done_ = done_now();
  recorder_.emit(trace::job_preempted{.queue = queue_id(), .engine = index_, .job = JobId{entry_.job}, .done = done_});
  contexts()[request_.queue].job = SavedJob{entry_, done_, read_image(), left_, fault_};
  note_run_time(abi::kBeingSaved);
  begin_save();
}

void Engine::begin_save() {
  state_ = State::saving;
  end_quantum();
  if (keeps_contexts_) return leave();
  recorder_.emit(trace::context_save_begin{.queue = queue_id(), .engine = index_});
  switch_begin_ = timeline_.now();
  switch_ = timeline_.schedule<&Engine::move_context>(timeline_.now() + spec_.context_save.value, Phase::engine,
                                                      component_, this);
}

void Engine::on_saved() {
  ledger_.charge(spec_.context_save);
  recorder_.emit(trace::context_save_end{.queue = queue_id(), .engine = index_});
  leave();
}

/// Its context is saved, or stays on the device.
void Engine::leave() {
  timeline_.cancel(index_read_);
  if (contexts()[request_.queue].job) note_run_time(abi::kInMemory);
  state_ = State::idle;
  assigned_ = false;
  preempt_asked_ = false;
  recorder_.emit(trace::engine_release{.queue = queue_id(), .engine = index_, .work_left = true});
  tell_firmware(fw::Step::engine_saved, contexts()[request_.queue].job.has_value());
}

void Engine::kill_work(std::uint32_t word) {
  if (state_ != State::executing || hung_ || word != abi::kill_work(index_, entry_.fence_value)) return;
  recorder_.emit(trace::work_killed{.queue = queue_id(), .engine = index_, .job = JobId{entry_.job}});
  timeline_.cancel(work_end_);
  stop_transfer();
  stop_watching();
  fault_.reset();
  on_work_end();
}

// --- reset -----------------------------------------------------------------------------------------------------------

/// What a reset cuts short.
void Engine::charge_part() {
  if (state_ == State::executing) charge_work();
  if (state_ != State::restoring && state_ != State::saving) return;
  const Cost& cost = state_ == State::restoring ? spec_.context_restore : spec_.context_save;
  ledger_.charge(cost.parameter, std::min(timeline_.now() - switch_begin_, cost.value));
}

void Engine::lose_context() {
  std::optional<SavedJob>& saved = contexts()[request_.queue].job;
  if (state_ == State::executing) done_ = done_now();
  if (state_ == State::executing || state_ == State::faulted || saved) note_run_time(abi::kLost);
  saved.reset();
}

void Engine::reset(QueueId under) {
  charge_part();
  stop_transfer();
  (void)transfers().stop(index_);  // of a context
  for (const Timeline::Handle pending : {switch_, work_end_, page_fault_, arbitration_, index_read_}) {
    timeline_.cancel(pending);
  }
  end_quantum();
  stop_watching();
  if (fetch_) abort_fetch(*fetch_);
  fetch_.reset();
  if (assigned_) {
    const bool is_at_entry = state_ == State::executing || state_ == State::faulted;
    const JobId executed{is_at_entry ? entry_.job : 0};
    recorder_.emit(
        trace::engine_reset{.queue = queue_id(), .engine = index_, .job = executed, .with_device = under == QueueId{}});
    recorder_.emit(trace::engine_release{.queue = queue_id(), .engine = index_});
    // A context that is being restored is still whole in memory.
    if (state_ != State::restoring) lose_context();
    contexts()[request_.queue].last_engine = fw::kNoEngine;
  } else if (under != QueueId{}) {
    // It had given the queue up, and the firmware did not know yet: to the firmware the queue lost its engine.
    recorder_.emit(trace::engine_reset{.queue = under, .engine = index_});
  }
  state_ = State::idle;
  assigned_ = false;
  preempt_asked_ = false;
  hung_ = false;
  loaded_queue_ = fw::kNil;
}

}  // namespace gpusim::hw
