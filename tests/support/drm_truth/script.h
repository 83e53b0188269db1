// SPDX-License-Identifier: MIT
// The scripts of the folder drm_sched_truth (its README, section 3): what is set up, and what threads do when. Checks
// the form only; names are resolved when the script is run (player.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "scheduler/drm_sched/spec.h"

namespace gpusim::test::truth {

/// One statement or command: its word, then words, then key=value; a word after the first two without '=' is a flag
/// too.
struct Phrase {
  std::vector<std::string> words;
  std::map<std::string, std::string> options;

  [[nodiscard]] const std::string& word(std::size_t index) const;
  [[nodiscard]] bool has(const std::string& flag) const;
  [[nodiscard]] std::string text(const std::string& key, const std::string& fallback) const;
  [[nodiscard]] std::int64_t number(const std::string& key, std::int64_t fallback) const;
  /// "max": the fallback, as if it were not there.
  [[nodiscard]] std::optional<Picoseconds> microseconds(const std::string& key) const;
  [[nodiscard]] std::optional<Picoseconds> time(const std::string& key) const;
};

/// A thread that runs a list of commands, from a time on or after an event of a job.
struct Thread {
  std::optional<Picoseconds> at;
  std::string event;  ///< "done", "sched", "finished", "free"
  std::string job;
  std::vector<Phrase> commands;
};

struct Script {
  Phrase model;
  std::vector<Phrase> workqueues;
  std::vector<Phrase> schedulers;
  std::vector<Phrase> entities;
  std::vector<Phrase> fences;
  /// "at", "on" and "client" in their order in the file. A client's phrase stands alone in `commands`.
  std::vector<Thread> threads;
};

/// Throws std::runtime_error, with the line, for what it cannot read.
[[nodiscard]] Script parse_script(std::string_view text);

/// "2us", "400.5ms", "100": nanoseconds unless there is a unit.
[[nodiscard]] Picoseconds parse_time(std::string_view text);

/// "KERNEL", "HIGH", "NORMAL", "LOW".
[[nodiscard]] sched::drm::Priority parse_priority(const std::string& name);
[[nodiscard]] std::string priority_name(sched::drm::Priority priority);

[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

}  // namespace gpusim::test::truth
