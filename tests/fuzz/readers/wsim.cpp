// SPDX-License-Identifier: MIT
// A .wsim descriptor: parsed, and what is accepted has a plan.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/workload/wsim_parser.h"
#include "sim/workload/wsim_plan.h"

using namespace gpusim::workload;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const WsimParseResult parsed = parse_wsim({reinterpret_cast<const char*>(data), size}, "fuzz.wsim");
  if (!parsed.ok()) {
    if (parsed.problems.empty()) std::abort();
    return 0;
  }
  static_cast<void>(plan_wsim(*parsed.program));
  return 0;
}
