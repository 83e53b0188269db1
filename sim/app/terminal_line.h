// SPDX-License-Identifier: MIT
// One line at the bottom of a terminal that is written over again and again: progress. On stderr; nothing is written if
// that is no terminal.
#pragma once

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

  /// For others who write to stderr: removes whatever line is shown; its owner shows it again.
  static void clear_shown();

 private:
  bool is_visible_;
};

}  // namespace gpusim::app
