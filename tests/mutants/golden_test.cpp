// SPDX-License-Identifier: MIT
// The sources in which bugs are planted do what the models do, as long as no bug is on.
#include <fstream>
#include <string>

#include "base/hash.h"
#include "sim/scenario/loader.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"

using namespace gpusim;

TEST_CASE("with no bug on, the models with planted bugs give the stored hashes", "[mutation]") {
  std::ifstream file{GPUSIM_SOURCE_DIR "/tests/golden/hashes.txt"};
  std::size_t compared = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::string name = line.substr(0, line.find(' '));
    CAPTURE(name);
    const auto loaded = scenario::load_scenario(GPUSIM_SOURCE_DIR "/configs/scenarios/" + name + ".toml");
    REQUIRE(loaded.ok());
    system::Simulation simulation{*loaded.spec};
    CHECK(simulation.run().outcome == system::Outcome::finished);
    const trace::Recorder& recorder = simulation.recorder();
    CHECK(name + ' ' + hash_text(recorder.hash()) + ' ' + std::to_string(recorder.count()) == line);
    ++compared;
  }
  CHECK(compared >= 12);
}
