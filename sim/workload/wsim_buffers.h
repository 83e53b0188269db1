// SPDX-License-Identifier: MIT
// The buffer objects of a .wsim client: one output object for each batch step, and those of the working sets. A private
// set belongs to one clone, a shared one to all clones of the client. Sizes are not modelled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "host_driver/uapi.h"
#include "os/context.h"
#include "sim/workload/wsim_program.h"

namespace gpusim::workload {

/// Objects of the working sets, by the set's id.
class WorkingSets {
 public:
  /// Makes the set's objects unless it has them. Atomic: makes no step.
  void create(os::Context& ctx, drv::Uapi& uapi, const WorkingSet& set);
  [[nodiscard]] const std::vector<drv::BufferId>* find(std::uint32_t id) const;

 private:
  std::map<std::uint32_t, std::vector<drv::BufferId>> sets_;
};

/// Filled by the first clone.
class SharedSets : public WorkingSets {};

/// Violates "workload" if a checked program uses a working set that it lacks.
class WsimBuffers {
 public:
  /// Makes all objects. `shared` outlives this.
  WsimBuffers(os::Context& ctx, drv::Uapi& uapi, const WsimProgram& program, SharedSets& shared);

  /// What a batch step writes.
  [[nodiscard]] drv::BufferId output(std::size_t step) const { return outputs_[step]; }

  /// Everything a batch step uses: its output first, then as the descriptor lists them. Each buffer once; written if
  /// the step both reads and writes it.
  [[nodiscard]] std::span<const drv::BufferUse> uses(std::size_t step) const { return uses_[step]; }

 private:
  [[nodiscard]] std::vector<drv::BufferUse> uses_of(const Batch& batch, std::size_t step) const;
  [[nodiscard]] const std::vector<drv::BufferId>& objects(std::uint32_t set) const;

  const SharedSets& shared_;
  WorkingSets private_;
  std::vector<drv::BufferId> outputs_;             // by step
  std::vector<std::vector<drv::BufferUse>> uses_;  // by step
};

}  // namespace gpusim::workload
