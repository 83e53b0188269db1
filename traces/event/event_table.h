// SPDX-License-Identifier: MIT
// The one table of events: what each is called, what its fields mean, how it is printed and drawn, which cause of a
// job's life it opens. Sinks, folds and the documentation read it; nothing repeats it.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "traces/event/cause.h"
#include "traces/event/event.h"

namespace gpusim::trace {

enum class Category : std::uint8_t { client, scheduler, fence, os, driver, link, firmware, engine, irq };

/// Where an event is drawn in Perfetto: the kind of track, resolved by the event's own ids.
enum class Track : std::uint8_t {
  none,
  thread,     ///< the host thread's track
  cpu,        ///< the CPU's track (hard IRQs, which thread runs)
  queue,      ///< one lane for each queue: the state of its head
  link,       ///< doorbells and messages in flight
  firmware,   ///< the run-list processor
  engine,     ///< one per engine instance
  interrupt,  ///< interrupts in flight, per vector
};

enum class Draw : std::uint8_t {
  none,
  begin,
  end,  ///< of the slice that traces/sinks/perfetto/slices.h pairs with it
  instant,
  swap,   ///< the slice that the last event of this kind began ends; another begins unless field b is 0
  clear,  ///< whatever is open on the track ends
};

struct EventInfo {
  EventKind kind;
  std::string_view name;
  Category category;
  /// Template of the text sink. {job} {queue} {unit} {a} {b} {c}: decimal numbers. {client}: the client's number, that
  /// of the queue's owner, or field a where the event has no queue; {client_name}: its name. {hi:c} {lo:c}: halves of a
  /// field. {ps:a}: a duration, exact. {errno:c}: "-EIO", "0". {ring} {dev} {engine} {vector} {thread:a} {fw:a} {msg:a}
  /// {work:a}: names. Refused when the sink is made: any other.
  std::string_view text;
  Track track;
  Draw draw;
  /// Slice or instant name in Perfetto; same placeholders. Empty: the event's name.
  std::string_view label;
  bool flow;                   ///< a step of the arrow that follows the job through the tracks
  std::optional<Cause> opens;  ///< cause that the job (or the queue's waiting jobs) is in from here on
  std::string_view doc;        ///< meaning of the fields, for docs/events.md
};

/// All rows, indexed by EventKind.
[[nodiscard]] std::span<const EventInfo> event_table();
[[nodiscard]] const EventInfo& info(EventKind kind);
[[nodiscard]] std::string_view to_string(Category category);

}  // namespace gpusim::trace
