// SPDX-License-Identifier: MIT
// What a core reaches outside its TCM: registers of devices, host memory. Naturally aligned accesses of 1, 2 or 4
// bytes, in program order, never twice without being asked to.
#pragma once

#include <cstdint>

namespace gpusim::rv32 {

struct BusReply {
  enum class Kind : std::uint8_t {
    done,
    fault,  ///< the core takes an access fault
    wait,   ///< the core stops in front of the access: Core::run() returns Stop::bus
  };
  Kind kind = Kind::done;
  std::uint32_t value = 0;  ///< of a load that is done; only its lowest bytes count
};

class Bus {
 public:
  virtual ~Bus() = default;
  /// Context: inside Core::run(), whose cycles() say when. May set the core's interrupt lines, and may not call run().
  [[nodiscard]] virtual BusReply load(std::uint32_t address, std::uint32_t size) = 0;
  /// The same. Of `value` the lowest `size` bytes count; the others are 0.
  [[nodiscard]] virtual BusReply store(std::uint32_t address, std::uint32_t size, std::uint32_t value) = 0;
};

/// A core with nothing beside its TCM.
class NoBus final : public Bus {
 public:
  [[nodiscard]] BusReply load(std::uint32_t, std::uint32_t) override { return {BusReply::Kind::fault}; }
  [[nodiscard]] BusReply store(std::uint32_t, std::uint32_t, std::uint32_t) override { return {BusReply::Kind::fault}; }
};

}  // namespace gpusim::rv32
