// SPDX-License-Identifier: MIT
// The scheduling-quality cases of the kernel's own tests (tests_scheduler.c, since 7.2) as scripts: 2 of overhead, 20
// of two clients, 5 of many. They print figures and assert next to nothing. What they leave to chance is fixed here:
// client n starts 50 us (of many: 1.5 us) after the one before, and a push costs it 3 us.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/drm_truth/log.h"

namespace gpusim::test::truth {

struct QualityCase {
  std::string name;
  std::uint32_t credits = 1;
  std::string script;
  std::uint32_t clients = 0;  ///< 0: a case of overhead
};

[[nodiscard]] std::vector<QualityCase> quality_cases();
/// A script whose schedulers have Minimum::running.
[[nodiscard]] std::string with_running_minimum(std::string script);

/// What they print of a client at its end, in microseconds.
struct ClientFigures {
  std::int64_t elapsed = 0;
  std::int64_t ideal = 0;
  std::int64_t cycles = 0;
  std::int64_t mean_latency = 0;
  std::int64_t worst_latency = 0;
};

/// By client.
[[nodiscard]] std::vector<ClientFigures> client_figures(const Log& log);
/// avg_max_min_delta(x100) of many clients: 100 times the mean over samples, one every 100 ms, of how many cycles the
/// client that is furthest is ahead of the last one.
[[nodiscard]] std::int64_t mean_delta_x100(const Log& log, std::uint32_t clients);
/// Of a case of overhead: from the release of its first job to the end of its last one, in microseconds; ideal are
/// 1,000,000.
[[nodiscard]] std::int64_t overhead_us(const Log& log);

}  // namespace gpusim::test::truth
