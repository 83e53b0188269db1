// SPDX-License-Identifier: MIT
// A device and a submission component's queue that do nothing by themselves, for tests of the driver.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "base/timeline.h"
#include "host_driver/device_access.h"
#include "scheduler/submission.h"

namespace gpusim::test {

/// Memory without store buffers; reads of registers are answered at once, from a map of one value.
class FakeDevice final : public drv::DeviceAccess {
 public:
  explicit FakeDevice(Timeline& timeline) : timeline_{timeline}, component_{timeline.add_component("device")} {}
  void mmio_write32(std::uint64_t, std::uint32_t, const trace::Event*) override {}
  void mmio_read32(std::uint64_t, drv::ReadCompletion& completion) override {
    completion_ = &completion;
    timeline_.schedule<&FakeDevice::answer>(timeline_.now() + ns(1), Phase::transfer, component_, this);
  }
  std::uint64_t allocate(std::size_t bytes) override {
    const std::uint64_t address = memory_.size();
    memory_.resize(memory_.size() + bytes);
    return address;
  }
  void free(std::uint64_t, std::size_t) override {}
  void store(std::uint16_t, std::uint64_t address, std::span<const std::byte> bytes) override {
    std::memcpy(memory_.data() + address, bytes.data(), bytes.size());
  }
  void load(std::uint64_t address, std::span<std::byte> bytes) override {
    std::memcpy(bytes.data(), memory_.data() + address, bytes.size());
  }
  void barrier(std::uint16_t) override {}

 private:
  void answer() { completion_->on_read_complete(abi::kDeviceVersion); }

  Timeline& timeline_;
  Timeline::Component component_;
  drv::ReadCompletion* completion_ = nullptr;
  std::vector<std::byte> memory_;
};

class FakeQueue final : public sched::SubmissionQueue {
 public:
  Result<sched::Job*> prepare(os::Context&, const sched::JobSpec&) override {
    ++prepared;
    return Errno::nomem;
  }
  Errno add_dependency(os::Context&, sched::Job&, sched::FenceRef) override { return Errno::ok; }
  void arm(os::Context&, sched::Job&) override {}
  sched::FenceRef finished_fence(sched::Job&) override { return {}; }
  os::Task<> push(os::Context&, sched::Job&) override { co_return; }
  void put_job(os::Context&, sched::Job&) override {}
  void kill(os::Context&, Errno error) override { kills.push_back(error); }
  os::Task<> close(os::Context&) override {
    ++closed;
    co_return;
  }
  sched::SubmissionDomain& domain() override { violate("fake", "nobody asks for the domain"); }
  std::uint64_t fence_context() const override { return 0; }
  std::string describe_head() const override { return {}; }
  const sched::Fence* head_dependency() const override { return nullptr; }

  int prepared = 0;
  int closed = 0;
  std::vector<Errno> kills;
};

}  // namespace gpusim::test
