// SPDX-License-Identifier: MIT
// The parameter table as text: the reference page of scenario files, and the presets that say what the built-in
// defaults are. Tests hold that the committed files equal what is written here.
#pragma once

#include <ostream>
#include <string_view>

namespace gpusim::scenario {

/// docs/scenario.md
void write_reference_md(std::ostream& out);

/// configs/devices/default.toml and the like; `section` is "device", "driver" or "host".
void write_default_preset(std::ostream& out, std::string_view section);

}  // namespace gpusim::scenario
