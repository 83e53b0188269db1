// SPDX-License-Identifier: MIT
// Every committed scenario, preset and workload loads; what a scenario resolves to is a scenario that says the same.
#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "sim/scenario/loader.h"
#include "sim/scenario/parameter_table.h"
#include "tests/sim/scenario/loading.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::scenario;
using test::good;
using test::good_text;
using test::kClient;
using test::kConfigs;
namespace fs = std::filesystem;

namespace {

[[nodiscard]] std::vector<fs::path> files_in(const std::string& folder, const std::string& extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator{fs::path{kConfigs} / folder}) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Everything about the parameters but where they stand.
[[nodiscard]] std::string without_origins(const Resolved& resolved) {
  std::ostringstream text;
  const auto add = [&text](const ResolvedParameter& row) {
    if (row.section == "use") return;
    text << row.path << " = " << row.toml.key << " " << row.toml.value << " = " << row.value << ' ' << row.tag << ' '
         << row.source << ' ' << (row.cause ? trace::to_string(*row.cause) : "") << '\n';
  };
  for (const ResolvedParameter& row : resolved.machine) add(row);
  for (const auto& client : resolved.clients) {
    for (const ResolvedParameter& row : client) add(row);
  }
  return text.str();
}

}  // namespace

TEST_CASE("every committed scenario loads, and so does what it resolves to", "[scenario]") {
  const std::vector<fs::path> files = files_in("scenarios", ".toml");
  CHECK(files.size() >= 8);
  for (const fs::path& file : files) {
    INFO(file);
    const LoadResult result = good(load_scenario(file));
    CHECK_FALSE(result.spec->description.empty());
    std::ostringstream resolved;
    write_resolved_toml(resolved, result.resolved);
    const LoadResult again = good(load_scenario_text(resolved.str(), "resolved.toml", {.config_dir = {}}));
    CHECK(without_origins(again.resolved) == without_origins(result.resolved));
    CHECK(again.spec->clients.size() == result.spec->clients.size());
    std::ostringstream twice;
    write_resolved_toml(twice, again.resolved);
    const auto body = [](const std::string& text) { return text.substr(text.find("\nname")); };
    CHECK(body(twice.str()) == body(resolved.str()));
  }
}

TEST_CASE("texts survive the round trip whatever they hold", "[scenario]") {
  const LoadResult result = good_text("description = \"a \\\"quoted\\\" \\\\ line\\nand \\u0001 \u00e4\"\n" + kClient);
  std::ostringstream resolved;
  write_resolved_toml(resolved, result.resolved);
  CHECK(good(load_scenario_text(resolved.str(), "r.toml")).spec->description == result.spec->description);
}

TEST_CASE("every committed preset loads", "[scenario]") {
  for (const std::string section : {"device", "driver", "host"}) {
    const std::vector<fs::path> files = files_in(section + "s", ".toml");
    CHECK(files.size() >= 2);
    for (const fs::path& file : files) {
      INFO(file);
      const bool has_render = file.stem() != "ivpu_hws";
      const bool is_for_jobqueue = file.stem() == "tyr_like";
      const LoadOptions options{.sets = {"use." + section + "=" + file.stem().string(),
                                         has_render ? "client.c.engine=rcs" : "client.c.engine=ccs",
                                         is_for_jobqueue ? "scheduler.component=jobqueue" : "seed=1"}};
      (void)good_text(kClient, options);
    }
  }
}

TEST_CASE("every workload runs as a scenario of its own, on the device that has all engines", "[scenario]") {
  const std::vector<fs::path> files = files_in("workloads", ".wsim");
  CHECK_FALSE(files.empty());
  for (const fs::path& file : files) {
    INFO(file);
    const LoadResult result = good(load_wsim_as_scenario(
        file, {.sets = {"use.device=xe_guc", "client." + file.stem().string() + ".clones=2"}, .config_dir = kConfigs}));
    CHECK(result.spec->name == file.stem().string());
    CHECK(result.spec->clients.at(0).clones == 2);
  }
  const LoadResult noted = good(load_wsim_as_scenario(kConfigs + "/workloads/accepted-not-modelled.wsim"));
  CHECK(noted.spec->notices.size() == 3);
  CHECK(load_wsim_as_scenario("none.wsim").problems.at(0).to_string() == "none.wsim: error: there is no such file");
}
