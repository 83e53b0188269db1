// SPDX-License-Identifier: MIT
// A compositor: before each vblank it takes the newest frame of each renderer's surface, composes them in one job, and
// has the screen flip to the picture at the first vblank by which that job is done. One flip is pending at a time, as
// in KMS (a second non-blocking commit gets -EBUSY): as long as a picture is late, nothing newer is composed.
//
// Implicit synchronisation takes the newest frame whether or not it is rendered, and the device waits for it: a slow
// renderer makes the whole picture late. With explicit one the compositor takes only frames whose fence has signalled,
// so a slow renderer repeats its own frame and nobody else's (linux-drm-syncobj-v1).
// Not modelled: the display controller, and the compositor's own buffers, of which two suffice with one flip pending.
#pragma once

#include "sim/workload/client.h"

namespace gpusim::workload {

/// On the queue "<client>.compose". The first vblank is a period after its start.
[[nodiscard]] os::Task<ClientEnd> run_compositor(os::Context& ctx, const CompositorSpec& spec,
                                                 const ClientEnvironment& environment);

}  // namespace gpusim::workload
