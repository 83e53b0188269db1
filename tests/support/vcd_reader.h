// SPDX-License-Identifier: MIT
// Reads back what the VCD sink writes, by an own reader. What a strict one would dislike is an exception: a time that
// does not grow, a value without a time, of an unknown code or too wide for its signal, scopes that do not close.
#pragma once

#include <cstdint>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace gpusim::test {

struct VcdFile {
  struct Signal {
    std::uint32_t width = 0;
    std::vector<std::pair<std::int64_t, std::uint64_t>> values;  ///< from when it is worth what; ps
  };
  std::string version;
  std::string timescale;
  std::map<std::string, Signal> signals;        ///< by full name, without the device's
  std::map<std::uint64_t, std::string> queues;  ///< by number
  std::vector<std::int64_t> times;              ///< all, as written
  std::string last_comment;
};

class VcdReader {
 public:
  [[nodiscard]] static VcdFile read(const std::string& text) {
    VcdReader reader{text};
    reader.read_all();
    return std::move(reader.file_);
  }

 private:
  explicit VcdReader(const std::string& text) : words_{text} {}

  [[noreturn]] static void fail(const std::string& why) { throw std::runtime_error{"vcd: " + why}; }
  [[nodiscard]] std::string word() {
    std::string text;
    if (!(words_ >> text)) fail("cut off");
    return text;
  }
  [[nodiscard]] std::vector<std::string> to_end() {
    std::vector<std::string> all;
    for (std::string next = word(); next != "$end"; next = word()) all.push_back(next);
    return all;
  }
  [[nodiscard]] static std::string joined(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& each : all) text += (text.empty() ? "" : " ") + each;
    return text;
  }

  void read_all() {
    std::string next;
    while (words_ >> next) {
      if (next[0] == '$') {
        read_section(next);
      } else if (next[0] == '#') {
        read_time(std::stoll(next.substr(1)));
      } else {
        read_value(next);
      }
    }
    if (!is_defined_ || is_dumping_) fail("it ends too early");
  }
  void read_section(const std::string& keyword) {
    if (keyword == "$dumpvars") {
      is_dumping_ = true;
      return;
    }
    if (keyword == "$end") {
      if (!is_dumping_) fail("a lone $end");
      is_dumping_ = false;
      return;
    }
    const std::vector<std::string> all = to_end();
    if (keyword == "$comment") return read_comment(all);
    if (is_defined_) fail(keyword + " behind the definitions");
    if (keyword == "$version") file_.version = joined(all);
    if (keyword == "$timescale") file_.timescale = joined(all);
    if (keyword == "$date") fail("a date");
    if (keyword == "$scope") scopes_.push_back(all.at(1));
    if (keyword == "$upscope") {
      if (scopes_.empty()) fail("a scope too many is closed");
      scopes_.pop_back();
    }
    if (keyword == "$var") define(all);
    if (keyword == "$enddefinitions") {
      if (!scopes_.empty()) fail("a scope is open");
      is_defined_ = true;
    }
  }
  void read_comment(const std::vector<std::string>& all) {
    file_.last_comment = joined(all);
    if (all.size() == 4 && all[0] == "queue" && all[2] == "is") file_.queues[std::stoull(all[1])] = all[3];
  }
  void define(const std::vector<std::string>& all) {
    if (all.size() != 4 || all[0] != "wire" || scopes_.empty()) fail("bad $var " + joined(all));
    std::string name;
    for (std::size_t i = 1; i < scopes_.size(); ++i) name += scopes_[i] + '.';
    name += all[3];
    if (file_.signals.contains(name) || codes_.contains(all[2])) fail("twice: " + name);
    file_.signals[name].width = static_cast<std::uint32_t>(std::stoul(all[1]));
    codes_[all[2]] = name;
  }
  void read_time(std::int64_t time) {
    if (!is_defined_) fail("a time in the definitions");
    if (!file_.times.empty() && time <= file_.times.back()) fail("time does not grow");
    file_.times.push_back(time);
  }
  void read_value(const std::string& first) {
    if (file_.times.empty()) fail("a value before any time");
    const bool is_vector = first[0] == 'b';
    const std::string bits = is_vector ? first.substr(1) : first.substr(0, 1);
    const std::string code = is_vector ? word() : first.substr(1);
    const auto found = codes_.find(code);
    if (found == codes_.end()) fail("unknown code " + code);
    VcdFile::Signal& signal = file_.signals[found->second];
    if (bits.empty() || bits.size() > signal.width || bits.find_first_not_of("01") != std::string::npos) {
      fail("bad value " + first + " of " + found->second);
    }
    if (is_vector != (signal.width > 1)) fail("a value of the wrong form of " + found->second);
    if (is_dumping_ != signal.values.empty()) fail("$dumpvars has each signal once: " + found->second);
    const std::uint64_t value = std::stoull(bits, nullptr, 2);
    if (!signal.values.empty() && signal.values.back().second == value) fail("no change of " + found->second);
    signal.values.emplace_back(file_.times.back(), value);
  }

  std::istringstream words_;
  VcdFile file_;
  std::vector<std::string> scopes_;
  std::map<std::string, std::string> codes_;  // full name by code
  bool is_defined_ = false;
  bool is_dumping_ = false;
};

}  // namespace gpusim::test
