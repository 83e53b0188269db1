// SPDX-License-Identifier: MIT
// Files and links that the documents name exist, and so do documents that the sources name.
#include <glob.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/docs/markdown.h"
#include "tests/docs/repository.h"
#include "tests/support/catch.h"

using namespace gpusim::test;

namespace {

[[nodiscard]] bool exists_here(const std::string& file, const std::string& path) {
  // As seen from the repository, from the document, from the folder of presets.
  const std::filesystem::path folder = (kRepository / file).parent_path();
  for (const std::filesystem::path& base : {kRepository, folder, kRepository / "configs"}) {
    glob_t found{};
    const bool some = glob((base / path).c_str(), GLOB_ERR, nullptr, &found) == 0;
    globfree(&found);
    if (some) return true;
  }
  return false;
}

/// A path of the repository, as against a path of a kernel tree or a file of a run: it begins with one of our folders,
/// or has a '/' and the extension of one of our kinds of files.
[[nodiscard]] bool looks_like_our_path(const std::string& word) {
  static const std::regex kPath{R"([A-Za-z0-9_.*-]+(/[A-Za-z0-9_.*-]+)+/?|[A-Za-z0-9_-]+/)"};
  static const std::regex kFile{R"(.*/[A-Za-z0-9_.*-]+\.(h|cpp|md|toml|wsim|cmake|txt))"};
  static const std::set<std::string> kOutputs{"build", "out", "results"};
  if (!std::regex_match(word, kPath) || word.compare(0, 2, "..") == 0) return false;
  const std::string first = word.substr(0, word.find('/'));
  if (kOutputs.count(first) == 1) return false;
  return std::filesystem::is_directory(kRepository / first) || std::regex_match(word, kFile);
}

}  // namespace

TEST_CASE("every path of the repository in the documents exists", "[docs]") {
  std::size_t seen = 0;
  for (const std::string& file : documents()) {
    for (const Code& code : code_in(file)) {
      for (const std::string& word : words_of(code.text)) {
        if (!looks_like_our_path(word)) continue;
        ++seen;
        INFO(code.where << code.text);
        CHECK(exists_here(file, word));
      }
    }
  }
  CHECK(seen >= 40);
}

TEST_CASE("every link of the documents leads somewhere, and some link leads to every document", "[docs]") {
  static const std::regex kLink{R"(\]\(([^)#]+)(#[^)]*)?\))"};
  std::set<std::string> linked;
  for (const std::string& file : documents()) {
    const std::filesystem::path folder = std::filesystem::path{file}.parent_path();
    for (const std::string& line : read_lines(kRepository / file)) {
      for (std::sregex_iterator match{line.begin(), line.end(), kLink}; match != std::sregex_iterator{}; ++match) {
        const std::string target = (*match)[1];
        if (target.find("://") != std::string::npos) continue;
        const std::string path = (folder / target).lexically_normal().generic_string();
        INFO(file << ": " << target);
        CHECK(std::filesystem::exists(kRepository / path));
        linked.insert(path);
      }
    }
  }
  for (const std::string& file : documents()) {
    if (file == "README.md" || file.find("docs/decisions/") == 0) continue;
    INFO(file);
    CHECK(linked.count(file) == 1);
  }
  CHECK(linked.count("docs/decisions/") == 1);
}

TEST_CASE("documents that the sources name exist", "[docs]") {
  static const std::regex kName{R"(docs/[A-Za-z0-9_/-]+\.md)"};
  for (const std::string& file : files_below("", {".h", ".cpp", ".def", ".toml", ".cmake", ".txt"})) {
    if (file == "tests/docs/paths_test.cpp") continue;
    for (const std::string& line : read_lines(kRepository / file)) {
      for (std::sregex_iterator match{line.begin(), line.end(), kName}; match != std::sregex_iterator{}; ++match) {
        INFO(file << ": " << line);
        CHECK(std::filesystem::exists(kRepository / match->str()));
      }
    }
  }
}

TEST_CASE("every decision says why, what and with what consequences", "[docs]") {
  // Numbers are given out when work begins: there may be gaps, and no number twice.
  std::set<std::string> numbers;
  for (const std::string& file : files_below("docs/decisions", {".md"})) {
    INFO(file);
    const std::vector<std::string> lines = read_lines(kRepository / file);
    const std::string name = std::filesystem::path{file}.filename().string();
    const std::string number = name.substr(0, 4);
    CHECK(number.find_first_not_of("0123456789") == std::string::npos);
    CHECK(name.substr(4, 1) == "-");
    CHECK(numbers.insert(number).second);
    CHECK(lines.at(0).starts_with("# " + number + " "));
    for (const std::string heading : {"## Context", "## Decision", "## Consequences"}) {
      CHECK(std::count(lines.begin(), lines.end(), heading) == 1);
    }
    CHECK(lines.size() <= 50);
  }
  CHECK(numbers.size() >= 10);
}
