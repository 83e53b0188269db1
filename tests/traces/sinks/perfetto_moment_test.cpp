// SPDX-License-Identifier: MIT
#include "traces/sinks/perfetto/moment.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/trace_scene.h"
#include "traces/event/event_table.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

constexpr QueueId kQueue{1};

Event fetch(std::uint64_t job, std::uint32_t engine = 0) {
  return fetch_begin{.queue = kQueue, .engine = engine, .job = JobId{job}};
}
Event end(std::uint64_t job, std::uint32_t engine = 0) {
  return job_end{.queue = kQueue, .engine = engine, .job = JobId{job}};
}
Event to(std::uint32_t thread) { return sched_switch{.cpu = 0, .next = thread}; }

/// What is open from before, and the order in which the events of a moment are drawn.
struct MomentScene {
  /// An engine works for the job since before this moment.
  void is_open(std::uint64_t job, std::uint32_t engine = 0) {
    tracks.lane({LaneKind::engine, engine}).open.push_back({EventKind::fetch_begin, Slice::job, job});
  }
  /// "kind job", in order.
  std::string order(const std::vector<Event>& events) {
    Moment moment;
    for (const Event& event : events) moment.add(event);
    moment.put_in_order(tracks);
    std::string text;
    for (const Event& event : moment.events()) {
      text += std::string{info(event.kind).name} + (event.job != 0 ? " " + std::to_string(event.job) : "") + "; ";
    }
    return text;
  }

  Names names = test::scene_names();
  ByteBuffer bytes;
  ProtoWriter writer{bytes};
  PerfettoTracks tracks{writer, names};
};

}  // namespace

TEST_CASE("an end goes before the begin that would lie on top of its slice", "[trace]") {
  MomentScene scene;
  scene.is_open(1);
  CHECK(scene.order({fetch(2), end(1)}) == "job_end 1; fetch_begin 2; ");
}

TEST_CASE("an end goes right behind its own begin, not before it", "[trace]") {
  MomentScene scene;
  CHECK(scene.order({fetch(1), fetch(2), end(1)}) == "fetch_begin 1; job_end 1; fetch_begin 2; ");
}

TEST_CASE("a slice that begins and ends before an end is left alone", "[trace]") {
  MomentScene scene;
  scene.is_open(1);
  CHECK(scene.order({fetch(2), end(2), end(1)}) == "fetch_begin 2; job_end 2; job_end 1; ");
}

TEST_CASE("of several begins the foremost that lies on top is passed", "[trace]") {
  MomentScene scene;
  scene.is_open(1);
  CHECK(scene.order({fetch(2), fetch(3), end(3), end(1)}) == "job_end 1; fetch_begin 2; fetch_begin 3; job_end 3; ");
}

TEST_CASE("an end whose slice is open nowhere stays where it is", "[trace]") {
  MomentScene scene;
  CHECK(scene.order({fetch(2), end(1)}) == "fetch_begin 2; job_end 1; ");
  scene.is_open(7);  // a slice of another job
  CHECK(scene.order({fetch(2), end(1)}) == "fetch_begin 2; job_end 1; ");
}

TEST_CASE("other tracks and instants do not hold an end back, and keep their order", "[trace]") {
  MomentScene scene;
  scene.is_open(1);
  CHECK(scene.order({fetch(5, 1), fetch(2), firmware_wake{}, end(1), slot_grant{.queue = kQueue}}) ==
        "fetch_begin 5; job_end 1; fetch_begin 2; firmware_wake; slot_grant; ");
  CHECK(scene.order({fetch(2, 1), end(1)}) == "fetch_begin 2; job_end 1; ");
}

TEST_CASE("a switch of threads counts as a begin on top of an interrupt", "[trace]") {
  MomentScene scene;
  scene.tracks.lane({LaneKind::cpu, 0}).open = {{EventKind::sched_switch, Slice::running, 0},
                                                {EventKind::irq_handler_entry, Slice::irq, 0}};
  CHECK(scene.order({to(3), irq_handler_exit{.cpu = 0}}) == "irq_handler_exit; sched_switch; ");
}

TEST_CASE("an end that is not drawn moves nothing", "[trace]") {
  MomentScene scene;
  scene.tracks.lane({LaneKind::queue, kQueue.value()}).open = {
      {EventKind::drm_sched_job_unschedulable, Slice::head_wait, 4}};
  const Event blocked = drm_sched_job_unschedulable{.queue = kQueue, .job = JobId{5}};
  const auto returned = [](bool head_free) -> Event {
    return credit_returned{.queue = kQueue, .job = JobId{3}, .head_free = head_free};
  };
  CHECK(scene.order({exec_begin{.queue = kQueue}, blocked, returned(false)}) ==
        "exec_begin; drm_sched_job_unschedulable 5; credit_returned 3; ");
}
