// SPDX-License-Identifier: MIT
#include "tests/docs/sources.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>
#include <utility>

#include "tests/docs/markdown.h"
#include "tests/docs/repository.h"

namespace gpusim::test {

namespace {

const std::string kPages = "docs/reference/";
const std::string kRegistry = kPages + "README.md";
const std::regex kForeignFile{R"(\b[A-Za-z0-9_./-]*[A-Za-z0-9_]\.(c|h|rst|profile)\b)"};
const std::regex kDocument{R"(\b[A-Za-z0-9_./-]*[A-Za-z0-9_]\.md\b)"};
const std::regex kCommit{R"(\b[0-9a-f]{10,12}\b)"};

[[nodiscard]] std::vector<std::string> matches(const std::string& text, const std::regex& pattern,
                                               std::size_t group = 0) {
  std::vector<std::string> result;
  for (std::sregex_iterator match{text.begin(), text.end(), pattern}; match != std::sregex_iterator{}; ++match) {
    result.push_back((*match)[group]);
  }
  return result;
}

[[nodiscard]] std::string base_name(const std::string& path) { return std::filesystem::path{path}.filename().string(); }

/// Hexadecimal words that are numbers or English are no commits.
[[nodiscard]] std::vector<std::string> commits_in(const std::string& text) {
  std::vector<std::string> result = matches(text, kCommit);
  const auto is_none = [](const std::string& word) {
    const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
    return std::all_of(word.begin(), word.end(), is_digit) || std::none_of(word.begin(), word.end(), is_digit);
  };
  result.erase(std::remove_if(result.begin(), result.end(), is_none), result.end());
  return result;
}

void add_registry(Sources& sources) {
  bool inside = false;
  for (const std::string& line : read_lines(kRepository / kRegistry)) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() == 3 && cells[0] == "key") {
      inside = true;
    } else if (inside && cells.size() == 3 && cells[0].size() > 2 && cells[0].front() == '`') {
      sources.keys.insert(cells[0].substr(1, cells[0].size() - 2));
    }
  }
}

void add_heading(Sources& sources, const std::string& file, const std::string& line) {
  if (line.empty() || line.front() != '#') return;
  const std::size_t from = line.find_first_not_of("# ");
  if (from != std::string::npos) sources.headings[file].insert(line.substr(from));
}

/// As seen from the repository's root, from `file` and from docs/.
[[nodiscard]] std::string find_document(const Sources& known, const std::string& file, const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path{file}.parent_path();
  for (const std::filesystem::path& base : {std::filesystem::path{}, folder, std::filesystem::path{"docs"}}) {
    const std::string path = (base / name).lexically_normal().generic_string();
    if (known.headings.count(path) == 1) return path;
  }
  return {};
}

}  // namespace

Sources read_sources() {
  Sources sources;
  add_registry(sources);
  for (const std::string& file : documents()) {
    sources.headings[file];
    bool fenced = false;
    for (const std::string& line : read_lines(kRepository / file)) {
      if (is_fence(line)) fenced = !fenced;
      if (!fenced) add_heading(sources, file, line);
      if (file.compare(0, kPages.size(), kPages) != 0) continue;
      for (const std::string& name : matches(line, kForeignFile)) sources.files.insert(base_name(name));
      for (const std::string& commit : commits_in(line)) sources.commits.insert(commit);
    }
  }
  for (const std::string& file : files_below("", {".h"})) sources.files.insert(base_name(file));
  return sources;
}

std::vector<std::string> wrong_in_tag(const Sources& known, char tag, std::string_view text) {
  static const std::regex kKeys{R"(([a-z][A-Za-z0-9_.-]*(, [a-z][A-Za-z0-9_.-]*)*): .+)"};
  static const std::regex kKey{R"([^, ]+)"};
  std::vector<std::string> wrong;
  std::smatch match;
  const std::string whole{text};
  if (std::regex_match(whole, match, kKeys)) {
    for (const std::string& key : matches(match[1], kKey)) {
      if (known.keys.count(key) == 0) wrong.push_back("no such source: " + key);
    }
  } else if (std::string_view{"SDMWC"}.find(tag) != std::string_view::npos) {
    wrong.push_back("a value with tag " + std::string{tag} + " has to begin with its source: " + whole);
  }
  for (std::string& problem : wrong_in_text(known, {}, whole)) wrong.push_back(std::move(problem));
  return wrong;
}

std::vector<std::string> wrong_in_text(const Sources& known, const std::string& file, const std::string& text) {
  static const std::regex kSection{R"re(\b([A-Za-z0-9_./-]*[A-Za-z0-9_]\.md)[`)]?, "([^"]+)")re"};
  static const std::regex kVersion{R"(\bLinux (\d+\.\d+))"};
  static const std::regex kAddress{R"(https?://[^\s)>]+)"};
  std::vector<std::string> wrong;
  for (const std::string& name : matches(std::regex_replace(text, kAddress, ""), kDocument)) {
    if (find_document(known, file, name).empty()) wrong.push_back("no such document: " + name);
  }
  for (std::sregex_iterator match{text.begin(), text.end(), kSection}; match != std::sregex_iterator{}; ++match) {
    const auto document = known.headings.find(find_document(known, file, (*match)[1]));
    const bool has_it = document != known.headings.end() && document->second.count((*match)[2]) == 1;
    if (!has_it) wrong.push_back("no such section: " + match->str());
  }
  for (const std::string& name : matches(text, kForeignFile)) {
    if (known.files.count(base_name(name)) == 0) wrong.push_back("no page of docs/reference/ knows the file " + name);
  }
  for (const std::string& commit : commits_in(text)) {
    if (known.commits.count(commit) == 0) wrong.push_back("no page of docs/reference/ knows the commit " + commit);
  }
  for (const std::string& version : matches(text, kVersion, 1)) {
    if (known.keys.count("linux-" + version) == 0) wrong.push_back("no such source: linux-" + version);
  }
  return wrong;
}

std::vector<std::string> wrong_in_cell(const Sources& known, const std::string& cell) {
  static const std::regex kQuoted{"`([^`]+)`"};
  std::vector<std::string> wrong;
  const std::vector<std::string> keys = matches(cell, kQuoted, 1);
  if (keys.empty()) wrong.push_back("no source is named: " + cell);
  for (const std::string& key : keys) {
    if (known.keys.count(key) == 0) wrong.push_back("no such source: " + key);
  }
  return wrong;
}

std::vector<Block> blocks_of(const std::string& file) {
  const std::string kind = std::filesystem::path{file}.extension().string();
  const std::string mark = kind == ".md" ? "" : kind == ".h" || kind == ".cpp" || kind == ".def" ? "//" : "#";
  const std::vector<std::string> lines = read_lines(kRepository / file);
  std::vector<Block> blocks;
  bool joins = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::size_t at = lines[i].find(mark);
    // The "//" of an address is no comment.
    while (mark == "//" && at != std::string::npos && at > 0 && lines[i][at - 1] == ':')
      at = lines[i].find(mark, at + 2);
    if (at == std::string::npos) {
      joins = false;
      continue;
    }
    const std::size_t from = lines[i].find_first_not_of("/#< ", at);
    const std::string text = mark.empty() ? lines[i] : from == std::string::npos ? "" : lines[i].substr(from);
    if (joins) {
      blocks.back().text += " " + text;
    } else {
      blocks.push_back({file + ":" + std::to_string(i + 1) + ": ", text});
    }
    joins = !mark.empty();
  }
  return blocks;
}

std::vector<std::string> cells_of(const std::string& line) {
  if (line.size() < 2 || line.front() != '|' || line.back() != '|') return {};
  std::vector<std::string> cells;
  std::string cell;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] != '|' || line[i - 1] == '\\') {
      cell += line[i];
      continue;
    }
    const std::size_t from = cell.find_first_not_of(' ');
    cells.push_back(from == std::string::npos ? "" : cell.substr(from, cell.find_last_not_of(' ') - from + 1));
    cell.clear();
  }
  return cells;
}

std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_') {
      anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (c == ' ') {
      anchor += '-';
    }
  }
  return anchor;
}

}  // namespace gpusim::test
