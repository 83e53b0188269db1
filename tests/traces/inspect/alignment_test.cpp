// SPDX-License-Identifier: MIT
#include "traces/inspect/alignment.h"

#include <string>

#include "tests/support/catch.h"
#include "tests/support/trace_scene.h"
#include "tests/support/trace_script.h"

namespace gpusim::trace {
namespace {

/// Two queues whose jobs come to one engine; `order`: the queue of each fetch. A job's number is that of its exec.
[[nodiscard]] Recording fetches(const std::vector<std::uint32_t>& execs, const std::vector<std::uint32_t>& order,
                                std::int64_t step_ns = 10) {
  TraceScript script;
  std::int64_t now = 0;
  std::vector<std::vector<std::uint64_t>> jobs(3);
  std::uint64_t number = 0;
  for (const std::uint32_t queue : execs) {
    jobs[queue].push_back(++number);
    script.at_ns(now += step_ns).put(exec_begin{.queue = QueueId{queue}, .job = JobId{number}, .credits = 1});
  }
  std::vector<std::size_t> next(3);
  for (const std::uint32_t queue : order) {
    const std::uint64_t job = jobs[queue][next[queue]++];
    script.at_ns(now += step_ns).put(fetch_begin{.queue = QueueId{queue}, .engine = 0, .job = JobId{job}});
  }
  return {.title = "",
          .events = script.kept(),
          .names = test::scene_names(),
          .end = script.now(),
          .hash = script.recorder.hash()};
}

[[nodiscard]] Alignment aligned(const Recording& a, const Recording& b) { return align(RunSide{a}, RunSide{b}); }

}  // namespace

TEST_CASE("alignment: a run is the same as itself", "[inspect]") {
  const Recording run = fetches({1, 2, 1}, {1, 2, 1});
  const Alignment result = aligned(run, run);
  CHECK(result.first == kNoPartner);
  CHECK(result.both == 6);
  CHECK(result.only_a + result.only_b + result.other_time + result.other_content == 0);
  CHECK(result.orders.empty());
}

TEST_CASE("alignment: a shift of all times is no other order", "[inspect]") {
  const Alignment result = aligned(fetches({1, 2, 1}, {1, 2, 1}, 10), fetches({1, 2, 1}, {1, 2, 1}, 11));
  CHECK(result.first == 0);
  CHECK(result.other_time == 6);
  CHECK(result.earliest == ps(0));
  CHECK(result.latest == ns(6));
  CHECK(result.orders.empty());
}

TEST_CASE("alignment: a job is its place in its queue, whatever its number is", "[inspect]") {
  // Jobs 1 of queue 1 and 2 of queue 2; then the other way round. The engine takes queue 1 first in both.
  const Alignment result = aligned(fetches({1, 2}, {1, 2}), fetches({2, 1}, {1, 2}));
  CHECK(result.both == 4);
  CHECK(result.only_a == 0);
  CHECK(result.orders.empty());  // execs are each queue's own
  CHECK(result.partner_of_a[0] == 1);
  CHECK(result.partner_of_a[2] == 2);
}

TEST_CASE("alignment: an engine that takes jobs in another order is said, with the first that changed places",
          "[inspect]") {
  // Queue 2's job goes from the third place to the first: one has moved.
  const Alignment result = aligned(fetches({1, 1, 2}, {1, 1, 2}), fetches({1, 1, 2}, {2, 1, 1}));
  REQUIRE(result.orders.size() == 1);
  CHECK(result.orders[0].moved == 1);
  CHECK(result.orders[0].of == 3);
  CHECK(result.orders[0].first == 4);   // the second fetch
  CHECK(result.orders[0].second == 5);  // the one of queue 2
  CHECK(result.first == 3);
}

TEST_CASE("alignment: what only one run has is counted for it", "[inspect]") {
  const Alignment result = aligned(fetches({1, 2}, {1, 2}), fetches({1, 2}, {1}));
  CHECK(result.only_a == 1);
  CHECK(result.only_b == 0);
  CHECK(result.partner_of_a[3] == kNoPartner);
  CHECK(result.first == 3);
}

TEST_CASE("alignment: another content at the same time is no other event", "[inspect]") {
  Recording a = fetches({1}, {1});
  Recording b = a;
  b.events[0] = exec_begin{.time = a.events[0].time, .queue = QueueId{1}, .job = JobId{1}, .credits = 2};
  b.events[0].cpu = a.events[0].cpu;
  const Alignment result = aligned(a, b);
  CHECK(result.first == 0);
  CHECK(result.both == 2);
  CHECK(result.other_content == 1);
  CHECK(result.other_time == 0);
}

namespace {

/// Jobs of queue 1, one each 100 us, whose execs come `late_us` later than that; and a work item at each of `items_us`.
[[nodiscard]] Recording with_work_items(std::int64_t late_us, const std::vector<std::int64_t>& items_us) {
  TraceScript script;
  std::size_t next = 0;
  for (std::int64_t now = 0; now < 400; ++now) {
    if (now % 100 == late_us) {
      script.at_ns(now * 1'000)
          .put(exec_begin{.queue = QueueId{1}, .job = JobId{static_cast<std::uint64_t>(now / 100 + 1)}, .credits = 1});
    }
    if (next == items_us.size() || items_us[next] != now) continue;
    script.at_ns(now * 1'000).put(workqueue_queue_work{});
    ++next;
  }
  return {.title = "",
          .events = script.kept(),
          .names = test::scene_names(),
          .end = script.now(),
          .hash = script.recorder.hash()};
}

}  // namespace

TEST_CASE("alignment: one work item more does not shift those that come after it", "[inspect]") {
  // The jobs of B are late by 2 us, so whatever has a partner is. The item at 130 us is B's own.
  const Recording a = with_work_items(0, {50, 150, 250, 350});
  const Recording b = with_work_items(2, {52, 130, 152, 252, 352});
  const Alignment result = aligned(a, b);
  CHECK(result.only_a == 0);
  CHECK(result.only_b == 1);
  CHECK(result.earliest == ps(0));
  CHECK(result.latest == us(2));
}

TEST_CASE("alignment: as many work items in both runs are no sign that the n-th is the n-th", "[inspect]") {
  // A has one at 20 us that B lacks, and B one at 380 us.
  const Alignment result = aligned(with_work_items(0, {20, 150, 250}), with_work_items(0, {150, 250, 380}));
  CHECK(result.only_a == 1);
  CHECK(result.only_b == 1);
  CHECK(result.other_time == 0);
}

}  // namespace gpusim::trace
