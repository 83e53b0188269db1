// SPDX-License-Identifier: MIT
#include "traces/inspect/run_difference.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/hash.h"
#include "traces/event/event_table.h"
#include "traces/inspect/difference_parts.h"
#include "traces/inspect/job_pairs.h"
#include "traces/inspect/words.h"
#include "traces/report/text_table.h"

namespace gpusim::trace {
namespace {

/// A and B in one unit, so that they can be compared by looking at them, and their differences in one.
struct Sides {
  std::vector<SignedWide> both{};  // of A, then of B
  std::vector<SignedWide> by{};

  void add(SignedWide a, SignedWide b) {
    both.insert(both.begin() + static_cast<std::ptrdiff_t>(by.size()), a);
    both.push_back(b);
    by.push_back(b - a);
  }
};

class SideTexts {
 public:
  explicit SideTexts(const Sides& sides) : both_{exact_column(sides.both)}, by_{exact_column(sides.by, true)} {}
  [[nodiscard]] const std::string& a(std::size_t row) const { return both_[row]; }
  [[nodiscard]] const std::string& b(std::size_t row) const { return both_[by_.size() + row]; }
  [[nodiscard]] const std::string& by(std::size_t row) const { return by_[row]; }

 private:
  std::vector<std::string> both_;
  std::vector<std::string> by_;
};

class Page {
 public:
  Page(std::ostream& out, const RunSide& a, const RunSide& b, const DifferenceOptions& options)
      : out_{out}, a_{a}, b_{b}, options_{options}, alignment_{align(a, b)} {}

  bool write() {
    const bool is_same = are_same(a_, b_, alignment_);
    write_fence();
    write_run("A", a_);
    write_run("B", b_);
    if (is_same) {
      out_ << "\nThe runs are the same, event by event.\n";
      write_fence();
      return true;
    }
    write_first();
    write_events();
    write_order();
    write_jobs();
    return false;
  }

 private:
  /// In Markdown what is no table is a block that stays as it is.
  void write_fence() {
    if (options_.form.is_markdown) out_ << "```\n";
  }

  void write_run(const char* which, const RunSide& side) {
    out_ << fmt::format("{}  {}: {} events until {}, trace {}\n", which, side.recording.title, side.events.size(),
                        exact(side.recording.end), hash_text(side.recording.hash));
  }

  void write_first() {
    const std::uint32_t first = alignment_.first;
    if (first == kNoPartner) {
      out_ << "\nEvery event has its like at the same time: only numbers of queues, jobs or fences, or the time of the "
              "end, differ.\n";
      return;
    }
    out_ << "\nfirst difference\n";
    const FirstLines lines = first_lines(a_, b_, alignment_);
    for (const std::string& line : lines.before) out_ << "    " << line << '\n';
    for (const std::string& line : lines.a) out_ << "  A " << line << '\n';
    for (const std::string& line : lines.b) out_ << "  B " << line << '\n';
    explain_first(first);
  }

  void explain_first(std::uint32_t first) {
    const Event* in_a = event_at(a_, first);
    const Event* in_b = event_at(b_, first);
    if (in_a == nullptr || in_b == nullptr) {
      out_ << fmt::format("  {} ends here\n", in_a == nullptr ? "A" : "B");
      return;
    }
    if (alignment_.partner_of_a[first] == first) {
      out_ << "  the same event" << what_differs(first) << '\n';
      write_cause("A", a_, *in_a);
      write_cause("B", b_, *in_b);
      return;
    }
    explain_side("A", a_, *in_a, "B", b_, alignment_.partner_of_a[first]);
    explain_side("B", b_, *in_b, "A", a_, alignment_.partner_of_b[first]);
  }

  [[nodiscard]] std::string what_differs(std::uint32_t first) const {
    const Event& in_a = a_.recording.events[first];
    const Event& in_b = b_.recording.events[first];
    if (in_a.time != in_b.time) return fmt::format(", in B at {}", difference(in_b.time - in_a.time));
    if (a_.events[first].content != b_.events[first].content) return ", which says something else in B";
    if (in_a.cpu != in_b.cpu) return ", on another CPU in B";
    return ", of another thread or another length in B";
  }

  /// Of the event that comes here in `side`: when it comes in the other run.
  void explain_side(const char* name, const RunSide& side, const Event& event, const char* other_name,
                    const RunSide& other, std::uint32_t partner) {
    const std::string kind{info(event.kind).name};
    if (partner == kNoPartner) {
      out_ << fmt::format("  {} alone has this {}\n", name, kind);
    } else {
      const Picoseconds later = other.recording.events[partner].time - event.time;
      out_ << fmt::format("  the {} of {} comes in {} {}\n", kind, name, other_name,
                          later.count() == 0 ? "at the same time" : "at " + difference(later));
    }
    write_cause(name, side, event);
    if (partner != kNoPartner) write_cause(other_name, other, other.recording.events[partner]);
  }

  void write_cause(const char* name, const RunSide& side, const Event& event) {
    out_ << fmt::format("  before it in {}, {}\n", name, cause_before(side, event));
  }

  void write_events() {
    out_ << fmt::format("\nevents  {} in both, {} only in A, {} only in B\n", alignment_.both, alignment_.only_a,
                        alignment_.only_b);
    if (alignment_.only_a + alignment_.only_b > 0) write_kinds();
    if (alignment_.other_content > 0) {
      out_ << fmt::format("        {} say something else\n", alignment_.other_content);
    }
    if (alignment_.other_time > 0) {
      out_ << fmt::format("        {} at another time, {} to {}\n", alignment_.other_time,
                          difference(alignment_.earliest), difference(alignment_.latest));
    }
  }

  void write_kinds() {
    const std::vector<KindCount> counts = kinds_of_one_run(a_, b_, alignment_);
    const std::size_t shown = std::min(counts.size(), options_.most_rows);
    for (std::size_t i = 0; i < shown; ++i) {
      out_ << fmt::format("        {}: {} only in A, {} only in B\n", info(counts[i].kind).name, counts[i].a,
                          counts[i].b);
    }
    if (counts.size() > shown) out_ << fmt::format("        and of {} more kinds\n", counts.size() - shown);
  }

  void write_order() {
    if (alignment_.orders.empty()) {
      out_ << "order   unchanged on every queue and engine and in the firmware\n";
      return;
    }
    out_ << fmt::format("order   differs in {}\n", counted(alignment_.orders.size(), "place"));
    const std::size_t shown = std::min(alignment_.orders.size(), options_.most_rows);
    for (std::size_t i = 0; i < shown; ++i) {
      const OrderDifference& one = alignment_.orders[i];
      const Event& first = a_.recording.events[one.first];
      const Event& second = a_.recording.events[one.second];
      out_ << fmt::format("        {} of {}: {} of {} moved; first {} before {} in A, after it in B\n",
                          info(first.kind).name, a_.identities.place_text(first), one.moved, one.of, at_its_time(first),
                          at_its_time(second));
    }
    if (alignment_.orders.size() > shown) {
      out_ << fmt::format("        and in {} more\n", alignment_.orders.size() - shown);
    }
  }

  [[nodiscard]] std::string at_its_time(const Event& event) const {
    return subject_of(a_, event) + " (" + exact(event.time) + ")";
  }

  void write_jobs() {
    const JobPairs pairs = pair_jobs(a_, b_);
    Change life = change_of_life(pairs);
    if (life.jobs == 0) {
      out_ << "jobs    none ended in both\n";
    } else {
      out_ << fmt::format("jobs    {} ended in both; latency {}\n", life.jobs,
                          life.changed == 0 ? "unchanged" : life.each());
    }
    if (pairs.only_a + pairs.only_b > 0) {
      out_ << fmt::format("        {} only in A, {} only in B\n", pairs.only_a, pairs.only_b);
    }
    if (pairs.other_end > 0) {
      out_ << fmt::format("        {} ended in one run only, or with another error\n", pairs.other_end);
    }
    write_fence();
    std::vector<Change> causes = changes_by_cause(pairs);
    if (!causes.empty()) causes.push_back(life);
    write_changes("cause", causes, causes.size());
    write_changes("client", changes_by_client(pairs, a_.recording.names), options_.most_rows);
    write_most_changed(pairs);
  }

  void write_changes(const char* title, const std::vector<Change>& changes, std::size_t most) {
    if (changes.empty()) return;
    out_ << '\n';
    TextTable table;
    table.add({title, "A", "B", "B - A", "of each job"});
    const std::size_t shown = std::min(changes.size(), most);
    Sides sides;
    std::vector<SignedWide> of_each;
    for (std::size_t i = 0; i < shown; ++i) {
      const Change& change = changes[i];
      sides.add(change.a, change.b);
      of_each.push_back(change.changed == 0 ? 0 : change.least.count());
      of_each.push_back(change.changed == 0 ? 0 : change.most.count());
    }
    const SideTexts texts{sides};
    const std::vector<std::string> each = exact_column(of_each, true);
    for (std::size_t i = 0; i < shown; ++i) {
      const Change& change = changes[i];
      table.add({change.name, texts.a(i), texts.b(i), texts.by(i), change.each(each[2 * i], each[2 * i + 1])});
    }
    table.write(out_, options_.form);
    if (changes.size() > shown)
      out_ << fmt::format("{}and {} more\n", options_.form.is_markdown ? "\n" : "", changes.size() - shown);
  }

  void write_most_changed(const JobPairs& pairs) {
    const std::vector<JobPair> changed = most_changed(pairs, options_.most_rows);
    if (changed.empty()) return;
    out_ << '\n';
    TextTable table;
    table.add({"job", "in B", "client", "A", "B", "B - A", "most of it"});
    Sides sides;
    std::vector<SignedWide> of_cause;
    for (const JobPair& pair : changed) {
      const Cause cause = main_cause(pair);
      sides.add(pair.a.life.length().count(), pair.b.life.length().count());
      of_cause.push_back((pair.b.life[cause] - pair.a.life[cause]).count());
    }
    const SideTexts texts{sides};
    const std::vector<std::string> most = exact_column(of_cause, true);
    for (std::size_t i = 0; i < changed.size(); ++i) {
      const JobPair& pair = changed[i];
      const Cause cause = main_cause(pair);
      table.add({std::to_string(pair.a.life.job), std::to_string(pair.b.life.job),
                 Names::of(a_.recording.names.clients, pair.a.life.client), texts.a(i), texts.b(i), texts.by(i),
                 fmt::format("{} {}", to_string(cause), most[i])});
    }
    table.write(out_, options_.form);
  }

  std::ostream& out_;
  const RunSide& a_;
  const RunSide& b_;
  DifferenceOptions options_;
  Alignment alignment_;
};

}  // namespace

bool write_difference(std::ostream& out, const RunSide& a, const RunSide& b, const DifferenceOptions& options) {
  if (options.form.width == 0 || options.form.is_markdown) return Page{out, a, b, options}.write();
  std::stringstream page;
  const bool is_same = Page{page, a, b, options}.write();
  for (std::string line; std::getline(page, line);) write_paragraph(out, line, options.form);
  return is_same;
}

}  // namespace gpusim::trace
