// SPDX-License-Identifier: MIT
#include "sim/experiment/report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/hash.h"
#include "sim/experiment/quantity.h"
#include "sim/experiment/report_parts.h"
#include "traces/report/text_table.h"

namespace gpusim::experiment {

std::vector<std::string> overrides_of(const Experiment& experiment, const Variant& variant) {
  std::vector<std::string> sets;
  for (const std::vector<Placed>* part : {&experiment.sets, &variant.sets}) {
    for (const Placed& set : *part) sets.push_back(set.text);
  }
  return sets;
}

std::string with_half(Unit unit, const trace::Interval& interval) {
  std::string text = format_value(unit, interval.mean, interval.off);
  if (interval.half && *interval.half != 0) text += fmt::format(" ± {}", format_value(unit, *interval.half));
  return text;
}

namespace {

[[nodiscard]] Wide size_of(SignedWide value) { return static_cast<Wide>(value < 0 ? -value : value); }

/// With how many digits a difference is shown: those that its two columns have (of which `off` is the sum), and more
/// if the figures would otherwise say something else than the test, which is made with all of them.
[[nodiscard]] int digits_of(Unit unit, const trace::Interval& by) {
  const bool is_one = by.half ? by.excludes_zero() : !by.is_within_off();
  const int least = shown_digits(unit);
  int digits = shown_digits(unit, by.off / 2);
  const auto seems_one = [&] {
    return rounded_to(unit, size_of(by.fine_mean()), digits) >
           rounded_to(unit, size_of(by.fine_half()), std::max(digits, least));
  };
  while (digits < most_digits(unit) && seems_one() != is_one) ++digits;
  return digits;
}

}  // namespace

std::string mean_text(Unit unit, const trace::Interval& by) {
  const int digits = digits_of(unit, by);
  const Wide size = size_of(by.fine_mean());
  const char* const sign = rounded_to(unit, size, digits) == 0 ? "" : by.fine_mean() < 0 ? "-" : "+";
  return sign + format_fine(unit, size, digits);
}

std::string difference_text(Unit unit, const std::optional<trace::Interval>& by,
                            const std::optional<trace::Interval>& baseline) {
  if (!by) return "-";
  if (by->fine_mean() == 0 && by->half.value_or(0) == 0 && by->off == 0) return "0";
  const int digits = digits_of(unit, *by);
  const Wide size = size_of(by->fine_mean());
  std::string text = mean_text(unit, *by);
  if (by->half.value_or(0) != 0) {
    text += " ± " + format_fine(unit, size_of(by->fine_half()), std::max(digits, shown_digits(unit)));
  }
  if (baseline && baseline->fine_mean() != 0 && rounded_to(unit, size, digits) != 0) {
    const Wide permille = divide_rounded(size * 1'000, size_of(baseline->fine_mean()));
    text += fmt::format(" ({}{}%)", by->fine_mean() < 0 ? "-" : "+", fixed_point(permille, 1));
  }
  if (by->excludes_zero()) text += " *";
  return text;
}

namespace {

using Row = std::vector<std::string>;

class Writer {
 public:
  Writer(std::ostream& out, const trace::PageForm& form, const Experiment& experiment, const Comparison& comparison)
      : out_{out}, form_{form}, experiment_{experiment}, comparison_{comparison} {
    for (const Cell& cell : base()) {
      for (const Measurement& run : cell.runs) {
        if (units_.empty() && run.status == Status::good) units_ = run.values;
      }
    }
  }

  void write(const std::string& command) {
    head(command);
    if (units_.empty()) return nothing();
    if (!experiment_.lead.empty()) lead_table();
    first_table();
    for (std::size_t i = 1; i < comparison_.tables.size(); ++i) sweep_table(comparison_.tables[i]);
    verdicts();
    if (comparison_.has_estimates && experiment_.variants.size() > 1) {
      write_estimates(out_, form_, experiment_, comparison_, unit_of(experiment_.verdict.metric.text));
    }
    failures();
  }

 private:
  [[nodiscard]] const std::vector<Cell>& base() const { return comparison_.tables.front().conditions.front().cells; }
  [[nodiscard]] bool is_markdown() const { return form_.is_markdown; }

  void paragraph(const std::string& text) {
    trace::write_paragraph(out_, text, form_);
    out_ << '\n';
  }
  void failures() {
    for (const std::string& failure : comparison_.failures) paragraph(trace::alarming("failed: ", form_) + failure);
  }
  void nothing() {
    paragraph("Nothing can be said: no run came to its end.");
    failures();
  }
  void heading(const std::string& text) { out_ << (is_markdown() ? "### " : "") << text << "\n\n"; }

  void head(const std::string& command) {
    if (is_markdown()) {
      paragraph("```sh\n" + command + "\n```");
    } else {
      heading(experiment_.title.empty() ? experiment_.name : experiment_.title);
      if (!experiment_.question.empty()) paragraph(experiment_.question);
    }
    const std::uint64_t last = comparison_.first_seed + experiment_.seeds - 1;
    std::string text = fmt::format("Scenario {}, ", experiment_.scenario.filename().string());
    if (experiment_.seeds == 1) {
      text += fmt::format("seed {}: with one seed there are no intervals, and a difference may be chance.", last);
    } else {
      text += fmt::format("seeds {}..{}. ", comparison_.first_seed, last);
      text += comparison_.is_deterministic
                  ? "All seeds gave the same figures: nothing that matters here is drawn at random, and intervals have "
                    "no width."
                  : "Means with 95 % confidence; differences are between runs of one seed, * where the interval "
                    "leaves zero out.";
    }
    paragraph(text);
    if (comparison_.is_interrupted) {
      paragraph(fmt::format(
          "Interrupted: the figures are those of the runs that were done until then, in the first table {} of {}.",
          runs_done(), base().size() * experiment_.seeds));
    }
    for (const std::string& notice : comparison_.notices) paragraph("Note: " + notice);
    for (const MetricValue& metric : units_) {
      std::string where;
      for (std::size_t i = 0; i < base().size(); ++i) {
        if (!base()[i].is_between_groups(metric.name)) continue;
        where += (where.empty() ? "" : ", ") + experiment_.variants[i].name;
      }
      if (where.empty() || !is_shown(metric)) continue;
      paragraph(fmt::format(
          "Note: {} lies between two groups of values ({}): it may be of either, and a little more or less on one side "
          "moves it to the other. Look at the mean, or at the percentiles beside it.",
          metric.name, where));
    }
  }

  [[nodiscard]] std::size_t runs_done() const {
    std::size_t count = 0;
    for (const Cell& cell : base()) {
      for (const Measurement& run : cell.runs) count += run.status == Status::not_run ? 0 : 1;
    }
    return count;
  }

  [[nodiscard]] bool has_anything(const std::vector<Cell>& cells, const std::string& metric) const {
    return std::any_of(cells.begin(), cells.end(), [&](const Cell& cell) {
      const auto interval = cell.interval(metric);
      return interval && interval->mean != 0;
    });
  }

  void add_columns(Row& row, Unit unit, const std::string& metric, const std::vector<Cell>& cells) const {
    const std::optional<trace::Interval> baseline = cells.front().interval(metric);
    for (const Cell& cell : cells) {
      const std::optional<trace::Interval> interval = cell.interval(metric);
      row.push_back(interval ? with_half(unit, *interval) : "-");
    }
    for (std::size_t i = 1; i < cells.size(); ++i) {
      row.push_back(difference_text(unit, difference(cells[i], cells.front(), metric), baseline));
    }
  }

  void add_heads(Row& row) const {
    for (const Variant& variant : experiment_.variants) row.push_back(variant.name);
    for (std::size_t i = 1; i < experiment_.variants.size(); ++i) {
      row.push_back(fmt::format("{} - {}", experiment_.variants[i].name, experiment_.variants.front().name));
    }
  }

  [[nodiscard]] bool is_wanted(const std::string& metric) const {
    const auto is_it = [&](const Placed& wanted) { return wanted.text == metric; };
    return std::any_of(experiment_.metrics.begin(), experiment_.metrics.end(), is_it);
  }

  /// Has a line in the first table.
  [[nodiscard]] bool is_shown(const MetricValue& metric) const {
    if (is_wanted(metric.name)) return true;
    if (is_detail(metric.name) || !experiment_.shows_others) return false;
    const bool is_cause_or_client = metric.name.find('.') != std::string::npos;
    return (experiment_.metrics.empty() || is_cause_or_client) && has_anything(base(), metric.name);
  }

  [[nodiscard]] std::string share_of(const std::string& metric) const {
    for (std::size_t cause = 0; cause < trace::kCauseCount; ++cause) {
      const trace::CauseShare& share = comparison_.shares[cause];
      if (metric == fmt::format("cause.{}", trace::kCauseNames[cause])) {
        return share.is_known ? trace::percent(share.estimated, share.total) : "-";
      }
    }
    return "";
  }

  void lead_table() {
    const bool is_swept = comparison_.tables.size() > 1;
    const Table& shown = comparison_.tables[is_swept ? 1 : 0];
    std::vector<Row> rows;
    if (is_swept) rows.push_back({shown.name, "variant"});
    if (!is_swept) rows.push_back({"variant"});
    for (const Placed& metric : experiment_.lead) rows.front().push_back(metric.text);
    for (const Condition& condition : shown.conditions) {
      for (std::size_t i = 0; i < condition.cells.size(); ++i) {
        Row row;
        if (is_swept) row.push_back(condition.value);
        row.push_back(experiment_.variants[i].name);
        for (const Placed& metric : experiment_.lead) {
          const std::optional<trace::Interval> interval = condition.cells[i].interval(metric.text);
          row.push_back(interval ? with_half(unit_of(metric.text), *interval) : "-");
        }
        rows.push_back(std::move(row));
      }
    }
    heading("In short");
    table(rows);
  }

  void first_table() {
    std::vector<Row> rows;
    Row head{"metric"};
    add_heads(head);
    head.emplace_back("from estimates");
    rows.push_back(std::move(head));
    for (const MetricValue& metric : units_) {
      if (!is_shown(metric)) continue;
      Row row{metric.name};
      add_columns(row, metric.unit, metric.name, base());
      row.push_back(share_of(metric.name));
      rows.push_back(std::move(row));
    }
    heading("The scenario as it is");
    table(rows);
    Wide total = 0;
    Wide estimated = 0;
    for (const trace::CauseShare& share : comparison_.shares) {
      total += share.total;
      estimated += share.estimated;
    }
    paragraph(
        fmt::format("Of all time in jobs' lives {} is from estimates (tags E and O); the column says it for each "
                    "cause, over all variants. Lines of zeroes are left out.",
                    trace::percent(estimated, total)));
  }

  void sweep_table(const Table& swept) {
    std::vector<Row> rows;
    Row head{swept.name, "metric"};
    add_heads(head);
    for (std::size_t i = 1; i < experiment_.variants.size(); ++i) head.push_back(experiment_.variants[i].name + " is");
    rows.push_back(std::move(head));
    for (const Condition& condition : swept.conditions) {
      for (const MetricValue& metric : units_) {
        const bool is_verdict = metric.name == experiment_.verdict.metric.text;
        if (!is_verdict && !is_wanted(metric.name)) continue;
        Row row{condition.value, metric.name};
        add_columns(row, metric.unit, metric.name, condition.cells);
        for (std::size_t i = 1; is_verdict && i < condition.cells.size(); ++i) {
          row.emplace_back(to_string(judge(experiment_.verdict, condition.cells[i], condition.cells.front())));
        }
        rows.push_back(std::move(row));
      }
    }
    heading("By " + swept.name);
    table(rows);
  }

  [[nodiscard]] Unit unit_of(const std::string& name) const {
    for (const MetricValue& metric : units_) {
      if (metric.name == name) return metric.unit;
    }
    return Unit::count;
  }

  void verdicts() {
    if (experiment_.variants.size() < 2) return;
    const Verdict& verdict = experiment_.verdict;
    const bool is_default = is_verdict_default(experiment_);
    std::string text =
        fmt::format("Verdict by {}{} ({} is better): ", verdict.metric.text,
                    is_default ? ", the median over the jobs of all clients together, for none was asked for" : "",
                    verdict.lower_is_better ? "lower" : "higher");
    for (std::size_t i = 1; i < base().size(); ++i) {
      text += fmt::format("{}{}", i == 1 ? "" : "; ", said(verdict, i));
    }
    text += ".";
    if (experiment_.seeds == 1) text += " Of one seed: how much of a difference is chance, only more --seeds say.";
    paragraph(text);
    if (is_default) others();
  }

  [[nodiscard]] std::string judgement_text(Judgement judgement) const {
    const std::string_view text = to_string(judgement);
    return judgement == Judgement::worse ? trace::alarming(text, form_) : std::string{text};
  }

  /// "b against a: better, by -2.1 us (-54.0%) *"
  [[nodiscard]] std::string said(const Verdict& verdict, std::size_t variant) const {
    const auto by = difference(base()[variant], base().front(), verdict.metric.text);
    if (!by) {
      return fmt::format("{} against {}: nothing can be said, for no seed has it of both",
                         experiment_.variants[variant].name, experiment_.variants.front().name);
    }
    return fmt::format("{} against {}: {}, by {}", experiment_.variants[variant].name,
                       experiment_.variants.front().name,
                       judgement_text(judge(verdict, base()[variant], base().front())),
                       difference_text(unit_of(verdict.metric.text), by, base().front().interval(verdict.metric.text)));
  }

  /// Who says otherwise than a verdict that nobody chose: the tail, the throughput, and each client by itself.
  void others() {
    std::string text;
    for (const Otherwise& other : who_say_otherwise(experiment_, base())) {
      text += fmt::format("{}by {} {}", text.empty() ? "" : "; ", other.verdict.metric.text,
                          said(other.verdict, other.variant));
    }
    bool is_known = false;
    for (std::size_t i = 1; i < base().size(); ++i) {
      is_known = is_known || judge(experiment_.verdict, base()[i], base().front()) != Judgement::unknown;
    }
    if (text.empty() && !is_known) return;
    paragraph(text.empty() ? "Nothing says otherwise: neither latency_p99, nor throughput, nor any client by itself."
                           : "It says otherwise " + text + ".");
  }

  void table(const std::vector<Row>& rows) {
    trace::TextTable text;
    for (const Row& row : rows) {
      text.add(row);
      if (row.back() == to_string(Judgement::worse)) text.alarm();
    }
    text.write(out_, form_);
    out_ << '\n';
  }

  std::ostream& out_;
  trace::PageForm form_;
  const Experiment& experiment_;
  const Comparison& comparison_;
  std::vector<MetricValue> units_;  // names and units, in order
};

[[nodiscard]] std::string trace_hashes(const Cell& cell) {
  if (cell.runs.size() == 1) return hash_text(cell.runs.front().trace_hash);
  Hash64 hash;
  for (const Measurement& run : cell.runs) hash.add(run.trace_hash);
  return hash_text(hash.value());
}

}  // namespace

void write_origin(std::ostream& out, const trace::PageForm& form, const Experiment& experiment,
                  const Comparison& comparison, const std::string& command, const BuildInfo& build) {
  trace::write_paragraph(out, fmt::format("By {}: {}", build.text(), command), form);
  out << '\n';
  const std::vector<Cell>& cells = comparison.tables.front().conditions.front().cells;
  trace::TextTable table{trace::TextTable::Align::left};
  table.add({"variant", "traces", "overrides"});
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::string text;
    for (const std::string& set : overrides_of(experiment, experiment.variants[i])) {
      text += (text.empty() ? "" : ", ") + set;
    }
    table.add({experiment.variants[i].name, trace_hashes(cells[i]), text.empty() ? "-" : text});
  }
  table.end_in_text();
  table.write(out, form);
  out << '\n';
}

void write_report(std::ostream& out, const trace::PageForm& form, const Experiment& experiment,
                  const Comparison& comparison, const std::string& command) {
  Writer{out, form, experiment, comparison}.write(command);
}

}  // namespace gpusim::experiment
