// SPDX-License-Identifier: MIT
#include "traces/folds/cause_profile.h"

#include "tests/support/catch.h"
#include "traces/folds/slowest_jobs.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

/// Works for 1 us, and waits for `cause` for the rest.
JobLife life(std::int64_t length_us, Cause cause, std::uint64_t job = 1) {
  JobLife life{.job = job, .begin = at(us(5)), .end = at(us(5 + length_us))};
  life[Cause::work] = us(1);
  life[cause] += us(length_us - 1);
  return life;
}

constexpr Wide kUs = 1'000'000;

}  // namespace

TEST_CASE("the slowest percent of the lives went to something else than all lives together") {
  CauseProfile profile;
  for (int i = 0; i < 990; ++i) profile.add(life(11, Cause::host_worker));
  for (int i = 0; i < 10; ++i) profile.add(life(1'001, Cause::engine_busy));
  const CauseSums all = profile.all();
  CHECK(all.lives == 1'000);
  CHECK(all[Cause::work] == 1'000 * kUs);
  CHECK(all[Cause::host_worker] == 9'900 * kUs);
  CHECK(all.total() == 990 * 11 * kUs + 10 * 1'001 * kUs);
  const CauseSums slowest = profile.slowest(10);
  CHECK(slowest.lives == 10);
  CHECK(slowest[Cause::engine_busy] == 10'000 * kUs);
  CHECK(slowest[Cause::host_worker] == 0);
  CHECK(slowest[Cause::work] == 10 * kUs);
}

TEST_CASE("of the bucket in which the slowest lives begin as many count as are needed, with its mean") {
  CauseProfile profile;
  for (int i = 0; i < 4; ++i) profile.add(life(100, Cause::credit));
  profile.add(life(200, Cause::token));
  const CauseSums slowest = profile.slowest(400);  // two of five
  CHECK(slowest.lives == 2);
  CHECK(slowest[Cause::token] == 199 * kUs);
  CHECK(slowest[Cause::credit] == 99 * kUs);
  CHECK(slowest[Cause::work] == 2 * kUs);
}

TEST_CASE("at least one life is the slowest, and of none there are none") {
  CauseProfile profile;
  CHECK(profile.slowest(10).lives == 0);
  CHECK(profile.all().total() == 0);
  profile.add(life(2, Cause::lock));
  profile.add(life(3, Cause::lock));
  CHECK(profile.slowest(10).lives == 1);
  CHECK(profile.slowest(10)[Cause::lock] == 2 * kUs);
  CHECK(profile.slowest(1'000).lives == 2);
}

TEST_CASE("profiles of two clients add up to that of both") {
  CauseProfile one;
  CauseProfile other;
  one.add(life(10, Cause::credit));
  other.add(life(10, Cause::credit));
  other.add(life(5'000'000, Cause::recovery));
  one.add(other);
  CHECK(one.all().lives == 3);
  CHECK(one.slowest(1)[Cause::recovery] == 4'999'999 * kUs);
  CHECK(one.all()[Cause::credit] == 18 * kUs);
}

TEST_CASE("a length of nothing and one of an hour have their place in a profile") {
  CauseProfile profile;
  profile.add(JobLife{});
  profile.add(life(3'600'000'000, Cause::dependency));
  CHECK(profile.all().lives == 2);
  CHECK(profile.slowest(500)[Cause::dependency] == Wide{3'599'999'999} * kUs);
}

TEST_CASE("the list of the slowest jobs keeps ten, the slowest first, of equals the first") {
  SlowestJobs slowest;
  for (std::uint64_t job = 1; job <= 30; ++job) slowest.add(life(job % 2 == 0 ? 50 : 20, Cause::lock, job));
  slowest.add(life(90, Cause::lock, 99), false);
  const auto& entries = slowest.entries();
  REQUIRE(entries.size() == SlowestJobs::kMost);
  CHECK(entries[0].life.job == 99);
  CHECK_FALSE(entries[0].is_finished);
  CHECK(entries[1].life.job == 2);
  CHECK(entries[9].life.job == 18);
  CHECK(entries[9].is_finished);
}
