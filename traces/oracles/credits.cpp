// SPDX-License-Identifier: MIT
#include "traces/oracles/credits.h"

#include <algorithm>

#include "base/grown.h"

namespace gpusim::trace {
namespace {

constexpr std::uint64_t kLow32 = 0xffff'ffff;

}  // namespace

EventSet Credits::kinds() const {
  using K = EventKind;
  return events(
      {K::exec_begin, K::exec_end, K::credit_blocked, K::drm_sched_job_run, K::credit_returned, K::dma_fence_signaled});
}

void Credits::on_queue_limit(std::uint32_t queue, std::uint64_t limit, std::uint32_t domain) {
  if (domain != 0) {
    std::uint32_t& shared = grown(domain_accounts_, domain);
    if (shared == 0) {
      accounts_.push_back({.queue = queue});
      shared = static_cast<std::uint32_t>(accounts_.size());
    }
    grown(account_numbers_, queue) = shared;
  }
  account_of(queue).limit = limit;
}

void Credits::on_event(const Event& event) {
  switch (event.kind) {
    case EventKind::exec_begin:
      jobs_.insert(event.job).wanted = event.b;
      return;
    case EventKind::exec_end:  // a job that was never pushed
      if (event.b != 0) jobs_.erase(event.job);
      return;
    case EventKind::credit_blocked:
      account_of(event.queue).limit = event.c;
      return;
    case EventKind::drm_sched_job_run:
      return on_run(event);
    case EventKind::credit_returned:
      return on_returned(event);
    case EventKind::dma_fence_signaled:  // a job that was cancelled in the queue, or has no component to run it
      if (const Job* job = jobs_.find(event.job); job != nullptr && !job->ran) jobs_.erase(event.job);
      return;
    default:
      return;
  }
}

/// A job that is run again after a reset still has its credits.
void Credits::on_run(const Event& event) {
  Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  Account& account = account_of(event.queue);
  if (!job->ran) {
    job->ran = true;
    job->taken = account.limit == 0 ? job->wanted : std::min(job->wanted, account.limit);
    account.in_flight += job->taken;
  }
  check_says(event, account, event.c & kLow32);
  if (account.limit != 0 && account.in_flight > account.limit) {
    fail(event, job_text(event.job) + " ran and put " + std::to_string(account.in_flight) + " credits of " +
                    queue_text(event.queue) + " in flight; the limit is " + std::to_string(account.limit));
  }
}

void Credits::on_returned(const Event& event) {
  Account& account = account_of(event.queue);
  if (const Job* job = jobs_.find(event.job)) {
    if (event.a != job->taken) {
      fail(event, job_text(event.job) + " of " + queue_text(event.queue) + " gave back " + std::to_string(event.a) +
                      " credits; it had taken " + std::to_string(job->taken));
    }
    jobs_.erase(event.job);
  } else if (event.a != 0) {
    fail(event, job_text(event.job) + " of " + queue_text(event.queue) + " gave back " + std::to_string(event.a) +
                    " credits that it did not have");
  }
  account.in_flight -= event.a;
  check_says(event, account, event.b);
}

void Credits::check_says(const Event& event, const Account& account, std::uint64_t said) const {
  if (said == account.in_flight) return;
  fail(event, queue_text(event.queue) + " counts " + std::to_string(said) + " credits in flight after " +
                  job_text(event.job) + "; by what was taken and given back it is " +
                  std::to_string(account.in_flight));
}

void Credits::finish(SimTime now) {
  for (const Account& account : accounts_) {
    if (account.in_flight == 0) continue;
    fail(now,
         std::to_string(account.in_flight) + " credits of " + queue_text(account.queue) + " were never given back");
  }
}

Credits::Account& Credits::account_of(std::uint32_t queue) {
  std::uint32_t& number = grown(account_numbers_, queue);
  if (number == 0) {
    accounts_.push_back({.queue = queue});
    number = static_cast<std::uint32_t>(accounts_.size());
  }
  return accounts_[number - 1];
}

}  // namespace gpusim::trace
