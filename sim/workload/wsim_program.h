// SPDX-License-Identifier: MIT
// The syntax tree of a .wsim workload descriptor (the language of IGT's gem_wsim).
//
// Models: every row of the grammar as a plain struct, with relative references already turned into absolute step
// indices. Does not model: time, random draws, contexts or queues; those belong to the client that walks the steps.
// A program returned by parse_wsim() is checked: references exist and point to the right kind of step, ids are unique,
// ranges are ordered. docs/wsim.md gives the meaning of each step; sources are named there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gpusim::workload {

inline constexpr std::uint64_t kPsPerUs = 1'000'000;  // a program speaks in us

// `vcs` is the class, `vcs1` and `vcs2` its instances; the other classes have one instance each.
// `default_engine` is what the file calls DEFAULT: the render engine, or the virtual engine of a balanced context.
enum class WsimEngine : std::uint8_t { default_engine, rcs, bcs, vcs, vcs1, vcs2, vecs, ccs };

// The name as a descriptor writes it, e.g. "VCS1".
[[nodiscard]] constexpr std::string_view wsim_engine_name(WsimEngine engine) noexcept {
  switch (engine) {
    case WsimEngine::default_engine:
      return "DEFAULT";
    case WsimEngine::rcs:
      return "RCS";
    case WsimEngine::bcs:
      return "BCS";
    case WsimEngine::vcs:
      return "VCS";
    case WsimEngine::vcs1:
      return "VCS1";
    case WsimEngine::vcs2:
      return "VCS2";
    case WsimEngine::vecs:
      return "VECS";
    case WsimEngine::ccs:
      return "CCS";
  }
  return "?";
}

// Running time of a batch. Drawn anew at every submit when min_us < max_us (wsim_source.h).
struct Duration {
  std::uint64_t min_us = 0;  // 1..2^31-1; 0 when unbounded
  std::uint64_t max_us = 0;  // >= min_us
  bool unbounded = false;    // `*`: runs until a Terminate step ends it
};

// A reference `-N`, resolved.
struct StepRef {
  std::size_t step = 0;      // absolute 0-based index, always smaller than the referring step's
  std::uint32_t column = 0;  // 1-based, where the reference is written; for messages only
};

// `rW-i[-j]` / `wW-i[-j]`: read or write of the objects first..last (inclusive, 0-based) of working set W.
struct WorkingSetDep {
  std::uint32_t set = 0;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  bool write = false;
  std::uint32_t column = 0;
};

// `ctx.ENGINE.duration.deps.wait`
struct Batch {
  std::uint32_t context = 0;  // 0 is allowed here, and only here
  WsimEngine engine = WsimEngine::default_engine;
  Duration duration;
  std::vector<StepRef> data_deps;    // `-N`: reads the object that batch writes
  std::vector<StepRef> fence_deps;   // `f-N`: a Batch (its completion) or a SwFence
  std::vector<StepRef> submit_deps;  // `s-N`: a Batch (its start)
  std::vector<WorkingSetDep> set_deps;
  bool wait = false;  // block the client until this batch has completed
};

// `d.us`: the client sleeps.
struct Delay {
  std::uint64_t us = 0;  // 1..2^31-1
};

// `p.us`: the client sleeps until `us` after the start of this loop; if that has passed, one period was missed.
struct Period {
  std::uint64_t us = 0;  // 1..2^31-1
};

// `s.-N`: the client waits for that batch.
struct Sync {
  StepRef target;
};

// `t.n`: from here on, before each submit, wait for the batch n steps earlier (wrapping into the previous loop).
struct Throttle {
  std::uint32_t steps = 0;  // 0 switches it off
};

// `q.n`: from here on, after each submit, wait for the oldest until at most n are listed for that engine.
struct QueueDepth {
  std::uint32_t depth = 0;  // 0 switches it off
};

// `f`: creates an unsignalled software fence on the client's timeline.
struct SwFence {};

// `a.-N`: advances the timeline over that fence.
struct SignalSwFence {
  StepRef target;
};

// `T.-N`: ends the unbounded batch there.
struct Terminate {
  StepRef target;
};

// `P.ctx.priority`
struct Priority {
  std::uint32_t context = 0;  // >= 1
  std::int32_t value = 0;     // -1023..1023 (i915's user range); -1 low, 0 normal, 1 high
};

// `X.ctx.us`: batches of the context that follow in the text can be preempted every us; 0 = not at all.
struct Preemption {
  std::uint32_t context = 0;  // >= 1
  std::uint64_t period_us = 0;
};

// `S.ctx.mask`: accepted, not modelled.
struct SliceMask {
  std::uint32_t context = 0;  // >= 1
  std::int64_t mask = 0;      // -1 = all slices
};

// `M.ctx.A|B`: the only engines the context may use. Holds for the whole program, wherever it stands.
struct EngineMap {
  std::uint32_t context = 0;        // >= 1
  std::vector<WsimEngine> engines;  // as written: `vcs` stands for vcs1 and vcs2; never default_engine
};

// `B.ctx`: one virtual engine over the context's map.
struct Balance {
  std::uint32_t context = 0;  // >= 1
};

// `b.ctx.siblings.master`: accepted, not modelled.
struct Bond {
  std::uint32_t context = 0;  // >= 1
  std::vector<WsimEngine> siblings;
  WsimEngine master = WsimEngine::rcs;
};

// One `[count n]min[-max]` of a working set: `count` objects, each of a size drawn once from min..max.
struct ObjectSizes {
  std::uint32_t count = 1;
  std::uint64_t min_bytes = 0;  // >= 1
  std::uint64_t max_bytes = 0;  // >= min_bytes
};

// `w.id.sizes` (private) or `W.id.sizes` (shared between the clones of one workload).
struct WorkingSet {
  std::uint32_t id = 0;
  bool shared = false;
  std::vector<ObjectSizes> sizes;

  [[nodiscard]] std::uint64_t object_count() const noexcept {
    std::uint64_t count = 0;
    for (const ObjectSizes& entry : sizes) count += entry.count;
    return count;
  }
};

// `V.id` and `v.id.ctx`: address spaces of newer gem_wsim; accepted, not modelled (i915 ignores them, too).
struct AddressSpace {
  std::uint32_t id = 0;  // >= 1
};
struct AssignAddressSpace {
  std::uint32_t id = 0;
  std::uint32_t context = 0;  // >= 1
};

using StepBody =
    std::variant<Batch, Delay, Period, Sync, Throttle, QueueDepth, SwFence, SignalSwFence, Terminate, Priority,
                 Preemption, SliceMask, EngineMap, Balance, Bond, WorkingSet, AddressSpace, AssignAddressSpace>;

struct Step {
  std::size_t index = 0;     // 0-based; comments and empty lines are no steps, everything else is
  std::uint32_t line = 1;    // 1-based
  std::uint32_t column = 1;  // 1-based, in bytes
  StepBody body;
};

// Something the reader should know although the program is valid: accepted but not modelled, or likely to hang.
struct Notice {
  std::size_t step = 0;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string message;
};

struct WsimProgram {
  std::string file;
  std::vector<Step> steps;
  std::vector<Notice> notices;
};

}  // namespace gpusim::workload
