// SPDX-License-Identifier: MIT
// test::BareHost with an exploration's choices, all of them given by the test.
#pragma once

#include "base/choice.h"
#include "tests/support/bare_host.h"

namespace gpusim::test {

class ChoosingHost {
 public:
  ChoosingHost(const os::HostSpec& spec, const Schedule& schedule)
      : choices{schedule}, host{timeline, recorder, names, ledger, spec, 1, &choices, &actors} {}

  void run() {
    timeline.freeze();
    while (!timeline.empty()) timeline.run_one();
  }

  ChoiceSource choices;
  Timeline timeline;
  ActorBoard actors{timeline};
  trace::Recorder recorder{timeline};
  trace::Names names;
  CostLedger ledger;
  os::Host host;
};

}  // namespace gpusim::test
