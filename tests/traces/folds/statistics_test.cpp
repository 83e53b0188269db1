// SPDX-License-Identifier: MIT
#include "traces/folds/statistics.h"

#include "tests/support/catch.h"
#include "tests/support/trace_script.h"
#include "traces/folds/milestones.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

JobLife life(std::uint32_t client, std::int64_t begin_ns, std::int64_t end_ns, std::uint64_t error = 0) {
  JobLife life{
      .job = 1, .queue = 2, .client = client, .begin = at(ns(begin_ns)), .end = at(ns(end_ns)), .error = error};
  life[Cause::syscall] = ns(1);
  life[Cause::work] = ns(end_ns - begin_ns - 1);
  return life;
}

}  // namespace

TEST_CASE("a client's jobs, first and last moment and latencies come from its job lives") {
  Statistics statistics;
  statistics.on_job_life(life(1, 100, 150));
  statistics.on_job_life(life(1, 90, 190));
  statistics.on_job_life(life(1, 120, 500, 125));  // its latency does not count
  REQUIRE(statistics.clients().size() == 2);
  const ClientStatistics& client = statistics.clients()[1];
  CHECK(client.jobs_done == 2);
  CHECK(client.jobs_failed == 1);
  CHECK(client.first_exec == at(ns(90)));
  CHECK(client.last_end == at(ns(500)));
  CHECK(client.latency.count() == 2);
  CHECK(client.latency.min() == 50'000);
  CHECK(client.latency.max() == 100'000);
  CHECK(statistics.clients()[0].jobs_done == 0);
  CHECK(statistics.jobs_done() == 2);
  CHECK(statistics.jobs_failed() == 1);
  CHECK(statistics.jobs_ended() == 3);
}

TEST_CASE("a client's longest wait is that of any of its jobs: done, failed or not ended") {
  Statistics statistics;
  statistics.on_job_life(life(1, 100, 150));
  const auto longest = [&] { return static_cast<std::uint64_t>(statistics.clients()[1].longest_wait()); };
  CHECK(longest() == 50'000);
  statistics.on_job_life(life(1, 100, 400, 62));
  CHECK(longest() == 300'000);
  ClientStatistics sum;
  sum.add(statistics.clients()[1]);
  CHECK(static_cast<std::uint64_t>(sum.longest_wait()) == 300'000);
  statistics.finish({life(1, 100, 401)}, {});
  CHECK(longest() == 301'000);
}

TEST_CASE("an eviction is a slot that is taken from a queue and given to another at once") {
  TraceScript script;
  constexpr int kDisable = 4;
  constexpr int kEnable = 6;
  Statistics statistics{{.off = {kDisable}, .on = kEnable, .level = {}}};
  statistics.attach_to(script.recorder);
  const auto evictions = [&](std::size_t queue) { return statistics.queues().at(queue).evictions; };
  script.at_ns(10).on_queue(1).put(slot_grant{.slot = 0});
  script.at_ns(20).put(slot_evict{.slot = 0}).on_queue(2).put(slot_grant{.slot = 0});
  CHECK(evictions(1) == 1);

  // Given back: nobody wants it for now.
  script.at_ns(30).put(slot_evict{.slot = 0});
  script.at_ns(31).on_queue(1).put(slot_grant{.slot = 0});
  CHECK(evictions(2) == 0);

  // The driver has it taken off, and the next one waits already.
  script.at_ns(40).put(message_send{.action = kDisable}).at_ns(41).put(slot_evict{.slot = 0});
  script.on_queue(2).put(slot_grant{.slot = 0});
  CHECK(evictions(1) == 1);

  // Enabled again, it may lose its slot to another one.
  script.at_ns(50).put(slot_evict{.slot = 0}).on_queue(1).put(message_send{.action = kEnable});
  script.at_ns(51).put(slot_grant{.slot = 0});
  script.at_ns(52).put(slot_evict{.slot = 0}).on_queue(2).put(slot_grant{.slot = 0});
  CHECK(evictions(1) == 2);

  // Its engine was reset under it; and it is forgotten, as in a reset of the device.
  script.at_ns(60).put(reset_notify{}).put(slot_evict{.slot = 0}).on_queue(1).put(slot_grant{.slot = 0});
  CHECK(evictions(2) == 0);
  script.at_ns(70).put(slot_evict{.slot = 0}).put(queue_deregistered{}).on_queue(3).put(slot_grant{.slot = 0});
  CHECK(evictions(1) == 2);
  CHECK(device_turns(statistics).evictions == 2);
  CHECK(device_turns(statistics).grants == 8);
}

TEST_CASE("where the host takes the slots, an eviction is one whose queue it lines up again") {
  TraceScript script;
  constexpr int kDisable = 4;
  Statistics statistics{{.off = {kDisable}, .on = {}, .level = {}, .slots_by_host = true}};
  statistics.attach_to(script.recorder);
  const auto evictions = [&] { return statistics.queues().at(1).evictions; };
  script.at_ns(10).on_queue(1).put(queue_ready{.write_index = 1, .resident = false}).put(slot_grant{.slot = 0});
  script.at_ns(11).put(queue_ready{.write_index = 1, .resident = true});
  script.at_ns(20).put(message_send{.action = kDisable}).put(slot_evict{.slot = 0});
  CHECK(evictions() == 0);
  script.at_ns(21).put(queue_ready{.write_index = 1, .resident = false});
  CHECK(evictions() == 1);
  script.at_ns(22).put(queue_ready{.write_index = 2, .resident = false}).put(slot_grant{.slot = 0});
  CHECK(evictions() == 1);
  // Closed, or the device is reset.
  script.at_ns(30).put(slot_evict{.slot = 0}).put(queue_deregistered{});
  script.at_ns(31).put(queue_ready{.write_index = 2, .resident = false});
  CHECK(evictions() == 1);
  CHECK(statistics.queues().at(1).grants == 2);
}

TEST_CASE("causes are added up over all lives that ended, jobs per queue") {
  Statistics statistics;
  statistics.on_job_life(life(0, 100, 150));
  statistics.on_job_life(life(1, 100, 200, 5));
  const auto total = [&](Cause cause) { return statistics.causes()[static_cast<std::size_t>(cause)]; };
  CHECK(total(Cause::syscall) == 2'000);
  CHECK(total(Cause::work) == 148'000);
  CHECK(total(Cause::credit) == 0);
  CHECK(statistics.life_time() == 150'000);
  REQUIRE(statistics.queues().size() == 3);
  CHECK(statistics.queues()[2].jobs == 2);
  CHECK(statistics.queues()[1].jobs == 0);
}

TEST_CASE("an engine is busy, switching or idle at each moment") {
  TraceScript script;
  Milestones milestones;
  Statistics statistics;
  milestones.attach_to(script.recorder);
  statistics.attach_to(script.recorder);
  script.at_ns(10).put(engine_assign{.engine = 1}).put(context_restore_begin{.engine = 1});
  script.at_ns(13).put(context_restore_end{.engine = 1});
  script.at_ns(20).put(fetch_begin{.engine = 1, .job = JobId{1}});
  script.at_ns(50).put(job_preempted{.engine = 1, .job = JobId{1}}).put(context_save_begin{.engine = 1});
  script.at_ns(54).put(context_save_end{.engine = 1}).put(engine_release{.engine = 1});
  script.at_ns(60).put(engine_assign{.engine = 1, .loaded = true}).put(job_resumed{.engine = 1, .job = JobId{1}});
  script.at_ns(75).put(job_end{.engine = 1, .job = JobId{1}});
  script.at_ns(80).put(fetch_begin{.engine = 1, .job = JobId{2}});
  script.at_ns(90).put(engine_release{.engine = 1});  // a reset
  script.at_ns(100);
  statistics.finish({life(0, 10, 60), life(2, 10, 30), life(2, 50, 80)}, milestones.engine_times(script.now()));
  REQUIRE(statistics.engines().size() == 2);
  const EngineStatistics& engine = statistics.engines()[1];
  CHECK(engine.times.switching == ns(3 + 4));
  CHECK(engine.times.busy == ns(30 + 15 + 10));
  CHECK(engine.times.idle == ns(100 - 7 - 55));
  CHECK(engine.jobs == 1);
  CHECK(engine.switches == 1);
  CHECK(engine.preempted == 1);
  CHECK(statistics.engines()[0].times.idle == ns(100));
  CHECK(statistics.jobs_unfinished() == 3);
  CHECK(statistics.clients()[0].jobs_unfinished == 1);
  CHECK(statistics.clients()[2].jobs_unfinished == 2);
  CHECK(statistics.clients()[2].oldest == ns(30));
  CHECK(statistics.clients()[2].oldest_waits_for == Cause::work);
  CHECK(statistics.clients()[2].jobs_done == 0);
  CHECK(statistics.unfinished_causes()[static_cast<std::size_t>(Cause::work)] == 97'000);
  CHECK(statistics.life_time() == 0);
}

TEST_CASE("execs that are to be made again are counted for their client, and apart from them those that failed") {
  TraceScript script;
  Statistics statistics;
  statistics.attach_to(script.recorder);
  for (const Errno error : {Errno::again, Errno::ok, Errno::again, Errno::canceled}) {
    script.put(exec_end{.job = JobId{1}, .client = ClientId{2}, .error = error});
  }
  REQUIRE(statistics.clients().size() == 3);
  CHECK(statistics.clients()[2].execs_refused == 2);
  CHECK(statistics.clients()[2].execs_failed == 1);
}

TEST_CASE("missed periods are counted for their client") {
  TraceScript script;
  Statistics statistics;
  statistics.attach_to(script.recorder);
  for (int i = 0; i < 3; ++i) script.put(client_period_missed{.client = ClientId{4}, .late = ps(1'000)});
  REQUIRE(statistics.clients().size() == 5);
  CHECK(statistics.clients()[4].period_misses == 3);
}

TEST_CASE("frames of a renderer and vblanks of a compositor are counted, and a kill is remembered") {
  Statistics statistics;
  statistics.on(frame_shown{.client = ClientId{1}, .frame = 1, .latency = us(20)});
  statistics.on(frame_shown{.client = ClientId{1}, .frame = 2, .latency = us(30)});
  statistics.on(frame_repeated{.client = ClientId{1}, .frame = 2});
  statistics.on(frame_dropped{.client = ClientId{1}, .frame = 3});
  for (const std::uint64_t result : {0U, 1U, 2U, 1U}) statistics.on(vblank{.client = ClientId{2}, .result = result});
  statistics.on(client_killed{.time = at(us(7)), .client = ClientId{1}});
  const FrameStatistics& frames = statistics.clients().at(1).frames;
  CHECK(frames.shown == 2);
  CHECK(frames.repeated == 1);
  CHECK(frames.dropped == 1);
  CHECK(frames.latency.max() == 30'000'000);
  CHECK(frames.vblanks == 0);
  CHECK(statistics.clients().at(2).frames.vblanks == 4);
  CHECK(statistics.clients().at(2).frames.missed == 1);
  CHECK(statistics.clients().at(0).frames.is_empty());
  CHECK(statistics.kills().at(1) == at(us(7)));
}
