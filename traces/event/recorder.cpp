// SPDX-License-Identifier: MIT
#include "traces/event/recorder.h"

namespace gpusim::trace {

void Recorder::attach(Listener& listener, const EventSet& kinds) {
  for (std::size_t kind = 0; kind < kEventKindCount; ++kind) {
    if (kinds.test(kind)) listeners_[kind].push_back(&listener);
  }
}

}  // namespace gpusim::trace
