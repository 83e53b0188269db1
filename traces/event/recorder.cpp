// SPDX-License-Identifier: MIT
#include "traces/event/recorder.h"

namespace gpusim::trace {

void Recorder::attach(Listener& listener, const EventSet& kinds) {
  for (std::size_t kind = 0; kind < kEventKindCount; ++kind) {
    if (!kinds.test(kind)) continue;
    attach(static_cast<EventKind>(kind),
           {&listener, [](void* object, const Event& event) { static_cast<Listener*>(object)->on_event(event); }});
  }
}

}  // namespace gpusim::trace
