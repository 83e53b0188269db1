// SPDX-License-Identifier: MIT
// An oracle watches the events of a run for one rule that must always hold, whatever the scenario does to the machine.
// It stops the run (InvariantViolation) with the time, the object and the culprit in words. It recomputes from the few
// kinds of events that it reads (its handlers on(), traces/event/handlers.h) and shares nothing with the models or with
// other oracles.
#pragma once

#include <string>
#include <string_view>

#include "traces/event/make.h"
#include "traces/event/names.h"
#include "traces/event/recorder.h"

namespace gpusim::trace {

class Oracle {
 public:
  /// `name`: by which tests and users know the rule; a literal.
  Oracle(std::string_view name, const Names& names) : name_{name}, names_{names} {}

  virtual ~Oracle() = default;

  [[nodiscard]] std::string_view name() const { return name_; }
  virtual void attach_to(Recorder& recorder) = 0;
  /// What must hold when a run has come to its own end; not called if it was interrupted or stalled.
  virtual void finish(SimTime /*now*/) {}

 protected:
  [[noreturn]] void fail(SimTime when, const std::string& text) const;
  [[nodiscard]] std::string queue_text(QueueId queue) const;
  [[nodiscard]] std::string engine_text(std::uint32_t engine) const;
  [[nodiscard]] const std::string& work_text(Code work) const;
  [[nodiscard]] const std::string& refusal_text(Code reason) const;
  [[nodiscard]] static std::string job_text(JobId job);
  [[nodiscard]] static std::string fence_text(std::uint64_t context, std::uint64_t seqno);

 private:
  std::string_view name_;
  const Names& names_;
};

}  // namespace gpusim::trace
