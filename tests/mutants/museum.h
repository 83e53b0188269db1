// SPDX-License-Identifier: MIT
// The rows of museum.def: bugs of others, shown as planted bugs.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "tests/mutants/bugs.h"

namespace gpusim::test {

enum class Wing : std::uint8_t { drm_sched, drivers, jobqueue };

struct Exhibit {
  Wing wing;
  std::string_view number;
  std::string_view what;     ///< was wrong
  std::string_view mended;   ///< commits, a version, or that it is open
  std::string_view sources;  ///< keys of the registry, with commas
  std::array<std::optional<Mutation>, 2> planted;
  std::string_view absent;  ///< why no planted bug shows it; empty: one does
};

/// A mistake of an exhibit, made in drm_dep.
struct Transplant {
  std::string_view number;  ///< of the exhibits
  std::string_view what;
  Mutation planted;
  std::string_view rule;  ///< Rule::text, that forgives or forbids it; empty: none does
};

[[nodiscard]] std::span<const Exhibit> exhibits();
[[nodiscard]] std::span<const Transplant> transplants();
/// Of all rows, each once, in the table's order.
[[nodiscard]] std::vector<Mutation> shown_bugs();

}  // namespace gpusim::test
