// SPDX-License-Identifier: MIT
// What of a scenario has to do with bytes that jobs move (docs/bytes.md).
#pragma once

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "sim/scenario/problem.h"
#include "sim/scenario/settings.h"
#include "sim/scenario/spec.h"

namespace gpusim::scenario {

[[nodiscard]] inline bool uses_link(const workload::TransferSpec& transfer) {
  return transfer.from == workload::MemoryPlace::host || transfer.to == workload::MemoryPlace::host;
}

/// Something on its way has a bandwidth.
[[nodiscard]] inline bool has_limit(const ScenarioSpec& spec, const workload::TransferSpec& transfer) {
  const bool in_link = spec.device.link.bandwidth_mb_s != 0 && uses_link(transfer);
  return in_link || spec.device.memory.bandwidth_mb_s != 0;
}

/// What jobs of a client move, and on which engines.
struct ClientTransfer {
  workload::TransferSpec transfer;
  abi::EngineClass engine_class;
};
/// Those that move something.
[[nodiscard]] std::vector<ClientTransfer> transfers_of(const workload::ClientSpec& client);

/// Jobs of some client move bytes, for which `condition` holds.
template <class Condition>
[[nodiscard]] bool any_transfer(const ScenarioSpec& spec, Condition condition) {
  return std::any_of(spec.clients.begin(), spec.clients.end(), [&](const workload::ClientSpec& client) {
    const std::vector<ClientTransfer> transfers = transfers_of(client);
    return std::any_of(transfers.begin(), transfers.end(),
                       [&](const ClientTransfer& one) { return condition(one.transfer); });
  });
}

/// A line for each client whose steps move bytes that nothing limits.
[[nodiscard]] std::vector<std::string> transfer_notices(const ScenarioSpec& spec);

/// Ends, engines and links that do not go with bytes.
void check_transfers(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems);

}  // namespace gpusim::scenario
