// SPDX-License-Identifier: MIT
#include "traces/folds/device_wait.h"

#include <bit>

#include "base/grown.h"

namespace gpusim::trace {
namespace {

constexpr std::size_t kFirmware = 0;
constexpr std::size_t kEngineBusy = 1;
constexpr std::size_t kContextSwitch = 2;
constexpr std::size_t kRunList = 3;
constexpr std::size_t kRecovery = 4;
constexpr std::size_t kRingWait = 5;

}  // namespace

void DeviceWait::create_queue(std::uint32_t queue, std::uint64_t mask, SimTime now) {
  const std::uint32_t group = group_of(mask);
  Queue& state = grown(queues_, queue);
  bring_up_to_date(state, now);
  state.group = group;
  state.seen = clock_of(state).at(now);
}

void DeviceWait::set_slot(std::uint32_t queue, bool holds, SimTime now) {
  change(queue, &Queue::holds_slot, holds, now);
}
void DeviceWait::set_recovering(std::uint32_t queue, bool recovering, SimTime now) {
  change(queue, &Queue::recovering, recovering, now);
}
void DeviceWait::set_waiting(std::uint32_t queue, bool waits, SimTime now) { change(queue, &Queue::waits, waits, now); }

void DeviceWait::change(std::uint32_t queue, bool Queue::* what, bool value, SimTime now) {
  Queue& state = grown(queues_, queue);
  if (state.*what == value) return;
  bring_up_to_date(state, now);
  state.*what = value;
  state.seen = clock_of(state).at(now);
}

void DeviceWait::assign(std::uint32_t engine, std::uint32_t queue, SimTime now) {
  if (grown(engines_, engine).queue != 0) release(engine, now);
  Engine& taken = engines_[engine];
  taken.queue = queue;
  engine_changed(taken, now);
  Queue& state = grown(queues_, queue);
  bring_up_to_date(state, now);
  state.engine = engine;
  state.seen = taken.clock.at(now);
}

void DeviceWait::release(std::uint32_t engine, SimTime now) {
  Engine& left = grown(engines_, engine);
  if (left.queue != 0) {
    Queue& state = queues_[left.queue];
    if (state.engine == engine) {
      bring_up_to_date(state, now);
      state.engine = kNoEngine;
      state.seen = clock_of(state).at(now);
    }
  }
  left.queue = 0;
  left.jobs = 0;
  left.switching = false;
  engine_changed(left, now);
}

void DeviceWait::set_switching(std::uint32_t engine, bool switching, SimTime now) {
  Engine& state = grown(engines_, engine);
  state.switching = switching;
  engine_changed(state, now);
}

void DeviceWait::begin_job(std::uint32_t engine, SimTime now) {
  Engine& state = grown(engines_, engine);
  ++state.jobs;
  engine_changed(state, now);
}

void DeviceWait::end_job(std::uint32_t engine, SimTime now) {
  Engine& state = grown(engines_, engine);
  if (state.jobs > 0) --state.jobs;
  engine_changed(state, now);
}

const DeviceWait::Reading& DeviceWait::read(std::uint32_t queue, SimTime now) {
  Queue& state = grown(queues_, queue);
  bring_up_to_date(state, now);
  return state.spent;
}

std::vector<DeviceWait::EngineTimes> DeviceWait::engine_times(SimTime now) {
  std::vector<EngineTimes> result;
  for (Engine& engine : engines_) {
    const Clock::Reading& spent = engine.clock.at(now);
    result.push_back({.busy = spent[kEngineBusy], .switching = spent[kContextSwitch], .idle = spent[kFirmware]});
  }
  return result;
}

std::uint32_t DeviceWait::group_of(std::uint64_t mask) {
  for (std::uint32_t index = 0; index < groups_.size(); ++index) {
    if (groups_[index].mask == mask) return index;
  }
  const auto index = static_cast<std::uint32_t>(groups_.size());
  Group group;
  group.mask = mask;
  for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
    Engine& engine = grown(engines_, static_cast<std::uint64_t>(std::countr_zero(rest)));
    engine.groups.push_back(index);
    ++group.engines[static_cast<std::size_t>(engine.use)];
  }
  group.clock = Clock{state_of(group)};
  groups_.push_back(group);
  return index;
}

DeviceWait::Clock& DeviceWait::clock_of(const Queue& queue) {
  return queue.engine == kNoEngine ? groups_[queue.group].clock : engines_[queue.engine].clock;
}

void DeviceWait::bring_up_to_date(Queue& queue, SimTime now) {
  if (queue.since == now) return;
  if (queue.recovering) {
    queue.spent[kRecovery] += now - queue.since;
  } else if (queue.waits) {
    queue.spent[kRingWait] += now - queue.since;
  } else if (queue.holds_slot) {
    const Clock::Reading& reading = clock_of(queue).at(now);
    if (queue.engine != kNoEngine) queue.own_backlog += reading[kEngineBusy] - queue.seen[kEngineBusy];
    for (std::size_t i = 0; i < reading.size(); ++i) queue.spent[i] += reading[i] - queue.seen[i];
    queue.seen = reading;
  } else {
    queue.spent[kRunList] += now - queue.since;
  }
  queue.since = now;
}

void DeviceWait::engine_changed(Engine& engine, SimTime now) {
  Use use = Use::free;
  std::size_t state = kFirmware;
  if (engine.switching) {
    use = Use::switching;
    state = kContextSwitch;
  } else if (engine.jobs > 0) {
    use = Use::active;
    state = kEngineBusy;
  } else if (engine.queue != 0) {
    use = Use::assigned;
  }
  if (use == engine.use) return;
  engine.clock.enter(state, now);
  for (const std::uint32_t index : engine.groups) {
    Group& group = groups_[index];
    --group.engines[static_cast<std::size_t>(engine.use)];
    ++group.engines[static_cast<std::size_t>(use)];
    group.clock.enter(state_of(group), now);
  }
  engine.use = use;
}

std::size_t DeviceWait::state_of(const Group& group) {
  const auto some = [&](Use use) { return group.engines[static_cast<std::size_t>(use)] > 0; };
  if (some(Use::free)) return kFirmware;
  if (some(Use::active)) return kEngineBusy;
  return some(Use::switching) ? kContextSwitch : kFirmware;
}

}  // namespace gpusim::trace
