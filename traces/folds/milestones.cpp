// SPDX-License-Identifier: MIT
#include "traces/folds/milestones.h"

#include <algorithm>
#include <utility>

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

const JobLife* Milestones::life_so_far(JobId id, SimTime now) {
  Job* job = jobs_.find(id);
  if (job == nullptr) return nullptr;
  settle(*job, now);
  job->life.end = now;
  return &job->life;
}

std::optional<Milestones::Place> Milestones::place_of(JobId id) {
  const Job* job = jobs_.find(id);
  if (job == nullptr) return std::nullopt;
  return Place{
      .stage = job->stage, .since = job->since, .engine = job->engine, .is_at_work = job->cause == Cause::work};
}

std::vector<Milestones::OnDevice> Milestones::on_device(const Names& names, std::string (*time_text)(SimTime)) {
  std::vector<OnDevice> result;
  for (const std::uint64_t id : jobs_.ids()) {
    const Job& job = *jobs_.find(id);
    const std::string since = " since " + time_text(job.since);
    const bool is_lost = job.cause == Cause::recovery;
    std::string where;
    switch (job.stage) {
      case Stage::submitting:
      case Stage::queued:
      case Stage::issuing:
      case Stage::waking:
        continue;
      case Stage::ringing:
        where = "its doorbell is in flight" + since;
        break;
      case Stage::arrived:
        where = is_lost ? "the firmware does not know of it: its doorbell or message was lost"
                        : "the firmware has been told of it and has not looked" + since;
        break;
      case Stage::device_wait:
        where = device_.is_waiting(job.life.queue) ? "its queue waits in its ring for the fence value of another one"
                                                   : "the firmware knows of it, and no engine has fetched it";
        break;
      case Stage::started: {
        const std::string engine = job.engine < names.engines.size() ? names.engines[job.engine].name : "an engine";
        where = job.cause == Cause::work ? fmt::format("it runs on {}{}", engine, since)
                                         : "it was begun and is off its engine" + since;
        if (job.hangs) where += "; it hangs (fault.hung_job)";
        break;
      }
      case Stage::writing_fence:
        where = "it has ended, and its fence value is in flight" + since;
        break;
      case Stage::visible:
        where = "it has ended, its fence value is in memory" + since + ", and " +
                (is_lost ? "its interrupt was lost" : "no interrupt has been taken for it");
        break;
      case Stage::completing:
        where = "it has ended, and a handler has run for it" + since;
        break;
    }
    result.push_back({JobId{id}, QueueId{job.life.queue}, std::move(where)});
  }
  return result;
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
    std::copy(reading.begin(), reading.end(), job.reading_at_entry.begin());
    const Picoseconds own_backlog = device_.own_backlog(job.life.queue);
    job.life.own_backlog += own_backlog - job.own_backlog_at_entry;
    job.own_backlog_at_entry = own_backlog;
  }
  if (any_trouble_) job.recovered = grown(queues_, job.life.queue).recovery.at(now)[1];
}

/// Takes what fell into its queue's recovery from the cause that the whole was booked to.
void Milestones::settle_recovery(Job& job, SimTime now) {
  const Picoseconds recovered = grown(queues_, job.life.queue).recovery.at(now)[1];
  const bool counts = job.stage != Stage::submitting && job.stage != Stage::waking && job.cause != Cause::work;
  if (counts) {
    job.life[job.cause] -= recovered - job.recovered;
    job.life[Cause::recovery] += recovered - job.recovered;
  }
  job.recovered = recovered;
}

/// Stage is queued or device_wait.
void Milestones::enter_shared(Job& job, Stage stage, SimTime now) {
  enter(job, stage, job.cause, now);
  if (stage == Stage::queued) {
    const auto& reading = grown(queues_, job.life.queue).host.at(now);
    std::copy(reading.begin(), reading.end(), job.reading_at_entry.begin());
  } else {
    const DeviceWait::Reading& reading = device_.read(job.life.queue, now);
    std::copy(reading.begin(), reading.end(), job.reading_at_entry.begin());
    job.own_backlog_at_entry = device_.own_backlog(job.life.queue);
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
