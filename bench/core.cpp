// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/benchmarks.h"
#include "bench/clock.h"
#include "tests/core/loaded_program.h"
#include "tests/core/runlist_events.h"

namespace gpusim::bench {
namespace {

using test::LoadedProgram;
using test::PlayedEvent;

/// Millions of instructions a second.
double mips(LoadedProgram& program, const char* function, std::uint64_t rounds) {
  const std::uint64_t before = program.core().counts().instructions;
  const Stopwatch watch;
  program.call(function, {static_cast<std::uint32_t>(rounds)});
  return static_cast<double>(program.core().counts().instructions - before) / watch.seconds() / 1e6;
}

using Batch = std::array<PlayedEvent, test::kPlayedBatch>;

/// Events of a machine whose queues have no slots, as the host plays them.
std::vector<Batch> batches_of_events(std::uint64_t count) {
  const auto notes = std::make_unique<test::PlayedNotes>();
  const auto player = std::make_unique<test::RunListPlayer>(0U, *notes);
  test::RandomEvents random{1, *player};
  std::vector<Batch> batches(count);
  for (Batch& batch : batches) {
    for (PlayedEvent& event : batch) player->play(event = random.next());
  }
  return batches;
}

double host_seconds(const std::vector<Batch>& batches) {
  const auto notes = std::make_unique<test::PlayedNotes>();
  const auto player = std::make_unique<test::RunListPlayer>(0U, *notes);
  const Stopwatch watch;
  for (const Batch& batch : batches) {
    notes->count = 0;
    for (const PlayedEvent& event : batch) player->play(event);
  }
  return watch.seconds();
}

}  // namespace

void bench_core(Harness& harness) {
  const auto rate = [&](const char* name, const char* what, Target target = {}) -> Measurement& {
    return harness.measure({.name = name, .what = what, .unit = "MIPS", .target = target, .more_is_better = true});
  };
  Measurement& plain = rate("core.plain", "a loop in registers with a branch that is hard to predict", at_least(250));
  Measurement& memory = rate("core.memory", "a loop that copies words");
  Measurement& runlist = rate("core.runlist", "the run-list, with random events");
  Measurement& memory_ratio = harness.measure(
      {.name = "core.memory_ratio", .what = "memory to plain", .unit = "times", .judge = Judge::median});
  Measurement& host_ratio = harness.measure({.name = "core.host_ratio",
                                             .what = "the run-list's time on the core to that on the host",
                                             .unit = "times",
                                             .judge = Judge::median});
  const std::vector<Batch> batches = batches_of_events(10 + harness.scaled(1'000));
  for (int i = 0; i < harness.repeats(); ++i) {
    LoadedProgram small{"small"};
    const double in_registers = mips(small, "plain", 10'000 + harness.scaled(5'000'000));
    const double copying = mips(small, "copy", 10 + harness.scaled(10'000));
    plain.add(in_registers);
    memory.add(copying);
    memory_ratio.add(copying / in_registers);

    LoadedProgram program{"runlist"};
    program.call("start", {0});
    const std::uint64_t before = program.core().counts().instructions;
    const Stopwatch watch;
    for (const Batch& batch : batches) {
      program.write("events", batch);
      program.call("play", {test::kPlayedBatch});
    }
    const double seconds = watch.seconds();
    runlist.add(static_cast<double>(program.core().counts().instructions - before) / seconds / 1e6);
    host_ratio.add(seconds / host_seconds(batches));
  }
}

}  // namespace gpusim::bench
