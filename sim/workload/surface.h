// SPDX-License-Identifier: MIT
// What a renderer and its compositor have in common: the buffers of a surface, and the frames that were committed in
// them. It stands for the window system's protocol; its messages cost nothing but the wake-up of who waits for one
// (ours). A buffer belongs to the renderer, then from its commit on to the compositor, which releases it when a newer
// frame has taken its place, with a fence if the device may still read it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "host_driver/uapi.h"
#include "os/sync.h"

namespace gpusim::workload {

struct Frame {
  std::uint64_t number = 0;  ///< from 1
  std::uint32_t buffer = 0;  ///< of the surface
  drv::SyncFile rendered;
  SimTime submitted{};  ///< entry of the exec of its rendering
};

struct Surface {
  enum class Life : std::uint8_t {
    open,
    ended,  ///< the renderer has ended: what it has committed is still to be shown
    gone,   ///< it was killed, and the connection with it
  };
  struct Buffer {
    std::optional<drv::BufferId> id;
    bool is_free = true;
    drv::SyncFile released;  ///< what may still read it; explicit synchronisation only
  };

  ClientId renderer;
  Life life = Life::open;
  std::vector<Buffer> buffers;
  std::deque<Frame> committed;   ///< and not composed yet, in order
  std::optional<Frame> current;  ///< that the last composition has
  bool is_new = false;           ///< and no vblank has shown yet
  std::uint64_t shown = 0;       ///< number of the frame that the screen shows, 0: none
  os::WaitQueue waiters;         ///< the renderer

  [[nodiscard]] Buffer* free_buffer(std::uint32_t& number);
};

/// One for each compositor. With explicit synchronisation a frame is taken when it is rendered, not before.
struct Screen {
  ClientId compositor;
  bool is_explicit = false;
  bool is_closed = false;  ///< the compositor has ended
  std::deque<Surface> surfaces;
};

/// The compositor has ended, in whatever way: so does the connection with its renderers. Any context.
void close_screen(os::Context& ctx, Screen& screen);

}  // namespace gpusim::workload
