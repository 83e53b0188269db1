// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

#include <fmt/core.h>

#include "bench/benchmarks.h"
#include "bench/null_stream.h"
#include "sim/app/check_command.h"
#include "sim/app/exit_code.h"

namespace gpusim::bench {
namespace {

namespace fs = std::filesystem;

/// A folder of scenarios of five clients each, on the five engines.
class ScenarioFolder {
 public:
  ScenarioFolder(std::uint64_t scenarios, std::uint64_t jobs)
      : path_{fs::temp_directory_path() / fmt::format("gpusim_bench_{}", getpid())} {
    constexpr const char* kEngines[] = {"rcs", "bcs", "vcs", "vcs", "vecs"};
    const std::uint64_t cycles = jobs / std::size(kEngines);
    fs::create_directories(path_);
    for (std::uint64_t i = 0; i < scenarios; ++i) {
      std::ofstream file{path_ / fmt::format("{:03}.toml", i)};
      file << "seed = " << i << "\n[expect]\nlatency_p99 = \"< 10 ms\"\njobs = \"> 0\"\n";
      for (std::size_t client = 0; client < std::size(kEngines); ++client) {
        file << fmt::format(
            "[[client]]\nname = \"c{}\"\nworkload = \"loop\"\nengine = \"{}\"\nwork_us = [50, 150]\n"
            "cycles = {}\n",
            client, kEngines[client], cycles == 0 ? 1 : cycles);
      }
    }
  }
  ~ScenarioFolder() {
    std::error_code code;
    fs::remove_all(path_, code);
  }
  ScenarioFolder(const ScenarioFolder&) = delete;
  ScenarioFolder& operator=(const ScenarioFolder&) = delete;
  [[nodiscard]] std::string text() const { return path_.string(); }

 private:
  fs::path path_;
};

/// Wall clock, whatever the harness counts: the work is in child processes.
[[nodiscard]] double seconds_of_check(const std::string& folder, std::uint32_t processes) {
  NullStream nowhere;
  std::streambuf* const standard = std::cout.rdbuf(nowhere.rdbuf());
  const auto begin = std::chrono::steady_clock::now();
  const int code = app::check_command({.paths = {folder}, .sets = {}, .parallel = processes, .quiet = true});
  const auto end = std::chrono::steady_clock::now();
  std::cout.rdbuf(standard);
  if (code != app::kGood) throw std::runtime_error{fmt::format("a check ended with {}", code)};
  return std::chrono::duration<double>(end - begin).count();
}

}  // namespace

void bench_check(Harness& harness) {
  constexpr std::uint64_t kScenarios = 100;
  constexpr std::uint64_t kJobs = 1'000;
  const std::uint64_t scenarios = harness.scaled(kScenarios);
  const ScenarioFolder folder{scenarios, harness.is_tiny() ? 5 : kJobs};
  const auto whole = [&](const char* name, const char* what, Target target) -> Measurement& {
    return harness.measure({.name = name, .what = what, .unit = "s", .target = target});
  };
  Measurement& two = whole("check.two", "100 scenarios of 1,000 jobs, two processes, wall clock", at_most(5));
  Measurement& one = whole("check.one", "the same in one process", {});
  for (int i = 0; i < harness.repeats(); ++i) {
    const double scale = static_cast<double>(kScenarios) / static_cast<double>(scenarios);
    two.add(seconds_of_check(folder.text(), 2) * scale);
    one.add(seconds_of_check(folder.text(), 1) * scale);
  }
}

}  // namespace gpusim::bench
