// SPDX-License-Identifier: MIT
// gpusim run, explain and schema.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/page_options.h"
#include "sim/app/vcd_choice.h"

namespace gpusim::app {

struct RunOptions {
  std::string scenario;           ///< a scenario (.toml) or a gem_wsim descriptor (.wsim)
  std::string typed;              ///< what the user called it: a name for one that comes with the program, say
  std::vector<std::string> sets;  ///< "key=value"
  std::optional<std::uint64_t> seed;
  std::string out;                  ///< folder for results; empty: nothing is written
  std::vector<std::string> traces;  ///< "perfetto", "text"; only with `out`
  VcdChoice vcd;                    ///< of the trace "vcd"
  bool show_all = false;            ///< the summary cuts nothing
  bool quiet = false;
  std::optional<std::uint16_t> gdb;     ///< port for a debugger of the firmware
  bool timing = false;                  ///< say on stderr how long the simulation took
  bool picoseconds = false;             ///< Perfetto: one trace nanosecond is one simulated picosecond
  std::vector<std::string> histograms;  ///< experiment::Histograms' names
  PageOptions page;
};

struct ExplainOptions {
  std::string scenario;
  std::vector<std::string> sets;
  std::optional<std::uint64_t> seed;
  std::string tags;             ///< "EO": only parameters with one of these; empty: all
  bool only_changed = false;    ///< no defaults
  bool firmware_times = false;  ///< firmware_times_command() in place of all parameters
  PageOptions page;
};

[[nodiscard]] int run_command(const RunOptions& options);
[[nodiscard]] int explain_command(const ExplainOptions& options);
[[nodiscard]] int schema_command();

}  // namespace gpusim::app
