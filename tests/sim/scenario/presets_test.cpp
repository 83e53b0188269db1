// SPDX-License-Identifier: MIT
// Presets: each is valid, says how well it knows its values and where from, and is found by its former names.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/scenario/loading.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"

using namespace gpusim;
using namespace gpusim::scenario;
using namespace gpusim::test;

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

[[nodiscard]] std::vector<fs::path> presets_of(const std::string& kind) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator{fs::path{kConfigs} / kind}) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// A client on whatever engine the device has.
[[nodiscard]] LoadResult with_device(const std::string& name) {
  const std::string engine = name == "ivpu_hws" ? "ccs" : "rcs";
  return good_text("use.device = \"" + name + "\"\n[[client]]\nname = \"c\"\nworkload = \"loop\"\nwork_us = 10\n" +
                   "engine = \"" + engine + "\"\n");
}

/// What a run is about: all values but the names of presets.
[[nodiscard]] std::map<std::string, std::string> values_of(const LoadResult& result) {
  std::map<std::string, std::string> values;
  for (const ResolvedParameter& row : result.resolved.machine) {
    if (row.section != "use") values[row.path] = row.value;
  }
  return values;
}

}  // namespace

TEST_CASE("there are device presets for eight devices, each with a driver preset, and no value is without a tag",
          "[presets]") {
  // Key, value, tag: no other line stands below a table of values.
  static const std::regex kValue{R"re([a-z_]+ = \{ v = [^,]+, tag = "[SDMWCE]", src = "[^"]+" \})re"};
  static const std::regex kDriver{R"re(driver = "([a-z_]+)")re"};
  std::set<std::string> names;
  for (const fs::path& file : presets_of("devices")) {
    if (file.stem() == "default") continue;
    CAPTURE(file.string());
    names.insert(file.stem().string());
    std::ifstream in{file};
    std::size_t values = 0;
    bool has_values = false;
    std::string driver;
    std::string head;
    for (std::string line; std::getline(in, line);) {
      if (std::smatch match; std::regex_match(line, match, kDriver)) {
        driver = match[1];
      } else if (line.starts_with('[')) {
        has_values = line != "[use]";
      } else if (line.starts_with('#')) {
        head += line;
      } else if (has_values && !line.empty()) {
        CHECK(std::regex_match(line, kValue));
        ++values;
      }
    }
    CHECK(values >= 10);
    CHECK(head.find("# Not here: ") != std::string::npos);  // what of the device the model does not have
    CHECK(fs::exists(fs::path{kConfigs} / "drivers" / (driver + ".toml")));
    CHECK(with_device(file.stem().string()).spec->notices.empty());
  }
  CHECK(names ==
        std::set<std::string>{"amd_hws", "amd_mes", "ivpu_hws", "mali_csf", "nv_host", "nv_tegra", "pvr", "xe_guc"});
}

TEST_CASE("a preset is found by a former name, with a note, and says the same", "[presets]") {
  for (const auto& [former, name] : std::map<std::string, std::string>{
           {"xe_like", "xe_guc"}, {"xe_guc_measured", "xe_guc"}, {"csf_like", "mali_csf"}}) {
    CAPTURE(former);
    const LoadResult result = with_device(former);
    CHECK(result.spec->notices == Lines{"use.device = " + former + " is a former name of " + name});
    CHECK(values_of(result) == values_of(with_device(name)));
    CHECK(values_of(result) != values_of(with_device("default")));
  }
  CHECK(problems("use.device = \"xe_lik\"\n" + kClient)[0].find("there is no device preset 'xe_lik'") !=
        std::string::npos);
}

TEST_CASE("who has a preset of a former name beside the scenario keeps it, and one's own may have former names, too",
          "[presets]") {
  const Folder folder;
  const auto device = [&](const std::string& name, const std::string& text) {
    spit(folder / ("x/devices/" + name + ".toml"), text);
  };
  const auto loaded = [&](const std::string& name) {
    return good(load_scenario_text("use.device = \"" + name + "\"\n" + kClient, folder / "x/scenarios/a.toml",
                                   {.config_dir = kConfigs}));
  };
  fs::create_directories(folder / "x/devices");
  device("csf_like", "[device]\nslots = 3\n");
  CHECK(loaded("csf_like").spec->notices.empty());
  CHECK(loaded("csf_like").spec->device.descriptor.slots == 3);
  device("mine", "former_names = \"first second\"\n[device]\nslots = 4\n");
  CHECK(loaded("second").spec->notices == Lines{"use.device = second is a former name of mine"});
  CHECK(loaded("second").spec->device.descriptor.slots == 4);
  // A neighbour that hides the preset by its name of today.
  device("xe_guc", "former_names = \"xe_like\"\n[device]\nslots = 5\n");
  CHECK(loaded("xe_like").spec->notices ==
        Lines{"use.device = xe_like is a former name of xe_guc",
              "use.device = xe_guc is ../devices/xe_guc.toml beside the scenario, not the program's own, which says "
              "something else"});
  device("bad", "former_names = [\"other\"]\n[device]\nslots = 4\n");
  const LoadResult bad = load_scenario_text("use.device = \"bad\"\n" + kClient, folder / "x/scenarios/a.toml", {});
  REQUIRE(bad.problems.size() == 1);
  CHECK(bad.problems[0].to_string().ends_with("bad.toml:1:16: error: former_names must be a string, not an array"));
}
