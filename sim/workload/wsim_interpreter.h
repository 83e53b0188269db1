// SPDX-License-Identifier: MIT
// The state of one .wsim client while it walks its program, and what each step does to it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/prng.h"
#include "sim/workload/client.h"
#include "sim/workload/wsim_buffers.h"
#include "sim/workload/wsim_plan.h"
#include "sim/workload/wsim_program.h"
#include "sim/workload/wsim_queues.h"

namespace gpusim::workload {

class WsimInterpreter {
 public:
  /// Makes the buffers. `spec` and `environment` outlive this.
  WsimInterpreter(os::Context& ctx, const WsimSpec& spec, const ClientEnvironment& environment);

  /// All loops.
  [[nodiscard]] os::Task<ClientEnd> run(os::Context& ctx);

  /// Lets everything in flight finish and gives back fences and queues. `failed`: batches that the rest of the program
  /// would have terminated are terminated now.
  [[nodiscard]] os::Task<> finish(os::Context& ctx, bool failed);

 private:
  [[nodiscard]] os::Task<Errno> run_loop(os::Context& ctx);
  [[nodiscard]] os::Task<> take(os::Context& ctx, const Step& step);  // any step but a batch
  [[nodiscard]] os::Task<Errno> take_batch(os::Context& ctx, const Batch& batch, std::size_t step);
  [[nodiscard]] os::Task<Errno> submit(os::Context& ctx, const Batch& batch, std::size_t step);
  [[nodiscard]] os::Task<> wait_until_period_ends(os::Context& ctx, const Period& period);
  [[nodiscard]] os::Task<> limit_depth(os::Context& ctx, std::size_t step);
  [[nodiscard]] os::Task<> wait_for(os::Context& ctx, std::size_t step);

  [[nodiscard]] std::uint64_t work_ps(const Duration& duration);
  [[nodiscard]] std::vector<drv::SyncFile> in_fences(const Batch& batch) const;
  [[nodiscard]] bool was_submitted(std::size_t step) const { return latest_[step].job.value() != 0; }
  void create_fence(os::Context& ctx, std::size_t step);
  void signal_up_to(os::Context& ctx, std::size_t step);
  void signal_all(os::Context& ctx);

  const WsimSpec& spec_;
  const ClientEnvironment& environment_;
  drv::Uapi& uapi_;
  WsimPlan plan_;
  WsimQueues queues_;
  WsimBuffers buffers_;
  Prng durations_;

  std::vector<drv::ExecResult> latest_;   // by step: its latest instance; a software fence has only `finished`
  std::vector<std::size_t> unsignalled_;  // steps of this loop's software fences, as created
  std::array<std::vector<std::size_t>, 8> listed_;  // by WsimEngine: batch steps in order of their last submit
  std::uint32_t throttle_ = 0;
  std::uint32_t depth_ = 0;
  SimTime loop_start_{};
};

}  // namespace gpusim::workload
