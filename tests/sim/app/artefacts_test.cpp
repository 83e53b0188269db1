// SPDX-License-Identifier: MIT
// Files say which build made them of what, and depend on nothing else: equal runs give equal bytes.
#include <filesystem>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/app/build_info.h"
#include "sim/app/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/configs.h"
#include "tests/support/program.h"

namespace fs = std::filesystem;
using namespace gpusim;
using namespace gpusim::test;

namespace {

[[nodiscard]] std::map<std::string, std::string> files_in(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator{folder})
    files[entry.path().filename().string()] = slurp(entry.path());
  return files;
}

}  // namespace

TEST_CASE("the version names compiler and build type", "[artefacts]") {
  const BuildInfo& build = app::build_info();
  const Ended run = run_program("--version");
  CHECK(run.code == app::kGood);
  CHECK(run.out == build.text() + "\n");
  CHECK(build.version.starts_with("0.1.0"));
  CHECK_FALSE(build.compiler.empty());
  CHECK_FALSE(build.build_type.empty());
}

TEST_CASE("every file says which build made it, of which scenario and seed, with which hash", "[artefacts]") {
  const Folder folder;
  const std::string version = app::build_info().version;
  const std::string text = app::build_info().text();
  REQUIRE(run_program("run " + kQuickstart + " -q --trace text,perfetto,events --out " + folder.text()).code ==
          app::kGood);
  const auto summary = nlohmann::json::parse(slurp(folder / "summary.json"));
  const std::string hash = summary.at("trace_hash");
  CHECK(summary.at("build").at("version") == version);
  CHECK(slurp(folder / "resolved.toml").starts_with("# " + text + "\n# quickstart.toml with all that it uses"));
  const std::string trace = slurp(folder / "trace.txt");
  CHECK(trace.find("# " + text + "; scenario quickstart, seed 1\n") != std::string::npos);
  CHECK(trace.find("\n# trace hash " + hash + ", ") != std::string::npos);
  const std::string perfetto = slurp(folder / "trace.pftrace");
  CHECK(perfetto.find(text + "; scenario quickstart, seed 1; ") != std::string::npos);
  CHECK(perfetto.find("; trace hash " + hash + ", ") != std::string::npos);
  CHECK(slurp(folder / "resolved.toml").ends_with("\n# This run: seed 1, trace hash " + hash + "\n"));
  const std::string events = slurp(folder / "trace.events");
  CHECK(events.starts_with("# gpusim-events/1\nbuild " + text + "\ntitle quickstart, seed 1\n"));
  CHECK(events.ends_with(" " + hash + "\n"));

  REQUIRE(run_program("compare " + kQuickstart + " --variant a --out " + folder.text()).code == app::kGood);
  const auto comparison = nlohmann::json::parse(slurp(folder / "compare.json"));
  CHECK(comparison.at("build").at("version") == version);
  CHECK(comparison.at("tables")[0].at("conditions")[0].at("variants")[0].at("trace_hashes")[0] == hash);

  const std::string explored = kConfigs + "/explore/queues.toml";
  REQUIRE(run_program("explore " + explored + " --replay 3 --out " + folder.text()).code == app::kGood);
  CHECK(slurp(folder / "schedule.txt").starts_with("# " + text + "\n# gpusim explore queues.toml\n"));

  REQUIRE(run_program("baseline " + kQuickstart + " --file " + (folder / "b.json").string()).code == app::kGood);
  CHECK(slurp(folder / "b.json").find("\"gpusim\": \"" + text + "\"") != std::string::npos);

  (void)run_program("check " + kQuickstart + " --junit " + (folder / "junit.xml").string());
  const std::string junit = slurp(folder / "junit.xml");
  CHECK(junit.find("<property name=\"version\" value=\"" + version + "\"") != std::string::npos);
  CHECK(junit.find("<property name=\"trace_hash\" value=\"" + hash + "\"") != std::string::npos);
}

TEST_CASE("equal runs from different folders leave equal bytes", "[artefacts]") {
  const Folder one;
  const Folder two;
  for (const Folder* folder : {&one, &two}) {
    fs::create_directories(*folder / "in");
    fs::copy_file(kQuickstart, *folder / "in" / "q.toml");
    spit(*folder / "in" / "w.wsim", "S.1.1\n1.RCS.100.0.1\n");  // its note names the file
  }
  // One is started where the scenario is, the other elsewhere.
  for (const std::string& rest : {std::string{"q.toml"}, std::string{"w.wsim"}}) {
    const std::string options = " --trace text,perfetto --seed 3 --timing ";
    const Ended a = run_program_in((one / "in").string(), "run " + rest + options + "--out ../" + rest + ".out");
    const Ended b = run_program_in(
        "/", "run " + (two / "in" / rest).string() + options + "--out " + (two / (rest + ".out")).string());
    REQUIRE(a.code == app::kGood);
    REQUIRE(b.code == app::kGood);
    CHECK(without_command(a.out) == without_command(b.out));
    CHECK(a.err.starts_with("simulated "));
    CHECK(files_in(one / (rest + ".out")).size() == 4);
    CHECK(files_in(one / (rest + ".out")) == files_in(two / (rest + ".out")));
  }
}
