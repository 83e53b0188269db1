// SPDX-License-Identifier: MIT
#include "base/timeline.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/core.h>

#include "base/invariant.h"

namespace gpusim {
namespace {

constexpr unsigned kSequenceBits = 40;
constexpr unsigned kRankBits = 20;
constexpr std::uint64_t kRankMask = (std::uint64_t{1} << kRankBits) - 1;
constexpr std::size_t kArity = 4;

std::uint64_t order_key(Phase phase, std::uint32_t rank, std::uint64_t sequence) {
  return static_cast<std::uint64_t>(phase) << (kSequenceBits + kRankBits) |
         static_cast<std::uint64_t>(rank) << kSequenceBits | sequence;
}

}  // namespace

Timeline::Component Timeline::add_component(std::string name) {
  if (frozen_) violate("timeline", fmt::format("component '{}' added after freeze()", name));
  if (std::find(names_.begin(), names_.end(), name) != names_.end()) {
    violate("timeline", fmt::format("two components are called '{}'", name));
  }
  if (names_.size() > kRankMask) violate("timeline", "more than 2^20 components");
  const auto index = static_cast<std::uint32_t>(names_.size());
  names_.push_back(std::move(name));
  sources_.push_back({index});
  return Component{index};
}

void Timeline::freeze() {
  if (frozen_) violate("timeline", "freeze() called twice");
  frozen_ = true;
  std::vector<std::uint32_t> sorted(names_.size());
  std::iota(sorted.begin(), sorted.end(), 0U);
  std::sort(sorted.begin(), sorted.end(), [&](std::uint32_t a, std::uint32_t b) { return names_[a] < names_[b]; });
  for (std::uint32_t rank = 0; rank < sorted.size(); ++rank) sources_[sorted[rank]].rank = rank;

  std::vector<Entry> entries = std::exchange(far_, {});
  entries.insert(entries.end(), near_.begin(), near_.begin() + static_cast<std::ptrdiff_t>(near_count_));
  near_count_ = 0;
  for (Entry& entry : entries) {
    const auto index = static_cast<std::uint32_t>(entry.order >> kSequenceBits & kRankMask);
    entry.order = (entry.order & ~(kRankMask << kSequenceBits)) | static_cast<std::uint64_t>(sources_[index].rank)
                                                                      << kSequenceBits;
    insert(entry);
  }
}

Timeline::Handle Timeline::schedule(SimTime when, Phase phase, Component who, Callback callback, void* self,
                                    std::uint64_t argument) {
  if (when < now_) violate("timeline", fmt::format("'{}' scheduled an entry in the past", names_[who.index_]));
  if (free_slot_ == kNoSlot) add_slot();
  const std::uint32_t slot = free_slot_;
  Slot& record = slots_[slot];
  free_slot_ = record.position;
  record.callback = callback;
  record.self = self;
  record.argument = argument;
  Source& source = sources_[who.index_];
  const std::uint64_t order = order_key(phase, source.rank, source.next_sequence++);
  const Handle handle{slot, record.generation};
  insert(Entry{when, order, slot});
  if (when < alarm_) listener_(listener_self_, 0);
  return handle;
}

bool Timeline::is_pending(Handle handle) const {
  return handle.generation_ != 0 && slots_[handle.slot_].generation == handle.generation_ &&
         slots_[handle.slot_].callback != nullptr;
}

bool Timeline::cancel(Handle handle) {
  if (!is_pending(handle)) return false;
  if (const std::uint32_t position = slots_[handle.slot_].position; position != kInNear) {
    remove_far(position);
  } else {
    std::size_t at = 0;
    while (near_[at].slot != handle.slot_) ++at;
    remove_near(at);
  }
  release(handle.slot_);
  return true;
}

void Timeline::run_one() {
  const Entry& entry = near_[--near_count_];
  now_ = entry.when;
  const std::uint32_t slot = entry.slot;
  if (near_count_ == 0) refill_near();
  const Slot& record = slots_[slot];
  const Callback callback = record.callback;
  void* const self = record.self;
  const std::uint64_t argument = record.argument;
  release(slot);
  ++executed_;
  callback(self, argument);
}

std::uint64_t Timeline::advances_within(Picoseconds step) const {
  const SimTime last = std::min(advance_limit_, next_time() - Picoseconds{1});
  if (last < now_ || executed_ >= advance_steps_) return 0;
  return std::min(static_cast<std::uint64_t>((last - now_) / step), advance_steps_ - executed_);
}

void Timeline::move_to(SimTime when) {
  if (when < now_ || next_time() < when) {
    violate("timeline",
            fmt::format("time is moved to {} from outside, past what is due before or back from {}",
                        format_duration(when.time_since_epoch()), format_duration(now_.time_since_epoch())));
  }
  now_ = when;
}

void Timeline::set_alarm(SimTime when, Callback listener, void* self) {
  alarm_ = when;
  listener_ = listener;
  listener_self_ = self;
}

void Timeline::run_until(SimTime until) {
  while (!empty() && next_time() <= until) run_one();
  now_ = std::max(now_, until);
}

/// Out of the way of schedule(), which would have to keep more registers for it.
[[gnu::noinline]] void Timeline::add_slot() {
  free_slot_ = static_cast<std::uint32_t>(slots_.size());
  slots_.emplace_back().position = kNoSlot;
}

inline void Timeline::release(std::uint32_t slot) {
  Slot& record = slots_[slot];
  record.callback = nullptr;
  ++record.generation;
  record.position = free_slot_;
  free_slot_ = slot;
}

inline void Timeline::insert(const Entry& entry) {
  const bool is_far = !far_.empty() && before(far_.front(), entry);
  if (is_far) return insert_far(entry);
  if (near_count_ == kMostNear) return insert_in_full(entry);
  insert_near(entry);
}

void Timeline::insert_in_full(const Entry& entry) {
  if (before(near_.front(), entry)) return insert_far(entry);
  insert_far(near_.front());
  remove_near(0);
  insert_near(entry);
}

inline void Timeline::insert_near(const Entry& entry) {
  slots_[entry.slot].position = kInNear;
  std::size_t at = near_count_++;
  for (; at > 0 && before(near_[at - 1], entry); --at) near_[at] = near_[at - 1];
  near_[at] = entry;
}

void Timeline::remove_near(std::size_t position) {
  --near_count_;
  for (; position < near_count_; ++position) near_[position] = near_[position + 1];
  if (near_count_ == 0) refill_near();
}

/// With several at once: with one, all that is planned would go to the heap for good, as soon as there is anything in
/// it.
void Timeline::refill_near() {
  const std::size_t count = std::min(far_.size(), kMostNear / 2);
  near_count_ = count;
  for (std::size_t at = count; at-- > 0;) {
    near_[at] = far_.front();
    slots_[near_[at].slot].position = kInNear;
    remove_far(0);
  }
}

void Timeline::insert_far(const Entry& entry) {
  far_.push_back(entry);
  sift_up(far_.size() - 1, entry);
}

void Timeline::remove_far(std::size_t position) {
  const Entry last = far_.back();
  far_.pop_back();
  if (position == far_.size()) return;
  if (position > 0 && before(last, far_[(position - 1) / kArity])) {
    sift_up(position, last);
  } else {
    sift_down(position, last);
  }
}

void Timeline::sift_up(std::size_t position, const Entry& entry) {
  while (position > 0) {
    const std::size_t parent = (position - 1) / kArity;
    if (!before(entry, far_[parent])) break;
    place(position, far_[parent]);
    position = parent;
  }
  place(position, entry);
}

void Timeline::sift_down(std::size_t position, const Entry& entry) {
  const std::size_t size = far_.size();
  for (;;) {
    const std::size_t first = position * kArity + 1;
    if (first >= size) break;
    std::size_t best = first;
    for (std::size_t child = first + 1; child < std::min(first + kArity, size); ++child) {
      if (before(far_[child], far_[best])) best = child;
    }
    if (!before(far_[best], entry)) break;
    place(position, far_[best]);
    position = best;
  }
  place(position, entry);
}

}  // namespace gpusim
