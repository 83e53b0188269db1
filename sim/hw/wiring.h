// SPDX-License-Identifier: MIT
// Joins sockets, each pair through a checker of TLM-2.0's rules if asked for.
#pragma once

#include <memory>
#include <vector>

#include "sim/hw/transaction_checker.h"

namespace gpusim::hw {

class Wiring {
 public:
  explicit Wiring(bool is_checked) : is_checked_{is_checked} {}

  template <class Initiator, class Target>
  void connect(Initiator& initiator, Target& target) {
    if (!is_checked_) return initiator.bind(target);
    auto& checker =
        checkers_.emplace_back(std::make_unique<TransactionChecker>(sc_core::sc_gen_unique_name("checker")));
    initiator.bind(checker->from_initiator);
    checker->to_target.bind(target);
  }

 private:
  bool is_checked_;
  std::vector<std::unique_ptr<TransactionChecker>> checkers_;
};

}  // namespace gpusim::hw
