// SPDX-License-Identifier: MIT
// What the program says about itself, and that it runs where it is installed.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/app/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"

namespace fs = std::filesystem;
using namespace std::string_literals;
using namespace gpusim;
using namespace gpusim::test;

namespace {

/// Commands in the help of the program, options in that of a command.
[[nodiscard]] std::set<std::string> names_in_help(const std::string& command) {
  std::set<std::string> names;
  std::istringstream help{run_program(command + " --help").out};
  static const std::regex kOption{R"(^  (-[^ ]*))"};
  static const std::regex kCommand{R"(^  ([a-z]+)  )"};
  bool in_commands = false;
  for (std::string line; std::getline(help, line);) {
    std::smatch found;
    if (line.ends_with(':')) in_commands = line == "Subcommands:";
    if (std::regex_search(line, found, in_commands ? kCommand : kOption)) {
      std::istringstream parts{found[1].str()};
      for (std::string name; std::getline(parts, name, ',');) names.insert(name);
    }
  }
  return names;
}

/// `line`: as it was typed, which bash cuts into `words`.
[[nodiscard]] std::string completed(const std::string& words, const std::string& line = "") {
  const Folder folder;
  spit(folder / "script", run_program("completion bash").out + "\nCOMP_WORDS=(" + words +
                              ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\nCOMP_LINE='" + line +
                              "'\nCOMP_POINT=${#COMP_LINE}\n_gpusim\n"
                              "echo \" ${COMPREPLY[*]} \"\n");
  const std::string out = (folder / "out").string();
  REQUIRE(std::system(("bash " + (folder / "script").string() + " > " + out).c_str()) == 0);
  return slurp(out);
}

[[nodiscard]] std::string without_hyphen_escapes(const std::string& text) {
  return std::regex_replace(text, std::regex{R"(\\-)"}, "-");
}

}  // namespace

TEST_CASE("help with the name of a command is the help of that command, with examples of its own", "[manners]") {
  CHECK(run_program("help").out == run_program("--help").out);
  for (const char* command : {"run", "compare", "check", "baseline", "diff", "job", "why", "explain", "explore",
                              "schema", "list", "completion", "manual"}) {
    CAPTURE(command);
    const Ended help = run_program("help "s + command);
    CHECK(help.code == app::kGood);
    CHECK(help.out == run_program(command + " --help"s).out);
    const std::size_t examples = help.out.find("Examples:\n  ");
    REQUIRE(examples != std::string::npos);
    std::istringstream lines{help.out.substr(examples + 10)};
    for (std::string line; std::getline(lines, line) && !line.empty();) {
      CHECK(line.find("gpusim "s + command) != std::string::npos);
    }
  }
}

TEST_CASE("manual page and completions have each command and each option of the help", "[manners]") {
  const std::string manual = without_hyphen_escapes(run_program("manual").out);
  const std::string bash = run_program("completion bash").out;
  const std::string zsh = run_program("completion zsh").out;
  std::set<std::string> commands = names_in_help("");
  REQUIRE(commands.count("run") == 1);
  for (const std::string& command : commands) {
    if (command.starts_with('-')) continue;
    CAPTURE(command);
    const std::string section = ".SS gpusim " + command + "\n";
    REQUIRE(manual.find(section) != std::string::npos);
    const std::size_t begin = manual.find(section) + section.size();
    const std::string page = manual.substr(begin, manual.find("\n.S", begin) - begin);
    for (const std::string& option : names_in_help(command)) {
      CAPTURE(option);
      CHECK(page.find("\\fB" + option + "\\fR") != std::string::npos);
      CHECK(bash.find(option) != std::string::npos);
      CHECK(zsh.find("'*" + option + "[") != std::string::npos);
    }
  }
}

TEST_CASE("bash completes commands, options of the command, and files", "[manners]") {
  CHECK(completed("gpusim ex").find(" explain explore ") != std::string::npos);
  CHECK(completed("gpusim run --se") == " --set --seed \n");
  CHECK(completed("gpusim -v run --tr") == " --trace --trace-picoseconds \n");
  CHECK(completed("gpusim run " GPUSIM_SOURCE_DIR "/READ") == " " GPUSIM_SOURCE_DIR "/README.md \n");
  CHECK(completed("gpusim help comp") == " compare completion \n");
  CHECK(completed("gpusim help ''").starts_with(" run compare check "));
  CHECK(completed("gpusim help ''").find('-') == std::string::npos);  // an option
  CHECK(completed("gpusim completion ''") == " bash zsh \n");
  CHECK(completed("gpusim run x.toml --format m") == " markdown \n");
  CHECK(completed("gpusim explore x.toml --format ''") == " text json \n");
  CHECK(completed("gpusim run x.toml --trace ''") == " text perfetto events vcd \n");
  CHECK(completed("gpusim compare x.toml --fail-on w") == " worse \n");
  CHECK(completed("gpusim run quicks") == " quickstart \n");
  CHECK(completed("gpusim compare e1_by") == " e1_bypass \n");
  CHECK(completed("gpusim run quickstart --set use.device=xe_g") == " use.device=xe_guc \n");
  CHECK(completed("gpusim run quickstart --set use.device = xe_g", "gpusim run quickstart --set use.device=xe_g") ==
        " xe_guc \n");  // as bash cuts words
}

TEST_CASE("zsh completes help with commands, and no files", "[manners]") {
  const std::string zsh = run_program("completion zsh").out;
  const std::size_t begin = zsh.find("    help)");
  REQUIRE(begin != std::string::npos);
  const std::string help = zsh.substr(begin, zsh.find(";;", begin) - begin);
  CHECK(help.find("(run compare check ") != std::string::npos);
  CHECK(help.find("'*:file:") == std::string::npos);
}

TEST_CASE("an installed program runs from anywhere with the presets beside it", "[manners]") {
  const Folder folder;
  const std::string prefix = (folder / "usr").string();
  // Another place than the one it was installed for, as a package has it while it is built.
  const std::string build = fs::path{GPUSIM_PROGRAM}.parent_path().parent_path().string();
  const std::string install = "cmake --install " + build + " --prefix '" + prefix + "' > /dev/null";
  REQUIRE(std::system(install.c_str()) == 0);
  const auto run = [&](const std::string& arguments) {
    const std::string out = (folder / "out").string();
    const std::string command = "cd / && '" + prefix + "/bin/gpusim' " + arguments + " > " + out + " 2>&1";
    CHECK(std::system(command.c_str()) == 0);
    return slurp(out);
  };
  CHECK(run("run quickstart --set use.device=xe_guc").find("quickstart, seed 1: finished at") == 0);
  CHECK(run("explain quickstart --set use.device=xe_guc").find(prefix + "/share/gpusim/devices/xe_guc.toml:") !=
        std::string::npos);
  CHECK(run("list") == run_program("list").out);
  CHECK(slurp(prefix + "/share/man/man1/gpusim.1") == run_program("manual").out);
  CHECK(slurp(prefix + "/share/bash-completion/completions/gpusim") == run_program("completion bash").out);
  CHECK(slurp(prefix + "/share/zsh/vendor-completions/_gpusim") == run_program("completion zsh").out);
}

TEST_CASE("list says of each file what it is", "[manners]") {
  const std::string out = run_program("list").out;
  CHECK(std::regex_search(out, std::regex{R"(\n  xe_guc\.toml +Intel GuC: messages to the firmware)"}));
  CHECK(std::regex_search(out,
                          std::regex{R"(\n  quickstart\.toml +A game, a player and a service share a small GPU\n)"}));
  CHECK(std::regex_search(out, std::regex{R"(\n  balance\.wsim +Load balancing: )"}));
  // No file is without a word.
  std::istringstream lines{out};
  for (std::string line; std::getline(lines, line);) {
    if (line.find(".toml") == std::string::npos && line.find(".wsim") == std::string::npos) continue;
    CAPTURE(line);
    CHECK(std::regex_search(line, std::regex{R"(^  [^ ]+ +[^ ])"}));
  }
}

TEST_CASE("list comes as JSON, CSV and Markdown, too", "[manners]") {
  const auto list = nlohmann::json::parse(run_program("list --format json").out);
  CHECK(list.at("schema") == "gpusim-list/1");
  const auto& scenarios = list.at("scenarios");
  const nlohmann::json quickstart{{"name", "quickstart.toml"},
                                  {"description", "A game, a player and a service share a small GPU"}};
  CHECK(std::find(scenarios.begin(), scenarios.end(), quickstart) != scenarios.end());
  CHECK(list.at("components").at(0).at("name") == "drm_dep");
  CHECK(run_program("list --format csv").out.find("\nscenarios.quickstart.toml.description,\"A game, a player and") !=
        std::string::npos);
  CHECK(run_program("list --format markdown").out.find("\n| scenarios | quickstart.toml | A game, a player and") !=
        std::string::npos);
}

TEST_CASE("JSON says its schema, and which build of gpusim made it", "[manners]") {
  for (const std::string& command :
       {std::string{"explain quickstart"}, std::string{"check " GPUSIM_SOURCE_DIR "/tests/golden/one_job.toml"},
        std::string{"job quickstart 1"}, std::string{"run quickstart"}}) {
    CAPTURE(command);
    const auto json = nlohmann::json::parse(run_program(command + " --format json").out);
    CHECK(json.at("schema").get<std::string>().starts_with("gpusim-"));
    CHECK(json.contains("build"));
  }
}

TEST_CASE("diff, job and why know the scenarios that come with the program by their names", "[inspect]") {
  CHECK(run_program_in("/", "job quickstart 5").code == app::kGood);
  CHECK(run_program_in("/", "why quickstart 5 --at 100us").code == app::kGood);
  CHECK(run_program_in("/", "diff quickstart quickstart.toml").code == app::kGood);
}
