// SPDX-License-Identifier: MIT
// The reference interpreter on programs small enough to check by eye, and against the parser on whole folders.
#include "tests/support/wsim_reference.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "sim/workload/wsim_parser.h"
#include "sim/workload/wsim_placement.h"
#include "tests/support/catch.h"

namespace reference = gpusim::reference;
using reference::interpret_wsim;

namespace {

// "0 2s f1": batches 0 (finished) and 2 (started), software fence 1.
std::string edges(const reference::Expectation& expectation, std::size_t batch) {
  std::string text;
  for (const reference::Edge& edge : expectation.batches.at(batch).edges)
    text += (text.empty() ? "" : " ") + std::string(edge.to_fence ? "f" : "") + std::to_string(edge.target) +
            (edge.started ? "s" : "");
  return text;
}

// "s2@3+4": at a sync, with three batches submitted, for batch 2 and its reader 4.
std::string actions(const reference::Expectation& expectation) {
  std::string text;
  for (const auto& action : expectation.actions) {
    text += (text.empty() ? "" : " ") + std::string(1, action.cause) + std::to_string(action.batch) + "@" +
            std::to_string(action.batches_submitted);
    for (const std::size_t reader : action.readers) text += "+" + std::to_string(reader);
  }
  return text;
}

// Every .wsim file of the folder is read the same way by the parser and by the reference.
std::size_t compare_folder(const std::filesystem::path& folder) {
  using namespace gpusim::workload;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".wsim") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    std::ifstream stream(path);
    std::stringstream text;
    text << stream.rdbuf();
    INFO(path.string());
    const WsimParseResult parsed = parse_wsim(text.str(), path.filename().string());
    for (const WsimProblem& problem : parsed.problems) UNSCOPED_INFO(problem.to_string());
    REQUIRE(parsed.ok());
    const reference::Expectation expectation = interpret_wsim(text.str(), 1);
    std::size_t ordinal = 0;
    for (const Step& step : parsed.program->steps) {
      const auto* batch = std::get_if<Batch>(&step.body);
      if (batch == nullptr) continue;
      REQUIRE(ordinal < expectation.batches.size());
      const auto& expected = expectation.batches[ordinal++];
      const Placement placement = Placements{*parsed.program}.place(*batch);
      std::vector<std::string> engines;
      for (const WsimEngine engine : placement.allowed) engines.emplace_back(wsim_engine_name(engine));
      CHECK(expected.step == step.index);
      CHECK(expected.context == batch->context);
      CHECK(expected.engines == engines);
      CHECK(expected.is_virtual == placement.is_virtual);
      CHECK(expected.min_us == batch->duration.min_us);
      CHECK(expected.max_us == batch->duration.max_us);
      CHECK(expected.unbounded == batch->duration.unbounded);
      CHECK(expected.preempt_us == Placements{*parsed.program}.preemption_period_us(step.index));
    }
    CHECK(ordinal == expectation.batches.size());
  }
  return paths.size();
}

}  // namespace

TEST_CASE("a data dependency reads, in the next loop the writer waits for itself and its readers", "[wsim]") {
  const reference::Expectation e = interpret_wsim("1.RCS.1.0.0\n2.BCS.1.-1.0\n3.VECS.1.-2.0", 2);
  CHECK(e.batches.size() == 6);
  CHECK(edges(e, 0).empty());
  CHECK(edges(e, 1) == "0");
  CHECK(edges(e, 2) == "0");
  CHECK(edges(e, 3) == "0 1 2");
  CHECK(edges(e, 4) == "1 3");
  CHECK(e.batches[4].iteration == 1);
  CHECK(e.batches[4].step == 1);
}

TEST_CASE("an explicit fence reads nothing", "[wsim]") {
  const reference::Expectation e = interpret_wsim("1.RCS.1.0.0\n2.BCS.1.f-1.0\n3.VECS.1.s-2/s-1/-1.0", 2);
  CHECK(edges(e, 1) == "0");
  CHECK(edges(e, 2) == "0s 1");
  CHECK(edges(e, 3) == "0");
  CHECK(edges(e, 4) == "1 2 3");
}

TEST_CASE("working sets: readers do not wait for readers, writers wait for all", "[wsim]") {
  const reference::Expectation e =
      interpret_wsim("w.1.3n4k\n1.RCS.1.w1-0-2.0\n2.BCS.1.r1-0.0\n3.VECS.1.r1-0-1/w1-1.0\n1.RCS.1.w1-0.0", 1);
  CHECK(edges(e, 1) == "0");
  CHECK(edges(e, 2) == "0");
  CHECK(edges(e, 3) == "0 1 2");
}

TEST_CASE("a software fence is signalled by its step with all before it, or at the end of the loop", "[wsim]") {
  const reference::Expectation e =
      interpret_wsim("f\nf\n1.RCS.1.f-1.0\n1.RCS.1.f-3.0\na.-3\n1.RCS.1.0.0\nf\n1.RCS.1.f-1.0", 2);
  REQUIRE(e.fences.size() == 6);
  CHECK(edges(e, 0) == "f1");
  CHECK(edges(e, 1) == "f0");
  CHECK(edges(e, 3) == "f2");
  CHECK(edges(e, 4) == "0 f4");
  CHECK(e.fences[0].batches_before_signal == 2);
  CHECK(e.fences[1].batches_before_signal == 2);
  CHECK(e.fences[2].batches_before_signal == 4);
  CHECK(e.fences[4].batches_before_signal == 6);
  CHECK(e.fences[5].batches_before_signal == 8);
}

TEST_CASE("the client's waits: flag, sync with readers, throttle across the loop, queue depth", "[wsim]") {
  CHECK(actions(interpret_wsim("1.RCS.1.0.1", 2)) == "w0@1 w1@2");
  CHECK(actions(interpret_wsim("1.RCS.1.0.0\n2.BCS.1.-1.0\ns.-2", 1)) == "s0@2+1");
  CHECK(actions(interpret_wsim("t.2\n1.RCS.1.0.0\n1.RCS.1.0.0\n1.RCS.1.0.0", 2)) == "t0@2 t2@3 t2@4 t3@5");
  CHECK(actions(interpret_wsim("q.2\n1.RCS.1.0.0\n1.RCS.1.0.0\n1.RCS.1.0.0\n1.BCS.1.0.0", 1)) == "q0@3");
  CHECK(actions(interpret_wsim("1.RCS.*.0.0\nT.-1\n", 2)) == "T0@1 T1@2");
}

TEST_CASE("a queue depth of at least the steps of an engine never waits", "[wsim]") {
  CHECK(actions(interpret_wsim("q.2\n1.RCS.1.0.0\n1.RCS.1.0.0", 5)).empty());
}

TEST_CASE("priority is that of the submit, preemption that of the text", "[wsim]") {
  const reference::Expectation e = interpret_wsim("1.RCS.1.0.0\nP.1.5\nX.1.0\n1.RCS.1.0.0", 2);
  CHECK(e.batches[0].priority == 0);
  CHECK(e.batches[1].priority == 5);
  CHECK(e.batches[2].priority == 5);
  CHECK(e.batches[2].preempt_us == 100);
  CHECK(e.batches[3].preempt_us == 0);
}

TEST_CASE("parser and reference read the published descriptors alike", "[wsim]") {
#ifdef GPUSIM_SHARED_WSIM
  if (std::filesystem::is_directory(GPUSIM_SHARED_WSIM)) {
    CHECK(compare_folder(GPUSIM_SHARED_WSIM) == 18);
    return;
  }
#endif
  WARN("NOT TESTED: the folder of published .wsim files (GPUSIM_SHARED_WSIM) is missing");
}

TEST_CASE("parser and reference read our own descriptors alike", "[wsim]") {
#ifdef GPUSIM_SOURCE_DIR
  CHECK(compare_folder(std::filesystem::path(GPUSIM_SOURCE_DIR) / "configs" / "workloads") >= 18);
#else
  WARN("NOT TESTED: built without GPUSIM_SOURCE_DIR");
#endif
}
