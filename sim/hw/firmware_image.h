// SPDX-License-Identifier: MIT
// The firmware for the RV32 core as the program carries it along.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "firmware/abi/device.h"

namespace gpusim::hw {

/// The ELF file of a policy: firmware/image, as this build has compiled it or as it came with the sources.
[[nodiscard]] std::span<const std::byte> firmware_image(abi::RunPolicy policy = abi::RunPolicy::round_robin);

/// Which firmware that is, for files that depend on it: its hash and its compiler.
/// "firmware 0123456789abcdef (GCC: (12.2.0-14+11+deb12u1) 12.2.0)"
[[nodiscard]] std::string firmware_image_text(abi::RunPolicy policy = abi::RunPolicy::round_robin);

}  // namespace gpusim::hw
