// SPDX-License-Identifier: MIT
// How evenly engines were shared, among clients that may expect an even share: those with queues that were created with
// the same priority for the same set of engines. Where priorities change in the run, what a queue got before and after
// is not told apart.
#pragma once

#include <cstdint>
#include <vector>

#include "base/wide.h"

namespace gpusim::trace {

class Statistics;

/// Clients with queues of one priority for one set of engines: two of them or more.
struct EvenShare {
  std::uint64_t engine_mask = 0;  ///< bit n: engine n
  std::uint64_t level = 0;        ///< priority at creation, 0 is the highest
  std::uint64_t clients = 0;
  std::uint64_t changed = 0;  ///< of them, those with a queue here whose priority changed later
  Wide least = 0;  ///< ps that engines worked for the client that got least of it, in lives that ended and others
  Wide most = 0;
  /// Jain's index of what each client got, in thousandths of a percent: 100,000 if all got the same, 1/n of that if one
  /// of n clients got all; 100,000 if nobody got anything.
  std::uint64_t jain = 0;
};

/// By engines, then by priority. It is a matter of the workloads, too, if they come to their end or leave an engine
/// idle: fairness is a question only among clients that want more than they get.
[[nodiscard]] std::vector<EvenShare> even_shares(const Statistics& statistics);

}  // namespace gpusim::trace
