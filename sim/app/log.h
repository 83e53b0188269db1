// SPDX-License-Identifier: MIT
// The program's one voice for people: errors, warnings, and with -v what is going on. Lines go to stderr and, if there
// is one, to the file of --log-file; results go to stdout and are no business of the log. Nothing that is said here can
// change a run. Only the .cpp file knows the library behind it.
#pragma once

#include <string>
#include <string_view>

namespace gpusim::app::log {

struct Options {
  int verbosity = 0;  ///< of stderr; 0: errors and warnings, 1: and infos, 2: and debug lines
  std::string file;   ///< gets all lines, with the time of day; empty: none
};

/// Before anything is said; without it errors go to stderr. Empty, or why the file cannot be opened: then nothing was
/// changed.
[[nodiscard]] std::string open(const Options& options);
/// Empty, or why the file is not complete. Afterwards it is as if nothing had been opened.
[[nodiscard]] std::string close();

/// "error: TEXT" or "PLACE: error: TEXT". The text may have several lines; its last end of line is left out. Control
/// characters and bytes that are no UTF-8 are shown as escapes, here and below.
void error(std::string_view text, std::string_view place = {});
/// What a part of somebody else warns of; the program itself has errors, and notes in its summaries.
void warning(std::string_view text);
/// What a user may want to know of a run that does what it should: -v.
void info(std::string_view text);
/// What helps to find out why it does not: -vv.
void debug(std::string_view text);

}  // namespace gpusim::app::log
