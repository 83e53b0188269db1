// SPDX-License-Identifier: MIT
// gpusim_bench: measures the simulator against the targets of docs/benchmarks.md. Always exits with 0 when it could
// measure: on a shared machine a missed target is no failed test.
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string_view>

#include "bench/benchmarks.h"
#include "bench/clock.h"

namespace {

constexpr std::string_view kUsage =
    "usage: gpusim_bench [--quick] [--cpu-time] [--only GROUP] [--json FILE]\n"
    "--cpu-time: CPU time instead of wall clock, for a machine that has other work to do\n"
    "groups: full_path perfetto timeline queues memory short_runs explore\n";

/// False if the arguments make no sense.
bool parse(int argc, char** argv, gpusim::bench::Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--quick") {
      options.quick = true;
    } else if (argument == "--cpu-time") {
      options.cpu_time = true;
    } else if (argument == "--only" && i + 1 < argc) {
      options.only = argv[++i];
    } else if (argument == "--json" && i + 1 < argc) {
      options.json = argv[++i];
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace gpusim::bench;
  Options options;
  if (!parse(argc, argv, options)) {
    std::cerr << kUsage;
    return 2;
  }
  try {
    if (options.cpu_time) use_cpu_time();
    Harness harness{options};
    for (void (*group)(Harness&) : {bench_full_path, bench_perfetto, bench_timeline, bench_queues, bench_memory,
                                    bench_short_runs, bench_explore}) {
      group(harness);
    }
    harness.print(std::cout);
    if (!options.json.empty()) {
      std::ofstream file{options.json};
      harness.print_json(file);
      if (!file.flush()) throw std::runtime_error{"cannot write " + options.json};
    }
  } catch (const std::exception& error) {
    std::cerr << "gpusim_bench: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
