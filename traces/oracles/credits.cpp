// SPDX-License-Identifier: MIT
#include "traces/oracles/credits.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void Credits::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void Credits::on_queue_limit(QueueId queue, std::uint64_t limit, std::uint32_t domain, std::uint32_t rings) {
  if (domain != 0) {
    std::uint32_t& shared = grown(domain_accounts_, domain);
    if (shared == 0) {
      accounts_.push_back({.queue = queue});
      shared = static_cast<std::uint32_t>(accounts_.size());
    }
    grown(account_numbers_, queue) = shared;
  }
  account_of(queue).limit = limit;
  account_of(queue).rings = rings;
}

void Credits::on(const exec_begin& event) { jobs_.insert(event.job).wanted = event.credits; }

void Credits::on(const exec_end& event) {
  if (event.error != Errno::ok) jobs_.erase(event.job);  // it was never pushed
}

void Credits::on(const credit_blocked& event) {
  if (says_all_) account_of(event.queue).limit = event.limit;
}

/// A job that is run again after a reset still has its credits.
void Credits::on(const drm_sched_job_run& event) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  Account& account = account_of(event.queue);
  if (!job->ran) {
    job->ran = true;
    job->taken = account.limit == 0 ? job->wanted : std::min(job->wanted, account.limit);
    account.in_flight += job->taken;
  }
  check_says(event.queue, event.job, event.time, account, event.in_flight);
  if (account.limit != 0 && account.in_flight > account.limit * account.rings) {
    fail(event.time, fmt::format("{} ran and put {} credits of {} in flight; the limit is {}", job_text(event.job),
                                 account.in_flight, queue_text(event.queue), account.limit * account.rings));
  }
}

void Credits::on(const credit_returned& event) {
  Account& account = account_of(event.queue);
  if (const Job* job = jobs_.find(event.job)) {
    if (event.credits != job->taken) {
      fail(event.time, fmt::format("{} of {} gave back {} credits; it had taken {}", job_text(event.job),
                                   queue_text(event.queue), event.credits, job->taken));
    }
    jobs_.erase(event.job);
  } else if (event.credits != 0) {
    fail(event.time, fmt::format("{} of {} gave back {} credits that it did not have", job_text(event.job),
                                 queue_text(event.queue), event.credits));
  }
  account.in_flight -= event.credits;
  check_says(event.queue, event.job, event.time, account, event.in_flight);
}

/// A job that was cancelled in the queue, or that no component runs, takes none.
void Credits::on(const dma_fence_signaled& event) {
  if (const Job* job = jobs_.find(event.job); job != nullptr && !job->ran) jobs_.erase(event.job);
}

void Credits::check_says(QueueId queue, JobId job, SimTime now, const Account& account, std::uint64_t said) const {
  if (said == account.in_flight || !says_all_) return;
  fail(now, fmt::format("{} counts {} credits in flight after {}; by what was taken and given back it is {}",
                        queue_text(queue), said, job_text(job), account.in_flight));
}

void Credits::finish(SimTime now) {
  for (const Account& account : accounts_) {
    if (account.in_flight == 0) continue;
    fail(now, fmt::format("{} credits of {} were never given back", account.in_flight, queue_text(account.queue)));
  }
}

Credits::Account& Credits::account_of(QueueId queue) {
  std::uint32_t& number = grown(account_numbers_, queue);
  if (number == 0) {
    accounts_.push_back({.queue = queue});
    number = static_cast<std::uint32_t>(accounts_.size());
  }
  return accounts_[number - 1];
}

}  // namespace gpusim::trace
