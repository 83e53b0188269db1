// SPDX-License-Identifier: MIT
#include "traces/inspect/events_file.h"

#include <array>
#include <charconv>
#include <limits>
#include <vector>

#include <fmt/core.h>

#include "base/hash.h"
#include "traces/event/event_table.h"

namespace gpusim::trace {
namespace {

/// "exec_begin queue:queue job:job client:a credits:b work_ps:c": what a reader has to agree with.
[[nodiscard]] std::string shape_of(const EventInfo& row) {
  static constexpr std::array<std::string_view, 10> kSlots{"queue", "unit",   "job",   "a",      "b",
                                                           "c",     "c_high", "c_low", "b_high", "b_low"};
  std::string text{row.name};
  for (const FieldInfo& field : row.fields) {
    if (field.name.empty()) continue;
    text += fmt::format(" {}:{}", field.name, kSlots[static_cast<std::size_t>(field.slot)]);
  }
  return text;
}

/// An event whose words are those of a file.
struct Words {
  std::uint64_t time, kind, cpu, thread, queue, unit, job, a, b, c;
};

[[nodiscard]] Words words_of(const Event& event) {
  return {static_cast<std::uint64_t>(to_ps(event.time)),
          static_cast<std::uint64_t>(event.kind),
          event.cpu,
          event.thread,
          event.queue,
          event.unit,
          event.job,
          word(event, Slot::a),
          word(event, Slot::b),
          word(event, Slot::c)};
}

/// As the recorder does. `count`: how many events there are with this one.
void hash_words(RecordHash& hash, const Words& words, std::uint64_t count) {
  hash.add(words.time, words.kind | words.cpu << 16 | words.thread << 32, words.queue | words.unit << 32, words.job,
           words.a, words.b, words.c, count);
}

[[nodiscard]] Event event_of(const Words& words, EventKind kind) {
  Event event{kind, SimTime{ps(static_cast<std::int64_t>(words.time))}, static_cast<std::uint16_t>(words.cpu),
              static_cast<std::uint32_t>(words.thread)};
  detail::put<Slot::queue>(event, words.queue);
  detail::put<Slot::unit>(event, words.unit);
  detail::put<Slot::job>(event, words.job);
  detail::put<Slot::a>(event, words.a);
  detail::put<Slot::b>(event, words.b);
  detail::put<Slot::c>(event, words.c);
  return event;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_{text} {}

  [[nodiscard]] bool read(Recording& recording) {
    if (!next_line() || line_ != kEventsFileMark) {
      return fail(fmt::format("no file of events: its first line is not '{}'", kEventsFileMark));
    }
    while (!ended_) {
      if (!next_line()) return fail("the last line, 'end', is missing: the file is not whole");
      if (!read_line(recording)) return false;
    }
    if (!rest_.empty()) {
      static_cast<void>(next_line());
      return fail("there is something behind the last line, 'end'");
    }
    return true;
  }
  [[nodiscard]] const EventsFileError& error() const { return error_; }

 private:
  bool fail(std::string text) {
    error_ = {number_, static_cast<std::uint32_t>(at_ + 1), std::move(text)};
    return false;
  }

  [[nodiscard]] bool next_line() {
    ++number_;
    at_ = 0;
    const std::size_t end = rest_.find('\n');
    line_ = rest_.substr(0, end);
    if (end == std::string_view::npos) return false;
    rest_.remove_prefix(end + 1);
    return true;
  }

  /// The blank in front of the next word, and the word; empty if there is none.
  std::string_view word() {
    if (at_ != 0 && at_ < line_.size() && line_[at_] == ' ') ++at_;
    const std::string_view found = line_.substr(at_, line_.find(' ', at_) - at_);
    return found;
  }

  template <class Number>
  bool number(Number& value, std::uint64_t most = std::numeric_limits<std::uint64_t>::max(), int base = 10) {
    const std::string_view text = word();
    std::uint64_t parsed = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), parsed, base);
    const bool is_plain = base == 16 ? text.size() == 16 : text.size() == 1 || !text.starts_with('0');
    if (code != std::errc{} || end != text.data() + text.size() || !is_plain) {
      return fail(text.empty() ? "a number is missing" : fmt::format("'{}' is no number", text));
    }
    if (parsed > most) return fail(fmt::format("{} is more than {}", parsed, most));
    value = static_cast<Number>(parsed);
    at_ += text.size();
    return true;
  }

  /// All that is left of the line.
  bool name(std::string& text) {
    if (at_ == line_.size()) return fail("a name is missing");
    text = line_.substr(at_ + 1);
    at_ = line_.size();
    return true;
  }
  bool is_at_end() { return at_ == line_.size() || fail("more than belongs into this line"); }

  bool read_line(Recording& recording) {
    const std::string_view first = line_.substr(0, line_.find(' '));
    at_ = first.size();
    if (first == "e") return read_event(recording);
    if (first == "kind") return read_kind();
    if (first == "end") return read_end(recording);
    if (first == "title") return name(recording.title);
    if (first == "build") return name(recording.build);
    if (first == "cut_off") return name(recording.cut_off);
    if (first == "device") return name(recording.names.device);
    if (first == "queue") return read_queue(recording.names);
    if (first == "engine") return read_engine(recording.names);
    if (first == "cpus") return number(recording.names.cpus, kNoCpu) && is_at_end();
    for (const auto& [word, list] : lists(recording.names)) {
      if (word == first) return read_name(*list);
    }
    at_ = 0;
    return fail(fmt::format("unknown line '{}'", first));
  }

  /// A kind that is not one of ours is an error only if the run has such an event.
  bool read_kind() {
    std::uint64_t value = 0;
    std::string shape;
    if (!number(value, 0xffff)) return false;
    if (value != kinds_.size()) return fail(fmt::format("kind {} is expected here", kinds_.size()));
    if (!name(shape)) return false;
    kinds_.emplace_back();
    for (const EventInfo& row : event_table()) {
      if (shape_of(row) == shape) kinds_.back() = row.kind;
    }
    return true;
  }

  bool read_event(Recording& recording) {
    Words words{};
    constexpr std::uint64_t kWord = 0xffff'ffff;
    const auto last = static_cast<std::uint64_t>(to_ps(kEndOfTime));
    if (!number(words.time, last)) return false;
    if (words.time < time_) return fail("an event before the one in front of it");
    time_ = words.time;
    const std::size_t before_kind = at_ + 1;
    if (!number(words.kind)) return false;
    const std::size_t after_kind = at_;
    if (words.kind >= kinds_.size() || !kinds_[words.kind]) {
      at_ = before_kind;
      return fail(words.kind >= kinds_.size()
                      ? fmt::format("there is no kind {}", words.kind)
                      : fmt::format("events of kind {} are unknown to this program, or have other fields", words.kind));
    }
    at_ = after_kind;
    if (!number(words.cpu, kNoCpu) || !number(words.thread, kWord) || !number(words.queue, kWord) ||
        !number(words.unit, kWord) || !number(words.job) || !number(words.a) || !number(words.b) || !number(words.c)) {
      return false;
    }
    recording.events.push_back(event_of(words, *kinds_[words.kind]));
    hash_words(hash_, words, recording.events.size());
    return is_at_end();
  }

  bool read_end(Recording& recording) {
    std::uint64_t end = 0;
    std::uint64_t count = 0;
    if (!number(end, static_cast<std::uint64_t>(to_ps(kEndOfTime))) || !number(count)) return false;
    if (count != recording.events.size()) {
      return fail(fmt::format("{} events, and the file has {}", count, recording.events.size()));
    }
    if (!number(recording.hash, std::numeric_limits<std::uint64_t>::max(), 16)) return false;
    if (recording.hash != hash_.value()) {
      return fail(fmt::format("the events have the hash {}: the file was altered", hash_text(hash_.value())));
    }
    recording.end = SimTime{ps(static_cast<std::int64_t>(end))};
    ended_ = true;
    return is_at_end();
  }

  bool read_queue(Names& names) {
    QueueName queue;
    if (!number(queue.client, 0xffff'ffff) || !number(queue.engine_mask, 0xffff'ffff)) return false;
    if (!name(queue.name)) return false;
    names.queues.push_back(std::move(queue));
    return true;
  }

  bool read_engine(Names& names) {
    EngineName engine;
    engine.class_name = word();
    at_ += engine.class_name.size();
    if (engine.class_name.empty() || !name(engine.name)) return fail("an engine's class and name are missing");
    names.engines.push_back(std::move(engine));
    return true;
  }

  bool read_name(std::vector<std::string>& list) {
    list.emplace_back();
    return name(list.back());
  }

 public:
  struct List {
    std::string_view word;
    std::vector<std::string>* names;
  };
  [[nodiscard]] static std::array<List, 9> lists(Names& names) {
    return {{{"client", &names.clients},
             {"thread", &names.threads},
             {"vector", &names.vectors},
             {"work", &names.works},
             {"firmware_event", &names.firmware_events},
             {"message", &names.messages},
             {"verdict", &names.verdicts},
             {"fault", &names.faults},
             {"refusal", &names.refusals}}};
  }

 private:
  std::string_view rest_;
  std::string_view line_;
  std::size_t at_ = 0;  // in the line
  std::uint32_t number_ = 0;
  std::vector<std::optional<EventKind>> kinds_;  // by the file's number; none: not one of ours
  std::uint64_t time_ = 0;
  RecordHash hash_;
  bool ended_ = false;
  EventsFileError error_;
};

}  // namespace

EventsSink::EventsSink(std::ostream& out, const Names& names, const std::string& title, const std::string& build)
    : out_{out}, names_{names}, buffer_{2 * ByteBuffer::kWriteSize} {
  buffer_.append(kEventsFileMark);
  buffer_.append('\n');
  if (!build.empty()) line("build", {}, build);
  line("title", {}, title);
  for (const EventInfo& row : event_table()) line("kind", {static_cast<std::uint64_t>(row.kind)}, shape_of(row));
}

void EventsSink::line(std::string_view word, std::initializer_list<std::uint64_t> numbers, std::string_view name) {
  buffer_.append(word);
  for (const std::uint64_t value : numbers) {
    buffer_.append(' ');
    buffer_.append_decimal(value);
  }
  if (word != "e") {
    buffer_.append(' ');
    buffer_.append(name);
  }
  buffer_.append('\n');
  if (buffer_.size() >= ByteBuffer::kWriteSize) buffer_.write_to(out_);
}

void EventsSink::on_event(const Event& event) {
  const Words words = words_of(event);
  line("e",
       {words.time, words.kind, words.cpu, words.thread, words.queue, words.unit, words.job, words.a, words.b, words.c},
       {});
  hash_words(hash_, words, ++count_);
}

void EventsSink::finish(SimTime end, const std::string& cut_off) {
  line("device", {}, names_.device);
  line("cpus", {}, std::to_string(names_.cpus));
  Names names = names_;
  for (const auto& [word, list] : Reader::lists(names)) {
    for (const std::string& name : *list) line(word, {}, name);
  }
  for (const EngineName& engine : names_.engines) line("engine", {}, engine.class_name + " " + engine.name);
  for (const QueueName& queue : names_.queues) line("queue", {queue.client, queue.engine_mask}, queue.name);
  if (!cut_off.empty()) line("cut_off", {}, cut_off);
  line("end", {static_cast<std::uint64_t>(to_ps(end)), count_}, hash_text(hash_.value()));
  buffer_.write_to(out_);
}

std::optional<Recording> read_events_file(std::string_view text, EventsFileError& error) {
  Recording recording;
  Reader reader{text};
  if (reader.read(recording)) return recording;
  error = reader.error();
  return std::nullopt;
}

}  // namespace gpusim::trace
