// SPDX-License-Identifier: MIT
// What operator new has given out in this program, counted by its replacement (memory_count.cpp). Over-aligned blocks
// and what C libraries take with malloc() are not seen; the simulator has none worth counting.
#pragma once

#include <cstdint>

namespace gpusim::bench {

struct MemoryCount {
  std::int64_t live_bytes = 0;   ///< usable size of all blocks not yet given back
  std::int64_t allocations = 0;  ///< since the program began
};

[[nodiscard]] MemoryCount memory_count();

}  // namespace gpusim::bench
