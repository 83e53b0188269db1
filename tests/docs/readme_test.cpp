// SPDX-License-Identifier: MIT
// What the README and docs/ say that one can call exists: verbs of ./dev, commands and options of the program; and the
// README shows what its first command prints.
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdio>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/docs/markdown.h"
#include "tests/docs/repository.h"
#include "tests/support/catch.h"

using namespace gpusim::test;

namespace {

struct Output {
  std::string text;
  int code = 0;
};

/// Runs the program in the repository, as a reader of the README does.
[[nodiscard]] Output run_from_readme(const std::string& arguments) {
  const std::string command = "cd '" + kRepository.string() + "' && '" GPUSIM_PROGRAM "' " + arguments + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Output output;
  std::array<char, 4'096> part{};
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe)) output.text.append(part.data(), size);
  const int status = pclose(pipe);
  output.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return output;
}

/// The words that stand first on the lines below "Subcommands:".
[[nodiscard]] std::set<std::string> subcommands() {
  std::set<std::string> result;
  std::istringstream help{run_from_readme("--help").text};
  bool inside = false;
  for (std::string line; std::getline(help, line);) {
    if (line == "Subcommands:") {
      inside = true;
    } else if (line.empty()) {
      inside = false;
    } else if (inside) {
      result.insert(words_of(line).at(0));
    }
  }
  return result;
}

/// Options by subcommand; "" has those of the program itself.
[[nodiscard]] std::map<std::string, std::set<std::string>> options() {
  std::map<std::string, std::set<std::string>> result;
  std::set<std::string> commands = subcommands();
  commands.insert("");
  for (const std::string& command : commands) {
    std::istringstream help{run_from_readme(command + " --help").text};
    for (std::string line; std::getline(help, line);) {
      if (line.compare(0, 3, "  -") != 0) continue;
      std::string names = words_of(line).at(0);
      std::replace(names.begin(), names.end(), ',', ' ');
      for (const std::string& name : words_of(names)) result[command].insert(name);
    }
  }
  return result;
}

/// The verbs of the dev script's last `case`, and those of them that it hands to the program.
struct DevVerbs {
  std::set<std::string> all;
  std::set<std::string> of_program;
  std::set<std::string> presets;
};

[[nodiscard]] DevVerbs dev_verbs() {
  DevVerbs result;
  bool inside = false;
  for (const std::string& line : read_lines(kRepository / "dev")) {
    if (line.compare(0, 9, "presets=\"") == 0) {
      for (const std::string& preset : words_of(line.substr(9, line.size() - 10))) result.presets.insert(preset);
    }
    if (line == "case $command in") {
      inside = true;
      continue;
    }
    const std::size_t bracket = line.find(')');
    if (!inside || bracket == std::string::npos) continue;
    std::string patterns = line.substr(0, bracket);
    std::replace(patterns.begin(), patterns.end(), '|', ' ');
    for (const std::string& verb : words_of(patterns)) {
      result.all.insert(verb);
      if (line.find("program \"$command\"") != std::string::npos) result.of_program.insert(verb);
    }
  }
  return result;
}

/// A call of the program in a piece of code: its command, and all words after it.
struct Call {
  std::string command;
  std::vector<std::string> arguments;
};

[[nodiscard]] std::vector<Call> calls_in(const Code& code, const DevVerbs& verbs) {
  std::vector<Call> result;
  const std::vector<std::string> words = words_of(code.text);
  static const std::regex kProgram{R"((.*bin/)?gpusim)"};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const bool is_program = i == 0 && std::regex_match(words[i], kProgram);
    const bool is_dev = words[i] == "./dev" && verbs.of_program.count(words[i + 1]) == 1;
    if (is_program || is_dev) result.push_back({words[i + 1], {words.begin() + static_cast<long>(i) + 2, words.end()}});
  }
  return result;
}

}  // namespace

TEST_CASE("every ./dev VERB of the documents is one of the script's", "[docs]") {
  const DevVerbs verbs = dev_verbs();
  REQUIRE(verbs.all.count("test") == 1);
  REQUIRE(verbs.of_program.count("run") == 1);
  REQUIRE(verbs.presets.count("release") == 1);
  std::size_t seen = 0;
  for (const Code& code : code_in_documents()) {
    const std::vector<std::string> words = words_of(code.text);
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (words[i] != "./dev") continue;
      ++seen;
      INFO(code.where << code.text);
      CHECK(verbs.all.count(words[i + 1]) == 1);
      const bool takes_preset = words[i + 1] == "test" || words[i + 1] == "build";
      if (takes_preset && i + 2 < words.size() && std::isalpha(static_cast<unsigned char>(words[i + 2].front())) != 0) {
        CHECK((words[i + 2] == "PRESET" || verbs.presets.count(words[i + 2]) == 1));
      }
    }
  }
  CHECK(seen >= 5);
}

TEST_CASE("every command and option of the program in the documents is in its help", "[docs]") {
  const DevVerbs verbs = dev_verbs();
  const std::map<std::string, std::set<std::string>> known = options();
  REQUIRE(known.count("run") == 1);
  REQUIRE(known.at("run").count("--seed") == 1);
  std::size_t seen = 0;
  for (const Code& code : code_in_documents()) {
    INFO(code.where << code.text);
    for (const Call& call : calls_in(code, verbs)) {
      ++seen;
      const std::string command = call.command.front() == '-' ? "" : call.command;
      if (command.empty()) CHECK(known.at("").count(call.command) == 1);
      if (known.count(command) == 0) {
        FAIL_CHECK("the program has no command '" << command << "'");
        continue;
      }
      for (const std::string& word : call.arguments) {
        if (word.front() == '-' && word.size() > 1) CHECK(known.at(command).count(word) == 1);
      }
    }
    // An option by itself belongs to some command; docs/benchmarks.md speaks of those of the benchmark program.
    if (code.where.find("benchmarks.md") == std::string::npos && !code.fenced && code.text.compare(0, 2, "--") == 0) {
      ++seen;
      const std::string option = words_of(code.text).at(0);
      const auto has_it = [&](const auto& entry) { return entry.second.count(option) == 1; };
      CHECK(std::any_of(known.begin(), known.end(), has_it));
    }
  }
  CHECK(seen >= 10);
}

TEST_CASE("the README shows what its first command prints", "[docs]") {
  const std::string command = "run configs/scenarios/quickstart.toml";
  bool told = false;
  std::vector<std::string> shown;
  for (const Code& code : code_in("README.md")) {
    if (!code.fenced) continue;
    told = told || code.text.find("./dev " + command) != std::string::npos;
    if (code.text.find("quickstart, seed") == 0 || !shown.empty()) shown.push_back(code.text);
    if (code.text.find("trace ") == 0) break;
  }
  REQUIRE(told);
  REQUIRE(shown.size() > 5);
  const Output output = run_from_readme(command);
  CHECK(output.code == 0);
  const std::string lines = "\n" + output.text;
  std::size_t at = 0;
  INFO("now it prints:\n" << output.text);
  for (const std::string& line : shown) {
    if (line == "...") continue;  // something is left out
    INFO("line of the README: " << line);
    const std::size_t found = lines.find("\n" + line + "\n", at);
    CHECK(found != std::string::npos);
    if (found != std::string::npos) at = found + line.size();
  }
}
