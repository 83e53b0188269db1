// SPDX-License-Identifier: MIT
#include "tests/support/dep_rig.h"

#include "tests/mutants/flips.h"

namespace gpusim::test {

DepRig::DepRig(const DepSetup& setup)
    : QueueRig{setup.host},
      component{bare.host, fences, setup.costs},
      queue{&component.create_queue({QueueId{1}, "queue", 0, setup.credit_limit, setup.timeout, flipped(setup.policy)},
                                    *this)} {}

}  // namespace gpusim::test
