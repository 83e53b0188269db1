// SPDX-License-Identifier: MIT
// The gpusim program: reads the command line, hands over to the commands.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/guarded_main.h"
#include "sim/app/exit_code.h"
#include "sim/app/log.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"

namespace gpusim::cli {
namespace {

constexpr const char* kDescription =
    "gpusim: a full-system GPU simulator for questions about GPU submission.\n"
    "It runs a scenario - clients, a submission component, a driver, a PCIe link, a GPU with firmware - in simulated "
    "time,\n"
    "bit for bit the same each time, and says where the time went.";

constexpr const char* kFooter =
    "Examples:\n"
    "  gpusim run configs/scenarios/quickstart.toml\n"
    "  gpusim run media_nn_1080p.wsim --set client.clones=2 --out results --trace text,perfetto\n"
    "  gpusim run quickstart.toml --set device.link.mmio_write_latency_ns=1300 --seed 7\n"
    "  gpusim compare configs/experiments/e1_bypass.toml --estimates\n"
    "  gpusim compare quickstart.toml --variant now --variant far:device.link.mmio_write_latency_us=2 --seeds 10\n"
    "  gpusim check configs/scenarios -j 2 --junit results.xml\n"
    "  gpusim explore configs/explore/queues.toml --seeds 10000 -j 4\n"
    "  gpusim explain configs/scenarios/quickstart.toml | less\n\n"
    "Exit codes: 0 good, 1 check: not as expected, 2 bad input, 3 a rule of the model is broken, 4 the model stalled, "
    "130 interrupted.";

int run_program(int argc, char** argv) {
  namespace log = app::log;
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);

  CLI::App program{kDescription, "gpusim"};
  program.footer(kFooter);
  program.set_version_flag("--version", "gpusim 0.1.0");
  program.require_subcommand(1);
  program.fallthrough();
  log::Options log_options;
  program.add_flag("-v,--verbose", log_options.verbosity, "say on stderr what is going on; -vv: in detail");
  program.add_option("--log-file", log_options.file, "write what could be said on stderr, all of it, into a file")
      ->type_name("FILE");

  refuse_empty_values(program);
  const std::vector<Command> commands = add_commands(program);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (const std::vector<std::string> rest = program.remaining(); program.get_subcommands().empty() && !rest.empty()) {
      log::error(fmt::format("there is no command '{}'; gpusim --help lists them", rest.front()));
      return app::kBadInput;
    }
    const int code = program.exit(error, std::cout, std::cerr);
    return code == 0 ? app::kGood : app::kBadInput;
  }
  if (const std::string failed = log::open(log_options); !failed.empty()) {
    log::error("--log-file " + failed);
    return app::kBadInput;
  }
  const auto chosen =
      std::find_if(commands.begin(), commands.end(), [](const Command& one) { return one.parser->parsed(); });
  int code = app::kBadInput;
  errno = 0;
  try {
    code = chosen->execute();
  } catch (const std::system_error& error) {
    log::error(error.what());
  } catch (const std::exception& error) {
    log::error(fmt::format("the simulator is broken: {}", error.what()));
    code = app::kInvariantBroken;
  }
  std::cout.flush();
  if (!std::cout) {  // a full disk, say
    log::error("standard output: " + (errno == 0 ? "cannot be written" : std::generic_category().message(errno)));
    code = app::kBadInput;
  }
  if (const std::string failed = log::close(); !failed.empty()) {
    log::error("--log-file " + failed);
    return app::kBadInput;
  }
  return code;
}

}  // namespace
}  // namespace gpusim::cli

int main(int argc, char** argv) {
  return gpusim::guarded_main("error: the simulator is broken", gpusim::app::kInvariantBroken, gpusim::cli::run_program,
                              argc, argv);
}
