// SPDX-License-Identifier: MIT
// gpusim_fuzz: random scenarios for as long as asked. Each kind of finding is printed once, with its smallest scenario;
// --out writes them into a folder. Exit code 0 if nothing was found, else 1; 2 for bad arguments.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/guarded_main.h"
#include "sim/experiment/process_pool.h"
#include "sim/scenario/parameter_table.h"
#include "tests/support/machine/random_scenario.h"
#include "tests/support/machine/random_trial.h"

using namespace gpusim;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kBatch = 400;

struct Options {
  std::uint64_t count = 1'000;
  std::uint64_t seconds = 0;
  std::uint64_t first = 1;
  std::uint32_t workers = 1;
  std::string out;
};

// Of one seed, through a pipe: "good", or "kind\nwhat".
std::string piece(std::uint64_t seed) {
  const test::Trial trial = test::try_scenario(test::random_scenario(seed));
  switch (trial.result) {
    case test::Trial::Result::good:
      return {};
    case test::Trial::Result::refused:
      return "refused\n" + trial.what;
    case test::Trial::Result::unfinished:
      return "unfinished\n";
    case test::Trial::Result::finding:
      break;
  }
  return "finding\n" + trial.kind + "\n" + trial.what;
}

class Fuzz {
 public:
  explicit Fuzz(const Options& options) : options_{options} {}

  int run() {
    const auto end = Clock::now() + std::chrono::seconds{options_.seconds};
    std::uint64_t seed = options_.first;
    bool interrupted = false;
    while (!interrupted && (options_.seconds > 0 ? Clock::now() < end : seed < options_.first + options_.count)) {
      const std::uint64_t pieces =
          options_.seconds > 0 ? kBatch : std::min(kBatch, options_.first + options_.count - seed);
      const experiment::PoolReport report = experiment::run_in_processes(
          {pieces, options_.workers, false, {}},
          [seed]() -> experiment::PieceWork { return [seed](std::uint64_t index) { return piece(seed + index); }; });
      interrupted = report.interrupted;
      done_ += report.done;
      for (const experiment::PieceResult& result : report.results) take(seed + result.index, result);
      seed += pieces;
    }
    fmt::print("{} scenarios: {} ran, {} were refused, {} were too long; {} findings of {} kinds\n", done_,
               done_ - refused_ - unfinished_, refused_, unfinished_, findings_, kinds_.size());
    for (const auto& [kind, number] : kinds_) fmt::print("  {} x {}\n", number, kind);
    return findings_ == 0 ? 0 : 1;
  }

 private:
  void take(std::uint64_t seed, const experiment::PieceResult& result) {
    const std::string word = result.died ? "finding" : result.text.substr(0, result.text.find('\n'));
    if (word == "refused") {
      ++refused_;
    } else if (word == "unfinished") {
      ++unfinished_;
    } else {
      const std::string rest = result.died ? "crash\n" : result.text.substr(word.size() + 1);
      ++findings_;
      const std::string kind = rest.substr(0, rest.find('\n'));
      if (++kinds_[kind] == 1) show(seed, kind, rest.substr(kind.size() + 1), result.died);
    }
  }

  // In a process of its own: the machine is one for each process, and this one has none.
  void show(std::uint64_t seed, const std::string& kind, const std::string& what, bool died) {
    std::string text = test::text_of(test::random_scenario(seed));
    if (!died) {
      const experiment::PoolReport report =
          experiment::run_in_processes({1, 1, false, {}}, [&]() -> experiment::PieceWork {
            return [&](std::uint64_t) { return test::text_of(test::smallest(test::random_scenario(seed), kind)); };
          });
      if (!report.results.empty() && !report.results.front().died) text = report.results.front().text;
    }
    fmt::print("seed {}: {}\n{}\n---\n{}---\n", seed, kind, what, text);
    std::cout.flush();
    if (options_.out.empty()) return;
    std::filesystem::create_directories(options_.out);
    std::ofstream{std::filesystem::path{options_.out} / fmt::format("seed-{}.toml", seed)} << "# " << kind << '\n'
                                                                                           << text;
  }

  Options options_;
  std::uint64_t done_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t unfinished_ = 0;
  std::uint64_t findings_ = 0;
  std::map<std::string, std::uint64_t> kinds_;
};

int print_dictionary() {
  for (const auto table : {scenario::parameters().subspan(1), scenario::client_parameters()}) {
    for (const scenario::Parameter& parameter : table) {
      fmt::print("\"{}\"\n", parameter.key());
      for (const std::string_view name : parameter.names) fmt::print("\"{}\"\n", name);
    }
  }
  for (const char* word : {"[[client]]", "[[variant]]", "[[sweep]]", "[device]", "[host]", "[driver]", "[scheduler]",
                           "scenario", "values", "keys", "verdict", "estimates", "RCS", "VCS1", "BCS", "f-1", "s-1"}) {
    fmt::print("\"{}\"\n", word);
  }
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app{"Runs random scenarios and looks for what must not be."};
  Options options;
  app.add_option("--count", options.count, "How many scenarios")->capture_default_str();
  app.add_option("--seconds", options.seconds, "For so long, instead");
  app.add_option("--first", options.first, "The first seed")->capture_default_str();
  app.add_option("-j,--jobs", options.workers, "Processes")->capture_default_str();
  bool dictionary = false;
  app.add_flag("--dictionary", dictionary, "Print the words of scenario files for libFuzzer, and run nothing");
  app.add_option("--out", options.out, "Folder for the smallest scenario of each kind of finding");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (dictionary) return print_dictionary();
  return Fuzz{options}.run();
}

}  // namespace

int main(int argc, char** argv) { return guarded_main("gpusim_fuzz", 2, run, argc, argv); }
