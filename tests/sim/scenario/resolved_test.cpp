// SPDX-License-Identifier: MIT
// What a good scenario becomes: values and their origins, the order of layers, every committed file, the round trip.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "sim/scenario/explain.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/parameter_table.h"
#include "tests/sim/scenario/loading.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::scenario;
using test::good;
using test::good_text;
using test::kClient;
using test::kConfigs;
namespace fs = std::filesystem;

namespace {

[[nodiscard]] const ResolvedParameter& row(const LoadResult& result, std::string_view path) {
  return result.resolved.machine[parameter_at(path).index];
}

}  // namespace

TEST_CASE("a scenario of one client runs on the default machine", "[scenario]") {
  const LoadResult result = good_text(kClient);
  const ScenarioSpec& spec = *result.spec;
  CHECK(spec.name == "x");
  CHECK(spec.seed == 1);
  CHECK_FALSE(spec.stop_after.has_value());
  const abi::DeviceDescriptor& device = spec.device.descriptor;
  REQUIRE(device.engine_count == 5);
  CHECK(device.engines[2].engine_class == abi::EngineClass::video);
  CHECK(device.engines[3].engine_class == abi::EngineClass::video);
  CHECK(device.engines[3].instance == 1);
  CHECK(device.quantum_ps == 1'000'000'000);
  CHECK(spec.host.worker_class == os::SchedClass::normal);
  REQUIRE(spec.clients.size() == 1);
  const auto& loop = std::get<workload::LoopSpec>(spec.clients[0].workload);
  CHECK(loop.work.min == us(10));
  CHECK(loop.work.max == us(10));
  CHECK(loop.placement.engine_class == abi::EngineClass::render);
  CHECK(loop.placement.instance == -1);
  CHECK(loop.sync);
}

TEST_CASE("all keys of all workloads arrive in their fields", "[scenario]") {
  const LoadResult result = good_text(R"(
[[client]]
name = "l"
clones = 3
start_us = 7
quantum_us = 300
preempt_timeout_ms = 6
preemption = "every"
preempt_every_us = [20, 30]
credits = 2
workload = "loop"
engine = "vcs1"
work_us = [400, 600]
jobs_per_cycle = 2
cycles = 5
wait_ms = 2
sync = false
max_in_flight = 9
bytes = 4_000
from = "device"
to = "host"
priority = 0
change_cycle = 4
changed_priority = 2
limits_cycle = 3
changed_quantum_us = 250
changed_preempt_timeout_ms = 8
[[client]]
name = "o"
workload = "poisson"
engine = "bcs"
work_ns = 1_500
mean_interval_us = 20
jobs = 11
[[client]]
name = "p"
workload = "pipeline"
compute_engine = "vecs0"
upload_us = 1
kernel_us = 2
readback_us = 3
frames = 4
frames_in_flight = 5
[[client]]
name = "f"
workload = "fan"
source_us = 1
branch_us = 2
sink_us = 3
width = 6
rounds = 7
[[client]]
name = "w"
workload = "wsim"
program = "1.RCS.5.0.0"
repeats = 8
duration_scale_permille = 500
delay_scale_permille = 250
same_random = true
)");
  const auto& clients = result.spec->clients;
  REQUIRE(clients.size() == 5);
  CHECK(clients[0].clones == 3);
  CHECK(clients[0].start == us(7));
  CHECK(clients[0].queues.quantum == us(300));
  CHECK(clients[0].queues.preempt_timeout == ms(6));
  CHECK(clients[0].queues.preemption == workload::Preemptible::every);
  CHECK(clients[0].queues.preempt_every.min == us(20));
  CHECK(clients[0].queues.preempt_every.max == us(30));
  CHECK(clients[0].queues.credits == 2);
  const auto& loop = std::get<workload::LoopSpec>(clients[0].workload);
  CHECK(loop.placement.engine_class == abi::EngineClass::video);
  CHECK(loop.placement.instance == 1);
  CHECK(loop.work.min == us(400));
  CHECK(loop.work.max == us(600));
  CHECK(loop.jobs_per_cycle == 2);
  CHECK(loop.cycles == 5);
  CHECK(loop.wait.min == ms(2));
  CHECK(loop.wait.max == ms(2));
  CHECK_FALSE(loop.sync);
  CHECK(loop.max_in_flight == 9);
  CHECK(loop.transfer.bytes == 4'000);
  CHECK(loop.transfer.from == workload::MemoryPlace::device);
  CHECK(loop.transfer.to == workload::MemoryPlace::host);
  CHECK(loop.priority == 0);
  CHECK(loop.change_cycle == 4);
  CHECK(loop.changed_priority == 2);
  CHECK(loop.limits_cycle == 3);
  CHECK(loop.changed_quantum == us(250));
  CHECK(loop.changed_preempt_timeout == ms(8));
  const auto& poisson = std::get<workload::PoissonSpec>(clients[1].workload);
  CHECK(poisson.work.min == ns(1500));
  CHECK(poisson.mean_interval == us(20));
  CHECK(poisson.jobs == 11);
  const auto& pipeline = std::get<workload::PipelineSpec>(clients[2].workload);
  CHECK(pipeline.copy.engine_class == abi::EngineClass::copy);
  CHECK(pipeline.compute.engine_class == abi::EngineClass::video_enhance);
  CHECK(pipeline.compute.instance == 0);
  CHECK(pipeline.upload.min == us(1));
  CHECK(pipeline.kernel.min == us(2));
  CHECK(pipeline.readback.min == us(3));
  CHECK(pipeline.frames == 4);
  CHECK(pipeline.frames_in_flight == 5);
  const auto& fan = std::get<workload::FanSpec>(clients[3].workload);
  CHECK(fan.source.min == us(1));
  CHECK(fan.branch.min == us(2));
  CHECK(fan.sink.min == us(3));
  CHECK(fan.width == 6);
  CHECK(fan.rounds == 7);
  const auto& wsim = std::get<workload::WsimSpec>(clients[4].workload);
  CHECK(wsim.program.steps.size() == 1);
  CHECK(wsim.repeats == 8);
  CHECK(wsim.duration_scale_permille == 500);
  CHECK(wsim.delay_scale_permille == 250);
  CHECK(wsim.same_random);
}

TEST_CASE("each cost has one parameter, in the order of the struct's fields", "[scenario]") {
  const LoadResult result = good_text(kClient);
  std::vector<std::uint16_t> found;
  const auto take = [&found](const auto&... costs) { (found.push_back(costs.parameter), ...); };
  {
    const auto& [a, b, c, d, e, f, g, h] = result.spec->costs;
    take(a, b, c, d, e, f, g, h);
  }
  {
    const auto& [a, b, c] = result.spec->fence_costs;
    take(a, b, c);
  }
  {
    const auto& [slots, policy, batch, quantum, grant_in, a, b, c] = result.spec->orchestrator;
    take(a, b, c);
  }
  {
    const auto& [wait_way, poll_spec, hang_timeout, restore] = result.spec->direct;
    const auto& [look, pause_length] = poll_spec;
    take(look);
  }
  take(result.spec->device.reset);
  for (const hw::EngineSpec& engine : result.spec->device.engines) take(engine.context_restore, engine.context_save);
  {
    const auto& [a, b, c, d, bandwidth, packet, header] = result.spec->device.link;
    take(a, b, c, d);
  }
  {
    const auto& [core, timing, cycle, access, read, a, b, c, d, e, f, g, h, i, j, k] = result.spec->device.firmware;
    take(cycle, access, read, a, b, c, d, e, f, g, h, i, j, k);
  }
  take(result.spec->device.interrupts.coalesce_window);
  {
    const auto& [rings, entities, high_ring, levels, video, hangs, guilt, entries, native, credits, path, cpu, room,
                 answer, poll, timeout, give_up, direct, clock, not_begun, seqno, stuck, victims, stop, kill, closes,
                 most, soft, ring_reset, retries, resets, tick, a, b, c, d, e, f, g, h, i, j] = result.spec->driver;
    take(a, b, c, d, e, f, g, h, i, j);
  }
  {
    const auto& [cpus, worker, submit, kthread, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, timer, dispatch,
                 load] = result.spec->host;
    take(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, load.busy);
  }
  CHECK(found.front() > 0);
  CHECK(std::adjacent_find(found.begin(), found.end(), std::greater_equal{}) == found.end());
  CHECK(row(result, "device.link.mmio_write_latency").path == "device.link.mmio_write_latency");
  CHECK(result.resolved.machine[result.spec->host.store_drain.parameter].path == "host.store_drain");
  CHECK(result.resolved.machine[result.spec->driver.mmio_write.parameter].tag == 'W');
  CHECK(result.resolved.machine[result.spec->device.firmware.pick.parameter].cause == trace::Cause::firmware);
}

TEST_CASE("every quantity of the machine has a tag and a source", "[scenario]") {
  for (const Parameter& parameter : parameters().subspan(1)) {
    INFO(parameter.path);
    CHECK_FALSE(parameter.doc.empty());
    const std::string_view section = parameter.section();
    const bool is_choice = section.empty() || section == "use" || section == "stop" || section == "trace" ||
                           section == "share" || section == "fault" || parameter.path == "device.name" ||
                           parameter.path.ends_with(".module") ||
                           (section.starts_with("scheduler") && parameter.type != Type::duration);
    CHECK(is_choice == (parameter.tag == 'U'));
    CHECK(is_choice == parameter.source.empty());
  }
}

TEST_CASE("presets stand over defaults, the scenario over presets, --set over all", "[scenario]") {
  const std::string text = "use.device = \"mali_csf\"\n" + kClient + "[device]\nquantum_us = 500\n";
  const LoadResult result = good_text(
      text,
      {.sets = {"device.engines.rcs.context_save_us=7", "client.c.cycles=3", "device.name=mali", "seed=4"}, .seed = 5});
  CHECK(result.spec->device.descriptor.slots == 8);
  CHECK(result.spec->device.descriptor.quantum_ps == 500'000'000);
  CHECK(result.spec->device.firmware.slot_resume.value == us(100));
  CHECK(result.spec->device.engines[0].context_save.value == us(7));
  CHECK(result.spec->device.name == "mali");
  CHECK(result.spec->seed == 5);
  CHECK(std::get<workload::LoopSpec>(result.spec->clients[0].workload).cycles == 3);

  CHECK(row(result, "device.notify").tag == 'S');
  CHECK(row(result, "device.slots").tag == 'E');
  CHECK(row(result, "device.slots").origin.ends_with("configs/devices/mali_csf.toml:12"));
  CHECK(row(result, "device.quantum").tag == 'U');
  CHECK(row(result, "device.quantum").value == "500 us");
  CHECK(row(result, "device.quantum").origin.ends_with("x.toml:8"));
  CHECK(row(result, "device.engines.rcs.context_save").origin == "--set");
  CHECK(row(result, "seed").origin == "--seed");
  CHECK(row(result, "driver.exec").origin == "default");
  CHECK(row(result, "driver.exec").tag == 'E');
}

TEST_CASE("a later --set wins", "[scenario]") {
  CHECK(good_text(kClient, {.sets = {"host.cpus=2", "host.cpus=8"}}).spec->host.cpus == 8);
}

TEST_CASE("the only client's keys can be set without its name", "[scenario]") {
  CHECK(good_text(kClient, {.sets = {"client.clones=2"}}).spec->clients[0].clones == 2);
}

TEST_CASE("a preset can be chosen by --set", "[scenario]") {
  CHECK(good_text(kClient, {.sets = {"use.device=xe_guc"}}).spec->device.descriptor.notify ==
        abi::SubmitNotify::message);
}

TEST_CASE("presets are found in the program's folder when the scenario has none beside it", "[scenario]") {
  const LoadResult result =
      good(load_scenario_text("use.host = \"loaded\"\n" + kClient, "nowhere/at/all.toml", {.config_dir = kConfigs}));
  CHECK(result.spec->host.background.threads == 8);
}

TEST_CASE("explain has a line for each parameter", "[scenario]") {
  const LoadResult result = good(load_scenario(test::kQuickstart));
  std::ostringstream out;
  write_explain(out, result.resolved);
  const std::string text = out.str();
  std::size_t rows = result.resolved.machine.size() - 1;
  for (const auto& client : result.resolved.clients) rows += client.size();
  CHECK(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) == rows + 4);
  CHECK(text.find("client.service.mean_interval") != std::string::npos);
  CHECK(text.find("--set takes each by its name here, but for the workload of a client") != std::string::npos);
}

TEST_CASE("a set gives a client of a .wsim file another program, and one with a program a file", "[scenario]") {
  const std::string file = std::string{GPUSIM_SOURCE_DIR} + "/configs/workloads/balance.wsim";
  const LoadResult other = good(
      load_wsim_as_scenario(file, {.sets = {"client.balance.program=\"1.RCS.5.0.0\\n\""}, .config_dir = kConfigs}));
  CHECK(std::get<workload::WsimSpec>(other.spec->clients.at(0).workload).program.steps.size() == 1);
  const std::string text = "[[client]]\nname = \"w\"\nworkload = \"wsim\"\nprogram = \"1.RCS.5.0.0\\n\"\n";
  const LoadResult from_file = good(load_scenario_text(
      text, "nowhere/at/all.toml", {.sets = {"client.w.file=\"" + file + "\""}, .config_dir = kConfigs}));
  CHECK(std::get<workload::WsimSpec>(from_file.spec->clients.at(0).workload).program.steps.size() == 12);
}
