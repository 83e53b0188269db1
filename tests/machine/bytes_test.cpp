// SPDX-License-Identifier: MIT
// Jobs that move bytes, in whole machines: closed forms of what tests/sim/hw/transfers_test.cpp asks of the rates
// alone, preempted transfers, contexts that are saved and restored through memory, and nothing of it where it is not
// used.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using test::fixed;
using test::kCopy;
using test::spans;
using test::Texts;
using workload::MemoryPlace;
using workload::TransferSpec;

namespace {

constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr std::uint64_t kLink = 16'000;  // MB/s: 16 MB in 1 ms

[[nodiscard]] TransferSpec upload(std::uint64_t megabytes) {
  return {megabytes * kMegabyte, MemoryPlace::host, MemoryPlace::device};
}

/// One job.
[[nodiscard]] workload::ClientSpec mover(const std::string& name, const workload::EngineChoice& engine,
                                         const TransferSpec& transfer, Picoseconds work = {}, Picoseconds start = {}) {
  workload::LoopSpec loop;
  loop.placement = engine;
  loop.work = fixed(work);
  loop.transfer = transfer;
  workload::ClientSpec client = test::client(name, loop);
  client.start = start;
  return client;
}

[[nodiscard]] scenario::ScenarioSpec moving(std::uint64_t link_mb_s, std::uint64_t memory_mb_s,
                                            std::vector<workload::ClientSpec> clients) {
  scenario::ScenarioSpec spec = test::ideal_scenario();
  spec.device.link.bandwidth_mb_s = link_mb_s;
  spec.device.memory.bandwidth_mb_s = memory_mb_s;
  spec.clients = std::move(clients);
  return spec;
}

/// "what is left" of a job after each of its pieces, in MB.
[[nodiscard]] std::map<std::uint64_t, std::vector<std::uint64_t>> left_after_pieces(const test::Recording& recording) {
  std::map<std::uint64_t, std::vector<std::uint64_t>> left;
  for (const auto& end : recording.all<trace::transfer_end>()) {
    left[end.job.value()].push_back(end.left / (kMegabyte / 10));
  }
  return left;
}

}  // namespace

TEST_CASE("a job that moves bytes takes as long as the narrower of link and memory, or as its work", "[bytes]") {
  CHECK(spans(test::run(moving(kLink, 0, {mover("a", kCopy, upload(16))}))) == Texts{"bcs0 0-1000"});
  CHECK(spans(test::run(moving(kLink, 0, {mover("a", kCopy, upload(16), us(200))}))) == Texts{"bcs0 0-1000"});
  CHECK(spans(test::run(moving(kLink, 0, {mover("a", kCopy, upload(16), ms(3))}))) == Texts{"bcs0 0-3000"});
  CHECK(spans(test::run(moving(kLink, 8'000, {mover("a", kCopy, upload(16))}))) == Texts{"bcs0 0-2000"});
  CHECK(spans(test::run(moving(kLink, 64'000, {mover("a", kCopy, upload(16))}))) == Texts{"bcs0 0-1000"});
  const TransferSpec within{16 * kMegabyte, MemoryPlace::device, MemoryPlace::device};
  CHECK(spans(test::run(moving(kLink, 64'000, {mover("a", kCopy, within)}))) == Texts{"bcs0 0-500"});
}

TEST_CASE("jobs on several engines share the link, and one that begins later slows the others down", "[bytes]") {
  CHECK(spans(test::run(moving(kLink, 0, {mover("a", kCopy, upload(16)), mover("b", test::kRender, upload(32))}))) ==
        Texts{"bcs0 0-2000", "rcs0 0-3000"});
  CHECK(spans(test::run(
            moving(kLink, 0, {mover("a", kCopy, upload(32)), mover("b", test::kRender, upload(8), us(100), ms(1))}))) ==
        Texts{"bcs0 0-2500", "rcs0 1000-2000"});
  const TransferSpec readback{16 * kMegabyte, MemoryPlace::device, MemoryPlace::host};
  CHECK(spans(test::run(moving(kLink, 0, {mover("a", kCopy, upload(16)), mover("b", test::kRender, readback)}))) ==
        Texts{"bcs0 0-1000", "rcs0 0-1000"});
  // One is bound by the link, one by what is left of the memory.
  const TransferSpec within{45 * kMegabyte, MemoryPlace::device, MemoryPlace::device};
  CHECK(spans(test::run(moving(10'000, 100'000, {mover("a", kCopy, upload(10)), mover("b", test::kRender, within)}))) ==
        Texts{"bcs0 0-1000", "rcs0 0-1000"});
}

TEST_CASE("every component and ring hands the bytes on", "[bytes]") {
  using scenario::Component;
  for (const Component component : {Component::drm_dep, Component::drm_sched, Component::jobqueue}) {
    scenario::ScenarioSpec spec = moving(kLink, 0, {mover("a", kCopy, upload(16))});
    spec.component = component;
    CHECK(spans(test::run(spec)) == Texts{"bcs0 0-1000"});
  }
  const std::string text =
      "[device.link]\nbandwidth_mb_s = 16_000\n"
      "[[client]]\nname = \"a\"\nworkload = \"loop\"\nengine = \"bcs\"\nwork_us = 0\nbytes = 16_000_000\n";
  for (const std::vector<std::string>& sets :
       {std::vector<std::string>{"scheduler.component=direct"}, std::vector<std::string>{"use.driver=amdgpu_ring"},
        std::vector<std::string>{"device.firmware.core=rv32"}}) {
    const test::Recording recording = test::run(test::spec_of(text, sets));
    const std::vector<test::Job> jobs = recording.jobs();
    REQUIRE(jobs.size() == 1);
    CHECK(*jobs[0].end - *jobs[0].start == ms(1));
  }
}

TEST_CASE("what a preempted job has moved stays moved", "[bytes]") {
  // Two queues take turns of 400 us on one engine: each moves 6.4 MB in a turn.
  scenario::ScenarioSpec spec = moving(kLink, 0, {mover("a", kCopy, upload(16)), mover("b", kCopy, upload(16))});
  spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(us(400).count());
  const test::Recording recording = test::run(spec);
  CHECK(spans(recording) == Texts{"bcs0 0-1800", "bcs0 400-2000"});
  const auto left = left_after_pieces(recording);
  CHECK(left.at(1) == std::vector<std::uint64_t>{96, 32, 0});
  CHECK(left.at(2) == std::vector<std::uint64_t>{96, 32, 0});
  // One whose work is done while its bytes are not, and the other way round.
  spec.clients = {mover("a", kCopy, upload(16), us(500)), mover("b", kCopy, upload(4), us(1'000))};
  CHECK(spans(test::run(spec)) == Texts{"bcs0 0-1800", "bcs0 400-2000"});
}

TEST_CASE("a context is saved and restored through the device's memory, beside a fixed cost", "[bytes]") {
  scenario::ScenarioSpec spec = moving(0, 100'000, {mover("a", kCopy, {}, us(600)), mover("b", kCopy, {}, us(600))});
  spec.device.context_bytes = 10 * kMegabyte;  // 100 us
  spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(us(400).count());
  hw::EngineSpec& engine = spec.device.engines[static_cast<std::size_t>(abi::EngineClass::copy)];
  engine.context_restore = {us(10), 0};
  engine.context_save = {us(5), 0};
  // a: restored in 110, works 400, saved in 105; b the same; then a again for its 200; b.
  const std::int64_t turn = 110 + 400 + 105;
  const std::int64_t a_end = 2 * turn + 110 + 200;
  CHECK(spans(test::run(spec)) ==
        Texts{"bcs0 110-" + std::to_string(a_end),
              "bcs0 " + std::to_string(turn + 110) + "-" + std::to_string(a_end + 110 + 200)});
  // Beside a copy within the memory, which reads and writes, a context has a third of it.
  const TransferSpec within{50 * kMegabyte, MemoryPlace::device, MemoryPlace::device};
  scenario::ScenarioSpec beside =
      moving(0, 90'000, {mover("a", kCopy, within), mover("b", test::kRender, {}, us(100), ms(1))});
  beside.device.context_bytes = 3 * kMegabyte;
  // a's own context takes 33.3 us, its bytes 45 MB/ms. b's context has 30 MB/ms, from 1 ms for 100 us; a loses 1.5 MB.
  const std::vector<test::Job> jobs = test::run(beside).jobs();
  REQUIRE(jobs.size() == 2);
  CHECK(test::us_of(*jobs[1].start) == "1100");
  const Picoseconds alone = *jobs[0].end - *jobs[0].start;
  CHECK(alone > us(1'144));
  CHECK(alone < us(1'145));  // (50 + 1.5) / 45 ms
}

TEST_CASE("without a bandwidth bytes and contexts take no time, and no event more", "[bytes]") {
  scenario::ScenarioSpec plain = test::busy_scenario();
  plain.device.descriptor.quantum_ps = static_cast<std::uint64_t>(us(15).count());
  scenario::ScenarioSpec with = plain;
  with.device.context_bytes = kMegabyte;
  std::size_t movers = 0;
  for (workload::ClientSpec& client : with.clients) {
    if (auto* loop = std::get_if<workload::LoopSpec>(&client.workload)) {
      loop->transfer = upload(1);
      ++movers;
    }
  }
  REQUIRE(movers > 0);
  CHECK(test::run(with).hash == test::run(plain).hash);
  with.device.link.bandwidth_mb_s = kLink;
  CHECK(test::run(with).hash != test::run(plain).hash);
}

TEST_CASE("a busy machine moves what is asked, piece by piece, in the same order however it is built", "[bytes]") {
  scenario::ScenarioSpec spec = test::costly_scenario();
  spec.device.link.bandwidth_mb_s = kLink;
  spec.device.memory.bandwidth_mb_s = 20'000;
  spec.device.context_bytes = 100'000;
  spec.device.descriptor.quantum_ps = static_cast<std::uint64_t>(us(30).count());
  for (const workload::EngineChoice& engine :
       {kCopy, test::kRender, workload::EngineChoice{abi::EngineClass::video, -1}}) {
    for (const MemoryPlace to : {MemoryPlace::host, MemoryPlace::device}) {
      workload::LoopSpec loop;
      loop.placement = engine;
      loop.work = {us(5), us(40)};
      loop.transfer = {700'001, MemoryPlace::device, to};
      loop.jobs_per_cycle = 2;
      loop.cycles = 3;
      spec.clients.push_back(test::client("c" + std::to_string(spec.clients.size()), loop, 2));
    }
  }
  const test::Recording recording = test::run(spec);
  std::map<std::uint64_t, std::uint64_t> moved;  // by job
  std::map<std::uint64_t, std::uint64_t> begun;
  for (const trace::Event& event : recording.events) {
    if (const auto begin = trace::as<trace::transfer_begin>(event)) begun[begin->job.value()] = begin->left;
    if (const auto end = trace::as<trace::transfer_end>(event)) {
      moved[end->job.value()] += begun.at(end->job.value()) - end->left;
    }
  }
  CHECK(moved.size() == 3 * 2 * 2 * 2 * 3);
  CHECK(std::all_of(moved.begin(), moved.end(), [](const auto& job) { return job.second == 700'001; }));
  CHECK(recording.all<trace::transfer_begin>().size() > moved.size());  // some are preempted
  for (const std::uint64_t order : {1, 2, 3}) {
    system::MachineOptions options;
    options.construction_order = order;
    options.idle_module = order == 2;
    options.look_ahead = order != 3;
    CHECK(test::run(spec, options).hash == recording.hash);
  }
}

TEST_CASE("resets and kills in the middle of transfers leave the others their share", "[bytes]") {
  const std::string text =
      "[device]\npreempt_timeout_us = 500\nquantum_us = 200\n[device.link]\nbandwidth_mb_s = 16_000\n"
      "[scheduler]\ntimeout_ms = 3\n"
      "[[client]]\nname = \"a\"\nworkload = \"loop\"\nengine = \"bcs\"\nwork_us = 10\nbytes = 4_000_000\ncycles = 6\n"
      "clones = 2\n"
      "[[client]]\nname = \"b\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 10\nbytes = 4_000_000\ncycles = 6\n"
      "from = \"device\"\nto = \"host\"\n";
  for (const std::string set :
       {"fault.reset_us=700", "fault.hung_job=3", "fault.unplug_us=900", "fault.lost_doorbell=2"}) {
    CAPTURE(set);
    const test::Recording recording = test::run(test::spec_of(text, {set}));  // the oracle work_done speaks, if any
    CHECK(recording.all<trace::transfer_end>().size() == recording.all<trace::transfer_begin>().size());
  }
}

TEST_CASE("jobs of poisson, churn and steps move bytes as those of a loop do", "[bytes]") {
  const auto is_ms = [](const workload::WorkloadSpec& workload) {
    CHECK(spans(test::run(moving(kLink, 0, {test::client("a", workload)}))) == Texts{"bcs0 0-1000"});
  };
  workload::ChurnSpec churn;
  churn.placement = kCopy;
  churn.transfer = upload(16);
  is_ms(churn);
  workload::PoissonSpec poisson;
  poisson.placement = kCopy;
  poisson.mean_interval = us(1);
  poisson.transfer = upload(16);
  const std::vector<test::Job> jobs = test::run(moving(kLink, 0, {test::client("a", poisson)})).jobs();
  REQUIRE(jobs.size() == 1);
  CHECK(*jobs[0].end - *jobs[0].start == ms(1));
  // Up and down at once, then within the device, of memory that has 32 for reads and writes.
  const std::string steps =
      "submit bcs 5 upload 16000000 signal f:1\nsubmit rcs 5 readback 16000000 signal f:2\nwait f:1 f:2\n"
      "submit bcs 5 copy 16000000";
  const test::Recording recording = test::run(test::spec_of(
      "[share]\ntimelines = \"f\"\n[device.link]\nbandwidth_mb_s = 16_000\n[device.memory]\nbandwidth_mb_s = 32_000\n"
      "[[client]]\nname = \"a\"\nworkload = \"steps\"\nprogram = \"\"\"\n" +
      steps + "\n\"\"\"\n"));
  const std::vector<test::Job> all = recording.jobs();
  REQUIRE(all.size() == 3);
  for (const test::Job& job : all) CHECK(*job.end - *job.start == ms(1));
}

TEST_CASE("packets cost transfers their headers, and doorbells and fence values the packet before them", "[bytes]") {
  // 16 MB in 62,500 packets of 256 + 24 bytes: 17.5 MB over 16 GB/s, rounded up from shares of whole bytes a second.
  scenario::ScenarioSpec spec = moving(kLink, 0, {mover("a", kCopy, upload(16))});
  spec.device.link.packet_bytes = 256;
  const std::vector<test::Job> jobs = test::run(spec).jobs();
  REQUIRE(jobs.size() == 1);
  CHECK(*jobs[0].end - *jobs[0].start >= ps(1'093'750'000));
  CHECK(*jobs[0].end - *jobs[0].start < ps(1'093'750'100));
  // Another client's jobs, beside an upload that has the link for all their time.
  spec.clients.push_back(mover("b", test::kRender, {}, us(10), us(100)));
  std::get<workload::LoopSpec>(spec.clients[1].workload).cycles = 2;
  const auto flight_of = [](const scenario::ScenarioSpec& machine) {
    const test::Recording recording = test::run(machine);
    const auto rung = recording.all<trace::doorbell_write>();
    const auto heard = recording.all<trace::doorbell_arrive>();
    REQUIRE(rung.size() == 3);
    REQUIRE(heard.size() == 3);
    return heard[2].time - rung[2].time;  // nothing else is on its way then
  };
  const Picoseconds flight = flight_of(spec);
  spec.device.link.packet_bytes = 0;
  const Picoseconds alone = flight_of(spec);
  spec.device.link.packet_bytes = 4'096;
  const Picoseconds behind_large = flight_of(spec);
  // 4 + 24 bytes, and at most 17.5 ns, or 257.5 ns, of a packet.
  CHECK(flight >= alone + ps(1'750));
  CHECK(flight <= alone + ps(1'750 + 17'500));
  CHECK(behind_large > flight);
  CHECK(behind_large <= alone + ps(1'750 + 257'500));
}
