// SPDX-License-Identifier: MIT
// The firmware for the RV32 core as the program carries it along.
#pragma once

#include <cstddef>
#include <span>

namespace gpusim::hw {

/// The ELF file: firmware/image, as this build has compiled it or as it came with the sources.
[[nodiscard]] std::span<const std::byte> firmware_image();

}  // namespace gpusim::hw
