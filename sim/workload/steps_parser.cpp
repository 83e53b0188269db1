// SPDX-License-Identifier: MIT
#include "sim/workload/steps_parser.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "base/closest.h"
#include "sim/workload/wsim_fields.h"

namespace gpusim::workload {

namespace {

constexpr std::array<std::string_view, 12> kSteps{"submit", "gang",  "wait", "wait-any", "available", "poll",
                                                  "signal", "reset", "idle", "sleep",    "period",    "close"};
constexpr std::array<std::string_view, 10> kClauses{"read",   "write",  "move",     "bookkeep", "after",
                                                    "signal", "upload", "readback", "copy",     "dont-pipeline"};
constexpr std::uint64_t kMostBytes = 1'000'000'000'000;

[[nodiscard]] std::optional<Picoseconds> read_us(std::string_view text) {
  const std::optional<std::int64_t> number = read_integer(text);
  if (!number || *number < 1) return std::nullopt;
  return us(*number);
}

/// "5", "i", "2i", "i-1", "2i+3".
[[nodiscard]] bool read_point(std::string_view text, PointRef& point) {
  const std::size_t loop = text.find('i');
  if (loop == std::string_view::npos) {
    const std::optional<std::int64_t> number = read_integer(text);
    if (!number || *number < 1) return false;
    point.offset = *number;
    return true;
  }
  const std::optional<std::int64_t> factor =
      loop == 0 ? std::optional<std::int64_t>{1} : read_integer(text.substr(0, loop));
  if (!factor || *factor < 1) return false;
  point.per_loop = *factor;
  const std::string_view rest = text.substr(loop + 1);
  if (rest.empty()) return true;
  const std::optional<std::int64_t> number = read_integer(rest.substr(1));
  if ((rest[0] != '+' && rest[0] != '-') || !number || *number < 0) return false;
  point.offset = rest[0] == '+' ? *number : -*number;
  return true;
}

class LineReader {
 public:
  LineReader(const ShareSpec& share, std::vector<Field> words, std::size_t step, std::uint32_t line,
             StepsParseResult& result, const std::string& file)
      : share_{share}, words_{std::move(words)}, step_{step}, line_{line}, result_{result}, file_{file} {}

  [[nodiscard]] std::optional<StepsStep> read() {
    const Field verb = words_[at_++];
    std::optional<StepsStep> step = read_step(verb);
    if (step && at_ < words_.size()) {
      problem(words_[at_], fmt::format("{} is one word too many", quoted(words_[at_].text)));
      return std::nullopt;
    }
    return step;
  }

 private:
  [[nodiscard]] std::optional<StepsStep> read_step(const Field& verb) {
    if (verb.text == "submit") return read_submit();
    if (verb.text == "gang") return read_gang();
    if (verb.text == "wait") return read_wait({});
    if (verb.text == "wait-any") return read_wait({.all = false});
    if (verb.text == "available") return read_wait({.wait_for = drv::WaitFor::available});
    if (verb.text == "poll") return read_wait({.all = false, .by_eventfd = true});
    if (verb.text == "signal" || verb.text == "reset") {
      const std::optional<PointRef> point = read_point_name();
      if (!point) return std::nullopt;
      if (verb.text == "signal") return SignalStep{*point};
      if (point->is_fence) return ResetStep{*point};
      problem(words_[at_ - 1], "only a fence can be reset");
      return std::nullopt;
    }
    if (verb.text == "idle") {
      const std::optional<std::uint32_t> buffer = read_buffer();
      return buffer ? std::optional<StepsStep>{IdleStep{*buffer}} : std::nullopt;
    }
    if (verb.text == "sleep" || verb.text == "period") {
      const std::optional<Picoseconds> time = read_time();
      if (!time) return std::nullopt;
      return verb.text == "sleep" ? StepsStep{SleepStep{*time}} : StepsStep{PeriodStep{*time}};
    }
    if (verb.text == "close") return CloseStep{};
    problem(verb, fmt::format("there is no step {}", quoted(verb.text)), closest(verb.text, kSteps));
    return std::nullopt;
  }

  [[nodiscard]] std::optional<StepsStep> read_submit() {
    SubmitStep submit;
    if (!read_engine_name(submit.engine) || !read_work(submit.work)) return std::nullopt;
    return read_clauses(std::move(submit));
  }

  [[nodiscard]] std::optional<StepsStep> read_gang() {
    std::vector<StepMember> jobs;
    while (jobs.size() < 2 || (at_ < words_.size() && read_engine_choice(words_[at_].text))) {
      StepMember job;
      if (!read_engine_name(job.engine)) return std::nullopt;
      const Field engine = words_[at_ - 1];
      if (jobs.size() == drv::kMaxGang) {
        problem(engine, fmt::format("a gang has at most {} jobs, as in amdgpu", drv::kMaxGang));
        return std::nullopt;
      }
      const auto same = [&](const StepMember& other) { return other.engine == job.engine; };
      if (std::any_of(jobs.begin(), jobs.end(), same)) {
        problem(engine, fmt::format("{} has a job of this gang already: each is of another queue", engine.text));
        return std::nullopt;
      }
      if (!read_work(job.work)) return std::nullopt;
      jobs.push_back(job);
    }
    SubmitStep submit;
    submit.engine = jobs.back().engine;
    submit.work = jobs.back().work;
    jobs.pop_back();
    submit.members = std::move(jobs);
    return read_clauses(std::move(submit));
  }

  [[nodiscard]] std::optional<StepsStep> read_clauses(SubmitStep submit) {
    while (at_ < words_.size()) {
      const Field clause = words_[at_++];
      if (clause.text == "after" || clause.text == "signal") {
        const std::optional<PointRef> point = read_point_name();
        if (!point) return std::nullopt;
        (clause.text == "after" ? submit.after : submit.signal).push_back(*point);
        continue;
      }
      if (clause.text == "dont-pipeline") {
        submit.dont_pipeline = true;
        continue;
      }
      if (const std::optional<TransferSpec> ends = transfer_of(clause.text)) {
        if (!read_transfer(clause, *ends, submit)) return std::nullopt;
        continue;
      }
      const std::optional<sched::Usage> usage = usage_of(clause.text);
      if (!usage) {
        problem(clause,
                fmt::format("a submit has read, write, move, bookkeep, upload, readback, copy, after, signal and "
                            "dont-pipeline, not {}",
                            quoted(clause.text)),
                closest(clause.text, kClauses));
        return std::nullopt;
      }
      const std::optional<std::uint32_t> buffer = read_buffer();
      if (!buffer) return std::nullopt;
      const auto again = [&](const StepUse& use) { return use.buffer == *buffer; };
      if (std::any_of(submit.uses.begin(), submit.uses.end(), again)) {
        problem(words_[at_ - 1], fmt::format("buffer {} is named twice", quoted(words_[at_ - 1].text)));
        return std::nullopt;
      }
      submit.uses.push_back({*buffer, *usage});
    }
    return submit;
  }

  /// Its ends, without a number of bytes.
  [[nodiscard]] static std::optional<TransferSpec> transfer_of(std::string_view word) {
    if (word == "upload") return TransferSpec{.bytes = 0, .from = MemoryPlace::host, .to = MemoryPlace::device};
    if (word == "readback") return TransferSpec{.bytes = 0, .from = MemoryPlace::device, .to = MemoryPlace::host};
    if (word == "copy") return TransferSpec{.bytes = 0, .from = MemoryPlace::device, .to = MemoryPlace::device};
    return std::nullopt;
  }

  [[nodiscard]] bool read_transfer(const Field& clause, const TransferSpec& ends, SubmitStep& submit) {
    if (!submit.members.empty()) {
      problem(clause, "jobs of a gang move no bytes");
      return false;
    }
    if (submit.transfer.bytes != 0) {
      problem(clause, "a job moves bytes one way only");
      return false;
    }
    if (at_ == words_.size()) return missing("the number of bytes");
    const Field word = words_[at_++];
    const std::optional<std::uint64_t> bytes = read_size(word.text);
    if (!bytes || *bytes > kMostBytes) {
      problem(word, fmt::format("{} is no number of bytes from 1 to {}", quoted(word.text), kMostBytes));
      return false;
    }
    submit.transfer = ends;
    submit.transfer.bytes = *bytes;
    return true;
  }

  [[nodiscard]] std::optional<StepsStep> read_wait(WaitStep wait) {
    while (at_ < words_.size() && words_[at_].text != "within") {
      const std::optional<PointRef> point = read_point_name();
      if (!point) return std::nullopt;
      wait.points.push_back(*point);
    }
    if (wait.points.empty()) {
      missing("a point or a fence");
      return std::nullopt;
    }
    if (at_ == words_.size()) return wait;
    ++at_;
    wait.within = read_time();
    return wait.within ? std::optional<StepsStep>{wait} : std::nullopt;
  }

  [[nodiscard]] static std::optional<sched::Usage> usage_of(std::string_view word) {
    if (word == "read") return sched::Usage::read;
    if (word == "write") return sched::Usage::write;
    if (word == "move") return sched::Usage::kernel;
    if (word == "bookkeep") return sched::Usage::bookkeep;
    return std::nullopt;
  }

  [[nodiscard]] bool read_engine_name(EngineChoice& engine) {
    if (at_ == words_.size()) return missing("an engine");
    const Field word = words_[at_++];
    if (const std::optional<EngineChoice> read = read_engine_choice(word.text)) {
      engine = *read;
      return true;
    }
    problem(word,
            fmt::format("{} is no engine (rcs, bcs, vcs, vecs, ccs, or one of a class, as vcs1)", quoted(word.text)));
    return false;
  }

  [[nodiscard]] bool read_work(Work& work) {
    if (at_ == words_.size()) return missing("the time of the job in us");
    const Field word = words_[at_++];
    const std::vector<Field> ends = split(word, '-');
    const std::optional<Picoseconds> min = read_us(ends.front().text);
    const std::optional<Picoseconds> max = read_us(ends.back().text);
    if (ends.size() > 2 || !min || !max || *min > *max) {
      problem(word, fmt::format("{} is no time of a job: whole us, or min-max", quoted(word.text)));
      return false;
    }
    work = {*min, *max};
    return true;
  }

  [[nodiscard]] std::optional<Picoseconds> read_time() {
    if (at_ == words_.size()) {
      missing("a time in us");
      return std::nullopt;
    }
    const Field word = words_[at_++];
    const std::optional<Picoseconds> time = read_us(word.text);
    if (!time) problem(word, fmt::format("{} is no time: whole us from 1", quoted(word.text)));
    return time;
  }

  [[nodiscard]] std::optional<std::uint32_t> read_buffer() {
    if (at_ == words_.size()) {
      missing("a buffer");
      return std::nullopt;
    }
    const Field word = words_[at_++];
    const auto found = std::find(share_.buffers.begin(), share_.buffers.end(), word.text);
    if (found != share_.buffers.end()) return static_cast<std::uint32_t>(found - share_.buffers.begin());
    unknown(word, word.text, "share.buffers", {&share_.buffers});
    return std::nullopt;
  }

  [[nodiscard]] std::optional<PointRef> read_point_name() {
    if (at_ == words_.size()) {
      missing("a point of a timeline, or a fence");
      return std::nullopt;
    }
    const Field word = words_[at_++];
    const std::size_t colon = word.text.find(':');
    const std::string_view name = word.text.substr(0, colon);
    PointRef point;
    const auto timeline = std::find(share_.timelines.begin(), share_.timelines.end(), name);
    const auto fence = std::find(share_.fences.begin(), share_.fences.end(), name);
    if (timeline != share_.timelines.end()) {
      point.syncobj = static_cast<std::uint32_t>(timeline - share_.timelines.begin());
      if (colon != std::string_view::npos && read_point(word.text.substr(colon + 1), point)) return point;
      problem(word,
              fmt::format("{0} is a timeline: its point is missing or none; as {0}:3, or {0}:2i-1 in loop i", name));
      return std::nullopt;
    }
    if (fence != share_.fences.end()) {
      point.syncobj = static_cast<std::uint32_t>(share_.timelines.size() + (fence - share_.fences.begin()));
      point.is_fence = true;
      if (colon == std::string_view::npos) return point;
      problem(word, fmt::format("{} is a fence: it has no points", name));
      return std::nullopt;
    }
    unknown(word, name, "share.timelines or share.fences", {&share_.timelines, &share_.fences});
    return std::nullopt;
  }

  void unknown(const Field& word, std::string_view name, std::string_view where,
               std::initializer_list<const std::vector<std::string>*> lists) {
    std::vector<std::string_view> names;
    for (const auto* list : lists) names.insert(names.end(), list->begin(), list->end());
    problem(word, fmt::format("{} does not name {}", where, quoted(name)), closest(name, names));
  }

  bool missing(const char* what) {
    const Field& last = words_.back();
    problem({last.text, last.end_column()}, fmt::format("{} is missing", what));
    return false;
  }

  void problem(const Field& where, std::string what, std::string suggestion = {}) {
    result_.problems.push_back({file_, line_, where.column, step_, std::move(what), std::move(suggestion)});
  }

  const ShareSpec& share_;
  std::vector<Field> words_;
  std::size_t at_ = 0;
  std::size_t step_;
  std::uint32_t line_;
  StepsParseResult& result_;
  const std::string& file_;
};

[[nodiscard]] std::vector<Field> words_of(const Field& line) {
  std::vector<Field> words;
  for (const Field& piece : split(line, ' ')) {
    for (const Field& inner : split(piece, '\t')) {
      if (const Field word = trim(inner); !word.text.empty()) words.push_back(word);
    }
  }
  return words;
}

[[nodiscard]] std::vector<std::uint32_t> sorted(std::vector<std::uint32_t> all) {
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

[[nodiscard]] std::vector<std::uint32_t> syncobjs(const StepsProgram& program, bool signalled) {
  std::vector<std::uint32_t> all;
  const auto add = [&all](const PointRef& point) { all.push_back(point.syncobj); };
  for (const StepsStep& step : program.steps) {
    if (const auto* submit = std::get_if<SubmitStep>(&step)) {
      for (const PointRef& point : signalled ? submit->signal : submit->after) add(point);
    } else if (const auto* signal = std::get_if<SignalStep>(&step); signal != nullptr && signalled) {
      add(signal->point);
    } else if (const auto* wait = std::get_if<WaitStep>(&step); wait != nullptr && !signalled) {
      for (const PointRef& point : wait->points) add(point);
    }
  }
  return sorted(std::move(all));
}

}  // namespace

std::vector<std::uint32_t> signalled_by(const StepsProgram& program) { return syncobjs(program, true); }
std::vector<std::uint32_t> awaited_by(const StepsProgram& program) { return syncobjs(program, false); }

std::vector<EngineChoice> engines_of(const StepsProgram& program) {
  std::vector<EngineChoice> engines;
  const auto add = [&](const EngineChoice& engine) {
    if (std::find(engines.begin(), engines.end(), engine) == engines.end()) engines.push_back(engine);
  };
  for (const StepsStep& step : program.steps) {
    const auto* submit = std::get_if<SubmitStep>(&step);
    if (submit == nullptr) continue;
    for (const StepMember& member : submit->members) add(member.engine);
    add(submit->engine);
  }
  return engines;
}

std::vector<std::uint32_t> used_by(const StepsProgram& program) {
  std::vector<std::uint32_t> all;
  for (const StepsStep& step : program.steps) {
    if (const auto* idle = std::get_if<IdleStep>(&step)) all.push_back(idle->buffer);
    const auto* submit = std::get_if<SubmitStep>(&step);
    if (submit == nullptr) continue;
    for (const StepUse& use : submit->uses) all.push_back(use.buffer);
  }
  return sorted(std::move(all));
}

StepsParseResult parse_steps(std::string_view text, const std::string& file, const ShareSpec& share) {
  StepsParseResult result;
  StepsProgram program;
  std::uint32_t number = 0;
  std::size_t step = 0;
  for (const Field& line : split({text, 1}, '\n')) {
    ++number;
    std::vector<Field> words = words_of({line.text.substr(0, line.text.find('#')), 1});
    if (words.empty()) continue;
    std::optional<StepsStep> read = LineReader{share, std::move(words), step++, number, result, file}.read();
    if (read) program.steps.push_back(*std::move(read));
  }
  if (step == 0) result.problems.push_back({file, 1, 1, std::nullopt, "the program holds no step", {}});
  if (result.problems.empty()) result.program = std::move(program);
  return result;
}

}  // namespace gpusim::workload
