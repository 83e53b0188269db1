// SPDX-License-Identifier: MIT
#include "traces/sinks/perfetto/ftrace.h"

#include "base/time.h"

namespace gpusim::trace {
namespace {

constexpr std::size_t kBundleSize = 32'768;

// Field numbers of FtraceEventBundle, FtraceEvent and the events' own messages.
constexpr std::uint32_t kBundleCpu = 1;
constexpr std::uint32_t kBundleEvent = 2;
constexpr std::uint32_t kTimestamp = 1;
constexpr std::uint32_t kPid = 2;

std::uint32_t field_of(EventKind kind) {
  switch (kind) {
    case EventKind::dma_fence_init:
      return 414;
    case EventKind::dma_fence_signaled:
      return 416;
    case EventKind::dma_fence_wait_start:
      return 417;
    case EventKind::dma_fence_wait_end:
      return 418;
    case EventKind::drm_sched_job_add_dep:
      return 591;
    case EventKind::drm_sched_job_done:
      return 592;
    case EventKind::drm_sched_job_queue:
      return 593;
    case EventKind::drm_sched_job_run:
      return 594;
    case EventKind::drm_sched_job_unschedulable:
      return 595;
    default:
      return 0;
  }
}

std::uint64_t high(std::uint64_t word) { return word >> 32U; }
std::uint64_t low(std::uint64_t word) { return word & 0xffff'ffffU; }

}  // namespace

void PerfettoFtrace::add(const Event& event) {
  const std::uint32_t field = field_of(event.kind);
  if (field == 0) return;
  const std::size_t cpu = event.cpu == kNoCpu ? 0 : event.cpu;
  while (by_cpu_.size() <= cpu) by_cpu_.emplace_back();
  ProtoWriter writer{by_cpu_[cpu]};
  const std::size_t entry = writer.open(kBundleEvent);
  writer.varint(kTimestamp, static_cast<std::uint64_t>(to_ps(event.time) / time_scale_));
  writer.varint(kPid, event.thread);
  add_fields(writer, event, field);
  writer.close(entry);
  if (by_cpu_[cpu].size() >= kBundleSize) write_bundle(cpu);
}

void PerfettoFtrace::add_fields(ProtoWriter& writer, const Event& event, std::uint32_t field) {
  const bool queue_known = event.queue < names_.queues.size();
  const std::string_view ring = queue_known ? std::string_view{names_.queues[event.queue].name} : "?";
  const std::size_t message = writer.open(field);
  switch (event.kind) {
    case EventKind::drm_sched_job_queue:
    case EventKind::drm_sched_job_run:
      writer.bytes(1, ring);
      writer.varint(2, high(event.c));
      writer.varint(3, low(event.c));
      writer.bytes(4, names_.device);
      writer.varint(5, event.a);
      writer.varint(6, event.b);
      writer.varint(7, queue_known ? names_.queues[event.queue].client : 0);
      break;
    case EventKind::drm_sched_job_done:
      writer.varint(1, event.a);
      writer.varint(2, event.b);
      break;
    case EventKind::drm_sched_job_add_dep:
    case EventKind::drm_sched_job_unschedulable:
      writer.varint(1, high(event.c));
      writer.varint(2, low(event.c));
      writer.varint(3, event.a);
      writer.varint(4, event.b);
      break;
    default:  // dma_fence
      writer.varint(1, low(event.a));
      writer.bytes(2, "gpusim");
      writer.varint(3, low(event.b));
      writer.bytes(4, ring);
  }
  writer.close(message);
}

void PerfettoFtrace::write_bundle(std::size_t cpu) {
  const std::size_t packet = out_.open(pf::trace::packet);
  out_.varint(pf::packet::sequence_id, pf::packet::ftrace_sequence);
  const std::size_t bundle = out_.open(pf::packet::ftrace_events);
  out_.varint(kBundleCpu, cpu);
  out_.buffer().append(by_cpu_[cpu].view());
  out_.close(bundle);
  out_.close(packet);
  by_cpu_[cpu].clear();
}

void PerfettoFtrace::finish() {
  for (std::size_t cpu = 0; cpu < by_cpu_.size(); ++cpu) {
    if (!by_cpu_[cpu].empty()) write_bundle(cpu);
  }
}

}  // namespace gpusim::trace
