// SPDX-License-Identifier: MIT
#include "tests/support/toy_machine.h"

#include <algorithm>
#include <bit>

namespace gpusim::test {

using trace::Event;

namespace {

using K = trace::EventKind;

constexpr std::uint32_t kVector = 0;

}  // namespace

void ToyMachine::run() {
  signalled_.resize(spec_.queues + 1);
  engines_.resize(spec_.engines);
  for (std::uint32_t number = 1; number <= spec_.queues; ++number) {
    queues_.push_back({.number = number});
    const std::uint64_t all = (std::uint64_t{1} << spec_.engines) - 1;
    const std::uint64_t mask = chance(50) ? all : std::uint64_t{1} << prng_.uniform(0, spec_.engines - 1);
    on(queues_.back()).put(K::queue_create, 0, 0, mask);
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
        if (chance(5) && !queue.jobs.empty() && queue.jobs.front().step == Step::queued) signal(queue, 125);
        break;
      case 9:
        if (returning_.empty()) break;
        script_.on_queue(returning_.front().first).put(K::dma_fence_wait_end, returning_.front().second);
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
  Job job{.id = next_job_++, .credits = prng_.uniform(1, 2)};
  job.work = prng_.uniform(0, 40) * 1'000;
  job.work_left = job.work;
  on(queue).put(K::exec_begin, job.id, queue.number % 2, job.credits, job.work);
  pass_time();
  if (chance(5)) {
    script_.put(K::exec_end, job.id, 0, 12);
    return;
  }
  if (chance(30)) {
    script_.put(K::exec_lock_wait, job.id);
    pass_time();
    script_.put(K::exec_lock_acquired, job.id);
  }
  job.seqno = queue.next_seqno++;
  const Queue& other = any_queue();
  script_.put(K::dma_fence_init, job.id, queue.number, job.seqno);
  if (chance(40) && other.number != queue.number && other.next_seqno > 1) {
    job.dependency_context = other.number;
    job.dependency_seqno = other.next_seqno - 1;
    script_.put(K::drm_sched_job_add_dep, job.id, job.dependency_context, job.dependency_seqno,
                std::uint64_t{queue.number} << 32 | job.seqno);
  }
  script_.put(K::drm_sched_job_queue, job.id, queue.number, job.seqno);
  script_.put(K::exec_end, job.id);
  job.waiters = static_cast<std::uint32_t>(prng_.uniform(0, 2));
  for (std::uint32_t i = 0; i < job.waiters; ++i) script_.put(K::dma_fence_wait_start, job.id);
  queue.jobs.push_back(job);
}

/// The submit worker looks at the queue's head.
void ToyMachine::schedule(Queue& queue) {
  Job* head = first_in(queue, Step::queued);
  if (head == nullptr || queue.waits_for_dependency || queue.waits_for_credits) return;
  on(queue);
  if (!signalled(head->dependency_context, head->dependency_seqno)) {
    script_.put(K::drm_sched_job_unschedulable, head->id, head->dependency_context, head->dependency_seqno);
    queue.waits_for_dependency = true;
  } else if (queue.credits_in_flight + head->credits > spec_.credit_limit) {
    script_.put(K::credit_blocked, head->id, head->credits, queue.credits_in_flight, spec_.credit_limit);
    queue.waits_for_credits = true;
  } else {
    queue.credits_in_flight += head->credits;
    run_job(queue, *head, false);
  }
}

void ToyMachine::run_job(Queue& queue, Job& job, bool again) {
  on(queue).put(K::drm_sched_job_run, job.id, queue.number, job.seqno, queue.credits_in_flight);
  pass_time();
  if (!again && chance(20)) {
    script_.put(K::ring_full, job.id);
    pass_time();
    script_.put(K::ring_space, job.id);
  }
  job.index = queue.next_index++;
  job.step = Step::written;
  job.started = false;
  job.work_left = job.work;
  script_.put(K::ring_write, job.id, job.index, 0, 2 * spec_.credit_limit);
}

void ToyMachine::doorbell(Queue& queue) {
  on(queue);
  if (chance(50) && !queue.doorbells.empty()) {
    script_.put(K::doorbell_arrive, 0, queue.doorbells.front());
    queue.doorbells.pop_front();
    return;
  }
  Job* last = nullptr;
  for (Job& job : queue.jobs) {
    if (job.step == Step::written) last = &job;
  }
  if (last == nullptr || queue.rung == queue.next_index) return;
  queue.rung = queue.next_index;
  script_.put(K::doorbell_write, last->id, queue.rung);
  queue.doorbells.push_back(queue.rung);
}

/// It reads the write index from memory, where it may be ahead of the doorbell.
void ToyMachine::firmware(Queue& queue) {
  if (queue.next_index == 0) return;
  on(queue).put(K::queue_ready, 0, queue.next_index, spec_.slots && queue.slot < 0 ? 0 : 1);
}

void ToyMachine::move_slot(Queue& queue) {
  if (!spec_.slots) return;
  on(queue);
  if (queue.slot < 0 && slots_free_ != 0) {
    queue.slot = std::countr_zero(slots_free_);
    slots_free_ &= ~(std::uint64_t{1} << queue.slot);
    script_.put_on(static_cast<std::uint32_t>(queue.slot), K::slot_grant);
  } else if (queue.slot >= 0 && queue.engine < 0) {
    slots_free_ |= std::uint64_t{1} << queue.slot;
    script_.put_on(static_cast<std::uint32_t>(queue.slot), K::slot_evict);
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
    on(queue).put_on(number, K::engine_assign);
    engine.restoring = chance(50);
    if (engine.restoring) script_.put_on(number, K::context_restore_begin);
    return;
  }
  Queue& queue = queues_[static_cast<std::size_t>(engine.queue)];
  on(queue);
  if (engine.restoring) {
    engine.restoring = false;
    script_.put_on(number, K::context_restore_end);
    return;
  }
  if (engine.job == 0) {
    Job* job = first_in(queue, Step::preempted);
    const bool resumes = job != nullptr;
    if (!resumes) job = first_in(queue, Step::written);
    if (job == nullptr || engine.saving || chance(20)) {
      if (engine.saving) script_.put_on(number, K::context_save_end);
      engine.saving = !engine.saving && chance(50);
      if (engine.saving) {
        script_.put_on(number, K::context_save_begin);
        return;
      }
      script_.put_on(number, K::engine_release);
      engine.queue = -1;
      queue.engine = -1;
      return;
    }
    if (resumes) {
      script_.put_on(number, K::job_resumed, job->id, job->work - job->work_left);
    } else {
      script_.put_on(number, K::fetch_begin, job->id, job->index);
      pass_time();
      script_.put_on(number, K::job_start, job->id, job->work);
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
    script_.put_on(number, K::job_end, job.id);
    job.step = Step::ended;
  } else {
    job.work_left -= ran;
    script_.put_on(number, K::job_preempted, job.id, job.work - job.work_left);
    job.step = Step::preempted;
  }
  engine.job = 0;
}

/// The engine is taken away in the middle of anything; what was in the ring is run again, in order.
void ToyMachine::reset(std::uint32_t number) {
  Engine& engine = engines_[number];
  if (engine.queue < 0) return;
  Queue& queue = queues_[static_cast<std::size_t>(engine.queue)];
  on(queue).put_on(number, K::engine_release);
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
  on(queue).put_on(kVector, K::fence_visible, job->id, queue.number * 64, job->seqno, 1);
}

void ToyMachine::handle_interrupt() {
  handler_runs_ = !handler_runs_;
  script_.on_queue(0).put_on(kVector, handler_runs_ ? K::irq_handler_entry : K::irq_handler_exit);
  if (!handler_runs_) return;
  for (Queue& queue : queues_) {
    while (!queue.jobs.empty() && queue.jobs.front().step == Step::visible) {
      pass_time();
      signal(queue, 0);
    }
  }
}

/// The first job's finished fence signals; what it held comes back.
void ToyMachine::signal(Queue& queue, std::uint64_t error) {
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
    script_.put(K::credit_returned, job.id, job.credits, queue.credits_in_flight, frees ? 1 : 0);
  }
  script_.put(K::dma_fence_signaled, job.id, queue.number, job.seqno, error);
  signalled_[queue.number] = job.seqno;
  for (std::uint32_t i = 0; i < job.waiters; ++i) returning_.emplace_back(queue.number, job.id);
  wake_dependents();
}

void ToyMachine::wake_dependents() {
  for (Queue& queue : queues_) {
    const Job* head = first_in(queue, Step::queued);
    if (!queue.waits_for_dependency || !signalled(head->dependency_context, head->dependency_seqno)) continue;
    queue.waits_for_dependency = false;
    on(queue).put(K::dependency_ready, head->id, head->dependency_context, head->dependency_seqno);
  }
}

}  // namespace gpusim::test
