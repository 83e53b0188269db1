// SPDX-License-Identifier: MIT
#include "traces/inspect/lives.h"

#include <optional>

#include "base/grown.h"
#include "traces/event/handlers.h"
#include "traces/folds/milestones.h"

namespace gpusim::trace {
namespace {

class LifeKeeper final : public JobLifeListener {
 public:
  void on_job_life(const JobLife& life) override { grown(lives, life.job) = {life, true}; }
  std::vector<RecordedLife> lives;
};

class OneLife final : public JobLifeListener {
 public:
  explicit OneLife(JobId job) : job_{job} {}
  void on_job_life(const JobLife& life) override {
    if (life.job == job_.value()) ended = life;
  }
  std::optional<JobLife> ended;

 private:
  JobId job_;
};

/// Between two events a job is in one cause: what has grown since the last one was.
void append_growth(const JobLife& before, const JobLife& now, std::vector<Span>& spans) {
  SimTime begin = before.end;
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    const Picoseconds grown_by = now.causes[i] - before.causes[i];
    if (grown_by.count() <= 0) continue;
    const auto cause = static_cast<Cause>(i);
    if (!spans.empty() && spans.back().cause == cause && spans.back().end == begin) {
      spans.back().end += grown_by;
    } else {
      spans.push_back({begin, begin + grown_by, cause});
    }
    begin += grown_by;
  }
}

}  // namespace

std::vector<RecordedLife> lives_of(const Recording& recording) {
  Milestones milestones;
  LifeKeeper keeper;
  milestones.add_listener(keeper);
  for (const Event& event : recording.events) dispatch(milestones, event);
  for (const JobLife& life : milestones.finish(recording.end)) grown(keeper.lives, life.job) = {life, false};
  return std::move(keeper.lives);
}

std::vector<Span> spans_of(const Recording& recording, JobId job) {
  Milestones milestones;
  OneLife life{job};
  milestones.add_listener(life);
  std::vector<Span> spans;
  std::optional<JobLife> before;
  const auto look = [&](const JobLife* now) {
    if (now == nullptr) return;
    if (before) append_growth(*before, *now, spans);
    before = *now;
  };
  for (const Event& event : recording.events) {
    dispatch(milestones, event);
    look(life.ended ? &*life.ended : milestones.life_so_far(job, event.time));
    if (life.ended) return spans;
    if (before && milestones.life_so_far(job, event.time) == nullptr) return {};  // its exec failed
  }
  look(milestones.life_so_far(job, recording.end));
  return spans;
}

}  // namespace gpusim::trace
