// SPDX-License-Identifier: MIT
#include "sim/experiment/json_document.h"

#include <algorithm>

#include <fmt/core.h>

namespace gpusim::experiment {

using scenario::Place;
using scenario::Problem;

Place place_in(std::string_view text, const std::filesystem::path& file, std::size_t byte) {
  const std::string_view before = text.substr(0, byte);
  const std::size_t line_break = before.rfind('\n');
  const std::size_t line_begin = line_break == std::string_view::npos ? 0 : line_break + 1;
  return {file.generic_string(), static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1),
          static_cast<std::uint32_t>(before.size() - line_begin + 1)};
}

std::optional<nlohmann::json> parse_json(std::string_view text, const std::filesystem::path& file,
                                         std::string_view schema, std::vector<Problem>& problems) {
  const Place whole{file.generic_string(), 0, 0};
  nlohmann::json document;
  try {
    document = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t byte = error.byte == 0 ? 0 : error.byte - 1;  // the library counts from 1
    problems.push_back({place_in(text, file, byte), fmt::format("this is no JSON that gpusim wrote ({})", schema), {}});
    return std::nullopt;
  }
  const nlohmann::json* said = member(document, "schema");
  if (said != nullptr && said->is_string() && said->get_ref<const std::string&>() == schema) return document;
  const std::string other = said == nullptr ? "it has no \"schema\"" : "its schema is " + said->dump();
  problems.push_back({whole, fmt::format("{} is needed, and {}", schema, other), {}});
  return std::nullopt;
}

const nlohmann::json* member(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace gpusim::experiment
