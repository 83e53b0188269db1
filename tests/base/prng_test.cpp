// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/prng.h"
#include "tests/support/catch.h"

using namespace gpusim;

TEST_CASE("a stream depends on its seed and its name and on nothing else", "[prng]") {
  Prng a{1, "a"};
  Prng again{1, "a"};
  Prng other_name{1, "b"};
  Prng other_seed{2, "a"};
  const std::uint64_t first = a.next();
  CHECK(first == again.next());
  CHECK(first != other_name.next());
  CHECK(first != other_seed.next());
}

TEST_CASE("uniform draws stay within their bounds and reach both", "[prng]") {
  Prng random{7, "uniform"};
  std::vector<int> seen(6);
  for (int i = 0; i < 1'000; ++i) {
    const std::uint64_t value = random.uniform(10, 15);
    REQUIRE(value >= 10);
    REQUIRE(value <= 15);
    ++seen[static_cast<std::size_t>(value - 10)];
  }
  for (const int count : seen) CHECK(count > 100);
  CHECK(random.uniform(3, 3) == 3);
}

TEST_CASE("the integer logarithm agrees with the floating-point one", "[prng]") {
  for (const std::uint64_t u : {std::uint64_t{1}, std::uint64_t{12345}, std::uint64_t{1} << 40, std::uint64_t{1} << 63,
                                ~std::uint64_t{0}, std::uint64_t{0x123456789abcdef0}}) {
    const double exact = -std::log(std::ldexp(static_cast<double>(u), -64));
    const double ours = std::ldexp(static_cast<double>(negative_log_q32(u)), -32);
    CHECK(std::fabs(exact - ours) < 1e-8);
  }
}

TEST_CASE("exponential draws have the mean that is asked for", "[prng]") {
  Prng random{3, "exponential"};
  Picoseconds sum{0};
  constexpr int kDraws = 400'000;
  for (int i = 0; i < kDraws; ++i) sum += random.exponential(us(10));
  const std::int64_t mean = sum.count() / kDraws;
  CHECK(mean > us(10).count() * 99 / 100);
  CHECK(mean < us(10).count() * 101 / 100);
}
