// SPDX-License-Identifier: MIT
#include "sim/app/former_results.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <string_view>
#include <system_error>

namespace gpusim::app {

namespace {

namespace fs = std::filesystem;

/// A file that gpusim writes into --out.
struct Kind {
  std::string_view begin;  // of its name
  std::string_view end;
  std::string_view mark;  // stands near its begin
};

constexpr std::array kKinds{
    Kind{"summary", ".json", "\"schema\": \"gpusim-"},
    Kind{"compare", ".json", "\"schema\": \"gpusim-"},
    Kind{"resolved", ".toml", "loads as it stands"},
    Kind{"trace", ".txt", "# tracer: gpusim"},
    Kind{"trace", ".events", "# gpusim-events/"},
    Kind{"trace", ".pftrace", "1 trace ns = "},
    Kind{"trace", ".vcd", "$version gpusim "},
    Kind{"schedule", ".txt", "# gpusim"},
    Kind{"seed-", ".schedule", "# gpusim"},
};

constexpr std::string_view kPart = ".part";

[[nodiscard]] bool is_named(const Kind& kind, std::string_view name) {
  if (!name.starts_with(kind.begin) || !name.ends_with(kind.end)) return false;
  const std::string_view middle = name.substr(kind.begin.size(), name.size() - kind.begin.size() - kind.end.size());
  return kind.begin.ends_with('-')
             ? !middle.empty() && std::all_of(middle.begin(), middle.end(), [](char c) { return c >= '0' && c <= '9'; })
             : middle.empty();
}

[[nodiscard]] bool is_ours(const fs::path& path, std::string_view name) {
  const std::string text = beginning_of(path);
  return std::any_of(kKinds.begin(), kKinds.end(), [&](const Kind& kind) {
    return is_named(kind, name) && text.find(kind.mark) != std::string::npos;
  });
}

}  // namespace

std::string beginning_of(const fs::path& path) {
  constexpr std::size_t kMost = 8'192;
  std::string text(kMost, '\0');
  std::ifstream file{path, std::ios::binary};
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

FormerResults former_results(const fs::path& folder) {
  FormerResults results;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder, none}) {
    std::string name = entry.path().filename().string();
    const bool is_part = name.ends_with(kPart);  // of a run that was killed
    if (is_part) name.resize(name.size() - kPart.size());
    if (std::none_of(kKinds.begin(), kKinds.end(), [&](const Kind& kind) { return is_named(kind, name); })) continue;
    const bool is_file = entry.is_regular_file(none) && !entry.is_symlink(none);
    // Of a part nothing may have been written out yet; and nothing is lost with an empty file.
    if (is_file && (is_ours(entry.path(), name) || entry.file_size(none) == 0)) {
      results.ours.push_back(entry.path());
    } else {
      results.foreign = entry.path();
    }
  }
  std::sort(results.ours.begin(), results.ours.end());
  return results;
}

}  // namespace gpusim::app
