// SPDX-License-Identifier: MIT
#include "traces/inspect/job_pairs.h"

#include <algorithm>
#include <cstdlib>
#include <unordered_map>

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/inspect/words.h"

namespace gpusim::trace {

JobPairs pair_jobs(const RunSide& a, const RunSide& b) {
  const std::vector<RecordedLife> of_a = lives_of(a.recording);
  const std::vector<RecordedLife> of_b = lives_of(b.recording);
  std::unordered_map<std::uint64_t, std::uint64_t> in_b;  // number by key
  for (const RecordedLife& one : of_b) {
    if (one.life.job != 0) in_b[b.identities.job_key(JobId{one.life.job})] = one.life.job;
  }
  JobPairs pairs;
  for (const RecordedLife& one : of_a) {
    if (one.life.job == 0) continue;
    const auto found = in_b.find(a.identities.job_key(JobId{one.life.job}));
    if (found == in_b.end()) {
      ++pairs.only_a;
      continue;
    }
    const RecordedLife& other = of_b[found->second];
    in_b.erase(found);
    if (one.has_ended != other.has_ended || one.life.error != other.life.error) ++pairs.other_end;
    if (one.has_ended && other.has_ended) pairs.ended.push_back({one, other});
  }
  pairs.only_b = in_b.size();
  return pairs;
}

void Change::add(Picoseconds in_a, Picoseconds in_b) {
  ++jobs;
  a += in_a.count();
  b += in_b.count();
  if (in_a == in_b) return;
  ++changed;
  least = std::min(least, in_b - in_a);
  most = std::max(most, in_b - in_a);
}

std::string Change::each() const { return changed == 0 ? "-" : each(difference(least), difference(most)); }

std::string Change::each(const std::string& least_text, const std::string& most_text) const {
  if (changed == 0) return "-";
  const std::string how_much = least == most ? least_text : least_text + " to " + most_text;
  if (changed == jobs && least == most) return how_much + " each";
  return fmt::format("{} in {}", how_much, changed == jobs ? "each" : counted(changed, "job"));
}

Change change_of_life(const JobPairs& pairs) {
  Change change{.name = "life"};
  for (const JobPair& pair : pairs.ended) change.add(pair.a.life.length(), pair.b.life.length());
  return change;
}

namespace {

void largest_first(std::vector<Change>& changes) {
  std::erase_if(changes, [](const Change& change) { return change.changed == 0; });
  std::sort(changes.begin(), changes.end(), [](const Change& x, const Change& y) {
    return x.size() != y.size() ? x.size() > y.size() : x.name < y.name;
  });
}

}  // namespace

std::vector<Change> changes_by_cause(const JobPairs& pairs) {
  std::vector<Change> changes;
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    Change& change = changes.emplace_back(Change{.name = std::string{kCauseNames[i]}});
    for (const JobPair& pair : pairs.ended) change.add(pair.a.life.causes[i], pair.b.life.causes[i]);
  }
  largest_first(changes);
  return changes;
}

std::vector<Change> changes_by_client(const JobPairs& pairs, const Names& names) {
  std::vector<Change> changes;
  for (const JobPair& pair : pairs.ended) {
    Change& change = grown(changes, pair.a.life.client);
    change.name = Names::of(names.clients, pair.a.life.client);
    change.add(pair.a.life.length(), pair.b.life.length());
  }
  largest_first(changes);
  return changes;
}

std::vector<JobPair> most_changed(const JobPairs& pairs, std::size_t most) {
  std::vector<JobPair> changed;
  for (const JobPair& pair : pairs.ended) {
    if (pair.a.life.causes != pair.b.life.causes) changed.push_back(pair);
  }
  std::sort(changed.begin(), changed.end(), [](const JobPair& x, const JobPair& y) {
    const std::int64_t of_x = std::abs(x.later().count());
    const std::int64_t of_y = std::abs(y.later().count());
    return of_x != of_y ? of_x > of_y : x.a.life.job < y.a.life.job;
  });
  if (changed.size() > most) changed.resize(most);
  return changed;
}

Cause main_cause(const JobPair& pair) {
  std::size_t largest = 0;
  const auto change = [&](std::size_t i) { return std::abs((pair.b.life.causes[i] - pair.a.life.causes[i]).count()); };
  for (std::size_t i = 1; i < kCauseCount; ++i) {
    if (change(i) > change(largest)) largest = i;
  }
  return static_cast<Cause>(largest);
}

}  // namespace gpusim::trace
