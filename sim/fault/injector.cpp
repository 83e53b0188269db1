// SPDX-License-Identifier: MIT
#include "sim/fault/injector.h"

#include <array>
#include <utility>

#include <fmt/core.h>

#include "sim/fault/aimed_kinds.h"
#include "traces/event/faults.h"

namespace gpusim::fault {

namespace {

consteval bool is(trace::Fault read, Kind kind) {
  return static_cast<std::uint64_t>(read) == static_cast<std::uint64_t>(kind);
}
static_assert(is(trace::Fault::lost_interrupt, Kind::lost_interrupt) &&
              is(trace::Fault::lost_doorbell, Kind::lost_doorbell) && is(trace::Fault::hung_job, Kind::hung_job) &&
              is(trace::Fault::late_interrupt, Kind::late_interrupt) &&
              is(trace::Fault::duplicate_interrupt, Kind::duplicate_interrupt) &&
              is(trace::Fault::delayed_doorbell, Kind::delayed_doorbell) &&
              is(trace::Fault::dropped_message, Kind::dropped_message) &&
              is(trace::Fault::firmware_stall, Kind::firmware_stall) &&
              is(trace::Fault::firmware_crash, Kind::firmware_crash) &&
              is(trace::Fault::corrupted_message, Kind::corrupted_message) &&
              is(trace::Fault::link_error, Kind::link_error));

}  // namespace

void Injector::note(Kind kind, std::uint32_t queue, std::uint32_t unit, std::uint64_t job) {
  recorder_.emit(trace::fault_injected{.queue = QueueId{queue}, .unit = unit, .job = JobId{job}, .fault = kind});
}

std::optional<Injector::Strike> Injector::find(Kind kind, std::uint64_t nth, const Strike& own, std::uint32_t queue,
                                               std::uint32_t unit) {
  const bool is_counted = asked_[static_cast<std::size_t>(kind)] == nth;
  const AimedFault* const aimed = aims_.strike(kind, recorder_.now(), queue, unit);
  if (aimed != nullptr) return Strike{aimed->delay, aimed->factor};
  return is_counted || chosen(kind) ? std::optional{own} : std::nullopt;
}

std::optional<Injector::Strike> Injector::find_and_note(Kind kind, std::uint64_t nth, const Strike& own,
                                                        std::uint32_t queue, std::uint32_t unit, std::uint64_t job) {
  const std::optional<Strike> strike = find(kind, nth, own, queue, unit);
  if (strike) note(kind, queue, unit, job);
  return strike;
}

std::vector<std::string> Injector::not_happened(SimTime end) const {
  struct Row {
    Kind kind;
    std::uint64_t nth;
  };
  const std::array rows{
      Row{Kind::lost_interrupt, spec_.lost_interrupt},
      Row{Kind::late_interrupt, spec_.late_interrupt},
      Row{Kind::duplicate_interrupt, spec_.duplicate_interrupt},
      Row{Kind::lost_doorbell, spec_.lost_doorbell},
      Row{Kind::delayed_doorbell, spec_.delayed_doorbell},
      Row{Kind::hung_job, spec_.hung_job},
      Row{Kind::slow_job, spec_.slow_job},
      Row{Kind::dropped_message, spec_.dropped_message},
      Row{Kind::dropped_reply, spec_.dropped_reply},
      Row{Kind::firmware_stall, spec_.firmware_stall},
  };
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    const std::uint64_t came = asked_[static_cast<std::size_t>(row.kind)];
    if (row.nth <= came) continue;
    const OccasionRow& occasion = row_of(aimed_kind(row.kind)->occasion);
    lines.push_back(fmt::format("fault.{} = {} did not happen: {} {}", explored(row.kind).place.name(), row.nth, came,
                                came == 1 ? occasion.one : occasion.many));
  }
  for (const auto& [kind, when] : {std::pair{Kind::reset, spec_.reset}, std::pair{Kind::unplug, spec_.unplug},
                                   std::pair{Kind::kill, spec_.kill}, std::pair{Kind::evict, spec_.evict}}) {
    if (when.count() == 0 || asked_[static_cast<std::size_t>(kind)] != 0) continue;
    // A client that has come to its end is not there to be killed.
    const std::string why = SimTime{when} > end   ? "the run ended at " + format_duration(end.time_since_epoch())
                            : kind == Kind::evict ? "no client had a queue then"
                                                  : "its client had ended before";
    lines.push_back(
        fmt::format("fault.{} at {} did not happen: {}", explored(kind).place.name(), format_duration(when), why));
  }
  for (std::string& line : aims_.not_happened()) lines.push_back(std::move(line));
  return lines;
}

Delivery Injector::interrupt(std::uint32_t vector) {
  Delivery delivery;
  delivery.lost = strikes(Kind::lost_interrupt, spec_.lost_interrupt, {}, 0, vector, 0).has_value();
  const Strike late{.delay = spec_.delay};
  if (const auto strike = strikes(Kind::late_interrupt, spec_.late_interrupt, late, 0, vector, 0)) {
    delivery.delay = strike->delay;
  }
  delivery.twice = strikes(Kind::duplicate_interrupt, spec_.duplicate_interrupt, {}, 0, vector, 0).has_value();
  return delivery;
}

Delivery Injector::reply_interrupt(std::uint32_t vector) {
  Delivery delivery;
  delivery.lost = strikes(Kind::lost_reply_interrupt, 0, vector).has_value();
  if (const auto strike = strikes(Kind::late_reply_interrupt, 0, vector)) delivery.delay = strike->delay;
  delivery.twice = strikes(Kind::duplicate_reply_interrupt, 0, vector).has_value();
  return delivery;
}

Delivery Injector::doorbell(std::uint32_t queue, std::uint32_t doorbell) {
  Delivery delivery;
  delivery.lost = strikes(Kind::lost_doorbell, spec_.lost_doorbell, {}, queue, doorbell, 0).has_value();
  const Strike late{.delay = spec_.delay};
  if (const auto strike = strikes(Kind::delayed_doorbell, spec_.delayed_doorbell, late, queue, doorbell, 0)) {
    delivery.delay = strike->delay;
  }
  return delivery;
}

bool Injector::tears_doorbell(std::uint32_t queue, std::uint32_t engine) {
  return strikes(Kind::torn_doorbell, queue, engine).has_value();
}

bool Injector::hangs(std::uint32_t queue, std::uint64_t job, std::uint32_t engine) {
  return strikes(Kind::hung_job, spec_.hung_job, {}, queue, engine, job).has_value();
}

std::uint64_t Injector::slows(std::uint32_t queue, std::uint64_t job, std::uint32_t engine) {
  const Strike slow{.factor = spec_.slow_factor};
  const auto strike = strikes(Kind::slow_job, spec_.slow_job, slow, queue, engine, job);
  return strike ? strike->factor : 1;
}

std::optional<Picoseconds> Injector::page_fault(std::uint32_t queue, std::uint64_t job, std::uint32_t engine) {
  const auto strike = strikes(Kind::page_fault, 0, {}, queue, engine, job);
  return strike ? std::optional{strike->delay} : std::nullopt;
}

bool Injector::drops_message(std::uint32_t queue) {
  return strikes(Kind::dropped_message, spec_.dropped_message, {}, queue, 0, 0).has_value();
}

bool Injector::corrupts_message(std::uint32_t queue) { return strikes(Kind::corrupted_message, queue).has_value(); }

Picoseconds Injector::delays_notification() { return strikes(Kind::delayed_message).value_or(Strike{}).delay; }

bool Injector::drops_reply(std::uint32_t queue) {
  const bool is_dropped = strikes(Kind::dropped_reply, spec_.dropped_reply, {}, queue, 0, 0).has_value();
  if (stuck_.contains(queue)) return true;
  const bool is_stuck = strikes(Kind::stuck_acknowledgement, queue).has_value();
  if (is_stuck) stuck_.insert(queue);
  return is_dropped || is_stuck;
}

bool Injector::corrupts_reply(std::uint32_t queue) { return strikes(Kind::corrupted_reply, queue).has_value(); }

// What the firmware's processor does is of no queue in a trace, whichever it was aimed at.
Picoseconds Injector::stalls_firmware(std::uint32_t queue) {
  const auto strike = finds(Kind::firmware_stall, spec_.firmware_stall, {.delay = spec_.stall}, queue, 0);
  if (!strike) return Picoseconds{0};
  note(Kind::firmware_stall, 0, 0, 0);
  return strike->delay;
}

bool Injector::crashes_firmware(std::uint32_t queue) {
  if (!finds(Kind::firmware_crash, 0, {}, queue, 0)) return false;
  note(Kind::firmware_crash, 0, 0, 0);
  return true;
}

bool Injector::fails_engine_reset(std::uint32_t queue, std::uint32_t engine) {
  return strikes(Kind::failed_engine_reset, queue, engine).has_value();
}

bool Injector::fails_device_reset() {
  stuck_.clear();
  return strikes(Kind::failed_device_reset).has_value();
}

Picoseconds Injector::retry_of_write() { return strikes(Kind::link_error).value_or(Strike{}).delay; }

}  // namespace gpusim::fault
