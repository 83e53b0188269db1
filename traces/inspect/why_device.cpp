// SPDX-License-Identifier: MIT
// From the doorbell on.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "traces/inspect/strikes.h"
#include "traces/inspect/why.h"
#include "traces/inspect/words.h"

namespace gpusim::trace {

std::string WhyChain::engine_text(std::uint32_t engine) const {
  return engine < recording_.names.engines.size() ? recording_.names.engines[engine].name : "an engine";
}

std::string WhyChain::firmware_text() const {
  const FirmwareStanding& firmware = standing_.firmware();
  switch (firmware.state) {
    case FirmwareStanding::State::asleep:
      return "the firmware is asleep";
    case FirmwareStanding::State::waking:
      return "the firmware wakes since " + exact(firmware.since);
    case FirmwareStanding::State::serving:
      break;
  }
  const std::string of = firmware.queue.value() == 0 ? "" : " of " + index_.queue_name(firmware.queue);
  return fmt::format("the firmware is at {}{} since {}", Names::of(recording_.names.firmware_events, firmware.event),
                     of, exact(firmware.since));
}

/// In the words of the stall report.
void WhyChain::on_device(const JobFacts& facts) {
  std::string where;
  bool is_under_way = false;
  for (const Milestones::OnDevice& one :
       standing_.milestones().on_device(recording_.names, static_cast<std::string (*)(SimTime)>(&exact))) {
    if (one.job != facts.id) continue;
    where = one.where;
    is_under_way = !where.starts_with("it has ended");
  }
  say(fmt::format("{}: {}{}", who(facts), where, trouble_text(standing_.queue(facts.queue))));
  if (is_under_way) say(firmware_text());
}

void WhyChain::strikes(const JobFacts& facts, const Milestones::Place& place) {
  for (std::string& text : strikes_on(recording_, facts, place, standing_.at())) {
    if (std::find(why_.chain.begin(), why_.chain.end(), text) == why_.chain.end()) say(std::move(text));
  }
}

void WhyChain::awaits_engine(const JobFacts& facts) {
  const QueueStanding& queue = standing_.queue(facts.queue);
  const std::string& name = index_.queue_name(facts.queue);
  if (!queue.handed.empty() && queue.handed.front() != facts.id && queue.engine) {
    say(fmt::format("{} is in the ring of {}, which has {}, behind {}{}", who(facts), name, engine_text(*queue.engine),
                    list({queue.handed.begin(), std::find(queue.handed.begin(), queue.handed.end(), facts.id)}),
                    trouble_text(queue)));
    return job(queue.handed.front());
  }
  say(fmt::format("{} is in the ring of {}, at level {}, and no engine has fetched it{}", who(facts), name, queue.level,
                  trouble_text(queue)));
  if (!queue.is_known) return say("the firmware has forgotten the queue");
  if (queue.ring_wait) return waits_in_ring(queue);
  if (!queue.has_slot) return lacks_slot(facts, queue);
  if (!queue.engine) return engines(facts);
  const EngineStanding& engine = standing_.engine(*queue.engine);
  const char* doing = engine.doing == EngineStanding::Doing::restoring ? "restores its context"
                      : engine.doing == EngineStanding::Doing::saving  ? "saves a context"
                                                                       : "has just been given to it";
  say(fmt::format("{} {} since {}", engine_text(*queue.engine), doing, exact(engine.since)));
}

void WhyChain::waits_in_ring(const QueueStanding& queue) {
  const std::string begin = "its queue waits in its ring since " + exact(*queue.ring_wait);
  for (const JobId waiter : queue.handed) {
    for (const FenceName& name : standing_.native_waits(waiter)) {
      const FenceFacts* fence = index_.fence(name);
      if (fence == nullptr || fence->job.value() == 0) continue;
      const auto place = standing_.milestones().place_of(fence->job);
      if (!place || place->stage >= Milestones::Stage::visible) continue;
      say(fmt::format("{}: {} waits for the fence value of {}", begin, index_.text(waiter), index_.text(fence->job)));
      return job(fence->job);
    }
  }
  say(begin + ": the firmware has not seen the value that it waits for");
  say(firmware_text());
}

void WhyChain::lacks_slot(const JobFacts& facts, const QueueStanding& queue) {
  std::string holders;
  for (std::uint32_t i = 1; i < standing_.queue_count(); ++i) {
    const QueueStanding& other = standing_.queue(QueueId{i});
    if (!other.has_slot || !other.is_known || QueueId{i} == facts.queue) continue;
    const std::string place = other.engine           ? " on " + engine_text(*other.engine)
                              : other.handed.empty() ? " idle"
                                                     : " waiting";
    holders += fmt::format("{}{} (level {},{})", holders.empty() ? "" : ", ", index_.queue_name(QueueId{i}),
                           other.level, place);
  }
  say(fmt::format("its queue holds no slot, and {}", holders.empty() ? "no other does" : "these do: " + holders));
  static_cast<void>(queue);
  engines(facts);
}

std::string WhyChain::level_text(QueueId holder, QueueId asker) const {
  const std::uint64_t of_holder = standing_.queue(holder).level;
  const std::uint64_t of_asker = standing_.queue(asker).level;
  if (of_holder == of_asker) return fmt::format("level {}, the same", of_holder);
  return fmt::format("level {}, a {} one", of_holder, of_holder < of_asker ? "higher" : "lower");
}

std::string WhyChain::quantum_text(const EngineStanding& engine) const {
  const std::uint32_t client = index_.client_of(engine.queue);
  if (!engine.loaded || client >= options_.quanta.size() || options_.quanta[client].count() == 0) return {};
  const SimTime end = (options_.quantum_charges_switch ? engine.assigned : *engine.loaded) + options_.quanta[client];
  return end > standing_.at() ? fmt::format("; {} of its quantum are left", exact(end - standing_.at()))
                              : "; its quantum is over since " + exact(end);
}

/// What each engine does that its queue may use.
void WhyChain::engines(const JobFacts& facts) {
  why_.waiter = facts.queue;
  why_.passed_over = standing_.queue(facts.queue).passed_over;
  const std::uint64_t mask = standing_.queue(facts.queue).engine_mask;
  bool any_idle = false;
  for (std::uint32_t number = 0; number < standing_.engine_count(); ++number) {
    if ((mask >> number & 1) == 0) continue;
    const EngineStanding& engine = standing_.engine(number);
    if (engine.queue.value() == 0) {
      any_idle = true;
      say(fmt::format("{} is idle", engine_text(number)));
      continue;
    }
    std::string doing = "has nothing to do";
    if (engine.doing == EngineStanding::Doing::restoring) doing = "restores that queue's context";
    if (engine.doing == EngineStanding::Doing::saving) doing = "saves that queue's context";
    if (engine.doing == EngineStanding::Doing::working) doing = "works for " + index_.text(engine.job);
    say(fmt::format("{} is given to queue {} ({}) since {}, and {} since {}{}", engine_text(number),
                    index_.queue_name(engine.queue), level_text(engine.queue, facts.queue), exact(engine.assigned),
                    doing, exact(engine.since), quantum_text(engine)));
    if (engine.pick) why_.picks.push_back({number, engine.queue, *engine.pick});
  }
  if (any_idle) say(firmware_text());
}

void WhyChain::started(const JobFacts& facts, const Milestones::Place& place) {
  const QueueStanding& queue = standing_.queue(facts.queue);
  const EngineStanding& engine = standing_.engine(place.engine);
  if (engine.job == facts.id && engine.doing == EngineStanding::Doing::working) {
    const std::string fault =
        queue.page_fault
            ? fmt::format(", had a page fault at {}, and the engine waits for its reset", exact(*queue.page_fault))
            : "";
    return say(
        fmt::format("{} runs on {} since {}{}", who(facts), engine_text(place.engine), exact(engine.since), fault));
  }
  say(fmt::format("{} was begun, and is off {} since {}{}", who(facts), engine_text(place.engine), exact(place.since),
                  trouble_text(queue)));
  if (!queue.is_known) return say("the firmware has forgotten the queue");
  queue.has_slot ? engines(facts) : lacks_slot(facts, queue);
}

}  // namespace gpusim::trace
