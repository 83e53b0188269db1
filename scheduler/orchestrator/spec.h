// SPDX-License-Identifier: MIT
// What an orchestrator is configured with. No public text says more than its purpose (docs/orchestrator.md): all of
// this is ours.
#pragma once

#include <cstdint>

#include "base/cost.h"
#include "base/time.h"

namespace gpusim::sched::orch {

/// Which of the queues that wait gets a token. Those of one queue's jobs on the hardware count as run time.
enum class Policy : std::uint8_t {
  rr,    ///< the next in the order of creation, after the queue that got the last one
  fifo,  ///< who has asked for longest
  fair,  ///< who has had the hardware for the shortest time
};

enum class GrantIn : std::uint8_t {
  completion,  ///< the context in which the token came back, mostly the interrupt
  worker,      ///< a work item of the orchestrator
};

struct Spec {
  std::uint32_t slots = 0;  ///< tokens; 0: there is no orchestrator
  Policy policy = Policy::rr;
  /// A turn, if others wait: jobs, and time from the grant on. 0: not limited by that; not both.
  std::uint32_t batch = 4;
  Picoseconds quantum{0};
  GrantIn grant_in = GrantIn::worker;
  Cost ask{ns(50)};        ///< CPU time of a queue that finds no token: it is entered with those that wait
  Cost grant{ns(100)};     ///< choosing a queue, and giving it a token
  Cost give_back{ns(50)};  ///< taking one back
};

}  // namespace gpusim::sched::orch
