// SPDX-License-Identifier: MIT
// The reader of step programs: each step into its exact tree, each error at its exact place.
#include "sim/workload/steps_parser.h"

#include <string>
#include <variant>
#include <vector>

#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::workload;

namespace {

const ShareSpec kShare{{"front", "back"}, {"drawn", "shown"}, {"ready"}};

StepsProgram accepted_steps(const std::string& text) {
  StepsParseResult result = parse_steps(text, "t", kShare);
  for (const WsimProblem& problem : result.problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(result.ok());
  return *std::move(result.program);
}

// The text's only problem, in full.
std::string refused_steps(const std::string& text) {
  const StepsParseResult result = parse_steps(text, "t", kShare);
  for (const WsimProblem& problem : result.problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(result.problems.size() == 1);
  REQUIRE_FALSE(result.ok());
  return result.problems[0].to_string();
}

template <class Step>
Step only_step(const std::string& text) {
  return std::get<Step>(accepted_steps(text).steps.at(0));
}

}  // namespace

TEST_CASE("steps: a submit moves bytes up, down or within the device, once", "[steps]") {
  const auto moved = [](const std::string& clauses) {
    return only_step<SubmitStep>("submit bcs 5 " + clauses).transfer;
  };
  const TransferSpec upload = moved("read front upload 16000000 signal ready");
  CHECK(upload.bytes == 16'000'000);
  CHECK(upload.from == MemoryPlace::host);
  CHECK(upload.to == MemoryPlace::device);
  const TransferSpec readback = moved("readback 1");
  CHECK(readback.bytes == 1);
  CHECK(readback.from == MemoryPlace::device);
  CHECK(readback.to == MemoryPlace::host);
  const TransferSpec copy = moved("copy 1000000000000");
  CHECK(copy.bytes == 1'000'000'000'000);
  CHECK(copy.from == MemoryPlace::device);
  CHECK(copy.to == MemoryPlace::device);
  CHECK(moved("copy 16K").bytes == 16'384);
  CHECK(moved("after ready").bytes == 0);
  CHECK(refused_steps("submit bcs 5 upload 0") == "t:1:21: step 0: '0' is no number of bytes from 1 to 1000000000000");
  CHECK(refused_steps("submit bcs 5 upload") == "t:1:20: step 0: the number of bytes is missing");
  CHECK(refused_steps("submit bcs 5 copy 7 upload 7") == "t:1:21: step 0: a job moves bytes one way only");
  CHECK(refused_steps("gang bcs 5 rcs 5 upload 7") == "t:1:18: step 0: jobs of a gang move no bytes");
}

TEST_CASE("steps: a submit has an engine, a time, uses of buffers, waits and signals", "[steps]") {
  const auto submit =
      only_step<SubmitStep>("submit vcs1 100-200 read front write back after drawn:2i-1 signal shown:i+3 signal ready");
  CHECK(submit.engine == EngineChoice{abi::EngineClass::video, 1});
  CHECK(submit.work.min == us(100));
  CHECK(submit.work.max == us(200));
  REQUIRE(submit.uses.size() == 2);
  CHECK(submit.uses[0].buffer == 0);
  CHECK(submit.uses[0].usage == sched::Usage::read);
  CHECK(submit.uses[1].buffer == 1);
  CHECK(submit.uses[1].usage == sched::Usage::write);
  REQUIRE(submit.after.size() == 1);
  CHECK(submit.after[0].syncobj == 0);
  CHECK(submit.after[0].at(1) == 1);
  CHECK(submit.after[0].at(5) == 9);
  REQUIRE(submit.signal.size() == 2);
  CHECK(submit.signal[0].syncobj == 1);
  CHECK(submit.signal[0].at(2) == 5);
  CHECK(submit.signal[1].syncobj == 2);
  CHECK(submit.signal[1].is_fence);
  CHECK_FALSE(submit.dont_pipeline);
  CHECK(only_step<SubmitStep>("submit rcs 1 dont-pipeline").dont_pipeline);
  const auto moved = only_step<SubmitStep>("submit bcs 1 move front bookkeep back");
  CHECK(moved.uses.at(0).usage == sched::Usage::kernel);
  CHECK(moved.uses.at(1).usage == sched::Usage::bookkeep);
}

TEST_CASE("steps: a gang has two to four jobs, of which the last is the leader", "[steps]") {
  const auto gang = only_step<SubmitStep>("gang ccs 100-200 vcs1 5 rcs 300 write back signal ready");
  REQUIRE(gang.members.size() == 2);
  CHECK(gang.members[0].engine == EngineChoice{abi::EngineClass::compute, -1});
  CHECK(gang.members[0].work.max == us(200));
  CHECK(gang.members[1].engine == EngineChoice{abi::EngineClass::video, 1});
  CHECK(gang.engine == EngineChoice{abi::EngineClass::render, -1});
  CHECK(gang.work.min == us(300));
  CHECK(gang.uses.size() == 1);
  CHECK(gang.signal.size() == 1);
  CHECK(only_step<SubmitStep>("gang ccs 1 vcs0 1 vcs1 1 rcs 1").members.size() == 3);
  CHECK(only_step<SubmitStep>("submit rcs 1").members.empty());
  CHECK(engines_of(accepted_steps("submit bcs 1\ngang ccs 1 rcs 1\nsubmit rcs 1")).size() == 3);
  CHECK(refused_steps("gang") == "t:1:5: step 0: an engine is missing");
  CHECK(refused_steps("gang rcs 1") == "t:1:11: step 0: an engine is missing");
  CHECK(refused_steps("gang rcs 1 read front") ==
        "t:1:12: step 0: 'read' is no engine (rcs, bcs, vcs, vecs, ccs, or one of a class, as vcs1)");
  CHECK(refused_steps("gang rcs 1 ccs") == "t:1:15: step 0: the time of the job in us is missing");
  CHECK(refused_steps("gang rcs 1 rcs 1") ==
        "t:1:12: step 0: rcs has a job of this gang already: each is of another queue");
  CHECK(refused_steps("gang rcs 1 bcs 1 vcs 1 vecs 1 ccs 1") ==
        "t:1:31: step 0: a gang has at most 4 jobs, as in amdgpu");
}

TEST_CASE("steps: four ways to wait", "[steps]") {
  const auto wait = only_step<WaitStep>("wait drawn:1 ready within 250");
  CHECK(wait.points.size() == 2);
  CHECK(wait.points[0].at(7) == 1);
  CHECK(wait.wait_for == drv::WaitFor::signalled);
  CHECK(wait.all);
  CHECK_FALSE(wait.by_eventfd);
  CHECK(wait.within == us(250));
  CHECK_FALSE(only_step<WaitStep>("wait-any drawn:1 drawn:2").all);
  CHECK(only_step<WaitStep>("available drawn:i").wait_for == drv::WaitFor::available);
  const auto poll = only_step<WaitStep>("poll drawn:i ready");
  CHECK(poll.by_eventfd);
  CHECK_FALSE(poll.all);
  CHECK_FALSE(poll.within.has_value());
}

TEST_CASE("steps: the other steps, and what is no step", "[steps]") {
  const StepsProgram program = accepted_steps(
      "# a comment\n"
      "\n"
      "signal drawn:4\n"
      "\treset ready   # blanks and tabs\r\n"
      "idle back\n"
      "sleep 10\n"
      "period 16667\n"
      "close\n");
  REQUIRE(program.steps.size() == 6);
  CHECK(std::get<SignalStep>(program.steps[0]).point.at(9) == 4);
  CHECK(std::get<ResetStep>(program.steps[1]).fence.syncobj == 2);
  CHECK(std::get<IdleStep>(program.steps[2]).buffer == 1);
  CHECK(std::get<SleepStep>(program.steps[3]).time == us(10));
  CHECK(std::get<PeriodStep>(program.steps[4]).time == us(16'667));
  CHECK(std::holds_alternative<CloseStep>(program.steps[5]));
}

TEST_CASE("steps: each mistake is told with its place", "[steps]") {
  CHECK(refused_steps("") == "t:1:1: the program holds no step");
  CHECK(refused_steps("sleep 1\n  sumbit rcs 1") == "t:2:3: step 1: there is no step 'sumbit'; did you mean 'submit'?");
  CHECK(refused_steps("submit") == "t:1:7: step 0: an engine is missing");
  CHECK(refused_steps("submit gpu 1") ==
        "t:1:8: step 0: 'gpu' is no engine (rcs, bcs, vcs, vecs, ccs, or one of a class, as vcs1)");
  CHECK(refused_steps("submit rcs") == "t:1:11: step 0: the time of the job in us is missing");
  CHECK(refused_steps("submit rcs 9-1") == "t:1:12: step 0: '9-1' is no time of a job: whole us, or min-max");
  CHECK(refused_steps("submit rcs 1 reads front") ==
        "t:1:14: step 0: a submit has read, write, move, bookkeep, upload, readback, copy, after, signal and "
        "dont-pipeline, not "
        "'reads'; did you mean 'read'?");
  CHECK(refused_steps("submit rcs 1 read") == "t:1:18: step 0: a buffer is missing");
  CHECK(refused_steps("submit rcs 1 read frnt") ==
        "t:1:19: step 0: share.buffers does not name 'frnt'; did you mean 'front'?");
  CHECK(refused_steps("submit rcs 1 read front write front") == "t:1:31: step 0: buffer 'front' is named twice");
  CHECK(refused_steps("wait") == "t:1:5: step 0: a point or a fence is missing");
  CHECK(refused_steps("wait drwan:1") ==
        "t:1:6: step 0: share.timelines or share.fences does not name 'drwan'; did you mean 'drawn'?");
  const std::string no_point =
      "t:1:6: step 0: drawn is a timeline: its point is missing or none; as drawn:3, or drawn:2i-1 in loop i";
  for (const char* point : {"drawn", "drawn:", "drawn:0", "drawn:x", "drawn:i*2", "drawn:0i", "drawn:i-"}) {
    CAPTURE(point);
    CHECK(refused_steps(std::string{"wait "} + point) == no_point);
  }
  CHECK(refused_steps("wait ready:1") == "t:1:6: step 0: ready is a fence: it has no points");
  CHECK(refused_steps("wait ready within") == "t:1:18: step 0: a time in us is missing");
  CHECK(refused_steps("wait ready within 0") == "t:1:19: step 0: '0' is no time: whole us from 1");
  CHECK(refused_steps("reset drawn:1") == "t:1:7: step 0: only a fence can be reset");
  CHECK(refused_steps("close now") == "t:1:7: step 0: 'now' is one word too many");
}

TEST_CASE("steps: what a program shares is known before it runs", "[steps]") {
  const StepsProgram program =
      accepted_steps("submit rcs 1 write back after shown:1 signal ready\nwait drawn:1\nsignal drawn:2\nidle front\n");
  CHECK(signalled_by(program) == std::vector<std::uint32_t>{0, 2});
  CHECK(awaited_by(program) == std::vector<std::uint32_t>{0, 1});
  CHECK(used_by(program) == std::vector<std::uint32_t>{0, 1});
}
