// SPDX-License-Identifier: MIT
#include "traces/inspect/job_story.h"

#include <algorithm>
#include <array>
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
    write_head();
    out_ << '\n';
    const StoryRows story{recording_, index_, job_};
    const std::vector<StoryRow>& rows = story.rows();
    std::vector<Part> parts;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      parts.push_back({rows[i].time.time_since_epoch(), true, rows[i].text});
      add_spans(parts, rows[i].time, i + 1 < rows.size() ? rows[i + 1].time : recording_.end);
    }
    write_parts(parts);
    if (spans_.empty()) {
      out_ << "\nIt has no life: its exec failed.\n";
      return;
    }
    write_end();
    write_causes();
  }

 private:
  void write_head() {
    const QueueName& queue = recording_.names.queues[facts_.queue.value()];
    const std::string who =
        fmt::format("job {} is the {} of client {} and the {} of queue {}", job_.value(), ordinal(facts_.of_client),
                    index_.client_name(facts_.client), ordinal(facts_.of_queue), queue.name);
    std::string engines;
    for (std::size_t i = 0; i < recording_.names.engines.size(); ++i) {
      if ((queue.engine_mask >> i & 1) == 0) continue;
      engines += (engines.empty() ? "" : ", ") + recording_.names.engines[i].name;
    }
    write_paragraph(out_, fmt::format("{} (on {})", who, engines), form_);
  }

  /// A line of the story: a moment and what happened then, or how long something took.
  struct Part {
    Picoseconds time{};
    bool is_moment = false;
    std::string text;
  };

  /// What the time between two rows was spent on.
  void add_spans(std::vector<Part>& parts, SimTime begin, SimTime end) const {
    for (const Span& span : spans_) {
      const SimTime from = std::max(begin, span.begin);
      const SimTime until = std::min(end, span.end);
      if (from >= until) continue;
      const std::string why = others_in(span.cause, from, until);
      parts.push_back({until - from, false, fmt::format("{}{}", to_string(span.cause), why.empty() ? "" : ": " + why)});
    }
  }

  void write_parts(const std::vector<Part>& parts) const {
    std::vector<SignedWide> moments;
    std::vector<SignedWide> durations;
    for (const Part& part : parts) (part.is_moment ? moments : durations).push_back(part.time.count());
    const std::vector<std::string> when = exact_column(moments);
    const std::vector<std::string> how_long = exact_column(durations);
    auto moment = when.begin();
    auto duration = how_long.begin();
    for (const Part& part : parts) {
      write_paragraph(out_,
                      part.is_moment ? fmt::format("{:>16}  {}", *moment++, part.text)
                                     : fmt::format("{:>32} {}", *duration++, part.text),
                      form_);
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
    const auto error = static_cast<Errno>(one.life.error);
    const std::string how = !one.has_ended       ? "has not ended when the run does"
                            : error == Errno::ok ? "ended well"
                                                 : fmt::format("failed with {}", to_string(error));
    out_ << fmt::format("\nIt {}, {} after its exec.\n", how, exact(one.life.length()));
  }

  void write_causes() {
    std::array<Picoseconds, kCauseCount> causes{};
    Picoseconds life{0};
    for (const Span& span : spans_) {
      causes[static_cast<std::size_t>(span.cause)] += span.end - span.begin;
      life += span.end - span.begin;
    }
    out_ << '\n';
    TextTable table;
    const auto share = [&](Picoseconds part) {
      return percent(static_cast<Wide>(part.count()), static_cast<Wide>(life.count()));
    };
    std::vector<SignedWide> times;
    for (const Picoseconds cause : causes) times.push_back(cause.count());
    times.push_back(life.count());
    const std::vector<std::string> texts = exact_column(times);
    for (std::size_t i = 0; i < kCauseCount; ++i) {
      if (causes[i].count() == 0) continue;
      table.add({std::string{kCauseNames[i]}, texts[i], share(causes[i])});
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

}  // namespace gpusim::trace
