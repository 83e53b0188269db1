// SPDX-License-Identifier: MIT
#include "traces/oracles/firmware_id.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/faults.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void FirmwareId::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void FirmwareId::on(const queue_deregistered& event) { grown(owners_, event.id) = QueueId{}; }

void FirmwareId::on(const queue_registered& event) {
  QueueId& owner = grown(owners_, event.id);
  if (owner != QueueId{}) {
    fail(event.time, fmt::format("firmware id {} was registered for {} while {} had it", event.id,
                                 queue_text(event.queue), queue_text(owner)));
  }
  owner = event.queue;
}

void FirmwareId::on(const fault_injected& event) {
  if (event.fault.as<Fault>() == Fault::corrupted_message) ++corrupted_;
}

void FirmwareId::on(const message_refused& event) {
  if (corrupted_ > 0) {
    --corrupted_;
    return;
  }
  fail(event.time, fmt::format("the firmware refuses what it was told of firmware id {}: {}", event.id,
                               refusal_text(event.reason)));
}

}  // namespace gpusim::trace
