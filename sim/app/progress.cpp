// SPDX-License-Identifier: MIT
#include "sim/app/progress.h"

#include <utility>  // first: Boost 1.74's Asio forgets it

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <string>

#include <fmt/core.h>

#include "base/wide.h"
#include "sim/experiment/stop_signal.h"

namespace gpusim::app {
namespace {

constexpr std::int64_t kDrawEveryNs = 100'000'000;

}  // namespace

std::int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::uint64_t expected_jobs(const scenario::ScenarioSpec& spec) {
  Wide total = 0;
  for (const workload::ClientSpec& client : spec.clients) {
    const workload::Cycles cycles = workload::cycles_of(client.workload);
    total += Wide{client.clones} * cycles.count * cycles.jobs;
  }
  return static_cast<std::uint64_t>(std::min(total, Wide{UINT64_MAX}));
}

struct Progress::RealTime {
  boost::asio::io_context io{1};
  experiment::StopSignal stop{io};
};

ProgressLine::ProgressLine(const scenario::ScenarioSpec& spec, bool wanted)
    : expected_{expected_jobs(spec)},
      stop_at_{spec.stop_after ? SimTime{*spec.stop_after} : kNever},
      line_{wanted},
      started_ns_{wall_ns()} {}

void ProgressLine::attach_to(trace::Recorder& recorder) {
  if (line_.is_visible()) recorder.attach(*this, trace::events({trace::EventKind::drm_sched_job_done}));
}

void ProgressLine::on_event(const trace::Event&) { ++jobs_; }

void ProgressLine::show(SimTime now) {
  if (line_.is_visible() && wall_ns() - last_draw_ns_ >= kDrawEveryNs) draw(now);
}

Progress::Progress(const scenario::ScenarioSpec& spec, bool wanted)
    : line_{spec, wanted}, real_time_{std::make_unique<RealTime>()} {}

Progress::~Progress() = default;

bool Progress::poll(SimTime now) {
  real_time_->io.poll();
  line_.show(now);
  return real_time_->stop.is_raised();
}

void ProgressLine::draw(SimTime now) {
  last_draw_ns_ = wall_ns();
  // The larger of the two shares: whichever ends the run first.
  std::int64_t permille = expected_ == 0 ? 0 : static_cast<std::int64_t>(jobs_ * 1'000 / expected_);
  if (stop_at_ != kNever) permille = std::max(permille, to_ps(now) / (to_ps(stop_at_) / 1'000 + 1));
  const std::int64_t elapsed_ms = (last_draw_ns_ - started_ns_) / 1'000'000;
  const std::int64_t left_permille = 1'000 - std::min<std::int64_t>(permille, 1'000);
  const std::string left =
      permille > 0 ? fmt::format("{} s", (elapsed_ms * left_permille / permille + 999) / 1'000) : "?";
  line_.show(fmt::format("{:3}.{} %  {} simulated, {} jobs, {} s, about {} left", permille / 10, permille % 10,
                         format_duration(now.time_since_epoch()), jobs_, elapsed_ms / 1'000, left));
}

}  // namespace gpusim::app
