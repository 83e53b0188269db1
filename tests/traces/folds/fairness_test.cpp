// SPDX-License-Identifier: MIT
#include "traces/folds/fairness.h"

#include "tests/support/catch.h"
#include "traces/folds/statistics.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

struct FairnessScene {
  void queue(std::uint32_t number, std::uint32_t client, std::uint64_t engine_mask, std::uint64_t level) {
    statistics.on(queue_create{
        .queue = QueueId{number}, .client = ClientId{client}, .engine_mask = engine_mask, .priority = level});
  }
  static JobLife life(std::uint32_t queue, std::uint32_t client, std::int64_t work_us) {
    JobLife life{.job = 1, .queue = queue, .client = client, .end = at(us(work_us))};
    life[Cause::work] = us(work_us);
    return life;
  }
  Statistics statistics;
};

}  // namespace

TEST_CASE("fairness is between clients with queues of one priority for the same engines") {
  FairnessScene scene;
  scene.queue(1, 0, 1, 0);
  scene.queue(2, 1, 1, 2);
  scene.queue(3, 2, 1, 2);
  scene.queue(4, 2, 1, 2);  // two queues of one client are one
  scene.queue(5, 3, 2, 2);
  scene.statistics.on_job_life(FairnessScene::life(1, 0, 900));
  scene.statistics.on_job_life(FairnessScene::life(2, 1, 30));
  scene.statistics.on_job_life(FairnessScene::life(3, 2, 5));
  scene.statistics.on_job_life(FairnessScene::life(4, 2, 5));
  scene.statistics.on_job_life(FairnessScene::life(5, 3, 700));
  const auto shares = even_shares(scene.statistics);
  REQUIRE(shares.size() == 1);
  CHECK(shares[0].engine_mask == 1);
  CHECK(shares[0].level == 2);
  CHECK(shares[0].clients == 2);
  CHECK(shares[0].least == 10'000'000);
  CHECK(shares[0].most == 30'000'000);
  CHECK(shares[0].jain == 80'000);  // 40^2 / (2 * (30^2 + 10^2))
}

TEST_CASE("fairness is by the priority at creation, and says whose priority changed") {
  constexpr int kSetPriority = 3;
  FairnessScene scene;
  scene.statistics = Statistics{{.off = {}, .on = {}, .level = kSetPriority}};
  for (const std::uint32_t client : {0U, 1U, 2U}) scene.queue(client + 1, client, 1, 1);
  CHECK(even_shares(scene.statistics).at(0).changed == 0);
  scene.statistics.on(message_send{.queue = QueueId{2}, .action = kSetPriority + 1});
  CHECK(even_shares(scene.statistics).at(0).changed == 0);
  for (int i = 0; i < 2; ++i) scene.statistics.on(message_send{.queue = QueueId{2}, .action = kSetPriority});
  CHECK(even_shares(scene.statistics).at(0).changed == 1);
  CHECK(even_shares(scene.statistics).at(0).clients == 3);
}

TEST_CASE("who got nothing counts in fairness, and so does work of a job that has not ended") {
  FairnessScene scene;
  for (const std::uint32_t client : {0U, 1U, 2U, 3U}) scene.queue(client + 1, client, 1, 1);
  CHECK(even_shares(scene.statistics).at(0).jain == 100'000);  // nobody got anything
  scene.statistics.on_job_life(FairnessScene::life(1, 0, 20));
  CHECK(even_shares(scene.statistics).at(0).jain == 25'000);
  CHECK(even_shares(scene.statistics).at(0).least == 0);
  scene.statistics.finish({FairnessScene::life(2, 1, 20)}, {});
  CHECK(even_shares(scene.statistics).at(0).jain == 50'000);
}
