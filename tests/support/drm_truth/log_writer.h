// SPDX-License-Identifier: MIT
// Turns the component's trace events into lines of a drm_sched_truth log, so that what is compared is what every other
// user of the trace sees too.
#pragma once

#include "tests/support/drm_truth/world.h"
#include "traces/event/recorder.h"

namespace gpusim::test::truth {

class LogWriter final : public trace::Listener {
 public:
  explicit LogWriter(World& world) : world_{world} { world.base.recorder.attach_to_all(*this); }
  void on_event(const trace::Event& event) override;

 private:
  void on_fence(const trace::Event& event);
  void on_work(const trace::Event& event, const std::string& verb);
  void on_queue(const trace::Event& event);
  void on_run(const trace::Event& event);
  void on_done(const trace::Event& event);

  World& world_;
};

}  // namespace gpusim::test::truth
