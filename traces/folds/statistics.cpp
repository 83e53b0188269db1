// SPDX-License-Identifier: MIT
#include "traces/folds/statistics.h"

#include <algorithm>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void Statistics::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void Statistics::on(const client_period_missed& event) { ++grown(clients_, event.client).period_misses; }

void Statistics::on(const engine_assign& event) {
  if (!event.loaded) ++grown(engines_, event.engine).switches;
}

void Statistics::on(const job_end& event) { ++grown(engines_, event.engine).jobs; }

void Statistics::on_job_life(const JobLife& life) {
  ClientStatistics& client = grown(clients_, life.client);
  client.first_exec = std::min(client.first_exec, life.begin);
  client.last_end = std::max(client.last_end, life.end);
  if (life.error == 0) {
    ++client.jobs_done;
    client.latency.add(static_cast<std::uint64_t>(life.length().count()));
  } else {
    ++client.jobs_failed;
  }
  ++grown(queue_jobs_, life.queue);
  for (std::size_t i = 0; i < kCauseCount; ++i) causes_[i] += static_cast<std::uint64_t>(life.causes[i].count());
}

void Statistics::finish(std::uint64_t unfinished, const std::vector<DeviceWait::EngineTimes>& engines) {
  unfinished_ = unfinished;
  for (std::size_t engine = 0; engine < engines.size(); ++engine) grown(engines_, engine).times = engines[engine];
}

Wide Statistics::life_time() const {
  Wide sum = 0;
  for (const Wide part : causes_) sum += part;
  return sum;
}

std::uint64_t Statistics::jobs_done() const {
  std::uint64_t sum = 0;
  for (const ClientStatistics& client : clients_) sum += client.jobs_done;
  return sum;
}

std::uint64_t Statistics::jobs_failed() const {
  std::uint64_t sum = 0;
  for (const ClientStatistics& client : clients_) sum += client.jobs_failed;
  return sum;
}

}  // namespace gpusim::trace
