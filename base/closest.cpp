// SPDX-License-Identifier: MIT
#include "base/closest.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gpusim {
namespace {

[[nodiscard]] constexpr char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

[[nodiscard]] std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return upper(c); });
  return result;
}

// Edits from a to b: a letter added, removed or replaced, or two neighbours swapped.
[[nodiscard]] std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> edits(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        edits[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = edits[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      edits[i][j] = std::min({replaced, edits[i - 1][j] + 1, edits[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        edits[i][j] = std::min(edits[i][j], edits[i - 2][j - 2] + 1);
    }
  return edits[a.size()][b.size()];
}

[[nodiscard]] bool goes_on(const std::string& word, std::string_view candidate) {
  constexpr std::string_view between = "_.-";
  constexpr std::size_t enough = 4;
  if (word.empty() || candidate.size() <= word.size() || upper(candidate.substr(0, word.size())) != word) return false;
  return word.size() >= enough || between.find(candidate[word.size()]) != std::string_view::npos;
}

}  // namespace

std::string closest(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr std::size_t longest = 64;  // nothing longer can be near
  if (word.size() > longest) return {};
  const std::string wanted = upper(word);
  std::size_t best = std::min<std::size_t>(3, word.size());
  std::string_view answer;
  for (const std::string_view candidate : candidates) {
    const std::size_t longer = std::max(candidate.size(), word.size()) - std::min(candidate.size(), word.size());
    if (longer >= best) continue;
    const std::size_t here = distance(wanted, upper(candidate));
    if (here < best) {
      best = here;
      answer = candidate;
    }
  }
  if (!answer.empty()) return std::string(answer);
  for (const std::string_view candidate : candidates) {
    if (goes_on(wanted, candidate) && (answer.empty() || candidate.size() < answer.size())) answer = candidate;
  }
  return std::string(answer);
}

}  // namespace gpusim
