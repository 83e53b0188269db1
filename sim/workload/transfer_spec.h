// SPDX-License-Identifier: MIT
// The bytes that a job moves while it executes (docs/bytes.md).
#pragma once

#include <cstdint>

namespace gpusim::workload {

enum class MemoryPlace : std::uint8_t { host, device };

/// What a job moves while it executes.
struct TransferSpec {
  std::uint64_t bytes = 0;  ///< 0: nothing
  MemoryPlace from = MemoryPlace::host;
  MemoryPlace to = MemoryPlace::device;
};

}  // namespace gpusim::workload
