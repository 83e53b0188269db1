// SPDX-License-Identifier: MIT
// The host's end of the channel, for tests of the firmware that have memory as words by address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "firmware/abi/messages.h"

namespace gpusim::test {

using WordMemory = std::map<std::uint64_t, std::uint32_t>;

/// Puts a message into the ring of the channel there, behind padding if it does not fit before the ring's end. `tail`
/// is the host's own.
inline void write_message(WordMemory& memory, std::uint64_t channel, std::uint32_t& tail,
                          const std::vector<std::uint32_t>& words) {
  const auto put = [&](std::uint32_t word) {
    memory[channel + abi::kToFirmwareOffset + 4ULL * (tail++ % abi::kToFirmwareDwords)] = word;
  };
  while (abi::kToFirmwareDwords - tail % abi::kToFirmwareDwords < words.size()) put(0);
  for (const std::uint32_t word : words) put(word);
  memory[channel + offsetof(abi::ChannelDescriptor, to_firmware_tail)] = tail;
}

}  // namespace gpusim::test
