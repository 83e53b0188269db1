// SPDX-License-Identifier: MIT
// fence_signalled_once and fence_value.
#include "tests/traces/oracles/oracle_run.h"

using namespace gpusim;
using namespace gpusim::trace;

TEST_CASE("fence_signalled_once: a fence signals again") {
  CHECK(spoken([](OracleRun& run) {
          run.whole_job(1, 1);
          run.pass_ns(5);
          run.script.put(dma_fence_signaled{.context = 1, .seqno = 1});
        }) ==
        "fence_signalled_once: at 15.000 ns: fence 1:1 of queue 1 (game.0.rcs) signalled again; the first time was "
        "at 10.000 ns");
}

TEST_CASE("fence_signalled_once: a fence signals that nobody initialised") {
  CHECK(spoken([](OracleRun& run) { run.script.put(dma_fence_signaled{.context = 7, .seqno = 1}); }) ==
        "fence_signalled_once: at 0 ps: fence 7:1 of queue 1 (game.0.rcs) signalled and was never initialised");
}

TEST_CASE("fence_signalled_once: fences of a context signal out of order") {
  CHECK(spoken([](OracleRun& run) {
          run.script.put(dma_fence_init{.context = 7, .seqno = 1})
              .put(dma_fence_init{.context = 7, .seqno = 2})
              .put(dma_fence_signaled{.context = 7, .seqno = 2});
          run.script.put(dma_fence_signaled{.context = 7, .seqno = 1});
        }) ==
        "fence_signalled_once: at 0 ps: fence 7:1 of queue 1 (game.0.rcs) signalled after fence 7:2, which signalled "
        "at 0 ps: out of order, or for a second time");
}

TEST_CASE("fence_signalled_once: a sequence number is given out twice") {
  CHECK(spoken([](OracleRun& run) {
          run.script.put(dma_fence_init{.context = 7, .seqno = 2}).put(dma_fence_init{.context = 7, .seqno = 2});
        }) == "fence_signalled_once: at 0 ps: fence 7:2 of queue 1 (game.0.rcs) was initialised after fence 7:2");
}

TEST_CASE("fence_value: the value at an address goes back") {
  CHECK(spoken([](OracleRun& run) {
          run.visible(1, 5);
          run.visible(2, 5);
          run.script.put(fence_visible{.job = JobId{2}, .address = kAddress + 64, .value = 1, .completion = false});
          run.script.on_queue(2);
          run.visible(3, 4);
        }) ==
        "fence_value: at 0 ps: the fence value of queue 2 (video.0.vcs) at address 4096 went back from 5 to 4 with "
        "job 3");
}

TEST_CASE("fence_value: each address of a queue is looked at for itself") {
  const auto trace = [](std::uint64_t last) {
    return [=](OracleRun& run) {
      for (const std::uint64_t value : {5U, 6U}) {
        run.script.put(fence_visible{.job = JobId{1}, .address = kAddress, .value = value, .completion = true});
        run.script.put(
            fence_visible{.job = JobId{1}, .address = kAddress + 64, .value = value - 5, .completion = true});
      }
      run.script.put(fence_visible{.job = JobId{1}, .address = kAddress, .value = last, .completion = true});
    };
  };
  CHECK(spoken(trace(6)) == "");
  CHECK(
      spoken(trace(5)) ==
      "fence_value: at 0 ps: the fence value of queue 1 (game.0.rcs) at address 4096 went back from 6 to 5 with job 1");
}

TEST_CASE("fence_signalled_once: of a chain an earlier node may signal later, and none twice") {
  const auto chain = [](OracleRun& run) {
    for (const std::uint64_t point : {1U, 2U}) {
      run.script.put(dma_fence_init{.context = 7, .seqno = point})
          .put(syncobj_point{.context = 7, .seqno = point, .fence_context = 8, .fence_seqno = 1});
    }
    run.script.put(dma_fence_signaled{.context = 7, .seqno = 2});
  };
  CHECK(spoken(
            [&](OracleRun& run) {
              chain(run);
              run.script.put(dma_fence_signaled{.context = 7, .seqno = 1});
            },
            false) == "");
  CHECK(spoken(
            [&](OracleRun& run) {
              chain(run);
              run.script.put(dma_fence_signaled{.context = 7, .seqno = 2});
            },
            false) ==
        "fence_signalled_once: at 0 ps: fence 7:2 of queue 1 (game.0.rcs) signalled again; the first time was at 0 ps");
}
