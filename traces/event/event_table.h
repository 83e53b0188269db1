// SPDX-License-Identifier: MIT
// The table of events, made from kinds.def: what each kind is called, what its fields mean, how it is printed and
// drawn, which cause of a job's life it opens. Sinks, folds and the documentation read it.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "traces/event/cause.h"
#include "traces/event/event.h"
#include "traces/event/make.h"

namespace gpusim::trace {

enum class Category : std::uint8_t { client, scheduler, fence, os, driver, link, firmware, engine, irq };

inline constexpr std::array<std::string_view, 9> kCategoryNames{"client", "scheduler", "fence",  "os", "driver",
                                                                "link",   "firmware",  "engine", "irq"};
static_assert(kCategoryNames.size() == static_cast<std::size_t>(Category::irq) + 1);

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
  begin,    ///< a slice begins
  end,      ///< the innermost slice ends, which must be one of the row's `slice`
  instant,  ///< a point
  swap,     ///< the slice that the last event of this kind began ends, and the next begins
  clear,    ///< whatever is open on the track ends
};

/// What a slice stands for. An end belongs to the innermost open begin with the same slice.
enum class Slice : std::uint8_t {
  none,
  exec,
  lock,
  wait,
  run,
  work,
  irq,
  running,
  wake,
  firmware,
  restore,
  save,
  job,
  head_wait,
  timeout,
  reset,
};

struct SliceInfo {
  Slice slice;
  bool of_one_job = false;  ///< the end must be of the job that began
  /// The end may come when nothing is open. It is then drawn as an instant if it has a label.
  bool end_is_optional = false;
  std::string_view remark{};  ///< noted on a slice that another event cuts off (EventInfo::cuts)
};

inline constexpr std::array<SliceInfo, static_cast<std::size_t>(Slice::reset) + 1> kSlices{{
    {.slice = Slice::none},
    {.slice = Slice::exec, .of_one_job = true},
    {.slice = Slice::lock, .end_is_optional = true, .remark = "given up"},
    {.slice = Slice::wait},
    // A user-mode queue rings without run_job; a run_job may ring no doorbell.
    {.slice = Slice::run, .of_one_job = true, .end_is_optional = true, .remark = "no doorbell"},
    {.slice = Slice::work},
    {.slice = Slice::irq},
    {.slice = Slice::running},
    {.slice = Slice::wake},
    {.slice = Slice::firmware},
    {.slice = Slice::restore},
    {.slice = Slice::save},
    {.slice = Slice::job, .of_one_job = true},
    {.slice = Slice::head_wait, .end_is_optional = true},  // a dependency that nobody waited for
    {.slice = Slice::timeout},
    {.slice = Slice::reset},
}};

[[nodiscard]] constexpr const SliceInfo& info(Slice slice) { return kSlices[static_cast<std::size_t>(slice)]; }

enum class Flow : std::uint8_t { none, step, last };  ///< of the arrow that follows the job through the tracks

enum class Counter : std::uint8_t { none, credits, ring_fill };  ///< a counter of the event's queue

struct FieldInfo {
  std::string_view name{};
  Slot slot = Slot::queue;
  std::string_view meaning{};
};

struct EventInfo {
  EventKind kind;
  std::string_view name{};
  std::array<FieldInfo, 7> fields;  ///< the rest has no name
  Category category;
  /// Template of the text sink. {field}: a decimal number. {ring}, {dev}: name of the queue, of the device. {client}:
  /// the client's number, that of the queue's owner if the event has a queue; {client_name}: its name. {ps:field}: a
  /// duration, exact. {errno:field}: "-EIO", "0". {engine:field}, {vector:field}, {thread:field}, {fw:field},
  /// {msg:field}, {work:field}, {refusal:field}, {rule:field}: the name behind a number. Any other is refused when the
  /// sink is made.
  std::string_view text{};
  std::string_view doc{};        ///< when it happens, where name and fields do not say it
  std::optional<Cause> opens{};  ///< cause that the job, or the queue's waiting jobs, is in from here on

  // How it is drawn in Perfetto.
  Track track = Track::none;
  Draw draw = Draw::none;
  Slice slice = Slice::none;  ///< begun or ended
  std::string_view label{};   ///< of the slice or instant; placeholders as in `text`. Empty: the event's name
  /// Null: always. A swap whose condition does not hold ends a slice and begins none.
  bool (*drawn_if)(const Event&) = nullptr;
  /// Innermost slices that end here although it is not their own end: a run_job that rang no doorbell, a lock wait
  /// given up, the firmware core awake, a queue's head that waits for something else now.
  std::array<Slice, 2> cuts{};
  bool goes_on = false;         ///< begun again for the same job, its slice goes on
  bool ends_head_wait = false;  ///< ends Slice::head_wait on the queue's lane
  Flow flow = Flow::none;
  Counter counter = Counter::none;
  std::uint64_t (*level)(const Event&) = nullptr;  ///< of the counter

  [[nodiscard]] constexpr bool does_cut(Slice open) const {
    return open != Slice::none && (cuts[0] == open || cuts[1] == open);
  }
  [[nodiscard]] constexpr const FieldInfo* find_field(std::string_view wanted) const {
    for (const FieldInfo& field : fields) {
      if (!field.name.empty() && field.name == wanted) return &field;
    }
    return nullptr;
  }
};

// NOLINTNEXTLINE(bugprone-macro-parentheses): names of members and enumerators
#define FIELD(slot_, type, name_, meaning_) FieldInfo{.name = #name_, .slot = Slot::slot_, .meaning = meaning_},
#define EVENT(kind_, fields_, ...) \
  EventInfo{.kind = EventKind::kind_, .name = #kind_, .fields = {{fields_}}, __VA_ARGS__},
inline constexpr std::array<EventInfo, kEventKindCount> kEventTable{{
#include "traces/event/kinds.def"
}};

/// A row that begins or ends a slice says which, and no other does.
[[nodiscard]] constexpr bool rows_are_whole() {
  for (const EventInfo& row : kEventTable) {
    const bool of_slice = row.draw == Draw::begin || row.draw == Draw::end || row.draw == Draw::swap;
    if (of_slice != (row.slice != Slice::none)) return false;
  }
  for (std::size_t i = 0; i < kSlices.size(); ++i) {
    if (static_cast<std::size_t>(kSlices[i].slice) != i) return false;
  }
  return true;
}
static_assert(rows_are_whole());

/// All rows, indexed by EventKind.
[[nodiscard]] constexpr std::span<const EventInfo> event_table() { return kEventTable; }
[[nodiscard]] constexpr const EventInfo& info(EventKind kind) { return kEventTable[static_cast<std::size_t>(kind)]; }
[[nodiscard]] constexpr std::string_view to_string(Category category) {
  return kCategoryNames[static_cast<std::size_t>(category)];
}

/// The cause that events of a kind open, for Milestones.
template <class Kind>
inline constexpr Cause kOpens = info(Kind::kKind).opens.value();

}  // namespace gpusim::trace
