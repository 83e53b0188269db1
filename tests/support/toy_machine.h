// SPDX-License-Identifier: MIT
// Makes traces that keep all rules of the event table, by taking random legal steps: no model of anything, but every
// turn a job can take - locks, dependencies, credits, full rings, early reads, slots, preemption, resets, cancellation,
// shared interrupts - comes up in any order. For testing folds, oracles and checks against each other.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/prng.h"
#include "tests/support/trace_script.h"

namespace gpusim::test {

struct ToySpec {
  std::uint64_t seed = 1;
  std::uint32_t queues = 3;  ///< numbered from 1; each has its own fence context of the same number
  std::uint32_t engines = 2;
  std::uint64_t jobs = 100;
  std::uint64_t credit_limit = 3;
  std::uint64_t ring_entries = 2;
  bool slots = true;  ///< queues need one of two slots
};

class ToyMachine {
 public:
  /// `script` gets the events; folds are attached to its recorder before run().
  ToyMachine(trace::TraceScript& script, const ToySpec& spec) : script_{script}, spec_{spec}, prng_{spec.seed, "toy"} {}

  /// Until all jobs are through.
  void run();

 private:
  enum class Step : std::uint8_t { queued, written, fetched, preempted, ended, visible };

  struct Job {
    JobId id;
    std::uint64_t seqno = 0;
    std::uint64_t credits = 1;
    std::uint64_t work_left = 0;  ///< ps
    std::uint64_t work = 0;
    std::uint64_t index = 0;
    std::uint64_t dependency_context = 0;  ///< 0: none
    std::uint64_t dependency_seqno = 0;
    std::uint32_t waiters = 0;
    Step step = Step::queued;
    bool started = false;
    SimTime since{};
  };
  struct Queue {
    std::uint32_t number = 0;
    std::deque<Job> jobs;  ///< not signalled yet, in order
    std::uint64_t next_seqno = 1;
    std::uint64_t next_index = 0;
    std::uint64_t read_index = 0;
    std::uint64_t credits_in_flight = 0;
    std::deque<std::uint64_t> doorbells;  ///< in flight
    std::uint64_t rung = 0;
    bool waits_for_dependency = false;
    bool waits_for_credits = false;
    int slot = -1;
    int engine = -1;
  };
  struct Engine {
    int queue = -1;
    bool restoring = false;
    bool saving = false;
    JobId job;
  };

  void pass_time();
  [[nodiscard]] bool chance(std::uint64_t percent) { return prng_.uniform(1, 100) <= percent; }
  [[nodiscard]] Queue& any_queue() { return queues_[prng_.uniform(0, queues_.size() - 1)]; }
  [[nodiscard]] static Picoseconds done(const Job& job) {
    return ps(static_cast<std::int64_t>(job.work - job.work_left));
  }
  [[nodiscard]] Job* first_in(Queue& queue, Step step);
  [[nodiscard]] bool signalled(std::uint64_t context, std::uint64_t seqno) const;
  trace::TraceScript& on(const Queue& queue) { return script_.on_queue(queue.number); }

  void exec();
  void schedule(Queue& queue);
  void run_job(Queue& queue, Job& job, bool again);
  void doorbell(Queue& queue);
  void firmware(Queue& queue);
  void move_slot(Queue& queue);
  void engine_step(std::uint32_t number);
  void reset(std::uint32_t number);
  void fence_visible(Queue& queue);
  void handle_interrupt();
  void signal(Queue& queue, Errno error);
  void wake_dependents();

  trace::TraceScript& script_;
  const ToySpec spec_;
  Prng prng_;
  std::vector<Queue> queues_;
  std::vector<Engine> engines_;
  std::vector<std::uint64_t> signalled_;                    ///< by context
  std::vector<std::pair<std::uint32_t, JobId>> returning_;  ///< waiters: queue, job
  std::uint64_t slots_free_ = 0b11;
  std::uint64_t next_job_ = 1;
  bool handler_runs_ = false;
};

}  // namespace gpusim::test
