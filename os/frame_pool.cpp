// SPDX-License-Identifier: MIT
#include "os/frame_pool.h"

namespace gpusim::os {

constinit thread_local std::array<FramePool::FreeFrame*, FramePool::kClasses> FramePool::heads_{};

struct FramePool::FreesAtThreadExit {
  FreesAtThreadExit() = default;
  FreesAtThreadExit(const FreesAtThreadExit&) = delete;
  FreesAtThreadExit& operator=(const FreesAtThreadExit&) = delete;
  ~FreesAtThreadExit() {
    for (FreeFrame*& head : heads_) {
      while (head != nullptr) {
        FreeFrame* frame = head;
        head = frame->next;
        ::operator delete(frame);
      }
    }
  }
};

void* FramePool::allocate_new(std::size_t size) {
  // Made here and not with the lists, so that the fast path needs no guard.
  static thread_local FreesAtThreadExit at_exit;
  static_cast<void>(at_exit);
  return ::operator new((size_class(size) + 1) * kStep);
}

}  // namespace gpusim::os
