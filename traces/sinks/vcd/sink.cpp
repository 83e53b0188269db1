// SPDX-License-Identifier: MIT
#include "traces/sinks/vcd/sink.h"

#include <algorithm>
#include <bit>
#include <span>
#include <string_view>
#include <utility>

#include "traces/event/handlers.h"

namespace gpusim::trace {

namespace {

/// A name of printable characters, "!" for 0: base 94, the least digit first.
[[nodiscard]] std::string code_of(std::size_t number) {
  constexpr std::size_t kDigits = 94;
  std::string code;
  do {
    code += static_cast<char>('!' + number % kDigits);
    number /= kDigits;
  } while (number != 0);
  return code;
}

/// "engine", "rcs0", "queue"
[[nodiscard]] std::vector<std::string_view> parts_of(std::string_view name) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t dot = name.find('.');
    parts.push_back(name.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    name.remove_prefix(dot + 1);
  }
}

/// A scenario's or client's name may be any text, and "$end" ends a comment.
[[nodiscard]] std::string without_keywords(std::string_view text) {
  std::string result{text};
  std::replace(result.begin(), result.end(), '$', '_');
  return result;
}

[[nodiscard]] std::string identifier(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::string result{name};
  std::replace_if(result.begin(), result.end(), [&](char c) { return !is_plain(c); }, '_');
  return result;
}

}  // namespace

VcdSink::VcdSink(std::ostream& out, const Names& names, const DeviceShape& shape, VcdSinkOptions options)
    : out_{out},
      names_{names},
      options_{std::move(options)},
      values_{shape, names},
      buffer_{2 * ByteBuffer::kWriteSize} {
  const std::vector<VcdSignal> signals = vcd_signals(shape);
  shown_.resize(signals.size());
  for (std::size_t i = 0; i < signals.size(); ++i) {
    shown_[i].is_wanted = options_.signals.empty();
    shown_[i].width = signals[i].width;
    shown_[i].names_queue = signals[i].name.ends_with(".queue");
  }
  for (const std::size_t wanted : options_.signals) shown_[wanted].is_wanted = true;
  write_header(signals);
}

void VcdSink::attach_to(Recorder& recorder) {
  EventSet kinds;
#define EVENT(kind_, ...) \
  if constexpr (Reads<VcdValues, kind_>) kinds.set(static_cast<std::size_t>(EventKind::kind_));
#include "traces/event/kinds.def"
  recorder.attach(*this, kinds);
}

void VcdSink::on_event(const Event& event) {
  if (event.time != now_) {
    flush_moment();
    if (!is_started_ && event.time > options_.begin) start(options_.begin);
    now_ = event.time;
  }
  values_.apply(event);
}

void VcdSink::finish(SimTime end, std::string_view result) {
  flush_moment();
  const SimTime last = std::min(end, options_.end);
  if (!is_started_ && last >= options_.begin) start(options_.begin);
  if (!is_started_) write_text("comment", "the run ended before the window");
  if (is_started_ && last > last_time_) write_time(last);
  write_text("comment", result);
  buffer_.write_to(out_);
}

// --- the header ------------------------------------------------------------------------------------------------------

void VcdSink::write_header(const std::vector<VcdSignal>& signals) {
  write_text("version", options_.about.empty() ? "gpusim" : without_keywords(options_.about));
  buffer_.append("$timescale 1 ps $end\n");
  write_text("scope", "module " + identifier(names_.device));
  std::vector<std::string_view> open;
  const auto close_to = [&](std::size_t depth) {
    for (; open.size() > depth; open.pop_back()) buffer_.append("$upscope $end\n");
  };
  std::size_t count = 0;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    if (!shown_[i].is_wanted) continue;
    shown_[i].code = code_of(count++);
    const std::vector<std::string_view> parts = parts_of(signals[i].name);
    const std::span scopes = std::span{parts}.first(parts.size() - 1);
    const auto [differs, unused] = std::mismatch(open.begin(), open.end(), scopes.begin(), scopes.end());
    close_to(static_cast<std::size_t>(differs - open.begin()));
    while (open.size() < scopes.size()) {
      open.push_back(scopes[open.size()]);
      write_text("scope", "module " + identifier(open.back()));
    }
    write_text("var",
               "wire " + std::to_string(shown_[i].width) + ' ' + shown_[i].code + ' ' + identifier(parts.back()));
  }
  close_to(0);
  buffer_.append("$upscope $end\n$enddefinitions $end\n");
}

void VcdSink::write_text(std::string_view keyword, std::string_view text) {
  if (text.empty()) return;
  buffer_.append('$');
  buffer_.append(keyword);
  buffer_.append(' ');
  buffer_.append(text);
  buffer_.append(" $end\n");
}

// --- values ----------------------------------------------------------------------------------------------------------

/// What all are worth when the window begins.
void VcdSink::start(SimTime when) {
  is_started_ = true;
  for (std::size_t i = 0; i < shown_.size(); ++i) {
    if (shown_[i].is_wanted && shown_[i].names_queue) name_queue(values_.value(i));
  }
  write_time(when);
  buffer_.append("$dumpvars\n");
  for (std::size_t i = 0; i < shown_.size(); ++i) {
    if (shown_[i].is_wanted) write_value(shown_[i], values_.value(i));
  }
  buffer_.append("$end\n");
}

void VcdSink::flush_moment() {
  if (is_started_ && now_ < options_.end) {
    std::vector<std::size_t> changed = values_.touched();
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    std::erase_if(changed, [&](std::size_t signal) {
      return !shown_[signal].is_wanted || shown_[signal].written == values_.value(signal);
    });
    for (const std::size_t signal : changed) {
      if (shown_[signal].names_queue) name_queue(values_.value(signal));
    }
    if (!changed.empty()) write_time(now_);
    for (const std::size_t signal : changed) write_value(shown_[signal], values_.value(signal));
  }
  values_.clear_touched();
  if (buffer_.size() >= ByteBuffer::kWriteSize) buffer_.write_to(out_);
}

void VcdSink::write_time(SimTime when) {
  last_time_ = when;
  buffer_.append('#');
  buffer_.append_decimal(static_cast<std::uint64_t>(to_ps(when)));
  buffer_.append('\n');
}

void VcdSink::write_value(Shown& shown, std::uint64_t value) {
  shown.written = value;
  if (shown.width > 1) {
    buffer_.append('b');
    for (int bit = static_cast<int>(std::bit_width(value | 1)); bit-- > 0;)
      buffer_.append((value >> bit & 1) != 0 ? '1' : '0');
    buffer_.append(' ');
  } else {
    buffer_.append(value != 0 ? '1' : '0');
  }
  buffer_.append(shown.code);
  buffer_.append('\n');
}

void VcdSink::name_queue(std::uint64_t queue) {
  if (queue == 0 || queue >= names_.queues.size()) return;
  if (queue >= named_queues_.size()) named_queues_.resize(names_.queues.size());
  if (named_queues_[queue]) return;
  named_queues_[queue] = true;
  write_text("comment", "queue " + std::to_string(queue) + " is " + without_keywords(names_.queues[queue].name));
}

}  // namespace gpusim::trace
