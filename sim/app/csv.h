// SPDX-License-Identifier: MIT
// A result as a table of two columns, for spreadsheets and scripts without a reader for JSON.
#pragma once

#include <ostream>
#include <string>

namespace gpusim::app {

/// A line "figure,value" for each number, text and truth value of the JSON: "clients.game.jobs_done,12". Elements of
/// arrays are called by their "name", or else by their number, from 0. Histograms are left out. As RFC 4180, with
/// newlines as on this system. Pre: `json` is JSON.
void write_csv(std::ostream& out, const std::string& json);

}  // namespace gpusim::app
