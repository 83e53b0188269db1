// SPDX-License-Identifier: MIT
#include "sim/fault/injector.h"

#include <array>
#include <utility>

namespace gpusim::fault {

void Injector::note(Kind kind, std::uint32_t queue, std::uint32_t unit, std::uint64_t job) {
  recorder_.emit(trace::fault_injected{.queue = QueueId{queue}, .unit = unit, .job = JobId{job}, .fault = kind});
}

std::vector<std::string> Injector::not_happened(SimTime end) const {
  struct Row {
    Kind kind;
    std::uint64_t nth;
    const char* one;
    const char* many;
  };
  const std::array rows{
      Row{Kind::lost_interrupt, spec_.lost_interrupt, "completion interrupt was raised",
          "completion interrupts were raised"},
      Row{Kind::late_interrupt, spec_.late_interrupt, "completion interrupt was raised",
          "completion interrupts were raised"},
      Row{Kind::duplicate_interrupt, spec_.duplicate_interrupt, "completion interrupt was raised",
          "completion interrupts were raised"},
      Row{Kind::lost_doorbell, spec_.lost_doorbell, "doorbell arrived", "doorbells arrived"},
      Row{Kind::delayed_doorbell, spec_.delayed_doorbell, "doorbell arrived", "doorbells arrived"},
      Row{Kind::hung_job, spec_.hung_job, "job was begun", "jobs were begun"},
      Row{Kind::slow_job, spec_.slow_job, "job was begun", "jobs were begun"},
      Row{Kind::dropped_message, spec_.dropped_message, "message was taken by the firmware",
          "messages were taken by the firmware"},
      Row{Kind::dropped_reply, spec_.dropped_reply, "message was sent by the firmware",
          "messages were sent by the firmware"},
      Row{Kind::firmware_stall, spec_.firmware_stall, "event was served by the firmware",
          "events were served by the firmware"},
  };
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    const std::uint64_t came = asked_[static_cast<std::size_t>(row.kind)];
    if (row.nth <= came) continue;
    lines.push_back(std::string{"fault."} + explored(row.kind).place.name() + " = " + std::to_string(row.nth) +
                    " did not happen: " + std::to_string(came) + " " + (came == 1 ? row.one : row.many));
  }
  for (const auto& [kind, when] : {std::pair{Kind::reset, spec_.reset}, std::pair{Kind::unplug, spec_.unplug}}) {
    if (when.count() == 0 || asked_[static_cast<std::size_t>(kind)] != 0) continue;
    lines.push_back(std::string{"fault."} + explored(kind).place.name() + " at " + format_duration(when) +
                    " did not happen: the run ended at " + format_duration(end.time_since_epoch()));
  }
  return lines;
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
