// SPDX-License-Identifier: MIT
// Clients that share buffers, timelines and fences: who waits for whom, and what is said if that is for ever.
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/any_component.h"
#include "tests/support/machine/finding.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using namespace gpusim::test;

namespace {

const workload::ShareSpec kShare{{"b", "c"}, {"t", "u"}, {"f"}};

struct Program {
  std::string name;
  Picoseconds start;
  std::string text;
  std::uint64_t repeats = 1;
};

scenario::ScenarioSpec sharing(scenario::Component component, const std::vector<Program>& programs) {
  scenario::ScenarioSpec spec = ideal_scenario();
  spec.component = component;
  spec.share = kShare;
  for (const Program& program : programs) {
    spec.clients.push_back(client(program.name, steps_workload(program.text, kShare, program.repeats)));
    spec.clients.back().start = program.start;
  }
  return spec;
}

/// "a 0: vcs0 100-200" for each job: its client, when it was submitted, and where and when it ran; in us.
Texts lives(const Recording& recording) {
  Texts texts;
  for (const Job& job : recording.jobs()) {
    texts.push_back(recording.names.clients.at(job.client) + " " + us_of(job.submitted) + ": " + job.engine + " " +
                    us_of(job.start.value()) + "-" + us_of(job.end.value()));
  }
  return texts;
}

Texts lives(scenario::Component component, const std::vector<Program>& programs) {
  const Recording recording = run(sharing(component, programs));
  CHECK(recording.result.outcome == system::Outcome::finished);
  return lives(recording);
}

}  // namespace

// --- buffers ---------------------------------------------------------------------------------------------------------

TEST_CASE("readers of another client's buffer wait for its writer and not for each other, a writer waits for all",
          "[sharing]") {
  const auto component = any_component();
  CAPTURE(component);
  CHECK(lives(component, {{"w", us(0), "submit rcs 1000 write b"},
                          {"r1", us(100), "submit vcs0 500 read b"},
                          {"r2", us(200), "submit bcs 300 read b"},
                          {"w2", us(300), "submit vecs 100 write b"},
                          {"other", us(400), "submit vcs1 100 write c"}}) ==
        Texts{"w 0: rcs0 0-1000", "r1 100: vcs0 1000-1500", "r2 200: bcs0 1000-1300", "w2 300: vecs0 1500-1600",
              "other 400: vcs1 400-500"});
}

TEST_CASE("each usage of a buffer waits for the kernel's stronger ones, and a move for all", "[sharing]") {
  const auto component = any_component();
  CAPTURE(component);
  // The first job runs to 1000 us, the second is submitted at 100 us: it runs then, or has to wait.
  const std::vector<std::string> usages{"move", "write", "read", "bookkeep"};
  const auto waits = [&](std::size_t first, std::size_t second) {
    const Texts texts = lives(component, {{"a", us(0), "submit rcs 1000 " + usages[first] + " b"},
                                          {"z", us(100), "submit bcs 10 " + usages[second] + " b"}});
    CHECK((texts.at(1) == "z 100: bcs0 100-110" || texts.at(1) == "z 100: bcs0 1000-1010"));
    return texts.at(1) == "z 100: bcs0 1000-1010";
  };
  for (std::size_t first = 0; first < usages.size(); ++first) {
    CAPTURE(usages[first]);
    CHECK(waits(first, 0));                  // a move waits for everybody
    CHECK(waits(first, 1) == (first <= 2));  // a writer for all but bookkeep
    CHECK(waits(first, 2) == (first <= 1));  // a reader for writers and moves
    CHECK(waits(first, 3) == (first == 0));  // bookkeep for moves
  }
}

TEST_CASE("idle: a client waits until all who use a buffer are done, whoever they are", "[sharing]") {
  const auto component = any_component();
  CAPTURE(component);
  CHECK(lives(component, {{"w", us(0), "submit rcs 1000 write b"}, {"z", us(100), "idle b\nsubmit bcs 10"}}) ==
        Texts{"w 0: rcs0 0-1000", "z 1000: bcs0 1000-1010"});
}

TEST_CASE("wsim clients that name the same shared_sets have their W sets in common", "[sharing]") {
  const auto component = any_component();
  CAPTURE(component);
  // Of a public report: three readers on two engines, and a writer that comes at 500 us. The readers have two batches
  // of 1 ms each at once, and a third with the wait. VCS is shared by quantum or not at all; here not at all: each
  // engine has three batches of two clients and three of the third's to share, 9 ms of work on two engines.
  scenario::ScenarioSpec spec = ideal_scenario();
  spec.component = component;
  workload::WsimSpec readers =
      wsim_workload("W.1.4k\nM.1.VCS\nB.1\n1.VCS.1000.r1-0.0\n1.VCS.1000.r1-0.0\n1.VCS.1000.r1-0.1", 1);
  workload::WsimSpec writer = wsim_workload("W.1.4k\n1.RCS.1000.w1-0.1", 1);
  const bool is_shared = GENERATE(true, false);
  CAPTURE(is_shared);
  if (is_shared) readers.shared_sets = writer.shared_sets = "surface";
  spec.clients = {client("readers", readers, 3), client("w", writer)};
  spec.clients[1].start = us(500);
  const Recording recording = run(spec);
  SimTime last_read{};
  Job write;
  for (const Job& job : recording.jobs()) {
    if (recording.names.clients.at(job.client) == "w") {
      write = job;
    } else {
      last_read = std::max(last_read, job.end.value());
    }
  }
  CHECK(write.submitted == SimTime{us(500)});
  CHECK(write.start == (is_shared ? last_read : SimTime{us(500)}));
  CHECK(last_read >= SimTime{us(4500)});
}

// --- timelines and fences --------------------------------------------------------------------------------------------

TEST_CASE("a submit may wait for a point that is not submitted yet: its client sleeps until it is", "[sharing]") {
  const auto component = any_component();
  CAPTURE(component);
  CHECK(lives(component, {{"z", us(0), "submit bcs 100 after t:1"}, {"a", us(300), "submit rcs 200 signal t:1"}}) ==
        Texts{"a 300: rcs0 300-500", "z 300: bcs0 500-600"});
}

TEST_CASE("a wait is for the signal, `available` for the submit", "[sharing]") {
  const auto component = any_component();
  CAPTURE(component);
  const Program signaller{"a", us(300), "submit rcs 200 signal t:1"};
  CHECK(lives(component, {{"z", us(0), "wait t:1\nsubmit bcs 10"}, signaller}) ==
        Texts{"a 300: rcs0 300-500", "z 500: bcs0 500-510"});
  CHECK(lives(component, {{"z", us(0), "available t:1\nsubmit bcs 10"}, signaller}) ==
        Texts{"a 300: rcs0 300-500", "z 300: bcs0 300-310"});
}

TEST_CASE("a point stands for all before it, and a CPU may signal one", "[sharing]") {
  const auto component = any_component();
  CAPTURE(component);
  CHECK(lives(component, {{"a", us(0), "submit rcs 900 signal t:1\nsleep 100\nsignal t:2"},
                          {"z", us(0), "available t:2\nsubmit bcs 10 after t:2"},
                          {"y", us(0), "signal u:5\nsubmit vcs0 10 after u:3"}}) ==
        Texts{"a 0: rcs0 0-900", "y 0: vcs0 0-10", "z 100: bcs0 900-910"});
}

TEST_CASE("a wait ends when its time is over, and the first of several points ends a poll", "[sharing]") {
  const auto component = any_component();
  CAPTURE(component);
  const Program signaller{"a", us(0), "sleep 400\nsubmit rcs 100 signal t:1\nsubmit vcs0 300 signal u:1"};
  CHECK(lives(component, {{"z", us(0), "wait t:1 within 250\nsubmit bcs 10"}, signaller}).at(0) ==
        "z 250: bcs0 250-260");
  CHECK(lives(component, {{"z", us(0), "poll u:1 t:1\nsubmit bcs 10"}, signaller}).at(2) == "z 500: bcs0 500-510");
  CHECK(lives(component, {{"z", us(0), "wait-any u:1 t:1\nsubmit bcs 10"}, signaller}).at(2) == "z 500: bcs0 500-510");
  CHECK(lives(component, {{"z", us(0), "wait u:1 t:1\nsubmit bcs 10"}, signaller}).at(2) == "z 700: bcs0 700-710");
}

TEST_CASE("a fence holds the last job that signals it until it is reset", "[sharing]") {
  const auto component = any_component();
  CAPTURE(component);
  CHECK(lives(component, {{"a", us(0), "submit rcs 100 signal f\nsleep 200\nsubmit rcs 300 signal f"},
                          {"z", us(10), "wait f\nsubmit bcs 10"},
                          {"y", us(150), "wait f\nsubmit vcs0 10\nreset f\nwait f\nsubmit vcs0 10"}}) ==
        Texts{"a 0: rcs0 0-100", "z 100: bcs0 100-110", "y 150: vcs0 150-160", "a 200: rcs0 200-500",
              "y 500: vcs0 500-510"});
}

TEST_CASE("who waits before the submit is bound to what is submitted first, whatever the syncobj has later",
          "[sharing]") {
  const auto component = any_component();
  const std::string verb = GENERATE("wait", "wait-any", "poll");
  CAPTURE(component, verb);
  const Program waiter{"z", us(0), verb + " f\nsubmit bcs 10"};
  CHECK(lives(component, {waiter, {"a", us(50), "submit rcs 300 signal f\nreset f"}}) ==
        Texts{"a 50: rcs0 50-350", "z 350: bcs0 350-360"});
  CHECK(lives(component, {waiter, {"a", us(50), "submit rcs 300 signal f\nsubmit rcs 900 signal f"}}) ==
        Texts{"a 50: rcs0 50-350", "a 50: rcs0 350-1250", "z 350: bcs0 350-360"});
  CHECK(lives(component,
              {{"z", us(0), "available f\nsubmit bcs 10"}, {"a", us(50), "submit rcs 300 signal f\nreset f"}}) ==
        Texts{"a 50: rcs0 50-350", "z 50: bcs0 50-60"});
  // The node of point 5 stands for 3, too; that of 3, which comes later, is behind it.
  CHECK(lives(component, {{"z", us(0), verb + " t:3\nsubmit bcs 10"},
                          {"a", us(50), "submit rcs 300 signal t:5\nsubmit rcs 100 signal t:3"}}) ==
        Texts{"a 50: rcs0 50-350", "a 50: rcs0 350-450", "z 350: bcs0 350-360"});
}

TEST_CASE("points rise with the loop: two buffers in turn between a producer and a consumer", "[sharing]") {
  const auto component = any_component();
  CAPTURE(component);
  // The producer may be two frames ahead. Consumer: 250 us a frame, producer: 100 us.
  CHECK(lives(component, {{"p", us(0), "submit rcs 100 after u:i-2 signal t:i\nwait t:i", 4},
                          {"c", us(0), "submit bcs 250 after t:i signal u:i\nwait u:i", 4}}) ==
        Texts{"p 0: rcs0 0-100", "c 0: bcs0 100-350", "p 100: rcs0 100-200", "p 200: rcs0 350-450",
              "c 350: bcs0 350-600", "p 450: rcs0 600-700", "c 600: bcs0 600-850", "c 850: bcs0 850-1100"});
}

TEST_CASE("close: other clients go on when a queue is closed with jobs in flight", "[sharing]") {
  const auto component = any_component();
  CAPTURE(component);
  CHECK(lives(component, {{"a", us(0), "submit rcs 500 write b signal t:1\nclose\nsubmit rcs 10"},
                          {"z", us(10), "submit bcs 10 read b"},
                          {"y", us(20), "submit vcs0 10 after t:1"}}) ==
        Texts{"a 0: rcs0 0-500", "a 0: rcs0 500-510", "z 10: bcs0 500-510", "y 20: vcs0 500-510"});
}

// --- stalls ----------------------------------------------------------------------------------------------------------

TEST_CASE("a point that nobody signals is a stall that names it", "[sharing][stall]") {
  const auto component = any_component();
  CAPTURE(component);
  const Finding finding = find_in(sharing(component, {{"z", us(0), "submit rcs 10 after t:3"},
                                                      {"a", us(0), "submit bcs 10 signal t:1\nsleep 20"},
                                                      {"y", us(0), "wait u:1"}}));
  CHECK(finding.outcome == system::Outcome::stalled);
  CHECK(finding.text ==
        "nothing is left to happen at 20.000 us, and:\n"
        "  client z waits for point 3 of t, which nobody has submitted; client a signals it, and has ended\n"
        "  client y waits for point 1 of u, which nobody has submitted, and no client signals it\n");
}

TEST_CASE("clients that wait for each other's submits are a stall that shows the cycle", "[sharing][stall]") {
  const auto component = any_component();
  CAPTURE(component);
  const Finding finding = find_in(
      sharing(component, {{"a", us(0), "submit rcs 10 after u:1 signal t:1"}, {"z", us(0), "wait t:1\nsignal u:1"}}));
  CHECK(finding.outcome == system::Outcome::stalled);
  CHECK(finding.text ==
        "nothing is left to happen at 0 ps, and:\n"
        "  client a waits for point 1 of u, which nobody has submitted; client z signals it, and waits for point 1 of "
        "t, which nobody has submitted; client a signals it, which closes the cycle\n"
        "  client z waits for point 1 of t, which nobody has submitted; client a signals it, and waits for point 1 of "
        "u, which nobody has submitted; client z signals it, which closes the cycle\n");
}

TEST_CASE("a client that waits for what itself signals later is told so", "[sharing][stall]") {
  const Finding finding = find_in(sharing(any_component(), {{"a", us(0), "wait f\nsignal f"}}));
  CHECK(finding.text ==
        "nothing is left to happen at 0 ps, and:\n"
        "  client a waits for fence f, which nobody has submitted; client a signals it, later\n");
}

TEST_CASE("the graph of a stall goes through a timeline to the job behind it", "[sharing][stall]") {
  const auto component = any_component();
  CAPTURE(component);
  // The job of point 1 hangs, and nothing ends it.
  scenario::ScenarioSpec spec = sharing(
      component, {{"a", us(0), "submit rcs 10 signal t:1\nsubmit bcs 10 signal t:2"}, {"z", us(50), "wait t:2"}});
  spec.fault.hung_job = 1;
  const Finding finding = find_in(spec);
  CHECK(finding.outcome == system::Outcome::stalled);
  CAPTURE(finding.text);
  const std::size_t point = finding.text.find(", point 2 of t: fence ");
  REQUIRE(point != std::string::npos);
  CHECK(finding.text.find(" of queue a.rcs: ", point) != std::string::npos);
}
