// SPDX-License-Identifier: MIT
// slots, engine_exclusive, work_done and firmware_id.
#include "tests/traces/oracles/oracle_run.h"
#include "traces/event/faults.h"

using namespace gpusim;
using namespace gpusim::trace;

TEST_CASE("slots: given twice, to one who has one, more than there are, or taken from another") {
  CHECK(spoken([](OracleRun& run) { run.script.put(slot_grant{.slot = 1}).on_queue(2).put(slot_grant{.slot = 1}); }) ==
        "slots: at 0 ps: slot 1 was granted to queue 2 (video.0.vcs) while queue 1 (game.0.rcs) held it");
  CHECK(spoken([](OracleRun& run) { run.script.put(slot_grant{.slot = 1}).put(slot_grant{.slot = 2}); }) ==
        "slots: at 0 ps: slot 2 was granted to queue 1 (game.0.rcs), which holds slot 1");
  CHECK(spoken([](OracleRun& run) {
          run.oracles.on_slot_count(2);
          run.script.put(slot_grant{.slot = 0}).on_queue(2).put(slot_grant{.slot = 2});
        }) == "slots: at 0 ps: slot 2 was granted to queue 2 (video.0.vcs) with 2 in use; the device has 2");
  CHECK(spoken([](OracleRun& run) { run.script.put(slot_grant{.slot = 1}).on_queue(2).put(slot_evict{.slot = 1}); }) ==
        "slots: at 0 ps: slot 1 was taken from queue 2 (video.0.vcs), but queue 1 (game.0.rcs) held it");
  CHECK(spoken([](OracleRun& run) {
          run.oracles.on_slot_count(2);
          for (int i = 0; i < 5; ++i) run.script.put(slot_grant{.slot = 1}).put(slot_evict{.slot = 1});
        }) == "");
}

TEST_CASE("engine_exclusive: an engine of two queues, a queue with two engines, work for another") {
  CHECK(spoken([](OracleRun& run) {
          run.assign();
          run.script.on_queue(2);
          run.assign();
        }) ==
        "engine_exclusive: at 0 ps: rcs0 was assigned to queue 2 (video.0.vcs) while it belonged to queue 1 "
        "(game.0.rcs)");
  CHECK(spoken([](OracleRun& run) {
          run.assign();
          run.script.put(engine_assign{.engine = 1});
        }) == "engine_exclusive: at 0 ps: queue 1 (game.0.rcs) got vcs0 while it had rcs0");
  CHECK(spoken([](OracleRun& run) { run.release(); }) ==
        "engine_exclusive: at 0 ps: rcs0 was released by queue 1 (game.0.rcs), but belonged to nobody");
  CHECK(spoken([](OracleRun& run) {
          run.assign();
          run.script.on_queue(2).put(fetch_begin{.engine = 0, .job = JobId{3}});
        }) ==
        "engine_exclusive: at 0 ps: rcs0 worked on job 3 of queue 2 (video.0.vcs), but belonged to queue 1 "
        "(game.0.rcs)");
}

TEST_CASE("work_done: a job ends after too little or too much") {
  const auto trace = [](std::uint64_t work, std::int64_t executed) {
    return [=](OracleRun& run) {
      run.script.put(job_start{.engine = 0, .job = JobId{1}, .work_ps = work});
      run.pass_ns(executed);
      run.script.put(job_end{.engine = 0, .job = JobId{1}});
    };
  };
  CHECK(spoken(trace(7'000, 7)) == "");
  CHECK(spoken(trace(~std::uint64_t{0}, 7)) == "");
  CHECK(spoken(trace(8'000, 7)) ==
        "work_done: at 7.000 ns: job 1 of queue 1 (game.0.rcs) ended on rcs0 after 7.000 ns of execution; its work is "
        "8.000 ns");
}

TEST_CASE("work_done: a job whose work the host has ended has an error") {
  const auto killed_with = [](Errno error) {
    return spoken(
        [=](OracleRun& run) {
          run.exec(1, 1);
          run.script.put(job_start{.engine = 0, .job = JobId{1}, .work_ps = 10'000});
          run.pass_ns(4);
          run.script.put(work_killed{.engine = 0, .job = JobId{1}}).put(job_end{.engine = 0, .job = JobId{1}});
          run.signal(1, 1, error);
        },
        false);
  };
  CHECK(killed_with(Errno::nodata) == "");
  CHECK(killed_with(Errno::ok) ==
        "work_done: at 4.000 ns: the work of job 1 of queue 1 (game.0.rcs) was ended, and its finished fence has no "
        "error");
}

TEST_CASE("work_done: the pieces of a preempted job add up, and what is said to be done is done") {
  const auto trace = [](std::int64_t said, std::int64_t resumed_at, std::int64_t rest) {
    return [=](OracleRun& run) {
      run.assign();
      run.script.put(job_start{.engine = 0, .job = JobId{1}, .work_ps = 10'000});
      run.pass_ns(4);
      run.script.put(job_preempted{.engine = 0, .job = JobId{1}, .done = ps(said)});
      run.pass_ns(100);
      run.script.put(job_resumed{.engine = 0, .job = JobId{1}, .done = ps(resumed_at)});
      run.pass_ns(rest);
      run.script.put(job_end{.engine = 0, .job = JobId{1}});
    };
  };
  CHECK(spoken(trace(4'000, 4'000, 6)) == "");
  CHECK(
      spoken(trace(4'000, 4'000, 7)) ==
      "work_done: at 111.000 ns: job 1 of queue 1 (game.0.rcs) ended on rcs0 after 11.000 ns of execution; its work is "
      "10.000 ns");
  CHECK(spoken(trace(5'000, 5'000, 5)) ==
        "work_done: at 4.000 ns: job 1 of queue 1 (game.0.rcs) was preempted on rcs0 with 5.000 ns said to be done; it "
        "had executed for 4.000 ns");
  CHECK(spoken(trace(4'000, 0, 10)) ==
        "work_done: at 104.000 ns: job 1 of queue 1 (game.0.rcs) was resumed on rcs0 with 0 ps said to be done; it had "
        "executed for 4.000 ns");
}

TEST_CASE("work_done: a job may take longer than its work for its bytes, all of which it moves") {
  constexpr JobId kJob{1};
  // Work of 4 ns, 100 bytes: preempted after 6 ns with `left` of them, resumed with `again`, ended `later` than moved.
  const auto trace = [=](std::uint64_t left, std::uint64_t again, std::uint64_t at_end, std::int64_t later) {
    return [=](OracleRun& run) {
      run.assign();
      run.script.put(job_start{.engine = 0, .job = kJob, .work_ps = 4'000})
          .put(transfer_begin{.engine = 0, .job = kJob, .bytes = 100, .left = 100});
      run.pass_ns(6);
      run.script.put(transfer_end{.engine = 0, .job = kJob, .bytes = 100, .left = left})
          .put(job_preempted{.engine = 0, .job = kJob, .done = ns(6)});
      run.pass_ns(10);
      run.script.put(job_resumed{.engine = 0, .job = kJob, .done = ns(6)})
          .put(transfer_begin{.engine = 0, .job = kJob, .bytes = 100, .left = again});
      run.pass_ns(3);
      run.script.put(transfer_end{.engine = 0, .job = kJob, .bytes = 100, .left = at_end});
      run.pass_ns(later);
      run.script.put(job_end{.engine = 0, .job = kJob});
    };
  };
  CHECK(spoken(trace(40, 40, 0, 0)) == "");
  CHECK(spoken(trace(40, 39, 0, 0)) ==
        "work_done: at 16.000 ns: job 1 of queue 1 (game.0.rcs) begins to move 39 bytes on rcs0; it has 40 left");
  CHECK(spoken(trace(101, 40, 0, 0)) ==
        "work_done: at 6.000 ns: job 1 of queue 1 (game.0.rcs) has 101 bytes left to move on rcs0, which it did not "
        "move");
  CHECK(spoken(trace(40, 40, 1, 0)) ==
        "work_done: at 19.000 ns: job 1 of queue 1 (game.0.rcs) ended on rcs0 with 1 bytes to be moved yet");
  CHECK(spoken(trace(40, 40, 0, 1)) ==
        "work_done: at 20.000 ns: job 1 of queue 1 (game.0.rcs) ended on rcs0 after 10.000 ns of execution; its work "
        "is 4.000 ns");
}

TEST_CASE("firmware_id: the firmware refuses what it was told") {
  CHECK(spoken([](OracleRun& run) { run.script.put(message_refused{.id = 3, .reason = 1}); }) ==
        "firmware_id: at 0 ps: the firmware refuses what it was told of firmware id 3: ?");
}

TEST_CASE("firmware_id: a message that a fault has corrupted is refused, and no other") {
  const auto refusals = [](int count) {
    return spoken([count](OracleRun& run) {
      run.script.put(fault_injected{.fault = Fault::corrupted_message});
      for (int i = 0; i < count; ++i) run.script.put(message_refused{.id = 3, .reason = 1});
    });
  };
  CHECK(refusals(1).empty());
  CHECK(refusals(2) == "firmware_id: at 0 ps: the firmware refuses what it was told of firmware id 3: ?");
}

TEST_CASE("firmware_id: an id is registered for another queue before it is given back") {
  CHECK(spoken([](OracleRun& run) {
          run.script.put(queue_registered{.id = 1}).on_queue(2).put(queue_registered{.id = 1});
        }) ==
        "firmware_id: at 0 ps: firmware id 1 was registered for queue 2 (video.0.vcs) while queue 1 (game.0.rcs) had "
        "it");
  CHECK(spoken([](OracleRun& run) {
          run.script.put(queue_registered{.id = 1}).put(queue_deregistered{.id = 1});
          run.script.on_queue(2).put(queue_registered{.id = 1});
        }) == "");
}
