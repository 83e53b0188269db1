// SPDX-License-Identifier: MIT
// What the program sees to before anything else, so that lost output is an error and never a lost file.
#pragma once

#include <string>

namespace gpusim::app {

/// Why nothing can be printed; empty: something can. A program that is started with a closed descriptor would get its
/// number for the next file it opens, and write messages into that: stdin and stderr become /dev/null then. A file that
/// gets too long becomes an error of writing it, not a signal.
[[nodiscard]] std::string secure_standard_streams();

/// From here on there are files to be finished: a stdout or stderr whose reader has gone (`| head`) becomes an error of
/// writing to it. Until then it ends the program by SIGPIPE, without a word, as it does others.
void outlive_readers();

}  // namespace gpusim::app
