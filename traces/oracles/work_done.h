// SPDX-License-Identifier: MIT
// A job ends when its engines have executed it for exactly its work, over all its pieces, and the progress that is
// reported at a preemption is what was executed. A job that is started again after a reset begins from zero.
#pragma once

#include <cstdint>
#include <vector>

#include "base/id_window.h"
#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class WorkDone final : public Oracle {
 public:
  explicit WorkDone(const Names& names) : Oracle{"work_done", names} {}
  [[nodiscard]] EventSet kinds() const override;
  void on_event(const Event& event) override;

 private:
  static constexpr std::uint64_t kEndless = ~std::uint64_t{0};
  struct Progress {
    std::uint64_t job = 0;
    std::uint64_t work = 0;  ///< ps
    std::uint64_t done = 0;  ///< ps, before `since`
    SimTime since{};
  };
  [[nodiscard]] Progress& running(const Event& event);
  void on_preempted(const Event& event);
  void on_resumed(const Event& event);
  void on_end(const Event& event);

  std::vector<Progress> engines_;  ///< what each executes
  IdWindow<Progress> preempted_;   ///< by job
};

}  // namespace gpusim::trace
