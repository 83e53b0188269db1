// SPDX-License-Identifier: MIT
#include "sim/hw/gpu.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>

#include <fmt/core.h>

#include "base/invariant.h"
#include "base/prng.h"
#include "sim/hw/engine.h"
#include "sim/hw/pcie_link.h"

namespace gpusim::hw {

std::vector<std::size_t> construction_sequence(std::size_t count, std::uint64_t order) {
  std::vector<std::size_t> sequence(count);
  std::iota(sequence.begin(), sequence.end(), std::size_t{0});
  if (order == 1) std::reverse(sequence.begin(), sequence.end());
  if (order > 1) {
    Prng random{order, "construction order"};
    for (std::size_t i = count; i > 1; --i) std::swap(sequence[i - 1], sequence[random.uniform(0, i - 1)]);
  }
  return sequence;
}

std::string engine_class_name(abi::EngineClass engine_class) {
  return abi::kEngineClassNames[static_cast<std::size_t>(engine_class)];
}

std::string engine_name(const abi::EngineDescriptor& engine) {
  return engine_class_name(engine.engine_class) + std::to_string(engine.instance);
}

namespace {

/// What the plug-in makes. Violates "plug_in" if that is nothing.
template <class Make, class Parts>
[[nodiscard]] auto made(const Module<Make>& module, const std::string& name, const Parts& parts) {
  auto result = module.make(name.c_str(), parts);
  if (!result) violate("plug_in", fmt::format("the plug-in's module {} has made no {}", module.name, name));
  return result;
}

[[nodiscard]] std::unique_ptr<LinkModule> make_link(const LinkParts& parts, const Module<MakeLink>& module) {
  if (module.make != nullptr) return made(module, "link", parts);
  return std::make_unique<PcieLink>("link", parts.timeline, parts.recorder, parts.ledger, parts.spec);
}

[[nodiscard]] std::unique_ptr<EngineModule> make_engine(const EngineParts& parts) {
  const abi::EngineDescriptor& engine = parts.device.descriptor.engines[parts.index];
  const Module<MakeEngine>& module = parts.device.modules.engines[static_cast<std::size_t>(engine.engine_class)];
  const std::string name = engine_name(engine);
  if (module.make != nullptr) return made(module, name, parts);
  return std::make_unique<Engine>(name.c_str(), parts.timeline, parts.recorder, parts.ledger, parts.device, parts.index,
                                  parts.faults);
}

}  // namespace

Gpu::Gpu(sc_core::sc_module_name name, Timeline& timeline, trace::Recorder& recorder, CostLedger& ledger,
         const DeviceSpec& spec, fault::Injector& faults, std::uint64_t construction_order, Wiring& wiring)
    : sc_core::sc_module{name}, wiring_{wiring}, contexts_(spec.descriptor.max_queues + 1), transfers_{timeline, spec} {
  engines_.resize(spec.descriptor.engine_count);
  std::vector<std::function<void()>> parts{
      [&] { link_ = make_link({timeline, recorder, ledger, spec.link}, spec.modules.link); },
      [&] {
        if (spec.modules.memory.make == nullptr) return;
        memory_ = made(spec.modules.memory, "memory", MemoryParts{timeline});
        timed_memory_ = std::make_unique<TimedMemory>("timed_memory", timeline);
      },
      [&] { doorbells_ = std::make_unique<DoorbellUnit>("doorbells", timeline, ledger, spec, faults); },
      [&] { firmware_ = std::make_unique<FirmwareProcessor>("firmware", timeline, recorder, ledger, spec, faults); },
      [&] {
        interrupts_ =
            std::make_unique<InterruptUnit>("interrupts", timeline, recorder, ledger, spec.interrupts, faults);
      },
  };
  for (std::uint32_t i = 0; i < spec.descriptor.engine_count; ++i) {
    parts.emplace_back([&, i] { engines_[i] = make_engine({timeline, recorder, ledger, spec, i, faults}); });
  }
  for (const std::size_t part : construction_sequence(parts.size(), construction_order)) parts[part]();

  doorbells_->reset_device = [this] { reset(); };
  doorbells_->tag_of = [this](std::uint32_t queue) { return firmware_->tag_of(queue); };
  link_->bind_faults(faults);
  link_->bind_transfers(transfers_);
  for (const auto& engine : engines_) {
    engine->bind_contexts(contexts_);
    engine->bind_transfers(transfers_);
  }

  wiring.connect(link_->device_out(), doorbells_->from_link);
  wiring.connect(doorbells_->to_firmware(), firmware_->from_device);
  wiring.connect(firmware_->to_link(), link_->device_side());
  wiring.connect(firmware_->to_interrupts(), interrupts_->from_device);
  wiring.connect(interrupts_->to_link(), link_->device_side());
  for (std::uint32_t i = 0; i < engines_.size(); ++i) {
    EngineModule& engine = *engines_[i];
    wiring.connect(firmware_->to_engine(i), engine.from_device);
    wiring.connect(doorbells_->to_engine(i), engine.from_device);
    wiring.connect(engine.to_firmware(), firmware_->from_device);
    wiring.connect(engine.to_interrupts(), interrupts_->from_device);
    wiring.connect(engine.to_link(), link_->device_side());
  }
}

void Gpu::connect(RootComplex& root_complex) {
  wiring_.connect(root_complex.to_link(), link_->host_side());
  if (timed_memory_) {
    wiring_.connect(link_->host_out(), timed_memory_->from_link);
    wiring_.connect(timed_memory_->to_host, root_complex.from_link);
    wiring_.connect(timed_memory_->to_module, memory_->socket());
  } else {
    wiring_.connect(link_->host_out(), root_complex.from_link);
  }
  for (std::uint32_t i = 0; i < engines_.size(); ++i) {
    wiring_.connect(engines_[i]->to_memory(), root_complex.from_device);
    wiring_.connect(root_complex.to_engine(i), engines_[i]->from_device);
  }
  wiring_.connect(firmware_->to_memory(), root_complex.from_device);
  wiring_.connect(root_complex.to_firmware(), firmware_->from_device);
}

void Gpu::reset() {
  for (const auto& engine : engines_) engine->reset(QueueId{});
  firmware_->reset();
  interrupts_->reset();
  // What was saved lies in memory and survives; which of it is used again is the driver's choice.
  for (ContextImage& context : contexts_) context.last_engine = fw::kNoEngine;
}

bool Gpu::is_at_work() const {
  return std::any_of(engines_.begin(), engines_.end(), [](const auto& engine) { return engine->is_at_work(); });
}

void Gpu::unplug() {
  link_->cut();
  reset();
}

}  // namespace gpusim::hw
