// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "sim/experiment/report_parts.h"

namespace gpusim::experiment {

namespace {

/// "a, b"
void add_to_list(std::string& list, std::string_view name) {
  list += list.empty() ? "" : ", ";
  list += name;
}

class EstimatesPart {
 public:
  EstimatesPart(std::ostream& out, const trace::PageForm& form, const Experiment& experiment,
                const Comparison& comparison, Unit unit)
      : out_{out}, form_{form}, experiment_{experiment}, comparison_{comparison}, unit_{unit} {
    const std::vector<Cell>& base = comparison.tables.front().conditions.front().cells;
    for (const Cell& cell : base) now_.push_back(judge(experiment.verdict, cell, base.front()));
  }

  void write() {
    out_ << (form_.is_markdown ? "### " : "") << "Within the range of the estimates\n\n";
    if (comparison_.variations.empty()) return paragraph("No parameter that was charged is an estimate.");
    table();
    changes();
    unclear();
    beyond();
  }

 private:
  void paragraph(const std::string& text) {
    trace::write_paragraph(out_, text, form_);
    out_ << '\n';
  }

  void table() {
    const auto times = [](const Ratio& ratio) {
      return ratio.whole == 1 ? fmt::format("x {}", ratio.part) : fmt::format("x {}/{}", ratio.part, ratio.whole);
    };
    trace::TextTable text;
    std::vector<std::string> head{"estimate", "range"};
    for (std::size_t i = 1; i < now_.size(); ++i) {
      const std::string& name = experiment_.variants[i].name;
      head.push_back(fmt::format("{} at {}", name, times(experiment_.estimates_from)));
      head.push_back(fmt::format("{} between", name));
      head.push_back(fmt::format("{} at {}", name, times(experiment_.estimates_to)));
    }
    text.add(std::move(head));
    for (const Variation& variation : comparison_.variations) {
      std::vector<std::string> row{variation.parameter, variation.range};
      for (std::size_t i = 1; i < now_.size(); ++i) {
        row.push_back(at_point(variation.at.front(), i));
        row.push_back(between(variation, i));
        row.push_back(at_point(variation.at.back(), i));
      }
      const bool is_worse = row.back() == to_string(Judgement::worse);
      text.add(std::move(row));
      if (is_worse) text.alarm();
    }
    text.write(out_, form_);
    out_ << '\n';
  }

  /// The rows with a variant and a point of which `is_it` holds: "host.worker_wake, all".
  template <class IsIt>
  [[nodiscard]] std::string rows_with(std::size_t from, std::size_t to, IsIt is_it) const {
    std::string rows;
    for (const Variation& variation : comparison_.variations) {
      bool has_one = false;
      for (std::size_t i = from; i < to; ++i) {
        has_one = has_one || std::any_of(variation.at.begin(), variation.at.end(), [&](const Variation::At& at) {
                    return at.is_possible && is_it(at.judgements[i - 1], i);
                  });
      }
      if (has_one) add_to_list(rows, variation.parameter);
    }
    return rows;
  }

  void changes() {
    const std::string flips = rows_with(
        1, now_.size(), [this](Judgement then, std::size_t variant) { return contradicts(then, now_[variant]); });
    bool is_opposed = false;
    for (std::size_t i = 1; i < now_.size(); ++i) is_opposed = say_opposed(i) || is_opposed;
    if (!flips.empty()) return paragraph(fmt::format("The verdict changes with: {}.", flips));
    const bool is_undecided = std::all_of(now_.begin() + 1, now_.end(),
                                          [](Judgement judgement) { return judgement == Judgement::undecided; });
    if (is_undecided && is_opposed) return;
    if (is_undecided) {
      return paragraph(
          "The verdict is undecided as the estimates are, so that nothing can turn it round; the points of the ranges "
          "that are decided do not contradict each other.");
    }
    paragraph(
        fmt::format("The verdict{} is turned round at none of {} points of the range of each estimate that was "
                    "charged, its ends among them, and of all together.",
                    is_opposed ? " on other variants" : "", kVariationPoints));
  }

  /// Nothing turns an undecided verdict round; but points that are decided may say opposite things of the variant.
  bool say_opposed(std::size_t variant) {
    if (now_[variant] != Judgement::undecided) return false;
    std::size_t kinds = 0;
    std::string text;
    for (const Judgement judgement : {Judgement::worse, Judgement::same, Judgement::better}) {
      const std::string rows = rows_with(
          variant, variant + 1, [judgement](Judgement then, std::size_t /*variant*/) { return then == judgement; });
      if (rows.empty()) continue;
      ++kinds;
      text += fmt::format("{}{} at points of {}", text.empty() ? "" : "; ", to_string(judgement), rows);
    }
    if (kinds < 2) return false;
    paragraph(fmt::format("The estimates decide what {} is against {}: undecided as they are, and {}.",
                          experiment_.variants[variant].name, experiment_.variants.front().name, text));
    return true;
  }

  void unclear() {
    const std::string rows = rows_with(1, now_.size(), [this](Judgement then, std::size_t variant) {
      return then != now_[variant] && !contradicts(then, now_[variant]);
    });
    if (rows.empty()) return;
    paragraph(fmt::format("Undecided by the seeds at some points of the range and decided at others: {}.", rows));
  }

  void beyond() {
    std::string rows;
    for (const Variation& variation : comparison_.variations) {
      bool is_beyond = false;
      for (std::size_t i = 1; i < now_.size(); ++i) is_beyond = is_beyond || leaves_ends(variation, i);
      if (is_beyond) add_to_list(rows, variation.parameter);
    }
    if (rows.empty()) return;
    paragraph(fmt::format(
        "Within the range the difference leaves what it is at the ends, confidence intervals of the ends included: {}.",
        rows));
  }

  [[nodiscard]] std::string at_point(const Variation::At& at, std::size_t variant) const {
    if (!at.is_possible) return "no valid scenario";
    const Judgement judgement = at.judgements[variant - 1];
    return fmt::format("{} {}{}", difference_text(unit_, at.differences[variant - 1], std::nullopt),
                       to_string(judgement), contradicts(judgement, now_[variant]) ? " (changes)" : "");
  }

  /// "-9.58 us .. -0.16 us better": the least and the most that the points between the ends gave.
  [[nodiscard]] std::string between(const Variation& variation, std::size_t variant) const {
    std::optional<trace::Interval> least;
    std::optional<trace::Interval> most;
    std::vector<Judgement> judgements;
    for (std::size_t i = 1; i + 1 < variation.at.size(); ++i) {
      const Variation::At& at = variation.at[i];
      if (!at.is_possible) continue;
      const Judgement judgement = at.judgements[variant - 1];
      if (std::find(judgements.begin(), judgements.end(), judgement) == judgements.end()) {
        judgements.push_back(judgement);
      }
      const std::optional<trace::Interval>& by = at.differences[variant - 1];
      if (!by) continue;
      if (!least || by->mean < least->mean) least = by;
      if (!most || by->mean > most->mean) most = by;
    }
    if (judgements.empty()) return "no valid scenario";
    std::string text = "-";
    if (least) {
      const std::string from = mean_text(unit_, *least);
      const std::string to = mean_text(unit_, *most);
      text = from == to ? from : fmt::format("{} .. {}", from, to);
    }
    bool changes = false;
    for (std::size_t i = 0; i < judgements.size(); ++i) {
      text += fmt::format("{}{}", i == 0 ? " " : "/", to_string(judgements[i]));
      changes = changes || contradicts(judgements[i], now_[variant]);
    }
    return text + (changes ? " (changes)" : "");
  }

  /// Is some point between the ends outside of both, by more than their confidence intervals, or than what is known?
  [[nodiscard]] static bool leaves_ends(const Variation& variation, std::size_t variant) {
    const auto& from = variation.at.front().differences[variant - 1];
    const auto& to = variation.at.back().differences[variant - 1];
    if (!from || !to) return false;
    const std::int64_t low =
        std::min(from->mean - from->half.value_or(from->off), to->mean - to->half.value_or(to->off));
    const std::int64_t high =
        std::max(from->mean + from->half.value_or(from->off), to->mean + to->half.value_or(to->off));
    return std::any_of(variation.at.begin(), variation.at.end(), [&](const Variation::At& at) {
      const auto& by = at.differences[variant - 1];
      return by && (by->mean < low || by->mean > high);
    });
  }

  std::ostream& out_;
  trace::PageForm form_;
  const Experiment& experiment_;
  const Comparison& comparison_;
  Unit unit_;
  std::vector<Judgement> now_;  ///< by variant: the verdict of the scenario as it is; the first is the baseline
};

}  // namespace

void write_estimates(std::ostream& out, const trace::PageForm& form, const Experiment& experiment,
                     const Comparison& comparison, Unit unit) {
  EstimatesPart{out, form, experiment, comparison, unit}.write();
}

}  // namespace gpusim::experiment
