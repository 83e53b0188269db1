// SPDX-License-Identifier: MIT
// Tickers that plan their next tick again and again, `pending` of them at a time: as Timeline entries under SystemC,
// and as one sc_event and SC_METHOD each.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/prng.h"
#include "base/timeline.h"
#include "bench/benchmarks.h"
#include "bench/clock.h"
#include "sim/hw/systemc.h"
#include "sim/hw/timeline_pump.h"
#include "sim/system/kernel.h"

namespace gpusim::bench {
namespace {

/// Delays that both kinds of tickers draw in the same order, and the stamps of the part that is measured.
class Ticks {
 public:
  Ticks(std::uint64_t warm_up, std::uint64_t measured) : warm_up_{warm_up}, measured_{measured}, delays_(4096) {
    Prng random{1, "ticks"};
    for (Picoseconds& delay : delays_) delay = ps(static_cast<std::int64_t>(random.uniform(1, 1'000'000)));
  }

  [[nodiscard]] Picoseconds next() { return delays_[count_++ % delays_.size()]; }
  /// To be called after each tick; true when it was the last.
  [[nodiscard]] bool is_over() {
    if (count_ == warm_up_) watch_ = Stopwatch{};
    if (count_ != warm_up_ + measured_) return count_ > warm_up_ + measured_;
    seconds_ = watch_.seconds();
    return true;
  }
  [[nodiscard]] double ns_per_tick() const { return seconds_ * 1e9 / static_cast<double>(measured_); }

 private:
  std::uint64_t warm_up_;
  std::uint64_t measured_;
  std::vector<Picoseconds> delays_;
  std::uint64_t count_ = 0;
  Stopwatch watch_;
  double seconds_ = 0;
};

class TimelineTicker {
 public:
  TimelineTicker(Timeline& timeline, Timeline::Component component, Ticks& ticks)
      : timeline_{timeline}, component_{component}, ticks_{ticks} {
    tick();
  }
  void tick() {
    timeline_.schedule<&TimelineTicker::tick>(timeline_.now() + ticks_.next(), Phase::engine, component_, this);
  }

 private:
  Timeline& timeline_;
  Timeline::Component component_;
  Ticks& ticks_;
};

double timeline_ticks(std::uint32_t pending, std::uint64_t measured, bool look_ahead) {
  Ticks ticks{2 * std::uint64_t{pending}, measured};
  system::Kernel kernel;
  Timeline timeline;
  hw::TimelinePump pump{"pump", timeline, look_ahead};
  const Timeline::Component component = timeline.add_component("tickers");
  std::vector<TimelineTicker> tickers;
  tickers.reserve(pending);
  for (std::uint32_t i = 0; i < pending; ++i) tickers.emplace_back(timeline, component, ticks);
  timeline.freeze();
  pump.is_done = [&ticks] { return ticks.is_over(); };
  pump.watch_for_end();
  kernel.run();
  return ticks.ns_per_tick();
}

class SystemcTicker final : public sc_core::sc_module {
 public:
  SystemcTicker(const sc_core::sc_module_name& name, Ticks& ticks) : sc_core::sc_module{name}, ticks_{ticks} {
    SC_HAS_PROCESS(SystemcTicker);
    SC_METHOD(tick);
    sensitive << event_;
    dont_initialize();
    event_.notify(hw::to_sc(ticks_.next()));
  }
  void tick() {
    event_.notify(hw::to_sc(ticks_.next()));
    if (ticks_.is_over()) sc_core::sc_stop();
  }

 private:
  Ticks& ticks_;
  sc_core::sc_event event_;
};

double systemc_ticks(std::uint32_t pending, std::uint64_t measured) {
  Ticks ticks{2 * std::uint64_t{pending}, measured};
  system::Kernel kernel;
  std::vector<std::unique_ptr<SystemcTicker>> tickers;
  tickers.reserve(pending);
  for (std::uint32_t i = 0; i < pending; ++i) {
    tickers.push_back(std::make_unique<SystemcTicker>(("ticker" + std::to_string(i)).c_str(), ticks));
  }
  kernel.run();
  tickers.clear();
  return ticks.ns_per_tick();
}

}  // namespace

void bench_timeline(Harness& harness) {
  struct Case {
    std::uint32_t pending;
    double target;
  };
  for (const Case& at : {Case{64, 1.0}, Case{1'024, 1.5}, Case{16'384, 4.0}}) {
    const std::string name = "timeline." + std::to_string(at.pending);
    Measurement& ratio = harness.measure({.name = name,
                                          .what = "sc_event's time over the Timeline's, entries pending as named",
                                          .unit = "times",
                                          .target = at_least(at.target),
                                          .judge = Judge::median});
    Measurement& strict_ratio = harness.measure({.name = name + "_strict",
                                                 .what = "the same with SystemC stepped to every time",
                                                 .unit = "times",
                                                 .more_is_better = true});
    Measurement& ours = harness.measure({.name = name + "_ours", .what = "Timeline", .unit = "ns/entry"});
    Measurement& bare = harness.measure({.name = name + "_bare", .what = "sc_event and SC_METHOD", .unit = "ns/event"});
    for (int i = 0; i < harness.repeats(); ++i) {
      const std::uint64_t measured = harness.scaled(1'000'000);
      const double systemc = systemc_ticks(at.pending, measured);
      const double timeline = timeline_ticks(at.pending, measured, true);
      ours.add(timeline);
      bare.add(systemc);
      ratio.add(systemc / timeline);
      strict_ratio.add(systemc / timeline_ticks(at.pending, measured, false));
    }
  }
}

}  // namespace gpusim::bench
