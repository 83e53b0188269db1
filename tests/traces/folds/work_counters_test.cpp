// SPDX-License-Identifier: MIT
// What submission costs the host, on traces of a few events.
#include "traces/folds/work_counters.h"

#include "tests/support/catch.h"
#include "tests/support/trace_script.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

constexpr std::uint32_t kClient = 1;  // threads
constexpr std::uint32_t kWorker = 2;
constexpr std::uint32_t kStranger = 3;

struct CountersScene {
  CountersScene() { counters.attach_to(script.recorder); }
  template <class Kind>
  CountersScene& put(std::int64_t time_ns, const Kind& event) {
    script.at_ns(time_ns).put(event);
    return *this;
  }
  /// An event of a job on queue 1.
  template <class Kind>
  CountersScene& job(std::int64_t time_ns, std::uint64_t number, std::uint32_t thread) {
    return put(time_ns, Kind{.thread = thread, .queue = QueueId{1}, .job = JobId{number}});
  }
  TraceScript script;
  WorkCounters counters;
};

}  // namespace

TEST_CASE("a queued job: ioctl, doorbell by a worker, completion, release") {
  CountersScene scene;
  scene.job<exec_begin>(100, 1, kClient).job<drm_sched_job_queue>(120, 1, kClient);
  scene.job<exec_end>(150, 1, kClient);
  scene.put(200, workqueue_execute_start{.thread = kWorker});
  scene.job<drm_sched_job_run>(210, 1, kWorker).job<doorbell_write>(230, 1, kWorker);
  scene.job<doorbell_write>(240, 1, kWorker);  // again, as after a reset
  scene.job<drm_sched_job_done>(500, 1, 0).job<job_released>(700, 1, kWorker);
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
  CountersScene scene;
  scene.job<exec_begin>(0, 1, kClient).job<drm_sched_job_run>(1, 1, kClient).job<exec_end>(2, 1, kClient);
  scene.job<exec_begin>(3, 2, kClient).job<drm_sched_job_run>(4, 2, kWorker).job<exec_end>(5, 2, kClient);
  scene.job<exec_begin>(6, 3, kClient).job<drm_sched_job_queue>(7, 3, kClient).job<exec_end>(8, 3, kClient);
  scene.job<drm_sched_job_run>(9, 3, kClient);  // later, in another call
  CHECK(scene.counters.jobs_run() == 3);
  CHECK(scene.counters.jobs_run_by_caller() == 1);
  CHECK(scene.counters.jobs_queued() == 3);
}

TEST_CASE("a job that the ioctl refuses counts nowhere") {
  CountersScene scene;
  scene.job<exec_begin>(0, 1, kClient)
      .put(9, exec_end{.thread = kClient, .queue = QueueId{1}, .job = JobId{1}, .error = Errno::inval});
  CHECK(scene.counters.ioctl_time().count() == 0);
  CHECK(scene.counters.jobs_queued() == 0);
  CHECK(scene.counters.peak_live_jobs() == 0);
}

TEST_CASE("live jobs are those between queue and release, also of jobs that end before their ioctl") {
  CountersScene scene;
  for (std::uint64_t job = 1; job <= 3; ++job) {
    scene.job<exec_begin>(0, job, kClient).job<drm_sched_job_queue>(0, job, kClient);
  }
  scene.job<job_released>(1, 1, kWorker).job<exec_end>(1, 1, kClient).job<exec_end>(1, 2, kClient);
  scene.job<exec_begin>(2, 4, kClient).job<drm_sched_job_queue>(2, 4, kClient);
  CHECK(scene.counters.peak_live_jobs() == 3);
  CHECK(scene.counters.ioctl_time().count() == 2);
  CHECK(scene.counters.residency().count() == 0);  // none has been completed
}

TEST_CASE("a job with several open dependencies is one dependent job") {
  CountersScene scene;
  scene.job<exec_begin>(0, 1, kClient).job<drm_sched_job_queue>(0, 1, kClient);
  for (const std::uint64_t context : {7U, 8U}) {
    scene.put(0, drm_sched_job_add_dep{
                     .queue = QueueId{1}, .job = JobId{1}, .dependency_context = context, .dependency_seqno = 1});
  }
  scene.job<exec_begin>(0, 2, kClient).job<drm_sched_job_queue>(0, 2, kClient);
  CHECK(scene.counters.jobs_dependent() == 1);
}

TEST_CASE("a dependency that has signalled before the push keeps no job waiting") {
  CountersScene scene;
  const drm_sched_job_add_dep depends{
      .queue = QueueId{1}, .job = JobId{1}, .dependency_context = 7, .dependency_seqno = 3};
  scene.put(0, dma_fence_signaled{.context = 7, .seqno = 4});
  scene.job<exec_begin>(1, 1, kClient).job<drm_sched_job_queue>(1, 1, kClient).put(1, depends);
  scene.job<drm_sched_job_run>(5, 1, kWorker);
  CHECK(scene.counters.jobs_dependent() == 0);
  CHECK(scene.counters.ready_to_run().count() == 0);
}

TEST_CASE("a job is ready when the last of its dependencies has signalled, in whatever order") {
  CountersScene scene;
  scene.job<exec_begin>(0, 1, kClient).job<drm_sched_job_queue>(0, 1, kClient);
  for (const std::uint64_t context : {7U, 8U}) {
    scene.put(0, drm_sched_job_add_dep{
                     .queue = QueueId{1}, .job = JobId{1}, .dependency_context = context, .dependency_seqno = 3});
  }
  scene.put(10, dma_fence_signaled{.context = 8, .seqno = 3}).put(20, dma_fence_signaled{.context = 8, .seqno = 4});
  scene.put(30, dma_fence_signaled{.context = 7, .seqno = 3});
  scene.job<dependency_ready>(30, 1, 0).job<drm_sched_job_run>(34, 1, kWorker).job<drm_sched_job_run>(90, 1, kWorker);
  CHECK(scene.counters.jobs_dependent() == 1);
  CHECK(scene.counters.dependency_kicks() == 1);
  CHECK(scene.counters.ready_to_run().count() == 1);
  CHECK(scene.counters.ready_to_run().min() == 4'000);
}

TEST_CASE("the detection of a hang begins with the first fetch of a job without an end, and ends with a ban for it") {
  constexpr std::uint64_t kEndless = ~std::uint64_t{0};
  CountersScene scene;
  const auto submit = [&](std::uint32_t job, std::uint64_t work) {
    scene.put(0, exec_begin{.thread = kClient, .queue = QueueId{job}, .job = JobId{job}, .work_ps = work});
    scene.put(0, drm_sched_job_queue{.thread = kClient, .queue = QueueId{job}, .job = JobId{job}});
  };
  submit(1, kEndless);
  submit(2, 1'000);     // a fault hangs it
  submit(3, 1'000);     // innocent, and banned
  submit(4, kEndless);  // never fetched
  scene.put(10, fetch_begin{.job = JobId{1}})
      .put(10, fetch_begin{.job = JobId{2}})
      .put(10, fetch_begin{.job = JobId{3}});
  scene.put(15, fetch_begin{.job = JobId{1}});  // once more
  scene.put(20, fault_injected{.job = JobId{2}, .fault = 5});
  for (const std::uint32_t job : {3U, 4U}) scene.put(40, queue_banned{.queue = QueueId{job}, .job = JobId{job}});
  scene.put(50, queue_banned{.queue = QueueId{1}, .job = JobId{1}}).put(70, queue_banned{.job = JobId{2}});
  CHECK(scene.counters.hang_detection().count() == 2);
  CHECK(scene.counters.hang_detection().min() == 40'000);
  CHECK(scene.counters.hang_detection().max() == 60'000);
}

TEST_CASE("wake-ups and switches count for threads that take part, whenever that shows") {
  CountersScene scene;
  for (const std::uint32_t thread : {kClient, kWorker, kWorker, kStranger}) {
    scene.put(0, sched_wakeup{.woken = thread}).put(1, sched_switch{.cpu = 0, .prev = 0, .next = thread});
  }
  scene.put(2, sched_switch{.cpu = 0, .prev = kStranger, .next = 0});
  CHECK(scene.counters.wakeups() == 0);
  scene.put(3, client_start{.thread = kClient}).put(4, workqueue_execute_start{.thread = kWorker});
  CHECK(scene.counters.wakeups() == 3);
  CHECK(scene.counters.worker_wakeups() == 2);
  CHECK(scene.counters.switches() == 3);
}

TEST_CASE("hard interrupts are timed on each CPU by itself") {
  CountersScene scene;
  scene.put(10, irq_handler_entry{.cpu = 0}).put(15, irq_handler_entry{.cpu = 2});
  scene.put(17, irq_handler_exit{.cpu = 0}).put(40, irq_handler_exit{.cpu = 2});
  CHECK(scene.counters.interrupts() == 2);
  CHECK(scene.counters.hard_irq_time() == 7'000 + 25'000);
}

TEST_CASE("CPU time is that of threads that take part and of interrupts, each picosecond once") {
  CountersScene scene;
  scene.put(0, client_start{.thread = kClient});
  scene.put(10, sched_switch{.cpu = 0, .prev = 0, .next = kClient});
  scene.put(10, sched_switch{.cpu = 1, .prev = 0, .next = kStranger});
  scene.put(20, irq_handler_entry{.cpu = 0}).put(25, irq_handler_exit{.cpu = 0});  // in the client's time
  scene.put(40, sched_switch{.cpu = 0, .prev = kClient, .next = 0});
  scene.put(50, irq_handler_entry{.cpu = 0}).put(53, irq_handler_exit{.cpu = 0});  // on an idle CPU
  CHECK(scene.counters.cpu_time() == 30'000 + 3'000);
  scene.put(60, sched_switch{.cpu = 1, .prev = kStranger, .next = kClient});
  scene.put(67, sched_switch{.cpu = 1, .prev = kClient, .next = 0});
  CHECK(scene.counters.cpu_time() == 30'000 + 3'000 + 7'000);
}

TEST_CASE("closing a queue lasts until the client is heard of again") {
  CountersScene scene;
  scene.put(100, queue_close{.thread = kClient});
  scene.put(110, queue_create{.thread = kStranger});
  scene.put(130, queue_close{.thread = kClient});
  scene.put(150, queue_closed{.thread = kClient});
  scene.put(900, queue_create{.thread = kClient});
  scene.put(910, queue_close{.thread = kClient});
  scene.put(950, client_finish{.thread = kClient});
  const Histogram& close = scene.counters.close_time();
  CHECK(close.count() == 3);
  CHECK(close.min() == 20'000);
  CHECK(close.max() == 40'000);
  CHECK(close.sum() == 90'000);
}

TEST_CASE("a queue is a zombie from its last reference on, and holds its id until it is destroyed") {
  CountersScene scene;
  scene.put(0, queue_create{.thread = kClient, .queue = QueueId{1}});
  scene.put(0, queue_create{.thread = kClient, .queue = QueueId{2}});
  scene.put(0, queue_fini{.thread = kClient, .queue = QueueId{1}});
  scene.put(0, queue_fini{.thread = kClient, .queue = QueueId{2}});
  scene.put(0, queue_destroyed{.thread = kClient, .queue = QueueId{1}});
  scene.put(0, queue_create{.thread = kClient, .queue = QueueId{3}});
  scene.put(0, queue_create_failed{.thread = kClient});
  scene.put(0, queue_destroyed{.thread = kClient, .queue = QueueId{3}});  // without having been a zombie
  scene.put(0, queue_fini{.thread = kClient, .queue = QueueId{4}});
  CHECK(scene.counters.peak_zombies() == 2);
  scene.put(0, queue_fini{.thread = kClient, .queue = QueueId{5}});
  CHECK(scene.counters.peak_zombies() == 3);
  CHECK(scene.counters.peak_ids() == 2);
  CHECK(scene.counters.create_failures() == 1);
}
