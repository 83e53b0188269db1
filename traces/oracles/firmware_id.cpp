// SPDX-License-Identifier: MIT
#include "traces/oracles/firmware_id.h"

#include "base/grown.h"

namespace gpusim::trace {

EventSet FirmwareId::kinds() const { return events({EventKind::queue_registered, EventKind::queue_deregistered}); }

void FirmwareId::on_event(const Event& event) {
  std::uint32_t& owner = grown(owners_, event.unit);
  if (event.kind == EventKind::queue_deregistered) {
    owner = 0;
    return;
  }
  if (owner != 0) {
    fail(event, "firmware id " + std::to_string(event.unit) + " was registered for " + queue_text(event.queue) +
                    " while " + queue_text(owner) + " had it");
  }
  owner = event.queue;
}

}  // namespace gpusim::trace
