// SPDX-License-Identifier: MIT
// gpusim_bench: measures the simulator against the targets of docs/benchmarks.md. Exits with 0 when it could measure
// everything that was asked for: on a shared machine a missed target is not a failed test.
#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/guarded_main.h"
#include "bench/benchmarks.h"
#include "bench/clock.h"

namespace {

using namespace gpusim::bench;

struct Group {
  const char* name;
  void (*measure)(Harness&);
};
constexpr std::array kGroups{Group{"full_path", bench_full_path},
                             Group{"perfetto", bench_perfetto},
                             Group{"timeline", bench_timeline},
                             Group{"queues", bench_queues},
                             Group{"presets", bench_presets},
                             Group{"schedulers", bench_schedulers},
                             Group{"memory", bench_memory},
                             Group{"short_runs", bench_short_runs},
                             Group{"explore", bench_explore},
                             Group{"check", bench_check},
                             Group{"growth", bench_growth},
                             Group{"quality", bench_quality},
#ifdef GPUSIM_RV32_PROGRAMS
                             Group{"core", bench_core}
#endif
};

void measure(const Options& options) {
  if (options.cpu_time) use_cpu_time();
  Harness harness{options};
  for (const Group& group : kGroups) {
    if (options.only.empty() || options.only == group.name) group.measure(harness);
  }
  harness.print(std::cout);
  harness.check_made();
  if (options.json.empty()) return;
  std::ofstream file{options.json};
  harness.print_json(file);
  if (!file.flush()) throw std::runtime_error{"cannot write " + options.json};
}

int run(int argc, char** argv) {
  Options options;
  std::vector<std::string> names;
  names.reserve(kGroups.size());
  for (const Group& group : kGroups) names.emplace_back(group.name);

  CLI::App app{"Measures the simulator against the targets of docs/benchmarks.md."};
  CLI::Option* quick = app.add_flag("--quick", options.quick, "a tenth of the work, two samples instead of five");
  app.add_flag("--tiny", options.tiny, "as little as possible, once: does every benchmark still work?")
      ->excludes(quick);
  app.add_flag("--cpu-time", options.cpu_time, "CPU time instead of wall clock, for a machine with other work to do");
  app.add_option("--only", options.only, "one group")->type_name("GROUP")->check(CLI::IsMember(names));
  app.add_option("--json", options.json, "file for the figures as JSON")->type_name("FILE");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : 2;
  }
  measure(options);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) { return gpusim::guarded_main("gpusim_bench", EXIT_FAILURE, run, argc, argv); }
