// SPDX-License-Identifier: MIT
#include "bench/memory_count.h"

#include <cstddef>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace gpusim::bench {
namespace {
// A global, because operator new has no other place for it. Benchmarks have one thread.
constinit MemoryCount count;
}  // namespace

MemoryCount memory_count() { return count; }

static void* counted_allocate(std::size_t size) {
  void* block = std::malloc(size);
  if (block == nullptr) throw std::bad_alloc{};
  count.live_bytes += static_cast<std::int64_t>(malloc_usable_size(block));
  ++count.allocations;
  return block;
}

static void counted_free(void* block) {
  if (block == nullptr) return;
  count.live_bytes -= static_cast<std::int64_t>(malloc_usable_size(block));
  std::free(block);
}

}  // namespace gpusim::bench

// The other forms of the standard library come down to these, except those for over-aligned types.
void* operator new(std::size_t size) { return gpusim::bench::counted_allocate(size); }
void operator delete(void* block) noexcept { gpusim::bench::counted_free(block); }
void operator delete(void* block, std::size_t) noexcept { gpusim::bench::counted_free(block); }
