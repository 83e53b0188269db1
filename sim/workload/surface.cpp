// SPDX-License-Identifier: MIT
#include "sim/workload/surface.h"

namespace gpusim::workload {

Surface::Buffer* Surface::free_buffer(std::uint32_t& number) {
  for (number = 0; number < buffers.size(); ++number) {
    if (buffers[number].is_free) return &buffers[number];
  }
  return nullptr;
}

void close_screen(os::Context& ctx, Screen& screen) {
  screen.is_closed = true;
  for (Surface& surface : screen.surfaces) surface.waiters.wake_all(ctx);
}

}  // namespace gpusim::workload
