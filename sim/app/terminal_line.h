// SPDX-License-Identifier: MIT
// One line at the bottom of a terminal that is written over again and again: progress. On stderr; if that is no
// terminal, nothing is written, or with --progress a line now and then.
#pragma once

#include <cstdint>
#include <string_view>

namespace gpusim::app {

class TerminalLine {
 public:
  /// `wanted`: no --quiet.
  explicit TerminalLine(bool wanted);
  ~TerminalLine() { clear(); }
  TerminalLine(const TerminalLine&) = delete;
  TerminalLine& operator=(const TerminalLine&) = delete;

  [[nodiscard]] bool is_visible() const { return is_visible_; }
  void show(std::string_view text);
  void clear();

  /// From now on a line of its own each so many seconds (> 0), terminal or not.
  static void write_lines_every(std::uint32_t seconds);
  /// For others who write to stderr: removes whatever line is shown; its owner shows it again.
  static void clear_shown();

 private:
  bool is_visible_;
};

}  // namespace gpusim::app
