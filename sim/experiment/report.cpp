// SPDX-License-Identifier: MIT
#include "sim/experiment/report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "traces/report/text_table.h"

namespace gpusim::experiment {

namespace {

using Row = std::vector<std::string>;

[[nodiscard]] std::string with_half(Unit unit, const trace::Interval& interval) {
  std::string text = format_value(unit, interval.mean);
  if (interval.half && *interval.half != 0) text += fmt::format(" ± {}", format_value(unit, *interval.half));
  return text;
}

// "+3.210 us ± 0.100 us (+12.3%)"; a star: the interval does not contain zero.
[[nodiscard]] std::string difference_text(Unit unit, const std::optional<trace::Interval>& by,
                                          const std::optional<trace::Interval>& baseline) {
  if (!by) return "-";
  std::string text = (by->mean > 0 ? "+" : "") + with_half(unit, *by);
  if (by->mean == 0 && by->half.value_or(0) == 0) return "0";
  if (baseline && baseline->mean != 0) {
    const std::int64_t size = baseline->mean < 0 ? -baseline->mean : baseline->mean;
    const auto part = static_cast<Wide>(by->mean < 0 ? -by->mean : by->mean) * 1'000;
    const std::string share = fixed_point(divide_rounded(part, static_cast<Wide>(size)), 1);
    text += fmt::format(" ({}{}%)", by->mean < 0 ? "-" : "+", share);
  }
  if (by->excludes_zero()) text += " *";
  return text;
}

class Writer {
 public:
  Writer(std::ostream& out, Form form, const Experiment& experiment, const Comparison& comparison)
      : out_{out}, form_{form}, experiment_{experiment}, comparison_{comparison} {
    for (const Measurement& run : base().front().runs) {
      if (units_.empty() && run.status == Status::good) units_ = run.values;
    }
  }

  void write(const std::string& command) {
    head(command);
    first_table();
    for (std::size_t i = 1; i < comparison_.tables.size(); ++i) sweep_table(comparison_.tables[i]);
    verdicts();
    estimates();
    for (const std::string& failure : comparison_.failures) paragraph("failed: " + failure);
  }

 private:
  [[nodiscard]] const std::vector<Cell>& base() const { return comparison_.tables.front().conditions.front().cells; }
  [[nodiscard]] bool is_markdown() const { return form_ == Form::markdown; }

  void paragraph(const std::string& text) { out_ << text << "\n\n"; }
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
    for (std::size_t i = 1; i < base().size(); ++i) {
      if (!ran_alike(base()[i], base().front())) continue;
      paragraph(
          fmt::format("Note: {} ran exactly as {}, event by event: what it overrides has no effect on this scenario.",
                      experiment_.variants[i].name, experiment_.variants.front().name));
    }
  }

  [[nodiscard]] std::size_t runs_done() const {
    std::size_t count = 0;
    for (const Cell& cell : base()) {
      for (const Measurement& run : cell.runs) count += run.status == Status::not_run ? 0 : 1;
    }
    return count;
  }

  [[nodiscard]] static bool ran_alike(const Cell& a, const Cell& b) {
    return std::equal(a.runs.begin(), a.runs.end(), b.runs.begin(), b.runs.end(),
                      [](const Measurement& x, const Measurement& y) {
                        return x.status == Status::good && y.status == Status::good && x.trace_hash == y.trace_hash;
                      });
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

  [[nodiscard]] std::string share_of(const std::string& metric) const {
    for (std::size_t cause = 0; cause < trace::kCauseCount; ++cause) {
      if (metric == fmt::format("cause.{}", trace::kCauseNames[cause])) return percent(comparison_.shares[cause]);
    }
    return "";
  }

  [[nodiscard]] static std::string percent(const CauseShare& share) {
    if (share.total == 0) return "-";
    return fixed_point(divide_rounded(share.estimated * 1'000, share.total), 1) + "%";
  }

  void first_table() {
    std::vector<Row> rows;
    Row head{"metric"};
    add_heads(head);
    head.emplace_back("from estimates");
    rows.push_back(std::move(head));
    for (const MetricValue& metric : units_) {
      const bool is_asked = is_wanted(metric.name);
      const bool is_cause_or_client = metric.name.find('.') != std::string::npos;
      if (!is_asked && !experiment_.metrics.empty() && !is_cause_or_client) continue;
      if (!is_asked && !has_anything(base(), metric.name)) continue;
      Row row{metric.name};
      add_columns(row, metric.unit, metric.name, base());
      row.push_back(share_of(metric.name));
      rows.push_back(std::move(row));
    }
    heading("The scenario as it is");
    table(rows);
    paragraph(
        fmt::format("Of all time that parameters charged, {} comes from estimates (tag E); the column says it for "
                    "each cause. Lines of zeroes are left out.",
                    percent(comparison_.share_of_all)));
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

  [[nodiscard]] Unit verdict_unit() const {
    for (const MetricValue& metric : units_) {
      if (metric.name == experiment_.verdict.metric.text) return metric.unit;
    }
    return Unit::count;
  }

  void verdicts() {
    if (experiment_.variants.size() < 2) return;
    const Verdict& verdict = experiment_.verdict;
    std::string text = fmt::format("Verdict by {} ({} is better): ", verdict.metric.text,
                                   verdict.lower_is_better ? "lower" : "higher");
    for (std::size_t i = 1; i < base().size(); ++i) {
      const auto by = difference(base()[i], base().front(), verdict.metric.text);
      text += fmt::format("{}{} against {}: {}, by {}", i == 1 ? "" : "; ", experiment_.variants[i].name,
                          experiment_.variants.front().name, to_string(judge(verdict, base()[i], base().front())),
                          difference_text(verdict_unit(), by, base().front().interval(verdict.metric.text)));
    }
    paragraph(text + ".");
  }

  void estimates() {
    if (!comparison_.has_estimates || experiment_.variants.size() < 2) return;
    const auto times = [](const Ratio& ratio) {
      return ratio.whole == 1 ? fmt::format("x {}", ratio.part) : fmt::format("x {}/{}", ratio.part, ratio.whole);
    };
    std::vector<Row> rows;
    rows.push_back({"estimate", "range"});
    for (std::size_t i = 1; i < experiment_.variants.size(); ++i) {
      for (const Ratio& ratio : {experiment_.estimates_from, experiment_.estimates_to}) {
        rows.back().push_back(fmt::format("{} at {}", experiment_.variants[i].name, times(ratio)));
      }
    }
    std::string flips;
    for (const Variation& variation : comparison_.variations) {
      Row row{variation.parameter, variation.range};
      bool flipped = false;
      for (std::size_t i = 1; i < base().size(); ++i) {
        const Judgement now = judge(experiment_.verdict, base()[i], base().front());
        for (const Variation::End* end : {&variation.from, &variation.to}) {
          const bool differs = end->judgements[i - 1] != now;
          flipped = flipped || differs;
          row.push_back(fmt::format("{} {}{}", difference_text(verdict_unit(), end->differences[i - 1], std::nullopt),
                                    to_string(end->judgements[i - 1]), differs ? " (changes)" : ""));
        }
      }
      if (flipped) flips += (flips.empty() ? "" : ", ") + variation.parameter;
      rows.push_back(std::move(row));
    }
    heading("Within the range of the estimates");
    if (comparison_.variations.empty()) return paragraph("No parameter that was charged is an estimate.");
    table(rows);
    paragraph(flips.empty()
                  ? "The verdict is the same over the whole range of each estimate that was charged, and of all "
                    "together."
                  : fmt::format("The verdict changes with: {}.", flips));
  }

  void table(const std::vector<Row>& rows) {
    if (!is_markdown()) {
      trace::TextTable text;
      for (const Row& row : rows) text.add(row);
      text.write(out_);
      out_ << '\n';
      return;
    }
    const std::size_t columns = rows.front().size();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      out_ << '|';
      for (std::size_t column = 0; column < columns; ++column) {
        out_ << ' ' << (column < rows[i].size() ? rows[i][column] : "") << " |";
      }
      out_ << '\n';
      if (i > 0) continue;
      out_ << '|';
      for (std::size_t column = 0; column < columns; ++column) out_ << (column == 0 ? "---|" : "---:|");
      out_ << '\n';
    }
    out_ << '\n';
  }

  std::ostream& out_;
  Form form_;
  const Experiment& experiment_;
  const Comparison& comparison_;
  std::vector<MetricValue> units_;  // names and units, in order
};

}  // namespace

void write_report(std::ostream& out, Form form, const Experiment& experiment, const Comparison& comparison,
                  const std::string& command) {
  Writer{out, form, experiment, comparison}.write(command);
}

}  // namespace gpusim::experiment
