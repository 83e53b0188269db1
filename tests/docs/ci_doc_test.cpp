// SPDX-License-Identifier: MIT
// Pages that are walk-throughs: their commands, run one after the other in an empty folder, print what they say.
#include <sys/wait.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/docs/repository.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"

using namespace gpusim::test;
namespace fs = std::filesystem;

namespace {

struct Step {
  std::string command;
  std::vector<std::string> lines;  ///< that it prints; "...": something is left out
  int code = 0;
};

/// The commands of the page's console blocks, each with what follows it: a line that begins with "$ ", and the next one
/// if it ends with a backslash.
[[nodiscard]] std::vector<Step> steps_of(const std::string& page) {
  std::vector<Step> steps;
  bool inside = false;
  for (const std::string& line : read_lines(kRepository / page)) {
    if (line.starts_with("```")) {
      inside = line == "```console";
    } else if (inside && line.starts_with("$ ")) {
      steps.push_back({line.substr(2), {}, 0});
    } else if (inside && steps.back().command.ends_with('\\')) {
      steps.back().command += '\n' + line;
    } else if (inside && line.starts_with("[exit code ")) {
      steps.back().code = line.at(11) - '0';
    } else if (inside) {
      steps.back().lines.push_back(line);
    }
  }
  return steps;
}

/// Does it print these lines? What "..." stands for may be nothing.
[[nodiscard]] bool prints(const std::string& text, const std::vector<std::string>& lines) {
  std::size_t at = 0;
  bool is_left_out = false;
  for (const std::string& line : lines) {
    if (line == "...") {
      is_left_out = true;
      continue;
    }
    const std::string whole = line + "\n";
    std::size_t found = at;
    if (is_left_out) {
      while (found != std::string::npos && text.compare(found, whole.size(), whole) != 0) {
        found = text.find('\n', found);
        if (found != std::string::npos) ++found;
      }
    }
    if (found == std::string::npos || text.compare(found, whole.size(), whole) != 0) return false;
    at = found + whole.size();
    is_left_out = false;
  }
  return is_left_out || at == text.size();
}

/// Runs it in the folder, as a shell of a CI engineer does; its exit code.
[[nodiscard]] int run(const std::string& command, const fs::path& folder, std::string& text) {
  const std::string path = fs::path{GPUSIM_PROGRAM}.parent_path().string();
  const std::string whole = "cd '" + folder.string() + "' && export PATH=\"" + path +
                            ":$PATH\" GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=ci GIT_AUTHOR_EMAIL=ci "
                            "GIT_COMMITTER_NAME=ci GIT_COMMITTER_EMAIL=ci && { " +
                            command + "\n} 2>&1";
  std::FILE* pipe = popen(whole.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4'096> part{};
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe)) text.append(part.data(), size);
  const int status = pclose(pipe);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void walk_through(const std::string& page, std::size_t least) {
  const Folder folder;
  fs::create_directory_symlink(kRepository, folder / "gpusim");
  fs::create_directory(folder / "ci");
  const std::vector<Step> steps = steps_of(page);
  REQUIRE(steps.size() >= least);
  for (const Step& step : steps) {
    if (step.command.starts_with("cat ")) {  // the reader's own file
      std::ofstream file{folder / "ci" / step.command.substr(4)};
      for (const std::string& line : step.lines) file << line << '\n';
      continue;
    }
    std::string text;
    const int code = run(step.command, folder / "ci", text);
    INFO(step.command << "\nprints\n" << text);
    CHECK(code == step.code);
    CHECK(prints(text, step.lines));
  }
}

}  // namespace

TEST_CASE("the walk-through of docs/ci.md does what it says", "[docs]") { walk_through("docs/ci.md", 15); }

TEST_CASE("the walk-through of docs/developer.md does what it says", "[docs]") { walk_through("docs/developer.md", 8); }

TEST_CASE("the walk-through of docs/architect.md does what it says", "[docs]") { walk_through("docs/architect.md", 6); }
