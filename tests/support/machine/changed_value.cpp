// SPDX-License-Identifier: MIT
#include "tests/support/machine/changed_value.h"

#include <fmt/core.h>

namespace gpusim::test {

std::string changed(const scenario::Parameter& parameter) {
  using scenario::Type;
  switch (parameter.type) {
    case Type::boolean:
      return fmt::format("{}={}", parameter.path, parameter.fallback.number == 0 ? "true" : "false");
    case Type::choice:
      return fmt::format("{}={}", parameter.path, parameter.names.at(parameter.fallback.number == 0 ? 1 : 0));
    case Type::duration:
      return fmt::format("{}_us=77", parameter.path);
    case Type::latency:
      return fmt::format("{}_ns=7_777", parameter.path);
    default:
      return fmt::format("{}={}", parameter.path, parameter.fallback.number + 1);
  }
}

}  // namespace gpusim::test
