// SPDX-License-Identifier: MIT
// Which word is suggested for one that is not known.
#include <string>
#include <string_view>
#include <vector>

#include "base/closest.h"
#include "tests/support/catch.h"

using namespace gpusim;

namespace {

std::string near(std::string_view word, const std::vector<std::string_view>& candidates) {
  return closest(word, candidates);
}

}  // namespace

TEST_CASE("the nearest word is at most two edits away, whatever its case", "[closest]") {
  CHECK(near("hunk_job", {"late_interrupt", "hung_job"}) == "hung_job");
  CHECK(near("HUNG_JBO", {"hung_job"}) == "hung_job");
  CHECK(near("hunkkk_job", {"hung_job"}).empty());
  CHECK(near("ab", {"cd"}).empty());
  CHECK(near("", {"cd"}).empty());
}

TEST_CASE("a word that begins another is as good, if it ends where a word does or is long enough", "[closest]") {
  CHECK(near("fault.hung", {"fault.lost_doorbell", "fault.hung_job"}) == "fault.hung_job");
  CHECK(near("a", {"bb.jobs", "a.jobs", "a.copies"}) == "a.jobs");
  CHECK(near("event.queue_ban", {"event.queue_banned"}) == "event.queue_banned");
  CHECK(near("lat", {"latencies"}).empty());
  CHECK(near("xe", {"xe_measured", "xe_like", "xe_last"}) == "xe_like");  // the shortest, of those the first
  CHECK(near("wake", {"wave", "wake_latency"}) == "wave");  // one edit is nearer
}

TEST_CASE("long words are compared, too, and endless ones are not", "[closest]") {
  const std::string name = "queue.a_client_with_a_long_name.jobs.latency_p9";
  CHECK(near(name, {"queue.a_client_with_a_long_name.jobs.latency_p99"}) ==
        "queue.a_client_with_a_long_name.jobs.latency_p99");
  CHECK(near(std::string(65, 'a'), {std::string_view{"b"}}).empty());
}
