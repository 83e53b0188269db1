// SPDX-License-Identifier: MIT
#include "sim/workload/client_queue.h"

#include <utility>

#include <fmt/core.h>

#include "firmware/abi/ring.h"
#include "os/sync.h"
#include "sim/workload/process.h"

namespace gpusim::workload {

os::Task<Errno> open_queue(os::Context& ctx, const ClientEnvironment& environment, std::string_view role,
                           std::uint32_t mask, std::uint32_t priority, ClientQueue& queue, bool limits_change) {
  drv::QueueParams params;
  params.name = fmt::format("{}.{}", environment.name, role);
  params.client = environment.id;
  params.engine_mask = mask;
  params.priority = priority;
  params.limits = {environment.queues.quantum, environment.queues.preempt_timeout, limits_change};
  const Result<QueueId> created = co_await environment.uapi->create_queue(ctx, params);
  if (!created.ok()) co_return created.error();
  queue.id = created.value();
  queue.credits = environment.queues.credits;
  if (environment.queues.preemption != Preemptible::anywhere) {
    queue.points = {environment.queues, random_stream(environment, fmt::format("{}.preemption", role))};
  }
  co_return Errno::ok;
}

std::uint64_t PreemptionPoints::next() {
  switch (kind_) {
    case Preemptible::anywhere:
      return abi::kPreemptAnywhere;
    case Preemptible::nowhere:
      return abi::kPreemptNowhere;
    case Preemptible::every:
      break;
  }
  return static_cast<std::uint64_t>(draw(every_, *random_).count());
}

os::Task<> finish_queues(os::Context& ctx, drv::Uapi& uapi, std::span<ClientQueue> queues) {
  for (ClientQueue& queue : queues) {
    if (!queue.last) continue;
    co_await uapi.wait(ctx, queue.last);
    queue.last.reset();
  }
  for (ClientQueue& queue : queues) {
    if (queue.is_open()) co_await uapi.close_queue(ctx, queue.id);
    queue.id = {};
  }
}

namespace {

[[nodiscard]] bool says_again(const Result<drv::ExecResult>& result) {
  return !result.ok() && result.error() == Errno::again;
}

}  // namespace

os::Task<Result<drv::ExecResult>> exec_again(os::Context& ctx, drv::Uapi& uapi, const drv::ExecArgs& args) {
  for (;;) {
    Result<drv::ExecResult> result = co_await uapi.exec(ctx, args);
    if (!says_again(result)) co_return result;
  }
}

drv::Transfer transfer_args(const TransferSpec& transfer) {
  return {transfer.bytes, transfer.from == MemoryPlace::host, transfer.to == MemoryPlace::host};
}

os::Task<Errno> submit(os::Context& ctx, drv::Uapi& uapi, ClientQueue& queue, const Work& work, Prng& random,
                       std::span<const drv::SyncFile> in_fences, const TransferSpec& transfer) {
  drv::ExecArgs args;
  args.queue = queue.id;
  args.work_ps = static_cast<std::uint64_t>(draw(work, random).count());
  args.work_is_estimate = work.is_estimate;
  args.preempt_every_ps = queue.points.next();
  args.credits = queue.credits;
  args.transfer = transfer_args(transfer);
  args.in_fences = in_fences;
  Result<drv::ExecResult> submitted = co_await uapi.exec(ctx, args);  // no coroutine more, for what most often happens
  if (says_again(submitted)) submitted = co_await exec_again(ctx, uapi, args);
  if (!submitted.ok()) co_return submitted.error();
  queue.last = std::move(submitted.value().finished);
  co_return Errno::ok;
}

os::Task<> sleep(os::Context& ctx, const ClientEnvironment& environment, SimTime until) {
  co_await os::sleep_in_user_mode(ctx, until);
  if (environment.process != nullptr) co_await environment.process->boundary();
}

Picoseconds draw(const Work& work, Prng& random) {
  if (work.min == work.max) return work.min;
  return ps(static_cast<std::int64_t>(
      random.uniform(static_cast<std::uint64_t>(work.min.count()), static_cast<std::uint64_t>(work.max.count()))));
}

Prng random_stream(const ClientEnvironment& environment, std::string_view purpose) {
  return Prng{environment.seed, fmt::format("{}.{}.{}", environment.client_name, environment.clone, purpose)};
}

}  // namespace gpusim::workload
