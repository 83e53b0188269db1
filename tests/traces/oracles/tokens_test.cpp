// SPDX-License-Identifier: MIT
// tokens, token_turns.
#include <cstdint>
#include <string>

#include "base/invariant.h"
#include "tests/support/catch.h"
#include "tests/support/trace_script.h"
#include "traces/event/make.h"
#include "traces/oracles/token_turns.h"
#include "traces/oracles/tokens.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

/// The two oracles alone: the traces here have little else that is sound.
struct TokenRun {
  TokenRun(std::uint32_t count, TurnPolicy policy) {
    names.queues = {{}, {.name = "game.0.rcs"}, {.name = "video.0.vcs"}, {.name = "copy.0.bcs"}};
    if (count != 0) {
      tokens.on_tokens(count);
      turns.on_policy(policy, 2);
    }
    tokens.attach_to(script.recorder);
    turns.attach_to(script.recorder);
  }

  void runs(std::uint32_t queue) { on(queue).put(drm_sched_job_run{.job = JobId{++jobs}, .in_flight = 0}); }
  void waits(std::uint32_t queue, Picoseconds vruntime = us(0)) {
    on(queue).put(token_wait{.job = JobId{++jobs}, .ahead = 0, .vruntime = vruntime});
  }
  void granted(std::uint32_t queue, Picoseconds vruntime = us(0)) {
    on(queue).put(token_granted{.job = JobId{jobs}, .out = 1, .vruntime = vruntime});
  }
  void returned(std::uint32_t queue, Picoseconds vruntime = us(0)) {
    on(queue).put(token_returned{.out = 0, .jobs = 1, .vruntime = vruntime});
  }
  void works(std::uint32_t queue, std::int64_t nanoseconds) {
    on(queue).put(fetch_begin{.engine = 0, .job = JobId{jobs}});
    script.at_ns(to_ps(script.now()) / 1'000 + nanoseconds);
    script.put(job_end{.engine = 0, .job = JobId{jobs}});
  }
  TraceScript& on(std::uint32_t queue) {
    script.on_queue(queue);
    return script;
  }

  Names names;
  Tokens tokens{names};
  TokenTurns turns{names};
  TraceScript script;
  std::uint64_t jobs = 0;
};

template <class Steps>
std::string spoken_of(std::uint32_t count, TurnPolicy policy, Steps steps) {
  TokenRun run{count, policy};
  try {
    steps(run);
    run.tokens.finish(run.script.now());
  } catch (const InvariantViolation& violation) {
    return violation.what();
  }
  return {};
}

}  // namespace

TEST_CASE("tokens: more queues run than there are tokens") {
  CHECK(spoken_of(1, TurnPolicy::rr, [](TokenRun& run) {
          run.runs(1);
          run.runs(1);
          run.runs(2);
        }) == "tokens: at 0 ps: queue 2 (video.0.vcs) ran a job, but 1 other queues have the 1 tokens");
}

TEST_CASE("tokens: one too many is granted") {
  CHECK(spoken_of(1, TurnPolicy::rr, [](TokenRun& run) {
          run.runs(1);
          run.waits(2);
          run.granted(2);
        }) == "tokens: at 0 ps: queue 2 (video.0.vcs) got a token, but 1 other queues have the 1 tokens");
}

TEST_CASE("tokens: a queue that waits runs a job") {
  CHECK(spoken_of(2, TurnPolicy::rr, [](TokenRun& run) {
          run.waits(1);
          run.runs(1);
        }) == "tokens: at 0 ps: job 2 of queue 1 (game.0.rcs) ran while its queue waited for a token");
}

TEST_CASE("tokens: one comes back while a job is on the hardware") {
  CHECK(spoken_of(1, TurnPolicy::rr, [](TokenRun& run) {
          run.runs(1);
          run.on(1).put(ring_write{.job = JobId{1}, .index = 0, .free = 3, .capacity = 4});
          run.returned(1);
        }) == "tokens: at 0 ps: queue 1 (game.0.rcs) gave its token back with 1 jobs on the hardware");
}

TEST_CASE("tokens: nobody waits at the end") {
  CHECK(spoken_of(1, TurnPolicy::rr, [](TokenRun& run) { run.waits(1); }) ==
        "tokens: at 0 ps: queue 1 (game.0.rcs) still waits for a token");
}

TEST_CASE(
    "tokens: one that came back goes to the next, a queue that is gone has none, without tokens nothing is held") {
  CHECK(spoken_of(1, TurnPolicy::rr, [](TokenRun& run) {
          run.runs(1);
          run.waits(2);
          run.returned(1);
          run.granted(2);
          run.runs(2);
          run.on(2).put(queue_destroyed{});
          run.runs(3);
        }).empty());
  CHECK(spoken_of(0, TurnPolicy::rr, [](TokenRun& run) {
          run.runs(1);
          run.runs(2);
        }).empty());
}

TEST_CASE("token_turns: fifo: who asked later is served first") {
  const auto steps = [](std::uint32_t first) {
    return [first](TokenRun& run) {
      run.runs(1);
      run.waits(3);
      run.waits(2);
      run.returned(1);
      run.granted(first);
      run.returned(first);
      run.granted(5 - first);
    };
  };
  CHECK(spoken_of(1, TurnPolicy::fifo, steps(2)) ==
        "token_turns: at 0 ps: queue 2 (video.0.vcs) got a token before queue 3 (copy.0.bcs), which had asked earlier");
  CHECK(spoken_of(1, TurnPolicy::fifo, steps(3)).empty());
  CHECK(spoken_of(1, TurnPolicy::rr, steps(2)).empty());
}

TEST_CASE("token_turns: rr: one is served twice while another waits") {
  CHECK(spoken_of(1, TurnPolicy::rr,
                  [](TokenRun& run) {
                    run.runs(1);
                    run.waits(3);
                    for (int i = 0; i < 2; ++i) {
                      run.waits(2);
                      run.returned(1);
                      run.granted(2);
                      run.returned(2);
                    }
                  }) ==
        "token_turns: at 0 ps: queue 2 (video.0.vcs) got a token twice while queue 3 (copy.0.bcs) "
        "waited for one");
}

TEST_CASE("token_turns: fair: who has had more is served first, or is not charged what engines did for it") {
  CHECK(spoken_of(1, TurnPolicy::fair,
                  [](TokenRun& run) {
                    run.runs(1);
                    run.waits(2, us(5));
                    run.waits(3, us(4));
                    run.returned(1);
                    run.granted(2, us(5));
                  }) ==
        "token_turns: at 0 ps: queue 2 (video.0.vcs) got a token with a run time of 5.000 us; queue 3 "
        "(copy.0.bcs) waits and has had 4.000 us");
  CHECK(spoken_of(1, TurnPolicy::fair,
                  [](TokenRun& run) {
                    run.runs(1);
                    run.works(1, 100);
                    run.returned(1, ns(99));
                  }) ==
        "token_turns: at 100.000 ns: engines worked 100.000 ns for queue 1 (game.0.rcs), whose run time went "
        "from 0 ps to 99.000 ns");
  CHECK(spoken_of(1, TurnPolicy::fair,
                  [](TokenRun& run) {
                    run.waits(1);
                    run.granted(1);
                    run.works(1, 100);
                    run.returned(1, ns(101));
                  }) ==
        "token_turns: at 100.000 ns: queue 1 (game.0.rcs) was charged 101.000 ns for the 100.000 ns that it had the "
        "token");
  // It may have kept the token without jobs, and counts from then on with what another has.
  CHECK(spoken_of(2, TurnPolicy::fair, [](TokenRun& run) {
          run.waits(2, us(5));
          run.granted(2, us(5));
          run.waits(1);
          run.granted(1);
          run.works(1, 100);
          run.returned(1, us(5));
        }).empty());
}

TEST_CASE("token_turns: a queue runs more jobs than a turn has while another waits") {
  const auto steps = [](int jobs) {
    return [jobs](TokenRun& run) {
      for (int i = 0; i < 10; ++i) run.runs(1);
      run.waits(2);
      for (int i = 0; i < jobs; ++i) run.runs(1);
      run.returned(1);
      run.granted(2);
      for (int i = 0; i < 10; ++i) run.runs(2);
    };
  };
  CHECK(spoken_of(1, TurnPolicy::rr, steps(3)).empty());  // one that was let in before, and a turn
  CHECK(spoken_of(1, TurnPolicy::rr, steps(4)) ==
        "token_turns: at 0 ps: queue 1 (game.0.rcs) has run 4 jobs while others waited for a token; a turn has 2");
}

TEST_CASE("token_turns: a queue goes on with a token that it has used up only if nobody else waits") {
  CHECK(spoken_of(1, TurnPolicy::rr,
                  [](TokenRun& run) {
                    run.runs(1);
                    run.waits(2);
                    run.waits(1);
                    run.granted(1);
                  }) ==
        "token_turns: at 0 ps: queue 1 (game.0.rcs) has used up its turn and goes on while queue 2 (video.0.vcs) "
        "waits");
  CHECK(spoken_of(1, TurnPolicy::rr, [](TokenRun& run) {
          run.runs(1);
          run.waits(2);
          run.waits(1);
          run.on(2).put(token_withdrawn{.job = JobId{2}});
          run.granted(1);
        }).empty());
}
