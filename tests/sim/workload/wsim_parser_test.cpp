// SPDX-License-Identifier: MIT
// The .wsim parser: each row of the grammar into its exact tree, each class of error at its exact place.
#include "sim/workload/wsim_parser.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <variant>

#include "sim/workload/wsim_placement.h"
#include "sim/workload/wsim_source.h"
#include "tests/support/catch.h"

using namespace gpusim::workload;

namespace {

WsimProgram accepted_wsim(const std::string& text) {
  WsimParseResult result = parse_wsim(text, "t.wsim");
  for (const WsimProblem& problem : result.problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(result.ok());
  return *std::move(result.program);
}

// The text's only problem, in full.
std::string refused_wsim(const std::string& text) {
  const WsimParseResult result = parse_wsim(text, "t");
  for (const WsimProblem& problem : result.problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(result.problems.size() == 1);
  REQUIRE_FALSE(result.ok());
  return result.problems[0].to_string();
}

template <typename Body>
Body only_body(const std::string& text) {
  const WsimProgram program = accepted_wsim(text);
  return std::get<Body>(program.steps.back().body);
}

}  // namespace

TEST_CASE("a batch has context, engine, duration, no dependency and no wait", "[wsim]") {
  const auto batch = only_body<Batch>("1.VCS2.3000.0.0");
  CHECK(batch.context == 1);
  CHECK(batch.engine == WsimEngine::vcs2);
  CHECK(batch.duration.min_us == 3000);
  CHECK(batch.duration.max_us == 3000);
  CHECK_FALSE(batch.duration.unbounded);
  CHECK(batch.data_deps.empty());
  CHECK(batch.fence_deps.empty());
  CHECK(batch.submit_deps.empty());
  CHECK(batch.set_deps.empty());
  CHECK_FALSE(batch.wait);
}

TEST_CASE("a batch may wait, run in context 0 and have a range", "[wsim]") {
  const auto batch = only_body<Batch>("0.DEFAULT.500-1500.0.1");
  CHECK(batch.context == 0);
  CHECK(batch.engine == WsimEngine::default_engine);
  CHECK(batch.duration.min_us == 500);
  CHECK(batch.duration.max_us == 1500);
  CHECK(batch.wait);
}

TEST_CASE("every engine name is known in either case, single instances also with a 1", "[wsim]") {
  CHECK(only_body<Batch>("1.default.1.0.0").engine == WsimEngine::default_engine);
  CHECK(only_body<Batch>("1.rcs.1.0.0").engine == WsimEngine::rcs);
  CHECK(only_body<Batch>("1.RCS1.1.0.0").engine == WsimEngine::rcs);
  CHECK(only_body<Batch>("1.BCS.1.0.0").engine == WsimEngine::bcs);
  CHECK(only_body<Batch>("1.VCS.1.0.0").engine == WsimEngine::vcs);
  CHECK(only_body<Batch>("1.vcs1.1.0.0").engine == WsimEngine::vcs1);
  CHECK(only_body<Batch>("1.VCS2.1.0.0").engine == WsimEngine::vcs2);
  CHECK(only_body<Batch>("1.VECS1.1.0.0").engine == WsimEngine::vecs);
  CHECK(only_body<Batch>("1.CCS.1.0.0").engine == WsimEngine::ccs);
}

TEST_CASE("an unbounded batch is ended by a terminate step", "[wsim]") {
  const WsimProgram program = accepted_wsim("1.RCS.*.0.0\nd.5\nT.-2");
  CHECK(std::get<Batch>(program.steps[0].body).duration.unbounded);
  CHECK(std::get<Terminate>(program.steps[2].body).target.step == 0);
  CHECK(program.notices.empty());
}

TEST_CASE("dependencies of all kinds in one list become absolute steps, counting steps that are no batches", "[wsim]") {
  const WsimProgram program = accepted_wsim("w.3.8n4k\nf\n1.RCS.10.0.0\nd.1\n2.BCS.10.-2/f-3/s-2/f-2/r3-1/w3-2-7.0");
  const auto& batch = std::get<Batch>(program.steps[4].body);
  REQUIRE(batch.data_deps.size() == 1);
  CHECK(batch.data_deps[0].step == 2);
  CHECK(batch.data_deps[0].column == 10);
  REQUIRE(batch.fence_deps.size() == 2);
  CHECK(batch.fence_deps[0].step == 1);
  CHECK(batch.fence_deps[1].step == 2);
  CHECK(batch.fence_deps[1].column == 21);
  REQUIRE(batch.submit_deps.size() == 1);
  CHECK(batch.submit_deps[0].step == 2);
  REQUIRE(batch.set_deps.size() == 2);
  CHECK(batch.set_deps[0].set == 3);
  CHECK(batch.set_deps[0].first == 1);
  CHECK(batch.set_deps[0].last == 1);
  CHECK_FALSE(batch.set_deps[0].write);
  CHECK(batch.set_deps[1].first == 2);
  CHECK(batch.set_deps[1].last == 7);
  CHECK(batch.set_deps[1].write);
}

TEST_CASE("delay, period, throttle and queue depth take one number", "[wsim]") {
  CHECK(only_body<Delay>("d.36394").us == 36394);
  CHECK(only_body<Period>("p.16667").us == 16667);
  CHECK(only_body<Throttle>("1.RCS.1.0.0,t.2").steps == 2);
  CHECK(only_body<Throttle>("t.0").steps == 0);
  CHECK(only_body<QueueDepth>("q.5").depth == 5);
}

TEST_CASE("sync, software fence and its signal refer to steps", "[wsim]") {
  CHECK(only_body<Sync>("1.RCS.1.0.0,d.1,s.-2").target.step == 0);
  const WsimProgram program = accepted_wsim("d.1,f,a.-1");
  CHECK(std::holds_alternative<SwFence>(program.steps[1].body));
  CHECK(std::get<SignalSwFence>(program.steps[2].body).target.step == 1);
}

TEST_CASE("priority and preemption set a context", "[wsim]") {
  CHECK(only_body<Priority>("P.2.-1").context == 2);
  CHECK(only_body<Priority>("P.2.-1").value == -1);
  CHECK(only_body<Priority>("P.2.1023").value == 1023);
  CHECK(only_body<Preemption>("X.3.0").context == 3);
  CHECK(only_body<Preemption>("X.3.0").period_us == 0);
  CHECK(only_body<Preemption>("X.3.500").period_us == 500);
}

TEST_CASE("an engine map lists engines or a class, and can be balanced", "[wsim]") {
  const auto map = only_body<EngineMap>("M.4.VCS1|VECS");
  CHECK(map.context == 4);
  CHECK(map.engines == std::vector{WsimEngine::vcs1, WsimEngine::vecs});
  CHECK(only_body<EngineMap>("M.4.VCS").engines == std::vector{WsimEngine::vcs});
  CHECK(only_body<Balance>("M.4.VCS\nB.4").context == 4);
}

TEST_CASE("a working set has sizes with counts, suffixes and ranges, private or shared", "[wsim]") {
  const auto set = only_body<WorkingSet>("w.4.10n4k/32768/4n4K-1m/2G");
  CHECK(set.id == 4);
  CHECK_FALSE(set.shared);
  REQUIRE(set.sizes.size() == 4);
  CHECK(set.sizes[0].count == 10);
  CHECK(set.sizes[0].min_bytes == 4096);
  CHECK(set.sizes[0].max_bytes == 4096);
  CHECK(set.sizes[1].count == 1);
  CHECK(set.sizes[1].min_bytes == 32768);
  CHECK(set.sizes[2].count == 4);
  CHECK(set.sizes[2].min_bytes == 4096);
  CHECK(set.sizes[2].max_bytes == 1048576);
  CHECK(set.sizes[3].min_bytes == 2147483648);
  CHECK(set.object_count() == 16);
  CHECK(only_body<WorkingSet>("W.0.1").shared);
}

TEST_CASE("slice masks, bonds and address spaces are accepted with one notice each", "[wsim]") {
  const WsimProgram program =
      accepted_wsim("S.1.-1\nS.2.1\nM.2.VCS\nB.2\nb.2.VCS1.RCS\nb.2.VCS2.VECS\nV.1\nv.1.2\n2.DEFAULT.10.0.0");
  CHECK(std::get<SliceMask>(program.steps[0].body).mask == -1);
  CHECK(std::get<SliceMask>(program.steps[0].body).context == 1);
  CHECK(std::get<Bond>(program.steps[4].body).context == 2);
  CHECK(std::get<Bond>(program.steps[4].body).siblings == std::vector{WsimEngine::vcs1});
  CHECK(std::get<Bond>(program.steps[5].body).master == WsimEngine::vecs);
  CHECK(std::get<AddressSpace>(program.steps[6].body).id == 1);
  CHECK(std::get<AssignAddressSpace>(program.steps[7].body).context == 2);
  REQUIRE(program.notices.size() == 3);
  CHECK(program.notices[0].step == 0);
  CHECK(program.notices[0].message == "slice masks are accepted, not modelled");
  CHECK(program.notices[1].step == 4);
  CHECK(program.notices[1].line == 5);
  CHECK(program.notices[1].message == "engine bonds are accepted, not modelled");
  CHECK(program.notices[2].message == "address spaces are accepted, not modelled");
}

TEST_CASE("comments, empty lines, blanks, commas and CRLF make no steps", "[wsim]") {
  const WsimProgram program = accepted_wsim("# head, with a comma\r\n\r\n  d.1 ,\t,d.2 # tail, too\r\n,d.3\r\n");
  REQUIRE(program.steps.size() == 3);
  CHECK(program.file == "t.wsim");
  CHECK(program.steps[0].line == 3);
  CHECK(program.steps[0].column == 3);
  CHECK(program.steps[1].line == 3);
  CHECK(program.steps[1].column == 10);
  CHECK(program.steps[2].line == 4);
  CHECK(program.steps[2].column == 2);
  CHECK(program.steps[2].index == 2);
}

TEST_CASE("what would hang is noticed, not refused", "[wsim]") {
  CHECK(accepted_wsim("1.RCS.*.0.0").notices.at(0).message ==
        "nothing terminates this unbounded batch: only a reset will end it");
  CHECK(accepted_wsim("1.RCS.*.0.1\nT.-1").notices.at(0).message ==
        "the client waits here for a batch that only a later step of its own ends");
  CHECK(accepted_wsim("1.RCS.*.0.0\ns.-1\nT.-2").notices.at(0).step == 1);
  CHECK(accepted_wsim("1.RCS.*.0.0\nT.-1\ns.-2").notices.empty());
}

TEST_CASE("a wait for a batch that needs a software fence which only a later step signals is noticed", "[wsim]") {
  const auto steps = [](const std::string& text) {
    std::vector<std::size_t> found;
    for (const auto& notice : accepted_wsim(text).notices) {
      CHECK(notice.message == "the client waits here for a software fence that no step of its own before this signals");
      found.push_back(notice.step);
    }
    return found;
  };
  using Steps = std::vector<std::size_t>;
  CHECK(steps("f\n1.RCS.10.f-1.1\na.-2") == Steps{1});
  CHECK(steps("f\n1.RCS.10.f-1.0\n1.RCS.10.0.1\na.-3") == Steps{2});         // queued behind it
  CHECK(steps("f\n1.RCS.10.f-1.0\n2.RCS.10.-1.0\ns.-1\na.-4") == Steps{3});  // depends on it
  CHECK(steps("f\n1.RCS.10.f-1.0\n2.RCS.10.f-1.1\na.-3") == Steps{2});
  // Another queue, a fence that is signalled in time or with a later one, and nobody who waits.
  CHECK(steps("f\n1.RCS.10.f-1.0\n2.RCS.10.0.1\na.-3").empty());
  CHECK(steps("f\n1.RCS.10.f-1.0\n1.BCS.10.0.1\na.-3").empty());
  CHECK(steps("f\n1.RCS.10.f-1.0\na.-2\ns.-2").empty());
  CHECK(steps("f\nf\n1.RCS.10.f-2.0\na.-2\ns.-2").empty());
  CHECK(steps("f\n1.RCS.10.f-1.0\na.-2").empty());
}

TEST_CASE("a batch named outside the map of its balanced context goes to the virtual engine with a notice", "[wsim]") {
  const WsimProgram program = accepted_wsim("M.3.VCS\nB.3\n3.RCS.10.0.0\n3.RCS.10.0.0\n3.VCS2.10.0.0");
  REQUIRE(program.notices.size() == 1);
  CHECK(program.notices[0].step == 2);
  const Placement foreign = Placements{program}.place(std::get<Batch>(program.steps[2].body));
  CHECK(foreign.is_virtual);
  CHECK(foreign.allowed == std::vector{WsimEngine::vcs1, WsimEngine::vcs2});
  const Placement exact = Placements{program}.place(std::get<Batch>(program.steps[4].body));
  CHECK_FALSE(exact.is_virtual);
  CHECK(exact.allowed == std::vector{WsimEngine::vcs2});
}

TEST_CASE("without a map DEFAULT is RCS and VCS is VCS1", "[wsim]") {
  const WsimProgram program = accepted_wsim("1.DEFAULT.10.0.0\n1.VCS.10.0.0");
  CHECK(Placements{program}.place(std::get<Batch>(program.steps[0].body)).allowed == std::vector{WsimEngine::rcs});
  CHECK(Placements{program}.place(std::get<Batch>(program.steps[1].body)).allowed == std::vector{WsimEngine::vcs1});
}

TEST_CASE("preemption is a property of the text before a batch", "[wsim]") {
  const WsimProgram program = accepted_wsim("1.RCS.9.0.0\nX.1.0\n1.RCS.9.0.0\n2.RCS.9.0.0\nX.1.50\n1.RCS.9.0.0");
  CHECK(Placements{program}.preemption_period_us(0) == 100);
  CHECK(Placements{program}.preemption_period_us(2) == 0);
  CHECK(Placements{program}.preemption_period_us(3) == 100);
  CHECK(Placements{program}.preemption_period_us(5) == 50);
}

TEST_CASE("only ranges draw, and scales round half up", "[wsim]") {
  struct Upper {
    int draws = 0;
    std::uint64_t uniform(std::uint64_t, std::uint64_t high) { return ++draws, high; }
  } source;
  CHECK(draw_duration_us({100, 100, false}, {}, source) == 100);
  CHECK(source.draws == 0);
  CHECK(draw_duration_us({100, 301, false}, {1, 2}, source) == 151);
  CHECK(source.draws == 1);
  CHECK(scale_us(1, {1, 2}) == 1);
  CHECK(scale_us(1, {1, 3}) == 0);
  CHECK(draw_size_bytes({1, 4096, 4096}, source) == 4096);
  CHECK(source.draws == 1);
}

TEST_CASE("a step that is not understood is an error with a suggestion", "[wsim]") {
  CHECK(refused_wsim("d.1\nD.5") == "t:2:1: step 1: unknown step 'D'; did you mean 'd'?");
  CHECK(refused_wsim("z.5") == "t:1:1: step 0: unknown step 'z'");
  CHECK(refused_wsim("delay.5") == "t:1:1: step 0: unknown step 'delay'");
  CHECK(refused_wsim("RCS.100.0.0") ==
        "t:1:1: step 0: a batch begins with its context: ctx.ENGINE.duration.deps.wait; "
        "did you mean '0.RCS.100.0.0'?");
  CHECK(refused_wsim("") == "t:1:1: the descriptor holds no step");
  CHECK(refused_wsim("# nothing\n") == "t:1:1: the descriptor holds no step");
}

TEST_CASE("an unknown engine is an error with a suggestion", "[wsim]") {
  CHECK(refused_wsim("1.RSC.100.0.0") == "t:1:3: step 0: unknown engine 'RSC'; did you mean 'RCS'?");
  CHECK(refused_wsim("M.1.VCS1|VSC2") == "t:1:10: step 0: unknown engine 'VSC2'; did you mean 'VCS2'?");
  CHECK(refused_wsim("1.GPU.100.0.0") == "t:1:3: step 0: unknown engine 'GPU'");
}

TEST_CASE("missing and surplus fields are errors", "[wsim]") {
  CHECK(refused_wsim("1.RCS.100.0") == "t:1:12: step 0: missing field: expected ctx.ENGINE.duration.deps.wait");
  CHECK(refused_wsim("1.RCS.100.0.0.7") ==
        "t:1:15: step 0: unexpected field '7': expected ctx.ENGINE.duration.deps.wait");
  CHECK(refused_wsim("d") == "t:1:2: step 0: missing field: expected d.us");
  CHECK(refused_wsim("d.1.2") == "t:1:5: step 0: unexpected field '2': expected d.us");
  CHECK(refused_wsim("f.1") == "t:1:3: step 0: unexpected field '1': expected f");
  CHECK(refused_wsim("P.1") == "t:1:4: step 0: missing field: expected P.ctx.priority");
  CHECK(refused_wsim("M.1") == "t:1:4: step 0: missing field: expected M.ctx.ENGINE|ENGINE");
  CHECK(refused_wsim("w.1") == "t:1:4: step 0: missing field: expected w.id.sizes");
}

TEST_CASE("numbers must be whole and in range", "[wsim]") {
  CHECK(refused_wsim("d.0") == "t:1:3: step 0: delay must be a whole number from 1 to 2147483647, not '0'");
  CHECK(refused_wsim("p.16x") == "t:1:3: step 0: period must be a whole number from 1 to 2147483647, not '16x'");
  CHECK(refused_wsim("p.2147483648") ==
        "t:1:3: step 0: period must be a whole number from 1 to 2147483647, not '2147483648'");
  CHECK(refused_wsim("t.-1") == "t:1:3: step 0: throttle must be a whole number from 0 to 2147483647, not '-1'");
  CHECK(refused_wsim("P.0.1") == "t:1:3: step 0: context must be a whole number from 1 to 2147483647, not '0'");
  CHECK(refused_wsim("P.1.1024") == "t:1:5: step 0: priority must be a whole number from -1023 to 1023, not '1024'");
  CHECK(refused_wsim("X.1.-5") ==
        "t:1:5: step 0: preemption period must be a whole number from 0 to 2147483647, "
        "not '-5'");
  CHECK(refused_wsim("-1.RCS.1.0.0") == "t:1:1: step 0: context must be a whole number from 0 to 2147483647, not '-1'");
  CHECK(refused_wsim("1.RCS..0.0") == "t:1:7: step 0: duration must be a whole number from 1 to 2147483647, not ''");
  CHECK(refused_wsim("1.RCS.0.0.0") == "t:1:7: step 0: duration must be a whole number from 1 to 2147483647, not '0'");
  CHECK(refused_wsim("1.RCS.1.0.2") == "t:1:11: step 0: wait must be 0 or 1, not '2'");
}

TEST_CASE("ranges must not fall", "[wsim]") {
  CHECK(refused_wsim("1.RCS.900-100.0.0") ==
        "t:1:11: step 0: longest duration 100 is below the shortest; "
        "did you mean '100-900'?");
  CHECK(only_body<Batch>("1.RCS.5-5.0.0").duration.max_us == 5);
  CHECK(refused_wsim("w.1.1m-4k") == "t:1:8: step 0: largest size 4k is below the smallest");
  CHECK(refused_wsim("w.1.9n4k\n1.RCS.1.r1-3-2.0") == "t:2:14: step 1: last object 2 is before the first");
  CHECK(refused_wsim("w.1.2x") == "t:1:5: step 0: a size is a number of bytes from 1 on, with k, m or g, not '2x'");
  CHECK(refused_wsim("w.1.0n4k") ==
        "t:1:5: step 0: number of objects must be a whole number from 1 to 1000000, not '0'");
}

TEST_CASE("references point back to an existing step", "[wsim]") {
  CHECK(refused_wsim("1.RCS.1.-1.0") == "t:1:9: step 0: '-1' reaches before the first step");
  CHECK(refused_wsim("1.RCS.1.0.0\n1.RCS.1.-0.0") ==
        "t:2:9: step 1: a reference is -N, N steps back from this one, not '-0'");
  CHECK(refused_wsim("1.RCS.1.0.0\n1.RCS.1.f1.0") ==
        "t:2:10: step 1: a reference is -N, N steps back from this one, not '1'");
  CHECK(refused_wsim("1.RCS.1.0.0\ns.1") == "t:2:3: step 1: a reference is -N, N steps back from this one, not '1'");
  CHECK(refused_wsim("1.RCS.1.0.0\ns.-2") == "t:2:3: step 1: '-2' reaches before the first step");
}

TEST_CASE("references point to the right kind of step", "[wsim]") {
  CHECK(refused_wsim("d.1\n1.RCS.1.-1.0") ==
        "t:2:9: step 1: step 0 (line 1) is not a batch, which a data dependency needs");
  CHECK(refused_wsim("d.1\n1.RCS.1.f-1.0") == "t:2:10: step 1: step 0 (line 1) is not a batch or a software fence");
  CHECK(refused_wsim("f\n1.RCS.1.s-1.0") ==
        "t:2:10: step 1: step 0 (line 1) is not a batch, which a submit fence needs");
  CHECK(refused_wsim("d.1\ns.-1") == "t:2:3: step 1: step 0 (line 1) is not a batch");
  CHECK(refused_wsim("1.RCS.1.0.0\na.-1") == "t:2:3: step 1: step 0 (line 1) is not a software fence");
  CHECK(refused_wsim("f\nT.-1") == "t:2:3: step 1: step 0 (line 1) is not a batch");
  CHECK(refused_wsim("1.RCS.1.0.0\nT.-1") == "t:2:3: step 1: step 0 is not an unbounded batch ('*')");
}

TEST_CASE("dependency lists are checked word by word", "[wsim]") {
  CHECK(refused_wsim("1.RCS.1.0.0\n1.RCS.1.1.0") ==
        "t:2:9: step 1: unknown dependency '1': expected -N, f-N, s-N, rW-i or wW-i; did you mean '-1'?");
  CHECK(refused_wsim("1.RCS.1.0.0\n1.RCS.1.0/-1.0") ==
        "t:2:9: step 1: unknown dependency '0': expected -N, f-N, s-N, rW-i or wW-i");
  CHECK(refused_wsim("1.RCS.1.0.0\n1.RCS.1.-1/.0") ==
        "t:2:12: step 1: unknown dependency '': expected -N, f-N, s-N, rW-i or wW-i");
  CHECK(refused_wsim("w.1.4k\n1.RCS.1.r1.0") ==
        "t:2:9: step 1: a working-set dependency is rW-i or rW-i-j (w to write), not 'r1'");
}

TEST_CASE("working sets exist once and hold the objects that are used", "[wsim]") {
  CHECK(refused_wsim("1.RCS.1.r7-0.0") == "t:1:9: step 0: there is no working set 7");
  CHECK(refused_wsim("w.1.2n4k\n1.RCS.1.w1-2.0") == "t:2:9: step 1: working set 1 has objects 0 to 1, not 2");
  CHECK(refused_wsim("w.1.4k\nW.1.4k") == "t:2:3: step 1: working set 1 exists already (step 0)");
  CHECK(accepted_wsim("1.RCS.1.r1-0.0\nw.1.4k").steps.size() == 2);
}

TEST_CASE("balancing needs a map, a map is given once, bonds need balancing", "[wsim]") {
  CHECK(refused_wsim("B.1") ==
        "t:1:3: step 0: load balancing needs an engine map of context 1 before it; "
        "did you mean 'M.1.VCS'?");
  CHECK(refused_wsim("M.1.VCS\nM.1.RCS") == "t:2:3: step 1: context 1 has an engine map already (step 0)");
  CHECK(refused_wsim("M.1.VCS|VCS1") == "t:1:9: step 0: engine 'VCS1' is in the list already");
  CHECK(refused_wsim("M.1.DEFAULT") == "t:1:5: step 0: 'DEFAULT' does not name one engine");
  CHECK(refused_wsim("b.1.VCS1.RCS") ==
        "t:1:3: step 0: an engine bond needs load balancing of context 1 before it; did you mean 'B.1'?");
  CHECK(refused_wsim("M.1.VCS\nB.1\nb.1.VECS.RCS") == "t:3:3: step 2: VECS is not in the engine map of context 1");
  CHECK(refused_wsim("M.1.VCS\nB.1\nb.1.VCS.RCS") == "t:3:5: step 2: 'VCS' does not name one engine");
}

TEST_CASE("a map without balancing takes only its own engines", "[wsim]") {
  CHECK(refused_wsim("M.1.VCS\n1.RCS.1.0.0") == "t:2:3: step 1: RCS is not in the engine map of context 1");
  CHECK(refused_wsim("M.1.VCS\n1.VCS.1.0.0") ==
        "t:2:3: step 1: VCS names no single engine, and context 1 has an engine "
        "map without load balancing; did you mean 'B.1'?");
  CHECK(accepted_wsim("M.1.VCS\n1.VCS2.1.0.0").notices.empty());
}

TEST_CASE("a throttle stays within one loop and address spaces exist", "[wsim]") {
  CHECK(refused_wsim("t.3\n1.RCS.1.0.0") == "t:1:1: step 0: throttle reaches back 3 steps, but a loop has only 2");
  CHECK(refused_wsim("v.2.1") == "t:1:1: step 0: there is no address space 2");
}

TEST_CASE("all problems are reported, in order, and one mistake is reported once", "[wsim]") {
  const WsimParseResult result = parse_wsim("1.RSC.0.0.0\n1.RCS.1.-1.0,s.-2\nw.1.x\n2.RCS.1.r1-0/r2-0.0,d.0\n", "f");
  std::vector<std::pair<std::uint32_t, std::uint32_t>> places;
  for (const WsimProblem& problem : result.problems) places.emplace_back(problem.line, problem.column);
  CHECK(places == std::vector<std::pair<std::uint32_t, std::uint32_t>>{{1, 3}, {1, 7}, {3, 5}, {4, 23}});
  CHECK(result.problems.back().step == 5U);
}

TEST_CASE("random mutations of a program never crash the parser", "[wsim]") {
  const std::string seed = "w.1.2n4k-1m\nM.2.VCS\nB.2\nf\n1.RCS.*.f-1/r1-0-1.0\n2.VCS.10-20.s-1/-1.1\na.-3\nT.-3\n";
  std::uint64_t state = 1;
  for (int round = 0; round < 20000; ++round) {
    std::string text = seed;
    for (int edit = 0; edit < 3; ++edit) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      const auto at = static_cast<std::size_t>(state >> 33) % text.size();
      text[at] = "0129.-/,\n*fsrwaTMBVCS#|nkm"[(state >> 20) % 27];
    }
    const WsimParseResult result = parse_wsim(text, "m");
    if (result.ok() != result.problems.empty()) FAIL("a result is a program or problems: " << text);
  }
}

TEST_CASE("the published descriptors parse without a problem", "[wsim]") {
#ifdef GPUSIM_SHARED_WSIM
  const std::filesystem::path folder = GPUSIM_SHARED_WSIM;
  if (!std::filesystem::is_directory(folder)) {
    WARN("NOT TESTED: the folder of published .wsim files is missing: " << folder.string());
    return;
  }
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".wsim") continue;
    std::ifstream stream(entry.path());
    std::stringstream text;
    text << stream.rdbuf();
    const WsimParseResult result = parse_wsim(text.str(), entry.path().filename().string());
    for (const WsimProblem& problem : result.problems) UNSCOPED_INFO(problem.to_string());
    CHECK(result.ok());
    ++count;
  }
  CHECK(count == 18);
#else
  WARN("NOT TESTED: built without GPUSIM_SHARED_WSIM, the folder of published .wsim files");
#endif
}
