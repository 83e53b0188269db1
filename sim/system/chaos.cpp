// SPDX-License-Identifier: MIT
#include "sim/system/chaos.h"

#include <array>
#include <string>

#include "os/sync.h"

namespace gpusim::system {
namespace {

/// What a strike can hit.
struct Reach {
  drv::Driver* driver;
  hw::Gpu* gpu;
};
using Act = os::Task<> (*)(os::Context& ctx, const Reach& reach, QueueId queue);

struct ChaosKind {
  ChoicePlace place;
  Act act;
  bool is_of_user_queues = false;
};

os::Task<> close_queue(os::Context& ctx, const Reach& reach, QueueId queue) {
  return reach.driver->close_queue(ctx, queue);
}

os::Task<> kill_queue(os::Context& ctx, const Reach& reach, QueueId queue) {
  return reach.driver->kill_queue(ctx, queue);
}

os::Task<> reset_device(os::Context& ctx, const Reach& reach, QueueId) {
  reach.driver->request_reset(ctx, drv::ResetReason::requested);
  co_await ctx.step();
}

os::Task<> unplug_device(os::Context& ctx, const Reach& reach, QueueId) {
  reach.gpu->unplug();
  reach.driver->device_gone(ctx);
  co_await ctx.step();
}

os::Task<> evict_queues(os::Context& ctx, const Reach& reach, QueueId queue) {
  reach.driver->evict(ctx, ClientId{ctx.host().names().queues[queue.value()].client});
  co_await ctx.step();
}

constexpr std::array kKinds{
    ChaosKind{"close_queue", &close_queue},         ChaosKind{"kill_queue", &kill_queue},
    ChaosKind{"reset_device", &reset_device},       ChaosKind{"unplug_device", &unplug_device},
    ChaosKind{"evict_queues", &evict_queues, true},
};

// The moment: a slice of the undisturbed run, and an offset in it.
constexpr std::uint32_t kSlices = 256;
constexpr std::uint32_t kOffsets = 1'000;
constexpr ChoicePlace kOffset{"strike_offset"};
constexpr ChoicePlace kTarget{"strike_target"};

}  // namespace

struct Chaos::Strike {
  std::uint32_t number;  // of the kind, from 1
  SimTime when;
  Act act;
  Reach reach;
  ChoiceSource* choices;
};

Chaos::Chaos(os::Host& host, drv::Driver& driver, hw::Gpu& gpu, Exploration& exploration) {
  ChoiceSource& choices = exploration.choices;
  for (std::uint32_t i = 0; i < kKinds.size(); ++i) {
    const ChaosKind& kind = kKinds[i];
    if (kind.is_of_user_queues && !driver.has_user_queues()) continue;
    const std::uint32_t slice = choices.choose(ChoiceKind::fault, kind.place, kSlices + 1);
    if (slice == 0) continue;
    const std::uint32_t offset = choices.choose(ChoiceKind::detail, kOffset.of(i + 1), kOffsets);
    const Picoseconds width = exploration.active / kSlices;
    const SimTime when{width * (slice - 1) + width / kOffsets * offset};
    const Strike next{i + 1, when, kind.act, {&driver, &gpu}, &choices};
    host.spawn(std::string{"chaos_"} + kind.place.name(), os::ContextKind::task, os::SchedClass::normal, Cost{},
               [next](os::Context& ctx) { return strike(ctx, next); });
  }
}

os::Task<> Chaos::strike(os::Context& ctx, Strike strike) {
  co_await os::sleep_until(ctx, strike.when);
  const auto queues = static_cast<std::uint32_t>(ctx.host().names().queues.size()) - 1;
  if (queues == 0) co_return;
  const std::uint32_t which = strike.choices->choose(ChoiceKind::detail, kTarget.of(strike.number), queues);
  co_await strike.act(ctx, strike.reach, QueueId{which + 1});
}

}  // namespace gpusim::system
