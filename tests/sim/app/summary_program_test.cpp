// SPDX-License-Identifier: MIT
// What run, compare and explain print, in each form, at each width.
#include <algorithm>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/app/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/configs.h"
#include "tests/support/program.h"
#include "tests/support/text.h"

namespace fs = std::filesystem;
using namespace gpusim;
using namespace gpusim::test;

namespace {

const std::string kSlots = GPUSIM_SOURCE_DIR "/configs/scenarios/slots.toml";

/// Code points of the longest line.
[[nodiscard]] std::ptrdiff_t width_of(const std::string& text) {
  std::istringstream in{text};
  std::ptrdiff_t most = 0;
  for (std::string line; std::getline(in, line);) {
    most = std::max(most, std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  }
  return most;
}

/// One client of low priority behind one that leaves it nothing.
void write_starving(const fs::path& path) {
  spit(path,
       "stop.after_ms = 30\n"
       "[[client]]\nname = \"greedy\"\nworkload = \"loop\"\nengine = \"rcs\"\npriority = 0\nwork_us = 900\n"
       "cycles = 1000\nmax_in_flight = 4\n"
       "[[client]]\nname = \"starved\"\nworkload = \"loop\"\nengine = \"rcs\"\npriority = 2\nwork_us = 900\ncycles = "
       "10\n"
       "start_ms = 5\n");
}

}  // namespace

TEST_CASE("a summary fits the width that was asked for, and is the same in a pipe as before", "[program]") {
  for (const std::string& what : {"run " + kQuickstart + " --all", "run " + kSlots, "explain " + kQuickstart,
                                  "compare " + kQuickstart + " --variant a --variant b:host.cpus=2 --seeds 2"}) {
    CAPTURE(what);
    const Ended narrow = run_program(what + " --width 72");
    CHECK(narrow.code == app::kGood);
    CHECK(width_of(narrow.out) <= 72);
    CHECK(width_of(run_program(what).out) > 72);
  }
  CHECK(run_program("run " + kQuickstart + " --width 20").code == app::kBadInput);
}

TEST_CASE("the JSON on stdout is the file summary.json, and the CSV has its figures", "[program]") {
  const Folder folder;
  const Ended run = run_program("run " + kQuickstart + " --format json --trace text --out " + folder.text());
  CHECK(run.code == app::kGood);
  CHECK(run.out == slurp(folder / "summary.json"));
  const auto summary = nlohmann::json::parse(run.out);
  const Ended csv = run_program("run " + kQuickstart + " --format csv");
  CHECK(csv.out.rfind("figure,value\nschema,gpusim-summary/1\nbuild.version,", 0) == 0);
  CHECK(has(csv.out, "\nscenario,quickstart\n"));
  const auto p99 = summary.at("clients").at(0).at("latency_ps").at("p99").get<std::uint64_t>();
  CHECK(p99 == 712145623);
  CHECK(has(csv.out, "\nclients.game.latency_ps.p99,712145623\n"));
  CHECK(has(run_program("run " + kQuickstart + " --format markdown").out, "\n| client | jobs | failed |"));
  CHECK(run_program("run " + kQuickstart + " --format xml").code == app::kBadInput);
}

TEST_CASE("a comparison has the same forms", "[program]") {
  const Folder folder;
  const std::string what = "compare " + kQuickstart + " --variant a --variant b:host.cpus=2";
  const Ended as_json = run_program(what + " --format json --out " + folder.text());
  CHECK(as_json.out == slurp(folder / "compare.json"));
  CHECK(has(run_program(what + " --format csv").out, "figure,value\nschema,gpusim-comparison/1\n"));
  const std::string markdown = run_program(what + " --format markdown").out;
  CHECK(markdown == run_program(what + " --markdown").out);
  CHECK(has(markdown, "| a | c88c24773da5dc55 | - |\n| b | "));  // as the run of "a" says of itself
  const std::string both = run_program("compare " + kQuickstart + " --variant a --seeds 2 --set host.cpus=3").out;
  CHECK_FALSE(has(both, "c88c24773da5dc55"));
  CHECK(has(both, "  host.cpus=3\n"));
  CHECK(has(run_program("run " + kQuickstart + " --seed 1 --set 'name=\"a b\"'").out,
            "quickstart.toml --set 'name=\"a b\"' --seed 1\n"));
}

TEST_CASE("a starved client has its lines, its causes and its fairness", "[program]") {
  const Folder folder;
  write_starving(folder / "starving.toml");
  const Ended run =
      run_program("run " + (folder / "starving.toml").string() + " --color always --set client.starved.priority=2");
  CHECK(run.code == app::kGood);
  CHECK(has(run.out, "\nstarved     0       0"));
  CHECK(has(run.out, "waits for"));
  CHECK(has(run.out, "\nstarved.jobs"));  // among the slowest
  CHECK(has(run.out, "\033[31mno\033[0m"));
  CHECK(has(run.out, "note: client starved has not finished a job"));
  const Ended even = run_program("run " + (folder / "starving.toml").string() + " --set client.starved.priority=0");
  CHECK(has(even.out, "fairness: "));
  CHECK_FALSE(has(even.out, "\033"));
  CHECK_FALSE(has(run.out, "fairness: "));  // of two priorities, neither is owed anything
}

TEST_CASE("histograms are shown by name, and a name that is none is refused before the run", "[program]") {
  const Ended run =
      run_program("run " + kQuickstart + " --histogram client.game.latency --histogram ioctl_to_doorbell");
  CHECK(has(run.out, "\nclient.game.latency        from  count  share  (of 12)\n"));
  CHECK(has(run.out, "\nioctl_to_doorbell "));
  CHECK_FALSE(has(run_program("run " + kQuickstart).out, "from  count"));
  const Ended bad = run_program("run " + kQuickstart + " --histogram client.gme.latency");
  CHECK(bad.code == app::kBadInput);
  CHECK(has(bad.err,
            "--histogram: error: there is no histogram 'client.gme.latency'; did you mean 'client.game.latency'?"));
  CHECK(bad.out.empty());
}

TEST_CASE("explain shows what was asked for, by names that can be given to --set", "[program]") {
  const Ended all = run_program("explain " + kQuickstart + " --format json");
  const auto rows = nlohmann::json::parse(all.out).at("parameters");
  CHECK(rows.size() > 100);
  const Ended estimates = run_program("explain " + kQuickstart + " --tag E --format json");
  const auto estimated = nlohmann::json::parse(estimates.out).at("parameters");
  for (const auto& row : estimated) CHECK(row.at("tag") == "E");
  const Ended changed = run_program("explain " + kQuickstart + " --changed --set host.cpus=3");
  CHECK(has(changed.out, "\nhost.cpus "));
  CHECK_FALSE(has(changed.out, " default "));
  CHECK(run_program("explain " + kQuickstart + " --tag X").code == app::kBadInput);
  // Each of the machine's goes back in as it came out.
  std::string sets;
  std::size_t given = 0;
  for (const auto& row : rows) {
    const auto name = row.at("name").get<std::string>();
    const auto value = row.at("toml").get<std::string>();
    if (name.rfind("device.", 0) != 0 && name.rfind("driver.", 0) != 0) continue;
    if (value == "\"\"") continue;
    sets += " --set '" + name + "=" + value + "'";
    ++given;
  }
  CHECK(given > 50);
  const Ended again = run_program("run " + kQuickstart + sets);
  CHECK(again.err.empty());
  CHECK(has(again.out, "trace c88c24773da5dc55, "));
}
