// SPDX-License-Identifier: MIT
#include "host_driver/driver.h"

#include <algorithm>
#include <bit>
#include <optional>

#include <fmt/core.h>

#include "host_driver/tick_scheduler.h"

namespace gpusim::drv {

namespace {

class RegisterRead final : public ReadCompletion {
 public:
  explicit RegisterRead(os::Thread& thread) : thread_{thread} {}
  void on_read_complete(std::uint32_t value) override {
    value_ = value;
    thread_.wake();
  }
  [[nodiscard]] std::uint32_t value() const { return value_; }

 private:
  os::Thread& thread_;
  std::uint32_t value_ = 0;
};

}  // namespace

Driver::Driver(os::Host& host, DeviceAccess& device, const abi::DeviceDescriptor& descriptor, const DriverSpec& spec,
               sched::FenceArena& fences, QueueFactory& factory)
    : host_{host},
      descriptor_{descriptor},
      factory_{factory},
      device_{host, device, descriptor, spec, fences, *this},
      reservation_lock_class_{host.lockdep().lock_class("reservation_ww_class_mutex", true)},
      reset_work_{&Driver::reset_work, this, device_.kind_of(DriverWork::device_reset), 0},
      reply_wq_{host, 1},
      reply_work_{&Driver::reply_work, this, device_.kind_of(DriverWork::firmware_reply), 0} {
  queues_.resize(1);
  host.names().queues.resize(1);
  host.names().messages.assign(abi::kActionNames.begin(), abi::kActionNames.end());
  const auto request = [&](std::uint32_t vector, const std::string& name, os::IrqHandler handler) {
    if (device_.spec.irq_path == IrqPath::hard) {
      host.request_irq(vector, name, device_.spec.irq_cpu + vector, std::move(handler));
    } else {
      host.request_threaded_irq(vector, name, device_.spec.irq_cpu + vector, std::move(handler));
    }
  };
  request(abi::kVectorReply, "reply", [this](os::Context& ctx) { return on_reply_interrupt(ctx); });
  for (std::uint32_t i = 0; i < abi::kEngineClasses; ++i) {
    const std::uint32_t vector = abi::completion_vector(static_cast<abi::EngineClass>(i));
    request(vector, abi::kEngineClassNames[i],
            [this, vector](os::Context& ctx) { return on_completion_interrupt(ctx, vector); });
  }
  if (spec.rings == Rings::shared) create_rings();
  host.spawn("driver_probe", os::ContextKind::task, os::SchedClass::normal, Cost{},
             [this](os::Context& ctx) { return probe(ctx); });
}

Driver::~Driver() = default;

// --- probe -----------------------------------------------------------------------------------------------------------

os::Task<std::uint32_t> Driver::read_register(os::Context& ctx, std::uint64_t address) {
  os::Thread& thread = os::thread_of(ctx, "an MMIO read");
  RegisterRead read{thread};
  device_.access.mmio_read32(address, read);
  co_await thread.blocked({os::BlockedOn::Kind::other, "an MMIO read", 0, 0});
  co_return read.value();
}

os::Task<> Driver::probe(os::Context& ctx) {
  const std::uint32_t version = co_await read_register(ctx, abi::kRegVersion);
  if (version == abi::kAllOnes) {
    device_gone(ctx);
    co_return;
  }
  if (version != abi::kDeviceVersion) violate("probe", "the device's version register does not answer as it should");
  if (device_.is_gone()) co_return;
  device_.channel.announce(ctx);
  co_await ctx.step();
  device_.set_present(ctx);
}

// --- interrupts ------------------------------------------------------------------------------------------------------

std::size_t Driver::look_at_quiet(os::Context& ctx, const CompletionList& list, std::size_t from) const {
  const CompletionList::Quiet quiet = list.find_quiet(from, ctx.undisturbed_steps(device_.spec.irq_scan));
  ctx.take_steps(device_.spec.irq_scan, quiet.count);
  return list.find(quiet.end);
}

os::Task<> Driver::on_completion_interrupt(os::Context& ctx, std::uint32_t vector) {
  CompletionList& list = active_[vector];
  list.tidy();
  for (std::size_t i = look_at_quiet(ctx, list, 0); i < list.end(); i = look_at_quiet(ctx, list, i + 1)) {
    CompletionList::Place& place = list[i];
    HardwareQueue& queue = *place.queue;
    const HardwareQueue::Pin pin{ctx, queue};
    ctx.charge(device_.spec.irq_scan);
    co_await ctx.step();
    if (!place.has_news() && !ctx.is_explored()) continue;  // explorations look everywhere, and must see the same
    co_await queue.complete_reached(ctx);
    queue.note_look();
    if (!queue.has_pending()) CompletionList::remove(place);
  }
}

// What the firmware says is taken in by an ordered worker, where locks of the scheduler may be taken as in other
// process context. xe: all but page faults and invalidations goes to xe-g2h-wq (xe_guc_ct.c: g2h_worker_func());
// panthor: the threaded handler queues fw_events_work (panthor_sched.c: panthor_sched_report_fw_events()).
os::Task<> Driver::on_reply_interrupt(os::Context& ctx) {
  device_.channel.on_interrupt(ctx);
  reply_wq_.queue(ctx, reply_work_);
  co_await ctx.step();
}

os::Task<> Driver::take_replies(os::Context& ctx) {
  while (device_.channel.has_message()) co_await device_.channel.receive(ctx);
}

void Driver::on_firmware_event(os::Context& ctx, const Message& event) {
  const std::uint32_t id = event[1];
  DeviceQueue* queue = id < by_firmware_id_.size() ? by_firmware_id_[id] : nullptr;
  const abi::Action action = abi::message_action(event[0]);
  ctx.emit(trace::message_reply{.queue = queue == nullptr ? QueueId{} : queue->hardware().id(), .action = action});
  if (queue == nullptr) return;
  const bool is_given_up = action == abi::Action::reset_notify || action == abi::Action::page_fault;
  if (device_.tick != nullptr && is_given_up) device_.tick->lose_slot(ctx, queue->hardware());
  if (device_.tick != nullptr && action == abi::Action::queue_idle) device_.tick->on_idle(ctx, queue->hardware());
  if (is_given_up) queue->on_reset_notify(ctx);
  if (action == abi::Action::preempt_missed) queue->on_preempt_missed(ctx);
}

// The driver's load.
void Driver::create_rings() {
  for (std::uint32_t e = 0; e < descriptor_.engine_count; ++e) {
    const QueueId id{static_cast<std::uint32_t>(queues_.size())};
    const abi::EngineDescriptor& engine = descriptor_.engines[e];
    const std::string name = fmt::format(
        "{}{}.ring", abi::kEngineClassNames[static_cast<std::size_t>(engine.engine_class)], engine.instance);
    const std::optional<std::uint32_t> firmware_id = device_.firmware_ids.take();
    if (!firmware_id) violate("probe", "the device has fewer ids than engines");
    host_.names().queues.push_back({name, trace::kKernelClient, 1U << e});
    rings_.push_back(std::make_unique<KernelRing>(
        device_, factory_, HardwareQueue::Identity{id, *firmware_id, 1U << e, 1}, name, credit_limit()));
    queues_.push_back({nullptr, rings_.back().get(), vector_of(1U << e)});
    know(*rings_.back());
  }
}

bool Driver::has_rings_by_level(std::uint32_t engine_mask) const {
  const abi::EngineClass wanted = class_of(engine_mask);
  return device_.spec.high_ring && (wanted == abi::EngineClass::render || wanted == abi::EngineClass::compute);
}

// amdgpu_ctx_get_hw_prio(), adev->gpu_sched[ip][prio]: the first of several compute rings is of high priority and on no
// other list; a list without a ring is replaced by the usual one.
std::vector<sched::SubmissionDomain*> Driver::schedulers_for(std::uint32_t engine_mask, std::uint32_t level) const {
  std::uint32_t mask = engine_mask;
  if (has_rings_by_level(engine_mask)) {
    std::uint32_t of_class = 0;
    for (std::uint32_t e = 0; e < descriptor_.engine_count; ++e) {
      if (descriptor_.engines[e].engine_class == class_of(engine_mask)) of_class |= 1U << e;
    }
    const std::uint32_t high = std::has_single_bit(of_class) ? 0 : of_class & (~of_class + 1);
    const std::uint32_t allowed = level == 0 ? mask & high : mask & ~high;
    if (allowed != 0) mask = allowed;
  }
  std::vector<sched::SubmissionDomain*> schedulers;
  for (std::uint32_t e = 0; e < rings_.size(); ++e) {
    if ((mask >> e & 1) != 0) schedulers.push_back(&rings_[e]->domain());
  }
  return schedulers;
}

void Driver::know(DeviceQueue& queue) {
  const std::uint32_t id = queue.hardware().firmware_id();
  if (by_firmware_id_.size() <= id) by_firmware_id_.resize(id + std::size_t{1});
  by_firmware_id_[id] = &queue;
}

abi::EngineClass Driver::class_of(std::uint32_t engine_mask) const {
  return descriptor_.engines[static_cast<std::size_t>(std::countr_zero(engine_mask))].engine_class;
}

std::uint32_t Driver::vector_of(std::uint32_t engine_mask) const {
  return abi::completion_vector(class_of(engine_mask));
}

void Driver::mark_active(HardwareQueue& queue) {
  CompletionList::Place& place = queue.completion_place();
  if (!place.is_listed()) active_[queues_[queue.id().value()].vector].add(place);
}

// --- records ---------------------------------------------------------------------------------------------------------

ExecQueue* Driver::find(QueueId queue) const {
  if (queue.value() == 0 || queue.value() >= queues_.size()) return nullptr;
  ExecQueue* found = queues_[queue.value()].queue.get();
  return found != nullptr && found->is_open() ? found : nullptr;
}

bool Driver::valid_mask(std::uint32_t mask) const {
  if (mask == 0 || (mask >> descriptor_.engine_count) != 0) return false;
  const abi::EngineClass first = class_of(mask);
  for (std::uint32_t e = 0; e < descriptor_.engine_count; ++e) {
    if ((mask >> e & 1) != 0 && descriptor_.engines[e].engine_class != first) return false;
  }
  return true;
}

void Driver::forget_queue(ExecQueue& queue) {
  QueueSlot& slot = queues_[queue.id().value()];
  if (DeviceQueue* const device_queue = std::exchange(slot.device_queue, nullptr); device_queue != nullptr) {
    HardwareQueue& hardware = device_queue->hardware();
    CompletionList::remove(hardware.completion_place());
    DeviceQueue*& known = by_firmware_id_[hardware.firmware_id()];
    if (known == device_queue) known = nullptr;
  }
  slot.queue.reset();
  --live_queues_;
}

bool Driver::has_idle_rings() const {
  // An interrupt may still be signalling a fence whose job has been ended by somebody who has seen that it signals.
  const bool is_pinned =
      std::any_of(rings_.begin(), rings_.end(), [](const auto& ring) { return ring->hardware().has_pins(); });
  return rings_.empty() || (!is_pinned && device_.timeout_wq.is_idle() && reply_wq_.is_idle());
}

void Driver::check_released() const {
  if (!device_.channel.is_up() || device_.channel.reserved() == 0) return;
  violate("reply_credits",
          fmt::format("{} dwords are still set aside for answers of the firmware at the end of the run",
                      device_.channel.reserved()));
}

std::string Driver::explain_closed_queues() const {
  std::string text;
  for (const QueueSlot& slot : queues_) {
    if (slot.queue == nullptr || slot.queue->is_open() || slot.queue->is_ending()) continue;
    const std::string head = slot.queue->describe_head();
    if (!head.empty()) text += fmt::format("  queue {} is closed, and {}\n", slot.queue->params().name, head);
  }
  return text;
}

std::string Driver::describe_point(SyncobjId syncobj, std::uint64_t point) const {
  const std::string& name = syncobjs_[syncobj.value()]->name;
  return point == 0 ? "fence " + name : fmt::format("point {} of {}", point, name);
}

std::string Driver::explain_fence(std::uint64_t context, std::uint64_t seqno) {
  std::string text;
  std::vector<std::uint64_t> seen;
  for (;;) {
    text += fmt::format("fence {}:{}", context, seqno);
    for (const std::uint64_t known : seen) {
      if (known == context) return text + ", which closes the cycle";
    }
    seen.push_back(context);
    const ExecQueue* owner = nullptr;
    for (const QueueSlot& slot : queues_) {
      if (slot.queue != nullptr && slot.queue->has_fence_context(context)) owner = slot.queue.get();
    }
    if (owner == nullptr) {
      const NamedSyncobj* timeline = nullptr;
      const sched::Fence* blocker = nullptr;
      for (std::size_t i = 0; i < syncobjs_.size() && blocker == nullptr; ++i) {
        timeline = syncobjs_[i].get();
        blocker = timeline->syncobj.find_blocker(context, seqno);
      }
      if (const sched::Fence* const awaited = device_.native_waits.find_awaited(context)) {
        text += ", until a job is in its ring: ";
        context = awaited->context();
        seqno = awaited->seqno();
        continue;
      }
      if (blocker == nullptr) return text + ", a software fence or start mark that nobody has signalled";
      text += fmt::format(", point {} of {}: ", seqno, timeline->name);
      context = blocker->context();
      seqno = blocker->seqno();
      continue;
    }
    const sched::Fence* dependency = owner->head_dependency();
    text += fmt::format(" of queue {}: {}", owner->params().name, owner->describe_head());
    if (dependency == nullptr) return text;
    text += ": ";
    context = dependency->context();
    seqno = dependency->seqno();
  }
}

}  // namespace gpusim::drv
