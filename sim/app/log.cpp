// SPDX-License-Identifier: MIT
#include "sim/app/log.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <system_error>

#include <fmt/core.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>

#include "base/printable.h"
#include "sim/app/build_info.h"
#include "sim/app/former_results.h"
#include "sim/app/terminal_line.h"

namespace gpusim::app::log {
namespace {

/// %*: "PLACE: ". The place of a message stands where spdlog has the name of a source file.
class PlaceFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    if (message.source.empty()) return;
    out.append(std::string_view{message.source.filename});
    out.append(std::string_view{": "});
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<PlaceFlag>(); }
};

[[nodiscard]] std::shared_ptr<spdlog::sinks::sink> make_sink(std::ostream& out, const std::string& pattern) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<PlaceFlag>('*').set_pattern(pattern);
  constexpr bool kFlushEachLine = true;  // also because a forked child must not have unwritten lines of its parent
  auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(out, kFlushEachLine);
  sink->set_formatter(std::move(formatter));
  return sink;
}

constexpr std::string_view kMark = "# gpusim-log, ";

/// A file with something in it that no earlier command has logged.
[[nodiscard]] bool is_of_others(const std::string& name) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(name, none) || std::filesystem::file_size(name, none) == 0) return false;
  return !beginning_of(name).starts_with(kMark);
}

struct State {
  std::ofstream file;
  std::string file_name;
  std::shared_ptr<spdlog::sinks::sink> terminal = make_sink(std::cerr, "%*%l: %v");
  spdlog::logger logger{"gpusim", terminal};

  State() { set_verbosity(0); }
  void set_verbosity(int verbosity) {
    terminal->set_level(verbosity == 0   ? spdlog::level::warn
                        : verbosity == 1 ? spdlog::level::info
                                         : spdlog::level::debug);
    logger.set_level(terminal->level());
  }
};

State& state() {
  static State the_one;
  return the_one;
}

void say(spdlog::level::level_enum level, std::string_view text, std::string_view place) {
  State& log = state();
  if (!log.logger.should_log(level)) return;
  if (log.terminal->should_log(level)) TerminalLine::clear_shown();
  if (text.ends_with('\n')) text.remove_suffix(1);
  const std::string shown = printable(text, "\n\t");
  const std::string name = printable(place);
  const spdlog::source_loc where = place.empty() ? spdlog::source_loc{} : spdlog::source_loc{name.c_str(), 1, ""};
  log.logger.log(where, level, spdlog::string_view_t{shown.data(), shown.size()});
}

}  // namespace

std::string open(const Options& options) {
  State& log = state();
  if (!options.file.empty()) {
    if (is_of_others(options.file)) {
      return options.file + ": this is no log of gpusim, and would be overwritten; name another file";
    }
    log.file.open(options.file, std::ios::binary | std::ios::trunc);
    if (!log.file) return fmt::format("{}: {}", options.file, std::strerror(errno));
    log.file_name = options.file;
    log.file << kMark << build_info().text() << '\n' << std::flush;
    if (!log.file) {
      const std::string why = std::strerror(errno);
      log.file.close();
      return fmt::format("{}: {}", options.file, why);
    }
  }
  log.set_verbosity(options.verbosity);
  if (options.file.empty()) return {};
  log.logger.sinks().push_back(make_sink(log.file, "%Y-%m-%d %H:%M:%S.%e %*%l: %v"));
  log.logger.set_level(spdlog::level::debug);
  return {};
}

std::string close() {
  State& log = state();
  log.logger.sinks() = {log.terminal};
  log.set_verbosity(0);
  if (!log.file.is_open()) return {};
  errno = 0;
  log.file << std::flush;  // what was refused before is refused again, with the reason
  log.file.close();
  const bool is_whole = !log.file.fail();
  log.file.clear();
  if (is_whole) return {};
  return fmt::format("{}: {}", log.file_name, errno == 0 ? "cannot be written" : std::strerror(errno));
}

void error(std::string_view text, std::string_view place) { say(spdlog::level::err, text, place); }
void warning(std::string_view text) { say(spdlog::level::warn, text, {}); }
void info(std::string_view text) { say(spdlog::level::info, text, {}); }
void debug(std::string_view text) { say(spdlog::level::debug, text, {}); }

}  // namespace gpusim::app::log
