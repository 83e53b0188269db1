// SPDX-License-Identifier: MIT
// drm_sched where its behaviour can be said in closed form (hop h = 2 us, wake-up 1 us, all other code free), without
// the real scheduler's logs.
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/drm_truth/player.h"

namespace gpusim::test::truth {
namespace {

std::string lines(std::string_view script, std::string_view events) { return lines_of(play(script), events); }

std::int64_t last_time(const Log& log, std::string_view event) {
  std::int64_t time = -1;
  for (const Line& line : log) {
    if (line.event == event) time = line.time;
  }
  return time;
}

TEST_CASE("push to run takes a hop, job end to the next run two, end to free one", "[drm_sched]") {
  const char* script =
      "sched s credits=1\nentity e s\n"
      "at 10us submit e a us=100 ; submit e b us=50\n";
  CHECK(lines(script, "run done free") ==
        "12000 run a, 112000 done a, 114000 free a, 116000 run b, 166000 done b, 168000 free b");
}

TEST_CASE("n jobs of length d cost n(d+2h) on one credit", "[drm_sched]") {
  for (const int n : {1, 2, 17}) {
    for (const int hop : {1, 2, 10}) {
      const Log log = play("model hop=" + std::to_string(hop) +
                           "us\nsched s credits=1\nentity e s\nat 0 burst e n=" + std::to_string(n) + " us=70\n");
      // h to the first run; no free worker's hop after the last
      CHECK(last_time(log, "done") == 1000 * (n * (70 + 2 * hop) - hop));
    }
  }
}

TEST_CASE("with credits to spare the run worker starts a job a pass", "[drm_sched]") {
  CHECK(lines("sched s credits=3\nentity e s\nat 0 burst e n=4 us=100\n", "run") ==
        "2000 run j0, 4000 run j1, 6000 run j2, 106000 run j3");
}

TEST_CASE("a pass that was queued anyway uses credits before the free worker", "[drm_sched]") {
  // unpause queues both workers, 1 us before the job ends.
  const char* script = "sched s credits=1\nentity e s\nat 0 submit e a us=100 ; submit e b us=10\nat 101us unpause s\n";
  CHECK(lines(script, "run") == "2000 run a, 103000 run b");
}

TEST_CASE("a job above the credit limit is cut down to it, zero is refused", "[drm_sched]") {
  CHECK(lines("sched s credits=2\nentity e s\nat 0 submit e a us=9 credits=7 ; submit e b us=9 credits=0\n",
              "run free msg") == "0 msg -, 2000 run a, 13000 free a");
}

TEST_CASE("a dependency on another scheduler costs one hop, one on the own entity nothing", "[drm_sched]") {
  const char* script =
      "sched s credits=2\nsched t credits=2\nentity e s\nentity g t\n"
      "at 0 submit e a us=100 ; submit g b us=10 deps=a ; submit e c us=10 deps=a\n";
  CHECK(lines(script, "run dep_wait dep_wake") ==
        "2000 run a, 2000 dep_wait b, 4000 run c, 102000 dep_wake b, 104000 run b");
}

TEST_CASE("of one fence context only the later fence is waited for", "[drm_sched]") {
  const char* script =
      "sched s credits=4\nsched t\nentity e s\nentity g t\n"
      "at 0 submit e a us=10 ; submit e b us=10 ; submit g x us=10 deps=b,a\n";
  CHECK(lines(script, "add_dep dep_wait run") == "0 add_dep x, 2000 run a, 2000 dep_wait x, 4000 run b, 24000 run x");
}

TEST_CASE("killed jobs end a hop apart, in order, each after its dependencies", "[drm_sched]") {
  const char* script =
      "sched s credits=1\nentity e s\nfence f\n"
      "at 0 submit e a us=100 ; submit e b ; submit e c ext=f ; submit e d\n"
      "at 50us kill e\nat 300us signal f\n";
  CHECK(lines(script, "run finished") ==
        "2000 run a, 102000 finished a, 104000 finished b, 302000 finished c, 304000 finished d");
}

TEST_CASE("the timeout counts from the start of the latest job, a hop after it fires", "[drm_sched][timeout]") {
  const char* script =
      "sched s timeout_us=5000 credits=4 engine=ring\nentity e s\n"
      "at 0 submit e hung\nat 3ms submit e a us=10\n";
  CHECK(lines(script, "timeout run") == "2000 run hung, 3002000 run a, 8004000 timeout hung");
}

TEST_CASE("fault fires once, the immediate timeout for good", "[drm_sched][timeout]") {
  const std::string set_up = "sched s engine=ring\nentity e s\nat 0 submit e a ; submit e b\n";
  CHECK(lines(set_up + "at 1ms fault s\n", "timeout") == "1002000 timeout a");
  CHECK(lines(set_up + "at 1ms tdr_imm s\n", "timeout") == "1002000 timeout a, 1004000 timeout b");
}

TEST_CASE("a suspended timer keeps what was left of it", "[drm_sched][timeout]") {
  const char* script =
      "sched s timeout_us=10000\nentity e s\nat 0 submit e a\n"
      "at 4ms suspend_tdr s\nat 50ms resume_tdr s\n";
  CHECK(lines(script, "timeout") == "56002000 timeout a");
}

TEST_CASE("a job that did not hang is put back and freed when it ends", "[drm_sched][timeout]") {
  const char* script = "sched s timeout_us=5000 tdr=nohang\nentity e s\nat 0 submit e a us=7000\n";
  CHECK(lines(script, "timeout timeout_ret free") == "5004000 timeout a, 5004000 timeout_ret a, 7004000 free a");
}

TEST_CASE("stop, resubmit, start: survivors run again, and end once", "[drm_sched][recovery]") {
  const char* script =
      "sched s credits=2 engine=ring\nentity e s\nat 0 burst e n=3 us=1000\n"
      "at 500us stop s ; sleep 100us ; hwreset s ; resubmit s ; start s\n";
  CHECK(lines(script, "run done") ==
        "2000 run j0, 4000 run j1, 1600000 done j0, 1604000 run j2, 2600000 done j1, 3600000 done j2");
}

TEST_CASE("start ends jobs that have lost their hardware fence", "[drm_sched][recovery]") {
  const Log log = play(
      "sched s credits=2\nentity e s\nat 0 burst e n=2 us=1000\nat 500us stop s ; hwreset s ; "
      "start s errno=-62\n");
  CHECK(lines_of(log, "finished free") == "500000 finished j0, 500000 finished j1, 502000 free j0, 504000 free j1");
  for (const Line& line : log) {
    if (line.event == "free") CHECK(line.fields.at("err") == "-62");
  }
}

TEST_CASE("stop twice sleeps for ever on the survivors", "[drm_sched][recovery]") {
  CHECK(lines("sched s\nentity e s\nat 0 submit e a us=1000\nat 500us stop s ; stop s ; start s\n",
              "stop stop_end start") == "500000 stop -, 500000 stop_end -, 500000 stop -");
}

TEST_CASE("a hung job above the hang limit takes its entity's jobs with it", "[drm_sched][recovery]") {
  const Log log = play(
      "sched s timeout_us=5000 credits=2 engine=ring tdr=resubmit karma=1 hang_limit=0 reset=300us "
      "skip_err=1\nentity e s guilty=1\nat 0 submit e h ; submit e a us=100 ; submit e b us=100\n");
  CHECK(lines_of(log, "timeout skip finished") ==
        "5006000 timeout h, 5306000 skip h, 5306000 skip a, 5306000 finished h, 5306000 finished a, 5308000 skip b, "
        "5308000 finished b");
}

TEST_CASE("jobs of kernel priority gain no karma", "[drm_sched][recovery]") {
  const Log log = play("sched s\nentity e s prio=KERNEL guilty=1\nat 0 submit e a us=100\nat 10us karma a\n");
  REQUIRE(log.back().event != "");
  for (const Line& line : log) {
    if (line.event == "karma")
      CHECK(line.fields == std::map<std::string, std::string>{{"guilty", "0"}, {"karma", "0"}});
  }
}

TEST_CASE("fini cancels from the newest, wakes who flushes, and leaves the queue alone", "[drm_sched][end]") {
  const char* script =
      "sched s credits=2\nentity e s\nat 0 burst e n=3 us=1000\nat 100us flush e\nat 500us fini s ; echeck e\n";
  CHECK(lines(script, "cancel free flush_end") ==
        "500000 cancel j1, 500000 free j1, 500000 cancel j0, 500000 free j0, 501000 flush_end -");
}

TEST_CASE("an exiting task flushes no longer than it said, and kills if it was killed", "[drm_sched][end]") {
  const char* script =
      "sched s credits=1\nentity e s\nat 0 burst e n=3 us=3000\n"
      "at 200us flush e timeout_us=4000 exiting sigkill\n";
  CHECK(lines(script, "flush_end finished") ==
        "3002000 finished j0, 4200000 flush_end -, 6006000 finished j1, 6008000 finished j2");
}

TEST_CASE("two schedulers on one serial ordered queue wait for each other's hops", "[drm_sched]") {
  const std::string set_up =
      "wq q ordered\nsched s credits=1 submit_wq=q\nsched t credits=1 submit_wq=q\nentity e s\nentity g t\n"
      "at 0 submit e a us=100 ; submit g b us=100\n";
  CHECK(lines("model wq=pipelined\n" + set_up, "run") == "2000 run a, 2000 run b");
  CHECK(lines("model wq=serial\n" + set_up, "run") == "2000 run a, 4000 run b");
}

TEST_CASE("mutually dependent entities can both be killed", "[drm_sched][end]") {
  const char* script =
      "sched s credits=1\nsched t credits=1\nentity e s\nentity g t\n"
      "at 0 submit e m us=100 ; submit g n us=100 ; submit e a ; submit g b deps=a ; submit e c deps=b\n"
      "at 50us kill e ; kill g\n";
  // a and b are looked at a hop after m and n, in that order, so that b finds a done; c comes a hop after a
  CHECK(lines(script, "finished") ==
        "102000 finished m, 102000 finished n, 104000 finished a, 104000 finished b, 106000 finished c");
}

TEST_CASE("a device that is gone: jobs are cancelled by fini, their fences never signal", "[drm_sched][end]") {
  const Log log = play(
      "sched s timeout_us=5000 credits=2 tdr=enodev engine=ring\nentity e s\nat 0 burst e n=3\n"
      "at 20ms destroy e exiting sigkill ; fini s ; check j0 ; check j2\n");
  CHECK(lines_of(log, "timeout cancel free fini_end") ==
        "5006000 timeout j0, 1020000000 fini_end -, 1020000000 cancel j1, 1020000000 free j1, 1020000000 cancel j0, "
        "1020000000 free j0, 1020000000 fini_end -");
  for (const Line& line : log) {
    if (line.event == "check") CHECK(line.fields.at("fin") == "0");
  }
}

TEST_CASE("a reset of a group stops, resubmits and starts all its schedulers", "[drm_sched][recovery]") {
  const char* script =
      "wq o ordered\nsched s timeout_us=5000 engine=ring tdr=group reset=300us timeout_wq=o hang_limit=0 karma=1 "
      "skip_err=1\nsched t timeout_us=9000 engine=ring tdr=group timeout_wq=o\nentity e s\nentity g t\n"
      "at 0 submit e h ; submit g a us=8000\n";
  CHECK(lines(script, "timeout finished") == "5004000 timeout h, 5304000 finished h, 13304000 finished a");
}

TEST_CASE("without cancel_job fini leaves what is on the hardware", "[drm_sched][end]") {
  const Log log = play("sched s cancel_job=0\nentity e s\nat 0 burst e n=2 us=5000\nat 1ms destroy e ; fini s\n");
  REQUIRE(log.back().event == "finished");  // the hardware goes on
  CHECK(lines_of(log, "free cancel") == "");
}

TEST_CASE("run_job may give an error, nothing, or a fence that has signalled", "[drm_sched]") {
  const char* script =
      "sched s credits=1\nentity e s\nat 0 submit e a fail=-5 ; submit e b null ; submit e c instant ; submit e d "
      "us=1\n";
  CHECK(lines(script, "run free") ==
        "2000 run a, 4000 free a, 4000 run b, 6000 free b, 6000 run c, 8000 free c, 8000 run d, 11000 free d");
}

}  // namespace
}  // namespace gpusim::test::truth
