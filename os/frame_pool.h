// SPDX-License-Identifier: MIT
// Storage of coroutine frames: free lists by size class, because a simulated job runs through about a dozen coroutines
// and the general allocator would be a third of its cost. Frames above the largest class come from operator new.
#pragma once

#include <cstddef>

namespace gpusim::os {

class FramePool {
 public:
  [[nodiscard]] static void* allocate(std::size_t size);
  static void release(void* frame, std::size_t size) noexcept;
};

}  // namespace gpusim::os
