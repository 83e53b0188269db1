// SPDX-License-Identifier: MIT
// Whose turn it is at an orchestrator, of those that wait without a token. FIFO: who has asked for longest. RR: while a
// queue waits, no other gets a token twice. FAIR: who has had the hardware for the shortest time; that time is at least
// what engines spent on the queue's jobs, and at most what passed while it had the token, or, for one that has kept its
// token without jobs and comes back, what others may have had. A queue may go on with a token that it has used up only
// if nobody waits without one; while somebody does, it runs no more jobs than a turn has, and one that it was let in
// with before.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

enum class TurnPolicy : std::uint8_t { rr, fifo, fair };

class TokenTurns final : public Oracle {
 public:
  explicit TokenTurns(const Names& names) : Oracle{"token_turns", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const token_wait& event);
  void on(const token_granted& event);
  void on(const token_withdrawn& event);
  void on(const token_returned& event);
  void on(const drm_sched_job_run& event);
  void on(const fetch_begin& event);
  void on(const job_preempted& event);
  void on(const job_end& event);
  void on(const dma_fence_signaled& event);
  void on(const queue_destroyed& event);

  /// Before attach_to(). Without it there is no orchestrator, and nothing to hear.
  void on_policy(TurnPolicy policy, std::uint32_t batch) {
    policy_ = policy;
    batch_ = batch;
  }

 private:
  struct Queue {
    bool holds = false;
    bool waits = false;
    std::uint64_t asked = 0;               ///< number of its question
    std::uint64_t ran_beside_waiters = 0;  ///< jobs, since it got the token or somebody began to wait
    std::vector<QueueId> passed;           ///< RR: who got a token while it waited without one
    Picoseconds vruntime{0};               ///< that it said last
    SimTime said{};                        ///< when
    Picoseconds worked{0};                 ///< by engines since then
    SimTime granted = kNever;              ///< while it has a token: when it got it; kNever: by no event
    std::optional<SimTime> on_engine_since;
  };
  void check_turn(QueueId id, const Queue& chosen, SimTime now) const;
  [[nodiscard]] Picoseconds most_of_others(const Queue& queue, SimTime now) const;
  void set(Queue& queue, bool holds, bool waits);
  void say_vruntime(QueueId id, Queue& queue, Picoseconds vruntime, SimTime now) const;
  [[nodiscard]] static QueueId id_of(std::size_t index) { return QueueId{static_cast<std::uint32_t>(index)}; }

  std::optional<TurnPolicy> policy_;
  std::uint32_t batch_ = 0;
  std::uint32_t waiters_ = 0;  // that wait without a token
  std::uint64_t questions_ = 0;
  std::vector<Queue> queues_;
};

}  // namespace gpusim::trace
