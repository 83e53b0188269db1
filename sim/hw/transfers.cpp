// SPDX-License-Identifier: MIT
#include "sim/hw/transfers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/invariant.h"
#include "sim/hw/spec.h"

namespace gpusim::hw {

namespace {

constexpr std::uint64_t kBytesPerMegabyte = 1'000'000;

}  // namespace

std::uint64_t payload_bandwidth(const LinkSpec& link) {
  const std::uint64_t all = link.bandwidth_mb_s * kBytesPerMegabyte;
  if (link.packet_bytes == 0) return all;
  const Wide payload = static_cast<Wide>(all) * link.packet_bytes / (link.packet_bytes + link.packet_header_bytes);
  return static_cast<std::uint64_t>(payload);
}

Transfers::Transfers(Timeline& timeline, const DeviceSpec& device)
    : timeline_{timeline},
      bandwidths_{payload_bandwidth(device.link), payload_bandwidth(device.link),
                  device.memory.bandwidth_mb_s * kBytesPerMegabyte},
      flows_(device.descriptor.engine_count) {}

void Transfers::bind(std::uint32_t engine, Timeline::Component component, std::function<void()> on_end) {
  flows_[engine].component = component;
  flows_[engine].on_end = std::move(on_end);
}

bool Transfers::limits(const TransferPath& path) const {
  const PerResource weights{path.down, path.up, path.memory};
  for (std::size_t i = 0; i < kResources; ++i) {
    if (weights[i] != 0 && bandwidths_[i] != 0) return true;
  }
  return false;
}

void Transfers::begin(std::uint32_t engine, const TransferPath& path, Picobytes amount) {
  Flow& flow = flows_[engine];
  if (flow.is_active) violate("transfer", "an engine begins a transfer while it has one");
  if (!limits(path)) violate("transfer", "an engine begins a transfer that nothing limits");
  settle();
  flow.weights = {path.down, path.up, path.memory};
  for (std::size_t r = 0; r < kResources; ++r) {
    if (flow.weights[r] != 0 && !is_used(r)) moved_[r] = 0;
  }
  flow.is_active = true;
  flow.left = amount;
  flow.rate = 0;
  share();
}

Picobytes Transfers::stop(std::uint32_t engine) {
  Flow& flow = flows_[engine];
  if (!flow.is_active) return 0;
  settle();
  timeline_.cancel(flow.end);
  flow.is_active = false;
  flow.rate = 0;
  share();
  return flow.left;
}

void Transfers::on_end(std::uint64_t engine) {
  (void)stop(static_cast<std::uint32_t>(engine));
  flows_[engine].on_end();
}

bool Transfers::is_used(std::size_t resource) const {
  return std::any_of(flows_.begin(), flows_.end(),
                     [resource](const Flow& flow) { return flow.is_active && flow.weights[resource] != 0; });
}

LinkTraffic Transfers::traffic(LinkWay way, SimTime when) const {
  const auto resource = static_cast<std::size_t>(way);
  LinkTraffic traffic{.flows = 0, .rate = 0, .moved = moved_[resource]};
  for (const Flow& flow : flows_) {
    if (!flow.is_active || flow.weights[resource] == 0) continue;
    ++traffic.flows;
    traffic.rate += flow.rate;
  }
  traffic.moved += traffic.rate * static_cast<Wide>((when - since_).count());
  return traffic;
}

/// What has been moved since the shares were last computed.
void Transfers::settle() {
  const auto passed = static_cast<Wide>((timeline_.now() - since_).count());
  since_ = timeline_.now();
  for (Flow& flow : flows_) {
    if (!flow.is_active) continue;
    const Picobytes moved = std::min(flow.left, flow.rate * passed);
    flow.left -= moved;
    for (std::size_t r = 0; r < kResources; ++r) moved_[r] += moved * flow.weights[r];
  }
}

/// Progressive filling: all rates grow alike until something on the path of some of them is full; these stay, the
/// others grow on.
void Transfers::share() {
  std::vector<std::uint64_t> former(flows_.size());
  std::vector<std::uint32_t> open;
  for (std::uint32_t i = 0; i < flows_.size(); ++i) {
    former[i] = flows_[i].rate;
    if (flows_[i].is_active) open.push_back(i);
  }
  PerResource room = bandwidths_;
  while (!open.empty()) {
    std::optional<std::size_t> tightest;
    std::uint64_t level = 0;
    for (std::size_t r = 0; r < kResources; ++r) {
      std::uint64_t weight = 0;
      for (const std::uint32_t i : open) weight += flows_[i].weights[r];
      if (bandwidths_[r] == 0 || weight == 0 || (tightest && room[r] / weight >= level)) continue;
      tightest = r;
      level = room[r] / weight;
    }
    for (const std::uint32_t i : open) {
      if (flows_[i].weights[*tightest] == 0) continue;
      flows_[i].rate = level;
      for (std::size_t r = 0; r < kResources; ++r) room[r] -= bandwidths_[r] == 0 ? 0 : level * flows_[i].weights[r];
    }
    std::erase_if(open, [&](std::uint32_t i) { return flows_[i].weights[*tightest] != 0; });
  }
  for (std::uint32_t i = 0; i < flows_.size(); ++i) {
    if (flows_[i].is_active) plan_end(flows_[i], i, former[i]);
  }
}

void Transfers::plan_end(Flow& flow, std::uint32_t engine, std::uint64_t former_rate) {
  if (flow.rate == former_rate) return;
  timeline_.cancel(flow.end);
  const Wide rest = (flow.left + flow.rate - 1) / flow.rate;
  const auto most = static_cast<Wide>((kEndOfTime - timeline_.now()).count());
  const Picoseconds until_end{static_cast<std::int64_t>(std::min(rest, most))};
  flow.end =
      timeline_.schedule<&Transfers::on_end>(timeline_.now() + until_end, Phase::engine, flow.component, this, engine);
}

}  // namespace gpusim::hw
