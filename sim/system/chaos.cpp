// SPDX-License-Identifier: MIT
#include "sim/system/chaos.h"

#include <array>
#include <string>

#include "os/sync.h"

namespace gpusim::system {
namespace {

using Act = os::Task<> (*)(os::Context& ctx, drv::Driver& driver, QueueId queue);

struct ChaosKind {
  ChoicePlace place;
  Act act;       // nullptr: the driver cannot do it yet
  bool enabled;  // false: the driver is known not to survive it yet
};

os::Task<> close_queue(os::Context& ctx, drv::Driver& driver, QueueId queue) { return driver.close_queue(ctx, queue); }

constexpr std::array kKinds{
    ChaosKind{"close_queue", &close_queue, false},  // exec() holds no reference on the queue while it sleeps
    ChaosKind{"kill_queue", nullptr, false},
    ChaosKind{"reset_device", nullptr, false},
    ChaosKind{"unplug_device", nullptr, false},
};

// The moment: a slice of the undisturbed run, and a place in it.
constexpr std::uint32_t kSlices = 256;
constexpr std::uint32_t kOffsets = 1'000;
constexpr ChoicePlace kOffset{"strike_offset"};
constexpr ChoicePlace kTarget{"strike_target"};

}  // namespace

struct Chaos::Strike {
  std::uint32_t number;  // of the kind, from 1
  SimTime when;
  Act act;
  drv::Driver* driver;
  ChoiceSource* choices;
};

Chaos::Chaos(os::Host& host, drv::Driver& driver, Exploration& exploration) {
  ChoiceSource& choices = exploration.choices;
  for (std::uint32_t i = 0; i < kKinds.size(); ++i) {
    const ChaosKind& kind = kKinds[i];
    if (kind.act == nullptr || !kind.enabled) continue;
    const std::uint32_t slice = choices.choose(ChoiceKind::fault, kind.place, kSlices + 1);
    if (slice == 0) continue;
    const std::uint32_t offset = choices.choose(ChoiceKind::detail, kOffset.of(i + 1), kOffsets);
    const Picoseconds width = exploration.active / kSlices;
    const SimTime when{width * (slice - 1) + width / kOffsets * offset};
    const Strike next{i + 1, when, kind.act, &driver, &choices};
    host.spawn(std::string{"chaos_"} + kind.place.name(), os::ContextKind::task, os::SchedClass::normal, Cost{},
               [next](os::Context& ctx) { return strike(ctx, next); });
  }
}

os::Task<> Chaos::strike(os::Context& ctx, Strike strike) {
  co_await os::sleep_until(ctx, strike.when);
  const auto queues = static_cast<std::uint32_t>(ctx.host().names().queues.size()) - 1;
  if (queues == 0) co_return;
  const std::uint32_t which = strike.choices->choose(ChoiceKind::detail, kTarget.of(strike.number), queues);
  co_await strike.act(ctx, *strike.driver, QueueId{which + 1});
}

}  // namespace gpusim::system
