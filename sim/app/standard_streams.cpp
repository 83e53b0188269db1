// SPDX-License-Identifier: MIT
#include "sim/app/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

namespace gpusim::app {

namespace {

[[nodiscard]] bool is_open(int file) { return fcntl(file, F_GETFD) >= 0; }

}  // namespace

std::string secure_standard_streams() {
  std::signal(SIGXFSZ, SIG_IGN);
  const bool has_stdout = is_open(STDOUT_FILENO);
  for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (!is_open(file)) (void)open("/dev/null", O_RDWR);  // takes the lowest free number: this one
  }
  return has_stdout ? "" : "standard output is closed";
}

void outlive_readers() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace gpusim::app
