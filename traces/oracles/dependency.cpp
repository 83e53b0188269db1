// SPDX-License-Identifier: MIT
#include "traces/oracles/dependency.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void Dependency::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void Dependency::on_queue_domain(QueueId queue, std::uint32_t domain) { grown(domains_, queue) = domain; }

void Dependency::on(const dma_fence_init& event) {
  if (event.job == JobId{}) return;
  contexts_.find_or_insert(event.context + 1).queue = event.queue;
  jobs_.find_or_insert(event.job).finished = {event.context, event.seqno};
}

void Dependency::on(const drm_sched_job_add_dep& event) {
  jobs_.find_or_insert(event.job).dependencies.push_back({event.dependency_context, event.dependency_seqno});
}

void Dependency::on(const user_dependency& event) {
  jobs_.find_or_insert(event.job).dependencies.push_back({event.dependency_context, event.dependency_seqno});
}

void Dependency::on(const native_dependency& event) {
  jobs_.find_or_insert(event.job).native.push_back({event.dependency_context, event.dependency_seqno});
}

void Dependency::on(const fence_visible& event) {
  const Job* job = jobs_.find(event.job);
  if (job == nullptr || !event.completion) return;
  Context& context = contexts_.find_or_insert(job->finished.context + 1);
  context.visible = std::max(context.visible, job->finished.seqno);
}

void Dependency::on(const fence_forced& event) {
  if (forced_.size() <= event.queue.value()) forced_.resize(event.queue.value() + std::size_t{1});
  forced_[event.queue.value()] = true;
}

void Dependency::on(const syncobj_point& event) {
  Context& chain = contexts_.find_or_insert(event.context + 1);
  chain.is_chain = true;
  (void)is_reached(chain, 0);
  chain.points.push_back({event.seqno, {event.fence_context, event.fence_seqno}});
}

bool Dependency::has_signalled(const Fence& fence) {
  const Context* context = contexts_.find(fence.context + 1);
  return context != nullptr && fence.seqno <= context->signalled;
}

bool Dependency::is_reached(Context& chain, std::uint64_t seqno) {
  const auto open = std::find_if(chain.points.begin(), chain.points.end(),
                                 [&](const Point& point) { return !has_signalled(point.contained); });
  chain.points.erase(chain.points.begin(), open);
  return chain.points.empty() || chain.points.front().seqno > seqno;
}

void Dependency::on(const exec_end& event) {
  if (event.error != Errno::ok) jobs_.erase(event.job);
}

void Dependency::on(const drm_sched_job_run& event) {
  const Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  Context& context = contexts_.find_or_insert(job->finished.context + 1);
  count_losses(context);
  context.run = std::max(context.run, job->finished.seqno);
}

void Dependency::on(const ring_write& event) {
  const std::uint32_t domain = domain_of(event.queue);
  if (domain == 0 || domain >= losses_.size() || losses_[domain] == 0) return;
  const Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  // It was not lost: what was excused by that began too early.
  for (const Excuse& excuse : excuses_) {
    if (excuse.lost == job->finished) fail_before(excuse.queue, excuse.job, excuse.lost, event.time, Step::start);
  }
  written_again_.push_back(job->finished);
}

void Dependency::on(const queue_deregistered& event) {
  const std::uint32_t domain = domain_of(event.queue);
  if (domain == 0) return;
  ++grown(losses_, domain);
  std::erase_if(written_again_, [&](const Fence& fence) {
    const Context* context = contexts_.find(fence.context + 1);
    return context != nullptr && domain_of(context->queue) == domain;
  });
}

void Dependency::count_losses(Context& context) {
  const std::uint32_t domain = domain_of(context.queue);
  const std::uint32_t losses = domain < losses_.size() ? losses_[domain] : 0;
  if (context.losses != losses) context.run_before_loss = context.run;
  context.losses = losses;
}

bool Dependency::is_lost(Context& context, const Fence& fence) {
  count_losses(context);
  return fence.seqno <= context.run_before_loss &&
         std::find(written_again_.begin(), written_again_.end(), fence) == written_again_.end();
}

void Dependency::on(const job_start& event) {
  check(event.queue, event.job, event.time, Step::start);
  check_native(event.queue, event.job, event.time);
}

void Dependency::check_native(QueueId queue, JobId id, SimTime now) {
  const Job* job = jobs_.find(id);
  if (job == nullptr) return;
  for (const Fence& fence : job->native) {
    const Context* context = contexts_.find(fence.context + 1);
    const std::uint32_t other = context == nullptr ? 0 : context->queue.value();
    if (context != nullptr && fence.seqno <= std::max(context->signalled, context->visible)) continue;
    if (other < forced_.size() && forced_[other]) continue;
    fail(now, fmt::format("{} of {} began to execute before the fence value of {} of {}, for which it waits in its "
                          "ring, was in memory",
                          job_text(id), queue_text(queue), fence_text(fence.context, fence.seqno),
                          queue_text(QueueId{other})));
  }
}

void Dependency::on(const job_end& event) {
  const Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  Context& context = contexts_.find_or_insert(job->finished.context + 1);
  context.ended = std::max(context.ended, job->finished.seqno);
}

void Dependency::on(const dma_fence_signaled& event) {
  if (event.error != Errno::ok && !early_kills_) check(event.queue, event.job, event.time, Step::failure);
  Context& context = contexts_.find_or_insert(event.context + 1);
  context.signalled = std::max(context.signalled, event.seqno);
  const Fence signalled{event.context, event.seqno};
  if (!written_again_.empty()) std::erase(written_again_, signalled);
  if (!excuses_.empty()) std::erase_if(excuses_, [&](const Excuse& excuse) { return excuse.lost == signalled; });
  jobs_.erase(event.job);
}

void Dependency::check(QueueId queue, JobId id, SimTime now, Step step) {
  const Job* job = jobs_.find(id);
  if (job == nullptr) return;
  for (const Fence& fence : job->dependencies) {
    Context* context = contexts_.find(fence.context + 1);
    if (context != nullptr && context->is_chain) {
      if (is_reached(*context, fence.seqno)) continue;
    } else if (context != nullptr) {
      if (fence.seqno <= context->signalled) continue;
      const bool work_suffices = context->queue != QueueId{} && (device_waits_ || same_domain(context->queue, queue));
      // The driver may refuse a job of a shared ring whose dependencies are only ahead of it there.
      if (work_suffices && fence.seqno <= (step == Step::start ? context->ended : context->run)) continue;
      if (work_suffices && step == Step::start && is_lost(*context, fence)) {
        excuses_.push_back({fence, queue, id});
        continue;
      }
    }
    fail_before(queue, id, fence, now, step);
  }
}

void Dependency::fail_before(QueueId queue, JobId id, const Fence& fence, SimTime now, Step step) {
  std::string text = fmt::format("{} of {} {} before {}", job_text(id), queue_text(queue),
                                 step == Step::start ? "began to execute" : "ended unsuccessfully",
                                 fence_text(fence.context, fence.seqno));
  const Context* context = contexts_.find(fence.context + 1);
  if (context != nullptr && context->queue != QueueId{}) text += " of " + queue_text(context->queue);
  fail(now, fmt::format("{}, on which it depends, had signalled", text));
}

std::uint32_t Dependency::domain_of(QueueId queue) const {
  return queue.value() < domains_.size() ? domains_[queue.value()] : 0;
}

bool Dependency::same_domain(QueueId a, QueueId b) const {
  if (a == b) return true;
  return domain_of(a) != 0 && domain_of(a) == domain_of(b);
}

}  // namespace gpusim::trace
