// SPDX-License-Identifier: MIT
// The kernel's own tests of drm_sched. tests_basic.c with what each asserts; its waits are exact moments here, so that
// what must not happen is seen not to. Of the scheduling-quality cases (tests_scheduler.c), which print figures, what
// those figures mean: shares by priority, who is delayed by whom. The figures are in docs/drm_sched.md.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/drm_truth/kunit.h"
#include "tests/support/drm_truth/player.h"

using namespace gpusim;
using sched::drm::Kernel;
using sched::drm::Policy;
using test::truth::client_figures;
using test::truth::Line;
using test::truth::Log;
using test::truth::play;
using test::truth::QualityCase;

namespace {

struct Model {
  Policy policy;
  Kernel kernel;
};

constexpr std::array kModels{Model{Policy::rr, Kernel::v6_18},   Model{Policy::fifo, Kernel::v6_18},
                             Model{Policy::fair, Kernel::v6_18}, Model{Policy::rr, Kernel::v7_3},
                             Model{Policy::fifo, Kernel::v7_3},  Model{Policy::fair, Kernel::v7_3}};

const std::string kModel = "model hop=2us wake=1us timer=exact wq=pipelined\n";

std::int64_t count(const Log& log, const std::string& event) {
  return std::count_if(log.begin(), log.end(), [&](const Line& line) { return line.event == event; });
}

/// When it happened to the job, in ns; -1: never.
std::int64_t when(const Log& log, const std::string& event, const std::string& job) {
  const auto found =
      std::find_if(log.begin(), log.end(), [&](const Line& line) { return line.event == event && line.job == job; });
  return found == log.end() ? -1 : found->time;
}

template <class Check>
void in_each(const std::string& script, Check check) {
  for (const Model& model : kModels) {
    INFO("policy " << static_cast<int>(model.policy) << ", kernel " << static_cast<int>(model.kernel));
    check(play(kModel + script, model.policy, model.kernel));
  }
}

std::string entities(int number) {
  std::string text;
  for (int i = 0; i < number; ++i) text += "entity e" + std::to_string(i) + " s0\n";
  return text;
}

Log quality(const std::string& name, std::uint32_t credits, Policy policy) {
  for (const QualityCase& each : test::truth::quality_cases()) {
    if (each.name == name && each.credits == credits) return play(each.script, policy);
  }
  FAIL("no case " << name);
  return {};
}

}  // namespace

TEST_CASE("kunit: basic_submit: a job is scheduled soon, and finished when the hardware says so",
          "[drm_sched][kunit]") {
  in_each("sched s0 timeout_us=max\nentity e0 s0\nat 0 submit e0 j\nat 1500ms advance s0 1\n", [](const Log& log) {
    CHECK(when(log, "sched_fence", "j") == 2'000);
    CHECK(when(log, "finished", "j") == 1'500'000'000);
  });
}

TEST_CASE("kunit: basic_test: 100 jobs end within 100 ms and some hops, in one or four entities, chained or not",
          "[drm_sched][kunit]") {
  for (const int number : {1, 4}) {
    for (const char* chain : {"0", "1"}) {
      const std::string names = number == 1 ? "e0" : "e0,e1,e2,e3";
      in_each("sched s0 timeout_us=max\n" + entities(number) + "at 0 burst " + names + " n=100 us=1000 chain=" + chain +
                  "\n",
              [&](const Log& log) {
                CHECK(count(log, "free") == 100);
                const auto last =
                    std::find_if(log.rbegin(), log.rend(), [](const Line& l) { return l.event == "done"; });
                // Without credits to wait for the ring never runs dry. FAIR looks at the newest entity first; where it
                // waits for an older one, that costs a pass.
                const std::int64_t first =
                    std::find_if(log.begin(), log.end(), [](const Line& l) { return l.event == "run"; })->time;
                CHECK(last->time == first + 100'000'000);
                CHECK(first <= 2'000 * number);
              });
    }
  }
}

TEST_CASE("kunit: entity_cleanup: entities that go with half of the jobs pending leave none behind",
          "[drm_sched][kunit]") {
  const std::string script = "sched s0 timeout_us=max credits=2\n" + entities(4) +
                             "at 0 burst e0,e1,e2,e3 n=100 us=1000 chain=1\non done j50 do ";
  // The test's thread lives on, so that the flush of a destroy waits until all have run; a killed one does not wait.
  for (const bool killed : {false, true}) {
    std::string end;
    for (const char* name : {"e0", "e1", "e2", "e3"}) {
      end += killed ? std::string{"kill "} + name + " ; efini " + name + " ; " : std::string{"destroy "} + name + " ; ";
    }
    in_each(script + end + "sleep 1ms\n", [&](const Log& log) {
      CHECK(count(log, "finished") == 100);
      CHECK(count(log, "free") == 100);
      CHECK((count(log, "run") < 60) == killed);
    });
  }
}

TEST_CASE("kunit: parallel_submit: 16 workers of 8 jobs are all scheduled, and one advance ends them",
          "[drm_sched][kunit]") {
  std::string script = "sched s0 timeout_us=max\n" + entities(16);
  for (int i = 0; i < 16; ++i) {
    script += "at 0 burst e" + std::to_string(i) + " n=8 us=0 prefix=w" + std::to_string(i) + ".\n";
  }
  in_each(script + "at 900ms advance s0 128\n", [](const Log& log) {
    CHECK(count(log, "run") == 128);
    const auto advance = std::find_if(log.begin(), log.end(), [](const Line& l) { return l.event == "advance"; });
    CHECK(advance->fields.at("found") == "128");
    CHECK(count(log, "free") == 128);
  });
}

TEST_CASE("kunit: interleaved_submit: 16 workers with 8 jobs in flight each all come to their end",
          "[drm_sched][kunit]") {
  std::string script = "sched s0 timeout_us=max\n" + entities(16);
  std::int64_t jobs = 0;
  for (int i = 0; i < 16; ++i) {
    const int duration = 100 * (i + 1);
    const int number = 62500 / duration;
    jobs += number;
    script += "client c" + std::to_string(i) + " e" + std::to_string(i) +
              " start=0 window=8 us=" + std::to_string(duration) + " count=" + std::to_string(number) + "\n";
  }
  CHECK(jobs == 2108);
  in_each(script, [&](const Log& log) {
    CHECK(count(log, "free") == jobs);
    CHECK(count(log, "client_end") == 16);
  });
}

TEST_CASE(
    "kunit: basic_timeout and skip_reset: a job times out after its 200 ms, unless the driver says it is not hung",
    "[drm_sched][kunit]") {
  in_each("sched s0 timeout_us=200000\nentity e0 s0\nat 0 submit e0 j\nat 100ms check j\nat 300ms check j\n",
          [](const Log& log) {
            std::vector<std::string> timed_out;
            for (const Line& line : log) {
              if (line.event == "check") timed_out.push_back(line.fields.at("timedout"));
            }
            CHECK(timed_out == std::vector<std::string>{"0", "1"});
            CHECK(when(log, "timeout", "j") == 200'004'000);  // armed at 2 us, a hop later
          });
  in_each("sched s0 timeout_us=200000\nentity e0 s0\nat 0 submit e0 j noreset\nat 400ms check j ; advance s0 1\n",
          [](const Log& log) {
            CHECK(count(log, "timeout") == 1);
            CHECK(when(log, "finished", "j") == 400'000'000);
            CHECK(count(log, "free") == 1);
          });
}

TEST_CASE("kunit: basic_cancel: the end of the scheduler cancels what is on the hardware", "[drm_sched][kunit]") {
  in_each("sched s0 timeout_us=max\nentity e0 s0\nat 0 submit e0 j\nat 1ms destroy e0 ; fini s0 ; check j\n",
          [](const Log& log) {
            const auto check = std::find_if(log.begin(), log.end(), [](const Line& l) { return l.event == "check"; });
            REQUIRE(check != log.end());
            CHECK(check->fields.at("herr") == "-125");
          });
}

TEST_CASE("kunit: priorities, change_priority, modify_sched: all jobs of a busy scheduler end", "[drm_sched][kunit]") {
  const std::string four =
      "sched s0 timeout_us=max\nentity k s0 prio=KERNEL\nentity h s0 prio=HIGH\nentity n s0\nentity l s0 prio=LOW\n";
  in_each(four + "at 0 burst k,h,n,l n=100 us=1000\n", [](const Log& log) { CHECK(count(log, "free") == 100); });
  in_each(four + "at 0 burst k,h,n,l n=1000 us=1000 ; loop_prio k,h,n,l period=350us until=j999\n",
          [](const Log& log) { CHECK(count(log, "free") == 1000); });
  std::string names;
  std::string many = "sched s0 timeout_us=max\nsched s1 timeout_us=max\nsched s2 timeout_us=max\n";
  for (int i = 0; i < 13; ++i) {
    many += "entity e" + std::to_string(i) + " s" + std::to_string(i % 3) + "\n";
    names += (i == 0 ? "e" : ",e") + std::to_string(i);
  }
  in_each(
      many + "at 0 burst " + names + " n=1000 us=1000 ; loop_modify " + names + " s0,s1,s2 period=350us until=j999\n",
      [](const Log& log) { CHECK(count(log, "free") == 1000); });
}

TEST_CASE("kunit: credits: the second of two jobs is scheduled only when the first is done", "[drm_sched][kunit]") {
  in_each(
      "sched s0 timeout_us=max credits=1\nentity e0 s0\nat 0 submit e0 a ; submit e0 b\nat 2s advance s0 1\n"
      "at 4s advance s0 1\n",
      [](const Log& log) {
        CHECK(when(log, "sched_fence", "a") == 2'000);
        CHECK(when(log, "sched_fence", "b") == 2'000'004'000);  // a free pass, a run pass
        CHECK(when(log, "finished", "b") == 4'000'000'000);
      });
}

TEST_CASE("kunit: overhead: two hops a job, a chain over two entities the same, under FAIR up to half a hop more",
          "[drm_sched][kunit]") {
  for (const Policy policy : {Policy::rr, Policy::fifo, Policy::fair}) {
    // The first one is served by the run pass after that of the job before, which is under way at the release.
    CHECK(test::truth::overhead_us(quality("queue overhead", 1, policy)) == 1 + 1'000'000 + 999 * 4);
    const std::int64_t chain = test::truth::overhead_us(quality("ping pong", 1, policy));
    CHECK(chain >= 1 + 1'000'000 + 999 * 4);
    CHECK(chain <= 1 + 1'000'000 + 1000 * (policy == Policy::fair ? 5 : 4));
  }
}

TEST_CASE("kunit: under FAIR two deep queues share the hardware 1:1, 8:1, 4:1, 32:1, else who is above has it alone",
          "[drm_sched][kunit]") {
  struct Row {
    const char* name;
    double ratio;
  };
  for (const Row& row :
       {Row{"normal and normal", 1}, Row{"normal and low", 8}, Row{"high and normal", 4}, Row{"high and low", 32}}) {
    for (const std::uint32_t credits : {1U, 2U}) {
      INFO(row.name << ", credits " << credits);
      // The first one has a second of work; one job is begun before the second comes, and nothing is preempted.
      const auto fair = client_figures(quality(row.name, credits, Policy::fair)).at(0);
      const double elapsed = static_cast<double>(fair.elapsed) / 1e6;
      CHECK(elapsed == Approx(1 + 1 / row.ratio).margin(0.018));
      if (row.ratio == 1) continue;
      for (const Policy policy : {Policy::rr, Policy::fifo}) {
        const auto alone = client_figures(quality(row.name, credits, policy)).at(0);
        CHECK(alone.elapsed < 1'001'000);
      }
    }
  }
}

TEST_CASE("kunit: an interactive client beside a very heavy one waits longest under FIFO, FAIR is near to RR",
          "[drm_sched][kunit]") {
  for (const std::uint32_t credits : {1U, 2U}) {
    const auto mean = [&](Policy policy) {
      return client_figures(quality("very heavy and interactive", credits, policy)).at(1).mean_latency;
    };
    INFO("credits " << credits << ": " << mean(Policy::rr) << " " << mean(Policy::fifo) << " " << mean(Policy::fair));
    CHECK(mean(Policy::fifo) >= mean(Policy::fair));
    CHECK(mean(Policy::fair) >= mean(Policy::rr) * 9 / 10);
  }
}

TEST_CASE("kunit: the 27 scheduling-quality cases run under each policy", "[drm_sched][kunit]") {
  for (const Policy policy : {Policy::rr, Policy::fifo, Policy::fair}) {
    std::size_t cases = 0;
    for (const QualityCase& each : test::truth::quality_cases()) {
      CHECK_FALSE(play(each.script, policy).empty());
      ++cases;
    }
    CHECK(cases == 27);
  }
}

TEST_CASE("kunit: with a running minimum FAIR keeps 31 clients as near as the other policies do",
          "[drm_sched][kunit]") {
  for (const QualityCase& each : test::truth::quality_cases()) {
    if (each.clients != 31) continue;
    const auto lead = [&](const std::string& script, Policy policy) {
      return test::truth::mean_delta_x100(play(script, policy), each.clients);
    };
    CHECK(lead(each.script, Policy::fair) >= 1000);
    CHECK(lead(test::truth::with_running_minimum(each.script), Policy::fair) <= 100);
    CHECK(lead(each.script, Policy::fifo) <= 100);
  }
}

TEST_CASE("kunit: many equal clients all get their cycles, under RR and FIFO at the same time", "[drm_sched][kunit]") {
  for (const QualityCase& each : test::truth::quality_cases()) {
    if (each.clients < 3) continue;
    for (const Policy policy : {Policy::rr, Policy::fifo, Policy::fair}) {
      INFO(each.name << ", policy " << static_cast<int>(policy));
      const auto figures = client_figures(play(each.script, policy));
      REQUIRE(figures.size() == each.clients);
      const auto by_elapsed = [](const auto& a, const auto& b) { return a.elapsed < b.elapsed; };
      const auto [least, most] = std::minmax_element(figures.begin(), figures.end(), by_elapsed);
      for (const auto& client : figures) CHECK(client.cycles == figures[0].cycles);
      // FAIR is even by what it has charged, not by turns: some are far ahead.
      if (policy != Policy::fair) CHECK(most->elapsed - least->elapsed < most->elapsed / 10);
    }
  }
}
