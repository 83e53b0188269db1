// SPDX-License-Identifier: MIT
#include "host_driver/job_records.h"

#include "firmware/abi/ring.h"

namespace gpusim::drv {

std::uint32_t JobRecords::allocate(const ExecArgs& args) {
  std::uint32_t index = 0;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(records_.size());
    records_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  JobRecord& record = records_[index];
  record.queue = args.queue;
  record.work_ps = args.work_ps;
  record.work_is_estimate = args.work_is_estimate;
  record.preempt_every_ps = args.preempt_every_ps;
  record.transfer = args.transfer;
  record.stop_address = args.work_ps == abi::kEndless ? device_.allocate(sizeof(std::uint64_t)) : 0;
  return index;
}

void JobRecords::free(std::uint32_t index) {
  JobRecord& record = records_[index];
  if (record.stop_address != 0) device_.free(record.stop_address, sizeof(std::uint64_t));
  record = JobRecord{};
  free_.push_back(index);
}

}  // namespace gpusim::drv
