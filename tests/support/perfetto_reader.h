// SPDX-License-Identifier: MIT
// Reads back what the Perfetto sink writes, by an own decoder: absolute times, names instead of numbers, slices put
// together from begins and ends. Anything that a strict importer would dislike is an exception: an unknown track or
// interned name, an end without a begin, a packet that goes back in time. Header only, so that every test layer has it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gpusim::test {

struct ProtoField {
  std::uint32_t number = 0;
  std::uint64_t value = 0;  ///< of varint and fixed64
  std::string_view bytes;   ///< of length-delimited
};

class ProtoMessage {
 public:
  ProtoMessage() = default;
  explicit ProtoMessage(std::string_view bytes) {
    while (!bytes.empty()) fields_.push_back(take_field(bytes));
  }

  [[nodiscard]] const std::vector<ProtoField>& fields() const { return fields_; }
  [[nodiscard]] std::vector<ProtoField> all(std::uint32_t number) const {
    std::vector<ProtoField> result;
    for (const ProtoField& field : fields_) {
      if (field.number == number) result.push_back(field);
    }
    return result;
  }
  [[nodiscard]] bool has(std::uint32_t number) const { return find(number) != nullptr; }
  [[nodiscard]] std::uint64_t value(std::uint32_t number, std::uint64_t absent = 0) const {
    const ProtoField* field = find(number);
    return field != nullptr ? field->value : absent;
  }
  [[nodiscard]] std::string text(std::uint32_t number) const {
    const ProtoField* field = find(number);
    return field != nullptr ? std::string{field->bytes} : std::string{};
  }
  [[nodiscard]] ProtoMessage message(std::uint32_t number) const {
    const ProtoField* field = find(number);
    return field != nullptr ? ProtoMessage{field->bytes} : ProtoMessage{};
  }

 private:
  [[nodiscard]] const ProtoField* find(std::uint32_t number) const {
    const auto at = std::find_if(fields_.begin(), fields_.end(), [&](const auto& f) { return f.number == number; });
    return at != fields_.end() ? &*at : nullptr;
  }
  static std::uint64_t take_varint(std::string_view& bytes) {
    std::uint64_t value = 0;
    for (std::uint32_t shift = 0; shift < 64; shift += 7) {
      if (bytes.empty()) throw std::runtime_error{"protobuf: cut off"};
      const auto byte = static_cast<std::uint8_t>(bytes.front());
      bytes.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    throw std::runtime_error{"protobuf: varint too long"};
  }
  static ProtoField take_field(std::string_view& bytes) {
    const std::uint64_t tag = take_varint(bytes);
    ProtoField field{static_cast<std::uint32_t>(tag >> 3U), 0, {}};
    if (const std::uint64_t wire = tag & 7U; wire == 0) {
      field.value = take_varint(bytes);
    } else if (wire == 1 && bytes.size() >= 8) {
      for (std::size_t i = 8; i-- > 0;) field.value = field.value << 8U | static_cast<std::uint8_t>(bytes[i]);
      bytes.remove_prefix(8);
    } else if (wire == 2) {
      const std::uint64_t length = take_varint(bytes);
      if (length > bytes.size()) throw std::runtime_error{"protobuf: cut off"};
      field.bytes = bytes.substr(0, length);
      bytes.remove_prefix(length);
    } else {
      throw std::runtime_error{"protobuf: wire type " + std::to_string(wire)};
    }
    return field;
  }

  std::vector<ProtoField> fields_;
};

struct PerfettoTrack {
  std::string name;
  std::uint64_t parent = 0;
  std::uint64_t rank = 0;
  bool is_process = false;
  bool is_thread = false;
  bool is_counter = false;
  std::string description;
};

/// A slice, an instant (begin == end) or a counter's sample (value).
struct PerfettoItem {
  std::string track;
  std::string name;
  std::string category;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::size_t depth = 0;
  std::vector<std::uint64_t> flows;
  std::vector<std::uint64_t> ended_flows;
  std::uint64_t job = 0;  ///< correlation id
  std::string remark;     ///< name of the annotation at its end
  std::uint64_t value = 0;
  bool closed = false;
};

struct PerfettoTrace {
  std::map<std::uint64_t, PerfettoTrack> tracks;
  std::vector<PerfettoItem> slices;  ///< in order of their begins
  std::vector<PerfettoItem> instants;
  std::vector<PerfettoItem> samples;
  std::vector<std::string> ftrace;  ///< bytes of the bundles
  std::size_t packets = 0;

  /// "gpu0/rcs0", "queues/app0.0.rcs/credits in flight".
  [[nodiscard]] std::string path(std::uint64_t uuid) const {
    const PerfettoTrack& track = tracks.at(uuid);
    return track.parent == 0 ? track.name : path(track.parent) + "/" + track.name;
  }
  [[nodiscard]] std::vector<PerfettoItem> on(const std::vector<PerfettoItem>& items, std::string_view track) const {
    std::vector<PerfettoItem> result;
    for (const PerfettoItem& item : items) {
      if (item.track == track) result.push_back(item);
    }
    return result;
  }
};

/// One use: PerfettoReader{bytes}.trace().
class PerfettoReader {
 public:
  explicit PerfettoReader(std::string_view bytes) : file_{bytes} {
    for (const ProtoField& packet : file_.fields()) {
      if (packet.number != 1) throw std::runtime_error{"perfetto: not a packet"};
      read_packet(ProtoMessage{packet.bytes});
    }
    for (const auto& [uuid, open] : open_) {
      if (!open.empty()) throw std::runtime_error{"perfetto: slice left open on " + trace_.path(uuid)};
    }
  }
  [[nodiscard]] const PerfettoTrace& trace() const { return trace_; }

 private:
  void read_packet(const ProtoMessage& packet) {
    ++trace_.packets;
    if (packet.value(10) == 0) throw std::runtime_error{"perfetto: packet of no sequence"};
    if (packet.has(6)) read_clocks(packet.message(6));
    if (packet.has(59)) clock_ = packet.message(59).value(58);
    if (packet.has(1)) trace_.ftrace.push_back(packet.text(1));
    if (packet.has(60)) read_track(packet.message(60));
    if ((packet.value(13) & 1U) != 0) state_known_ = true;
    if (packet.has(12)) read_interned(packet.message(12));
    if (packet.has(11)) {
      if (!incremental_ || clock_ != 64) throw std::runtime_error{"perfetto: time of an unknown clock"};
      if (!state_known_ || (packet.value(13) & 2U) == 0)
        throw std::runtime_error{"perfetto: interned state not asked for"};
      now_ += packet.value(8);
      read_event(packet.message(11));
    }
  }
  void read_clocks(const ProtoMessage& snapshot) {
    if (snapshot.value(2) != 6) throw std::runtime_error{"perfetto: primary clock is not BOOTTIME"};
    for (const ProtoField& field : snapshot.all(1)) {
      const ProtoMessage clock{field.bytes};
      if (clock.value(2) != 0) throw std::runtime_error{"perfetto: time does not start at 0"};
      if (clock.value(1) == 64 && clock.value(3) == 1) incremental_ = true;
    }
  }
  void read_track(const ProtoMessage& message) {
    PerfettoTrack track{message.text(2), message.value(5), message.value(12), message.has(3),
                        message.has(4),  message.has(8),   message.text(14)};
    if (track.is_process) track.name = message.message(3).text(6);
    if (track.is_thread) track.name = message.message(4).text(5);
    if (track.parent != 0 && !trace_.tracks.contains(track.parent))
      throw std::runtime_error{"perfetto: unknown parent"};
    if (!trace_.tracks.emplace(message.value(1), track).second) throw std::runtime_error{"perfetto: uuid used twice"};
  }
  void read_interned(const ProtoMessage& data) {
    for (const std::uint32_t kind : {1U, 2U}) {
      for (const ProtoField& field : data.all(kind)) {
        const ProtoMessage entry{field.bytes};
        if (!(kind == 1 ? categories_ : names_).emplace(entry.value(1), entry.text(2)).second) {
          throw std::runtime_error{"perfetto: interned twice"};
        }
      }
    }
  }
  void read_event(const ProtoMessage& event) {
    const std::uint64_t uuid = event.value(11);
    if (!trace_.tracks.contains(uuid)) throw std::runtime_error{"perfetto: event on an unknown track"};
    PerfettoItem item;
    item.track = trace_.path(uuid);
    item.begin = item.end = now_;
    item.name = event.has(10) ? names_.at(event.value(10)) : event.text(23);
    if (event.has(3)) item.category = categories_.at(event.value(3));
    item.job = event.value(52);
    item.value = event.value(30);
    for (const ProtoField& flow : event.all(47)) item.flows.push_back(flow.value);
    for (const ProtoField& flow : event.all(48)) item.ended_flows.push_back(flow.value);
    auto& open = open_[uuid];
    switch (event.value(9)) {
      case 1:
        item.depth = open.size();
        open.push_back(trace_.slices.size());
        trace_.slices.push_back(item);
        break;
      case 2: {
        if (open.empty()) throw std::runtime_error{"perfetto: end without begin on " + item.track};
        PerfettoItem& slice = trace_.slices[open.back()];
        open.pop_back();
        slice.end = now_;
        slice.closed = true;
        slice.remark = event.message(4).text(10);
        slice.ended_flows = item.ended_flows;
        break;
      }
      case 3:
        trace_.instants.push_back(item);
        break;
      case 4:
        trace_.samples.push_back(item);
        break;
      default:
        throw std::runtime_error{"perfetto: event of no type"};
    }
  }

  ProtoMessage file_;
  PerfettoTrace trace_;
  std::map<std::uint64_t, std::string> names_;
  std::map<std::uint64_t, std::string> categories_;
  std::map<std::uint64_t, std::vector<std::size_t>> open_;
  std::uint64_t now_ = 0;
  std::uint64_t clock_ = 6;
  bool incremental_ = false;
  bool state_known_ = false;
};

}  // namespace gpusim::test
