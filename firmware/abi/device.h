// SPDX-License-Identifier: MIT
// The contract of host and device, part 1: what the device is (descriptor) and its register map in BAR 0. Included by
// the driver, the firmware and the hardware models; freestanding. Values are ours: this is no vendor's device. It has
// fields for the axes on which vendors differ (docs/reference/firmware.md, "The axes on which they differ").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gpusim::abi {

inline constexpr std::uint32_t kMaxEngines = 16;
inline constexpr std::uint32_t kPriorityLevels = 4;  // 0 is served first

enum class EngineClass : std::uint8_t { render, copy, video, video_enhance, compute };
inline constexpr std::uint32_t kEngineClasses = 5;
/// By EngineClass, as in scenario files and traces.
inline constexpr std::array kEngineClassNames{"rcs", "bcs", "vcs", "vecs", "ccs"};
static_assert(kEngineClassNames.size() == kEngineClasses &&
              static_cast<std::uint32_t>(EngineClass::compute) + 1 == kEngineClasses);

/// How the host says that a queue has work.
enum class SubmitNotify : std::uint8_t {
  doorbell,  ///< one MMIO write to the queue's doorbell register (Mali CSF, MES, NVIDIA in kind)
  message,   ///< a SCHEDULE message in the host-to-firmware buffer, then one MMIO write (xe GuC in kind)
};

/// What the firmware does about a queue that does not leave its engine in the preempt timeout.
enum class PreemptMiss : std::uint8_t {
  reset_engine,  ///< resets the engine, and tells the host whom that has cost its context (xe GuC)
  tell_host,     ///< leaves it where it is: the host resets the device (panthor, whose host suspends the groups)
};

/// Whom a doorbell reaches.
enum class DoorbellRoute : std::uint8_t {
  firmware,  ///< the firmware, whatever the queue does
  direct,    ///< the engine that its queue is on (an HQD of amdgpu, NVIDIA's Host); of others the firmware
};

/// Who decides in the firmware: the policies of firmware/runlist.
enum class RunPolicy : std::uint8_t {
  round_robin,    ///< by level, and in turn within a level
  tick_rotation,  ///< residents change on a tick (panthor for Mali CSF in kind)
  list_walk,      ///< a list of processes and queues in its order (AMD HWS in kind)
  host_slots,     ///< the host says who holds a slot, and in which order (Mali CSF)
};

struct EngineDescriptor {
  EngineClass engine_class;
  std::uint8_t instance;
};

struct DeviceDescriptor {
  std::uint32_t engine_count = 0;
  std::array<EngineDescriptor, kMaxEngines> engines{};
  SubmitNotify notify = SubmitNotify::doorbell;
  std::uint32_t max_queues = 0;          ///< ids are 1..max_queues; each has a doorbell
  std::uint32_t slots = 0;               ///< places that a queue must hold to be picked; 0: unlimited
  std::uint64_t quantum_ps = 0;          ///< time on the engine before the next queue of its level gets it; 0: no limit
  std::uint64_t preempt_timeout_ps = 0;  ///< from the order to give a queue up to what `preempt_miss` says; 0: never
  PreemptMiss preempt_miss = PreemptMiss::reset_engine;
  DoorbellRoute doorbell_route = DoorbellRoute::firmware;
  RunPolicy policy = RunPolicy::round_robin;
  std::uint32_t outer_quantum = 0;         ///< of list_walk, in quanta of quantum_ps, not 0
  std::uint64_t tick_ps = 10'000'000'000;  ///< period of tick_rotation, not 0
  std::uint64_t idle_hysteresis_ps = 0;    ///< host_slots: without work for so long a holder is idle; 0: at once
};

[[nodiscard]] constexpr std::uint32_t engines_of(const DeviceDescriptor& device, EngineClass engine_class) {
  std::uint32_t count = 0;
  for (std::uint32_t e = 0; e < device.engine_count; ++e) count += device.engines[e].engine_class == engine_class;
  return count;
}

// BAR 0. All registers are 32 bits wide; writes are posted.
inline constexpr std::uint64_t kRegVersion = 0x0000;          // read: kDeviceVersion
inline constexpr std::uint64_t kRegStatus = 0x0004;           // read: kStatusReady when the firmware runs, else 0
inline constexpr std::uint64_t kRegReset = 0x0008;            // write: engines, firmware, doorbells start from nothing
inline constexpr std::uint64_t kRegChannelBase = 0x0010;      // write: low half of the channel descriptor's address
inline constexpr std::uint64_t kRegChannelBaseHigh = 0x0014;  // write: high half
inline constexpr std::uint64_t kRegNotify = 0x0020;           // write: the host-to-firmware buffer's tail has moved
inline constexpr std::uint64_t kRegKillWork = 0x0024;         // write: kill_work()
inline constexpr std::uint64_t kDoorbellBase = 0x10000;       // write: the queue's write index, which has moved
inline constexpr std::uint64_t kDoorbellStride = 8;           // per queue id
inline constexpr std::uint32_t kDeviceVersion = 0x67730001;
inline constexpr std::uint32_t kStatusReady = 1;
inline constexpr std::uint32_t kAllOnes = 0xffff'ffff;  // what a read returns when the device is gone

// MSI-X: the vector number is what is written to this address.
inline constexpr std::uint64_t kMsiAddress = 0xfee0'0000;
inline constexpr std::uint32_t kVectorReply = 0;  // a reply is in the firmware-to-host buffer
/// Completions of an engine class have one vector, as xe's user interrupts do.
[[nodiscard]] constexpr std::uint32_t completion_vector(EngineClass engine_class) {
  return 1 + static_cast<std::uint32_t>(engine_class);
}
inline constexpr std::uint32_t kVectors = 1 + kEngineClasses;

[[nodiscard]] constexpr std::uint64_t doorbell_address(std::uint32_t queue) {
  return kDoorbellBase + queue * kDoorbellStride;
}

/// Ends what the engine executes if that is the entry with this fence value, as far as 24 bits tell, and it does not
/// hang (amdgpu: the waves of a VMID).
[[nodiscard]] constexpr std::uint32_t kill_work(std::uint32_t engine, std::uint64_t fence_value) {
  return engine | static_cast<std::uint32_t>(fence_value & 0xff'ffff) << 8;
}
[[nodiscard]] constexpr std::uint32_t killed_engine(std::uint32_t word) { return word & 0xff; }
static_assert(kMaxEngines <= 0xff);

/// The others have a tick: the firmware's or the driver's.
[[nodiscard]] constexpr bool has_quanta(RunPolicy policy) {
  return policy == RunPolicy::round_robin || policy == RunPolicy::list_walk;
}

/// Whose slots the host gives, has to leave its engine in the time that the host waits for an answer.
[[nodiscard]] constexpr bool has_preempt_timeout(const DeviceDescriptor& device) {
  return device.preempt_timeout_ps != 0 && device.policy != RunPolicy::host_slots;
}

/// Whether a doorbell reaches the engine that its queue is on, and not the firmware.
[[nodiscard]] constexpr bool rings_engines(const DeviceDescriptor& device) {
  return device.notify == SubmitNotify::doorbell && device.doorbell_route == DoorbellRoute::direct;
}

static_assert(kRegKillWork < kDoorbellBase && kDoorbellBase % 4096 == 0);

}  // namespace gpusim::abi
