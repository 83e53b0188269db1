// SPDX-License-Identifier: MIT
// Random scenarios, always the same few hundred; ./dev fuzz runs as many others as asked.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/sanitizers.h"
#include "tests/support/catch.h"
#include "tests/support/machine/random_scenario.h"
#include "tests/support/machine/random_trial.h"

using namespace gpusim;

namespace {

constexpr std::uint64_t kScenarios = kAddressSanitizer ? 20 : 400;

// Kinds of findings that are known and not mended yet.
constexpr std::array<std::string_view, 0> kKnown{};

[[nodiscard]] bool is_known(const std::string& kind) {
  return std::find(kKnown.begin(), kKnown.end(), kind) != kKnown.end();
}

}  // namespace

TEST_CASE("random scenarios end as they should, twice with the same trace, and survive being explored", "[random]") {
  std::uint64_t good = 0;
  for (std::uint64_t seed = 1; seed <= kScenarios; ++seed) {
    const auto lines = test::random_scenario(seed);
    const test::Trial trial = test::try_scenario(lines);
    CAPTURE(seed);
    CHECK(trial.result != test::Trial::Result::refused);
    if (trial.result == test::Trial::Result::good) ++good;
    if (trial.result != test::Trial::Result::finding || is_known(trial.kind)) continue;
    FAIL_CHECK(trial.kind << ": " << trial.what << '\n' << test::text_of(lines));
  }
  CHECK(good > kScenarios / 2);
}
