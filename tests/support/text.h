// SPDX-License-Identifier: MIT
// What tests ask of a text.
#pragma once

#include <string>

namespace gpusim::test {

[[nodiscard]] inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace gpusim::test
