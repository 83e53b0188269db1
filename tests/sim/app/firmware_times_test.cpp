// SPDX-License-Identifier: MIT
// explain --firmware-times: what it computes, and that it can be used as it is printed.
#include <cstdint>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "sim/app/exit_code.h"
#include "sim/hw/firmware_turn.h"
#include "sim/system/firmware_exercise.h"
#include "sim/system/firmware_times.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/configs.h"
#include "tests/support/program.h"

using namespace gpusim;
using namespace gpusim::test;
using nlohmann::json;

namespace {

/// ps that the firmware was busy, with looks that find no event left out: the table has no time for them.
[[nodiscard]] std::int64_t busy(const json& summary) {
  std::int64_t sum = 0;
  for (const json& handler : summary.at("firmware_profile")) {
    const auto name = handler.at("name").get<std::string>();
    if (name != "no_event" && name != "first_turn") sum += handler.at("time_ps").at("sum").get<std::int64_t>();
  }
  return sum;
}

}  // namespace

TEST_CASE("the exercise calls everything that the firmware can be asked, whatever the device", "[core]") {
  for (const std::vector<std::string>& sets : {std::vector<std::string>{},
                                               {"use.device=\"xe_guc\""},
                                               {"device.engines.rcs.count=0"},
                                               {"device.slots=2"},
                                               {"driver.native_waits=true"},
                                               {"device.firmware.policy=tick_rotation", "device.slots=3"}}) {
    scenario::LoadOptions options;
    options.sets = sets;
    const auto device = scenario::load_scenario_text(
        "[[client]]\nname = \"a\"\nworkload = \"loop\"\nengine = \"bcs\"\nwork_us = 1\n", "a.toml", options);
    REQUIRE(device.ok());
    const auto exercise = system::load_firmware_exercise(device);
    CAPTURE(sets, exercise.problems.empty() ? "" : exercise.problems.front().to_string());
    REQUIRE(exercise.ok());
    CHECK(exercise.spec->device.descriptor.engine_count == device.spec->device.descriptor.engine_count);
    system::Simulation simulation{*exercise.spec};
    (void)simulation.run();
    const bool by_message = device.spec->device.descriptor.notify == abi::SubmitNotify::message;
    for (std::size_t i = 0; i < hw::kFirmwareHandlerNames.size(); ++i) {
      const auto handler = static_cast<hw::FirmwareHandler>(i);
      CAPTURE(hw::kFirmwareHandlerNames.at(i));
      const bool is_other_way = handler == (by_message ? hw::FirmwareHandler::doorbell : hw::FirmwareHandler::schedule);
      // No driver enables a queue again, none talks nonsense; a timeout either resets the engine or does not.
      const bool is_rare = handler == hw::FirmwareHandler::bad_message ||
                           handler == hw::FirmwareHandler::enable_queue ||
                           handler == hw::FirmwareHandler::preempt_timeout;
      const bool is_rotation = device.spec->device.descriptor.policy == abi::RunPolicy::tick_rotation;
      // None of these devices has a hysteresis.
      const bool is_unasked = handler == hw::FirmwareHandler::idle ||
                              (handler == hw::FirmwareHandler::wait_over && !device.spec->driver.native_waits) ||
                              handler == (is_rotation ? hw::FirmwareHandler::quantum : hw::FirmwareHandler::tick);
      if (!is_other_way && !is_rare && !is_unasked)
        CHECK(simulation.firmware_profile().handlers.at(i).time.count() > 0);
    }
  }
}

TEST_CASE("with the computed service times the firmware is as busy with the table as by cycles", "[core]") {
  const Folder folder;
  const Ended explained = run_program("explain " + kQuickstart + " --firmware-times --set client.game.cycles=40");
  REQUIRE(explained.code == app::kGood);
  const std::size_t at = explained.out.find("[device.firmware]\n");
  REQUIRE(at != std::string::npos);
  // As a preset of a device.
  spit(folder / "computed.toml", explained.out.substr(at));
  const std::string run = "run " + kQuickstart + " --format json --set client.game.cycles=40 ";
  const Ended table = run_program(run + "--set 'use.device=\"" + (folder / "computed.toml").string() + "\"'");
  INFO(table.err);
  REQUIRE(table.code == app::kGood);
  const Ended cycles =
      run_program(run + "--set 'device.firmware.core=\"rv32\"' --set 'device.firmware.timing=\"cycles\"'");
  const std::int64_t by_table = busy(json::parse(table.out));
  const std::int64_t by_cycles = busy(json::parse(cycles.out));
  CHECK(by_table > by_cycles * 9 / 10);
  CHECK(by_table < by_cycles * 11 / 10);
  CHECK(busy(json::parse(run_program(run).out)) > by_cycles * 3 / 2);  // with the guesses it is not
}

TEST_CASE("a computed service time is of whole ns, below 100 ns of ps") {
  for (const auto& [mean, computed] : {std::pair{392U, 392U}, {99'999U, 99'999U}, {100'400U, 100'000U}}) {
    system::ServiceTime time;
    time.time.add(mean);
    CHECK(time.computed_ps() == computed);
  }
}

TEST_CASE("service times of a core that is faster than any are printed in ps, and can be used", "[core]") {
  const Folder folder;
  const std::string fast =
      " --set device.firmware.cycle_ps=1 --set device.firmware.register_access_ps=1"
      " --set device.firmware.host_read_ps=1";
  const Ended explained = run_program("explain " + kQuickstart + " --firmware-times" + fast);
  INFO(explained.err);
  REQUIRE(explained.code == app::kGood);
  const std::size_t at = explained.out.find("[device.firmware]\n");
  REQUIRE(at != std::string::npos);
  CHECK(explained.out.find("\ndoorbell_ps = { v = ", at) != std::string::npos);
  CHECK(explained.out.find("{ v = 0,", at) == std::string::npos);
  spit(folder / "computed.toml", explained.out.substr(at));
  const Ended used =
      run_program("explain " + kQuickstart + " --set 'use.device=\"" + (folder / "computed.toml").string() + "\"'");
  INFO(used.err);
  CHECK(used.code == app::kGood);
}

TEST_CASE("service times are as wide as they may be, and can be used all the same", "[core]") {
  const Folder folder;
  const Ended wide = run_program("explain " + kQuickstart + " --firmware-times");
  const Ended narrow = run_program("explain " + kQuickstart + " --firmware-times --width 40");
  CHECK(widest_line(narrow.out) <= 40);
  const auto rows = [&](const std::string& printed) {
    spit(folder / "computed.toml", printed.substr(printed.find("[device.firmware]\n")));
    const Ended explained = run_program("explain " + kQuickstart + " --format json --set 'use.device=\"" +
                                        (folder / "computed.toml").string() + "\"'");
    json all = json::parse(explained.out).at("parameters");
    for (json& row : all) row.erase("from");
    return all;
  };
  CHECK(rows(narrow.out) == rows(wide.out));
}

TEST_CASE("the tag of a computed service time is C, and explain says so of it", "[core]") {
  const Folder folder;
  const Ended explained = run_program("explain " + kQuickstart + " --firmware-times");
  spit(folder / "computed.toml", explained.out.substr(explained.out.find("[device.firmware]\n")));
  const Ended rows = run_program("explain " + kQuickstart + " --format json --set 'use.device=\"" +
                                 (folder / "computed.toml").string() + "\"'");
  bool is_found = false;
  const json parameters = json::parse(rows.out).at("parameters");
  for (const json& row : parameters) {
    if (row.at("name") != "device.firmware.pick_us" && row.at("name") != "device.firmware.pick_ns") continue;
    is_found = true;
    CHECK(row.at("tag") == "C");
    CHECK(row.at("source").get<std::string>().find("mean of 52 calls") == 0);
  }
  CHECK(is_found);
}

TEST_CASE("service times come as JSON, and not together with what chooses parameters", "[core]") {
  const Ended all = run_program("explain " + kQuickstart + " --firmware-times --format json");
  const json times = json::parse(all.out);
  CHECK(times.at("schema") == "gpusim-firmware-times/1");
  const json doorbell = times.at("service_times").at(0);
  CHECK(doorbell.at("name") == "device.firmware.doorbell");
  CHECK(doorbell.at("has_ps") == 3'000'000);
  CHECK(doorbell.at("has_tag") == "E");
  CHECK(doorbell.at("of") == "scenario");
  CHECK(doorbell.at("needs_ns").get<int>() > 500);
  const json schedule = times.at("service_times").at(1);
  CHECK(schedule.at("calls") == 0);
  CHECK_FALSE(schedule.contains("needs_ns"));
  CHECK(times.at("service_times").at(2).at("of") == "exercise");
  for (const char* other : {" --tag E", " --changed"}) {
    CHECK(run_program("explain " + kQuickstart + " --firmware-times" + other).code == app::kBadInput);
  }
}
