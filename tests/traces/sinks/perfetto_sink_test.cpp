// SPDX-License-Identifier: MIT
#include "traces/sinks/perfetto/sink.h"

#include <set>
#include <sstream>
#include <string>
#include <tuple>

#include "base/invariant.h"
#include "tests/support/catch.h"
#include "tests/support/perfetto_reader.h"
#include "tests/support/trace_scene.h"
#include "tests/support/violation.h"

namespace gpusim::trace {
namespace {

using test::PerfettoItem;
using test::PerfettoTrace;
using Events = std::vector<Event>;

std::string bytes_of(const Events& events, const PerfettoSinkOptions& options = {},
                     const Names& names = test::scene_names()) {
  std::ostringstream out;
  PerfettoSink sink{out, names, options};
  for (const Event& event : events) sink.on_event(event);
  sink.finish(events.empty() ? SimTime{} : events.back().time);
  return out.str();
}

PerfettoTrace read(const std::string& bytes) { return test::PerfettoReader{bytes}.trace(); }
PerfettoTrace trace_of(const Events& events, const PerfettoSinkOptions& options = {}) {
  return read(bytes_of(events, options));
}

std::string refusal_of(const Events& events) {
  return test::violation_of([&] { static_cast<void>(bytes_of(events)); });
}

/// "name begin..end" of each slice on the track, in order.
std::string slices_on(const PerfettoTrace& trace, std::string_view track) {
  std::string text;
  for (const PerfettoItem& slice : trace.on(trace.slices, track)) {
    text += std::string(slice.depth, '>') + slice.name + " " + std::to_string(slice.begin) + ".." +
            std::to_string(slice.end) + (slice.remark.empty() ? "" : " (" + slice.remark + ")") + "; ";
  }
  return text;
}
std::string instants_on(const PerfettoTrace& trace, std::string_view track) {
  std::string text;
  for (const PerfettoItem& item : trace.on(trace.instants, track))
    text += item.name + " " + std::to_string(item.begin) + "; ";
  return text;
}

constexpr std::int64_t kNs = 1'000;

/// Job 5 from ioctl to waiter: bypass in the caller's context, one engine.
Events way_of_a_job() {
  return {
      exec_begin{.time = at(ns(10)), .cpu = 0, .thread = 1, .queue = QueueId{1}, .job = JobId{5}},
      drm_sched_job_queue{
          .time = at(ns(11)), .cpu = 0, .thread = 1, .queue = QueueId{1}, .job = JobId{5}, .context = 7, .seqno = 1},
      drm_sched_job_run{.time = at(ns(12)),
                        .cpu = 0,
                        .thread = 1,
                        .queue = QueueId{1},
                        .job = JobId{5},
                        .context = 7,
                        .seqno = 1,
                        .in_flight = 3},
      ring_write{.time = at(ns(13)),
                 .cpu = 0,
                 .thread = 1,
                 .queue = QueueId{1},
                 .job = JobId{5},
                 .index = 0,
                 .free = 60,
                 .capacity = 64},
      doorbell_write{.time = at(ns(14)),
                     .cpu = 0,
                     .thread = 1,
                     .queue = QueueId{1},
                     .doorbell = 1,
                     .job = JobId{5},
                     .write_index = 1},
      exec_end{.time = at(ns(15)), .cpu = 0, .thread = 1, .queue = QueueId{1}, .job = JobId{5}},
      dma_fence_wait_start{
          .time = at(ns(16)), .cpu = 0, .thread = 1, .queue = QueueId{1}, .job = JobId{5}, .context = 7, .seqno = 1},
      doorbell_arrive{.time = at(ns(20)), .queue = QueueId{1}, .doorbell = 1, .write_index = 1},
      firmware_wake{.time = at(ns(20))},
      firmware_begin{.time = at(ns(21)), .queue = QueueId{1}, .event = 1},
      firmware_end{.time = at(ns(23)), .queue = QueueId{1}, .event = 1},
      context_restore_begin{.time = at(ns(24)), .queue = QueueId{1}, .engine = 0},
      context_restore_end{.time = at(ns(25)), .queue = QueueId{1}, .engine = 0},
      fetch_begin{.time = at(ns(25)), .queue = QueueId{1}, .engine = 0, .job = JobId{5}},
      job_start{.time = at(ns(27)), .queue = QueueId{1}, .engine = 0, .job = JobId{5}, .work_ps = 100},
      job_preempted{.time = at(ns(30)), .queue = QueueId{1}, .engine = 0, .job = JobId{5}},
      job_resumed{.time = at(ns(40)), .queue = QueueId{1}, .engine = 0, .job = JobId{5}},
      job_end{.time = at(ns(50)), .queue = QueueId{1}, .engine = 0, .job = JobId{5}},
      interrupt_arrive{.time = at(ns(52)), .vector = 0},
      irq_handler_entry{.time = at(ns(53)), .cpu = 1, .vector = 0},
      dma_fence_signaled{.time = at(ns(54)), .cpu = 1, .queue = QueueId{1}, .job = JobId{5}, .context = 7, .seqno = 1},
      credit_returned{.time = at(ns(54)),
                      .cpu = 1,
                      .queue = QueueId{1},
                      .job = JobId{5},
                      .credits = 3,
                      .in_flight = 0,
                      .head_free = false},
      irq_handler_exit{.time = at(ns(55)), .cpu = 1, .vector = 0},
      dma_fence_wait_end{
          .time = at(ns(60)), .cpu = 0, .thread = 1, .queue = QueueId{1}, .job = JobId{5}, .context = 7, .seqno = 1},
  };
}

Event run(std::int64_t time, std::uint64_t job) {
  return drm_sched_job_run{.time = at(ps(time)), .thread = 3, .queue = QueueId{1}, .job = JobId{job}};
}
Event doorbell(std::int64_t time, std::uint64_t job) {
  return doorbell_write{.time = at(ps(time)), .thread = 3, .queue = QueueId{1}, .job = JobId{job}};
}
Event fetch(std::int64_t time, std::uint64_t job) {
  return fetch_begin{.time = at(ps(time)), .queue = QueueId{1}, .job = JobId{job}};
}
Event ended(std::int64_t time, std::uint64_t job) {
  return job_end{.time = at(ps(time)), .queue = QueueId{1}, .job = JobId{job}};
}
Event work_start(std::int64_t time) {
  return workqueue_execute_start{.time = at(ps(time)), .thread = 3, .queue = QueueId{1}, .work = 1};
}
Event work_end(std::int64_t time) {
  return workqueue_execute_end{.time = at(ps(time)), .thread = 3, .queue = QueueId{1}, .work = 1};
}

}  // namespace

TEST_CASE("a job can be followed through the tracks of thread, CPU, firmware and engine", "[trace]") {
  const PerfettoTrace trace = trace_of(way_of_a_job());
  CHECK(slices_on(trace, "host/app0") == "exec 5 10..15; >run_job 5 12..14; wait 5 16..60; ");
  CHECK(slices_on(trace, "gpu0/firmware") == "wake 20..21; doorbell 21..23; ");
  CHECK(slices_on(trace, "gpu0/rcs0") == "restore app0.0.rcs 24..25; job 5 25..30; job 5 40..50; ");
  CHECK(slices_on(trace, "host/CPU 1") == "irq gpu0-0 53..55; ");
  CHECK(instants_on(trace, "queues/app0.0.rcs") == "queue 5 11; finished 5 54; ");
  CHECK(instants_on(trace, "host/app0") == "woken 5 60; ");
  CHECK(instants_on(trace, "gpu0/link") == "doorbell app0.0.rcs 20; ");
  CHECK(instants_on(trace, "gpu0/irq gpu0-0") == "arrive 52; ");
}

TEST_CASE("one flow, numbered by the job, goes from the ioctl to the waiter and ends there", "[trace]") {
  const PerfettoTrace trace = trace_of(way_of_a_job());
  std::multiset<std::pair<std::uint64_t, std::string>> steps;
  std::vector<std::string> ends;
  for (const auto* items : {&trace.slices, &trace.instants}) {
    for (const PerfettoItem& item : *items) {
      for (const std::uint64_t flow : item.flows) {
        CHECK(flow == 5);
        steps.emplace(item.begin, item.name);
      }
      if (!item.ended_flows.empty()) ends.push_back(item.name);
    }
  }
  CHECK(steps ==
        std::multiset<std::pair<std::uint64_t, std::string>>{
            {10, "exec 5"}, {11, "queue 5"}, {12, "run_job 5"}, {25, "job 5"}, {40, "job 5"}, {54, "finished 5"}});
  CHECK(ends == std::vector<std::string>{"woken 5"});
}

TEST_CASE("every slice and instant of a job carries its number and its event's category", "[trace]") {
  const PerfettoTrace trace = trace_of(way_of_a_job());
  const PerfettoItem fetched = trace.on(trace.slices, "gpu0/rcs0")[1];
  CHECK(fetched.job == 5);
  CHECK(fetched.category == "engine");
  CHECK(trace.on(trace.slices, "gpu0/firmware")[0].job == 0);
}

TEST_CASE("each process, thread, queue and engine has one track, with engines under the device in their order",
          "[trace]") {
  const PerfettoTrace trace =
      trace_of({fetch_begin{.queue = QueueId{1}, .engine = 1, .job = JobId{1}},
                fetch_begin{.queue = QueueId{2}, .engine = 0, .job = JobId{2}}, firmware_wake{}});
  std::map<std::uint64_t, std::string> by_rank;
  for (const auto& [uuid, track] : trace.tracks) {
    if (track.parent != 0) by_rank[track.rank] = trace.path(uuid);
  }
  CHECK(std::vector<std::string>{"gpu0/firmware", "gpu0/rcs0", "gpu0/bcs0"} == [&] {
    std::vector<std::string> names;
    for (const auto& entry : by_rank) names.push_back(entry.second);
    return names;
  }());
}

TEST_CASE("a queue that comes into being during the run gets its name from the moment it is used", "[trace]") {
  Names names = test::scene_names();
  std::ostringstream out;
  PerfettoSink sink{out, names};
  sink.on_event(drm_sched_job_queue{.queue = QueueId{1}, .job = JobId{1}});
  names.queues.push_back({"late.0.rcs", 0, 1});
  names.threads.emplace_back("late");
  sink.on_event(queue_create{.time = at(ns(1)), .thread = 4, .queue = QueueId{3}});
  sink.on_event(drm_sched_job_queue{.time = at(ns(2)), .queue = QueueId{3}, .job = JobId{2}});
  sink.finish(at(ns(2)));
  const PerfettoTrace trace = read(out.str());
  CHECK(instants_on(trace, "queues/late.0.rcs") == "queue 2 2; ");
  CHECK(instants_on(trace, "host/late") == "create late.0.rcs 1; ");
}

TEST_CASE("an end without a begin stops the run with time, object and culprit", "[trace]") {
  const std::string text = refusal_of({ended(42 * kNs, 9)});
  CHECK(text.find("perfetto_nesting: at 0.000000042000 s job_end of job 9 on track 'rcs0'") == 0);
  CHECK(text.find("none") != std::string::npos);
}

TEST_CASE("slices that cross on one track stop the run", "[trace]") {
  const std::string text = refusal_of({fetch(1 * kNs, 1), fetch(2 * kNs, 2), ended(3 * kNs, 1)});
  CHECK(text.find("fetch_begin of job 1; fetch_begin of job 2") != std::string::npos);
  CHECK(refusal_of({exec_begin{.thread = 1, .job = JobId{1}}, dma_fence_wait_start{.time = at(ps(1)), .thread = 1},
                    exec_end{.time = at(ps(2)), .thread = 1, .job = JobId{1}}}) != "");
}

TEST_CASE("an end that comes after the next begin of the same moment is put before it", "[trace]") {
  const PerfettoTrace trace = trace_of({fetch(1 * kNs, 1), fetch(5 * kNs, 2), ended(5 * kNs, 1), ended(9 * kNs, 2)});
  CHECK(slices_on(trace, "gpu0/rcs0") == "job 1 1..5; job 2 5..9; ");
}

TEST_CASE("the order of ends and begins is mended on each track for itself", "[trace]") {
  const PerfettoTrace trace = trace_of({fetch(1 * kNs, 1), work_start(5 * kNs), fetch(5 * kNs, 2), run(5 * kNs, 3),
                                        ended(5 * kNs, 1), ended(9 * kNs, 2), doorbell(9 * kNs, 3), work_end(9 * kNs)});
  CHECK(slices_on(trace, "gpu0/rcs0") == "job 1 1..5; job 2 5..9; ");
  CHECK(slices_on(trace, "host/kworker/0") == "submit 5..9; >run_job 3 5..9; ");
}

TEST_CASE("slices that begin and end in one moment stay nested as they came", "[trace]") {
  const PerfettoTrace trace =
      trace_of({work_start(5), run(5, 1), doorbell(5, 1), run(5, 2), doorbell(5, 2), work_end(5)});
  CHECK(slices_on(trace, "host/kworker/0") == "submit 0..0; >run_job 1 0..0; >run_job 2 0..0; ");
}

TEST_CASE("an end of a begin of the same moment goes right behind it, not before", "[trace]") {
  const PerfettoTrace trace = trace_of({fetch(5 * kNs, 1), fetch(5 * kNs, 2), ended(5 * kNs, 1), ended(6 * kNs, 2)});
  CHECK(slices_on(trace, "gpu0/rcs0") == "job 1 5..5; job 2 5..6; ");
}

TEST_CASE("an interrupt that ends in the moment of a switch ends first", "[trace]") {
  const auto to = [](std::int64_t time, std::uint32_t from, std::uint32_t next) -> Event {
    return sched_switch{.time = at(ps(time)), .cpu = 0, .prev = from, .next = next};
  };
  const PerfettoTrace trace =
      trace_of({to(1 * kNs, 0, 1), irq_handler_entry{.time = at(ns(3)), .cpu = 0}, to(4 * kNs, 1, 3),
                irq_handler_entry{.time = at(ns(4)), .cpu = 1}, irq_handler_exit{.time = at(ns(4)), .cpu = 0},
                irq_handler_exit{.time = at(ns(5)), .cpu = 1}, to(6 * kNs, 3, 0)});
  CHECK(slices_on(trace, "host/CPU 0") == "app0 1..4; >irq gpu0-0 3..4; kworker/0 4..6; ");
  CHECK(slices_on(trace, "host/CPU 1") == "irq gpu0-0 4..5; ");
}

TEST_CASE("what still runs at the end is closed there, innermost first, and says so", "[trace]") {
  std::ostringstream out;
  const Names names = test::scene_names();
  PerfettoSink sink{out, names};
  sink.on_event(work_start(1 * kNs));
  sink.on_event(run(2 * kNs, 1));
  sink.finish(at(ns(7)));
  CHECK(slices_on(read(out.str()), "host/kworker/0") ==
        "submit 1..7 (still running); >run_job 1 2..7 (still running); ");
}

TEST_CASE("what came before a refused event can still be read", "[trace]") {
  std::ostringstream out;
  const Names names = test::scene_names();
  PerfettoSink sink{out, names};
  sink.on_event(fetch(1 * kNs, 1));
  sink.on_event(ended(2 * kNs, 2));
  CHECK_THROWS_AS(sink.on_event(ended(3 * kNs, 1)), InvariantViolation);
  sink.finish(at(ns(3)));
  CHECK(slices_on(read(out.str()), "gpu0/rcs0") == "job 1 1..3 (still running); ");
}

TEST_CASE("a trace without events is still a valid trace", "[trace]") { CHECK(trace_of({}).tracks.size() == 3); }

TEST_CASE("times are rounded down to nanoseconds, or kept to the picosecond if asked for", "[trace]") {
  const Events events{fetch(1'999, 1), ended(3'001, 1)};
  CHECK(slices_on(trace_of(events), "gpu0/rcs0") == "job 1 1..3; ");
  PerfettoSinkOptions options;
  options.trace_time_scale = 1;
  const PerfettoTrace exact = trace_of(events, options);
  CHECK(slices_on(exact, "gpu0/rcs0") == "job 1 1999..3001; ");
  CHECK(exact.tracks.at(1).name == "host (1 trace ns = 1 sim ps)");
  CHECK(trace_of(events).tracks.at(1).name == "host");
  options.trace_time_scale = 0;
  CHECK_THROWS_AS(bytes_of(events, options), InvariantViolation);
}

TEST_CASE("a run_job that rings no doorbell ends with its worker or at the next run_job, with a note", "[trace]") {
  const PerfettoTrace trace = trace_of({work_start(1 * kNs), run(2 * kNs, 1), run(3 * kNs, 2), work_end(4 * kNs)});
  CHECK(slices_on(trace, "host/kworker/0") ==
        "submit 1..4; >run_job 1 2..3 (no doorbell); >run_job 2 3..4 (no doorbell); ");
}

TEST_CASE("a doorbell without run_job, as user-mode queues ring it, is an instant", "[trace]") {
  const PerfettoTrace trace = trace_of({doorbell(1 * kNs, 1)});
  CHECK(instants_on(trace, "host/kworker/0") == "doorbell app0.0.rcs 1; ");
  CHECK(trace.slices.empty());
}

TEST_CASE("a doorbell of another job does not end a run_job", "[trace]") {
  const PerfettoTrace trace = trace_of({run(1 * kNs, 1), doorbell(2 * kNs, 2), doorbell(3 * kNs, 1)});
  CHECK(slices_on(trace, "host/kworker/0") == "run_job 1 1..3; ");
}

TEST_CASE("a queue's lane shows what its head waits for, until it waits for something else or runs", "[trace]") {
  const QueueId queue{1};
  const JobId job{4};
  const PerfettoTrace trace = trace_of({
      drm_sched_job_unschedulable{
          .time = at(ns(1)), .queue = queue, .job = job, .dependency_context = 7, .dependency_seqno = 1},
      dependency_ready{.time = at(ns(2)), .queue = queue, .job = job, .dependency_context = 7, .dependency_seqno = 1},
      drm_sched_job_unschedulable{
          .time = at(ns(3)), .queue = queue, .job = job, .dependency_context = 8, .dependency_seqno = 2},
      credit_blocked{.time = at(ns(4)), .queue = queue, .job = job, .credits = 2, .in_flight = 4, .limit = 4},
      credit_blocked{.time = at(ns(5)), .queue = queue, .job = job, .credits = 2, .in_flight = 4, .limit = 4},
      credit_returned{.time = at(ns(5)), .queue = queue, .job = job, .credits = 1, .in_flight = 3, .head_free = false},
      credit_returned{.time = at(ns(6)), .queue = queue, .job = job, .credits = 1, .in_flight = 2, .head_free = true},
      credit_blocked{.time = at(ns(7)), .queue = queue, .job = job, .credits = 2, .in_flight = 4, .limit = 4},
      drm_sched_job_run{.time = at(ns(8)), .thread = 3, .queue = queue, .job = job},
  });
  CHECK(slices_on(trace, "queues/app0.0.rcs") ==
        "wait for 7:1 1..2; wait for 8:2 3..4; credits short 4..6; credits short 7..8; ");
}

TEST_CASE("a dependency that nobody waited for is an instant, credits that nobody waited for are nothing", "[trace]") {
  const PerfettoTrace trace = trace_of(
      {dependency_ready{.time = at(ns(1)), .queue = QueueId{1}, .dependency_context = 7, .dependency_seqno = 3},
       credit_returned{.time = at(ns(2)), .queue = QueueId{1}, .credits = 1, .in_flight = 0, .head_free = true}});
  CHECK(instants_on(trace, "queues/app0.0.rcs") == "dependency 7:3 1; credits back 2; ");
}

TEST_CASE("releasing the engine cuts off what a reset left open on it, and on it alone", "[trace]") {
  const PerfettoTrace trace =
      trace_of({fetch(1 * kNs, 1), fetch_begin{.time = at(ns(1)), .queue = QueueId{2}, .engine = 1, .job = JobId{2}},
                engine_release{.time = at(ns(3)), .queue = QueueId{1}},
                job_end{.time = at(ns(9)), .queue = QueueId{2}, .engine = 1, .job = JobId{2}}});
  CHECK(slices_on(trace, "gpu0/rcs0") == "job 1 1..3 (cut off); ");
  CHECK(slices_on(trace, "gpu0/bcs0") == "job 2 1..9; ");
}

TEST_CASE("counters follow the credits in flight and the ring of each queue, and can be left out", "[trace]") {
  const PerfettoTrace trace = trace_of(way_of_a_job());
  const auto credits = trace.on(trace.samples, "queues/app0.0.rcs/credits in flight");
  REQUIRE(credits.size() == 2);
  CHECK(std::tuple{credits[0].begin, credits[0].value} == std::tuple{12U, 3U});
  CHECK(std::tuple{credits[1].begin, credits[1].value} == std::tuple{54U, 0U});
  const auto ring = trace.on(trace.samples, "queues/app0.0.rcs/ring entries in use at a write");
  REQUIRE(ring.size() == 1);
  CHECK(ring[0].value == 4);
  PerfettoSinkOptions options;
  options.counters = false;
  CHECK(trace_of(way_of_a_job(), options).samples.empty());
}

TEST_CASE("an event without a thread is drawn on its CPU, one without any place on a lane of its own", "[trace]") {
  const PerfettoTrace trace = trace_of({client_start{.time = at(ns(1)), .cpu = 1}, client_start{.time = at(ns(2))},
                                        dma_fence_signaled{.time = at(ns(3)), .thread = 1}});
  CHECK(instants_on(trace, "host/CPU 1") == "start 1; ");
  CHECK(instants_on(trace, "host/other") == "start 2; dma_fence_signaled 3; ");
}

TEST_CASE("a name that returns is written once, a job's name in place", "[trace]") {
  Events events;
  for (int i = 0; i < 100; ++i) {
    events.push_back(work_start(i * kNs));
    events.push_back(work_end(i * kNs));
  }
  const std::string bytes = bytes_of(events);
  CHECK(bytes.find("submit") == bytes.rfind("submit"));
  const Events jobs{fetch(0, 1), ended(1, 1), fetch(2, 2), ended(3, 2)};
  CHECK(bytes_of(jobs).find("job 2") != std::string::npos);
}

TEST_CASE("a name longer than a one-byte length comes back whole", "[trace]") {
  Names names = test::scene_names();
  names.queues[1].name = std::string(20'000, 'q');
  const Events events{slot_grant{.time = at(ps(1)), .queue = QueueId{1}, .slot = 2},
                      queue_close{.time = at(ps(2)), .thread = 1, .queue = QueueId{1}}};
  const PerfettoTrace trace = read(bytes_of(events, {}, names));
  CHECK(trace.instants.at(0).name == "slot 2 to " + names.queues[1].name);
  CHECK(trace.instants.at(1).name == "close " + names.queues[1].name);
}

TEST_CASE("every kind of event that opens nothing and closes nothing can be drawn by itself", "[trace]") {
  for (const EventInfo& row : event_table()) {
    INFO(row.name);
    const Events events{test::any_event(row.kind, 1)};
    if (row.draw == Draw::end && !info(row.slice).end_is_optional) {
      CHECK(refusal_of(events) != "");
    } else {
      CHECK_NOTHROW(trace_of(events));
    }
  }
}

TEST_CASE("two runs give the same bytes, and a trace larger than the buffer comes whole", "[trace]") {
  Events events;
  for (std::int64_t i = 0; i < 20'000; ++i) {
    events.push_back(fetch(2 * i * kNs, static_cast<std::uint64_t>(i) + 1));
    events.push_back(ended((2 * i + 1) * kNs, static_cast<std::uint64_t>(i) + 1));
  }
  const std::string bytes = bytes_of(events);
  CHECK(bytes == bytes_of(events));
  const PerfettoTrace trace = read(bytes);
  REQUIRE(trace.slices.size() == 20'000);
  CHECK(trace.slices.back().begin == 39'998);
  CHECK(trace.slices.back().name == "job 20000");
}

TEST_CASE("on request the kernel's drm_sched events are there as ftrace, in the kernel's fields", "[trace]") {
  CHECK(trace_of(way_of_a_job()).ftrace.empty());
  PerfettoSinkOptions options;
  options.drm_ftrace = true;
  Events events = way_of_a_job();
  events.push_back(drm_sched_job_add_dep{.time = at(ns(61)),
                                         .cpu = 0,
                                         .thread = 1,
                                         .dependency_context = 3,
                                         .dependency_seqno = 4,
                                         .context = 7,
                                         .seqno = 2});
  const PerfettoTrace trace = trace_of(events, options);
  REQUIRE(trace.ftrace.size() == 2);
  const test::ProtoMessage cpu0{trace.ftrace[0]};
  CHECK(cpu0.value(1) == 0);
  REQUIRE(cpu0.all(2).size() == 5);
  const test::ProtoMessage queued{cpu0.all(2)[0].bytes};
  CHECK(queued.value(1) == 11);
  CHECK(queued.value(2) == 1);
  const test::ProtoMessage fields = queued.message(593);
  CHECK(fields.text(1) == "app0.0.rcs");
  CHECK(fields.text(4) == "gpu0");
  CHECK(std::tuple{fields.value(5), fields.value(6)} == std::tuple{7U, 1U});
  CHECK(test::ProtoMessage{cpu0.all(2)[1].bytes}.message(594).value(3) == 3);
  const test::ProtoMessage dependency = test::ProtoMessage{cpu0.all(2)[4].bytes}.message(591);
  CHECK(std::tuple{dependency.value(1), dependency.value(2), dependency.value(3), dependency.value(4)} ==
        std::tuple{7U, 2U, 3U, 4U});
  CHECK(test::ProtoMessage{trace.ftrace[1]}.value(1) == 1);
}

}  // namespace gpusim::trace
