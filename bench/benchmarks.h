// SPDX-License-Identifier: MIT
// The groups of measurements, in the order of the table.
#pragma once

#include "bench/harness.h"

namespace gpusim::bench {

/// full_path: jobs a second through the whole machine, with and without oracles and sinks.
void bench_full_path(Harness& harness);
/// perfetto: the sink alone, on the events of a real run.
void bench_perfetto(Harness& harness);
/// timeline: the Timeline pumped by SystemC against bare sc_events.
void bench_timeline(Harness& harness);
/// queues: what a job costs with many queues alive.
void bench_queues(Harness& harness);
/// presets: each device, picking by each policy with slots, events of decisions.
void bench_presets(Harness& harness);
/// schedulers: the components alone, each with one queue; drm_sched with many entities, too, under each policy.
void bench_schedulers(Harness& harness);
/// memory: of a live job, of an idle queue.
void bench_memory(Harness& harness);
/// short_runs: a machine made, run and destroyed for 50 jobs.
void bench_short_runs(Harness& harness);
/// explore: seeds of explorations.
void bench_explore(Harness& harness);
/// check: a folder of scenarios, judged.
void bench_check(Harness& harness);
/// growth: what may not cost more, each, the more there are of it.
void bench_growth(Harness& harness);
/// quality: the kernel's scheduling-quality cases, which belong to the tests.
void bench_quality(Harness& harness);
#ifdef GPUSIM_RV32_PROGRAMS
/// core: the RV32 core on plain code, on memory, and on the run-list. There is a compiler for its programs.
void bench_core(Harness& harness);
#endif

}  // namespace gpusim::bench
