// SPDX-License-Identifier: MIT
// The gpusim program: reads the command line, hands over to the commands.
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/guarded_main.h"
#include "sim/app/build_info.h"
#include "sim/app/exit_code.h"
#include "sim/app/failure.h"
#include "sim/app/log.h"
#include "sim/app/signals.h"
#include "sim/app/standard_streams.h"
#include "sim/app/systemc_reports.h"
#include "sim/app/terminal_line.h"
#include "sim/cli/commands.h"
#include "sim/cli/mistakes.h"
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
    "  gpusim run quickstart\n"
    "  gpusim run quickstart --out results --trace text,perfetto\n"
    "  gpusim compare quickstart --variant now --variant far:device.link.mmio_write_latency_us=2 --seeds 10\n"
    "  gpusim job quickstart 5\n"
    "  gpusim help compare\n\n"
    "Exit codes: 0 good, 1 not as expected, 2 bad input, 3 a rule of the model is broken, 4 the model stalled,\n"
    "5 no memory or descriptors left, 130 interrupted.";

/// What CLI11 says, and where one finds out how it is right.
std::string in_words(const CLI::App& program, const CLI::ParseError& error) {
  const auto chosen = program.get_subcommands([](const CLI::App* command) { return command->parsed(); });
  const std::string help = chosen.empty() ? "--help" : "help " + chosen.front()->get_name();
  return fmt::format("{}; see gpusim {}", error.what(), help);
}

/// The code, unless what was printed is lost, with a full disk, say. Pre: errno was 0 before it was printed.
int flushed(int code) {
  std::cout.flush();
  if (std::cout) return code;
  app::log::error("standard output: " + (errno == 0 ? "cannot be written" : std::generic_category().message(errno)));
  return app::kBadInput;
}

int run(int argc, char** argv) {
  namespace log = app::log;
  if (const std::string closed = app::secure_standard_streams(); !closed.empty()) {
    log::error(closed);
    return app::kBadInput;
  }
  app::end_at_signals();
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);

  CLI::App program{kDescription, "gpusim"};
  program.footer(kFooter);
  program.set_version_flag("--version", app::build_info().text());
  program.require_subcommand(1);
  program.fallthrough();
  log::Options log_options;
  program.add_flag("-v,--verbose", log_options.verbosity, "say on stderr what is going on; -vv: in detail");
  program
      .add_option_function<std::uint32_t>(
          "--progress", [](std::uint32_t seconds) { app::TerminalLine::write_lines_every(seconds); },
          "without a terminal, too: a line about the progress on stderr each so many seconds")
      ->transform(whole_number())
      ->check(CLI::Range(1, 86'400))
      ->type_name("SECONDS");
  program.add_option("--log-file", log_options.file, "write what could be said on stderr, all of it, into a file")
      ->type_name("FILE");

  refuse_empty_values(program);
  const std::vector<Command> commands = add_commands(program);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help, --version
      errno = 0;
      (void)program.exit(error, std::cout, std::cerr);
      return flushed(app::kGood);
    }
    const std::string unknown = unknown_words(program);
    log::error(unknown.empty() ? in_words(program, error) : unknown);
    return app::kBadInput;
  }
  if (const std::string failed = log::open(log_options); !failed.empty()) {
    log::error("--log-file " + failed);
    return app::kBadInput;
  }
  app::log_systemc_reports(app::Details::no);
  const auto chosen =
      std::find_if(commands.begin(), commands.end(), [](const Command& one) { return one.parser->parsed(); });
  int code = app::kBadInput;
  errno = 0;
  try {
    code = chosen->execute();
  } catch (...) {
    const app::Failure failure = app::failure_of(std::current_exception());
    log::error(failure.text);
    code = failure.code;
  }
  code = flushed(code);
  if (const std::string failed = log::close(); !failed.empty()) {
    log::error("--log-file " + failed);
    return app::kBadInput;
  }
  return code;
}

/// Saying it must not need any memory.
int no_memory() {
  std::fprintf(stderr, "error: %s\n", app::kOutOfMemory);
  return app::kNoResources;
}

int run_program(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {  // outside of a command
    return no_memory();
  }
}

}  // namespace
}  // namespace gpusim::cli

int main(int argc, char** argv) {
  return gpusim::guarded_main("error: the simulator is broken", gpusim::app::kInvariantBroken, gpusim::cli::run_program,
                              argc, argv);
}
