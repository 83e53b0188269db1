// SPDX-License-Identifier: MIT
// What one can ask of a whole run: a difference to itself, the life of each job, why one waits.
#include <sstream>
#include <string>
#include <vector>

#include "sim/app/recorded_run.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"
#include "traces/inspect/lives.h"
#include "traces/inspect/run_difference.h"
#include "traces/inspect/standing.h"
#include "traces/inspect/why.h"

using namespace gpusim;
using trace::Cause;

namespace {

[[nodiscard]] app::RecordedRun open(const std::string& path, std::vector<std::string> sets = {}) {
  std::vector<scenario::Problem> problems;
  auto run = app::open_run({.path = path, .sets = std::move(sets), .seed = {}}, problems);
  for (const scenario::Problem& problem : problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(run);
  return *std::move(run);
}

}  // namespace

TEST_CASE("diff: every scenario that is shipped has no difference to itself, read from its events or not",
          "[inspect]") {
  for (const std::string file : test::shipped_files("scenarios")) {
    INFO(file);
    const app::RecordedRun run = open(file);
    const trace::RunSide a{run.recording};
    const app::RecordedRun again = open(file);
    const trace::RunSide b{again.recording};
    std::ostringstream out;
    CHECK(trace::write_difference(out, a, b));
    CHECK(out.str().ends_with("\nThe runs are the same, event by event.\n"));
    const trace::Alignment alignment = trace::align(a, b);
    CHECK(alignment.both == run.recording.events.size());
    for (std::uint32_t i = 0; i < alignment.partner_of_a.size(); ++i) {
      if (alignment.partner_of_a[i] != i) FAIL("event " << i << " has the partner " << alignment.partner_of_a[i]);
    }
  }
}

TEST_CASE(
    "job: the spans of each job of every scenario that is shipped follow each other and add up to its life, cause by "
    "cause",
    "[inspect]") {
  for (const std::string file : test::shipped_files("scenarios")) {
    INFO(file);
    const app::RecordedRun run = open(file);
    const std::vector<trace::RecordedLife> lives = trace::lives_of(run.recording);
    // Each job asks for a walk through the whole run.
    const std::size_t step = 1 + lives.size() / 40;
    for (std::size_t number = 1; number < lives.size(); number += step) {
      const trace::JobLife& life = lives[number].life;
      if (life.job == 0) continue;
      INFO("job " << life.job);
      trace::JobLife sum;
      SimTime end = life.begin;
      for (const trace::Span& span : trace::spans_of(run.recording, JobId{life.job})) {
        CHECK(span.begin == end);
        CHECK(span.end > span.begin);
        end = span.end;
        sum[span.cause] += span.end - span.begin;
      }
      CHECK(end == life.end);
      CHECK(sum.causes == life.causes);
    }
  }
}

TEST_CASE("why: at nine moments of every scenario that is shipped each live job has a chain that ends", "[inspect]") {
  for (const std::string file : test::shipped_files("scenarios")) {
    INFO(file);
    const app::RecordedRun run = open(file);
    const trace::RunIndex index{run.recording};
    for (int part = 1; part < 10; ++part) {
      const SimTime moment{run.recording.end.time_since_epoch() / 10 * part};
      trace::Standing standing{run.recording, moment};
      for (std::uint64_t job = 1; job <= index.highest_job(); ++job) {
        if (index.job(JobId{job}) == nullptr) continue;
        trace::WhyChain chain{run.recording, index, standing, {}};
        const trace::Why why = chain.of(JobId{job});
        INFO("job " << job << " at " << to_ps(moment));
        REQUIRE_FALSE(why.chain.empty());
        CHECK(why.chain.size() < 40);
        for (const std::string& sentence : why.chain) CHECK(sentence.find('?') == std::string::npos);
      }
    }
  }
}
