// SPDX-License-Identifier: MIT
#include "sim/fault/injector.h"

namespace gpusim::fault {

void Injector::note(Kind kind, std::uint32_t queue, std::uint32_t unit, std::uint64_t job) {
  recorder_.emit(trace::fault_injected{.queue = QueueId{queue}, .unit = unit, .job = JobId{job}, .fault = kind});
}

Delivery Injector::interrupt(std::uint32_t vector) {
  Delivery delivery;
  if (happens(Kind::lost_interrupt, spec_.lost_interrupt)) {
    delivery.lost = true;
    note(Kind::lost_interrupt, 0, vector, 0);
  }
  if (happens(Kind::late_interrupt, spec_.late_interrupt)) {
    delivery.delay = spec_.delay;
    note(Kind::late_interrupt, 0, vector, 0);
  }
  if (happens(Kind::duplicate_interrupt, spec_.duplicate_interrupt)) {
    delivery.twice = true;
    note(Kind::duplicate_interrupt, 0, vector, 0);
  }
  return delivery;
}

Delivery Injector::doorbell(std::uint32_t queue, std::uint32_t doorbell) {
  Delivery delivery;
  if (happens(Kind::lost_doorbell, spec_.lost_doorbell)) {
    delivery.lost = true;
    note(Kind::lost_doorbell, queue, doorbell, 0);
  }
  if (happens(Kind::delayed_doorbell, spec_.delayed_doorbell)) {
    delivery.delay = spec_.delay;
    note(Kind::delayed_doorbell, queue, doorbell, 0);
  }
  return delivery;
}

bool Injector::hangs(std::uint32_t queue, std::uint64_t job, std::uint32_t engine) {
  if (!happens(Kind::hung_job, spec_.hung_job)) return false;
  note(Kind::hung_job, queue, engine, job);
  return true;
}

std::uint64_t Injector::slows(std::uint32_t queue, std::uint64_t job, std::uint32_t engine) {
  if (!happens(Kind::slow_job, spec_.slow_job)) return 1;
  note(Kind::slow_job, queue, engine, job);
  return spec_.slow_factor;
}

bool Injector::drops_message(std::uint32_t queue) {
  if (!happens(Kind::dropped_message, spec_.dropped_message)) return false;
  note(Kind::dropped_message, queue, 0, 0);
  return true;
}

bool Injector::drops_reply(std::uint32_t queue) {
  if (!happens(Kind::dropped_reply, spec_.dropped_reply)) return false;
  note(Kind::dropped_reply, queue, 0, 0);
  return true;
}

Picoseconds Injector::stalls_firmware() {
  if (!happens(Kind::firmware_stall, spec_.firmware_stall)) return Picoseconds{0};
  note(Kind::firmware_stall, 0, 0, 0);
  return spec_.stall;
}

}  // namespace gpusim::fault
