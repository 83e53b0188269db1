// SPDX-License-Identifier: MIT
// Names behind the numbers of a trace: queues, clients, threads, engines, vectors. Filled while the machine is built
// and when queues and threads come into being; read by sinks, oracles' messages and the summary. Not part of the trace
// hash.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gpusim::trace {

/// Whose a ring of the kernel is.
inline constexpr std::uint32_t kKernelClient = 0xffff'ffff;

struct QueueName {
  std::string name;          ///< unique: "<client>.<context>.<engine or class>"
  std::uint32_t client = 0;  ///< index into Names::clients
  std::uint32_t engine_mask = 0;
};

struct EngineName {
  std::string name;        ///< "rcs0"
  std::string class_name;  ///< "rcs"
};

struct Names {
  std::string device = "gpu0";
  std::vector<std::string> clients;          ///< by client number
  std::vector<QueueName> queues;             ///< by QueueId; [0] unused
  std::vector<std::string> threads;          ///< by thread number; [0] is "<idle>"
  std::vector<EngineName> engines;           ///< by engine index
  std::vector<std::string> vectors;          ///< by MSI-X vector
  std::vector<std::string> works;            ///< by kind of work
  std::vector<std::string> firmware_events;  ///< by firmware event
  std::vector<std::string> messages;         ///< by message action
  std::vector<std::string> refusals;         ///< by the firmware's reason
  std::vector<std::string> verdicts;         ///< by verdict of a job's timeout
  std::vector<std::string> faults;           ///< by kind of fault
  std::uint32_t cpus = 0;

  [[nodiscard]] static const std::string& of(const std::vector<std::string>& names, std::uint64_t number) {
    static const std::string kUnknown = "?";
    return number < names.size() ? names[number] : kUnknown;
  }
};

}  // namespace gpusim::trace
