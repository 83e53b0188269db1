// SPDX-License-Identifier: MIT
// What the firmware had before it: levels over time, messages, slots, and who waits in the run-list from when to when.
#include "traces/folds/device_load.h"
#include "tests/support/catch.h"
#include "tests/support/trace_script.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

constexpr std::uint64_t kMessageStep = 1;
constexpr std::uint64_t kOtherStep = 2;

[[nodiscard]] queue_ready ready(std::uint64_t write_index) { return {.write_index = write_index, .resident = true}; }

struct Script : TraceScript {
  Script() { load.attach_to(recorder); }
  /// A job of the queue, in its ring as entry `index`.
  void write(std::uint64_t job, std::uint64_t index) { put(ring_write{.job = JobId{job}, .index = index}); }
  void finish() { load.finish(now()); }

  DeviceLoad load{kMessageStep, 8};
};

}  // namespace

TEST_CASE("a level over time has its area, and its most", "[load]") {
  LevelOverTime level;
  level.down(SimTime{ps(5)});  // nothing is below zero
  level.up(SimTime{ps(10)});
  level.up(SimTime{ps(20)});
  level.down(SimTime{ps(50)});
  level.pass(SimTime{ps(100)});
  CHECK(level.area() == 10 + 2 * 30 + 50);
  CHECK(level.level() == 1);
  CHECK(level.most() == 2);
}

TEST_CASE("messages lie in the buffer until the firmware's turn with one is over, or the device is reset", "[load]") {
  Script script;
  script.at_ns(10).put(message_send{});
  script.at_ns(20).put(message_send{});
  script.at_ns(30).put(firmware_end{.event = kOtherStep}).put(firmware_end{.event = kMessageStep});
  script.at_ns(40).put(message_send{});
  script.at_ns(50).put(device_reset_begin{});
  script.at_ns(60).put(firmware_end{.event = kMessageStep});  // was under way
  script.at_ns(100);
  script.finish();
  CHECK(script.load.messages_sent() == 3);
  CHECK(script.load.messages().most() == 2);
  CHECK(script.load.messages().area() == 1'000 * (10 + 2 * 10 + 10 + 2 * 10));
}

TEST_CASE("slots are held from the grant to the eviction", "[load]") {
  Script script;
  script.at_ns(10).put(slot_grant{.slot = 0});
  script.at_ns(20).put(slot_grant{.queue = QueueId{2}, .slot = 1});
  script.at_ns(30).put(slot_evict{.slot = 0});
  script.at_ns(50);
  script.finish();
  CHECK(script.load.slot_count() == 8);
  CHECK(script.load.slots_held().most() == 2);
  CHECK(script.load.slots_held().area() == 1'000 * (10 + 2 * 10 + 20));
}

TEST_CASE("a queue waits from when the firmware has seen its work until it has an engine, and again when it is back",
          "[load]") {
  Script script;
  script.put(queue_registered{.id = 1});
  script.write(1, 0);
  script.write(2, 1);
  script.at_ns(100).put(ready(2));
  script.at_ns(130).put(engine_assign{});
  script.at_ns(150).put(job_end{.job = JobId{1}});
  script.at_ns(160).put(engine_release{.work_left = true});
  script.at_ns(200).put(engine_assign{});
  script.at_ns(210).put(job_end{.job = JobId{2}});
  script.put(engine_release{});
  script.at_ns(300);
  script.finish();
  CHECK(script.load.waiting().most() == 1);
  CHECK(script.load.waiting().area() == 1'000 * (30 + 40));
  CHECK(script.load.longest_wait() == ns(40));
  CHECK(script.load.longest_waiter() == QueueId{1});
}

TEST_CASE("a queue that waits in its ring, is stopped, evicted or forgotten does not wait for an engine", "[load]") {
  Script script;
  script.put(queue_registered{.id = 1});
  script.write(1, 0);
  script.at_ns(10).put(ready(1));
  script.at_ns(20).put(ring_wait_begin{});
  script.at_ns(30).put(ring_wait_end{});
  script.at_ns(41).put(queue_stop{});
  script.at_ns(50).put(queue_start{});
  script.at_ns(62).put(queue_evicted{});
  script.at_ns(70).put(queue_restored{});
  script.at_ns(83).put(queue_deregistered{.id = 1});
  script.at_ns(90).put(queue_registered{.id = 1});  // it has not looked at its ring
  script.at_ns(100);
  script.finish();
  CHECK(script.load.waiting().area() == 1'000 * (10 + 11 + 12 + 13));
  CHECK(script.load.longest_wait() == ns(13));
}

TEST_CASE("a job that is killed leaves the run-list with its fence, and one that is seen again is the same", "[load]") {
  Script script;
  script.put(queue_registered{.id = 1});
  script.write(1, 0);
  script.at_ns(10).put(ready(1));
  script.at_ns(20).put(ready(1));
  script.at_ns(30).put(dma_fence_signaled{.queue = QueueId{7}, .job = JobId{1}, .error = Errno::canceled});
  script.at_ns(40).put(dma_fence_signaled{.job = JobId{0}});
  script.at_ns(50);
  script.finish();
  CHECK(script.load.waiting().area() == 1'000 * 20);
}

TEST_CASE("of two that wait without an end the longer one is named", "[load]") {
  Script script;
  for (const std::uint32_t queue : {1U, 2U}) {
    script.on_queue(queue).put(queue_registered{.id = queue});
    script.write(queue, 0);
  }
  script.at_ns(10).on_queue(2).put(ready(1));
  script.at_ns(30).on_queue(1).put(ready(1));
  script.at_ns(100);
  script.finish();
  CHECK(script.load.waiting().most() == 2);
  CHECK(script.load.longest_waiter() == QueueId{2});
  CHECK(script.load.longest_wait() == ns(90));
}
