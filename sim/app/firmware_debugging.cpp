// SPDX-License-Identifier: MIT
#include "sim/app/firmware_debugging.h"

#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>

#include <fmt/core.h>

#include "sim/scenario/presets.h"

namespace gpusim::app {

namespace {

namespace fs = std::filesystem;

/// The firmware with what GDB has to know of it: where it was installed, or built.
[[nodiscard]] std::string firmware_file() {
  std::error_code none;
  const fs::path program = fs::read_symlink("/proc/self/exe", none);
  for (const fs::path& file : {scenario::default_config_dir() / "firmware/gpusim_firmware.elf",
                               program.parent_path().parent_path() / "rv32/gpusim_firmware.elf"}) {
    if (fs::is_regular_file(file, none)) return file.string();
  }
  return "firmware/image/gpusim_firmware.elf";
}

}  // namespace

std::unique_ptr<gdb::Server> listen_for_gdb(std::optional<std::uint16_t> port, const scenario::ScenarioSpec& spec,
                                            std::vector<scenario::Problem>& problems) {
  if (!port) return nullptr;
  if (!spec.device.modules.core.name.empty()) {
    problems.push_back({{"--gdb"}, "is for the rv32 core, and device.firmware.module executes the firmware", {}});
    return nullptr;
  }
  if (!hw::executes_image(spec.device)) {
    problems.push_back(
        {{"--gdb"},
         "needs device.firmware.core = \"rv32\": native firmware is the simulator's own code, which only "
         "a debugger of the simulator can stop",
         {}});
    return nullptr;
  }
  auto server = std::make_unique<gdb::Server>(*port);
  if (server->error().empty()) return server;
  problems.push_back({{"--gdb"}, server->error(), {}});
  return nullptr;
}

void wait_for_gdb(gdb::Server& server, system::Simulation& simulation, Progress& progress) {
  server.is_interrupted = [&simulation, &progress] { return progress.poll(simulation.recorder().now()); };
  std::cerr << fmt::format("waiting for: gdb-multiarch -ex 'target remote 127.0.0.1:{}' {}\n", server.port(),
                           firmware_file())
            << std::flush;
  (void)simulation.machine().attach(server);
}

}  // namespace gpusim::app
