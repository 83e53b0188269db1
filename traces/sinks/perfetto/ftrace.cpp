// SPDX-License-Identifier: MIT
#include "traces/sinks/perfetto/ftrace.h"

#include "base/time.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {
namespace {

constexpr std::size_t kBundleSize = 32'768;

// Field numbers of FtraceEventBundle, FtraceEvent and the events' own messages.
namespace bundle {
constexpr std::uint32_t cpu = 1;
constexpr std::uint32_t event = 2;
}  // namespace bundle
namespace entry {
constexpr std::uint32_t timestamp = 1;
constexpr std::uint32_t pid = 2;
constexpr std::uint32_t dma_fence_init = 414;
constexpr std::uint32_t dma_fence_signaled = 416;
constexpr std::uint32_t dma_fence_wait_start = 417;
constexpr std::uint32_t dma_fence_wait_end = 418;
constexpr std::uint32_t drm_sched_job_add_dep = 591;
constexpr std::uint32_t drm_sched_job_done = 592;
constexpr std::uint32_t drm_sched_job_queue = 593;
constexpr std::uint32_t drm_sched_job_run = 594;
constexpr std::uint32_t drm_sched_job_unschedulable = 595;
}  // namespace entry
namespace fence {
constexpr std::uint32_t context = 1;
constexpr std::uint32_t driver = 2;
constexpr std::uint32_t seqno = 3;
constexpr std::uint32_t timeline = 4;
}  // namespace fence
namespace job {  // queue and run
constexpr std::uint32_t name = 1;
constexpr std::uint32_t job_count = 2;
constexpr std::uint32_t hw_job_count = 3;
constexpr std::uint32_t dev = 4;
constexpr std::uint32_t fence_context = 5;
constexpr std::uint32_t fence_seqno = 6;
constexpr std::uint32_t client_id = 7;
}  // namespace job
namespace dependency {  // add_dep and unschedulable; of done the first two
constexpr std::uint32_t fence_context = 1;
constexpr std::uint32_t fence_seqno = 2;
constexpr std::uint32_t ctx = 3;
constexpr std::uint32_t seqno = 4;
}  // namespace dependency

std::uint64_t low(std::uint64_t word) { return word & 0xffff'ffffU; }

}  // namespace

void PerfettoFtrace::add(const Event& event) { dispatch(*this, event); }

template <class Kind, class Fields>
void PerfettoFtrace::write(const Kind& event, std::uint32_t field, Fields fields) {
  const std::size_t cpu = event.cpu == kNoCpu ? 0 : event.cpu;
  while (by_cpu_.size() <= cpu) by_cpu_.emplace_back();
  ProtoWriter writer{by_cpu_[cpu]};
  const std::size_t outer = writer.open(bundle::event);
  writer.varint(entry::timestamp, static_cast<std::uint64_t>(to_ps(event.time) / time_scale_));
  writer.varint(entry::pid, event.thread);
  const std::size_t message = writer.open(field);
  fields(writer);
  writer.close(message);
  writer.close(outer);
  if (by_cpu_[cpu].size() >= kBundleSize) write_bundle(cpu);
}

std::string_view PerfettoFtrace::ring_of(QueueId queue) const {
  return queue.value() < names_.queues.size() ? std::string_view{names_.queues[queue.value()].name} : "?";
}

template <class Kind>
void PerfettoFtrace::write_fence(const Kind& event, std::uint32_t field) {
  write(event, field, [&](ProtoWriter& writer) {
    writer.varint(fence::context, low(event.context));
    writer.bytes(fence::driver, "gpusim");
    writer.varint(fence::seqno, low(event.seqno));
    writer.bytes(fence::timeline, ring_of(event.queue));
  });
}

template <class Kind>
void PerfettoFtrace::write_job(const Kind& event, std::uint32_t field) {
  write(event, field, [&](ProtoWriter& writer) {
    writer.bytes(job::name, ring_of(event.queue));
    writer.varint(job::job_count, event.queued);
    writer.varint(job::hw_job_count, event.in_flight);
    writer.bytes(job::dev, names_.device);
    writer.varint(job::fence_context, event.context);
    writer.varint(job::fence_seqno, event.seqno);
    const std::size_t queue = event.queue.value();
    writer.varint(job::client_id, queue < names_.queues.size() ? names_.queues[queue].client : 0);
  });
}

template <class Kind>
void PerfettoFtrace::write_dependency(const Kind& event, std::uint32_t field) {
  write(event, field, [&](ProtoWriter& writer) {
    writer.varint(dependency::fence_context, event.context);
    writer.varint(dependency::fence_seqno, event.seqno);
    writer.varint(dependency::ctx, event.dependency_context);
    writer.varint(dependency::seqno, event.dependency_seqno);
  });
}

void PerfettoFtrace::on(const dma_fence_init& event) { write_fence(event, entry::dma_fence_init); }
void PerfettoFtrace::on(const dma_fence_signaled& event) { write_fence(event, entry::dma_fence_signaled); }
void PerfettoFtrace::on(const dma_fence_wait_start& event) { write_fence(event, entry::dma_fence_wait_start); }
void PerfettoFtrace::on(const dma_fence_wait_end& event) { write_fence(event, entry::dma_fence_wait_end); }
void PerfettoFtrace::on(const drm_sched_job_queue& event) { write_job(event, entry::drm_sched_job_queue); }
void PerfettoFtrace::on(const drm_sched_job_run& event) { write_job(event, entry::drm_sched_job_run); }
void PerfettoFtrace::on(const drm_sched_job_add_dep& event) { write_dependency(event, entry::drm_sched_job_add_dep); }
void PerfettoFtrace::on(const drm_sched_job_unschedulable& event) {
  write_dependency(event, entry::drm_sched_job_unschedulable);
}
void PerfettoFtrace::on(const drm_sched_job_done& event) {
  write(event, entry::drm_sched_job_done, [&](ProtoWriter& writer) {
    writer.varint(dependency::fence_context, event.context);
    writer.varint(dependency::fence_seqno, event.seqno);
  });
}

void PerfettoFtrace::write_bundle(std::size_t cpu) {
  const std::size_t packet = out_.open(pf::trace::packet);
  out_.varint(pf::packet::sequence_id, pf::packet::ftrace_sequence);
  const std::size_t bundle = out_.open(pf::packet::ftrace_events);
  out_.varint(bundle::cpu, cpu);
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
