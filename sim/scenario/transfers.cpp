// SPDX-License-Identifier: MIT
#include "sim/scenario/transfers.h"

#include <fmt/core.h>

namespace gpusim::scenario {

namespace {

void check_ends(const ClientSettings& settings, const workload::TransferSpec& transfer,
                std::vector<Problem>& problems) {
  using workload::MemoryPlace;
  if (transfer.from != MemoryPlace::host || transfer.to != MemoryPlace::host) return;
  const Slot& from = settings.at("client.from");
  const Slot& to = settings.at("client.to");
  problems.push_back(
      {(from.is_given ? from : to).setting.place,
       fmt::format("{}.from and to are both \"host\": one end of what a job moves is the device's memory",
                   settings.shown),
       {}});
}

}  // namespace

void check_transfers(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems) {
  const Slot& bandwidth = settings.at("device.link.bandwidth_mb_s");
  if (spec.device.link.bandwidth_mb_s != 0 && !spec.device.modules.link.name.empty()) {
    problems.push_back({bandwidth.setting.place,
                        "device.link.bandwidth_mb_s is that of our link, but device.link.module puts another one in "
                        "its place",
                        {}});
  }
  const auto& clients = settings.clients();
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (!clients[i].kind()) continue;
    const workload::TransferSpec* const transfer = transfer_of(spec.clients[i]);
    if (transfer == nullptr) continue;
    check_ends(clients[i], *transfer, problems);
    const auto engines =
        static_cast<std::size_t>(std::get<workload::LoopSpec>(spec.clients[i].workload).placement.engine_class);
    if (spec.device.modules.engines[engines].name.empty()) continue;
    problems.push_back({clients[i].at("client.bytes").setting.place,
                        fmt::format("{}.bytes: device.engines.{}.module is an engine of a plug-in, which moves none",
                                    clients[i].shown, abi::kEngineClassNames[engines]),
                        {}});
  }
}

}  // namespace gpusim::scenario
