// SPDX-License-Identifier: MIT
// The orchestrator: more queues than the hardware has places for take turns. A layer between 1:1 components and their
// driver, of which neither knows: docs/orchestrator.md.
//
//   queue ─► its head needs nothing but the hardware ─► TokenGate: has it a token, and is its turn not over?
//              │ yes: run_job                              │ no: it waits, asleep
//              ▼                                           ▼
//            hardware ─► nothing left on it ─► token back ─► the policy chooses ─► room_again() of that queue
//
// A free token is taken without ceremony, and kept until somebody else waits: so with as many tokens as queues nothing
// happens here, and nothing costs time. Then a queue gives its token back when nothing of it is on the hardware; it is
// not let in again once its turn is over (Spec::batch, Spec::quantum). Nothing is preempted.
//
// All of it is ours, see docs/orchestrator.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "os/lockdep.h"
#include "os/workqueue.h"
#include "scheduler/orchestrator/spec.h"
#include "scheduler/orchestrator/token_gate.h"

namespace gpusim::sched::orch {

class Orchestrator {
 public:
  /// Pre: spec.slots > 0.
  Orchestrator(os::Host& host, const Spec& spec);

  /// The gate of a new queue, whose driver is `driver`. Lives until its queue_fini() has returned.
  [[nodiscard]] TokenGate& add(QueueId id, const std::string& name, SubmissionBackend& driver);
  /// Its worker has nothing to do.
  [[nodiscard]] bool is_idle() const { return !wq_ || wq_->is_idle(); }

 private:
  friend class TokenGate;

  [[nodiscard]] bool may_run(os::Context& ctx, TokenGate& gate, JobId job);
  [[nodiscard]] bool is_turn_over(const os::Context& ctx, const TokenGate& gate) const;
  /// FAIR: the least run time with which a queue comes that has had nothing to do. Of the last one that was chosen, or,
  /// while tokens are free or kept, of those on the hardware.
  [[nodiscard]] Picoseconds floor_for(const TokenGate& comer);
  void wait_in_line(os::Context& ctx, TokenGate& gate, JobId job);
  /// Those that wait without a token.
  [[nodiscard]] std::size_t waiters() const;
  [[nodiscard]] bool has_waiters() const { return waiters() != 0; }
  /// Those that have a token and nothing on the hardware lose it, until there is one for each who waits; the end of
  /// what others have there is watched.
  void collect(os::Context& ctx);
  void take_back(os::Context& ctx, TokenGate& gate);
  void leave_line(os::Context& ctx, TokenGate& gate);
  /// A token is free, or nobody waits for the one of a queue that has used up its turn. `asker`: the queue whose head
  /// asks right now and gets its answer by may_run(), nullptr: none.
  void grant(os::Context& ctx, const TokenGate* asker);
  void grant_soon(os::Context& ctx);
  [[nodiscard]] TokenGate* choose() const;
  void let_in(os::Context& ctx, TokenGate& gate, const TokenGate* asker);
  void begin_turn(TokenGate& gate, SimTime now);
  /// The queue has come to the end of what it had on the hardware, in whatever context.
  void on_idle(os::Context& ctx, TokenGate& gate);
  /// The queue is gone. Violates "orchestrator_line" if it waits.
  void remove(os::Context& ctx, TokenGate& gate);
  static os::Task<> grant_work(void* self, os::Context& ctx);

  os::Host& host_;
  Spec spec_;
  os::LockClass lock_;
  std::uint32_t out_ = 0;                          // tokens that queues have
  std::vector<std::unique_ptr<TokenGate>> gates_;  // in the order of creation
  std::vector<TokenGate*> line_;                   // that wait, in the order in which they asked
  QueueId last_;                                   // whose turn began last
  Picoseconds floor_{0};                           // FAIR: what nobody who waits lags behind
  // Made when there are more queues than tokens: until then the host does not know of them.
  std::optional<os::Workqueue> wq_;
  std::optional<os::Work> work_;
};

}  // namespace gpusim::sched::orch
