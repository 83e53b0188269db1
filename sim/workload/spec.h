// SPDX-License-Identifier: MIT
// What the clients of a scenario do. Plain data; one struct per kind of workload.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/time.h"
#include "sim/workload/placement.h"
#include "sim/workload/steps_program.h"
#include "sim/workload/transfer_spec.h"
#include "sim/workload/wsim_program.h"

namespace gpusim::workload {

/// The client loop of the kernel's drm_sched KUnit tests (tests_scheduler.c): in each cycle submit `jobs_per_cycle`
/// jobs, if `sync` wait for the last, then sleep `wait`.
struct LoopSpec {
  EngineChoice placement;
  Work work;
  std::uint32_t jobs_per_cycle = 1;
  std::uint64_t cycles = 1;
  Work wait;  ///< drawn for each cycle
  TransferSpec transfer;
  bool sync = true;
  std::uint32_t max_in_flight = 0;  ///< before each submit wait until fewer are unfinished; 0: no bound
  std::uint32_t priority = 1;       ///< level of the queue, 0 served first
  std::uint64_t change_cycle = 0;   ///< before this one, counted from 1, the level becomes `changed_priority`; 0: never
  std::uint32_t changed_priority = 1;
  std::uint64_t limits_cycle = 0;          ///< the same of the queue's limits
  Picoseconds changed_quantum{0};          ///< 0: the device's
  Picoseconds changed_preempt_timeout{0};  ///< 0: the device's
};

/// Open loop: jobs arrive as a Poisson process, whether or not earlier ones are done.
struct PoissonSpec {
  EngineChoice placement;
  Work work;
  Picoseconds mean_interval{0};
  std::uint64_t jobs = 1;
  TransferSpec transfer;
  std::uint32_t priority = 1;
};

/// A frame is uploaded by one engine, computed by another, read back by the first; the next frame's upload overlaps.
struct PipelineSpec {
  EngineChoice copy{abi::EngineClass::copy};
  EngineChoice compute;
  Work upload;
  Work kernel;
  Work readback;
  std::uint64_t frames = 1;
  std::uint32_t frames_in_flight = 2;  ///< >= 1
  std::uint32_t priority = 1;
};

/// Each round: one source job, `width` jobs that depend on it on queues of their own, one sink that depends on them
/// all.
struct FanSpec {
  EngineChoice ends;
  EngineChoice middle{abi::EngineClass::video};
  Work source;
  Work branch;
  Work sink;
  std::uint32_t width = 4;  ///< 1..64
  std::uint64_t rounds = 1;
  std::uint32_t priority = 1;
};

/// An IGT gem_wsim descriptor.
struct WsimSpec {
  WsimProgram program;
  std::uint64_t repeats = 1;
  std::uint64_t duration_scale_permille = 1000;  ///< scales batch durations
  std::uint64_t delay_scale_permille = 1000;     ///< scales delays
  bool same_random = false;                      ///< every clone draws the same sequence (gem_wsim -S)
  bool work_is_estimate = false;
  std::string shared_sets;  ///< clients that name the same have their W sets in common; empty: its clones only
};

/// Queues that live briefly: each cycle creates one, submits, closes it. A cycle whose queue cannot be created for want
/// of an id (-ENOSPC) is lost.
struct ChurnSpec {
  EngineChoice placement;
  Work work;
  std::uint32_t jobs_per_cycle = 1;
  std::uint64_t cycles = 1;
  Picoseconds hold{0};   ///< sleep before the close, or instead of a lost cycle
  Picoseconds retry{0};  ///< sleep before another try at a queue that was refused; 0: the cycle is lost
  TransferSpec transfer;
  bool sync = true;  ///< wait for the last job before that sleep; else the queue may be closed with jobs in flight
  std::uint32_t priority = 1;
};

/// A step program: docs/steps.md.
struct StepsSpec {
  StepsProgram program;
  std::uint64_t repeats = 1;
  std::uint32_t priority = 1;
  bool work_is_estimate = false;
};

/// An application that renders frames for a compositor.
struct RendererSpec {
  std::string compositor;  ///< name of the client
  EngineChoice placement;
  Work work;
  Work wait;                  ///< before each frame
  std::uint32_t buffers = 2;  ///< of its surface, >= 2
  std::uint64_t frames = 0;   ///< 0: as long as the compositor runs
  bool vsync = true;          ///< a frame is committed only when the one before has been taken
  std::uint32_t priority = 1;
};

/// Who waits for a frame to be rendered.
enum class FrameSync : std::uint8_t {
  implicit,   ///< the device, by the buffer's reservation object
  explicit_,  ///< the compositor, by the frame's fence
};

struct CompositorSpec {
  EngineChoice placement;
  Work work;
  Picoseconds period{us(16'667)};  ///< from vblank to vblank
  Picoseconds lead{ms(4)};         ///< before a vblank it composes; up to a period
  Picoseconds flip{us(100)};       ///< before a vblank the picture has to be ready
  FrameSync sync = FrameSync::implicit;
  std::uint64_t refreshes = 60;
  std::uint32_t priority = 0;
};

using WorkloadSpec = std::variant<LoopSpec, PoissonSpec, PipelineSpec, FanSpec, WsimSpec, ChurnSpec, StepsSpec,
                                  RendererSpec, CompositorSpec>;

/// What a workload consists of: a Poisson process of jobs, a pipeline of frames, a fan of rounds, a .wsim program of
/// repeats.
struct Cycles {
  std::uint64_t count;
  std::uint64_t jobs;  ///< in each
  const char* name;    ///< of several
};
[[nodiscard]] Cycles cycles_of(const WorkloadSpec& workload);

/// Where a job can be taken off its engine.
enum class Preemptible : std::uint8_t {
  anywhere,  ///< after any instruction
  nowhere,   ///< only between jobs
  every,     ///< at points that are so far apart
};

/// What the queues of a client and their jobs have in common.
struct QueueTraits {
  Picoseconds quantum{0};          ///< 0: the device's
  Picoseconds preempt_timeout{0};  ///< 0: the device's
  Preemptible preemption = Preemptible::anywhere;
  Work preempt_every{us(100), us(100)};  ///< time of execution from point to point, drawn for each job
  std::uint32_t credits = 1;             ///< of each job
};

struct ClientSpec {
  std::string name;  ///< unique; clones are called "<name>.0", "<name>.1", ...
  std::uint32_t clones = 1;
  Picoseconds start{0};  ///< when the client's thread begins
  QueueTraits queues;
  WorkloadSpec workload;
};

}  // namespace gpusim::workload
