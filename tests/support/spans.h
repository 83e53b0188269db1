// SPDX-License-Identifier: MIT
// Sets of moments as lists of half-open intervals, in order and apart from each other, with the operations that one
// would write on paper. For checks; nothing here is fast.
#pragma once

#include <algorithm>
#include <vector>

#include "base/time.h"

namespace gpusim::test {

struct Span {
  SimTime begin{};
  SimTime end{};
};
using Spans = std::vector<Span>;

/// Puts intervals in order and joins those that touch; empty ones vanish.
[[nodiscard]] inline Spans tidy(Spans spans) {
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  Spans result;
  for (const Span& span : spans) {
    if (span.begin >= span.end) continue;
    if (!result.empty() && span.begin <= result.back().end) {
      result.back().end = std::max(result.back().end, span.end);
    } else {
      result.push_back(span);
    }
  }
  return result;
}

[[nodiscard]] inline Spans unite(Spans a, const Spans& b) {
  a.insert(a.end(), b.begin(), b.end());
  return tidy(std::move(a));
}

[[nodiscard]] inline Spans intersect(const Spans& a, const Spans& b) {
  Spans result;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    result.push_back({std::max(x->begin, y->begin), std::min(x->end, y->end)});
    x->end < y->end ? ++x : ++y;
  }
  return tidy(result);
}

[[nodiscard]] inline Spans subtract(const Spans& a, const Spans& b) {
  Spans result;
  for (const Span& x : a) {
    SimTime from = x.begin;
    for (const Span& y : b) {
      if (y.end <= from) continue;
      if (y.begin >= x.end) break;
      result.push_back({from, y.begin});
      from = y.end;
    }
    result.push_back({from, x.end});
  }
  return tidy(result);
}

[[nodiscard]] inline Picoseconds length(const Spans& spans) {
  Picoseconds sum{0};
  for (const Span& span : spans) sum += span.end - span.begin;
  return sum;
}

}  // namespace gpusim::test
