// SPDX-License-Identifier: MIT
#include "sim/workload/placement.h"

#include <cstddef>

namespace gpusim::workload {

std::string to_text(const EngineChoice& engine) {
  std::string text{abi::kEngineClassNames[static_cast<std::size_t>(engine.engine_class)]};
  if (engine.instance >= 0) text += std::to_string(engine.instance);
  return text;
}

std::optional<EngineChoice> read_engine_choice(std::string_view text) {
  for (std::size_t i = 0; i < abi::kEngineClassNames.size(); ++i) {
    const std::string_view name = abi::kEngineClassNames[i];
    if (!text.starts_with(name)) continue;
    const auto engine_class = static_cast<abi::EngineClass>(i);
    const std::string_view digits = text.substr(name.size());
    if (digits.empty()) return EngineChoice{engine_class, -1};
    for (std::int32_t instance = 0; instance < static_cast<std::int32_t>(abi::kMaxEngines); ++instance) {
      if (digits == std::to_string(instance)) return EngineChoice{engine_class, instance};
    }
  }
  return std::nullopt;
}

}  // namespace gpusim::workload
