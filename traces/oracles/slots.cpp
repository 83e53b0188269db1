// SPDX-License-Identifier: MIT
#include "traces/oracles/slots.h"

#include "base/grown.h"

namespace gpusim::trace {

EventSet Slots::kinds() const { return events({EventKind::slot_grant, EventKind::slot_evict}); }

void Slots::on_event(const Event& event) {
  if (event.kind == EventKind::slot_grant) {
    on_grant(event);
  } else {
    on_evict(event);
  }
}

void Slots::on_grant(const Event& event) {
  const std::string slot = "slot " + std::to_string(event.unit);
  std::uint32_t& owner = grown(owners_, event.unit);
  std::uint32_t& held = grown(held_, event.queue);
  if (owner != 0)
    fail(event, slot + " was granted to " + queue_text(event.queue) + " while " + queue_text(owner) + " held it");
  if (held != 0)
    fail(event, slot + " was granted to " + queue_text(event.queue) + ", which holds slot " + std::to_string(held - 1));
  owner = event.queue;
  held = event.unit + 1;
  ++in_use_;
  if (count_ != 0 && (in_use_ > count_ || event.unit >= count_)) {
    fail(event, slot + " was granted to " + queue_text(event.queue) + " with " + std::to_string(in_use_) +
                    " in use; the device has " + std::to_string(count_));
  }
}

void Slots::on_evict(const Event& event) {
  std::uint32_t& owner = grown(owners_, event.unit);
  if (owner != event.queue || owner == 0) {
    fail(event, "slot " + std::to_string(event.unit) + " was taken from " + queue_text(event.queue) + ", but " +
                    (owner == 0 ? "nobody" : queue_text(owner)) + " held it");
  }
  held_[owner] = 0;
  owner = 0;
  --in_use_;
}

}  // namespace gpusim::trace
