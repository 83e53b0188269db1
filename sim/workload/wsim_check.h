// SPDX-License-Identifier: MIT
// The checks of a .wsim program that need all of its steps: working sets, engine maps, throttles, hang warnings.
//
// References to earlier steps are checked by the parser itself, as the steps come. Steps the parser could not read are
// handed in as `unreadable`, so that one mistake is reported once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/workload/wsim_parser.h"
#include "sim/workload/wsim_program.h"

namespace gpusim::workload {

// Collects what is found; the parser and the checks write into one.
struct WsimFindings {
  std::string file;
  std::vector<WsimProblem> problems;
  std::vector<Notice> notices;

  void error(const Step& step, std::uint32_t column, std::string message, std::string suggestion = {});
  void notice(const Step& step, std::string message);
};

void check_program(const WsimProgram& program, const std::vector<bool>& unreadable, WsimFindings& findings);

}  // namespace gpusim::workload
