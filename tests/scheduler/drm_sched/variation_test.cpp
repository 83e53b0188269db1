// SPDX-License-Identifier: MIT
// The scripts of drm_sched_truth with other times and credits: there is nothing to compare with, but no rule of the
// model may break, and each job finishes and is freed at most once.
#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "base/prng.h"
#include "tests/support/catch.h"
#include "tests/support/drm_truth/player.h"
#include "tests/support/real_logs.h"

namespace gpusim::test::truth {
namespace {

namespace fs = std::filesystem;

/// Each duration and moment times 0.25 to 2, each number of credits 1 to 8.
std::string varied(const std::string& text, Prng& prng) {
  static const std::regex kNumber{R"((us|_us|at|after|sleep|credits|=)([= ]?)([0-9]+)(us|ms)?)"};
  std::string out;
  std::size_t last = 0;
  for (std::sregex_iterator it{text.begin(), text.end(), kNumber}, end; it != end; ++it) {
    const std::smatch& match = *it;
    const std::string word = match[1];
    out.append(text, last, static_cast<std::size_t>(match.position(3)) - last);
    last = static_cast<std::size_t>(match.position(3) + match.length(3));
    const std::uint64_t number = std::stoull(match[3]);
    const bool is_time = match[4].matched || word == "us" || word == "_us";
    if (word == "credits") {
      out += std::to_string(prng.uniform(1, 8));
    } else if (is_time && number > 3) {
      out += std::to_string(std::max<std::uint64_t>(1, number * (prng.uniform(1, 8)) / 4));
    } else {
      out += match[3];
    }
  }
  return out + text.substr(last);
}

TEST_CASE("scripts with other times and credits break no rule, and no job ends twice", "[drm_sched][truth]") {
  const auto scripts = all_scripts();
  if (!scripts) return;
  constexpr int kVariations = 6;
  std::size_t played = 0;
  for (const fs::path& path : *scripts) {
    const std::string text = read_text(path.string());
    for (int i = 0; i < kVariations; ++i) {
      Prng prng{static_cast<std::uint64_t>(i), "variation"};
      const std::string other = varied(text, prng);
      INFO(path.filename().string() << " variation " << i << "\n" << other);
      const Script script = parse_script(other);
      Player player{script, static_cast<sched::drm::Policy>(i % 3)};
      try {
        player.run();
      } catch (const std::exception& error) {
        FAIL_CHECK(error.what());
        continue;
      }
      ++played;
      std::map<std::string, int> counts;
      for (const Line& line : player.log()) {
        if (line.event == "finished" || line.event == "free") ++counts[line.event + " " + line.job];
      }
      for (const auto& [what, count] : counts) {
        INFO(what);
        CHECK(count == 1);
      }
    }
  }
  CHECK(played >= 400);
}

}  // namespace
}  // namespace gpusim::test::truth
