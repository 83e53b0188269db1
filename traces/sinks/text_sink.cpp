// SPDX-License-Identifier: MIT
#include "traces/sinks/text_sink.h"

#include <string_view>

namespace gpusim::trace {
namespace {

constexpr std::size_t kCommWidth = 16;
constexpr std::size_t kThreadWidth = 5;
constexpr std::uint64_t kPsPerSecond = 1'000'000'000'000;

std::size_t decimal_width(std::uint64_t value) {
  std::size_t width = 1;
  for (; value >= 10; value /= 10) ++width;
  return width;
}

}  // namespace

EventSet events_of(const CategorySet& categories) {
  EventSet kinds;
  for (const EventInfo& row : event_table()) {
    if (categories.test(static_cast<std::size_t>(row.category))) kinds.set(static_cast<std::size_t>(row.kind));
  }
  return kinds;
}

TextSink::TextSink(std::ostream& out, const Names& names, const TextSinkOptions& options)
    : out_{out},
      names_{names},
      options_{options},
      wanted_{events_of(options.categories)},
      buffer_{2 * ByteBuffer::kWriteSize} {
  for (const EventInfo& row : event_table()) texts_[static_cast<std::size_t>(row.kind)] = Template{row.text, row.kind};
  buffer_.append(
      "# tracer: gpusim\n"
      "#\n");
  append_comment(options.about);
  buffer_.append(
      "# simulated time, seconds with 12 decimals; <device> [---]: on the device or in flight\n"
      "#\n"
      "#           TASK-THREAD  CPU#           TIMESTAMP  EVENT\n");
}

void TextSink::on_event(const Event& event) {
  const auto kind = static_cast<std::size_t>(event.kind);
  if (!wanted_.test(kind) || event.time < options_.begin || event.time >= options_.end) return;
  write_head(event);
  buffer_.append(info(event.kind).name);
  buffer_.append(':');
  if (!texts_[kind].empty()) {
    buffer_.append(' ');
    texts_[kind].render(event, names_, buffer_);
  }
  buffer_.append('\n');
  if (buffer_.size() >= ByteBuffer::kWriteSize) buffer_.write_to(out_);
}

void TextSink::write_head(const Event& event) {
  const bool on_device = event.cpu == kNoCpu && event.thread == 0;
  const std::string_view comm = on_device ? std::string_view{"<device>"} : Names::of(names_.threads, event.thread);
  for (std::size_t width = comm.size(); width < kCommWidth; ++width) buffer_.append(' ');
  buffer_.append(comm);
  buffer_.append('-');
  buffer_.append_decimal(event.thread);
  for (std::size_t width = decimal_width(event.thread); width < kThreadWidth; ++width) buffer_.append(' ');
  if (event.cpu == kNoCpu) {
    buffer_.append(" [---] ");
  } else {
    buffer_.append(" [");
    buffer_.append_decimal(event.cpu, 3, '0');
    buffer_.append("] ");
  }
  const auto time = static_cast<std::uint64_t>(to_ps(event.time));
  buffer_.append_decimal(time / kPsPerSecond, 5, ' ');
  buffer_.append('.');
  buffer_.append_decimal(time % kPsPerSecond, 12, '0');
  buffer_.append(": ");
}

void TextSink::append_comment(std::string_view text) {
  if (text.empty()) return;
  buffer_.append("# ");
  buffer_.append(text);
  buffer_.append('\n');
}

void TextSink::finish(std::string_view remark) {
  append_comment(remark);
  buffer_.write_to(out_);
}

}  // namespace gpusim::trace
