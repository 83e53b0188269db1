// SPDX-License-Identifier: MIT
// An engine belongs to one queue at a time, a queue to one engine, and an engine works only for the queue it belongs
// to.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class EngineExclusive final : public Oracle {
 public:
  explicit EngineExclusive(const Names& names) : Oracle{"engine_exclusive", names} {}
  [[nodiscard]] EventSet kinds() const override;
  void on_event(const Event& event) override;

 private:
  void on_assign(const Event& event);
  void on_release(const Event& event);
  void on_work(const Event& event);

  std::vector<std::uint32_t> owners_;   ///< by engine: queue, 0 if free
  std::vector<std::uint32_t> engines_;  ///< by queue: engine + 1, 0 if none
};

}  // namespace gpusim::trace
