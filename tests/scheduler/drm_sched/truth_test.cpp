// SPDX-License-Identifier: MIT
// drm_sched against event logs of the real scheduler of Linux 6.18 (the folder drm_sched_truth beside the repository;
// its README says how they were made): every line of every case under each policy, to the nanosecond.
#include <array>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/drm_truth/player.h"
#include "tests/support/real_logs.h"

namespace gpusim::test::truth {
namespace {

namespace fs = std::filesystem;

// What README 5 wants exact.
constexpr const char* kMustMatch = "enq run done free finished dep_wait dep_wake timeout";
// And each step of each worker, in its order. (tdr_arm, tdr_cancel, tdr_fire and msg are not in our trace.)
constexpr const char* kAll =
    "run done free finished dep_wait dep_wake timeout queue add_dep sched_fence timeout_ret wake_run wake_free "
    "wake_tdr "
    "wake_kill exec_run exec_free exec_tdr exec_kill hw_start hw_signal hw_drop hw_reset advance skip cancel "
    "ext_signal "
    "flush_begin flush_end kill_begin kill_end efini_begin fini_begin fini_end stop stop_end start start_end resubmit "
    "pause unpause fault tdr_imm karma check echeck score woken client_end cycle loop_end setprio modify";

constexpr std::array<std::pair<sched::drm::Policy, const char*>, 3> kPolicies{
    {{sched::drm::Policy::rr, "rr"}, {sched::drm::Policy::fifo, "fifo"}, {sched::drm::Policy::fair, "fair"}}};

std::string kind_of(const std::string& reference) {
  const std::size_t at = reference.find("log=");
  return at == std::string::npos ? "full" : reference.substr(at + 4, reference.find('\n', at) - at - 4);
}

TEST_CASE("logs of the real scheduler are reproduced line by line", "[drm_sched][truth]") {
  const auto scripts = all_scripts();
  if (!scripts) return;
  std::size_t compared = 0;
  std::size_t events = 0;
  for (const fs::path& path : *scripts) {
    const Script script = parse_script(read_text(path.string()));
    for (const auto& [policy, name] : kPolicies) {
      std::string log = fs::path{path}.replace_extension(std::string{"."} + name + ".log").string();
      if (!fs::exists(log)) log += ".gz";
      if (!fs::exists(log)) continue;
      const std::string reference_text = read_text(log);
      const Log reference = parse_log(reference_text);
      Player player{script, policy};
      player.run();
      const std::string kind = kind_of(reference_text);
      INFO(path.filename().string() << ", " << name);
      const std::string must = compare(reference, player.log(), kind, kMustMatch);
      CHECK(must == "");
      if (must.empty()) CHECK(compare(reference, player.log(), kind, kAll) == "");
      ++compared;
      events += reference.size();
    }
  }
  WARN("compared " << compared << " logs with " << events << " lines of the real scheduler");
  REQUIRE(compared >= 200);
}

}  // namespace
}  // namespace gpusim::test::truth
