// SPDX-License-Identifier: MIT
#include "sim/app/terminal_line.h"

#include <unistd.h>

#include <cstdio>

#include <fmt/core.h>

namespace gpusim::app {
namespace {

const TerminalLine* shown = nullptr;  // there is one stderr

}  // namespace

TerminalLine::TerminalLine(bool wanted) : is_visible_{wanted && isatty(STDERR_FILENO) != 0} {}

void TerminalLine::show(std::string_view text) {
  if (!is_visible_) return;
  shown = this;
  fmt::print(stderr, "\r\033[K{}", text);
  std::fflush(stderr);
}

void TerminalLine::clear() {
  if (shown == this) clear_shown();
}

void TerminalLine::clear_shown() {
  if (shown == nullptr) return;
  shown = nullptr;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
}

}  // namespace gpusim::app
