// SPDX-License-Identifier: MIT
#include "traces/folds/device_load.h"

#include <algorithm>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void DeviceLoad::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void DeviceLoad::on(const message_send& event) {
  ++messages_sent_;
  messages_.up(event.time);
}

void DeviceLoad::on(const firmware_end& event) {
  if (event.event == message_step_) messages_.down(event.time);
}

/// A job may be written again after a reset, to another place.
void DeviceLoad::on(const ring_write& event) {
  if (event.job.value() != 0) entries_.find_or_insert(event.job.value()) = {event.queue, event.index};
}

/// By its engine or, if it was killed, by its fence. Entries end in the order of the ring.
void DeviceLoad::end(JobId job, SimTime now) {
  const Entry* entry = entries_.find(job.value());
  if (entry == nullptr) return;
  const QueueId number = entry->queue;
  Queue& queue = grown(queues_, number);
  queue.done = std::max(queue.done, entry->index + 1);
  entries_.erase(job.value());
  changed(number, now);
}

void DeviceLoad::on(const queue_registered& event) {
  grown(queues_, event.queue).is_known = true;
  changed(event.queue, event.time);
}

/// What it knew of its entries it learns again if it is to know the queue again.
void DeviceLoad::on(const queue_deregistered& event) {
  Queue& queue = grown(queues_, event.queue);
  queue.is_known = queue.is_on_engine = queue.waits_in_ring = false;
  queue.seen = 0;
  changed(event.queue, event.time);
}

void DeviceLoad::on(const reset_notify& event) {
  grown(queues_, event.queue).is_known = false;
  changed(event.queue, event.time);
}

void DeviceLoad::on(const queue_ready& event) {
  grown(queues_, event.queue).seen = event.write_index;
  changed(event.queue, event.time);
}

void DeviceLoad::on(const ring_wait_begin& event) {
  grown(queues_, event.queue).waits_in_ring = true;
  changed(event.queue, event.time);
}

void DeviceLoad::on(const ring_wait_end& event) {
  grown(queues_, event.queue).waits_in_ring = false;
  changed(event.queue, event.time);
}

void DeviceLoad::on(const queue_stop& event) {
  ++grown(queues_, event.queue).stops;
  changed(event.queue, event.time);
}

void DeviceLoad::on(const queue_start& event) {
  Queue& queue = grown(queues_, event.queue);
  if (queue.stops > 0) --queue.stops;
  changed(event.queue, event.time);
}

void DeviceLoad::on(const queue_evicted& event) {
  grown(queues_, event.queue).is_evicted = true;
  changed(event.queue, event.time);
}

void DeviceLoad::on(const queue_restored& event) {
  grown(queues_, event.queue).is_evicted = false;
  changed(event.queue, event.time);
}

void DeviceLoad::on(const engine_assign& event) {
  grown(queues_, event.queue).is_on_engine = true;
  changed(event.queue, event.time);
}

void DeviceLoad::on(const engine_release& event) {
  grown(queues_, event.queue).is_on_engine = false;
  changed(event.queue, event.time);
}

void DeviceLoad::on(const engine_reset& event) {
  grown(queues_, event.queue).is_on_engine = false;
  changed(event.queue, event.time);
}

void DeviceLoad::changed(QueueId number, SimTime now) {
  Queue& queue = queues_[number.value()];
  const bool may_wait = queue.is_known && !queue.waits_in_ring && queue.stops == 0 && !queue.is_evicted;
  const bool waits = may_wait && !queue.is_on_engine && queue.seen > queue.done;
  if (waits == (queue.since != kNever)) return;
  if (waits) {
    queue.since = now;
    return waiting_.up(now);
  }
  note_wait(number, queue.since, now);
  queue.since = kNever;
  waiting_.down(now);
}

void DeviceLoad::note_wait(QueueId number, SimTime since, SimTime now) {
  if (now - since <= longest_) return;
  longest_ = now - since;
  longest_waiter_ = number;
}

void DeviceLoad::finish(SimTime now) {
  for (LevelOverTime* level : {&messages_, &held_, &waiting_}) level->pass(now);
  for (std::size_t number = 1; number < queues_.size(); ++number) {
    if (queues_[number].since != kNever)
      note_wait(QueueId{static_cast<std::uint32_t>(number)}, queues_[number].since, now);
  }
}

}  // namespace gpusim::trace
