// SPDX-License-Identifier: MIT
// The kinds that [[faults]] may have: what each strikes, what is known there to aim by, and what comes of it. The
// loader's errors and the table in docs/scenario.md are made from these rows. Where the device is reset,
// driver.reset_victims says who pays.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "sim/fault/explored.h"

namespace gpusim::fault {

/// Where something asks whether a fault strikes.
enum class Occasion : std::uint8_t {
  interrupt,
  reply_interrupt,
  doorbell,
  job,
  message,
  notification,
  reply,
  service,
  engine_reset,
  device_reset,
  posted_write,
  direct_doorbell,
};

/// What `engine` may name.
enum class EngineAims : std::uint8_t { none, classes, engines };

struct OccasionRow {
  Occasion occasion;
  std::string_view one;               ///< "doorbell arrived": what is counted, of one
  std::string_view many;              ///< and of several
  std::string_view no_queue_because;  ///< it can be aimed neither at a client nor at a queue; empty: it can
  EngineAims engine_aims;
  std::string_view no_engine_because;
};

inline constexpr std::array kOccasions{
    OccasionRow{Occasion::interrupt, "completion interrupt was raised", "completion interrupts were raised",
                "an interrupt is of a class of engines, and stands for all queues there", EngineAims::classes,
                "all engines of a class have one interrupt"},
    OccasionRow{Occasion::reply_interrupt, "reply's interrupt was raised", "replies' interrupts were raised",
                "an interrupt of the firmware says only that there is a message", EngineAims::none,
                "an interrupt of the firmware is of no engine"},
    OccasionRow{Occasion::doorbell, "doorbell arrived", "doorbells arrived", "", EngineAims::none,
                "a doorbell is of a queue, which has no engine yet"},
    OccasionRow{Occasion::job, "job was begun", "jobs were begun", "", EngineAims::engines, ""},
    OccasionRow{Occasion::message, "message was taken by the firmware", "messages were taken by the firmware", "",
                EngineAims::none, "a message is of a queue, not of an engine"},
    OccasionRow{Occasion::notification, "notification of a message arrived", "notifications of messages arrived",
                "a notification says only that there is a message", EngineAims::none, "a notification is of no engine"},
    OccasionRow{Occasion::reply, "message was sent by the firmware", "messages were sent by the firmware", "",
                EngineAims::none, "a reply is of a queue, not of an engine"},
    OccasionRow{Occasion::service, "event was served by the firmware", "events were served by the firmware", "",
                EngineAims::none, "the firmware has one processor for all engines"},
    OccasionRow{Occasion::engine_reset, "engine was to be reset", "engines were to be reset", "", EngineAims::engines,
                ""},
    OccasionRow{Occasion::device_reset, "device reset was begun", "device resets were begun",
                "a device reset is of all queues", EngineAims::none, "a device reset is of all engines"},
    OccasionRow{Occasion::posted_write, "posted write was sent", "posted writes were sent",
                "the link does not know whose a write is", EngineAims::none, "the link does not know whose a write is"},
    OccasionRow{Occasion::direct_doorbell, "doorbell reached the engine that its queue was on",
                "doorbells reached the engine that their queue was on", "", EngineAims::engines, ""},
};

[[nodiscard]] constexpr const OccasionRow& row_of(Occasion occasion) {
  return kOccasions[static_cast<std::size_t>(occasion)];
}

struct AimedKind {
  Kind kind;
  Occasion occasion;
  bool has_delay;   ///< `delay` says by how much
  bool has_factor;  ///< `factor` says how often
  std::string_view what;
  std::string_view consequence;  ///< what driver and component make of it
};

inline constexpr std::array kAimedKinds{
    AimedKind{
        Kind::hung_job, Occasion::job, false, false, "The job never ends and cannot be preempted.",
        "Its queue alone is banned: by the firmware's engine reset if another queue wants the engine, else by the "
        "job's timeout."},
    AimedKind{Kind::slow_job, Occasion::job, false, true, "The job takes `factor` times its work.",
              "None, unless it outlasts its timeout: then as a job that hangs."},
    AimedKind{
        Kind::page_fault, Occasion::job, true, false,
        "The job touches a page that is not mapped, after `delay` on its engine or at its end, and is stopped there.",
        "The firmware resets the engine and tells the driver, which bans its queue alone; on a ring that clients "
        "share the job is treated as one that timed out, at once."},
    AimedKind{Kind::lost_interrupt, Occasion::interrupt, false, false, "The completion interrupt gets lost.",
              "The next one of its class makes it good, or the timeout of a job that waits: no job is lost."},
    AimedKind{Kind::late_interrupt, Occasion::interrupt, true, false,
              "The completion interrupt leaves the device later, by `delay`.", "Jobs complete later."},
    AimedKind{Kind::duplicate_interrupt, Occasion::interrupt, false, false, "The completion interrupt is sent twice.",
              "A handler that finds nothing new."},
    AimedKind{Kind::lost_reply_interrupt, Occasion::reply_interrupt, false, false,
              "The interrupt of a firmware's message gets lost; the message lies in memory.",
              "The next one makes it good, or the request times out, and the device is reset."},
    AimedKind{Kind::late_reply_interrupt, Occasion::reply_interrupt, true, false,
              "The interrupt of a firmware's message leaves the device later, by `delay`: the reply is delayed.",
              "Whoever waits for the reply waits longer."},
    AimedKind{Kind::duplicate_reply_interrupt, Occasion::reply_interrupt, false, false,
              "The interrupt of a firmware's message is sent twice.", "A handler that finds nothing new."},
    AimedKind{Kind::lost_doorbell, Occasion::doorbell, false, false, "The doorbell gets lost.",
              "The next one of its queue makes it good, or the job's timeout: no job is lost."},
    AimedKind{Kind::delayed_doorbell, Occasion::doorbell, true, false,
              "The doorbell reaches the firmware later, by `delay`.", "Jobs begin later."},
    AimedKind{
        Kind::dropped_message, Occasion::message, false, false, "The message is skipped by the firmware.",
        "What it asked for is not done: a later message or a timeout makes it good, or the request times out, and "
        "the device is reset."},
    AimedKind{Kind::delayed_message, Occasion::notification, true, false,
              "The notification of a message reaches the firmware later, by `delay`; the next one shows it both.",
              "What it asks for is done later."},
    AimedKind{Kind::corrupted_message, Occasion::message, false, false,
              "The firmware reads a header whose length is wrong.",
              "The firmware refuses it and reads no more messages; the driver resets the device."},
    AimedKind{Kind::dropped_reply, Occasion::reply, false, false, "The message of the firmware is not sent.",
              "The request times out, and the device is reset."},
    AimedKind{Kind::corrupted_reply, Occasion::reply, false, false,
              "The message of the firmware has a header whose length is wrong.",
              "The driver gives the channel up and resets the device."},
    AimedKind{Kind::stuck_acknowledgement, Occasion::reply, false, false,
              "From this reply on the firmware answers nothing that is about its queue, until a device reset.",
              "The request times out, and the device is reset."},
    AimedKind{Kind::firmware_stall, Occasion::service, true, false,
              "The firmware takes longer to serve it, by `delay`.",
              "Everything that needs the firmware comes later; what has a timeout may reach it."},
    AimedKind{Kind::firmware_crash, Occasion::service, false, false,
              "The firmware does nothing from this event on, until a device reset. Engines go on with what they have.",
              "The next timeout finds no answer, and the device is reset."},
    AimedKind{Kind::failed_engine_reset, Occasion::engine_reset, false, false,
              "The engine does not come out of its reset, and the firmware waits for it until a device reset.",
              "The next timeout finds no answer, and the device is reset."},
    AimedKind{Kind::failed_device_reset, Occasion::device_reset, false, false,
              "The device never says that it is ready again.",
              "After driver.reset_timeout the device is given up: all jobs end with -ENODEV."},
    AimedKind{Kind::link_error, Occasion::posted_write, true, false,
              "The write is sent again: it and those behind it arrive later, by `delay`.",
              "Later doorbells, fence values and interrupts; none is lost."},
    AimedKind{Kind::torn_doorbell, Occasion::direct_doorbell, false, false,
              "Of the index that was written to the doorbell, the lower 16 bits are those of the one before: with the "
              "same upper ones an old value, with others one that the queue cannot have.",
              "The engine ignores it. The next doorbell of its queue makes it good, or the firmware, which reads the "
              "index from memory when the queue has left the engine: no job is lost."},
};

/// None: a kind of [fault] alone.
[[nodiscard]] constexpr const AimedKind* aimed_kind(Kind kind) {
  const auto* const found =
      std::find_if(kAimedKinds.begin(), kAimedKinds.end(), [kind](const AimedKind& row) { return row.kind == kind; });
  return found == kAimedKinds.end() ? nullptr : &*found;
}

static_assert(kOccasions.size() == static_cast<std::size_t>(Occasion::direct_doorbell) + 1);

}  // namespace gpusim::fault
