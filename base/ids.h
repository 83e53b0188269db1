// SPDX-License-Identifier: MIT
// Integers that do not mix: StrongId<Tag> has no implicit conversion and no "invalid" value; use std::optional for
// that.
#pragma once

#include <compare>
#include <cstdint>

namespace gpusim {

template <class Tag, class Rep = std::uint32_t>
class StrongId {
 public:
  using rep = Rep;
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_{value} {}
  [[nodiscard]] constexpr Rep value() const { return value_; }
  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  Rep value_{};
};

/// A job's number in order of exec ioctls over the whole machine, from 1; 0 in a trace event says "no job".
using JobId = StrongId<struct JobTag, std::uint64_t>;
/// A submission queue, in order of creation from 1; 0 in a trace event says "no queue".
using QueueId = StrongId<struct QueueTag>;
using ClientId = StrongId<struct ClientTag>;
using EngineId = StrongId<struct EngineTag, std::uint16_t>;
using CpuId = StrongId<struct CpuTag, std::uint16_t>;

}  // namespace gpusim
