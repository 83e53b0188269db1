// SPDX-License-Identifier: MIT
#include "sim/scenario/transfers.h"

#include <fmt/core.h>

namespace gpusim::scenario {

namespace {

void check_transfer(const ClientSettings& settings, bool is_of_step, const ClientTransfer& one,
                    const ScenarioSpec& spec, std::vector<Problem>& problems) {
  using workload::MemoryPlace;
  if (one.transfer.from == MemoryPlace::host && one.transfer.to == MemoryPlace::host) {
    const Slot& from = settings.at("client.from");
    const Slot& to = settings.at("client.to");
    problems.push_back(
        {(from.is_given ? from : to).setting.place,
         fmt::format("{}.from and to are both \"host\": one end of what a job moves is the device's memory",
                     settings.shown),
         {}});
  }
  const auto engines = static_cast<std::size_t>(one.engine_class);
  if (spec.device.modules.engines[engines].name.empty()) return;
  const char* const key = is_of_step ? "program" : "bytes";
  problems.push_back({settings.at(fmt::format("client.{}", key)).setting.place,
                      fmt::format("{}.{}: device.engines.{}.module is an engine of a plug-in, which moves none",
                                  settings.shown, key, abi::kEngineClassNames[engines]),
                      {}});
}

}  // namespace

std::vector<ClientTransfer> transfers_of(const workload::ClientSpec& client) {
  std::vector<ClientTransfer> all;
  const auto add = [&all](const workload::TransferSpec& transfer, const workload::EngineChoice& engine) {
    if (transfer.bytes != 0) all.push_back({transfer, engine.engine_class});
  };
  const auto add_simple = [&](const auto* simple) {
    if (simple != nullptr) add(simple->transfer, simple->placement);
  };
  add_simple(std::get_if<workload::LoopSpec>(&client.workload));
  add_simple(std::get_if<workload::PoissonSpec>(&client.workload));
  add_simple(std::get_if<workload::ChurnSpec>(&client.workload));
  const auto* steps = std::get_if<workload::StepsSpec>(&client.workload);
  if (steps == nullptr) return all;
  for (const workload::StepsStep& step : steps->program.steps) {
    const auto* submit = std::get_if<workload::SubmitStep>(&step);
    if (submit != nullptr) add(submit->transfer, submit->engine);
  }
  return all;
}

std::vector<std::string> transfer_notices(const ScenarioSpec& spec) {
  std::vector<std::string> lines;
  for (const workload::ClientSpec& client : spec.clients) {
    if (!std::holds_alternative<workload::StepsSpec>(client.workload)) continue;
    const std::vector<ClientTransfer> all = transfers_of(client);
    const auto is_limited = [&](const ClientTransfer& one) { return has_limit(spec, one.transfer); };
    if (all.empty() || std::any_of(all.begin(), all.end(), is_limited)) continue;
    lines.push_back(
        fmt::format("client.{}.program: its bytes have no effect: nothing on their way has a bandwidth "
                    "(device.link.bandwidth_mb_s, device.memory.bandwidth_mb_s)",
                    client.name));
  }
  return lines;
}

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
    const bool is_of_step = std::holds_alternative<workload::StepsSpec>(spec.clients[i].workload);
    for (const ClientTransfer& one : transfers_of(spec.clients[i])) {
      check_transfer(clients[i], is_of_step, one, spec, problems);
    }
  }
}

}  // namespace gpusim::scenario
