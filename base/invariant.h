// SPDX-License-Identifier: MIT
// A rule of the model that no longer holds. Faults of the modelled machine are values in the trace; this is the other
// kind: the simulator broke a promise. It ends the run with exit code 3.
#pragma once

#include <stdexcept>
#include <string>

namespace gpusim {

class InvariantViolation : public std::runtime_error {
 public:
  /// `oracle` is the short name by which tests and users know the rule ("fence_signalled_once"); `what` says, in words,
  /// the time, the object and the culprit.
  InvariantViolation(std::string oracle, const std::string& what)
      : std::runtime_error{oracle + ": " + what}, oracle_{std::move(oracle)} {}

  [[nodiscard]] const std::string& oracle() const { return oracle_; }

 private:
  std::string oracle_;
};

[[noreturn]] inline void violate(std::string oracle, const std::string& what) {
  throw InvariantViolation{std::move(oracle), what};
}

}  // namespace gpusim
