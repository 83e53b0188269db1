// SPDX-License-Identifier: MIT
#include "traces/report/confidence.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gpusim::trace {

namespace {

constexpr std::array<std::int64_t, 30> kByDegrees{
    12'706, 4'303, 3'182, 2'776, 2'571, 2'447, 2'365, 2'306, 2'262, 2'228, 2'201, 2'179, 2'160, 2'145, 2'131,
    2'120,  2'110, 2'101, 2'093, 2'086, 2'080, 2'074, 2'069, 2'064, 2'060, 2'056, 2'052, 2'048, 2'045, 2'042};
constexpr std::array<std::pair<std::size_t, std::int64_t>, 6> kBeyond{
    {{1'000, 1'962}, {500, 1'965}, {120, 1'980}, {100, 1'984}, {60, 2'000}, {40, 2'021}}};

[[nodiscard]] SignedWide rounded(SignedWide part, std::int64_t whole) {
  const auto size = static_cast<Wide>(part < 0 ? -part : part);
  const auto quotient = static_cast<SignedWide>(divide_rounded(size, static_cast<Wide>(whole)));
  return part < 0 ? -quotient : quotient;
}

}  // namespace

std::int64_t student_t(std::size_t degrees) {
  if (degrees <= kByDegrees.size()) return kByDegrees[degrees - 1];
  for (const auto& [least, value] : kBeyond) {
    if (degrees >= least) return value;
  }
  return kByDegrees.back();
}

std::uint64_t integer_sqrt(Wide value) {
  std::uint64_t root = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const std::uint64_t next = root | std::uint64_t{1} << bit;
    if (Wide{next} * next <= value) root = next;
  }
  return root;
}

Interval confidence(std::span<const std::int64_t> values, std::int64_t off) {
  const auto count = static_cast<std::int64_t>(values.size());
  const std::int64_t least = *std::min_element(values.begin(), values.end());
  // Seen from the least value, so that the squares stay small.
  Wide sum = 0;
  Wide squares = 0;
  for (const std::int64_t value : values) {
    const auto above = static_cast<Wide>(value - least);
    sum += above;
    squares += above * above;
  }
  Interval result;
  const SignedWide total = static_cast<SignedWide>(sum) + SignedWide{least} * count;
  result.mean = static_cast<std::int64_t>(rounded(total, count));
  result.mean_rest = static_cast<std::int32_t>(rounded((total - SignedWide{result.mean} * count) * 1'000, count));
  result.off = off;
  if (count < 2) return result;

  // half = t * sqrt(spread / (n^2 (n - 1))), where spread = n * sum of squares - square of the sum.
  Wide spread = static_cast<Wide>(count) * squares - sum * sum;
  const Wide divisor = static_cast<Wide>(count) * static_cast<Wide>(count) * static_cast<Wide>(count - 1);
  const bool is_small = spread >> 106 == 0;  // has room for three decimals of the root
  if (is_small) spread *= 1'000'000;
  const Wide ratio = spread / divisor;
  std::uint64_t root = integer_sqrt(ratio);
  if (Wide{root} * root * divisor < spread) ++root;
  const Wide scale = is_small ? 1'000'000 : 1'000;
  const Wide product = Wide{root} * static_cast<Wide>(student_t(static_cast<std::size_t>(count - 1)));
  const Wide half = (product + scale - 1) / scale;
  result.half = static_cast<std::int64_t>(half) + off;
  result.half_rest = static_cast<std::int32_t>((half * scale - product) * 1'000 / scale);
  return result;
}

}  // namespace gpusim::trace
