// SPDX-License-Identifier: MIT
// The kernel's error numbers that the modelled interfaces return; values as on Linux, positive.
#pragma once

#include <cstdint>
#include <string_view>

namespace gpusim {

enum class Errno : std::int16_t {
  ok = 0,
  perm = 1,
  noent = 2,
  srch = 3,
  io = 5,
  again = 11,
  nomem = 12,
  busy = 16,
  nodev = 19,
  inval = 22,
  nospc = 28,
  deadlk = 35,
  nodata = 61,
  time = 62,
  timedout = 110,
  canceled = 125,
  restartsys = 512,  // of the kernel's own: a signal has interrupted the call
};

[[nodiscard]] constexpr std::string_view to_string(Errno error) {
  switch (error) {
    case Errno::ok:
      return "0";
    case Errno::perm:
      return "-EPERM";
    case Errno::noent:
      return "-ENOENT";
    case Errno::srch:
      return "-ESRCH";
    case Errno::io:
      return "-EIO";
    case Errno::again:
      return "-EAGAIN";
    case Errno::nomem:
      return "-ENOMEM";
    case Errno::busy:
      return "-EBUSY";
    case Errno::nodev:
      return "-ENODEV";
    case Errno::inval:
      return "-EINVAL";
    case Errno::nospc:
      return "-ENOSPC";
    case Errno::deadlk:
      return "-EDEADLK";
    case Errno::nodata:
      return "-ENODATA";
    case Errno::time:
      return "-ETIME";
    case Errno::timedout:
      return "-ETIMEDOUT";
    case Errno::canceled:
      return "-ECANCELED";
    case Errno::restartsys:
      return "-ERESTARTSYS";
  }
  return "-E?";
}

}  // namespace gpusim
