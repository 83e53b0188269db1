// SPDX-License-Identifier: MIT
#include "traces/inspect/run_index.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

RunIndex::RunIndex(const Recording& recording) : names_{recording.names} {
  for (const Event& event : recording.events) dispatch(*this, event);
}

void RunIndex::on(const exec_begin& event) {
  grown(jobs_, event.job) = {.id = event.job,
                             .queue = event.queue,
                             .client = event.client,
                             .of_queue = ++grown(of_queue_, event.queue),
                             .of_client = ++grown(of_client_, event.client),
                             .begin = event.time,
                             .credits = event.credits,
                             .work_ps = event.work_ps};
}

void RunIndex::on(const drm_sched_job_queue& event) {
  FenceFacts& fence = fences_[{event.context, event.seqno}];
  fence.job = event.job;
  fence.queue = event.queue;
  fence.is_finished = true;
}

void RunIndex::on(const dma_fence_init& event) {
  FenceFacts& fence = fences_[{event.context, event.seqno}];
  fence.job = event.job;
  fence.queue = event.queue;
  fence.is_finished = event.job.value() != 0;
}

void RunIndex::on(const dma_fence_signaled& event) {
  FenceFacts& fence = fences_[{event.context, event.seqno}];
  if (!fence.signalled) fence.signalled = event.time;
}

void RunIndex::on(const gang_submit& event) {
  FenceFacts& fence = fences_[{event.context, event.seqno}];
  fence.job = event.job;
  fence.queue = event.queue;
}

void RunIndex::on(const syncobj_point& event) {
  FenceFacts& fence = fences_[{event.context, event.seqno}];
  fence.syncobj = event.syncobj;
  fence.contained = {event.fence_context, event.fence_seqno};
}

const JobFacts* RunIndex::job(JobId id) const {
  if (id.value() >= jobs_.size() || jobs_[id.value()].id.value() == 0) return nullptr;
  return &jobs_[id.value()];
}

std::uint64_t RunIndex::jobs_of(ClientId client) const {
  return client.value() < of_client_.size() ? of_client_[client.value()] : 0;
}

std::optional<JobId> RunIndex::nth_job(ClientId client, std::uint64_t n) const {
  for (const JobFacts& job : jobs_) {
    if (job.id.value() != 0 && job.client == client && job.of_client == n) return job.id;
  }
  return std::nullopt;
}

const FenceFacts* RunIndex::fence(const FenceName& name) const {
  const auto found = fences_.find(name);
  return found == fences_.end() ? nullptr : &found->second;
}

const std::string& RunIndex::queue_name(QueueId queue) const {
  static const std::string kUnknown = "?";
  return queue.value() < names_.queues.size() ? names_.queues[queue.value()].name : kUnknown;
}

std::uint32_t RunIndex::client_of(QueueId queue) const {
  return queue.value() < names_.queues.size() ? names_.queues[queue.value()].client : ~std::uint32_t{0};
}

std::string RunIndex::text(JobId id) const {
  const JobFacts* facts = job(id);
  return facts == nullptr ? fmt::format("job {}", id.value())
                          : fmt::format("job {} of {}", id.value(), client_name(facts->client));
}

std::string RunIndex::text(const FenceName& name) const {
  std::string result = fmt::format("fence {}:{}", name.first, name.second);
  const FenceFacts* facts = fence(name);
  if (facts == nullptr) return result;
  if (facts->syncobj) return result + fmt::format(" (point {} of syncobj {})", name.second, *facts->syncobj);
  if (facts->job.value() != 0) return result + " (" + text(facts->job) + ")";
  if (facts->queue.value() != 0) return result + " (ring of " + queue_name(facts->queue) + ")";
  return result;
}

}  // namespace gpusim::trace
