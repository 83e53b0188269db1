// SPDX-License-Identifier: MIT
#include "traces/folds/milestones.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "base/invariant.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {
void Milestones::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

std::vector<JobLife> Milestones::finish(SimTime now) {
  std::vector<JobLife> open;
  for (const std::uint64_t id : jobs_.ids()) {
    Job& job = *jobs_.find(id);
    settle(job, now);
    job.life.end = now;
    check_tiles(job.life);
    open.push_back(job.life);
  }
  return open;
}

/// Books the time since the job's last change, which the queue's clock divides among causes.
void Milestones::settle_shared(Job& job, SimTime now) {
  if (job.stage == Stage::queued) {
    const auto& reading = grown(queues_, job.life.queue).host.at(now);
    for (std::size_t i = 0; i < kHostCauses.size(); ++i) {
      job.life[kHostCauses[i]] += reading[i] - job.reading_at_entry[i];
      job.reading_at_entry[i] = reading[i];
    }
  } else {
    const DeviceWait::Reading& reading = device_.read(job.life.queue, now);
    for (std::size_t i = 0; i < DeviceWait::kCauses.size(); ++i) {
      job.life[DeviceWait::kCauses[i]] += reading[i] - job.reading_at_entry[i];
    }
    job.reading_at_entry = reading;
  }
}

/// Stage is queued or device_wait.
void Milestones::enter_shared(Job& job, Stage stage, SimTime now) {
  enter(job, stage, job.cause, now);
  if (stage == Stage::queued) {
    const auto& reading = grown(queues_, job.life.queue).host.at(now);
    for (std::size_t i = 0; i < reading.size(); ++i) job.reading_at_entry[i] = reading[i];
  } else {
    job.reading_at_entry = device_.read(job.life.queue, now);
  }
}

void Milestones::end(JobId id, Job& job, SimTime now) {
  enter(job, Stage::waking, Cause::wakeup, now);
  job.life.end = now;
  check_tiles(job.life);
  for (JobLifeListener* listener : listeners_) listener->on_job_life(job.life);
  jobs_.erase(id);
}

void Milestones::check_tiles(const JobLife& life) {
  Picoseconds sum{0};
  for (const Picoseconds part : life.causes) sum += part;
  if (sum == life.length()) return;
  violate("milestones_tile", fmt::format("at {}: the causes of job {} add up to {}, it lived {}",
                                         format_duration(life.end.time_since_epoch()), life.job, format_duration(sum),
                                         format_duration(life.length())));
}

}  // namespace gpusim::trace
