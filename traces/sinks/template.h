// SPDX-License-Identifier: MIT
// The text and label templates of the event table, compiled once into a list of steps and rendered without parsing
// format strings. The placeholders are those documented at EventInfo::text; any other is refused when compiling.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "traces/event/event.h"
#include "traces/event/names.h"
#include "traces/sinks/byte_buffer.h"

namespace gpusim::trace {

class Template {
 public:
  Template() = default;
  /// For events of that kind. Violates "event_template" for an unknown placeholder, a field that the
  /// kind does not have, or an unbalanced brace.
  Template(std::string_view text, EventKind kind);

  /// Appends the text; numbers without a name are written as "?".
  void render(const Event& event, const Names& names, ByteBuffer& out) const;

  [[nodiscard]] bool empty() const { return steps_.empty(); }
  /// True if {job} occurs in it.
  [[nodiscard]] bool names_job() const { return names_job_; }

  static constexpr std::uint64_t kNoKey = std::numeric_limits<std::uint64_t>::max();
  /// If the text is fixed, or differs only in one name ({ring}, {thread:b}, ...): the number behind that name (0 if
  /// fixed), by which a rendered text can be kept. kNoKey otherwise.
  [[nodiscard]] std::uint64_t key(const Event& event) const {
    if (!has_key_) return kNoKey;
    return key_step_ == kFixed ? 0 : word(event, steps_[key_step_].slot);
  }

 private:
  enum class Op : std::uint8_t {
    literal,
    number,
    client,
    duration,
    error,  // numbers
    ring,
    client_name,
    device,
    engine,
    vector,
    thread,
    firmware_event,
    refusal,
    message,
    work,
    rule,  // names
  };
  struct Step {
    Op op = Op::literal;
    Slot slot = Slot::queue;  ///< where the number is
    std::uint32_t begin = 0;  ///< literal: where in literals_
    std::uint32_t length = 0;
  };

  static bool is_name(Op op) { return op >= Op::ring; }
  static std::string_view name_of(const Step& step, const Event& event, const Names& names);
  static Step parse_placeholder(std::string_view inside, std::string_view whole, EventKind kind);
  void add_literal(std::string_view text);
  void find_key();

  static constexpr std::size_t kFixed = std::numeric_limits<std::size_t>::max();

  std::string literals_;
  std::vector<Step> steps_;
  bool names_job_ = false;
  bool has_key_ = true;
  std::size_t key_step_ = kFixed;
};

/// A duration of `count` ps, exactly and without a space: "12.345678us", "0ps"; 2^64-1 is "endless".
void append_duration(std::uint64_t count, ByteBuffer& out);

}  // namespace gpusim::trace
