// SPDX-License-Identifier: MIT
#include "sim/app/csv.h"

#include <nlohmann/json.hpp>

namespace gpusim::app {
namespace {

using Json = nlohmann::ordered_json;

[[nodiscard]] std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

[[nodiscard]] std::string name_of(const Json& element, std::size_t number) {
  const bool has_name = element.is_object() && element.contains("name") && element["name"].is_string();
  return has_name ? element["name"].get<std::string>() : std::to_string(number);
}

void write(std::ostream& out, const std::string& path, const Json& value) {
  const auto below = [&path](const std::string& name) { return path.empty() ? name : path + "." + name; };
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      if (key != "histogram") write(out, below(key), member);
    }
  } else if (value.is_array()) {
    std::size_t number = 0;
    for (const Json& element : value) {
      write(out, below(name_of(element, number)), element);
      ++number;
    }
  } else {
    const std::string text = value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
    out << quoted(path) << ',' << quoted(text) << '\n';
  }
}

}  // namespace

void write_csv(std::ostream& out, const std::string& json) {
  out << "figure,value\n";
  write(out, "", Json::parse(json));
}

}  // namespace gpusim::app
