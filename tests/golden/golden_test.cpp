// SPDX-License-Identifier: MIT
// One trace that a person can read from end to end, byte for byte. A change here is a change of the model or the text
// format: look at the diff and say in the commit which. GPUSIM_UPDATE=1 writes the file anew.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "sim/scenario/loader.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "traces/sinks/text_sink.h"

using namespace gpusim;

TEST_CASE("the trace of two jobs is the stored one, line for line", "[golden]") {
  const std::filesystem::path folder{GPUSIM_SOURCE_DIR "/tests/golden"};
  const auto loaded = scenario::load_scenario(folder / "one_job.toml");
  REQUIRE(loaded.ok());
  system::Simulation simulation{*loaded.spec};
  std::ostringstream text;
  trace::TextSink sink{text, simulation.machine().names()};
  simulation.recorder().attach_to_all(sink);
  REQUIRE(simulation.run().outcome == system::Outcome::finished);
  sink.finish();

  const std::filesystem::path file = folder / "one_job.trace.txt";
  if (std::getenv("GPUSIM_UPDATE") != nullptr) std::ofstream{file, std::ios::binary} << text.str();
  std::istringstream actual{text.str()};
  std::ifstream stored{file, std::ios::binary};
  std::string actual_line;
  std::string stored_line;
  for (int number = 1; std::getline(stored, stored_line); ++number) {
    CAPTURE(number);
    REQUIRE(std::getline(actual, actual_line));
    REQUIRE(actual_line == stored_line);
  }
  CHECK_FALSE(std::getline(actual, actual_line));
}
