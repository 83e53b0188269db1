// SPDX-License-Identifier: MIT
// trace.txt: one line per event in the manner of ftrace, times in seconds with 12 decimals (ps), for people, diffs and
// goldens. No wall clock and no host name in it: the same run gives the same bytes.
#pragma once

#include <array>
#include <bitset>
#include <ostream>
#include <string>
#include <string_view>

#include "base/time.h"
#include "traces/event/event_table.h"
#include "traces/event/names.h"
#include "traces/event/recorder.h"
#include "traces/sinks/byte_buffer.h"
#include "traces/sinks/template.h"

namespace gpusim::trace {

inline constexpr std::size_t kCategoryCount = static_cast<std::size_t>(Category::irq) + 1;
using CategorySet = std::bitset<kCategoryCount>;

/// All kinds of events of these categories.
[[nodiscard]] EventSet events_of(const CategorySet& categories);

struct TextSinkOptions {
  std::string about;  ///< a line for the header, if not empty: what was run by what
  CategorySet categories = CategorySet{}.set();
  SimTime begin{};       ///< first moment that is written
  SimTime end = kNever;  ///< first moment that is not written any more
};

class TextSink final : public Listener {
 public:
  /// `out` and `names` outlive the sink. The caller opens `out` and checks its state at the end.
  TextSink(std::ostream& out, const Names& names, const TextSinkOptions& options = {});

  void on_event(const Event& event) override;
  /// Flushes the buffer to the stream; without this call the last lines are missing. `remark` becomes the last one, a
  /// comment, if it is not empty.
  void finish(std::string_view remark = {});

 private:
  void write_head(const Event& event);
  void append_comment(std::string_view text);

  std::ostream& out_;
  const Names& names_;
  TextSinkOptions options_;
  EventSet wanted_;
  std::array<Template, kEventKindCount> texts_;
  ByteBuffer buffer_;
};

}  // namespace gpusim::trace
