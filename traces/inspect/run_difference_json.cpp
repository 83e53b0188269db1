// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <vector>

#include "base/wide.h"
#include "traces/event/event_table.h"
#include "traces/inspect/difference_parts.h"
#include "traces/inspect/job_pairs.h"
#include "traces/inspect/run_difference.h"

namespace gpusim::trace {
namespace {

[[nodiscard]] std::string signed_decimal(SignedWide value) {
  return value < 0 ? "-" + decimal(static_cast<Wide>(-value)) : decimal(static_cast<Wide>(value));
}

class DifferenceJson {
 public:
  DifferenceJson(std::ostream& out, const RunSide& a, const RunSide& b, std::size_t most_rows)
      : json_{out}, a_{a}, b_{b}, most_rows_{most_rows}, alignment_{align(a, b)} {}

  bool write(const RunJsonHead& head) {
    const bool is_same = are_same(a_, b_, alignment_);
    json_.begin_object();
    write_head(json_, "gpusim-diff/1", head);
    write_run(json_, "a", a_.recording);
    write_run(json_, "b", b_.recording);
    json_.key("same").value(is_same);
    write_first();
    write_events();
    write_orders();
    write_jobs();
    json_.end_object();
    return is_same;
  }

 private:
  void write_lines(std::string_view key, const std::vector<std::string>& lines) {
    json_.key(key).begin_array();
    for (const std::string& line : lines) json_.value(line);
    json_.end_array();
  }

  /// Null if the run has ended by then.
  void write_side(std::string_view key, const RunSide& side, const RunSide& other,
                  const std::vector<std::uint32_t>& partners, const std::vector<std::string>& lines) {
    json_.key(key);
    const Event* const event = event_at(side, alignment_.first);
    if (event == nullptr) {
      json_.null();
      return;
    }
    json_.begin_object();
    json_.key("event").value(info(event->kind).name).key("time_ps").value(to_ps(event->time));
    json_.key("time_in_other_ps");
    const std::uint32_t partner = partners[alignment_.first];
    if (partner == kNoPartner) {
      json_.null();
    } else {
      json_.value(to_ps(other.recording.events[partner].time));
    }
    json_.key("before_it").value(cause_before(side, *event));
    write_lines("lines", lines);
    json_.end_object();
  }

  void write_first() {
    json_.key("first_difference");
    if (alignment_.first == kNoPartner) {
      json_.null();
      return;
    }
    const FirstLines lines = first_lines(a_, b_, alignment_);
    json_.begin_object();
    json_.key("event_number").value(alignment_.first);
    write_lines("lines_before", lines.before);
    write_side("a", a_, b_, alignment_.partner_of_a, lines.a);
    write_side("b", b_, a_, alignment_.partner_of_b, lines.b);
    json_.end_object();
  }

  void write_events() {
    json_.key("events").begin_object();
    json_.key("both").value(alignment_.both);
    json_.key("only_a").value(alignment_.only_a).key("only_b").value(alignment_.only_b);
    json_.key("other_content").value(alignment_.other_content);
    json_.key("other_time").value(alignment_.other_time);
    json_.key("earliest_ps").value(alignment_.earliest.count()).key("latest_ps").value(alignment_.latest.count());
    json_.key("kinds").begin_array();
    for (const KindCount& one : kinds_of_one_run(a_, b_, alignment_)) {
      json_.begin_object().key("name").value(info(one.kind).name);
      json_.key("only_a").value(one.a).key("only_b").value(one.b).end_object();
    }
    json_.end_array().end_object();
  }

  void write_orders() {
    json_.key("orders").begin_array();
    const std::size_t shown = std::min(alignment_.orders.size(), most_rows_);
    for (std::size_t i = 0; i < shown; ++i) {
      const OrderDifference& one = alignment_.orders[i];
      const Event& first = a_.recording.events[one.first];
      const Event& second = a_.recording.events[one.second];
      json_.begin_object();
      json_.key("event").value(info(first.kind).name).key("place").value(a_.identities.place_text(first));
      json_.key("moved").value(one.moved).key("of").value(one.of);
      json_.key("first").value(subject_of(a_, first)).key("first_in_a_ps").value(to_ps(first.time));
      json_.key("second").value(subject_of(a_, second)).key("second_in_a_ps").value(to_ps(second.time));
      json_.end_object();
    }
    json_.end_array();
    json_.key("orders_left_out").value(alignment_.orders.size() - shown);
  }

  void write_change(const Change& change) {
    json_.key("jobs").value(change.jobs).key("jobs_changed").value(change.changed);
    json_.key("a_ps").number_text(signed_decimal(change.a)).key("b_ps").number_text(signed_decimal(change.b));
    const bool is_changed = change.changed > 0;
    json_.key("least_of_a_job_ps").value(is_changed ? change.least.count() : 0);
    json_.key("most_of_a_job_ps").value(is_changed ? change.most.count() : 0);
  }

  void write_changes(std::string_view key, const std::vector<Change>& changes) {
    json_.key(key).begin_array();
    for (const Change& change : changes) {
      json_.begin_object().key("name").value(change.name);
      write_change(change);
      json_.end_object();
    }
    json_.end_array();
  }

  void write_jobs() {
    const JobPairs pairs = pair_jobs(a_, b_);
    json_.key("jobs").begin_object();
    json_.key("only_a").value(pairs.only_a).key("only_b").value(pairs.only_b);
    json_.key("other_end").value(pairs.other_end);
    json_.key("latency").begin_object();
    write_change(change_of_life(pairs));
    json_.end_object().end_object();
    write_changes("causes", changes_by_cause(pairs));
    write_changes("clients", changes_by_client(pairs, a_.recording.names));
    json_.key("most_changed_jobs").begin_array();
    for (const JobPair& pair : most_changed(pairs, most_rows_)) write_pair(pair);
    json_.end_array();
  }

  void write_pair(const JobPair& pair) {
    const Cause cause = main_cause(pair);
    json_.begin_object();
    json_.key("job").value(pair.a.life.job).key("job_in_b").value(pair.b.life.job);
    json_.key("client").value(Names::of(a_.recording.names.clients, pair.a.life.client));
    json_.key("a_ps").value(pair.a.life.length().count()).key("b_ps").value(pair.b.life.length().count());
    json_.key("cause").value(to_string(cause));
    json_.key("cause_a_ps").value(pair.a.life[cause].count()).key("cause_b_ps").value(pair.b.life[cause].count());
    json_.end_object();
  }

  JsonWriter json_;
  const RunSide& a_;
  const RunSide& b_;
  std::size_t most_rows_;
  Alignment alignment_;
};

}  // namespace

bool write_difference_json(std::ostream& out, const RunSide& a, const RunSide& b, std::size_t most_rows,
                           const RunJsonHead& head) {
  return DifferenceJson{out, a, b, most_rows}.write(head);
}

}  // namespace gpusim::trace
