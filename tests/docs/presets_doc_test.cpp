// SPDX-License-Identifier: MIT
// Presets are data: what the machine is made of does not know that they exist.
#include <filesystem>
#include <set>
#include <string>

#include "tests/docs/repository.h"
#include "tests/support/catch.h"

using namespace gpusim::test;

TEST_CASE("no code of the machine names a device preset, of today or of former times", "[docs]") {
  std::set<std::string> names;
  for (const std::string& file : files_below("configs/devices", {".toml"})) {
    names.insert(std::filesystem::path{file}.stem().string());
  }
  REQUIRE(names.size() == 9);
  names.erase("default");
  names.erase("pvr");  // also the key of a source
  names.insert({"xe_like", "xe_guc_measured", "csf_like", "\"pvr\""});
  std::size_t seen = 0;
  for (const char* room : {"base", "core", "firmware", "host_driver", "os", "scheduler", "sim/fault", "sim/hw",
                           "sim/scenario", "sim/system", "sim/workload", "traces"}) {
    for (const std::string& file : files_below(room, {".h", ".cpp", ".def"})) {
      ++seen;
      for (const std::string& line : read_lines(kRepository / file)) {
        for (const std::string& name : names) {
          const std::size_t at = line.find(name);
          if (at == std::string::npos) continue;
          // "xe_guc_submit.c" is a file of the kernel.
          if (name == "xe_guc" && line.find("xe_guc_", at) == at) continue;
          FAIL_CHECK(file << " names " << name << ": " << line);
        }
      }
    }
  }
  CHECK(seen > 300);
}
