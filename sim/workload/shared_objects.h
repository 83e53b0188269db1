// SPDX-License-Identifier: MIT
// The buffers and syncobjs that a scenario names: one of each for all clients. Whoever uses one first makes it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host_driver/uapi.h"
#include "os/context.h"
#include "sim/workload/steps_program.h"

namespace gpusim::workload {

class SharedObjects {
 public:
  /// Both outlive this.
  SharedObjects(drv::Uapi& uapi, const ShareSpec& share)
      : uapi_{uapi},
        share_{share},
        buffers_(share.buffers.size()),
        syncobjs_(share.timelines.size() + share.fences.size()) {}

  /// By place in ShareSpec::buffers. Atomic: makes no step.
  [[nodiscard]] drv::BufferId buffer(os::Context& ctx, std::uint32_t number);
  /// By PointRef::syncobj. Atomic: makes no step.
  [[nodiscard]] drv::SyncobjId syncobj(os::Context& ctx, std::uint32_t number);
  /// The number of a syncobj that was made.
  [[nodiscard]] std::optional<std::uint32_t> number_of(drv::SyncobjId syncobj) const;

 private:
  drv::Uapi& uapi_;
  const ShareSpec& share_;
  std::vector<std::optional<drv::BufferId>> buffers_;
  std::vector<std::optional<drv::SyncobjId>> syncobjs_;
};

}  // namespace gpusim::workload
