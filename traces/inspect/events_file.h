// SPDX-License-Identifier: MIT
// trace.events: all events of a run with nothing left out, for programs: `gpusim diff`, `job` and `why` read it.
// docs/inspect.md describes the format. trace.txt is for people: it leaves fields out.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "traces/event/names.h"
#include "traces/event/recorder.h"
#include "traces/inspect/recording.h"
#include "traces/sinks/byte_buffer.h"

namespace gpusim::trace {

inline constexpr std::string_view kEventsFileMark = "# gpusim-events/1";

class EventsSink final : public Listener {
 public:
  /// `out` and `names` outlive the sink. `title`: of the run, `build`: what made it, one line each; no `build`:
  /// unknown.
  EventsSink(std::ostream& out, const Names& names, const std::string& title, const std::string& build = {});

  void on_event(const Event& event) override;
  /// Once, at the end of the run: names, and a last line without which the file is not whole. `cut_off`, a line: why
  /// the run ended before it was over; empty: it did not.
  void finish(SimTime end, const std::string& cut_off = {});

 private:
  void line(std::string_view word, std::initializer_list<std::uint64_t> numbers, std::string_view name);

  std::ostream& out_;
  const Names& names_;
  /// Of the events that are in the file. The recorder may know one more: where it ran out of memory for a listener.
  RecordHash hash_;
  std::uint64_t count_ = 0;
  ByteBuffer buffer_;
};

struct EventsFileError {
  std::uint32_t line = 0;  ///< from 1
  std::uint32_t column = 0;
  std::string text;
};

/// The recording, or none and the error: anything that the sink would not have written, a last line that is missing, a
/// hash that is not that of the events, a kind of event that this program does not have or that has other fields.
[[nodiscard]] std::optional<Recording> read_events_file(std::string_view text, EventsFileError& error);

}  // namespace gpusim::trace
