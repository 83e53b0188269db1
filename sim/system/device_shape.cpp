// SPDX-License-Identifier: MIT
#include "sim/system/device_shape.h"

#include "firmware/abi/device.h"
#include "sim/hw/gpu.h"

namespace gpusim::system {

trace::DeviceShape device_shape(const scenario::ScenarioSpec& spec) {
  const abi::DeviceDescriptor& device = spec.device.descriptor;
  trace::DeviceShape shape;
  shape.vectors.resize(abi::kVectors);
  shape.vectors[abi::kVectorReply] = "reply";
  for (std::uint32_t i = 0; i < device.engine_count; ++i) {
    const abi::EngineDescriptor& engine = device.engines[i];
    shape.engines.push_back(hw::engine_name(engine));
    shape.vectors[abi::completion_vector(engine.engine_class)] = hw::engine_class_name(engine.engine_class);
  }
  shape.slots = device.slots;
  return shape;
}

}  // namespace gpusim::system
