// SPDX-License-Identifier: MIT
// An experiment file.
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/experiment/experiment.h"

using namespace gpusim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<scenario::Problem> problems;
  static_cast<void>(
      experiment::parse_experiment({reinterpret_cast<const char*>(data), size}, "fuzz/fuzz.toml", problems));
  return 0;
}
