// SPDX-License-Identifier: MIT
#include "traces/sinks/perfetto/sink.h"

#include <vector>

#include "bench/benchmarks.h"
#include "bench/clock.h"
#include "bench/job_window.h"
#include "bench/null_stream.h"
#include "bench/scenarios.h"
#include "traces/sinks/text_sink.h"

namespace gpusim::bench {
namespace {

class Tape final : public trace::Listener {
 public:
  void on_event(const trace::Event& event) override { events.push_back(event); }
  std::vector<trace::Event> events;
};

}  // namespace

void bench_perfetto(Harness& harness) {
  const scenario::ScenarioSpec spec = closed_loops(kEngines, 8, harness.scaled(10'000));
  Tape tape;
  system::Machine machine{spec};
  machine.recorder().attach_to_all(tape);
  const system::RunResult result = machine.run();
  expect_finished(result);
  const auto count = static_cast<double>(tape.events.size());

  Measurement& time = harness.measure({.name = "perfetto.time",
                                       .what = "Perfetto sink on the events of 5 closed loops",
                                       .unit = "ns/event",
                                       .target = at_most(35)});
  Measurement& size =
      harness.measure({.name = "perfetto.size", .what = "of its file", .unit = "bytes/event", .target = at_most(25)});
  Measurement& ftrace_time = harness.measure(
      {.name = "perfetto.ftrace_time", .what = "with the kernel's ftrace events too", .unit = "ns/event"});
  Measurement& text_time = harness.measure({.name = "perfetto.text_time", .what = "text sink", .unit = "ns/event"});
  Measurement& text_size =
      harness.measure({.name = "perfetto.text_size", .what = "of its file", .unit = "bytes/event"});

  for (int i = 0; i < harness.repeats(); ++i) {
    for (const bool ftrace : {false, true}) {
      NullStream nowhere;
      const Stopwatch watch;
      trace::PerfettoSink sink{nowhere, machine.names(), {.drm_ftrace = ftrace}};
      for (const trace::Event& event : tape.events) sink.on_event(event);
      sink.finish(result.end);
      (ftrace ? ftrace_time : time).add(watch.seconds() * 1e9 / count);
      if (!ftrace) size.add(static_cast<double>(nowhere.bytes()) / count);
    }
    NullStream nowhere;
    const Stopwatch watch;
    trace::TextSink sink{nowhere, machine.names()};
    for (const trace::Event& event : tape.events) sink.on_event(event);
    sink.finish();
    text_time.add(watch.seconds() * 1e9 / count);
    text_size.add(static_cast<double>(nowhere.bytes()) / count);
  }
}

}  // namespace gpusim::bench
