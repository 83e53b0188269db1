// SPDX-License-Identifier: MIT
#include "sim/app/vcd_choice.h"

#include <optional>
#include <string_view>

#include <fmt/core.h>

#include "base/closest.h"
#include "sim/app/moment.h"
#include "sim/scenario/problem.h"

namespace gpusim::app {

namespace {

using scenario::Problem;

void read_signals(const std::vector<std::string>& names, const trace::DeviceShape& shape,
                  std::vector<std::size_t>& signals, std::vector<Problem>& problems) {
  const std::vector<trace::VcdSignal> all = trace::vcd_signals(shape);
  for (const std::string& name : names) {
    const std::vector<std::size_t> found = trace::find_signals(all, name);
    signals.insert(signals.end(), found.begin(), found.end());
    if (!found.empty()) continue;
    std::vector<std::string_view> candidates;
    for (const trace::VcdSignal& signal : all) {
      // Its scopes, too.
      for (std::size_t end = signal.name.find('.'); end != std::string::npos; end = signal.name.find('.', end + 1)) {
        candidates.push_back(std::string_view{signal.name}.substr(0, end));
      }
      candidates.emplace_back(signal.name);
    }
    problems.push_back({{"--vcd-signals"},
                        fmt::format("the device has no signal '{}'", scenario::in_one_line(name)),
                        closest(name, candidates)});
  }
}

void read_window(const std::string& text, trace::VcdSinkOptions& options, std::vector<Problem>& problems) {
  constexpr std::string_view kBetween = "..";
  const auto complain = [&](const char* why) {
    problems.push_back({{"--vcd-window"}, fmt::format("'{}' {}", scenario::in_one_line(text), why), {}});
  };
  const std::size_t between = text.find(kBetween);
  if (between == std::string::npos) return complain("is no window such as 1ms..2.5ms, 1ms.. or ..2.5ms");
  const std::string from = text.substr(0, between);
  const std::string to = text.substr(between + kBetween.size());
  const std::optional<SimTime> begin = from.empty() ? SimTime{} : read_moment(from);
  const std::optional<SimTime> end = to.empty() ? kNever : read_moment(to);
  if (!begin || !end) return complain("is no window such as 1ms..2.5ms, 1ms.. or ..2.5ms");
  if (*begin >= *end) return complain("does not end after it begins");
  options.begin = *begin;
  options.end = *end;
}

}  // namespace

trace::VcdSinkOptions read_vcd_choice(const VcdChoice& choice, const trace::DeviceShape& shape,
                                      std::vector<Problem>& problems) {
  trace::VcdSinkOptions options;
  read_signals(choice.signals, shape, options.signals, problems);
  if (!choice.window.empty()) read_window(choice.window, options, problems);
  return options;
}

}  // namespace gpusim::app
