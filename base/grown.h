// SPDX-License-Identifier: MIT
// Tables indexed by small dense numbers (queues, engines, vectors, clients) that are not announced beforehand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace gpusim {

template <class T>
void lengthen(std::vector<T>& table, std::uint64_t index) {
  table.resize(static_cast<std::size_t>(index) + 1);
}

/// table[index], lengthened with default values if it is too short.
template <class T>
[[nodiscard]] inline T& grown(std::vector<T>& table, std::uint64_t index) {
  if (index >= table.size()) [[unlikely]]
    lengthen(table, index);
  return table[static_cast<std::size_t>(index)];
}

template <class T, class Tag, class Rep>
[[nodiscard]] inline T& grown(std::vector<T>& table, StrongId<Tag, Rep> index) {
  return grown(table, std::uint64_t{index.value()});
}

}  // namespace gpusim
