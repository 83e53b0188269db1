// SPDX-License-Identifier: MIT
#include "sim/app/firmware_history.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "sim/system/simulation.h"
#include "traces/event/handlers.h"

namespace gpusim::app {

namespace {

class DecisionKeeper {
 public:
  DecisionKeeper(const system::Machine& machine, const scenario::ScenarioSpec& spec, QueueId waiter,
                 std::uint32_t engine_mask, FirmwareHistory& history)
      : machine_{machine},
        has_order_{spec.device.descriptor.policy != abi::RunPolicy::list_walk},
        waiter_{waiter},
        engine_mask_{engine_mask},
        history_{history} {}

  void on(const trace::firmware_begin& event) { begin_ = event.time; }

  /// The firmware's records have changed already: the chosen one runs, the others wait as they did.
  void on(const trace::decision& event) {
    if ((engine_mask_ >> event.engine & 1) == 0) return;
    FirmwareDecision made{.event = event, .begin = begin_, .among = among(event)};
    if (event.queue == waiter_) {
      history_.passed_over.reset();
    } else {
      pass_over(made);
    }
    history_.decisions.insert_or_assign(event.engine, std::move(made));
  }

 private:
  using Waiters = std::vector<hw::FirmwareView::Waiter>;

  [[nodiscard]] Waiters among(const trace::decision& event) const {
    const std::vector<trace::QueueName>& queues = machine_.names().queues;
    Waiters waiters = machine_.firmware_view().runnable;
    std::erase_if(waiters, [&](const hw::FirmwareView::Waiter& one) {
      return (queues[one.queue.value()].engine_mask >> event.engine & 1) == 0;
    });
    const std::uint32_t level = level_of(event, waiters);
    const auto place = std::find_if(waiters.begin(), waiters.end(),
                                    [level](const hw::FirmwareView::Waiter& one) { return one.level >= level; });
    waiters.insert(place, {event.queue, level});
    return waiters;
  }

  /// Of the chosen one: that at which the decision counts one more than wait still.
  [[nodiscard]] static std::uint32_t level_of(const trace::decision& event, const Waiters& others) {
    const auto candidates = candidates_of(event);
    for (std::uint32_t level = 0; level < candidates.size(); ++level) {
      const auto waiting = std::count_if(others.begin(), others.end(),
                                         [level](const hw::FirmwareView::Waiter& one) { return one.level == level; });
      if (candidates[level] > static_cast<std::size_t>(waiting)) return level;
    }
    return 0;
  }

  void pass_over(const FirmwareDecision& made) {
    const auto place = std::find_if(made.among.begin(), made.among.end(),
                                    [this](const hw::FirmwareView::Waiter& one) { return one.queue == waiter_; });
    if (place == made.among.end()) return;
    history_.passed_over = PassedOver{.event = made.event};
    if (has_order_) history_.passed_over->ahead = static_cast<std::uint64_t>(place - made.among.begin());
  }

  const system::Machine& machine_;
  bool has_order_;
  QueueId waiter_;
  std::uint32_t engine_mask_;
  FirmwareHistory& history_;
  SimTime begin_{};
};

}  // namespace

FirmwareHistory firmware_history(const scenario::ScenarioSpec& spec, SimTime moment, QueueId waiter,
                                 std::uint32_t engine_mask) {
  scenario::ScenarioSpec until = spec;
  until.stop_after = moment.time_since_epoch();
  until.traces_decisions = spec.device.modules.core.name.empty();
  system::Simulation simulation{until};
  FirmwareHistory history{.run_list = {}, .has_decisions = until.traces_decisions};
  DecisionKeeper keeper{simulation.machine(), until, waiter, engine_mask, history};
  trace::attach_handlers(keeper, simulation.recorder());
  static_cast<void>(simulation.run());
  history.run_list = simulation.machine().firmware_view();
  return history;
}

}  // namespace gpusim::app
