// SPDX-License-Identifier: MIT
// trace.vcd: signals of the device as a value change dump of IEEE 1364, for GTKWave and the like. Made from the event
// stream, like all traces: SystemC's own VCD looks at values when sc_time_stamp() moves on, and the Timeline runs ahead
// of that (docs/decisions/0039-vcd.md). One unit of its time is 1 ps.
//
// A value is that at the end of its moment; what comes and goes within one moment does not show. No date and no wall
// clock: the same run gives the same bytes.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "base/time.h"
#include "traces/event/names.h"
#include "traces/event/recorder.h"
#include "traces/sinks/byte_buffer.h"
#include "traces/sinks/vcd/signals.h"

namespace gpusim::trace {

struct VcdSinkOptions {
  std::string about;                 ///< for the header: what was run by what
  std::vector<std::size_t> signals;  ///< indices into vcd_signals(); empty: all
  SimTime begin{};                   ///< first moment that is written
  SimTime end = kNever;              ///< first moment that is not written any more
};

class VcdSink final : public Listener {
 public:
  /// `out` and `names` outlive the sink. The caller opens `out` and checks its state at the end.
  VcdSink(std::ostream& out, const Names& names, const DeviceShape& shape, VcdSinkOptions options = {});

  /// From here on it hears those events that change a signal.
  void attach_to(Recorder& recorder);
  void on_event(const Event& event) override;
  /// Writes the last moment, that of the run's end or the window's, and hands everything to the stream. Once.
  /// `result`: for a last comment, if it is not empty.
  void finish(SimTime end, std::string_view result = {});

 private:
  struct Shown {
    bool is_wanted = false;
    std::string code;  ///< its name in the file
    std::uint32_t width = 0;
    std::uint64_t written = 0;
    bool names_queue = false;  ///< its value is a queue's number
  };

  void write_header(const std::vector<VcdSignal>& signals);
  /// "$comment text $end"
  void write_text(std::string_view keyword, std::string_view text);
  void start(SimTime when);
  void flush_moment();
  void write_time(SimTime when);
  void write_value(Shown& shown, std::uint64_t value);
  void name_queue(std::uint64_t queue);

  std::ostream& out_;
  const Names& names_;
  VcdSinkOptions options_;
  VcdValues values_;
  std::vector<Shown> shown_;        // by signal
  std::vector<bool> named_queues_;  // by QueueId: a comment has said its name
  ByteBuffer buffer_;
  SimTime now_{};            // of what values_ holds
  SimTime last_time_{};      // of what is written
  bool is_started_ = false;  // the values at the window's begin are written
};

}  // namespace gpusim::trace
