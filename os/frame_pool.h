// SPDX-License-Identifier: MIT
// Storage of coroutine frames: free lists by size class, because a simulated job runs through about two dozen
// coroutines and the general allocator would be a third of its cost. Larger frames come from operator new.
#pragma once

#include <array>
#include <cstddef>
#include <new>

#include "base/sanitizers.h"

namespace gpusim::os {

/// Each thread of the simulator has its own lists; a frame is released by the thread that allocated it.
class FramePool {
 public:
  [[nodiscard]] static void* allocate(std::size_t size) {
    if (!is_pooled(size)) return ::operator new(size);
    FreeFrame*& head = heads_[size_class(size)];
    if (head == nullptr) return allocate_new(size);
    FreeFrame* frame = head;
    head = frame->next;
    return frame;
  }

  static void release(void* frame, std::size_t size) noexcept {
    if (!is_pooled(size)) {
      ::operator delete(frame);
      return;
    }
    FreeFrame*& head = heads_[size_class(size)];
    head = ::new (frame) FreeFrame{head};
  }

 private:
  struct FreeFrame {
    FreeFrame* next;
  };
  struct FreesAtThreadExit;

  static constexpr std::size_t kStep = 64;
  static constexpr std::size_t kClasses = 32;  // up to 2 KiB

  static constexpr std::size_t size_class(std::size_t size) { return (size + kStep - 1) / kStep - 1; }
  // Under AddressSanitizer a recycled frame would hide a use after free: there each frame is allocated by itself.
  static constexpr bool is_pooled(std::size_t size) { return !kAddressSanitizer && size_class(size) < kClasses; }

  static void* allocate_new(std::size_t size);

  static constinit thread_local std::array<FreeFrame*, kClasses> heads_;
};

}  // namespace gpusim::os
