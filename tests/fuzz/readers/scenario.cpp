// SPDX-License-Identifier: MIT
// A scenario file: whatever is accepted can be written out in full, and that says the same.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>

#include "sim/scenario/explain.h"
#include "sim/scenario/loader.h"

using namespace gpusim::scenario;

namespace {

[[nodiscard]] std::string resolved_text(const LoadResult& loaded) {
  std::ostringstream text;
  write_resolved_toml(text, loaded.resolved);
  const std::string all = text.str();
  std::size_t begin = 0;  // the first lines say where it is from
  while (begin < all.size() && all[begin] == '#') begin = all.find('\n', begin) + 1;
  return all.substr(begin);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (text.find("file") != std::string_view::npos) return 0;  // would read other files
  const LoadResult loaded = load_scenario_text(text, "fuzz.toml");
  if (!loaded.ok()) {
    if (loaded.problems.empty()) std::abort();
    return 0;
  }
  std::ostringstream table;
  write_explain(table, loaded.resolved);
  const std::string once = resolved_text(loaded);
  const LoadResult again = load_scenario_text("#\n" + once, "resolved.toml");
  if (!again.ok() || resolved_text(again) != once) std::abort();
  return 0;
}
