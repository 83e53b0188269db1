// SPDX-License-Identifier: MIT
#include "traces/sinks/perfetto/tracks.h"

namespace gpusim::trace {
namespace {

constexpr std::uint32_t kHost = 1;
constexpr std::uint32_t kGpu = 2;
constexpr std::uint32_t kQueues = 3;
constexpr std::uint32_t kFirstLane = 4;        // uuids below are the processes'
constexpr std::uint32_t kPidBase = 1'000'000;  // keeps process ids apart from thread numbers

std::uint32_t parent_of(LaneKind kind) {
  switch (kind) {
    case LaneKind::thread:
    case LaneKind::cpu:
    case LaneKind::other:
      return kHost;
    case LaneKind::queue:
    case LaneKind::credits:
    case LaneKind::ring_fill:
      return kQueues;
    case LaneKind::link:
    case LaneKind::firmware:
    case LaneKind::engine:
    case LaneKind::interrupt:
      return kGpu;
  }
  return kHost;
}

/// Place among the siblings: by kind in the order of LaneKind, then by number.
std::uint64_t rank_of(LaneId id) { return static_cast<std::uint64_t>(id.kind) << 24U | (id.number & 0xff'ffffU); }

}  // namespace

LaneId PerfettoTracks::place(const Event& event, Track track) {
  constexpr LaneId kOther{LaneKind::other, 0};
  switch (track) {
    case Track::thread:
      if (event.thread != 0) return {LaneKind::thread, event.thread};
      return event.cpu != kNoCpu ? LaneId{LaneKind::cpu, event.cpu} : kOther;
    case Track::cpu:
      return event.cpu != kNoCpu ? LaneId{LaneKind::cpu, event.cpu} : kOther;
    case Track::queue:
      return event.queue != 0 ? LaneId{LaneKind::queue, event.queue} : kOther;
    case Track::link:
      return {LaneKind::link, 0};
    case Track::firmware:
      return {LaneKind::firmware, 0};
    case Track::engine:
      return {LaneKind::engine, event.unit};
    case Track::interrupt:
      return {LaneKind::interrupt, event.unit};
    case Track::none:
      break;
  }
  return kOther;
}

void PerfettoTracks::write_processes(std::string_view scale, std::string_view suffix) {
  write_process(kHost, "host" + std::string{suffix}, scale);
  write_process(kQueues, "queues", "the state of each submission queue");
  write_process(kGpu, names_.device, "the device");
}

void PerfettoTracks::write_process(std::uint32_t uuid, std::string_view name, std::string_view description) {
  const std::size_t packet = writer_.open(pf::trace::packet);
  writer_.varint(pf::packet::sequence_id, pf::packet::track_sequence);
  const std::size_t track = writer_.open(pf::packet::track_descriptor);
  writer_.varint(pf::track::uuid, uuid);
  const std::size_t process = writer_.open(pf::track::process);
  writer_.varint(pf::process::pid, kPidBase + uuid);
  writer_.bytes(pf::process::name, name);
  writer_.close(process);
  writer_.varint(pf::track::child_ordering, pf::track::ordering_explicit);
  writer_.bytes(pf::track::description, description);
  writer_.close(track);
  writer_.close(packet);
}

Lane& PerfettoTracks::add(LaneId id) {
  auto& lanes = index_[static_cast<std::size_t>(id.kind)];
  if (id.number >= lanes.size()) lanes.resize(std::size_t{id.number} + 1, nullptr);
  // A counter hangs under its queue's lane, which must be there first.
  if (id.kind == LaneKind::credits || id.kind == LaneKind::ring_fill) lane({LaneKind::queue, id.number});
  const auto uuid = kFirstLane + static_cast<std::uint32_t>(lanes_.size());
  lanes[id.number] = &lanes_.emplace_back(Lane{id, uuid, {}});
  write_descriptor(*lanes[id.number]);
  return *lanes[id.number];
}

void PerfettoTracks::write_descriptor(const Lane& lane) {
  const std::size_t packet = writer_.open(pf::trace::packet);
  writer_.varint(pf::packet::sequence_id, pf::packet::track_sequence);
  const std::size_t track = writer_.open(pf::packet::track_descriptor);
  writer_.varint(pf::track::uuid, lane.uuid);
  const bool is_counter = lane.id.kind == LaneKind::credits || lane.id.kind == LaneKind::ring_fill;
  const Lane* queue = is_counter ? find({LaneKind::queue, lane.id.number}) : nullptr;
  writer_.varint(pf::track::parent_uuid, queue != nullptr ? queue->uuid : parent_of(lane.id.kind));
  writer_.varint(pf::track::sibling_order_rank, rank_of(lane.id));
  if (lane.id.kind == LaneKind::thread) {
    const std::size_t thread = writer_.open(pf::track::thread);
    writer_.varint(pf::thread::pid, kPidBase + kHost);
    writer_.varint(pf::thread::tid, lane.id.number);
    writer_.bytes(pf::thread::name, name_of(lane.id));
    writer_.close(thread);
  } else {
    writer_.bytes(pf::track::name, name_of(lane.id));
  }
  if (is_counter) {
    const std::size_t counter = writer_.open(pf::track::counter);
    writer_.varint(pf::counter::unit, pf::counter::unit_count);
    writer_.close(counter);
  }
  writer_.close(track);
  writer_.close(packet);
}

std::string PerfettoTracks::name_of(LaneId id) const {
  switch (id.kind) {
    case LaneKind::thread:
      return Names::of(names_.threads, id.number);
    case LaneKind::cpu:
      return "CPU " + std::to_string(id.number);
    case LaneKind::other:
      return "other";
    case LaneKind::queue:
      return id.number < names_.queues.size() ? names_.queues[id.number].name : "?";
    case LaneKind::credits:
      return "credits in flight";
    case LaneKind::ring_fill:
      return "ring entries in use at a write";
    case LaneKind::link:
      return "link";
    case LaneKind::firmware:
      return "firmware";
    case LaneKind::engine:
      return id.number < names_.engines.size() ? names_.engines[id.number].name : "?";
    case LaneKind::interrupt:
      return "irq " + Names::of(names_.vectors, id.number);
  }
  return "?";
}

}  // namespace gpusim::trace
