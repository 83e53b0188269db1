// SPDX-License-Identifier: MIT
// Bytes that engines move, between host memory and the device's own, or within that: over the link, whose two
// directions have a bandwidth each, and through the device's memory. Transfers under way at a time share these by
// max-min fairness: nobody gets more as long as it costs somebody who has less. What each gets changes only when one
// begins or ends, and is computed then, with the moments at which all others will end; nothing is ticked.
//
// Amounts are exact: a rate in bytes a second, times picoseconds, is an amount in picobytes. A share is rounded down to
// whole bytes a second, an end up to the next picosecond.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/time.h"
#include "base/timeline.h"
#include "base/wide.h"

namespace gpusim::hw {

struct DeviceSpec;
struct LinkSpec;

/// 10^-12 bytes.
using Picobytes = Wide;
inline constexpr Wide kPicobytesPerByte = 1'000'000'000'000;
/// Begun ones count.
[[nodiscard]] constexpr std::uint64_t whole_bytes(Picobytes amount) {
  return static_cast<std::uint64_t>((amount + kPicobytesPerByte - 1) / kPicobytesPerByte);
}

enum class LinkWay : std::uint8_t { down, up };

/// What is left of the link's bandwidth, each way, for what packets carry; in bytes a second. 0: without limit.
[[nodiscard]] std::uint64_t payload_bandwidth(const LinkSpec& link);

/// Transfers in one direction of the link.
struct LinkTraffic {
  std::uint64_t flows = 0;  ///< under way
  std::uint64_t rate = 0;   ///< of all together, in bytes a second
  Picobytes moved = 0;      ///< since one has begun while there was no other
};

/// How often each byte of a transfer passes.
struct TransferPath {
  std::uint8_t down = 0;    ///< the link, from the host
  std::uint8_t up = 0;      ///< the link, to the host
  std::uint8_t memory = 0;  ///< the device's memory: read or written

  [[nodiscard]] static constexpr TransferPath between(bool from_host, bool to_host) {
    TransferPath path;
    path.down = from_host ? 1 : 0;
    path.up = to_host ? 1 : 0;
    path.memory = static_cast<std::uint8_t>((from_host ? 0 : 1) + (to_host ? 0 : 1));
    return path;
  }
  /// Of a queue's context, saved or restored.
  [[nodiscard]] static constexpr TransferPath of_context() { return {.down = 0, .up = 0, .memory = 1}; }
};

/// One for all engines of a device; each has one transfer at a time.
class Transfers {
 public:
  Transfers(Timeline& timeline, const DeviceSpec& device);
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  /// Once for each engine, before the run. `on_end`: its transfer is over; called in Phase::engine.
  void bind(std::uint32_t engine, Timeline::Component component, std::function<void()> on_end);

  /// Something on that path has a bandwidth. If not, bytes are moved in no time, and there is no transfer to begin.
  [[nodiscard]] bool limits(const TransferPath& path) const;
  /// Violates "transfer" if the engine has one, or if nothing limits it.
  void begin(std::uint32_t engine, const TransferPath& path, Picobytes amount);
  /// Ends it before its time; what is left of it. 0: the engine has none.
  Picobytes stop(std::uint32_t engine);
  [[nodiscard]] bool is_active(std::uint32_t engine) const { return flows_[engine].is_active; }
  /// Its share at the moment, in bytes a second; 0: the engine has none.
  [[nodiscard]] std::uint64_t rate(std::uint32_t engine) const { return flows_[engine].rate; }
  /// At a time from now on, if none begins or ends until then.
  [[nodiscard]] LinkTraffic traffic(LinkWay way, SimTime when) const;

 private:
  static constexpr std::size_t kResources = 3;
  using PerResource = std::array<std::uint64_t, kResources>;
  struct Flow {
    Timeline::Component component;
    std::function<void()> on_end;
    bool is_active = false;
    PerResource weights{};
    Picobytes left = 0;      ///< at since_
    std::uint64_t rate = 0;  ///< from then on
    Timeline::Handle end;
  };

  [[nodiscard]] bool is_used(std::size_t resource) const;
  void settle();
  void share();
  void plan_end(Flow& flow, std::uint32_t engine, std::uint64_t former_rate);
  void on_end(std::uint64_t engine);

  Timeline& timeline_;
  PerResource bandwidths_;                     ///< bytes a second; 0: without limit
  std::array<Picobytes, kResources> moved_{};  ///< until since_: LinkTraffic::moved
  std::vector<Flow> flows_;                    // by engine
  SimTime since_{};
};

}  // namespace gpusim::hw
