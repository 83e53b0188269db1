// SPDX-License-Identifier: MIT
// configs/reports/: public reports about scheduling by firmware as scenarios, one as it was and one as it should be.
// Their expectations hold the figures of docs/reports.md.
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "sim/app/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"

using namespace gpusim;
using namespace gpusim::test;
namespace fs = std::filesystem;

namespace {

const fs::path kReports = GPUSIM_SOURCE_DIR "/configs/reports";
const std::string kHead = "\n[expect]\n";

/// The report's name of each scenario that ends so.
std::set<std::string> names_with(const std::string& end) {
  std::set<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator{kReports}) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(end)) names.insert(name.substr(0, name.size() - end.size()));
  }
  return names;
}

/// The machine of one scenario with the expectations of another.
std::string judged_by(const std::string& machine, const std::string& expectations) {
  return machine.substr(0, machine.find(kHead)) + expectations.substr(expectations.find(kHead));
}

}  // namespace

TEST_CASE("reports: what was reported comes about as it was, and not any more where it is mended", "[program][check]") {
  const Ended check = run_program("check " + kReports.string());
  CAPTURE(check.out, check.err);
  CHECK(check.code == app::kGood);
}

TEST_CASE("reports: neither of the two of a report gives what the other one expects", "[program][check]") {
  const std::set<std::string> names = names_with("_broken.toml");
  CHECK(names.size() >= 12);
  CHECK(names == names_with("_mended.toml"));
  const Folder folder;
  for (const std::string& name : names) {
    CAPTURE(name);
    const std::string broken = slurp(kReports / (name + "_broken.toml"));
    const std::string mended = slurp(kReports / (name + "_mended.toml"));
    REQUIRE(broken.find(kHead) != std::string::npos);
    REQUIRE(mended.find(kHead) != std::string::npos);
    spit(folder / "a.toml", judged_by(broken, mended));
    spit(folder / "b.toml", judged_by(mended, broken));
    CHECK(run_program("check " + (folder / "a.toml").string()).code == app::kExpectationFailed);
    CHECK(run_program("check " + (folder / "b.toml").string()).code == app::kExpectationFailed);
  }
}

TEST_CASE("reports: list has them, and a command takes one by its name", "[program]") {
  CHECK(run_program("list").out.find("\nreports:\n") != std::string::npos);
  CHECK(run_program("check xdna_1083_broken").code == app::kGood);
  CHECK(run_program("run xdna_1083_mended -q").code == app::kGood);
}
