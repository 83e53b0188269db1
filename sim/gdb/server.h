// SPDX-License-Identifier: MIT
// GDB's side of a run: one connection on 127.0.0.1, for which the run waits, over the remote serial protocol.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sim/hw/firmware_debugger.h"

namespace gpusim::gdb {

class Server final : public hw::FirmwareDebugger {
 public:
  /// Listens. Port 0: any that is free.
  explicit Server(std::uint16_t port);
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Why it cannot listen; empty: it can.
  [[nodiscard]] const std::string& error() const { return error_; }
  /// Asked some ten times a second while it waits for GDB: true has it wait no longer, and leaves.
  std::function<bool()> is_interrupted = [] { return false; };
  /// Where it listens, until GDB is there.
  [[nodiscard]] std::uint16_t port() const;

  /// The first one waits for GDB. If it detaches or the connection is lost, the core goes on without it for ever.
  [[nodiscard]] hw::DebugResume on_stop(hw::FirmwareTarget& target, hw::DebugStop stop) override;
  [[nodiscard]] bool wants_stop() override;

  /// GDB has asked for the end of the run.
  [[nodiscard]] bool is_killed() const { return is_killed_; }
  /// The run has ended with this exit code, of which GDB hears if it is still there.
  void finish(int code);

 private:
  struct Connection;
  [[nodiscard]] hw::DebugResume serve(hw::FirmwareTarget& target, hw::DebugStop stop);
  [[nodiscard]] hw::DebugResume leave(hw::FirmwareTarget& target);

  std::string error_;
  std::unique_ptr<Connection> connection_;
  bool is_connected_ = false;
  bool is_left_ = false;
  bool is_killed_ = false;
};

}  // namespace gpusim::gdb
