// SPDX-License-Identifier: MIT
// What is wrong with plug-ins and with modules that a scenario names. That good ones are loaded is tests/plug_in/.
#include <string>
#include <vector>

#include "tests/sim/scenario/loading.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"

using namespace gpusim::scenario;
using gpusim::test::kClient;
using gpusim::test::problems;

TEST_CASE("a module that no plug-in offers is an error where it is named", "[plug_in]") {
  const std::string none = "; there is no plug-in: plug_ins or --plug-in names its file";
  CHECK(problems(kClient + "[device.engines.rcs]\nmodule = \"fast\"\n") ==
        std::vector<std::string>{"x.toml:7:10: error: device.engines.rcs.module: no plug-in offers an engine 'fast'" +
                                 none});
  CHECK(problems(kClient + "[device.memory]\nmodule = \"fast\"\n") ==
        std::vector<std::string>{"x.toml:7:10: error: device.memory.module: no plug-in offers a memory 'fast'" + none});
  CHECK(problems(kClient + "[device.link]\nmodule = \"fast\"\n") ==
        std::vector<std::string>{"x.toml:7:10: error: device.link.module: no plug-in offers a link 'fast'" + none});
  CHECK(problems(kClient + "[device.firmware]\nmodule = \"fast\"\n") ==
        std::vector<std::string>{
            "x.toml:7:10: error: device.firmware.module: no plug-in offers a firmware core 'fast'" + none});
}

TEST_CASE("a plug-in that is not there or is none is an error at its name, and the only one", "[plug_in]") {
  const gpusim::test::Folder folder;
  const std::string file = (folder / "none.so").string();
  const std::string text = "plug_ins = \"" + file + "\"\n" + kClient + "[device.memory]\nmodule = \"fast\"\n";
  const std::vector<std::string> missing = problems(text);
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].starts_with("x.toml:1:12: error: plug-in '" + file + "': "));
  gpusim::test::spit(file, "no shared object");
  const std::vector<std::string> wrong = problems(text);
  REQUIRE(wrong.size() == 1);
  CHECK(wrong[0].starts_with("x.toml:1:12: error: plug-in 'none.so' cannot be loaded: "));
}

TEST_CASE("decisions of a plug-in's firmware are refused: its records are its own", "[plug_in]") {
  const std::vector<std::string> found =
      problems(kClient + "[device.firmware]\nmodule = \"fast\"\n[trace]\ndecisions = true\n");
  REQUIRE(found.size() == 2);  // and there is no such core
  CHECK((found[0] + found[1])
            .find("trace.decisions reads the records of gpusim's own firmware, but "
                  "device.firmware.module executes another") != std::string::npos);
}

TEST_CASE("a firmware core of a plug-in may count cycles itself", "[plug_in]") {
  // The only problem is that there is no such core.
  const std::vector<std::string> found =
      problems(kClient + "[device.firmware]\nmodule = \"fast\"\ntiming = \"cycles\"\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("device.firmware.module") != std::string::npos);
}
