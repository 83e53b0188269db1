// SPDX-License-Identifier: MIT
#include "sim/workload/shared_objects.h"

#include <algorithm>

namespace gpusim::workload {

drv::BufferId SharedObjects::buffer(os::Context& ctx, std::uint32_t number) {
  std::optional<drv::BufferId>& buffer = buffers_[number];
  if (!buffer) buffer = uapi_.create_buffer(ctx);
  return *buffer;
}

drv::SyncobjId SharedObjects::syncobj(os::Context& ctx, std::uint32_t number) {
  std::optional<drv::SyncobjId>& syncobj = syncobjs_[number];
  if (!syncobj) syncobj = uapi_.create_syncobj(ctx, share_.syncobj_name(number));
  return *syncobj;
}

std::optional<std::uint32_t> SharedObjects::number_of(drv::SyncobjId syncobj) const {
  const auto found = std::find(syncobjs_.begin(), syncobjs_.end(), std::optional{syncobj});
  if (found == syncobjs_.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - syncobjs_.begin());
}

}  // namespace gpusim::workload
