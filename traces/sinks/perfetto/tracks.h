// SPDX-License-Identifier: MIT
// The tracks of a Perfetto trace: which there are, how they nest, and what is open on each. A track's descriptor is
// written when the track is first used, because queues and threads appear during the run.
//
//   host    CPUs, host threads               gpu0    link, firmware, engines, interrupts by vector
//   queues  one lane per queue, under it the counters of its credits and its ring
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "traces/event/event_table.h"
#include "traces/event/names.h"
#include "traces/sinks/perfetto/encoder.h"

namespace gpusim::trace {

enum class LaneKind : std::uint8_t {
  thread,
  cpu,
  other,
  queue,
  credits,
  ring_fill,
  link,
  firmware,
  engine,
  interrupt,
};
inline constexpr std::size_t kLaneKinds = static_cast<std::size_t>(LaneKind::interrupt) + 1;

struct LaneId {
  LaneKind kind;
  std::uint32_t number;  ///< thread, CPU, queue, engine or vector
  friend bool operator==(const LaneId&, const LaneId&) = default;
};

struct OpenSlice {
  EventKind begun_by;
  Slice slice;
  std::uint64_t job;
};

struct Lane {
  LaneId id;
  std::uint32_t uuid;
  std::vector<OpenSlice> open;  ///< innermost last
};

class PerfettoTracks {
 public:
  PerfettoTracks(ProtoWriter& writer, const Names& names) : writer_{writer}, names_{names} {}

  /// The process tracks; `scale` says what a nanosecond of the trace is, and goes into the description of the host's.
  /// `suffix` is added to the host's name.
  void write_processes(std::string_view scale, std::string_view suffix);

  /// Where an event is drawn. An event without a thread is drawn on its CPU, one without any place on the lane "other".
  [[nodiscard]] static LaneId place(const Event& event, Track track);

  /// Writes the descriptor at the first call. References stay valid.
  Lane& lane(LaneId id) {
    Lane* known = find(id);
    return known != nullptr ? *known : add(id);
  }
  [[nodiscard]] Lane* find(LaneId id) {
    const auto& lanes = index_[static_cast<std::size_t>(id.kind)];
    return id.number < lanes.size() ? lanes[id.number] : nullptr;
  }
  [[nodiscard]] const Lane* find(LaneId id) const {
    const auto& lanes = index_[static_cast<std::size_t>(id.kind)];
    return id.number < lanes.size() ? lanes[id.number] : nullptr;
  }

  /// All in order of first use.
  [[nodiscard]] std::deque<Lane>& all() { return lanes_; }
  [[nodiscard]] std::string name_of(LaneId id) const;

 private:
  Lane& add(LaneId id);
  void write_process(std::uint32_t uuid, std::string_view name, std::string_view description);
  void write_descriptor(const Lane& lane);

  ProtoWriter& writer_;
  const Names& names_;
  std::deque<Lane> lanes_;
  std::array<std::vector<Lane*>, kLaneKinds> index_;  // by number
};

}  // namespace gpusim::trace
