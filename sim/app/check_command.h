// SPDX-License-Identifier: MIT
// gpusim check: do scenarios give what their [expect] says? For CI.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/app/page_options.h"

namespace gpusim::app {

struct CheckOptions {
  std::vector<std::string> paths;  ///< scenarios, descriptors, or folders of scenarios
  std::vector<std::string> sets;   ///< "KEY=VALUE", for all
  std::uint32_t parallel = 1;
  std::string baseline;      ///< file; empty: the one beside each scenario
  std::string junit;         ///< file; empty: none
  bool annotations = false;  ///< for GitHub, on stdout; on stderr beside data for programs
  PageOptions page;
  bool quiet = false;  ///< no progress line
};

/// The result of an earlier command, which nobody is to take for that of this one, whatever becomes of it. Before
/// anything else is done.
void remove_former_junit(const CheckOptions& options);

[[nodiscard]] int check_command(const CheckOptions& options);

}  // namespace gpusim::app
