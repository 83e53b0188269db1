// SPDX-License-Identifier: MIT
// The end of a run in two forms: a page for a person, and JSON for programs. All simulated values are integers or
// decimals made from integers, the same bits everywhere: equal runs of one build have equal bytes. How long the
// simulator took is not in it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/build_info.h"
#include "traces/event/cause.h"
#include "traces/event/names.h"
#include "traces/folds/device_load.h"
#include "traces/folds/firmware_profile.h"
#include "traces/folds/statistics.h"
#include "traces/report/durations.h"
#include "traces/report/outcome.h"
#include "traces/report/text_table.h"

namespace gpusim::trace {

/// What one parameter of the scenario was charged for over the run.
struct ParameterCharge {
  std::string name;            ///< "host.cpu.context_switch"
  char tag = 'U';              ///< S D M W C E O as in the presets, U: the user's
  std::optional<Cause> cause;  ///< to which cause it contributes; none: to several or to no job
  Picoseconds total{0};
};

struct RunInfo {
  std::string scenario;
  std::uint64_t seed = 0;
  std::uint64_t trace_hash = 0;
  std::uint64_t events = 0;
  SimTime end{};
  Outcome outcome = Outcome::finished;
  std::string cut_off{};                              ///< why the program ended it early; empty: it did not
  BuildInfo build;                                    ///< of the program
  std::string command{};                              ///< that made the run; text only
  std::string firmware{};                             ///< the image, where one was executed; JSON only
  std::vector<std::string> plug_ins{};                ///< name, version, file and its hash: a line each
  const FirmwareProfile* firmware_profile = nullptr;  ///< outlives this; none: it is left out
  const DeviceLoad* device_load = nullptr;            ///< the same
  std::vector<std::string> notices;                   ///< one line each, for the reader
  std::vector<ParameterCharge> charges;               ///< in the order of the scenario's parameter table
  bool load_is_estimate = false;  ///< CPUs are kept busy by a load of which something is an estimate
  bool show_all = false;          ///< text: every client and engine has its line
  /// Text: those asked for, by the name of what they count. They outlive this.
  std::vector<std::pair<std::string, const Histogram*>> histograms{};
};

/// At most about 70 lines (notices and histograms apart) unless `show_all`: of many clients or engines those with the
/// least to say are put together in one line.
void write_summary_text(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names,
                        const PageForm& form = {});

/// Everything, as "gpusim-summary/1".
void write_summary_json(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names);

/// Is a parameter with that tag a guess, or a single sample?
[[nodiscard]] constexpr bool is_uncertain(char tag) { return tag == 'E' || tag == 'O'; }

/// Of the time that jobs spent in one cause, the part that rests on estimates.
struct CauseShare {
  Wide total = 0;
  Wide estimated = 0;
  Wide charged = 0;       ///< by parameters of this cause, in lives and outside of them
  bool is_known = false;  ///< false: no parameter and no load says how long this takes; it is a wait for others
};

/// From the time of each cause in lives. Parameters that charge a cause with more than its time, because they are
/// charged outside of lives, too, share that time in proportion. If the load is an estimate, the rest of the causes
/// that take a CPU is a wait for one, and estimated.
[[nodiscard]] std::array<CauseShare, kCauseCount> shares_by_cause(const std::array<Wide, kCauseCount>& causes,
                                                                  const std::vector<ParameterCharge>& charges,
                                                                  bool load_is_estimate);

/// "12.3%", halves up; "-" if there is no whole.
[[nodiscard]] std::string percent(Wide part, Wide whole);

}  // namespace gpusim::trace
