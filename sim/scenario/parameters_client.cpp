// SPDX-License-Identifier: MIT
// [[client]]: the common keys, then those of each kind of workload.
#include <algorithm>
#include <concepts>
#include <iterator>

#include "sim/scenario/parameter_rows.h"
#include "sim/scenario/parameter_table.h"
#include "sim/scenario/transfers.h"

namespace gpusim::scenario {

namespace {

using namespace workload;

constexpr std::int64_t kMany = 1'000'000'000'000;
constexpr std::string_view kPriority = "Level of its queues; 0 is served first.";

template <std::size_t... Kind>
void emplace(WorkloadSpec& workload, std::size_t kind, std::index_sequence<Kind...> /*kinds*/) {
  ((kind == Kind ? static_cast<void>(workload.emplace<Kind>()) : void()), ...);
}

void store_kind(const Target& target, const Parameter& /*parameter*/, const Value& value) {
  target.client->workload = default_workload(static_cast<WorkloadKind>(value.number));
}

[[nodiscard]] Parameter name(std::string_view path, std::string_view doc) {
  return rows::row<&ClientSpec::name>(path, Type::name, doc).required();
}

[[nodiscard]] Parameter program_text(std::string_view path, std::string_view doc) {
  return {.path = path, .type = Type::text, .store = &rows::store_nothing, .doc = doc};
}

template <class Body>
[[nodiscard]] bool has_step(const Target& target) {
  const std::vector<Step>& steps = std::get<WsimSpec>(target.client->workload).program.steps;
  return std::any_of(steps.begin(), steps.end(), [](const Step& step) {
    const auto* body = std::get_if<Body>(&step.body);
    if constexpr (std::same_as<Body, Batch>) return body != nullptr && !body->duration.unbounded;
    return body != nullptr;
  });
}

[[nodiscard]] bool has_shared_set(const Target& target) {
  const std::vector<Step>& steps = std::get<WsimSpec>(target.client->workload).program.steps;
  return std::any_of(steps.begin(), steps.end(), [](const Step& step) {
    const auto* set = std::get_if<WorkingSet>(&step.body);
    return set != nullptr && set->shared;
  });
}

void mark_program(const Target& target) { std::get<WsimSpec>(target.client->workload).work_is_estimate = true; }
void mark_steps(const Target& target) { std::get<StepsSpec>(target.client->workload).work_is_estimate = true; }

/// Of the firmware, or of the kernel's rings; or a worker for each.
[[nodiscard]] bool has_levels(const Target& target) {
  const ScenarioSpec& spec = *target.spec;
  if (spec.driver.rings == drv::Rings::shared) return spec.driver.client_levels;
  return spec.device.descriptor.policy != abi::RunPolicy::list_walk ||
         spec.host.submit_workers == os::SubmitWorkers::kthread_per_priority;
}

template <auto Field>
[[nodiscard]] Parameter priority() {
  return rows::integer<Field>("client.priority", 0, abi::kPriorityLevels - 1, kPriority)
      .read_if(has_levels, "driver.client_levels is false, or device.firmware.policy is list_walk");
}

[[nodiscard]] bool is_program(const Target& target) {
  return std::holds_alternative<WsimSpec>(target.client->workload);
}

[[nodiscard]] bool reads_quantum(const Target& target) {
  return rows::has_own_rings(target) && rows::has_quanta(target);
}
constexpr const char* kNoQuantum = "the clients share rings, or device.firmware.policy has no quantum";

[[nodiscard]] bool reads_preempt_timeout(const Target& target) {
  return rows::has_own_rings(target) && abi::has_preempt_timeout(target.spec->device.descriptor);
}
constexpr const char* kNoPreemptTimeout =
    "the clients share rings, device.preempt_timeout is 0, or device.firmware.policy is host_slots";

[[nodiscard]] std::vector<Parameter> common_rows() {
  return {
      name("client.name", "Letters, digits, '_' and '-'. Clones are called name.0, name.1 and so on."),
      Parameter{.path = "client.workload",
                .type = Type::choice,
                .store = &store_kind,
                .doc = "What it does; see the sections below.",
                .names = {kWorkloadNames.begin(), kWorkloadNames.end()}}
          .required(),
      rows::integer<&ClientSpec::clones>("client.clones", 1, 65'536, "How many of them there are."),
      rows::duration<&ClientSpec::start>("client.start", Unit::us, "When its thread begins."),
      rows::duration<&ClientSpec::queues, &QueueTraits::quantum>("client.quantum", Unit::us,
                                                                 "Of its queues, in place of device.quantum. 0: that.")
          .read_if(&reads_quantum, kNoQuantum),
      rows::duration<&ClientSpec::queues, &QueueTraits::preempt_timeout>(
          "client.preempt_timeout", Unit::ms, "Of its queues, in place of device.preempt_timeout. 0: that.")
          .read_if(&reads_preempt_timeout, kNoPreemptTimeout),
      rows::choice<&ClientSpec::queues, &QueueTraits::preemption>(
          "client.preemption", {"anywhere", "nowhere", "every"},
          "Where its jobs can be taken off their engine: after any instruction; only between jobs; or at points that "
          "are `preempt_every` apart.")
          .read_if([](const Target& target) { return rows::has_own_rings(target) && !is_program(target); },
                   "the clients share rings, or a .wsim program says it with its step X"),
      rows::pause<&ClientSpec::queues, &QueueTraits::preempt_every>(
          "client.preempt_every", "Time of execution from point to point, drawn for each job from [min, max].",
          ns(1).count())
          .read_if(
              [](const Target& target) {
                return rows::has_own_rings(target) && !is_program(target) &&
                       target.client->queues.preemption == Preemptible::every;
              },
              "client.preemption is not every, or the clients share rings"),
      rows::integer<&ClientSpec::queues, &QueueTraits::credits>(
          "client.credits", 1, 65'536, "That each of its jobs takes of driver.credit_limit until it is done.")
          .read_if([](const Target& target) { return !is_jobqueue(*target.spec, sched::jq::Shape::pipeline); },
                   "the pipeline JobQueue has no credits: the ring says no when it is full"),
  };
}

[[nodiscard]] bool changes_level(const Target& target) {
  const auto& loop = std::get<LoopSpec>(target.client->workload);
  return loop.change_cycle != 0 && loop.change_cycle <= loop.cycles;
}

[[nodiscard]] bool changes_limits(const Target& target) {
  const auto& loop = std::get<LoopSpec>(target.client->workload);
  return loop.limits_cycle != 0 && loop.limits_cycle <= loop.cycles;
}

/// Rings between which the client's queue chooses again and again.
[[nodiscard]] std::int64_t rings_of(const Target& target, const workload::EngineChoice& choice) {
  const bool stays = choice.engine_class == abi::EngineClass::video && target.spec->driver.video_context;
  const abi::DeviceDescriptor& device = target.spec->device.descriptor;
  const auto is_one = [&](const abi::EngineDescriptor& engine) { return engine.engine_class == choice.engine_class; };
  if (choice.instance >= 0 || stays) return 1;
  return std::count_if(device.engines.begin(), device.engines.begin() + device.engine_count, is_one);
}

// drm_sched_entity_set_priority(): FAIR follows it; RR and FIFO of 7.3 do not, those of 6.18 when the entity chooses
// another scheduler; and amdgpu's choice of rings does.
[[nodiscard]] bool follows_levels(const Target& target) {
  const ScenarioSpec& spec = *target.spec;
  const auto rings = rings_of(target, std::get<LoopSpec>(target.client->workload).placement);
  const bool by_policy =
      spec.policy == sched::drm::Policy::fair || (spec.kernel != sched::drm::Kernel::v7_3 && rings > 1);
  return spec.driver.rings == drv::Rings::own || (spec.driver.client_levels && (by_policy || spec.driver.high_ring));
}

template <class Spec>
[[nodiscard]] const TransferSpec& transfer_of(const Target& target) {
  return std::get<Spec>(target.client->workload).transfer;
}

template <class Spec>
[[nodiscard]] bool moves_bytes(const Target& target) {
  return transfer_of<Spec>(target).bytes != 0 && has_limit(*target.spec, transfer_of<Spec>(target));
}

template <class Spec>
[[nodiscard]] Parameter transfer_bytes() {
  return rows::integer<&Spec::transfer, &TransferSpec::bytes>(
             "client.bytes", 0, kMany,
             "Bytes that each job moves while it executes: it ends when they are moved and its work is done.")
      .read_if([](const Target& target) { return has_limit(*target.spec, transfer_of<Spec>(target)); },
               "nothing on their way has a bandwidth (device.link.bandwidth_mb_s, device.memory.bandwidth_mb_s)");
}

template <class Spec, auto End>
[[nodiscard]] Parameter end_of_bytes(std::string_view path, std::string_view doc) {
  return rows::choice<&Spec::transfer, End>(path, {"host", "device"}, doc)
      .read_if(&moves_bytes<Spec>, "client.bytes is 0, or nothing limits their way");
}
template <class Spec>
[[nodiscard]] Parameter bytes_from() {
  return end_of_bytes<Spec, &TransferSpec::from>("client.from", "The memory that they are in.");
}
template <class Spec>
[[nodiscard]] Parameter bytes_to() {
  return end_of_bytes<Spec, &TransferSpec::to>("client.to", "The memory that they go to.");
}

[[nodiscard]] std::vector<Parameter> loop_rows() {
  return {
      rows::engine<&LoopSpec::placement>("client.engine", "Where its jobs run."),
      rows::work<&LoopSpec::work>("client.work", "Time of a job on the engine; drawn for each job from [min, max]."),
      rows::integer<&LoopSpec::jobs_per_cycle>("client.jobs_per_cycle", 1, 1'000'000, "Jobs submitted in a cycle."),
      rows::integer<&LoopSpec::cycles>("client.cycles", 1, kMany, "Cycles."),
      rows::pause<&LoopSpec::wait>("client.wait", "Sleep at the end of a cycle; drawn for each cycle from [min, max]."),
      rows::boolean<&LoopSpec::sync>("client.sync", "Wait for the cycle's last job before that sleep."),
      rows::integer<&LoopSpec::max_in_flight>("client.max_in_flight", 0, 1'000'000,
                                              "Before each submit wait until fewer jobs are unfinished. 0: no bound.")
          .read_if(
              [](const Target& target) {
                const auto& loop = std::get<LoopSpec>(target.client->workload);
                return !loop.sync || loop.max_in_flight < loop.jobs_per_cycle;
              },
              "with sync, no more jobs than those of one cycle are ever unfinished"),
      transfer_bytes<LoopSpec>(),
      bytes_from<LoopSpec>(),
      bytes_to<LoopSpec>(),
      priority<&LoopSpec::priority>(),
      rows::integer<&LoopSpec::change_cycle>("client.change_cycle", 0, kMany,
                                             "Before this cycle, counted from 1, its queue gets the level "
                                             "`changed_priority`. 0: never.")
          .read_if([](const Target& target) { return changes_level(target) && follows_levels(target); },
                   "client.cycles is less; or rings are shared, and neither scheduler.policy nor driver.high_ring "
                   "follows a change of level"),
      rows::integer<&LoopSpec::changed_priority>("client.changed_priority", 0, abi::kPriorityLevels - 1,
                                                 "The level of its queue from `change_cycle` on.")
          .read_if([](const Target& target) { return changes_level(target) && follows_levels(target); },
                   "client.change_cycle is not given, or has no effect"),
      rows::integer<&LoopSpec::limits_cycle>("client.limits_cycle", 0, kMany,
                                             "Before this cycle, counted from 1, its queue gets the limits "
                                             "`changed_quantum` and `changed_preempt_timeout`, which hold at once. 0: "
                                             "never.")
          .read_if(
              [](const Target& target) {
                return changes_limits(target) && (reads_quantum(target) || reads_preempt_timeout(target));
              },
              "client.cycles is less, or the firmware has neither quanta nor preempt timeouts"),
      rows::duration<&LoopSpec::changed_quantum>("client.changed_quantum", Unit::us,
                                                 "Of its queue from `limits_cycle` on. 0: device.quantum.")
          .read_if([](const Target& target) { return changes_limits(target) && reads_quantum(target); },
                   "client.limits_cycle is not given, or device.firmware.policy has no quantum"),
      rows::duration<&LoopSpec::changed_preempt_timeout>(
          "client.changed_preempt_timeout", Unit::ms, "Of its queue from `limits_cycle` on. 0: device.preempt_timeout.")
          .read_if([](const Target& target) { return changes_limits(target) && reads_preempt_timeout(target); },
                   "client.limits_cycle is not given, device.preempt_timeout is 0, or device.firmware.policy is "
                   "host_slots"),
  };
}

[[nodiscard]] std::vector<Parameter> poisson_rows() {
  return {
      rows::engine<&PoissonSpec::placement>("client.engine", "Where its jobs run."),
      rows::work<&PoissonSpec::work>("client.work", "Time of a job on the engine; drawn for each job from [min, max]."),
      rows::duration<&PoissonSpec::mean_interval>("client.mean_interval", Unit::us,
                                                  "Mean time from one submit to the next.", 1)
          .required(),
      rows::integer<&PoissonSpec::jobs>("client.jobs", 1, kMany, "Jobs in all."),
      transfer_bytes<PoissonSpec>(),
      bytes_from<PoissonSpec>(),
      bytes_to<PoissonSpec>(),
      priority<&PoissonSpec::priority>(),
  };
}

[[nodiscard]] std::vector<Parameter> pipeline_rows() {
  return {
      rows::engine<&PipelineSpec::copy>("client.copy_engine", "For upload and readback."),
      rows::engine<&PipelineSpec::compute>("client.compute_engine", "For the kernel."),
      rows::work<&PipelineSpec::upload>("client.upload", "Time of an upload."),
      rows::work<&PipelineSpec::kernel>("client.kernel", "Time of a kernel; it waits for its frame's upload."),
      rows::work<&PipelineSpec::readback>("client.readback", "Time of a readback; it waits for its frame's kernel."),
      rows::integer<&PipelineSpec::frames>("client.frames", 1, kMany, "Frames in all."),
      rows::integer<&PipelineSpec::frames_in_flight>("client.frames_in_flight", 1, 65'536,
                                                     "Frames that may be unfinished at a time."),
      priority<&PipelineSpec::priority>(),
  };
}

[[nodiscard]] std::vector<Parameter> fan_rows() {
  return {
      rows::engine<&FanSpec::ends>("client.ends_engine", "For source and sink."),
      rows::engine<&FanSpec::middle>("client.middle_engine", "For the branches."),
      rows::work<&FanSpec::source>("client.source", "Time of the source."),
      rows::work<&FanSpec::branch>("client.branch", "Time of a branch; it waits for the source."),
      rows::work<&FanSpec::sink>("client.sink", "Time of the sink; it waits for all branches."),
      rows::integer<&FanSpec::width>("client.width", 1, 64, "Branches, each on a queue of its own."),
      rows::integer<&FanSpec::rounds>("client.rounds", 1, kMany, "Rounds, one after the other."),
      priority<&FanSpec::priority>(),
  };
}

[[nodiscard]] std::vector<Parameter> wsim_rows() {
  return {
      program_text("client.file", "A .wsim file, relative to the scenario's. Either this or `program`.")
          .marked_by(&mark_program),
      program_text("client.program", "The text of a .wsim file.").marked_by(&mark_program),
      rows::integer<&WsimSpec::repeats>("client.repeats", 1, kMany, "How often the program runs."),
      rows::integer<&WsimSpec::duration_scale_permille>("client.duration_scale_permille", 1, 1'000'000,
                                                        "Scale of batch durations: 500 halves them.")
          .read_if(&has_step<Batch>, "the program has no batch with a duration")
          .marked_by(&mark_program),
      rows::integer<&WsimSpec::delay_scale_permille>("client.delay_scale_permille", 1, 1'000'000,
                                                     "Scale of delays; periods are never scaled.")
          .read_if(&has_step<Delay>, "the program has no delay"),
      rows::boolean<&WsimSpec::same_random>("client.same_random", "All clones draw the same durations.")
          .read_if([](const Target& target) { return target.client->clones > 1; }, "the client has no clones"),
      rows::text<&WsimSpec::shared_sets>("client.shared_sets",
                                         "Clients that name the same here have their W sets in common. Left out: only "
                                         "the client's own clones do.")
          .read_if(&has_shared_set, "the program has no W set"),
  };
}

[[nodiscard]] std::vector<Parameter> churn_rows() {
  return {
      rows::engine<&ChurnSpec::placement>("client.engine", "Where its jobs run."),
      rows::work<&ChurnSpec::work>("client.work", "Time of a job on the engine; drawn for each job from [min, max]."),
      rows::integer<&ChurnSpec::jobs_per_cycle>("client.jobs_per_cycle", 0, 1'000'000, "Jobs submitted to each queue."),
      rows::integer<&ChurnSpec::cycles>("client.cycles", 1, kMany,
                                        "Queues, one after the other: created, used, closed."),
      rows::duration<&ChurnSpec::hold>("client.hold", Unit::us, "Sleep before a queue is closed, and in a lost cycle."),
      rows::duration<&ChurnSpec::retry>("client.retry", Unit::us,
                                        "Sleep before another try if there is no free id. 0: the cycle is lost."),
      rows::boolean<&ChurnSpec::sync>(
          "client.sync",
          "Wait for the queue's last job before that sleep. If not, it may be closed with jobs in flight.")
          .read_if([](const Target& target) { return std::get<ChurnSpec>(target.client->workload).jobs_per_cycle > 0; },
                   "no job is submitted"),
      transfer_bytes<ChurnSpec>(),
      bytes_from<ChurnSpec>(),
      bytes_to<ChurnSpec>(),
      priority<&ChurnSpec::priority>(),
  };
}

[[nodiscard]] std::vector<Parameter> steps_rows() {
  return {
      program_text("client.program", "The steps, one a line: see docs/steps.md.").required().marked_by(&mark_steps),
      rows::integer<&StepsSpec::repeats>("client.repeats", 1, kMany, "How often the program runs: its loops."),
      priority<&StepsSpec::priority>(),
  };
}

[[nodiscard]] std::vector<Parameter> renderer_rows() {
  return {
      rows::row<&RendererSpec::compositor>("client.compositor", Type::name, "Name of the client that shows its frames.")
          .required(),
      rows::engine<&RendererSpec::placement>("client.engine", "Where it renders."),
      rows::work<&RendererSpec::work>("client.work", "Time of a frame's job; drawn for each from [min, max]."),
      rows::pause<&RendererSpec::wait>("client.wait", "Sleep before each frame; drawn for each from [min, max]."),
      rows::integer<&RendererSpec::buffers>("client.buffers", 2, 64, "Buffers of its surface: 2 is double buffering."),
      rows::integer<&RendererSpec::frames>("client.frames", 0, kMany,
                                           "Frames in all. 0: for as long as the compositor runs."),
      rows::boolean<&RendererSpec::vsync>("client.vsync",
                                          "A frame is committed only when the compositor has taken the one before. If "
                                          "not, a newer frame takes the place of one that was not taken yet."),
      priority<&RendererSpec::priority>(),
  };
}

[[nodiscard]] std::vector<Parameter> compositor_rows() {
  return {
      rows::engine<&CompositorSpec::placement>("client.engine", "Where it composes."),
      rows::work<&CompositorSpec::work>("client.work", "Time of a composition; drawn for each from [min, max]."),
      rows::duration<&CompositorSpec::period>("client.period", Unit::us, "From vblank to vblank.", 1),
      rows::duration<&CompositorSpec::lead>("client.lead", Unit::us, "So long before a vblank it begins to compose."),
      rows::duration<&CompositorSpec::flip>("client.flip", Unit::us,
                                            "So long before a vblank the composition has to be done to be shown."),
      rows::choice<&CompositorSpec::sync>(
          "client.sync", {"implicit", "explicit"},
          "What makes sure that a frame is rendered: the device waits for the buffer, or "
          "the compositor takes only frames whose fence has signalled."),
      rows::integer<&CompositorSpec::refreshes>("client.refreshes", 1, kMany, "Vblanks after which it ends."),
      priority<&CompositorSpec::priority>(),
  };
}

}  // namespace

WorkloadSpec default_workload(WorkloadKind kind) {
  WorkloadSpec workload;
  emplace(workload, static_cast<std::size_t>(kind), std::make_index_sequence<std::variant_size_v<WorkloadSpec>>{});
  return workload;
}

std::vector<Parameter> client_rows() {
  std::vector<Parameter> table = common_rows();
  std::vector<std::vector<Parameter>> kinds{loop_rows(),  poisson_rows(),  pipeline_rows(),
                                            fan_rows(),   wsim_rows(),     churn_rows(),
                                            steps_rows(), renderer_rows(), compositor_rows()};
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    for (Parameter& parameter : kinds[kind]) {
      parameter.kind = static_cast<WorkloadKind>(kind);
      table.push_back(std::move(parameter));
    }
  }
  return table;
}

}  // namespace gpusim::scenario
