// SPDX-License-Identifier: MIT
#include "sim/app/terminal_line.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>

#include <fmt/core.h>

namespace gpusim::app {
namespace {

using Clock = std::chrono::steady_clock;

// There is one stderr.
const TerminalLine* shown = nullptr;
std::chrono::seconds every{0};  // 0: one line, on a terminal
Clock::time_point last_line;

}  // namespace

TerminalLine::TerminalLine(bool wanted) : is_visible_{wanted && (every.count() > 0 || isatty(STDERR_FILENO) != 0)} {}

void TerminalLine::show(std::string_view text) {
  if (!is_visible_) return;
  if (every.count() > 0) {
    const Clock::time_point now = Clock::now();
    if (now - last_line < every) return;
    last_line = now;
    fmt::print(stderr, "{}\n", text);
    return;
  }
  shown = this;
  fmt::print(stderr, "\r\033[K{}", text);
  std::fflush(stderr);
}

void TerminalLine::write_lines_every(std::uint32_t seconds) {
  every = std::chrono::seconds{seconds};
  last_line = Clock::now() - every;  // the first at once
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
