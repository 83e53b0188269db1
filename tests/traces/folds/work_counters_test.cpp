// SPDX-License-Identifier: MIT
// What submission costs the host, on traces of a few events.
#include "traces/folds/work_counters.h"

#include "tests/support/catch.h"
#include "tests/support/trace_script.h"

using namespace gpusim;
using namespace gpusim::trace;
using K = EventKind;

namespace {

constexpr std::uint32_t kClient = 1;  // threads
constexpr std::uint32_t kWorker = 2;
constexpr std::uint32_t kStranger = 3;

struct Scene {
  Scene() { counters.attach_to(script.recorder); }
  Scene& put(std::int64_t time_ns, K kind, Event fields) {
    script.at_ns(time_ns).put(kind, fields);
    return *this;
  }
  Scene& job(std::int64_t time_ns, K kind, std::uint64_t number, std::uint32_t thread, std::uint64_t b = 0) {
    return put(time_ns, kind, {.thread = thread, .queue = 1, .job = number, .b = b});
  }
  TraceScript script;
  WorkCounters counters;
};

}  // namespace

TEST_CASE("a queued job: ioctl, doorbell by a worker, completion, release") {
  Scene scene;
  scene.job(100, K::exec_begin, 1, kClient).job(120, K::drm_sched_job_queue, 1, kClient);
  scene.job(150, K::exec_end, 1, kClient);
  scene.put(200, K::workqueue_execute_start, {.thread = kWorker});
  scene.job(210, K::drm_sched_job_run, 1, kWorker).job(230, K::doorbell_write, 1, kWorker);
  scene.job(240, K::doorbell_write, 1, kWorker);  // again, as after a reset
  scene.job(500, K::drm_sched_job_done, 1, 0).job(700, K::job_released, 1, kWorker);
  const WorkCounters& counters = scene.counters;
  CHECK(counters.ioctl_time().count() == 1);
  CHECK(counters.ioctl_time().min() == 50'000);
  CHECK(counters.ioctl_to_doorbell().count() == 1);
  CHECK(counters.ioctl_to_doorbell().min() == 130'000);
  CHECK(counters.residency().min() == 200'000);
  CHECK(counters.jobs_queued() == 1);
  CHECK(counters.jobs_run() == 1);
  CHECK(counters.jobs_run_by_caller() == 0);
  CHECK(counters.work_items() == 1);
  CHECK(counters.peak_live_jobs() == 1);
}

TEST_CASE("a job is its caller's if the thread of the ioctl runs it inside of the ioctl") {
  Scene scene;
  scene.job(0, K::exec_begin, 1, kClient).job(1, K::drm_sched_job_run, 1, kClient).job(2, K::exec_end, 1, kClient);
  scene.job(3, K::exec_begin, 2, kClient).job(4, K::drm_sched_job_run, 2, kWorker).job(5, K::exec_end, 2, kClient);
  scene.job(6, K::exec_begin, 3, kClient).job(7, K::drm_sched_job_queue, 3, kClient).job(8, K::exec_end, 3, kClient);
  scene.job(9, K::drm_sched_job_run, 3, kClient);  // later, in another call
  CHECK(scene.counters.jobs_run() == 3);
  CHECK(scene.counters.jobs_run_by_caller() == 1);
  CHECK(scene.counters.jobs_queued() == 3);
}

TEST_CASE("a job that the ioctl refuses counts nowhere") {
  Scene scene;
  scene.job(0, K::exec_begin, 1, kClient).job(9, K::exec_end, 1, kClient, 22);
  CHECK(scene.counters.ioctl_time().count() == 0);
  CHECK(scene.counters.jobs_queued() == 0);
  CHECK(scene.counters.peak_live_jobs() == 0);
}

TEST_CASE("live jobs are those between queue and release, also of jobs that end before their ioctl") {
  Scene scene;
  for (std::uint64_t job = 1; job <= 3; ++job) {
    scene.job(0, K::exec_begin, job, kClient).job(0, K::drm_sched_job_queue, job, kClient);
  }
  scene.job(1, K::job_released, 1, kWorker).job(1, K::exec_end, 1, kClient).job(1, K::exec_end, 2, kClient);
  scene.job(2, K::exec_begin, 4, kClient).job(2, K::drm_sched_job_queue, 4, kClient);
  CHECK(scene.counters.peak_live_jobs() == 3);
  CHECK(scene.counters.ioctl_time().count() == 2);
  CHECK(scene.counters.residency().count() == 0);  // none has been completed
}

TEST_CASE("a job with several open dependencies is one dependent job") {
  Scene scene;
  scene.job(0, K::exec_begin, 1, kClient).job(0, K::drm_sched_job_queue, 1, kClient);
  scene.job(0, K::drm_sched_job_add_dep, 1, kClient).job(0, K::drm_sched_job_add_dep, 1, kClient);
  scene.job(0, K::exec_begin, 2, kClient).job(0, K::drm_sched_job_queue, 2, kClient);
  CHECK(scene.counters.jobs_dependent() == 1);
}

TEST_CASE("wake-ups and switches count for threads that take part, whenever that shows") {
  Scene scene;
  for (const std::uint32_t thread : {kClient, kWorker, kWorker, kStranger}) {
    scene.put(0, K::sched_wakeup, {.a = thread}).put(1, K::sched_switch, {.cpu = 0, .a = 0, .b = thread});
  }
  scene.put(2, K::sched_switch, {.cpu = 0, .a = kStranger, .b = 0});
  CHECK(scene.counters.wakeups() == 0);
  scene.put(3, K::client_start, {.thread = kClient}).put(4, K::workqueue_execute_start, {.thread = kWorker});
  CHECK(scene.counters.wakeups() == 3);
  CHECK(scene.counters.worker_wakeups() == 2);
  CHECK(scene.counters.switches() == 3);
}

TEST_CASE("hard interrupts are timed on each CPU by itself") {
  Scene scene;
  scene.put(10, K::irq_handler_entry, {.cpu = 0}).put(15, K::irq_handler_entry, {.cpu = 2});
  scene.put(17, K::irq_handler_exit, {.cpu = 0}).put(40, K::irq_handler_exit, {.cpu = 2});
  CHECK(scene.counters.interrupts() == 2);
  CHECK(scene.counters.hard_irq_time() == 7'000 + 25'000);
}

TEST_CASE("closing a queue lasts until the client is heard of again") {
  Scene scene;
  const auto put = [&](std::int64_t time, K kind, std::uint32_t thread) { scene.put(time, kind, {.thread = thread}); };
  put(100, K::queue_close, kClient);
  put(110, K::queue_create, kStranger);
  put(130, K::queue_close, kClient);
  put(150, K::queue_closed, kClient);
  put(900, K::queue_create, kClient);
  put(910, K::queue_close, kClient);
  put(950, K::client_finish, kClient);
  const Histogram& close = scene.counters.close_time();
  CHECK(close.count() == 3);
  CHECK(close.min() == 20'000);
  CHECK(close.max() == 40'000);
  CHECK(close.sum() == 90'000);
}

TEST_CASE("a queue is a zombie from its last reference on, and holds its id until it is destroyed") {
  Scene scene;
  const auto put = [&](K kind, std::uint32_t queue) { scene.put(0, kind, {.thread = kClient, .queue = queue}); };
  put(K::queue_create, 1);
  put(K::queue_create, 2);
  put(K::queue_fini, 1);
  put(K::queue_fini, 2);
  put(K::queue_destroyed, 1);
  put(K::queue_create, 3);
  put(K::queue_create_failed, 0);
  put(K::queue_destroyed, 3);  // without having been a zombie
  put(K::queue_fini, 4);
  CHECK(scene.counters.peak_zombies() == 2);
  put(K::queue_fini, 5);
  CHECK(scene.counters.peak_zombies() == 3);
  CHECK(scene.counters.peak_ids() == 2);
  CHECK(scene.counters.create_failures() == 1);
}
