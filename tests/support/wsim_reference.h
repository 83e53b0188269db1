// SPDX-License-Identifier: MIT
// A plain second reading of .wsim programs, to hold the simulator's interpreter against. It shares no code with
// sim/workload, knows nothing of time, and trusts that the text is valid (run the parser first).
//
// Given a text and a number of loops it walks the steps as one client does and lists, in submit order, the batches with
// everything they depend on. The contract with the simulator's interpreter is:
//  1. Steps are taken in text order, loop after loop; every batch step of every loop submits exactly one batch.
//  2. `f-N` gives an edge to the latest instance of that batch (finished) or of that software fence (signalled).
//  3. `s-N` gives an edge to that batch (started).
//  4. Implicit sync works on objects that keep their state from loop to loop. Each batch step owns one output object,
//     made once. A batch writes its own object, reads the object of each `-N` target, and reads or writes the
//     working-set objects it lists. A read waits for the object's last writer. A write waits for the last writer and
//     for all readers since. A batch that lists an object as read and as written writes it. All waits of a batch are
//     found before it enters itself as reader or writer.
//  5. Shared sets behave like private ones here: edges between clones depend on time and are not listed.
//  6. Edges are those before any de-duplication against signalled fences or queues: an edge to a batch of the same
//     queue, or to one that must be done already, is listed. They are sorted, one per target; where a batch both
//     finished and started is wanted, finished stands. Order within a queue is implied and gives no edge of its own.
//  7. Software fences are on one timeline of the client: signalling one signals all that were created before it, and
//     the end of a loop signals all that are left.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gpusim::reference {

struct Edge {
  bool to_fence = false;   // target counts software fences, else batches
  std::size_t target = 0;  // ordinal in Expectation::fences or ::batches
  bool started = false;    // the target's start is enough

  auto operator<=>(const Edge&) const = default;
};

struct Batch {
  std::size_t iteration = 0;
  std::size_t step = 0;
  unsigned context = 0;
  std::vector<std::string> engines;  // allowed physical engines; the context and this list make the queue, ...
  bool is_virtual = false;           // ... together with this
  std::uint64_t min_us = 0;          // both 0 when unbounded
  std::uint64_t max_us = 0;
  bool unbounded = false;
  int priority = 0;              // of the context at submit
  std::uint64_t preempt_us = 0;  // 0 = not preemptible
  std::vector<Edge> edges;
};

struct SoftwareFence {
  std::size_t iteration = 0;
  std::size_t step = 0;
  std::size_t batches_before_signal = 0;  // so many batches were submitted when it was signalled
};

// A place where the client blocks, or ends a batch.
struct HostAction {
  char cause = 's';  // 'w' wait flag, 's' sync, 't' throttle, 'q' queue depth, 'T' terminate
  std::size_t iteration = 0;
  std::size_t step = 0;
  std::size_t batches_submitted = 0;  // before the client blocks here
  std::size_t batch = 0;              // the one waited for, or ended
  std::vector<std::size_t> readers;   // waits only: batches reading its object, which i915's wait covers as well
};

struct Expectation {
  std::vector<Batch> batches;  // the index is the ordinal
  std::vector<SoftwareFence> fences;
  std::vector<HostAction> actions;
};

[[nodiscard]] Expectation interpret_wsim(std::string_view text, std::size_t repeats);

}  // namespace gpusim::reference
