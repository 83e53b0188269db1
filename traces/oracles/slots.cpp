// SPDX-License-Identifier: MIT
#include "traces/oracles/slots.h"

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void Slots::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void Slots::on(const slot_grant& event) {
  const std::string slot = "slot " + std::to_string(event.slot);
  QueueId& owner = grown(owners_, event.slot);
  std::uint32_t& held = grown(held_, event.queue);
  if (owner != QueueId{})
    fail(event.time, slot + " was granted to " + queue_text(event.queue) + " while " + queue_text(owner) + " held it");
  if (held != 0) {
    fail(event.time,
         slot + " was granted to " + queue_text(event.queue) + ", which holds slot " + std::to_string(held - 1));
  }
  owner = event.queue;
  held = event.slot + 1;
  ++in_use_;
  if (count_ != 0 && (in_use_ > count_ || event.slot >= count_)) {
    fail(event.time, slot + " was granted to " + queue_text(event.queue) + " with " + std::to_string(in_use_) +
                         " in use; the device has " + std::to_string(count_));
  }
}

void Slots::on(const slot_evict& event) {
  QueueId& owner = grown(owners_, event.slot);
  if (owner != event.queue || owner == QueueId{}) {
    fail(event.time, "slot " + std::to_string(event.slot) + " was taken from " + queue_text(event.queue) + ", but " +
                         (owner == QueueId{} ? "nobody" : queue_text(owner)) + " held it");
  }
  held_[owner.value()] = 0;
  owner = QueueId{};
  --in_use_;
}

}  // namespace gpusim::trace
