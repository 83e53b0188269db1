// SPDX-License-Identifier: MIT
#include "sim/scenario/document.h"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include <fmt/core.h>

#include "sim/scenario/key_depth.h"

namespace gpusim::scenario {

namespace {

class Converter {
 public:
  explicit Converter(const std::string& file) : file_{file} {}

  [[nodiscard]] Node convert(const toml::node& from) const {
    Node node;
    node.place = place(from.source());
    if (const auto* boolean = from.as_boolean()) {
      node.kind = Node::Kind::boolean;
      node.integer = boolean->get() ? 1 : 0;
    } else if (const auto* integer = from.as_integer()) {
      node.kind = Node::Kind::integer;
      node.integer = integer->get();
    } else if (const auto* string = from.as_string()) {
      node.kind = Node::Kind::text;
      node.text = string->get();
    } else if (const auto* array = from.as_array()) {
      node.kind = Node::Kind::list;
      for (const toml::node& element : *array) node.list.push_back(convert(element));
    } else if (const auto* table = from.as_table()) {
      node.kind = Node::Kind::table;
      for (const auto& [key, value] : *table) {
        node.table.push_back({std::string{key.str()}, place(key.source()), convert(value)});
      }
      std::sort(node.table.begin(), node.table.end(), [](const Entry& a, const Entry& b) {
        return std::pair{a.place.line, a.place.column} < std::pair{b.place.line, b.place.column};
      });
    } else {
      std::ostringstream words;
      if (const auto* number = from.as_floating_point()) {
        words << "floating-point number " << *number;
      } else {
        words << "date or time";
      }
      node.text = words.str();
    }
    return node;
  }

  [[nodiscard]] Place place(const toml::source_region& region) const {
    return {file_, region.begin.line, region.begin.column};
  }

 private:
  const std::string& file_;
};

// The tree, or the first syntax error.
struct Parsed {
  std::optional<Node> tree;
  Problem problem;
};

[[nodiscard]] Parsed parse(std::string_view text, const std::string& file) {
  const Converter converter{file};
  if (const std::optional<TextPlace> deep = too_deep_key(text)) {
    return {std::nullopt,
            {{file, deep->line, deep->column}, fmt::format("a key has at most {} parts", kMostKeyParts), {}}};
  }
  try {
    return {converter.convert(toml::parse(text)), {}};
  } catch (const toml::parse_error& error) {
    return {std::nullopt, {converter.place(error.source()), std::string{error.description()}, {}}};
  }
}

[[nodiscard]] bool is_bare_word(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (text.empty()) return false;
  if (!is_letter(text.front()) && text.front() != '.' && text.front() != '/') return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '/' || c == '-';
  });
}

void set_line(Node& node, std::uint32_t line) {
  node.place.line = line;
  for (Node& element : node.list) set_line(element, line);
  for (Entry& entry : node.table) {
    entry.place.line = line;
    set_line(entry.value, line);
  }
}

}  // namespace

const Entry* Node::find(std::string_view key) const {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == table.end() ? nullptr : &*found;
}

/// A few numbers are shown as they are: it may be one of them that is wrong.
[[nodiscard]] static std::optional<std::string> short_text(const std::vector<Node>& list) {
  constexpr std::size_t kMost = 4;
  std::string text;
  for (const Node& node : list) {
    if (node.kind != Node::Kind::integer || list.size() > kMost) return std::nullopt;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", node.integer);
  }
  return "[" + text + "]";
}
[[nodiscard]] static std::optional<std::string> short_text(const std::vector<Entry>& table) {
  constexpr std::size_t kMost = 12;
  std::string text;
  for (const Entry& entry : table) {
    if (entry.value.kind != Node::Kind::integer || table.size() > kMost) return std::nullopt;
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", entry.key, entry.value.integer);
  }
  return text.empty() ? "{}" : "{ " + text + " }";
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::boolean:
      return node.integer != 0 ? "true" : "false";
    case Node::Kind::integer:
      return std::to_string(node.integer);
    case Node::Kind::text:
      return fmt::format("string '{}'", node.text);
    case Node::Kind::list:
      return short_text(node.list).value_or("an array");
    case Node::Kind::table:
      return short_text(node.table).value_or("a table");
    case Node::Kind::other:
      break;
  }
  return node.text;
}

std::optional<Node> parse_document(std::string_view text, const std::string& file, std::vector<Problem>& problems) {
  Parsed parsed = parse(text, file);
  if (!parsed.tree) problems.push_back(std::move(parsed.problem));
  return std::move(parsed.tree);
}

std::optional<Node> parse_override(std::string_view text, std::uint32_t number, std::vector<Problem>& problems) {
  const std::string file = "--set";
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    problems.push_back({{file, number, 1}, fmt::format("'{}' is not of the form key=value", text), {}});
    return std::nullopt;
  }
  Parsed parsed = parse(text, file);
  const std::string_view value = text.substr(equals + 1);
  if (!parsed.tree && is_bare_word(value)) {
    parsed = parse(fmt::format("{}\"{}\"", text.substr(0, equals + 1), value), file);
  }
  if (!parsed.tree) {
    parsed.problem.place.line = number;
    problems.push_back(std::move(parsed.problem));
    return std::nullopt;
  }
  set_line(*parsed.tree, number);
  return std::move(parsed.tree);
}

}  // namespace gpusim::scenario
