// SPDX-License-Identifier: MIT
#include "tests/support/drm_truth/log.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>

namespace gpusim::test::truth {
namespace {

std::set<std::string> word_set(std::string_view text) {
  std::istringstream in{std::string{text}};
  std::set<std::string> words;
  for (std::string word; in >> word;) words.insert(word);
  return words;
}

/// What a log of this kind leaves out.
bool is_left_out(const Line& line, std::string_view kind, const std::set<std::string>& ran) {
  if (kind == "min") return word_set("run done advance msg client_end").count(line.event) == 0;
  if (kind != "short") return false;
  for (const std::string_view prefix : {"wake_", "exec_", "tdr_", "hw_"}) {
    if (std::string_view{line.event}.substr(0, prefix.size()) == prefix) return true;
  }
  const bool fence = line.event == "sched_fence" || line.event == "finished";
  return line.event == "add_dep" || (fence && ran.count(line.job) != 0);
}

Log chosen(const Log& log, std::string_view kind, const std::set<std::string>& events) {
  std::set<std::string> ran;
  for (const Line& line : log) {
    if (line.event == "run") ran.insert(line.job);
  }
  Log result;
  for (const Line& line : log) {
    const auto queued = line.fields.find("q");  // q=0: it was queued already
    if (queued != line.fields.end() && queued->second == "0") continue;
    if (events.count(line.event) != 0 && !is_left_out(line, kind, ran)) result.push_back(line);
  }
  return result;
}

bool agree(const Line& reference, const Line& mine) {
  if (reference.time != mine.time || reference.event != mine.event) return false;
  if (mine.job != "*" && (reference.entity != mine.entity || reference.job != mine.job)) return false;
  for (const auto& [key, value] : mine.fields) {
    const auto found = reference.fields.find(key);
    if (found == reference.fields.end() || found->second != value) return false;
  }
  return true;
}

}  // namespace

std::string Line::text() const {
  std::string text = std::to_string(time) + " " + event + " " + entity + " " + job;
  for (const auto& [key, value] : fields) text += " " + key + "=" + value;
  return text;
}

Log parse_log(std::string_view text) {
  Log log;
  std::istringstream in{std::string{text}};
  for (std::string row; std::getline(in, row);) {
    if (row.empty() || row.front() == '#') continue;
    std::istringstream words{row};
    Line line;
    words >> line.time >> line.event >> line.entity >> line.job;
    for (std::string word; words >> word;) {
      const std::size_t equal = word.find('=');
      if (equal != std::string::npos) line.fields[word.substr(0, equal)] = word.substr(equal + 1);
    }
    log.push_back(std::move(line));
  }
  return log;
}

std::string lines_of(const Log& log, std::string_view events) {
  const std::set<std::string> wanted = word_set(events);
  std::string text;
  for (const Line& line : log) {
    if (wanted.count(line.event) == 0) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(line.time) + " " + line.event + " " + line.job;
  }
  return text;
}

std::string read_text(const std::string& path) {
  const bool packed = path.size() > 3 && path.substr(path.size() - 3) == ".gz";
  if (!packed) {
    std::ifstream in{path};
    if (!in) throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  const std::string command = "gzip -dc '" + path + "'";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe{popen(command.c_str(), "r"), &pclose};
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string text;
  std::array<char, 65536> block{};
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), pipe.get())) {
    text.append(block.data(), count);
  }
  if (text.empty()) throw std::runtime_error("cannot unpack " + path);
  return text;
}

std::string compare(const Log& reference, const Log& mine, std::string_view kind, std::string_view events) {
  const std::set<std::string> wanted = word_set(events);
  const Log a = chosen(reference, kind, wanted);
  const Log b = chosen(mine, kind, wanted);
  for (std::size_t i = 0; i < a.size() || i < b.size(); ++i) {
    if (i < a.size() && i < b.size() && agree(a[i], b[i])) continue;
    std::string text = "differ at line " + std::to_string(i) + " of " + std::to_string(a.size()) + "/" +
                       std::to_string(b.size()) + "\n";
    for (std::size_t j = i < 3 ? 0 : i - 3; j < i + 3; ++j) {
      text += "  reference " + (j < a.size() ? a[j].text() : "-") + "\n";
      text += "       mine " + (j < b.size() ? b[j].text() : "-") + "\n";
    }
    return text;
  }
  return {};
}

}  // namespace gpusim::test::truth
