// SPDX-License-Identifier: MIT
// The part of the Perfetto sink that writes packets.
#include <string>

#include "traces/sinks/perfetto/sink.h"

namespace gpusim::trace {
namespace {

constexpr std::uint64_t kKeptLabels = 65'536;  // larger numbers are not worth a table

}  // namespace

void PerfettoSink::write_preamble() {
  const std::size_t clocks = writer_.open(pf::trace::packet);
  writer_.varint(pf::packet::sequence_id, pf::packet::track_sequence);
  const std::size_t snapshot = writer_.open(pf::packet::clock_snapshot);
  for (const std::uint64_t id : {pf::clock::boottime, pf::clock::first_of_sequence}) {
    const std::size_t clock = writer_.open(pf::clock_snapshot::clocks);
    writer_.varint(pf::clock::id, id);
    writer_.varint(pf::clock::timestamp, 0);
    if (id == pf::clock::first_of_sequence) writer_.boolean(pf::clock::is_incremental, true);
    writer_.close(clock);
  }
  writer_.varint(pf::clock_snapshot::primary_trace_clock, pf::clock::boottime);
  writer_.close(snapshot);
  writer_.close(clocks);

  const std::size_t packet = writer_.open(pf::trace::packet);
  writer_.varint(pf::packet::sequence_id, pf::packet::track_sequence);
  writer_.varint(pf::packet::sequence_flags, pf::packet::state_cleared);
  writer_.boolean(pf::packet::first_on_sequence, true);
  const std::size_t defaults = writer_.open(pf::packet::defaults);
  writer_.varint(pf::defaults::timestamp_clock_id, pf::clock::first_of_sequence);
  writer_.close(defaults);
  const std::size_t interned = writer_.open(pf::packet::interned_data);
  for (std::size_t category = 0; category <= static_cast<std::size_t>(Category::irq); ++category) {
    const std::size_t entry = writer_.open(pf::interned::event_categories);
    writer_.varint(pf::interned::iid, category + 1);
    writer_.bytes(pf::interned::name, to_string(static_cast<Category>(category)));
    writer_.close(entry);
  }
  writer_.close(interned);
  writer_.close(packet);

  write_processes({});
}

/// Once more at the end, with what was not known before: the last description counts.
void PerfettoSink::write_processes(std::string_view result) {
  const std::string scale = "1 trace ns = " + std::to_string(options_.trace_time_scale) + " sim ps";
  std::string description = options_.about.empty() ? scale : options_.about + "; " + scale;
  if (!result.empty()) description.append("; ").append(result);
  tracks_.write_processes(description, options_.trace_time_scale == kUsualTimeScale ? "" : " (" + scale + ")");
}

/// Fields are written through one local pointer. Through the buffer, the compiler would reload it after every byte.
void PerfettoSink::open_event(std::uint64_t type, const Lane& lane) {
  constexpr std::size_t kRoom = 16 * proto::kMaxVarint;
  char* const begin = buffer_.room(kRoom);
  char* const packet = proto::open(begin, pf::trace::packet);
  char* out = proto::varint_field(packet, pf::packet::timestamp, tick_ - last_tick_);
  out = proto::varint_field(out, pf::packet::sequence_id, pf::packet::track_sequence);
  out = proto::varint_field(out, pf::packet::sequence_flags, pf::packet::needs_state);
  char* const inner = proto::open(out, pf::packet::track_event);
  out = proto::varint_field(inner, pf::event::type, type);
  out = proto::varint_field(out, pf::event::track_uuid, lane.uuid);
  packet_begin_ = buffer_.size() + static_cast<std::size_t>(packet - begin);
  event_begin_ = buffer_.size() + static_cast<std::size_t>(inner - begin);
  last_tick_ = tick_;
  buffer_.advance(static_cast<std::size_t>(out - begin));
}

void PerfettoSink::close_event() {
  writer_.close(event_begin_);
  writer_.close(packet_begin_);
}

void PerfettoSink::write_named(std::uint64_t type, const Lane& lane, const Event& event) {
  Rule& how = rule(event);
  const bool use_label = !how.names_job || event.job != 0;
  const std::uint32_t iid = intern(how, use_label, event);
  open_event(type, lane);
  char* const begin = buffer_.room(8 * proto::kMaxVarint);
  char* out = proto::varint_field(begin, pf::event::category_iids, how.category_iid);
  if (iid != 0) out = proto::varint_field(out, pf::event::name_iid, iid);
  if (event.job != 0) {
    const std::uint32_t flow = how.flow == Flow::last ? pf::event::terminating_flow_ids : pf::event::flow_ids;
    if (how.flow != Flow::none) out = proto::fixed64_field(out, flow, event.job);
    out = proto::varint_field(out, pf::event::correlation_id, event.job);
  }
  buffer_.advance(static_cast<std::size_t>(out - begin));
  if (iid == 0) {
    const std::size_t text = writer_.open(pf::event::name);
    how.label.render(event, names_, buffer_);
    writer_.close(text);
  }
  close_event();
}

/// The number of an interned name, which is defined in the trace at its first use; 0 if the name is not worth
/// interning.
std::uint32_t PerfettoSink::intern(Rule& rule, bool use_label, const Event& event) {
  const Template& text = use_label ? rule.label : rule.name;
  const std::uint64_t key = text.key(event);
  if (key >= kKeptLabels) return 0;
  std::vector<std::uint32_t>& iids = use_label ? rule.label_iids : rule.name_iids;
  if (key >= iids.size()) iids.resize(key + 1, 0);
  if (iids[key] != 0) return iids[key];
  iids[key] = ++last_iid_;
  const std::size_t packet = writer_.open(pf::trace::packet);
  writer_.varint(pf::packet::sequence_id, pf::packet::track_sequence);
  writer_.varint(pf::packet::sequence_flags, pf::packet::needs_state);
  const std::size_t interned = writer_.open(pf::packet::interned_data);
  const std::size_t entry = writer_.open(pf::interned::event_names);
  writer_.varint(pf::interned::iid, iids[key]);
  const std::size_t name = writer_.open(pf::interned::name);
  text.render(event, names_, buffer_);
  writer_.close(name);
  writer_.close(entry);
  writer_.close(interned);
  writer_.close(packet);
  return iids[key];
}

}  // namespace gpusim::trace
