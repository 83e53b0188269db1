// SPDX-License-Identifier: MIT
// README, CONTRIBUTING and docs/ as pieces of code: what stands in backticks, and the lines of fenced blocks.
#pragma once

#include <cstddef>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/docs/repository.h"

namespace gpusim::test {

/// A piece of code in a document: what stands in backticks, or a line of a fenced block.
struct Code {
  std::string where;
  std::string text;
  bool fenced = false;
};

/// A cell of a table: no bar may end it early.
[[nodiscard]] inline std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c;
  }
  return result;
}

[[nodiscard]] inline std::vector<std::string> documents() {
  std::vector<std::string> files = files_below("docs", {".md"});
  files.insert(files.begin(), {"README.md", "CONTRIBUTING.md"});
  return files;
}

[[nodiscard]] inline bool is_fence(const std::string& line) { return line.compare(0, 3, "```") == 0; }

[[nodiscard]] inline std::vector<Code> code_in(const std::string& file) {
  std::vector<Code> result;
  bool fenced = false;
  const std::vector<std::string> lines = read_lines(kRepository / file);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string where = file + ":" + std::to_string(i + 1) + ": ";
    if (is_fence(lines[i])) {
      fenced = !fenced;
    } else if (fenced) {
      result.push_back({where, lines[i], true});
    } else {
      std::size_t open = lines[i].find('`');
      while (open != std::string::npos) {
        const std::size_t close = lines[i].find('`', open + 1);
        if (close == std::string::npos) break;
        result.push_back({where, lines[i].substr(open + 1, close - open - 1)});
        open = lines[i].find('`', close + 1);
      }
    }
  }
  return result;
}

[[nodiscard]] inline std::vector<Code> code_in_documents() {
  std::vector<Code> result;
  for (const std::string& file : documents()) {
    for (Code& code : code_in(file)) result.push_back(std::move(code));
  }
  return result;
}

/// Words of a command line up to a comment.
[[nodiscard]] inline std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in{text};
  for (std::string word; in >> word && word.front() != '#';) words.push_back(word);
  return words;
}

}  // namespace gpusim::test
