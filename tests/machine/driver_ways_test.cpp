// SPDX-License-Identifier: MIT
// What xe and panthor do that a driver need not do: each held beside the default, which does not.
#include <algorithm>
#include <string>
#include <vector>

#include "firmware/abi/messages.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using test::loop_text;
using test::Outcome;
using test::run_to_end;

namespace {

using Errors = std::vector<Errno>;

const std::string kXe = "use = { device = \"xe_guc\" }\n";

}  // namespace

TEST_CASE("xe: the ban of a job that was found guilty stands, though it ends before the queue is disabled",
          "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string work = GENERATE("5121000", "5300000", "5700000");
  CAPTURE(component, work);
  // A job that cannot be preempted: at the first look, 5.12 s, its time is spent. It leaves when it ends.
  const std::string text = kXe + "[[client]]\nname = \"a\"\nworkload = \"wsim\"\nprogram = \"X.1.0\\n1.RCS." + work +
                           ".0.0\\n1.RCS.1000.0.0\\n1.RCS.1000.0.1\"\n";
  CHECK(run_to_end(text, component).errors.at("a") == Errors{Errno::ok, Errno::canceled, Errno::canceled});
  CHECK(run_to_end(text, component, {"use.driver=default", "scheduler.timeout_ms=5000"}).failed() == 0);
}

TEST_CASE("xe: -ETIME for the job that a timeout is about, though its queue was killed or banned", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const auto time_at = [](std::size_t count, std::initializer_list<std::size_t> heads) {
    Errors errors(count, Errno::canceled);
    for (const std::size_t head : heads) errors[head - 1] = Errno::time;
    return errors;
  };
  const std::string closed =
      "[[client]]\nname = \"a\"\nworkload = \"churn\"\nengine = \"rcs\"\nwork_us = 3000\njobs_per_cycle = 6\n"
      "cycles = 1\nhold_us = 1000\nsync = false\n";
  // The hardware has the first two. With drm_sched each of the others comes to it alone, is refused, and times out at
  // once; drm_dep's kill cancels them.
  const Errors both = component == "drm_sched" ? time_at(6, {1, 3, 4, 5, 6}) : time_at(6, {1});
  const Outcome killed = run_to_end(kXe + closed, component, {"driver.credit_limit=2"});
  CHECK(killed.errors.at("a") == both);
  const Outcome banned = run_to_end(kXe + loop_text("a", "work_us = 1000\njobs_per_cycle = 6\ncycles = 1\n"), component,
                                    {"driver.credit_limit=2", "fault.hung_job=1"});
  CHECK(banned.errors.at("a") == both);
  // Killed while the answer to the disable is awaited.
  const Outcome late =
      run_to_end(kXe + closed, component,
                 {"client.jobs_per_cycle=2", "client.hold_us=10000", "fault.hung_job=1", "scheduler.timeout_ms=1"});
  CHECK(late.errors.at("a") == time_at(2, {1}));
}

TEST_CASE("xe: a timeout does not look for a lost interrupt, a job that is done counts as stuck", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const std::string text = kXe + "[fault]\nlost_interrupt = 2\n" + loop_text("a", "work_us = 100\ncycles = 4\n");
  const Outcome xe = run_to_end(text, component);
  CHECK(xe.errors.at("a") == Errors{Errno::ok, Errno::time});
  const auto banned = xe.recording.all<trace::queue_banned>();
  REQUIRE(banned.size() == 1);
  CHECK(banned[0].time > SimTime{ms(10'240)});  // at the second look
  CHECK(banned[0].time < SimTime{ms(10'241)});
  CHECK(run_to_end(text, component, {"driver.timeout_reads_seqno=true"}).errors.at("a") == Errors(4, Errno::ok));
  // Another completion of its class in between, of whosever queue, finds it.
  const std::string beside = text + loop_text("b", "work_us = 100\nstart_us = 100000\ncycles = 1\n");
  CHECK(run_to_end(beside, component).failed() == 0);
}

TEST_CASE("a wait of 5 s for an answer is one of 5,000 jiffies of the wheel", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  // The engine is reset 5.05 s after the disable, at 5.12 s. The wait ends at 10.24 s.
  const std::string text = kXe + "[fault]\nhung_job = 2\n[device]\npreempt_timeout_ms = 5050\n" +
                           loop_text("a", "work_us = 1000\njobs_per_cycle = 3\ncycles = 2\n") +
                           loop_text("b", "work_us = 1000\njobs_per_cycle = 3\ncycles = 3\nstart_us = 5200000\n");
  const Outcome wheel = run_to_end(text, component);
  CHECK(wheel.count<trace::device_reset_begin>() == 0);
  CHECK(wheel.errors.at("b") == Errors(9, Errno::ok));
  CHECK(run_to_end(text, component, {"host.timer=exact"}).count<trace::device_reset_begin>() == 1);
}

TEST_CASE("a device that stays in reset for too long is gone", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const std::string text = "[fault]\nreset_ms = 20\n" + loop_text("a", "work_us = 3000\ncycles = 20\n");
  const auto errors = [&](const std::string& driver, const std::string& reset) {
    return run_to_end(text, component, {"use.driver=" + driver, "device.reset_ms=" + reset});
  };
  for (const auto& [driver, back, gone] : {std::tuple{"xe_like", "4", "6"}, std::tuple{"default", "990", "1010"}}) {
    CAPTURE(driver);
    CHECK(errors(driver, back).count<trace::device_gone>() == 0);
    const Outcome lost = errors(driver, gone);
    CHECK(lost.count<trace::device_gone>() == 1);
    CHECK(lost.errors.at("a").back() == Errno::nodev);
  }
  CHECK(run_to_end(text, component, {"driver.reset_timeout_ms=0", "device.reset_ms=3600000"}).failed() <= 1);
}

TEST_CASE("panthor: whoever does not leave its engine in 100 ms has the device reset, and pays alone", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const std::string text =
      "use = { device = \"mali_csf\" }\n[[client]]\nname = \"stubborn\"\nworkload = \"wsim\"\n"
      "program = \"X.1.0\\n1.RCS.2000000.0.1\"\n" +
      loop_text("app", "clones = 9\nwork_us = 3000\ncycles = 20\nstart_us = 50000\n");
  const Outcome csf = run_to_end(text, component);
  CHECK(csf.errors.at("stubborn") == Errors{Errno::timedout});
  CHECK(csf.errors.at("app") == Errors(180, Errno::ok));
  const auto replies = csf.recording.all<trace::message_reply>();
  CHECK(std::none_of(replies.begin(), replies.end(), [](const trace::message_reply& reply) {
    return reply.action.as<abi::Action>() == abi::Action::reset_notify;
  }));
  const auto resets = csf.recording.all<trace::device_reset_begin>();
  REQUIRE(resets.size() == 1);
  // It has to leave when a tick takes its slot, and the driver waits for the answer, by the timer wheel.
  const auto sent = csf.recording.all<trace::message_send>();
  const auto asked = std::find_if(sent.begin(), sent.end(), [&](const trace::message_send& message) {
    return message.action.as<abi::Action>() == abi::Action::disable_queue &&
           csf.recording.names.queues[message.queue.value()].name.starts_with("stubborn");
  });
  REQUIRE(asked != sent.end());
  CHECK(resets[0].time - asked->time >= ms(100));
  CHECK(resets[0].time - asked->time < ms(108));
  const Outcome xe =
      run_to_end(text, component, {"device.firmware.policy=tick_rotation", "device.preempt_miss=reset_engine"});
  CHECK(xe.count<trace::device_reset_begin>() == 0);
  CHECK(xe.errors.at("app") == Errors(180, Errno::ok));
}

TEST_CASE(
    "panthor: a queue that is disabled for a head whose doorbell is not rung yet goes on, though its timeout finds "
    "the job before done",
    "[recovery]") {
  // Each exec and each run_job takes 2.8 s for a fence. The component learns late that a job is done: by then the next
  // one has been in the ring for as long as its timeout, 5 s, and only its doorbell is missing.
  const Outcome slow = run_to_end(
      "use.driver = \"panthor_like\"\nscheduler.done_context = \"worker\"\n"
      "scheduler.fence_init_ms = 2800\n" +
          loop_text("a", "clones = 4\nwork_us = 100\ncycles = 1\njobs_per_cycle = 3\n"),
      "drm_dep");
  CHECK(slow.count<trace::job_timedout>() > 0);
  CHECK(slow.errors.at("a") == Errors(12, Errno::ok));
}

TEST_CASE("a queue's end: no wake-up between the answer to the disable and the next request", "[recovery]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  std::vector<Picoseconds> gaps;
  for (const char* wake : {"4", "8", "24"}) {
    const Outcome outcome = run_to_end(kXe + loop_text("a", "work_us = 100\ncycles = 1\n"), component,
                                       {std::string{"host.worker_wake_us="} + wake});
    SimTime answered{};
    for (const auto& reply : outcome.recording.all<trace::message_reply>()) {
      if (reply.action.as<abi::Action>() == abi::Action::disable_queue) answered = reply.time;
    }
    for (const auto& sent : outcome.recording.all<trace::message_send>()) {
      if (sent.action.as<abi::Action>() == abi::Action::deregister_queue) gaps.push_back(sent.time - answered);
    }
  }
  REQUIRE(gaps.size() == 3);
  CHECK(gaps[0] < us(1));
  CHECK(gaps == std::vector<Picoseconds>(3, gaps[0]));
}
