// SPDX-License-Identifier: MIT
// Random draws and scaling for .wsim programs.
//
// Models: which draws a client makes and in what order. Does not model: the generator; gpusim::Prng (base/prng.h) or
// anything else with `uniform(lo, hi)` (both inclusive) is handed in.
// The rule, taken from gem_wsim: each client has two streams, one for batch durations and one for object sizes.
//  * A duration is drawn at each submit, in submit order, and only for a range; fixed and unbounded batches draw
//    nothing, so that editing one duration into a range shifts no other stream.
//  * The sizes of private sets are drawn once per client, in text order, object by object; those of shared sets once
//    per workload, by a stream of the workload.
//  * With "same random sequence" (-S) all clones start their own streams from one seed: equal sequences, no sharing.
#pragma once

#include <concepts>
#include <cstdint>

#include "sim/workload/wsim_program.h"

namespace gpusim::workload {

template <typename Source>
concept UniformSource = requires(Source& source, std::uint64_t bound) {
  { source.uniform(bound, bound) } -> std::convertible_to<std::uint64_t>;
};

// A factor as a ratio, for -f (durations) and -F (delays; periods are never scaled).
struct WsimScale {
  std::uint32_t numerator = 1;
  std::uint32_t denominator = 1;  // >= 1
};

// us * scale, rounded half up as gem_wsim's round(); us < 2^31, so nothing overflows.
[[nodiscard]] constexpr std::uint64_t scale_us(std::uint64_t us, WsimScale scale) noexcept {
  const std::uint64_t product = us * scale.numerator;
  const std::uint64_t whole = product / scale.denominator;
  const std::uint64_t rest = product % scale.denominator;
  return whole + (rest >= scale.denominator - rest ? 1 : 0);
}

// Running time of one submit in microseconds. Precondition: not unbounded. The bounds are scaled before the draw, as
// gem_wsim does it at parse.
template <UniformSource Source>
[[nodiscard]] std::uint64_t draw_duration_us(const Duration& duration, WsimScale scale, Source& source) {
  const std::uint64_t low = scale_us(duration.min_us, scale);
  const std::uint64_t high = scale_us(duration.max_us, scale);
  return low == high ? low : source.uniform(low, high);
}

// Size of one object in bytes.
template <UniformSource Source>
[[nodiscard]] std::uint64_t draw_size_bytes(const ObjectSizes& sizes, Source& source) {
  return sizes.min_bytes == sizes.max_bytes ? sizes.min_bytes : source.uniform(sizes.min_bytes, sizes.max_bytes);
}

}  // namespace gpusim::workload
