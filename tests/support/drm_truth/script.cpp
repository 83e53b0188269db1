// SPDX-License-Identifier: MIT
#include "tests/support/drm_truth/script.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>

namespace gpusim::test::truth {
namespace {

constexpr std::array<std::string_view, 4> kPriorities{"KERNEL", "HIGH", "NORMAL", "LOW"};

/// A decimal number times `unit`, exactly.
Picoseconds scaled(std::string_view digits, std::int64_t unit) {
  std::int64_t value = 0;
  std::int64_t scale = unit;
  bool fraction = false;
  for (const char c : digits) {
    if (c == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (c < '0' || c > '9') throw std::runtime_error("not a number: " + std::string{digits});
    if (fraction) {
      scale /= 10;
      value += (c - '0') * scale;
    } else {
      value = value * 10 + (c - '0') * unit;
    }
  }
  return Picoseconds{value};
}

Phrase parse_phrase(std::string_view text) {
  Phrase phrase;
  std::istringstream in{std::string{text}};
  for (std::string token; in >> token;) {
    const std::size_t equal = token.find('=');
    if (equal == std::string::npos) {
      phrase.words.push_back(token);
    } else {
      phrase.options[token.substr(0, equal)] = token.substr(equal + 1);
    }
  }
  return phrase;
}

std::vector<Phrase> parse_commands(std::string_view text) {
  std::vector<Phrase> commands;
  for (const std::string& part : split(text, ';')) {
    Phrase phrase = parse_phrase(part);
    if (!phrase.words.empty()) commands.push_back(std::move(phrase));
  }
  return commands;
}

/// Takes the first word off.
std::string take_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t end = std::min(text.find(' ', begin), text.size());
  std::string word{text.substr(begin, end - begin)};
  text.remove_prefix(end);
  return word;
}

void parse_line(Script& script, std::string_view line) {
  std::string_view rest = line;
  const std::string first = take_word(rest);
  if (first.empty()) return;
  if (first == "at") {
    Thread thread;
    thread.at = parse_time(take_word(rest));
    thread.commands = parse_commands(rest);
    script.threads.push_back(std::move(thread));
  } else if (first == "on") {
    Thread thread;
    thread.event = take_word(rest);
    thread.job = take_word(rest);
    if (take_word(rest) != "do") throw std::runtime_error("no 'do'");
    thread.commands = parse_commands(rest);
    script.threads.push_back(std::move(thread));
  } else if (first == "client") {
    Phrase phrase = parse_phrase(line);
    Thread thread;
    thread.at = phrase.time("start").value_or(Picoseconds{0});
    thread.commands.push_back(std::move(phrase));
    script.threads.push_back(std::move(thread));
  } else {
    Phrase phrase = parse_phrase(line);
    if (first == "model") {
      script.model = std::move(phrase);
    } else if (first == "wq") {
      script.workqueues.push_back(std::move(phrase));
    } else if (first == "sched") {
      script.schedulers.push_back(std::move(phrase));
    } else if (first == "entity") {
      script.entities.push_back(std::move(phrase));
    } else if (first == "fence") {
      script.fences.push_back(std::move(phrase));
    } else {
      throw std::runtime_error("unknown statement");
    }
  }
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

Picoseconds parse_time(std::string_view text) {
  const std::size_t unit_at = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view unit = text.substr(unit_at);
  const std::string_view digits = text.substr(0, unit_at);
  if (digits.empty()) throw std::runtime_error("not a time: " + std::string{text});
  if (unit.empty() || unit == "ns") return scaled(digits, ns(1).count());
  if (unit == "us") return scaled(digits, us(1).count());
  if (unit == "ms") return scaled(digits, ms(1).count());
  if (unit == "s") return scaled(digits, ms(1000).count());
  throw std::runtime_error("not a time: " + std::string{text});
}

const std::string& Phrase::word(std::size_t index) const {
  if (index >= words.size()) throw std::runtime_error("'" + words.front() + "' lacks an operand");
  return words[index];
}

bool Phrase::has(const std::string& flag) const {
  return std::find(words.begin() + 1, words.end(), flag) != words.end() || options.contains(flag);
}

std::string Phrase::text(const std::string& key, const std::string& fallback) const {
  const auto found = options.find(key);
  return found == options.end() ? fallback : found->second;
}

std::int64_t Phrase::number(const std::string& key, std::int64_t fallback) const {
  const auto found = options.find(key);
  return found == options.end() || found->second == "max" ? fallback : std::stoll(found->second);
}

std::optional<Picoseconds> Phrase::microseconds(const std::string& key) const {
  const auto found = options.find(key);
  if (found == options.end() || found->second == "max") return std::nullopt;
  return scaled(found->second, us(1).count());
}

std::optional<Picoseconds> Phrase::time(const std::string& key) const {
  const auto found = options.find(key);
  if (found == options.end()) return std::nullopt;
  return parse_time(found->second);
}

Script parse_script(std::string_view text) {
  Script script;
  std::size_t number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    try {
      parse_line(script, std::string_view{line}.substr(0, line.find('#')));
    } catch (const std::exception& error) {
      throw std::runtime_error("line " + std::to_string(number) + ": " + error.what() + ": " + line);
    }
  }
  return script;
}

sched::drm::Priority parse_priority(const std::string& name) {
  const auto* const found = std::find(kPriorities.begin(), kPriorities.end(), name);
  if (found == kPriorities.end()) throw std::runtime_error("no priority " + name);
  return static_cast<sched::drm::Priority>(found - kPriorities.begin());
}

std::string priority_name(sched::drm::Priority priority) {
  return std::string{kPriorities.at(static_cast<std::size_t>(priority))};
}

}  // namespace gpusim::test::truth
