// SPDX-License-Identifier: MIT
#include "os/frame_pool.h"

#include <array>
#include <new>
#include <vector>

// Under AddressSanitizer a recycled frame would hide a use after free: there each frame is allocated by itself.
#if defined(__SANITIZE_ADDRESS__)
#define GPUSIM_POOL_FRAMES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GPUSIM_POOL_FRAMES 0
#endif
#endif
#ifndef GPUSIM_POOL_FRAMES
#define GPUSIM_POOL_FRAMES 1
#endif

namespace gpusim::os {
namespace {

constexpr std::size_t kStep = 64;
constexpr std::size_t kClasses = 32;  // up to 2 KiB

struct FreeLists {
  std::array<std::vector<void*>, kClasses> lists;
  ~FreeLists() {
    for (auto& list : lists) {
      for (void* frame : list) ::operator delete(frame);
    }
  }
};

FreeLists& free_lists() {
  thread_local FreeLists lists;
  return lists;
}

constexpr std::size_t size_class(std::size_t size) { return (size + kStep - 1) / kStep - 1; }

}  // namespace

void* FramePool::allocate(std::size_t size) {
  if (!GPUSIM_POOL_FRAMES || size_class(size) >= kClasses) return ::operator new(size);
  auto& list = free_lists().lists[size_class(size)];
  if (list.empty()) return ::operator new((size_class(size) + 1) * kStep);
  void* frame = list.back();
  list.pop_back();
  return frame;
}

void FramePool::release(void* frame, std::size_t size) noexcept {
  if (!GPUSIM_POOL_FRAMES || size_class(size) >= kClasses) {
    ::operator delete(frame);
    return;
  }
  free_lists().lists[size_class(size)].push_back(frame);
}

}  // namespace gpusim::os
