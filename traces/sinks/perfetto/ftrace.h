// SPDX-License-Identifier: MIT
// The drm_sched and dma_fence events again, as the ftrace events that Perfetto imports from a kernel of Linux 6.17 or
// later (docs/reference/traces.md): it makes "sched-<ring>" and "fence-<timeline>-<context>" tracks of them. That
// importer takes one job at a time per ring, in order, and knows nanoseconds only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "traces/event/event.h"
#include "traces/event/make.h"
#include "traces/event/names.h"
#include "traces/sinks/byte_buffer.h"
#include "traces/sinks/perfetto/encoder.h"

namespace gpusim::trace {

class PerfettoFtrace {
 public:
  /// `trace_time_scale`: simulated picoseconds in a nanosecond of the trace.
  PerfettoFtrace(ProtoWriter& out, const Names& names, std::int64_t trace_time_scale)
      : out_{out}, names_{names}, time_scale_{trace_time_scale} {}

  /// Keeps the event if it is one of these; full bundles go to `out`, in which no packet may be open.
  void add(const Event& event);
  void finish();

  void on(const dma_fence_init& event);
  void on(const dma_fence_signaled& event);
  void on(const dma_fence_wait_start& event);
  void on(const dma_fence_wait_end& event);
  void on(const drm_sched_job_add_dep& event);
  void on(const drm_sched_job_done& event);
  void on(const drm_sched_job_queue& event);
  void on(const drm_sched_job_run& event);
  void on(const drm_sched_job_unschedulable& event);

 private:
  template <class Kind, class Fields>
  void write(const Kind& event, std::uint32_t field, Fields fields);
  template <class Kind>
  void write_fence(const Kind& event, std::uint32_t field);
  template <class Kind>
  void write_job(const Kind& event, std::uint32_t field);
  template <class Kind>
  void write_dependency(const Kind& event, std::uint32_t field);
  [[nodiscard]] std::string_view ring_of(QueueId queue) const;
  void write_bundle(std::size_t cpu);

  ProtoWriter& out_;
  const Names& names_;
  std::int64_t time_scale_;
  std::vector<ByteBuffer> by_cpu_;  ///< encoded events; what happens on the device counts for CPU 0
};

}  // namespace gpusim::trace
