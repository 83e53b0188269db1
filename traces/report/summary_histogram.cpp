// SPDX-License-Identifier: MIT
// Histograms in the text summary: bars of half an octave, or of a whole one if there would be too many.
#include <algorithm>
#include <bit>

#include <fmt/core.h>

#include "traces/report/summary_parts.h"

namespace gpusim::trace {
namespace {

constexpr std::size_t kMostBars = 20;
constexpr std::uint64_t kBarLength = 30;

/// With the empty ones between the first and the last.
[[nodiscard]] std::vector<Histogram::Bar> without_gaps(const std::vector<Histogram::Bar>& bars, unsigned bits) {
  std::vector<Histogram::Bar> all;
  for (const Histogram::Bar& bar : bars) {
    while (!all.empty() && all.back().high + 1 < bar.low) {
      const std::uint64_t low = all.back().high + 1;
      const auto width = static_cast<unsigned>(std::bit_width(low));
      const unsigned shift = width > bits + 1 ? width - bits - 1 : 0;
      all.push_back({low, low + ((std::uint64_t{1} << shift) - 1), 0});
    }
    all.push_back(bar);
  }
  return all;
}

[[nodiscard]] std::vector<Histogram::Bar> drawn_bars(const Histogram& histogram) {
  std::vector<Histogram::Bar> bars = without_gaps(histogram.bars(1), 1);
  return bars.size() <= kMostBars ? bars : without_gaps(histogram.bars(0), 0);
}

}  // namespace

void write_histogram(const Page& page) {
  for (const auto& [name, histogram] : page.run.histograms) {
    if (histogram->count() == 0) {
      page.line(name + ": no value");
      page.out << '\n';
      continue;
    }
    const std::vector<Histogram::Bar> bars = drawn_bars(*histogram);
    std::uint64_t most = 0;
    DurationColumn lows;
    for (const Histogram::Bar& bar : bars) {
      most = std::max(most, bar.count);
      lows.add(bar.low);
    }
    const auto texts = lows.texts();
    TextTable table{TextTable::Align::right};
    table.end_in_text();
    table.add({name, "from", "count", "share", fmt::format("(of {})", histogram->count())});
    for (std::size_t i = 0; i < bars.size(); ++i) {
      const std::uint64_t count = bars[i].count;
      auto length = static_cast<std::size_t>(divide_rounded(Wide{count} * kBarLength, most));
      if (count > 0 && length == 0) length = 1;
      table.add({"", texts[i], std::to_string(count), percent(count, histogram->count()), std::string(length, '#')});
    }
    page.table(table);
  }
}

}  // namespace gpusim::trace
