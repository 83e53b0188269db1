// SPDX-License-Identifier: MIT
// The firmware's image on the core against the same source in this program, and what becomes of an image that is none.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "base/read_file.h"
#include "core/elf.h"
#include "sim/hw/firmware_image.h"
#include "sim/hw/rv32_firmware_core.h"
#include "sim/scenario/loader.h"
#include "sim/system/explorer.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using test::load_spec;

namespace {

const std::string kOnCore = "device.firmware.core=\"rv32\"";
const std::string kByCycles = "device.firmware.timing=\"cycles\"";
const std::string kLive = "device.firmware.timing=\"live\"";

[[nodiscard]] std::uint64_t hash_of(const scenario::ScenarioSpec& spec) {
  system::Simulation simulation{spec};
  (void)simulation.run();
  return simulation.recorder().hash();
}

/// A device whose registers nobody else looks at.
struct CoreScene {
  [[nodiscard]] hw::Rv32FirmwareCore core(std::span<const std::byte> image) {
    return hw::Rv32FirmwareCore{image, registers, device, false};
  }
  abi::DeviceDescriptor device = hw::default_descriptor();
  Timeline timeline;
  trace::Recorder recorder{timeline};
  fault::FaultSpec no_faults;
  fault::Injector faults{recorder, no_faults};
  hw::FirmwareRegisters registers{recorder, faults, device};
};

[[nodiscard]] std::vector<std::byte> copy_of_image() {
  const auto image = hw::firmware_image();
  return {image.begin(), image.end()};
}

/// Overwrites the first instruction.
void patch(std::vector<std::byte>& image, std::uint32_t instruction) {
  const auto file = rv32::ElfFile::read(image);
  const rv32::ElfSegment& text = file.value().segments().front();
  REQUIRE(text.address == file.value().entry());
  std::memcpy(image.data() + (text.bytes.data() - image.data()), &instruction, sizeof instruction);
}

}  // namespace

TEST_CASE("on the core, with the table of service times, every scenario has the trace that it has without", "[core]") {
  for (const auto& path : test::shipped_files("scenarios")) {
    CAPTURE(path.filename().string());
    CHECK(hash_of(load_spec(path, {kOnCore})) == hash_of(load_spec(path, {})));
  }
}

// GPUSIM_SEEDS in the environment: how many of each file.
TEST_CASE("explorations have the traces on the core that they have without, and survive by cycles and live", "[core]") {
  const char* asked = std::getenv("GPUSIM_SEEDS");
  const std::uint64_t seeds = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 10;
  for (const auto& path : test::shipped_files("explore")) {
    const system::Explorer native{load_spec(path, {})};
    const system::Explorer core{load_spec(path, {kOnCore})};
    const system::Explorer cycles{load_spec(path, {kOnCore, kByCycles})};
    const system::Explorer live{load_spec(path, {kOnCore, kLive})};
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
      CAPTURE(path.filename().string(), seed);
      CHECK(core.run_seed(seed).trace_hash == native.run_seed(seed).trace_hash);
      CHECK(cycles.run_seed(seed).survived());
      CHECK(live.run_seed(seed).survived());
    }
  }
}

TEST_CASE("a turn takes its instructions, its registers and its reads of host memory, each by its price", "[core]") {
  const std::filesystem::path quickstart = GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml";
  const std::string timing = GENERATE("cycles", "live");
  CAPTURE(timing);
  // The second one: the first turn of all has the start of the firmware in it.
  const auto second_message = [&](std::vector<std::string> sets) {
    sets.insert(sets.end(), {kOnCore, "device.firmware.timing=\"" + timing + "\""});
    const test::Recording recording = test::run(load_spec(quickstart, sets));
    const auto begins = recording.all<trace::firmware_begin>();
    const auto ends = recording.all<trace::firmware_end>();
    int messages = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (begins[i].event.as<fw::Step>() != fw::Step::message || ++messages < 2) continue;
      return (ends[i].time - begins[i].time).count();
    }
    FAIL("no second message");
    return std::int64_t{0};
  };
  const auto price = [](std::int64_t cycle, std::int64_t access, std::int64_t read) {
    return std::vector<std::string>{"device.firmware.cycle_ns=" + std::to_string(cycle),
                                    "device.firmware.register_access_ns=" + std::to_string(access),
                                    "device.firmware.host_read_ns=" + std::to_string(read)};
  };
  const std::int64_t cycles = second_message(price(1, 0, 0)) / 1'000;
  const std::int64_t accesses = second_message(price(0, 1, 0)) / 1'000;
  const std::int64_t reads = second_message(price(0, 0, 1)) / 1'000;
  // A registration: the message's header and its eleven words, and the write index of the queue.
  CHECK(reads >= 12);
  CHECK(reads <= 20);
  CHECK(accesses > 2 * reads);  // each read of host memory has an address of two halves
  CHECK(accesses < 100);
  CHECK(cycles > 200);
  CHECK(cycles < 2'000);
  CHECK(second_message(price(3, 50, 700)) == 1'000 * (3 * cycles + 50 * accesses + 700 * reads));
}

TEST_CASE("by cycles and live the same firmware is as busy, and free it gives the same trace", "[core]") {
  const std::filesystem::path quickstart = GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml";
  const std::vector<std::string> free{kOnCore, "device.firmware.cycle_ns=0", "device.firmware.register_access_ns=0",
                                      "device.firmware.host_read_ns=0"};
  const auto with = [&](const std::string& timing) {
    std::vector<std::string> sets = free;
    sets.push_back(timing);
    return hash_of(load_spec(quickstart, sets));
  };
  CHECK(with(kByCycles) == with(kLive));

  // One client, one job at a time: nothing comes while the firmware works, so that its turns are the same.
  const auto busy = [](const std::string& timing) {
    scenario::LoadOptions options;
    options.sets = {kOnCore, timing};
    const auto loaded = scenario::load_scenario_text(
        "[[client]]\nname = \"a\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 500\ncycles = 20\nwait_us = 500\n",
        "one.toml", options);
    REQUIRE(loaded.ok());
    system::Simulation simulation{*loaded.spec};
    (void)simulation.run();
    const auto& totals = simulation.machine().ledger().totals();
    const hw::FirmwareSpec& firmware = loaded.spec->device.firmware;
    return std::vector{totals.at(firmware.cycle.parameter), totals.at(firmware.register_access.parameter),
                       totals.at(firmware.host_read.parameter)};
  };
  CHECK(busy(kByCycles) == busy(kLive));
}

TEST_CASE("the longest cycle that a scenario may have is no reason to break", "[core]") {
  for (const std::string& timing : {kByCycles, kLive}) {
    const auto spec = load_spec(GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml",
                                {kOnCore, timing, "device.firmware.cycle_ms=3600000", "stop.after_ms=3600000"});
    system::Simulation simulation{spec};
    CHECK_NOTHROW((void)simulation.run());
  }
}

TEST_CASE("live, an order takes effect before its turn is over", "[core]") {
  // By cycles everything of a turn happens at its end.
  const std::filesystem::path quickstart = GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml";
  const auto assigned_at_ends = [&](const std::string& timing) {
    const test::Recording recording = test::run(load_spec(quickstart, {kOnCore, timing}));
    const auto assigned = recording.all<trace::engine_assign>();
    const auto ends = recording.all<trace::firmware_end>();
    return std::count_if(assigned.begin(), assigned.end(), [&](const auto& order) {
      return std::any_of(ends.begin(), ends.end(), [&](const auto& end) { return end.time == order.time; });
    });
  };
  CHECK(assigned_at_ends(kByCycles) > 20);
  CHECK(assigned_at_ends(kLive) == 0);
}

TEST_CASE("by cycles nothing is charged to the table, and what is charged has its parameter", "[core]") {
  const std::string timing = GENERATE("cycles", "live");
  CAPTURE(timing);
  const auto spec = load_spec(GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml",
                              {kOnCore, "device.firmware.timing=\"" + timing + "\""});
  system::Simulation simulation{spec};
  (void)simulation.run();
  const auto& totals = simulation.machine().ledger().totals();
  const auto charged = [&](const Cost& cost) {
    REQUIRE(cost.parameter != 0);
    return cost.parameter < totals.size() ? totals[cost.parameter].count() : 0;
  };
  const hw::FirmwareSpec& firmware = spec.device.firmware;
  CHECK(charged(firmware.cycle) > 0);
  CHECK(charged(firmware.register_access) > 0);
  CHECK(charged(firmware.host_read) > 0);
  CHECK(charged(firmware.doorbell) == 0);
  CHECK(charged(firmware.pick) == 0);
  CHECK(charged(firmware.engine_event) == 0);
}

TEST_CASE("cycles need a core that has some", "[core]") {
  for (const std::string& timing : {kByCycles, kLive}) {
    scenario::LoadOptions options;
    options.sets = {timing};
    const auto loaded = scenario::load_scenario(GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml", options);
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems.front().to_string().find("needs device.firmware.core = \"rv32\"") != std::string::npos);
  }
}

TEST_CASE("a run on the core says which image it has executed, and one without says nothing", "[core]") {
  const std::filesystem::path quickstart = GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml";
  const auto text = [&](std::vector<std::string> sets) {
    const auto spec = load_spec(quickstart, std::move(sets));
    return system::Simulation{spec}.firmware_text();
  };
  CHECK(text({}).empty());
  CHECK(text({kOnCore}).find("firmware ") == 0);
  CHECK(text({kOnCore}).find(" (GCC: ") == 25);
}

TEST_CASE("an image that is none, or for another machine, breaks the rule of the firmware", "[core]") {
  CoreScene scene;
  std::vector<std::byte> cut = copy_of_image();
  cut.resize(100);
  CHECK_THROWS_AS(scene.core(cut), InvariantViolation);

  std::vector<std::byte> image = copy_of_image();
  patch(image, 0xffff'ffff);
  hw::Rv32FirmwareCore illegal = scene.core(image);
  CHECK_THROWS_WITH(illegal.run(), Catch::Contains("firmware_fault") && Catch::Contains("takes trap 2") &&
                                       Catch::Contains("reset_vector"));

  patch(image, 0x0000'0067);  // a jump to address 0, where no code is
  hw::Rv32FirmwareCore lost = scene.core(image);
  CHECK_THROWS_WITH(lost.run(), Catch::Contains("takes trap 1"));

  patch(image, 0x0000'006f);  // a jump to itself
  hw::Rv32FirmwareCore endless = scene.core(image);
  CHECK_THROWS_WITH(endless.run(), Catch::Contains("does not come to an end"));
}

TEST_CASE("without events the firmware sleeps, and its records are zeros", "[core]") {
  CoreScene scene;
  hw::Rv32FirmwareCore core = scene.core(hw::firmware_image());
  CHECK(core.run() == hw::FirmwareStop::sleep);
  CHECK(core.run() == hw::FirmwareStop::sleep);
  CHECK(core.queues().size() == scene.device.max_queues + 1);
  CHECK(core.queues().back().state == fw::QueueState::unregistered);
  CHECK(core.engines().size() == scene.device.engine_count);
}

TEST_CASE("live, the core stands in front of each register, and nothing happens until it is performed", "[core]") {
  CoreScene scene;
  hw::Rv32FirmwareCore core{hw::firmware_image(), scene.registers, scene.device, true};
  REQUIRE(scene.registers.ring(7));
  int accesses = 0;
  while (scene.registers.load(abi::kFwDoorbells) != 0) {
    (void)scene.registers.take_use();
    REQUIRE(core.run() == hw::FirmwareStop::access);
    CHECK(scene.registers.take_use().accesses == 0);
    core.perform();
    REQUIRE(++accesses < 100);
    if (!scene.registers.has_event()) break;  // it has taken the doorbell out
  }
  CHECK(accesses > 5);  // it has asked what the device is before
}

namespace {

struct Image {
  abi::RunPolicy policy;
  const char* name;    ///< of its file
  const char* choice;  ///< in a scenario
};
constexpr std::array kImages{Image{abi::RunPolicy::round_robin, "gpusim_firmware", "round_robin"},
                             Image{abi::RunPolicy::tick_rotation, "gpusim_firmware_TickRotation", "tick_rotation"},
                             Image{abi::RunPolicy::list_walk, "gpusim_firmware_ListWalk", "list_walk"},
                             Image{abi::RunPolicy::host_slots, "gpusim_firmware_HostSlots", "host_slots"}};

}  // namespace

TEST_CASE("the images that come with the sources are those that this compiler makes of them", "[core]") {
  for (const Image& image : kImages) {
    const auto shipped = read_file(std::string{GPUSIM_SOURCE_DIR "/firmware/image/"} + image.name + ".elf").value();
    const auto shipped_bytes = std::as_bytes(std::span{shipped});
    const auto built = hw::firmware_image(image.policy);
    const auto compiler_of = [](std::span<const std::byte> file) {
      return std::string{rv32::ElfFile::read(file).value().compiler()};
    };
    if (compiler_of(shipped_bytes) != compiler_of(built)) return;  // another compiler, another image
    INFO("after a change of the firmware: cp build/release/rv32/" << image.name << "_stripped.elf firmware/image/"
                                                                  << image.name << ".elf");
    CHECK(std::equal(built.begin(), built.end(), shipped_bytes.begin(), shipped_bytes.end()));
  }
}

TEST_CASE("each image has no initialised data and at most 8 KiB of code", "[core]") {
  for (const Image& image : kImages) {
    const auto file = rv32::ElfFile::read(hw::firmware_image(image.policy));
    std::size_t code = 0;
    for (const rv32::ElfSegment& segment : file.value().segments()) {
      if ((segment.rights & rv32::kExecute) != 0) {
        code += segment.bytes.size();
      } else {
        CHECK(segment.bytes.empty());
      }
    }
    CAPTURE(image.name);
    CHECK(code > 4'000);
    CHECK(code <= 8'192);
  }
}

namespace {

// Queues of two levels for one engine, for longer than a tick and many quanta.
const std::string kTwoLevels =
    "[[client]]\nname = \"low\"\nclones = 4\nworkload = \"loop\"\nengine = \"rcs\"\n"
    "work_us = 2500\ncycles = 6\npriority = 2\n[[client]]\nname = \"high\"\nclones = 2\n"
    "workload = \"loop\"\nengine = \"rcs\"\nwork_us = 700\ncycles = 6\npriority = 1\n";

}  // namespace

TEST_CASE("with the table each policy gives the same trace natively and on the core, another one than the others do",
          "[core]") {
  std::set<std::uint64_t> hashes;
  for (const Image& image : kImages) {
    const bool has_slots = image.policy != abi::RunPolicy::list_walk;
    std::vector<std::string> sets{std::string{"device.firmware.policy=\""} + image.choice + "\"",
                                  std::string{"device.slots="} + (has_slots ? "3" : "0")};
    const std::uint64_t native = hash_of(test::spec_of(kTwoLevels, sets));
    sets.push_back(kOnCore);
    CAPTURE(image.choice);
    CHECK(hash_of(test::spec_of(kTwoLevels, sets)) == native);
    hashes.insert(native);
  }
  CHECK(hashes.size() == kImages.size());
}

TEST_CASE("a list walk has the device's outer quantum, natively and on the core", "[core]") {
  std::set<std::uint64_t> hashes;
  for (const char* outer : {"1", "2", "10"}) {
    CAPTURE(outer);
    std::vector<std::string> sets{"device.firmware.policy=list_walk", "device.slots=0",
                                  std::string{"device.firmware.outer_quantum="} + outer};
    const std::uint64_t native = hash_of(test::spec_of(kTwoLevels, sets));
    sets.push_back(kOnCore);
    CHECK(hash_of(test::spec_of(kTwoLevels, sets)) == native);
    hashes.insert(native);
  }
  CHECK(hashes.size() == 3);
}
