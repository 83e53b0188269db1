// SPDX-License-Identifier: MIT
#include "host_driver/current_gang.h"

#include "host_driver/job_records.h"

namespace gpusim::drv {

sched::FenceRef CurrentGang::switch_to(os::Context& ctx, JobId job, const JobRecord& record) {
  if (current_.get() == record.gang.get()) return {};
  if (current_ && !current_->is_signaled()) {
    ctx.emit(trace::gang_wait{
        .queue = record.queue, .job = job, .context = current_->context(), .seqno = current_->seqno()});
    return current_;
  }
  current_ = record.gang;
  ctx.emit(trace::gang_switch{.queue = record.queue, .job = job, .leader = JobId{current_->finished()->job()}});
  return {};
}

}  // namespace gpusim::drv
