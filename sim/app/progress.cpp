// SPDX-License-Identifier: MIT
#include "sim/app/progress.h"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>

namespace gpusim::app {
namespace {

constexpr std::int64_t kDrawEveryNs = 100'000'000;

struct CountJobs {
  std::uint64_t operator()(const workload::LoopSpec& s) const { return s.cycles * s.jobs_per_cycle; }
  std::uint64_t operator()(const workload::PoissonSpec& s) const { return s.jobs; }
  std::uint64_t operator()(const workload::PipelineSpec& s) const { return s.frames * 3; }
  std::uint64_t operator()(const workload::ChurnSpec& s) const { return s.cycles * s.jobs_per_cycle; }
  std::uint64_t operator()(const workload::FanSpec& s) const { return s.rounds * (std::uint64_t{s.width} + 2); }
  std::uint64_t operator()(const workload::WsimSpec& s) const {
    std::uint64_t batches = 0;
    for (const workload::Step& step : s.program.steps) {
      batches += std::holds_alternative<workload::Batch>(step.body) ? 1 : 0;
    }
    return s.repeats * batches;
  }
};

}  // namespace

std::int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::uint64_t expected_jobs(const scenario::ScenarioSpec& spec) {
  std::uint64_t total = 0;
  for (const workload::ClientSpec& client : spec.clients)
    total += client.clones * std::visit(CountJobs{}, client.workload);
  return total;
}

struct Progress::Signals {
  boost::asio::io_context io;
  boost::asio::signal_set set{io, SIGINT, SIGTERM};
  bool raised = false;
};

Progress::Progress(const scenario::ScenarioSpec& spec, bool visible)
    : expected_{expected_jobs(spec)},
      stop_at_{spec.stop_after ? SimTime{*spec.stop_after} : kNever},
      visible_{visible},
      started_ns_{wall_ns()},
      signals_{std::make_unique<Signals>()} {
  signals_->set.async_wait([this](const boost::system::error_code& error, int) { signals_->raised = !error; });
}

Progress::~Progress() { clear(); }

void Progress::attach_to(trace::Recorder& recorder) {
  if (visible_) recorder.attach(*this, trace::events({trace::EventKind::drm_sched_job_done}));
}

void Progress::on_event(const trace::Event&) { ++jobs_; }

bool Progress::poll(SimTime now) {
  signals_->io.poll();
  if (visible_ && wall_ns() - last_draw_ns_ >= kDrawEveryNs) draw(now);
  return signals_->raised;
}

void Progress::draw(SimTime now) {
  last_draw_ns_ = wall_ns();
  drawn_ = true;
  // The larger of the two shares: whichever ends the run first.
  std::int64_t permille = expected_ == 0 ? 0 : static_cast<std::int64_t>(jobs_ * 1'000 / expected_);
  if (stop_at_ != kNever) permille = std::max(permille, to_ps(now) / (to_ps(stop_at_) / 1'000 + 1));
  const std::int64_t elapsed_ms = (last_draw_ns_ - started_ns_) / 1'000'000;
  std::string eta = "?";
  if (permille > 0)
    eta = std::to_string((elapsed_ms * (1'000 - std::min<std::int64_t>(permille, 1'000)) / permille + 999) / 1'000) +
          " s";
  std::fprintf(stderr, "\r\033[K%3lld.%lld %%  %s simulated, %llu jobs, %lld s, about %s left",
               static_cast<long long>(permille / 10), static_cast<long long>(permille % 10),
               format_duration(now.time_since_epoch()).c_str(), static_cast<unsigned long long>(jobs_),
               static_cast<long long>(elapsed_ms / 1'000), eta.c_str());
  std::fflush(stderr);
}

void Progress::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace gpusim::app
