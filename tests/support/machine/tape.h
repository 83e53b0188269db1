// SPDX-License-Identifier: MIT
// All events of a run, and the lives of its jobs.
#pragma once

#include <vector>

#include "traces/event/recorder.h"
#include "traces/folds/job_life.h"

namespace gpusim::test {

struct Tape final : trace::Listener, trace::JobLifeListener {
  std::vector<trace::Event> events;
  std::vector<trace::JobLife> lives;
  void on_event(const trace::Event& event) override { events.push_back(event); }
  void on_job_life(const trace::JobLife& life) override { lives.push_back(life); }
};

}  // namespace gpusim::test
