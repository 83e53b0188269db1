// SPDX-License-Identifier: MIT
#include "tests/mutants/museum.h"

#include <algorithm>

namespace gpusim::test {
namespace {

using enum Mutation;

// clang-format off
#define PLANTED(...) {{__VA_ARGS__}}, {}
#define ABSENT(why) {}, why
#define EXHIBIT(wing, number, what, mended, sources, ...) Exhibit{Wing::wing, number, what, mended, sources, __VA_ARGS__},
#define TRANSPLANT(...)
constexpr std::array kExhibits{
#include "tests/mutants/museum.def"
};

#define EXHIBIT(...)
#define TRANSPLANT(...) Transplant{__VA_ARGS__},
constexpr std::array kTransplants{
#include "tests/mutants/museum.def"
};
// clang-format on

}  // namespace

std::span<const Exhibit> exhibits() { return kExhibits; }
std::span<const Transplant> transplants() { return kTransplants; }

std::vector<Mutation> shown_bugs() {
  std::vector<Mutation> shown;
  const auto add = [&](Mutation mutation) {
    if (std::find(shown.begin(), shown.end(), mutation) == shown.end()) shown.push_back(mutation);
  };
  for (const Exhibit& exhibit : exhibits()) {
    for (const std::optional<Mutation>& planted : exhibit.planted) {
      if (planted) add(*planted);
    }
  }
  for (const Transplant& transplant : transplants()) add(transplant.planted);
  return shown;
}

}  // namespace gpusim::test
