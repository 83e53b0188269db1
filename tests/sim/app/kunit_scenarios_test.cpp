// SPDX-License-Identifier: MIT
// configs/kunit/: the scheduling-quality cases of the kernel's own tests (tests_scheduler.c) as scenarios, run by the
// whole machine. Their expectations are the figures of docs/drm_sched.md, which a model of the mock device alone gives.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>

#include "sim/app/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"

using namespace gpusim;
using namespace gpusim::test;
namespace fs = std::filesystem;

namespace {

const fs::path kKunit = GPUSIM_SOURCE_DIR "/configs/kunit";

/// What a scenario says in its first line that the kernel's test prints; empty: nothing.
std::string printed_in(const fs::path& file) {
  const std::string kBefore = "# Printed: ";
  std::ifstream in{file};
  std::string line;
  std::getline(in, line);
  if (!line.starts_with(kBefore)) return {};
  std::string figures = line.substr(kBefore.size());
  figures.resize(std::min(figures.size(), figures.find(". ")));  // what other policies print comes behind
  if (figures.ends_with('.')) figures.pop_back();
  return figures;
}

}  // namespace

TEST_CASE("kunit scenarios: the machine gives what the kernel's scheduling-quality cases print", "[program][check]") {
  const Ended check = run_program("check " + kKunit.string());
  CAPTURE(check.out, check.err);
  CHECK(check.code == app::kGood);
}

TEST_CASE("kunit scenarios: what each expects stands in the table of drm_sched.md", "[program][check]") {
  const std::string page = slurp(GPUSIM_SOURCE_DIR "/docs/drm_sched.md");
  std::size_t files = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator{kKunit}) {
    if (entry.path().extension() != ".toml") continue;
    CAPTURE(entry.path().string());
    const std::string printed = printed_in(entry.path());
    CHECK_FALSE(printed.empty());
    CHECK(page.find("| " + printed + " |") != std::string::npos);
    ++files;
  }
  CHECK(files == 39);
}

TEST_CASE("kunit scenarios: list has them, and a command takes one by its name", "[program]") {
  CHECK(run_program("list").out.find("\nkunit:\n") != std::string::npos);
  CHECK(run_program("check normal_and_low_1").code == app::kGood);
}
