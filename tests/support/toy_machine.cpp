// SPDX-License-Identifier: MIT
#include "tests/support/toy_machine.h"

#include <algorithm>
#include <bit>

namespace gpusim::test {

using namespace trace;

namespace {

constexpr std::uint32_t kVector = 0;

}  // namespace

void ToyMachine::run() {
  signalled_.resize(spec_.queues + 1);
  engines_.resize(spec_.engines);
  for (std::uint32_t number = 1; number <= spec_.queues; ++number) {
    queues_.push_back({.number = number});
    const std::uint64_t all = (std::uint64_t{1} << spec_.engines) - 1;
    const std::uint64_t mask = chance(50) ? all : std::uint64_t{1} << prng_.uniform(0, spec_.engines - 1);
    on(queues_.back()).put(queue_create{.engine_mask = mask});
  }
  const auto open = [&] {
    return std::any_of(queues_.begin(), queues_.end(), [](const Queue& queue) { return !queue.jobs.empty(); });
  };
  while (next_job_ <= spec_.jobs || open() || !returning_.empty()) {
    pass_time();
    Queue& queue = any_queue();
    const auto engine = static_cast<std::uint32_t>(prng_.uniform(0, spec_.engines - 1));
    switch (prng_.uniform(0, 11)) {
      case 0:
        exec();
        break;
      case 1:
        schedule(queue);
        break;
      case 2:
        doorbell(queue);
        break;
      case 3:
        firmware(queue);
        break;
      case 4:
        move_slot(queue);
        break;
      case 5:
        fence_visible(queue);
        break;
      case 6:
        handle_interrupt();
        break;
      case 7:
        if (chance(3)) reset(engine);
        break;
      case 8:  // an unstarted head is cancelled
        if (chance(5) && !queue.jobs.empty() && queue.jobs.front().step == Step::queued) signal(queue, Errno::canceled);
        break;
      case 9:
        if (returning_.empty()) break;
        script_.on_queue(returning_.front().first).put(dma_fence_wait_end{.job = returning_.front().second});
        returning_.erase(returning_.begin());
        break;
      default:
        engine_step(engine);
        break;
    }
  }
}

void ToyMachine::pass_time() {
  if (chance(80)) script_.at_ns(to_ps(script_.now()) / 1'000 + static_cast<std::int64_t>(prng_.uniform(0, 9)));
}

ToyMachine::Job* ToyMachine::first_in(Queue& queue, Step step) {
  for (Job& job : queue.jobs) {
    if (job.step == step) return &job;
  }
  return nullptr;
}

bool ToyMachine::signalled(std::uint64_t context, std::uint64_t seqno) const {
  return context == 0 || seqno <= signalled_[context];
}

void ToyMachine::exec() {
  if (next_job_ > spec_.jobs) return;
  Queue& queue = any_queue();
  Job job{.id = JobId{next_job_++}, .credits = prng_.uniform(1, 2)};
  job.work = prng_.uniform(0, 40) * 1'000;
  job.work_left = job.work;
  on(queue).put(
      exec_begin{.job = job.id, .client = ClientId{queue.number % 2}, .credits = job.credits, .work_ps = job.work});
  pass_time();
  if (chance(5)) {
    script_.put(exec_end{.job = job.id, .error = Errno::nomem});
    return;
  }
  if (chance(30)) {
    script_.put(exec_lock_wait{.job = job.id});
    pass_time();
    script_.put(exec_lock_acquired{.job = job.id});
  }
  job.seqno = queue.next_seqno++;
  const Queue& other = any_queue();
  script_.put(dma_fence_init{.job = job.id, .context = queue.number, .seqno = job.seqno});
  if (chance(40) && other.number != queue.number && other.next_seqno > 1) {
    job.dependency_context = other.number;
    job.dependency_seqno = other.next_seqno - 1;
    script_.put(drm_sched_job_add_dep{.job = job.id,
                                      .dependency_context = job.dependency_context,
                                      .dependency_seqno = job.dependency_seqno,
                                      .context = queue.number,
                                      .seqno = job.seqno});
  }
  script_.put(drm_sched_job_queue{.job = job.id, .context = queue.number, .seqno = job.seqno});
  script_.put(exec_end{.job = job.id});
  job.waiters = static_cast<std::uint32_t>(prng_.uniform(0, 2));
  for (std::uint32_t i = 0; i < job.waiters; ++i) script_.put(dma_fence_wait_start{.job = job.id});
  queue.jobs.push_back(job);
}

/// The submit worker looks at the queue's head.
void ToyMachine::schedule(Queue& queue) {
  Job* head = first_in(queue, Step::queued);
  if (head == nullptr || queue.waits_for_dependency || queue.waits_for_credits) return;
  on(queue);
  if (!signalled(head->dependency_context, head->dependency_seqno)) {
    script_.put(drm_sched_job_unschedulable{
        .job = head->id, .dependency_context = head->dependency_context, .dependency_seqno = head->dependency_seqno});
    queue.waits_for_dependency = true;
  } else if (queue.credits_in_flight + head->credits > spec_.credit_limit) {
    script_.put(credit_blocked{
        .job = head->id, .credits = head->credits, .in_flight = queue.credits_in_flight, .limit = spec_.credit_limit});
    queue.waits_for_credits = true;
  } else {
    queue.credits_in_flight += head->credits;
    run_job(queue, *head, false);
  }
}

void ToyMachine::run_job(Queue& queue, Job& job, bool again) {
  on(queue).put(drm_sched_job_run{
      .job = job.id, .context = queue.number, .seqno = job.seqno, .in_flight = queue.credits_in_flight});
  pass_time();
  if (!again && chance(20)) {
    script_.put(ring_full{.job = job.id});
    pass_time();
    script_.put(ring_space{.job = job.id});
  }
  job.index = queue.next_index++;
  job.step = Step::written;
  job.started = false;
  job.work_left = job.work;
  script_.put(ring_write{.job = job.id, .index = job.index, .free = 0, .capacity = 2 * spec_.credit_limit});
}

void ToyMachine::doorbell(Queue& queue) {
  on(queue);
  if (chance(50) && !queue.doorbells.empty()) {
    script_.put(doorbell_arrive{.write_index = queue.doorbells.front()});
    queue.doorbells.pop_front();
    return;
  }
  Job* last = nullptr;
  for (Job& job : queue.jobs) {
    if (job.step == Step::written) last = &job;
  }
  if (last == nullptr || queue.rung == queue.next_index) return;
  queue.rung = queue.next_index;
  script_.put(doorbell_write{.job = last->id, .write_index = queue.rung});
  queue.doorbells.push_back(queue.rung);
}

/// It reads the write index from memory, where it may be ahead of the doorbell.
void ToyMachine::firmware(Queue& queue) {
  if (queue.next_index == 0) return;
  on(queue).put(queue_ready{.write_index = queue.next_index, .resident = !spec_.slots || queue.slot >= 0});
}

void ToyMachine::move_slot(Queue& queue) {
  if (!spec_.slots) return;
  on(queue);
  if (queue.slot < 0 && slots_free_ != 0) {
    queue.slot = std::countr_zero(slots_free_);
    slots_free_ &= ~(std::uint64_t{1} << queue.slot);
    script_.put(slot_grant{.slot = static_cast<std::uint32_t>(queue.slot)});
  } else if (queue.slot >= 0 && queue.engine < 0) {
    slots_free_ |= std::uint64_t{1} << queue.slot;
    script_.put(slot_evict{.slot = static_cast<std::uint32_t>(queue.slot)});
    queue.slot = -1;
  }
}

void ToyMachine::engine_step(std::uint32_t number) {
  Engine& engine = engines_[number];
  if (engine.queue < 0) {
    Queue& queue = any_queue();
    if (queue.engine >= 0 || (spec_.slots && queue.slot < 0)) return;
    engine.queue = static_cast<int>(queue.number) - 1;
    queue.engine = static_cast<int>(number);
    on(queue).put(engine_assign{.engine = number});
    engine.restoring = chance(50);
    if (engine.restoring) script_.put(context_restore_begin{.engine = number});
    return;
  }
  Queue& queue = queues_[static_cast<std::size_t>(engine.queue)];
  on(queue);
  if (engine.restoring) {
    engine.restoring = false;
    script_.put(context_restore_end{.engine = number});
    return;
  }
  if (engine.job == JobId{}) {
    Job* job = first_in(queue, Step::preempted);
    const bool resumes = job != nullptr;
    if (!resumes) job = first_in(queue, Step::written);
    if (job == nullptr || engine.saving || chance(20)) {
      if (engine.saving) script_.put(context_save_end{.engine = number});
      engine.saving = !engine.saving && chance(50);
      if (engine.saving) {
        script_.put(context_save_begin{.engine = number});
        return;
      }
      script_.put(engine_release{.engine = number});
      engine.queue = -1;
      queue.engine = -1;
      return;
    }
    if (resumes) {
      script_.put(job_resumed{.engine = number, .job = job->id, .done = done(*job)});
    } else {
      script_.put(fetch_begin{.engine = number, .job = job->id, .index = job->index});
      pass_time();
      script_.put(job_start{.engine = number, .job = job->id, .work_ps = job->work});
    }
    job->step = Step::fetched;
    job->since = script_.now();
    engine.job = job->id;
    return;
  }
  Job& job = *first_in(queue, Step::fetched);
  const auto ran = static_cast<std::uint64_t>((script_.now() - job.since).count());
  if (ran >= job.work_left || chance(70)) {
    // Time may have passed its end already: then it has just that much more work to do.
    script_.at_ns(to_ps(std::max(script_.now(), job.since + ps(static_cast<std::int64_t>(job.work_left)))) / 1'000);
    if (ran > job.work_left) return reset(number);
    script_.put(job_end{.engine = number, .job = job.id});
    job.step = Step::ended;
  } else {
    job.work_left -= ran;
    script_.put(job_preempted{.engine = number, .job = job.id, .done = done(job)});
    job.step = Step::preempted;
  }
  engine.job = JobId{};
}

/// The engine is taken away in the middle of anything; what was in the ring is run again, in order.
void ToyMachine::reset(std::uint32_t number) {
  Engine& engine = engines_[number];
  if (engine.queue < 0) return;
  Queue& queue = queues_[static_cast<std::size_t>(engine.queue)];
  on(queue).put(engine_release{.engine = number});
  engine = {};
  queue.engine = -1;
  pass_time();
  for (Job& job : queue.jobs) {
    if (job.step == Step::written || job.step == Step::fetched || job.step == Step::preempted)
      run_job(queue, job, true);
  }
}

void ToyMachine::fence_visible(Queue& queue) {
  Job* job = first_in(queue, Step::ended);
  if (job == nullptr) return;
  job->step = Step::visible;
  on(queue).put(trace::fence_visible{.vector = kVector,
                                     .job = job->id,
                                     .address = std::uint64_t{queue.number} * 64,
                                     .value = job->seqno,
                                     .completion = true});
}

void ToyMachine::handle_interrupt() {
  handler_runs_ = !handler_runs_;
  if (!handler_runs_) {
    script_.put(irq_handler_exit{.vector = kVector});
    return;
  }
  script_.put(irq_handler_entry{.vector = kVector});
  for (Queue& queue : queues_) {
    while (!queue.jobs.empty() && queue.jobs.front().step == Step::visible) {
      pass_time();
      signal(queue, Errno::ok);
    }
  }
}

/// The first job's finished fence signals; what it held comes back.
void ToyMachine::signal(Queue& queue, Errno error) {
  const Job job = queue.jobs.front();
  const bool ran = job.step != Step::queued;
  queue.jobs.pop_front();
  on(queue);
  if (!ran) {
    queue.waits_for_dependency = false;
    queue.waits_for_credits = false;
  }
  if (ran) {
    queue.credits_in_flight -= job.credits;
    const Job* head = first_in(queue, Step::queued);
    const bool frees = queue.waits_for_credits && queue.credits_in_flight + head->credits <= spec_.credit_limit;
    if (frees) queue.waits_for_credits = false;
    script_.put(credit_returned{
        .job = job.id, .credits = job.credits, .in_flight = queue.credits_in_flight, .head_free = frees});
  }
  script_.put(dma_fence_signaled{.job = job.id, .context = queue.number, .seqno = job.seqno, .error = error});
  signalled_[queue.number] = job.seqno;
  for (std::uint32_t i = 0; i < job.waiters; ++i) returning_.emplace_back(queue.number, job.id);
  wake_dependents();
}

void ToyMachine::wake_dependents() {
  for (Queue& queue : queues_) {
    const Job* head = first_in(queue, Step::queued);
    if (!queue.waits_for_dependency || !signalled(head->dependency_context, head->dependency_seqno)) continue;
    queue.waits_for_dependency = false;
    on(queue).put(dependency_ready{
        .job = head->id, .dependency_context = head->dependency_context, .dependency_seqno = head->dependency_seqno});
  }
}

}  // namespace gpusim::test
