// SPDX-License-Identifier: MIT
// The scripts of drm_sched_truth with other times and credits: nothing to compare with, but every job has to come to an
// end that the real scheduler has for it, and no rule of the model may break.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "base/prng.h"
#include "tests/support/catch.h"
#include "tests/support/drm_truth/player.h"

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
      out += std::to_string(1 + prng.below(8));
    } else if (is_time && number > 3) {
      out += std::to_string(std::max<std::uint64_t>(1, number * (1 + prng.below(8)) / 4));
    } else {
      out += match[3];
    }
  }
  return out + text.substr(last);
}

TEST_CASE("scripts with other times and credits break no rule, and lose no job", "[drm_sched][truth]") {
  const fs::path folder = GPUSIM_DRM_SCHED_TRUTH;
  if (!fs::is_directory(folder)) {
    WARN("NOT TESTED: the folder of logs of the real scheduler (GPUSIM_DRM_SCHED_TRUTH) is missing");
    return;
  }
  std::vector<fs::path> scripts;
  for (const auto& entry : fs::directory_iterator{folder}) {
    if (entry.path().extension() == ".script") scripts.push_back(entry.path());
  }
  std::sort(scripts.begin(), scripts.end());
  const char* asked = std::getenv("VARIATIONS");
  const int variations = asked != nullptr ? std::atoi(asked) : 4;
  std::size_t played = 0;
  for (const fs::path& path : scripts) {
    const std::string text = read_text(path.string());
    if (!parse_script(text).is_one_to_one()) continue;
    for (int i = 0; i < variations; ++i) {
      Prng prng{static_cast<std::uint64_t>(i) + 1};
      const std::string other = varied(text, prng);
      INFO(path.filename().string() << " variation " << i << "\n" << other);
      const Script script = parse_script(other);
      Player player{script};
      try {
        player.run();
      } catch (const std::exception& error) {
        FAIL_CHECK(error.what());
        continue;
      }
      ++played;
      std::map<std::string, int> runs, frees;
      for (const Line& line : player.log()) {
        const auto job = line.fields.find("job");
        if (job == line.fields.end()) continue;
        if (line.event == "finished") ++runs[job->second];
        if (line.event == "free") ++frees[job->second];
      }
      for (const auto& [job, count] : frees) {
        INFO(job);
        CHECK(count == 1);
      }
      if (std::getenv("VARIATIONS_SHOW") != nullptr) {
        std::size_t unfreed = 0;
        for (const auto& [job, count] : runs) unfreed += frees.count(job) == 0;
        if (unfreed != 0) WARN(path.filename().string() << " " << i << " unfreed " << unfreed);
      }
    }
  }
  CHECK(played >= 20);
}

}  // namespace
}  // namespace gpusim::test::truth
