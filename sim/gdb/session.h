// SPDX-License-Identifier: MIT
// What GDB may ask of a core that stands still: the commands of the remote serial protocol, without a connection.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "sim/hw/firmware_debugger.h"

namespace gpusim::gdb {

/// What becomes of the core.
enum class Next : std::uint8_t { stay, go_on, step, detach, kill };

struct Answer {
  std::string reply;  ///< empty: the command is not known
  Next next = Next::stay;
  bool is_silent = false;  ///< there is no reply, or it comes with the next stop
};

class Session {
 public:
  [[nodiscard]] Answer answer(std::string_view packet, hw::FirmwareTarget& target, hw::DebugStop stop);

  /// Takes all breakpoints away.
  void leave(hw::FirmwareTarget& target);

  /// "T05thread:1;": as GDB wants to hear that the core has stopped.
  [[nodiscard]] static std::string stop_reply(hw::DebugStop stop);
  /// After QStartNoAckMode neither side answers packets by "+".
  [[nodiscard]] bool acknowledges() const { return acknowledges_; }

 private:
  [[nodiscard]] Answer resume(std::string_view packet, hw::FirmwareTarget& target);
  [[nodiscard]] Answer query(std::string_view packet);
  [[nodiscard]] std::string breakpoint(std::string_view packet, hw::FirmwareTarget& target);

  std::set<std::uint32_t> breakpoints_;
  bool acknowledges_ = true;
};

}  // namespace gpusim::gdb
