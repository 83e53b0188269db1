// SPDX-License-Identifier: MIT
// Plays a script of drm_sched_truth on the drm_sched component and gives its log.
#pragma once

#include "tests/support/drm_truth/log.h"
#include "tests/support/drm_truth/script.h"
#include "tests/support/drm_truth/world.h"

namespace gpusim::test::truth {

class Player {
 public:
  explicit Player(const Script& script, sched::drm::Policy policy = sched::drm::Policy::fifo,
                  sched::drm::Kernel kernel = sched::drm::Kernel::v6_18)
      : script_{script}, world_{script, policy, kernel} {}

  /// To the end, or to the script's end=.
  void run();
  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] const Log& log() const { return world_.lines; }

 private:
  [[nodiscard]] os::Task<> run_thread(os::Context& ctx, const Thread& thread);
  [[nodiscard]] os::Task<> command(os::Context& ctx, const Phrase& phrase);
  [[nodiscard]] os::Task<bool> entity_command(os::Context& ctx, const Phrase& phrase);
  [[nodiscard]] os::Task<bool> scheduler_command(os::Context& ctx, const Phrase& phrase);
  [[nodiscard]] bool report_command(const Phrase& phrase);

  struct Submission {
    std::string entity;
    std::string job;
    Picoseconds duration{0};
    std::uint32_t credits = 1;
    std::vector<sched::FenceRef> dependencies;
  };
  [[nodiscard]] os::Task<> submit(os::Context& ctx, const Submission& submission);
  [[nodiscard]] os::Task<> submit_one(os::Context& ctx, const Phrase& phrase);
  [[nodiscard]] os::Task<> burst(os::Context& ctx, const Phrase& phrase);
  [[nodiscard]] os::Task<> wait_for(os::Context& ctx, const std::string& event, ScriptJob& job);
  [[nodiscard]] os::Task<> cycle_client(os::Context& ctx, const Phrase& phrase);
  [[nodiscard]] os::Task<> window_client(os::Context& ctx, const Phrase& phrase);
  [[nodiscard]] os::Task<> loop_priorities(os::Context& ctx, const Phrase& phrase);
  [[nodiscard]] os::Task<> loop_schedulers(os::Context& ctx, const Phrase& phrase);

  const Script& script_;
  World world_;
};

/// Parses, plays, gives the log.
[[nodiscard]] Log play(std::string_view text, sched::drm::Policy policy = sched::drm::Policy::fifo,
                       sched::drm::Kernel kernel = sched::drm::Kernel::v6_18);

}  // namespace gpusim::test::truth
