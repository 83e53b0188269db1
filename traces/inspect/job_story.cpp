// SPDX-License-Identifier: MIT
#include "traces/inspect/job_story.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "traces/inspect/doings.h"
#include "traces/inspect/lives.h"
#include "traces/inspect/story_rows.h"
#include "traces/inspect/words.h"
#include "traces/report/summary.h"
#include "traces/report/text_table.h"

namespace gpusim::trace {
namespace {

class Story {
 public:
  Story(std::ostream& out, const Recording& recording, const RunIndex& index, JobId job, const PageForm& form)
      : out_{out},
        form_{form},
        recording_{recording},
        index_{index},
        job_{job},
        facts_{*index.job(job)},
        spans_{spans_of(recording, job)},
        doings_{recording} {}

  void write() {
    write_who();
    out_ << '\n';
    write_parts(parts());
    if (spans_.empty()) {
      out_ << "\nIt has no life: its exec failed.\n";
      return;
    }
    write_end();
    write_causes();
  }

  void write_json(const RunJsonHead& head) {
    JsonWriter json{out_};
    json.begin_object();
    write_head(json, "gpusim-job/1", head);
    write_run(json, "of", recording_);
    json.key("job").value(job_.value());
    json.key("client").value(index_.client_name(facts_.client)).key("number_of_client").value(facts_.of_client);
    json.key("queue").value(queue().name).key("number_of_queue").value(facts_.of_queue);
    json.key("engines").value(engines());
    json.key("steps").begin_array();
    for (const Part& part : parts()) write_part(json, part);
    json.end_array();
    if (!spans_.empty()) {
      const RecordedLife one = lives_of(recording_)[job_.value()];
      json.key("latency_ps").value(one.life.length().count()).key("finished").value(one.has_ended);
      json.key("error").value(one.life.error == 0 ? std::string_view{} : error_of(one));
      write_causes(json);
    }
    json.end_object();
  }

 private:
  [[nodiscard]] const QueueName& queue() const { return recording_.names.queues[facts_.queue.value()]; }

  /// That may run it.
  [[nodiscard]] std::vector<std::string> engines() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < recording_.names.engines.size(); ++i) {
      if ((queue().engine_mask >> i & 1) != 0) names.push_back(recording_.names.engines[i].name);
    }
    return names;
  }

  [[nodiscard]] static std::string_view error_of(const RecordedLife& one) {
    return to_string(static_cast<Errno>(one.life.error));
  }

  void write_who() {
    const std::string who =
        fmt::format("job {} is the {} of client {} and the {} of queue {}", job_.value(), ordinal(facts_.of_client),
                    index_.client_name(facts_.client), ordinal(facts_.of_queue), queue().name);
    std::string list;
    for (const std::string& engine : engines()) list += (list.empty() ? "" : ", ") + engine;
    write_paragraph(out_, fmt::format("{} (on {})", who, list), form_);
  }

  /// A line of the story: what happened at a moment, or what time was spent on.
  struct Part {
    SimTime begin{};
    Picoseconds length{};        ///< of a moment 0
    std::optional<Cause> cause;  ///< none: a moment
    std::string text;            ///< with a cause what others did meanwhile; may be empty
  };

  [[nodiscard]] std::vector<Part> parts() const {
    const StoryRows story{recording_, index_, job_};
    const std::vector<StoryRow>& rows = story.rows();
    std::vector<Part> parts;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      parts.push_back({.begin = rows[i].time, .cause = std::nullopt, .text = rows[i].text});
      add_spans(parts, rows[i].time, i + 1 < rows.size() ? rows[i + 1].time : recording_.end);
    }
    return parts;
  }

  static void write_part(JsonWriter& json, const Part& part) {
    json.begin_object().key("begin_ps").value(to_ps(part.begin));
    if (part.cause) {
      json.key("duration_ps").value(part.length.count()).key("cause").value(to_string(*part.cause));
      if (!part.text.empty()) json.key("meanwhile").value(part.text);
    } else {
      json.key("what").value(part.text);
    }
    json.end_object();
  }

  /// What the time between two rows was spent on.
  void add_spans(std::vector<Part>& parts, SimTime begin, SimTime end) const {
    for (const Span& span : spans_) {
      const SimTime from = std::max(begin, span.begin);
      const SimTime until = std::min(end, span.end);
      if (from >= until) continue;
      parts.push_back(
          {.begin = from, .length = until - from, .cause = span.cause, .text = others_in(span.cause, from, until)});
    }
  }

  void write_parts(const std::vector<Part>& parts) const {
    std::vector<SignedWide> moments;
    std::vector<SignedWide> durations;
    for (const Part& part : parts) {
      if (part.cause) {
        durations.push_back(part.length.count());
      } else {
        moments.push_back(to_ps(part.begin));
      }
    }
    const std::vector<std::string> when = exact_column(moments);
    const std::vector<std::string> how_long = exact_column(durations);
    auto moment = when.begin();
    auto duration = how_long.begin();
    for (const Part& part : parts) {
      const std::string line = !part.cause ? fmt::format("{:>16}  {}", *moment++, part.text)
                                           : fmt::format("{:>32} {}{}{}", *duration++, to_string(*part.cause),
                                                         part.text.empty() ? "" : ": ", part.text);
      write_paragraph(out_, line, form_);
    }
  }

  /// What others did meanwhile, for which it waited.
  [[nodiscard]] std::string others_in(Cause cause, SimTime begin, SimTime end) const {
    const std::uint64_t mask = recording_.names.queues[facts_.queue.value()].engine_mask;
    switch (cause) {
      case Cause::firmware:
        return doings_.of_firmware(begin, end);
      case Cause::engine_busy:
      case Cause::run_list:
      case Cause::preempted:
      case Cause::context_switch:
        return doings_.on_engines(index_, mask, job_, begin, end);
      default:
        return {};
    }
  }

  void write_end() {
    const RecordedLife one = lives_of(recording_)[job_.value()];
    const std::string how = !one.has_ended        ? "has not ended when the run does"
                            : one.life.error == 0 ? "ended well"
                                                  : fmt::format("failed with {}", error_of(one));
    out_ << '\n';
    write_paragraph(out_, fmt::format("It {}, {} after its exec.", how, exact(one.life.length())), form_);
  }

  using Causes = std::array<Picoseconds, kCauseCount>;

  [[nodiscard]] Causes causes() const {
    Causes sums{};
    for (const Span& span : spans_) sums[static_cast<std::size_t>(span.cause)] += span.end - span.begin;
    return sums;
  }

  void write_causes(JsonWriter& json) const {
    json.key("causes").begin_object();
    const Causes sums = causes();
    for (std::size_t i = 0; i < kCauseCount; ++i) {
      if (sums[i].count() != 0) json.key(std::string{kCauseNames[i]} + "_ps").value(sums[i].count());
    }
    json.end_object();
  }

  void write_causes() {
    const Causes sums = causes();
    const Picoseconds life = std::accumulate(sums.begin(), sums.end(), Picoseconds{0});
    out_ << '\n';
    TextTable table;
    const auto share = [&](Picoseconds part) {
      return percent(static_cast<Wide>(part.count()), static_cast<Wide>(life.count()));
    };
    std::vector<SignedWide> times;
    for (const Picoseconds cause : sums) times.push_back(cause.count());
    times.push_back(life.count());
    const std::vector<std::string> texts = exact_column(times);
    for (std::size_t i = 0; i < kCauseCount; ++i) {
      if (sums[i].count() == 0) continue;
      table.add({std::string{kCauseNames[i]}, texts[i], share(sums[i])});
    }
    table.add({"life", texts.back(), share(life)});
    table.write(out_, form_);
  }

  std::ostream& out_;
  PageForm form_;
  const Recording& recording_;
  const RunIndex& index_;
  JobId job_;
  const JobFacts& facts_;
  std::vector<Span> spans_;
  Doings doings_;
};

}  // namespace

void write_job_story(std::ostream& out, const Recording& recording, const RunIndex& index, JobId job,
                     const PageForm& form) {
  Story{out, recording, index, job, form}.write();
}

void write_job_json(std::ostream& out, const Recording& recording, const RunIndex& index, JobId job,
                    const RunJsonHead& head) {
  Story{out, recording, index, job, {}}.write_json(head);
}

}  // namespace gpusim::trace
