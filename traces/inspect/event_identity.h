// SPDX-License-Identifier: MIT
// Who an event is, whenever it happens and whatever numbers its run has given to things: its kind and the names of what
// it is about (queue, engine, client; of a job its place among its queue's). Two runs are compared by that.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "traces/event/make.h"
#include "traces/inspect/run_index.h"

namespace gpusim::trace {

struct EventIdentity {
  std::uint64_t who = 0;         ///< kind and objects: equal for all events of a kind about the same things
  std::uint64_t content = 0;     ///< all other fields but durations
  std::uint64_t everything = 0;  ///< all fields, time, CPU and thread
  /// Where it takes its turn: events of a kind at one engine or vector, in the firmware, on one queue. 0: nowhere.
  std::uint64_t place = 0;
};

class EventIdentities final {
 public:
  /// Both outlive it.
  EventIdentities(const Recording& recording, const RunIndex& index);

  [[nodiscard]] EventIdentity of(const Event& event) const;
  /// Do all events of that kind name a job, and are they thus of the same one in both runs?
  [[nodiscard]] static bool is_of_job(EventKind kind);
  /// A job by its queue's name and its place among the queue's execs.
  [[nodiscard]] std::uint64_t job_key(JobId job) const { return job.value() < jobs_.size() ? jobs_[job.value()] : 0; }
  /// Where it takes its turn, in words: "engine rcs0", "the firmware", "queue web.jobs".
  [[nodiscard]] std::string place_text(const Event& event) const;

 private:
  enum class Sort : std::uint8_t { none, firmware, engine, queue };
  [[nodiscard]] static Sort sort_of_place(const Event& event);
  [[nodiscard]] std::uint64_t make_job_key(JobId job) const;
  [[nodiscard]] std::uint64_t context_key(std::uint64_t context) const;
  void learn_contexts();

  const Recording& recording_;
  const RunIndex& index_;
  // By number: a hash of the name.
  std::vector<std::uint64_t> queues_;
  std::vector<std::uint64_t> engines_;
  std::vector<std::uint64_t> clients_;
  std::vector<std::uint64_t> threads_;
  std::vector<std::uint64_t> vectors_;
  std::vector<std::uint64_t> jobs_;
  std::map<std::uint64_t, std::uint64_t> contexts_;  ///< fence contexts: which one of which queue
};

}  // namespace gpusim::trace
