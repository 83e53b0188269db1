// SPDX-License-Identifier: MIT
// All oracles together.
#include <cstdint>

#include "tests/traces/oracles/oracle_run.h"

using namespace gpusim;
using namespace gpusim::trace;

TEST_CASE("oracles have nothing to say about a sound run") {
  CHECK(spoken([](OracleRun& run) {
          for (std::uint64_t job = 1; job <= 20; ++job) run.whole_job(job, job);
        }) == "");
}

TEST_CASE("oracles are known by their names") {
  const Names names;
  CHECK(OracleSet{names}.names() == std::vector<std::string_view>{"fence_signalled_once",
                                                                  "queue_fifo",
                                                                  "dependency",
                                                                  "credits",
                                                                  "ring_overrun",
                                                                  "job_lost",
                                                                  "fence_value",
                                                                  "slots",
                                                                  "engine_exclusive",
                                                                  "work_done",
                                                                  "firmware_id",
                                                                  "stopped_queue",
                                                                  "guilty",
                                                                  "timeout",
                                                                  "lone_timeout",
                                                                  "after_end",
                                                                  "tokens",
                                                                  "token_turns",
                                                                  "gangs",
                                                                  "eviction",
                                                                  "round_robin",
                                                                  "starvation"});
}
