// SPDX-License-Identifier: MIT
// What a client's thread gets, and the entry point of every kind of workload. Clients know only the driver's uapi and
// their own random streams.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/errno.h"
#include "base/ids.h"
#include "base/prng.h"
#include "firmware/abi/device.h"
#include "host_driver/uapi.h"
#include "os/context.h"
#include "os/task.h"
#include "sim/workload/spec.h"

namespace gpusim::workload {

class Process;
class SharedObjects;
class SharedSets;  // the buffers of a wsim's shared working sets (W.), one for all clones of a client
struct Screen;
struct Surface;

struct ClientEnvironment {
  ClientId id;
  std::string name;        ///< of this clone; queues are called "<name>.<...>"
  std::uint64_t seed = 1;  ///< of the run
  QueueTraits queues;
  drv::Uapi* uapi = nullptr;
  const abi::DeviceDescriptor* device = nullptr;
  std::string client_name;  ///< of the [[client]] entry, without the clone's number
  std::uint32_t clone = 0;
  std::shared_ptr<SharedSets> shared;  ///< the same for all clones, and for clients that name the same
  SharedObjects* objects = nullptr;    ///< the same for all clients
  Screen* screen = nullptr;            ///< of a compositor and its renderers
  Surface* surface = nullptr;          ///< of a renderer
  Process* process = nullptr;          ///< of a client that the scenario kills; then `uapi` is the same
};

/// How a client's workload ended; what its cycles are, cycles_of() says.
struct ClientEnd {
  Errno error = Errno::ok;  ///< of the ioctl that made it give up
  std::uint64_t left = 0;   ///< cycles that were not submitted in full
};

/// Made once per [[client]] entry, before its clones start.
[[nodiscard]] std::shared_ptr<SharedSets> make_shared_sets(const WorkloadSpec& workload);

/// The body of a client's thread: runs the workload to its end, waits for its jobs, closes its queues; or ends as a
/// killed process does. It begins at `start`. `spec` and `environment` outlive the task.
[[nodiscard]] os::Task<> run_client(os::Context& ctx, const ClientSpec& spec, const ClientEnvironment& environment);

/// Mask of the engines that a choice allows on this device; 0: there is none.
[[nodiscard]] std::uint32_t engine_mask(const abi::DeviceDescriptor& device, const EngineChoice& choice);

}  // namespace gpusim::workload
