// SPDX-License-Identifier: MIT
#include "sim/system/idle_module.h"

namespace gpusim::system {
namespace {
constexpr SimTime kUntil = at(ms(1));
constexpr Picoseconds kPeriod = ns(1'000);  // round, to coincide with as many other events as possible
}  // namespace

IdleModule::IdleModule(sc_core::sc_module_name name, Timeline& timeline)
    : sc_core::sc_module{name}, timeline_{timeline}, component_{timeline.add_component(this->name())} {
  SC_HAS_PROCESS(IdleModule);
  SC_METHOD(on_kernel_event);
  sensitive << event_;
  on_timeline_entry();
}

void IdleModule::on_kernel_event() {
  const auto now = sc_core::sc_time_stamp().value();
  if (now < static_cast<sc_dt::uint64>(to_ps(kUntil))) {
    event_.notify(sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(kPeriod.count())));
  }
}

void IdleModule::on_timeline_entry() {
  if (timeline_.now() < kUntil) {
    timeline_.schedule<&IdleModule::on_timeline_entry>(timeline_.now() + kPeriod, Phase::transfer, component_, this);
  }
}

}  // namespace gpusim::system
