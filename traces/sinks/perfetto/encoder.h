// SPDX-License-Identifier: MIT
// Writes protobuf messages, and names the few fields of Perfetto's trace format that gpusim uses (numbers as of
// Perfetto v55). It checks no schema: the caller knows which field belongs to which message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "traces/sinks/byte_buffer.h"

namespace gpusim::trace {

/// The parts of a message, written to memory that has room for them. Each returns the position behind what it wrote.
namespace proto {
inline constexpr std::size_t kMaxVarint = 10;

inline char* varint(char* out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) *out++ = static_cast<char>((value & 0x7f) | 0x80);
  *out++ = static_cast<char>(value);
  return out;
}
enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2 };
inline char* key(char* out, std::uint32_t field, Wire wire) {
  return varint(out, field << 3U | static_cast<std::uint32_t>(wire));
}
inline char* varint_field(char* out, std::uint32_t field, std::uint64_t value) {
  return varint(key(out, field, Wire::varint), value);
}
inline char* fixed64_field(char* out, std::uint32_t field, std::uint64_t value) {
  out = key(out, field, Wire::fixed64);
  for (std::uint32_t shift = 0; shift < 64; shift += 8) *out++ = static_cast<char>(value >> shift & 0xff);
  return out;
}
/// A length-delimited field whose one-byte length is filled in later, at the position before the returned one.
inline char* open(char* out, std::uint32_t field) {
  out = key(out, field, Wire::bytes);
  *out++ = '\0';
  return out;
}
}  // namespace proto

class ProtoWriter {
 public:
  explicit ProtoWriter(ByteBuffer& buffer) : buffer_{buffer} {}

  void varint(std::uint32_t field, std::uint64_t value) {
    char* const out = buffer_.room(2 * proto::kMaxVarint);
    advance(out, proto::varint_field(out, field, value));
  }
  void fixed64(std::uint32_t field, std::uint64_t value) {
    char* const out = buffer_.room(proto::kMaxVarint + 8);
    advance(out, proto::fixed64_field(out, field, value));
  }
  void bytes(std::uint32_t field, std::string_view text) {
    char* const out = buffer_.room(2 * proto::kMaxVarint);
    advance(out, proto::varint(proto::key(out, field, proto::Wire::bytes), text.size()));
    buffer_.append(text);
  }
  void boolean(std::uint32_t field, bool value) { varint(field, value ? 1 : 0); }

  /// Opens a nested message (or a string that is written into buffer()); give the result to close(), innermost first.
  [[nodiscard]] std::size_t open(std::uint32_t field) {
    char* const out = buffer_.room(proto::kMaxVarint + 1);
    advance(out, proto::open(out, field));
    return buffer_.size();
  }
  void close(std::size_t begin) {
    const std::size_t length = buffer_.size() - begin;
    if (length < 0x80) {
      buffer_[begin - 1] = static_cast<char>(length);
    } else {
      close_long(begin, length);
    }
  }

  [[nodiscard]] ByteBuffer& buffer() { return buffer_; }

 private:
  void advance(const char* from, const char* to) { buffer_.advance(static_cast<std::size_t>(to - from)); }
  void close_long(std::size_t begin, std::size_t length);

  ByteBuffer& buffer_;
};

namespace pf {  // field numbers: pf::<message>::<field>

namespace trace {
inline constexpr std::uint32_t packet = 1;
}
namespace packet {
inline constexpr std::uint32_t ftrace_events = 1, clock_snapshot = 6, timestamp = 8, sequence_id = 10, track_event = 11,
                               interned_data = 12, sequence_flags = 13, defaults = 59, track_descriptor = 60,
                               first_on_sequence = 87;
inline constexpr std::uint64_t state_cleared = 1, needs_state = 2;       // bits of sequence_flags
inline constexpr std::uint64_t track_sequence = 1, ftrace_sequence = 2;  // our values of sequence_id
}  // namespace packet
namespace defaults {
inline constexpr std::uint32_t timestamp_clock_id = 58;
}
namespace clock_snapshot {
inline constexpr std::uint32_t clocks = 1, primary_trace_clock = 2;
}
namespace clock {
inline constexpr std::uint32_t id = 1, timestamp = 2, is_incremental = 3;
inline constexpr std::uint64_t boottime = 6, first_of_sequence = 64;  // values of id
}  // namespace clock
namespace track {
inline constexpr std::uint32_t uuid = 1, name = 2, process = 3, thread = 4, parent_uuid = 5, counter = 8,
                               child_ordering = 11, sibling_order_rank = 12, description = 14;
inline constexpr std::uint64_t ordering_explicit = 3;
}  // namespace track
namespace process {
inline constexpr std::uint32_t pid = 1, name = 6;
}
namespace thread {
inline constexpr std::uint32_t pid = 1, tid = 2, name = 5;
}
namespace counter {
inline constexpr std::uint32_t unit = 3;
inline constexpr std::uint64_t unit_count = 2;
}  // namespace counter
namespace event {
inline constexpr std::uint32_t category_iids = 3, debug_annotations = 4, type = 9, name_iid = 10, track_uuid = 11,
                               name = 23, counter_value = 30, flow_ids = 47, terminating_flow_ids = 48,
                               correlation_id = 52;
inline constexpr std::uint64_t slice_begin = 1, slice_end = 2, instant = 3, counter = 4;  // values of type
}  // namespace event
namespace annotation {
inline constexpr std::uint32_t bool_value = 2, name = 10;
}
namespace interned {
inline constexpr std::uint32_t event_categories = 1, event_names = 2;
inline constexpr std::uint32_t iid = 1, name = 2;  // of both
}  // namespace interned

}  // namespace pf

}  // namespace gpusim::trace
