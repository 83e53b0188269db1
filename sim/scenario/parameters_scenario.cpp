// SPDX-License-Identifier: MIT
// Top level, [use], [stop], [fault] and [scheduler].
#include <algorithm>

#include "sim/scenario/parameter_rows.h"
#include "sim/scenario/parameter_table.h"

namespace gpusim::scenario {

namespace {

using sched::BypassCondition;
using sched::Costs;
using sched::FenceCosts;
using sched::dep::BypassLock;
using sched::dep::Policy;
using sched::dep::Teardown;
using sched::dep::TimeoutRestart;
using sched::dep::Where;
using sched::jq::Options;
using sched::jq::Shape;
using trace::Cause;
using workload::ShareSpec;

[[nodiscard]] Parameter preset(std::string_view path, std::string_view doc) {
  return {.path = path, .type = Type::text, .store = &rows::store_nothing, .doc = doc};
}

constexpr std::string_view kNoOrchestrator = "scheduler.orchestrator.slots is 0";
[[nodiscard]] bool is_orchestrated(const Target& target) { return target.spec->orchestrator.slots != 0; }

template <Cost sched::orch::Spec::* Field>
[[nodiscard]] Parameter orchestrator_cost(std::string_view path, std::string_view doc) {
  return rows::duration<&ScenarioSpec::orchestrator, Field>(path, Unit::ns, doc)
      .read_if(&is_orchestrated, kNoOrchestrator)
      .from('E', "list and reference operations under one lock, as scheduler.dispatch");
}

// docs/orchestrator.md
[[nodiscard]] std::vector<Parameter> orchestrator_rows() {
  using sched::orch::Spec;
  return {
      rows::integer<&ScenarioSpec::orchestrator, &Spec::slots>(
          "scheduler.orchestrator.slots", 0, 65'536,
          "Queues that may have jobs on the hardware at a time; the others wait for a token. 0: all, there is no "
          "orchestrator."),
      rows::choice<&ScenarioSpec::orchestrator, &Spec::policy>(
          "scheduler.orchestrator.policy", {"rr", "fifo", "fair"},
          "Which of the queues that wait is next: in turn; who has asked for longest; who has had the hardware for the "
          "shortest time.")
          .read_if(&is_orchestrated, kNoOrchestrator),
      rows::integer<&ScenarioSpec::orchestrator, &Spec::batch>(
          "scheduler.orchestrator.batch", 0, 65'536,
          "Jobs after which a queue's turn is over, if others wait. 0: not limited by jobs.")
          .read_if(&is_orchestrated, kNoOrchestrator),
      rows::duration<&ScenarioSpec::orchestrator, &Spec::quantum>(
          "scheduler.orchestrator.quantum", Unit::us,
          "Time after which a queue's turn is over, if others wait: no further job is run, those on the hardware end. "
          "0: not limited by time.")
          .read_if(&is_orchestrated, kNoOrchestrator)
          .from('E', "ours: no text names one"),
      rows::choice<&ScenarioSpec::orchestrator, &Spec::grant_in>(
          "scheduler.orchestrator.grant_context", {"completion", "worker"},
          "Where a token that came back is granted: where its last job was completed, mostly the interrupt; or in a "
          "worker of the orchestrator.")
          .read_if(&is_orchestrated, kNoOrchestrator),
      orchestrator_cost<&Spec::ask>("scheduler.orchestrator.ask",
                                    "Entering a queue that finds no token with those that wait.")
          .in(Cause::token),
      orchestrator_cost<&Spec::grant>("scheduler.orchestrator.grant", "Choosing a queue and giving it a token.")
          .in(Cause::token),
      orchestrator_cost<&Spec::give_back>("scheduler.orchestrator.give_back", "Taking one back.").in(Cause::token),
  };
}

// docs/direct.md
[[nodiscard]] std::vector<Parameter> direct_rows() {
  using drv::DirectSpec;
  return {
      rows::choice<&ScenarioSpec::direct, &DirectSpec::wait>(
          "scheduler.direct.wait", {"poll", "interrupt"},
          "direct: how a client waits for a job: it looks at the value in memory again and again; or it sleeps in an "
          "ioctl until the interrupt that comes with the value."),
      rows::duration<&ScenarioSpec::direct, &DirectSpec::poll, &os::PollSpec::look>(
          "scheduler.direct.poll_look", Unit::ns,
          "direct: CPU time of one look at a value in memory. It is what a client that spins learns of the value "
          "later.",
          1)
          .from('E', "ours: a load that misses once, and a pause between two looks"),
      rows::duration<&ScenarioSpec::direct, &DirectSpec::poll, &os::PollSpec::pause>(
          "scheduler.direct.poll_pause", Unit::us,
          "direct: time for which a client sleeps between two looks. 0: it spins.")
          .read_if([](const Target& target) { return target.spec->direct.wait == drv::DirectWait::poll; },
                   "scheduler.direct.wait is not poll")
          .from('E', "ours: no text names one"),
      rows::duration<&ScenarioSpec::direct, &DirectSpec::hang_timeout>(
          "scheduler.direct.hang_timeout", Unit::ms,
          "direct: age of a queue's fence of the kernel, since it was made or one before it signalled, at which the "
          "queue is taken off the hardware. 0: never.")
          .from('S', "amdgpu: the hang work of a user queue, 2 s (amdgpu_userq.c)"),
      rows::duration<&ScenarioSpec::direct, &DirectSpec::restore>(
          "scheduler.direct.restore", Unit::us,
          "direct: of an eviction, time from the end of the queues' unmapping until the process's memory is in place "
          "again, and they are mapped.")
          .read_if(
              [](const Target& target) { return target.spec->fault.evict.count() != 0 || target.spec->is_explored; },
              "fault.evict is not given")
          .from('E', "ours: 16 MiB that come back at 16 GB/s"),
  };
}

constexpr std::string_view kNoPipeline = "scheduler.jobqueue is not pipeline";
[[nodiscard]] bool is_pipeline(const Target& target) { return target.spec->jobqueue.shape == Shape::pipeline; }

// Which of the two, and what the pipeline leaves to its driver: docs/jobqueue.md.
[[nodiscard]] std::vector<Parameter> jobqueue_rows() {
  return {
      rows::choice<&ScenarioSpec::jobqueue, &Options::shape>(
          "scheduler.jobqueue", {"counter", "pipeline"},
          "jobqueue: which one: the RFC of February 2026, which counts dependencies down and has credits; or the later "
          "one with stages, as the driver Tyr uses it."),
      rows::choice<&ScenarioSpec::jobqueue, &Options::coalescing>(
          "scheduler.coalescing", {"off", "workqueue", "inline"},
          "jobqueue: the tick that completions ask for: each its own; one for all that the driver signals together, in "
          "the workqueue; or that one in the driver's interrupt thread.")
          .read_if(&is_pipeline, kNoPipeline),
      rows::duration<&ScenarioSpec::jobqueue, &Options::pipeline_timeout>(
          "scheduler.pipeline_timeout", Unit::ms,
          "jobqueue: time that a job has from its commit until it is handed to the hardware; then it ends with "
          "-ETIMEDOUT. "
          "It counts while the job waits for dependencies, too. 0: for ever.")
          .read_if(&is_pipeline, kNoPipeline)
          .from('S', "tyr: its pipeline has none (queue.rs)"),
      rows::duration<&ScenarioSpec::jobqueue, &Options::cancel_timeout>(
          "scheduler.cancel_timeout", Unit::ms,
          "jobqueue: time that a killed queue's jobs on the hardware have to end by themselves; then the driver is "
          "asked, as in a timeout. 0: at once.")
          .read_if(&is_pipeline, kNoPipeline)
          .from('S', "tyr: set_cancel_timeout(), JOB_TIMEOUT_MS (queue.rs)"),
  };
}

[[nodiscard]] bool has_oversize_job(const Target& target) {
  const drv::DriverSpec& driver = target.spec->driver;
  const std::uint32_t limit = driver.credit_limit != 0 ? driver.credit_limit : driver.ring_entries;
  const auto is_oversize = [&](const workload::ClientSpec& client) { return client.queues.credits > limit; };
  return std::any_of(target.spec->clients.begin(), target.spec->clients.end(), is_oversize);
}

constexpr std::string_view kNoBypass = "scheduler.bypass is false";
[[nodiscard]] bool is_bypassed(const Target& target) { return target.spec->dep.bypass; }

template <BypassCondition Condition>
[[nodiscard]] Parameter condition(std::string_view path, std::string_view doc) {
  constexpr auto kIndex = static_cast<std::size_t>(Condition);
  return rows::boolean<&ScenarioSpec::dep, &Policy::bypass_requires, kIndex>(path, doc).read_if(&is_bypassed,
                                                                                                kNoBypass);
}

// What drm_dep leaves to flags, or leaves open: docs/drm_dep.md.
[[nodiscard]] std::vector<Parameter> policy_rows() {
  return {
      rows::duration<&ScenarioSpec::job_timeout>(
          "scheduler.timeout", Unit::ms,
          "Time that the head of the jobs on the hardware has until timedout_job is called. 0: for ever.")
          .read_if([](const Target& target) { return !is_jobqueue(*target.spec, Shape::counter); },
                   "the counter JobQueue has no timeout")
          .from('S', "xe: job_timeout_ms (xe_hw_engine.c)"),
      rows::boolean<&ScenarioSpec::dep, &Policy::bypass>(
          "scheduler.bypass",
          "A job that can run at once is run in the caller's context. drm_sched has it in no kernel: it is what was "
          "proposed in March 2026.")
          .read_if([](const Target& target) { return target.spec->component != Component::jobqueue; },
                   "a JobQueue has no bypass"),
      rows::choice<&ScenarioSpec::dep, &Policy::bypass_lock>("scheduler.bypass_lock", {"mutex", "trylock", "ownership"},
                                                             "drm_dep: what keeps caller and submit worker apart: a "
                                                             "mutex; the same, but a caller that finds it taken goes "
                                                             "the queued path; or a bit of ownership.")
          .read_if(&is_bypassed, kNoBypass),
      rows::choice<&ScenarioSpec::dep, &Policy::done>(
          "scheduler.done_context", {"irq", "worker"},
          "drm_dep: where a job is completed: in the interrupt that signals its hardware fence, or in a worker."),
      rows::choice<&ScenarioSpec::dep, &Policy::put>(
          "scheduler.put_context", {"irq", "worker"},
          "drm_dep: where the queue's reference on a completed job is dropped: with its completion, or in a worker."),
      rows::choice<&ScenarioSpec::dep, &Policy::timeout_restart>(
          "scheduler.timeout_restart", {"head", "each_job"},
          "drm_dep: when the timeout starts anew: for each new head of the jobs on the hardware; or also with every "
          "job that starts, as in drm_sched.")
          .read_if(
              [](const Target& target) {
                return target.spec->job_timeout.count() != 0 &&
                       !drv::is_counted_by_driver(target.spec->driver.timeout_clock);
              },
              "the component has no timeout (scheduler.timeout is 0, or driver.timeout_clock is on_slot)"),
      rows::choice<&ScenarioSpec::dep, &Policy::teardown>("scheduler.teardown", {"async", "sync", "ordered"},
                                                          "drm_dep: whether closing a queue returns at once, or when "
                                                          "the queue is gone (sync); ordered: at once, but the "
                                                          "device tears down one queue at a time."),
      rows::boolean<&ScenarioSpec::dep, &Policy::propagate_dependency_errors>(
          "scheduler.propagate_dependency_errors",
          "drm_dep: whether a job whose dependency failed ends with that error and does not run."),
      rows::boolean<&ScenarioSpec::dep, &Policy::kill_waits_for_dependencies>(
          "scheduler.kill_waits_for_dependencies",
          "drm_dep: whether a killed job's fence signals only after those that the job waited for."),
      rows::boolean<&ScenarioSpec::dep, &Policy::oversize_rejected>(
          "scheduler.oversize_rejected",
          "drm_dep: whether a job with more credits than the limit is refused. If not, it is cut down to the limit.")
          .read_if(&has_oversize_job, "no client.NAME.credits is above driver.credit_limit"),
      condition<BypassCondition::signalling_section>(
          "scheduler.bypass_requires.signalling_section",
          "drm_dep: whether the bypass is taken only between arm and push. Each of these is there to be switched off: "
          "the oracles then show what it is good for."),
      condition<BypassCondition::usable>("scheduler.bypass_requires.usable",
                                         "drm_dep: only on a queue that is neither stopped nor killed."),
      condition<BypassCondition::queue_empty>("scheduler.bypass_requires.queue_empty",
                                              "drm_dep: only if no earlier job waits in the queue."),
      condition<BypassCondition::worker_idle>("scheduler.bypass_requires.worker_idle",
                                              "drm_dep: only if the submit worker does not run a job of the queue."),
      condition<BypassCondition::dependencies>("scheduler.bypass_requires.dependencies",
                                               "drm_dep: only if all dependencies have signalled."),
      condition<BypassCondition::credits>("scheduler.bypass_requires.credits", "drm_dep: only if credits suffice."),
  };
}

template <Cost FenceCosts::* Field>
[[nodiscard]] Parameter fence_cost(std::string_view path, std::string_view doc) {
  return rows::duration<&ScenarioSpec::fence_costs, Field>(path, Unit::ns, doc);
}

template <Cost Costs::* Field>
[[nodiscard]] Parameter cost(std::string_view path, std::string_view doc) {
  return rows::duration<&ScenarioSpec::costs, Field>(path, Unit::ns, doc);
}

using fault::FaultSpec;

template <std::uint64_t FaultSpec::* Field>
[[nodiscard]] Parameter nth(std::string_view path, std::string_view doc) {
  return rows::integer<&ScenarioSpec::fault, Field>(path, 0, INT64_MAX, doc);
}

template <Picoseconds FaultSpec::* Field>
[[nodiscard]] Parameter moment(std::string_view path, Unit unit, std::string_view doc) {
  return rows::duration<&ScenarioSpec::fault, Field>(path, unit, doc);
}

[[nodiscard]] std::vector<Parameter> fault_rows() {
  return {
      nth<&FaultSpec::lost_interrupt>(
          "fault.lost_interrupt",
          "The n-th completion interrupt that the device raises gets lost, counted from 1. 0: none."),
      nth<&FaultSpec::late_interrupt>("fault.late_interrupt", "The n-th leaves the device later, by `delay`. 0: none."),
      nth<&FaultSpec::duplicate_interrupt>("fault.duplicate_interrupt", "The n-th is sent twice. 0: none."),
      nth<&FaultSpec::lost_doorbell>(
          "fault.lost_doorbell", "The n-th doorbell that arrives at the device gets lost, counted from 1. 0: none."),
      nth<&FaultSpec::delayed_doorbell>("fault.delayed_doorbell",
                                        "The n-th doorbell reaches the firmware later, by `delay`. 0: none."),
      moment<&FaultSpec::delay>("fault.delay", Unit::us,
                                "How much later the late interrupt or the delayed doorbell comes.")
          .read_if(
              [](const Target& target) {
                return (target.spec->fault.late_interrupt | target.spec->fault.delayed_doorbell) != 0;
              },
              "neither fault.late_interrupt nor fault.delayed_doorbell is given"),
      nth<&FaultSpec::hung_job>("fault.hung_job",
                                "The n-th job that an engine begins never ends and cannot be preempted. 0: none."),
      nth<&FaultSpec::slow_job>("fault.slow_job",
                                "The n-th job that an engine begins takes `slow_factor` times its work. 0: none."),
      rows::integer<&ScenarioSpec::fault, &FaultSpec::slow_factor>("fault.slow_factor", 1, 1'000'000,
                                                                   "The work of the slow job is multiplied by this.")
          .read_if([](const Target& target) { return target.spec->fault.slow_job != 0; },
                   "fault.slow_job is not given"),
      nth<&FaultSpec::dropped_message>(
          "fault.dropped_message", "The n-th message that the firmware takes out of its buffer gets lost. 0: none."),
      nth<&FaultSpec::dropped_reply>("fault.dropped_reply",
                                     "The n-th message of the firmware to the host gets lost. 0: none."),
      nth<&FaultSpec::firmware_stall>("fault.firmware_stall",
                                      "The n-th event that the firmware serves takes longer, by `stall`. 0: none."),
      moment<&FaultSpec::stall>("fault.stall", Unit::ms, "How long the stalled firmware stands still.")
          .read_if([](const Target& target) { return target.spec->fault.firmware_stall != 0; },
                   "fault.firmware_stall is not given"),
      moment<&FaultSpec::reset>("fault.reset", Unit::ms,
                                "Time at which somebody asks the driver for a device reset. 0: never."),
      moment<&FaultSpec::unplug>("fault.unplug", Unit::ms, "Time at which the device is pulled. 0: never."),
      rows::text<&ScenarioSpec::fault, &FaultSpec::kill_client>(
          "fault.kill_client", "Client whose process gets SIGKILL at `kill`: all clones of a name, or one, as app.0."),
      moment<&FaultSpec::kill>("fault.kill", Unit::ms, "Time of that kill. 0: never."),
      moment<&FaultSpec::evict>("fault.evict", Unit::ms,
                                "direct: time at which memory runs short, and the queues of all processes are evicted. "
                                "0: never."),
      rows::integer<&ScenarioSpec::fault, &FaultSpec::evictions>(
          "fault.evictions", 1, 1'000'000, "direct: how often that happens, each time as long after the time before.")
          .read_if([](const Target& target) { return target.spec->fault.evict.count() != 0; },
                   "fault.evict is not given"),
  };
}

// Words with blanks between them.
[[nodiscard]] std::vector<Parameter> share_rows() {
  return {
      rows::text<&ScenarioSpec::share, &ShareSpec::buffers>(
          "share.buffers", "Names of buffers that clients share, with blanks between them. See docs/steps.md."),
      rows::text<&ScenarioSpec::share, &ShareSpec::timelines>("share.timelines",
                                                              "The same of syncobjs with points (timelines)."),
      rows::text<&ScenarioSpec::share, &ShareSpec::fences>("share.fences", "The same of binary syncobjs."),
  };
}

}  // namespace

std::vector<Parameter> scenario_rows() {
  std::vector<Parameter> table{
      rows::text<&ScenarioSpec::name>("name", "Shown in summaries. Left out: the file's name without its extension."),
      rows::text<&ScenarioSpec::description>("description", "What the scenario shows."),
      rows::integer<&ScenarioSpec::seed>("seed", 0, INT64_MAX,
                                         "Start of all random draws; each component has its own stream."),
      rows::text<&ScenarioSpec::plug_in_files>(
          "plug_ins",
          "Shared objects with modules of others, with blanks between them; relative paths begin at the scenario's "
          "folder. See docs/plug-in.md."),
      preset("use.device",
             "Device preset, see \"Presets\". Left out: the built-in defaults, which are the preset 'default'."),
      preset("use.driver", "Driver preset."),
      preset("use.host", "Host preset."),
      rows::duration<&ScenarioSpec::stop_after>(
          "stop.after", Unit::ms,
          "Simulated time at which the run ends, with clients unfinished or not. 0: when all are done."),
      rows::boolean<&ScenarioSpec::traces_decisions>(
          "trace.decisions",
          "Each pick of the firmware is an event, `decision`: for which engine, among how many queues of each level, "
          "which one and by which rule. Nothing else changes; the trace's hash does."),
  };
  for (Parameter& parameter : share_rows()) table.push_back(std::move(parameter));
  for (Parameter& parameter : fault_rows()) table.push_back(std::move(parameter));
  std::vector<Parameter> component{
      rows::choice<&ScenarioSpec::component>("scheduler.component", {"drm_dep", "drm_sched", "jobqueue", "direct"},
                                             "The submission component: drm_dep; drm_sched with one entity for each "
                                             "scheduler; a JobQueue as written in Rust; or none, and queues are mapped "
                                             "into their clients."),
      rows::choice<&ScenarioSpec::kernel>("scheduler.kernel", {"linux_6_18", "linux_7_3"},
                                          "drm_sched: whose: they differ in what one free pass frees, in the locks of "
                                          "push, pop and free, in the scheduler's end, and in karma."),
      rows::choice<&ScenarioSpec::policy>(
          "scheduler.policy", {"rr", "fifo", "fair", "single_entity"},
          "drm_sched: the module parameter sched_policy. With one entity a scheduler "
          "nobody has to be chosen: fair takes one lock more of a job, two of one that is "
          "alone, and has one run queue. single_entity is in no kernel: proposed in 2023 for such schedulers, it has "
          "no run queue, and takes none of its locks."),
      rows::choice<&ScenarioSpec::minimum>(
          "scheduler.fair_minimum", {"leftmost", "running"},
          "drm_sched: fair: the virtual time that a client begins at which comes back or is new: that of the entity "
          "next to be served, as in 7.3; or the largest that any has reached, which no release has: the last job of a "
          "queue is then charged, too.")
          .read_if([](const Target& target) { return target.spec->policy == sched::drm::Policy::fair; },
                   "scheduler.policy is not fair"),
      rows::integer<&ScenarioSpec::num_rqs>("scheduler.num_rqs", 1, 4,
                                            "drm_sched: run queues of a scheduler, one for each priority. Drivers with "
                                            "one entity a scheduler have 1 (xe, panthor, imagination), the others 4.")
          .read_if([](const Target& target) { return target.spec->policy != sched::drm::Policy::single_entity; },
                   "scheduler.policy is single_entity, which has no run queue"),
      rows::boolean<&ScenarioSpec::pause_submit_race>(
          "scheduler.pause_submit_race",
          "drm_sched: explorations: whether others may get in between a look at pause_submit and queue_work(). The "
          "kernel has that hole: a job may then run on a scheduler that is stopped.")
          .read_if([](const Target& target) { return target.spec->is_explored; }, "only explorations look at it"),
      cost<&Costs::job_init>("scheduler.job_init", "Initialising a job: allocation, references.")
          .from('C',
                "guest-counts: 832 instructions in Linux 7.3 at 3 per ns, with the allocation; 814 in 6.1, 799 in 6.12")
          .in(Cause::syscall),
      cost<&Costs::add_dependency>("scheduler.add_dependency",
                                   "Adding one dependency to a job, with the search for its fence context.")
          .from('E', "a short list walked under no lock")
          .in(Cause::syscall),
      cost<&Costs::arm>("scheduler.arm", "Arming a job: its fence gets its number.")
          .from(
              'C',
              "guest-counts: 70 instructions in Linux 7.3 at 3 per ns, a quarter of the 278 of an arm with two fences "
              "and a callback; the 278 are 239 in 6.1, 240 in 6.12")
          .in(Cause::syscall),
      cost<&Costs::push>("scheduler.push", "Pushing a job, without what it wakes.")
          .from('C', "guest-counts: 103 instructions in Linux 7.3 at 3 per ns, of a push that wakes nobody; 79 in 6.12")
          .in(Cause::syscall),
      cost<&Costs::worker_pass>("scheduler.worker_pass", "Submit worker: one look at the queue's head.")
          .from('E',
                "guest-counts: a few loads and branches; pass, dispatch, the switch to the worker and the caller's way "
                "out are 5,821 instructions together")
          .in(Cause::host_worker),
      cost<&Costs::dispatch>("scheduler.dispatch",
                             "Submit worker: from a runnable head to the call of run_job, and the clean-up after it.")
          .from('E', "list and reference operations under one lock; see scheduler.worker_pass")
          .in(Cause::host_worker),
      cost<&Costs::done>("scheduler.done", "Completing one job, without its locks and wake-ups.")
          .from('C',
                "guest-counts: 93 instructions in Linux 7.3 at 3 per ns, a third of the 278 from the signal of a "
                "hardware fence to the finished callback; the 278 are 257 in 6.1, 266 in 6.12")
          .in(Cause::completion),
      cost<&Costs::put>("scheduler.put", "Put worker: releasing one job.")
          .from('E', "slub: a free and a few atomics; allocating and freeing one object takes 11 ns in a loop"),
      fence_cost<&FenceCosts::init>("scheduler.fence_init",
                                    "Initialising one dma_fence: a job of drm_sched has two, "
                                    "beside the driver's.")
          .from('C', "guest-counts: 70 instructions in Linux 7.3 at 3 per ns, as scheduler.arm")
          .in(Cause::syscall),
      fence_cost<&FenceCosts::signal>("scheduler.fence_signal",
                                      "Signalling one dma_fence, without its lock and what its callbacks do.")
          .from('C', "guest-counts: 93 instructions in Linux 7.3 at 3 per ns, as scheduler.done")
          .in(Cause::completion),
      fence_cost<&FenceCosts::add_callback>("scheduler.fence_add_callback",
                                            "Adding a callback to a dma_fence, without its lock.")
          .from('C', "guest-counts: 70 instructions in Linux 7.3 at 3 per ns, as scheduler.arm"),
  };
  for (Parameter& parameter : component) table.push_back(std::move(parameter));
  for (Parameter& parameter : jobqueue_rows()) table.push_back(std::move(parameter));
  for (Parameter& parameter : policy_rows()) table.push_back(std::move(parameter));
  for (Parameter& parameter : orchestrator_rows()) table.push_back(std::move(parameter));
  for (Parameter& parameter : direct_rows()) table.push_back(std::move(parameter));
  return table;
}

}  // namespace gpusim::scenario
