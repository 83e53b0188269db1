// SPDX-License-Identifier: MIT
// The order of everything that happens: one queue of future callbacks, sorted by
//   (time, phase, rank of the component in the sorted order of names, sequence within the component).
// SystemC promises no order among events of equal time, and adding an unrelated one changes it; nor is plain insertion
// order enough, since at t = 0 that is construction order. With this key a run depends on neither.
//
// It models nothing. It never looks at a clock: time moves when the pump (or a test) runs the next entry.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace gpusim {

/// Order of things that happen at the same picosecond: what arrives goes before what reacts to it.
enum class Phase : std::uint8_t {
  transfer,   ///< a write, read completion or message reaches the other side of a link
  engine,     ///< an engine reaches the end of a piece of work, a fetch or a context switch
  firmware,   ///< the run-list processor finishes a handler
  interrupt,  ///< an interrupt is taken by a CPU
  cpu,        ///< a host context goes on: end of a step, a wake-up, a dispatch
  timer,      ///< host timers and time-slice ends: after the work that ends at the same moment
};

class Timeline {
 public:
  using Callback = void (*)(void* self, std::uint64_t argument);

  /// A named source of entries. Value is an index; the rank used for ordering comes from the name.
  class Component {
   public:
    Component() = default;

   private:
    friend class Timeline;
    explicit Component(std::uint32_t index) : index_{index} {}
    std::uint32_t index_ = 0;
  };

  /// Names one pending entry. Safe to cancel after the entry has run or its storage has been reused.
  class Handle {
   public:
    Handle() = default;

   private:
    friend class Timeline;
    Handle(std::uint32_t slot, std::uint32_t generation) : slot_{slot}, generation_{generation} {}
    std::uint32_t slot_ = 0;
    std::uint32_t generation_ = 0;  // 0: never scheduled
  };

  Timeline() = default;
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;

  /// Registers a component; names are unique. Only before freeze(). Violates "timeline".
  Component add_component(std::string name);

  /// Fixes the ranks, by sorted name; entries scheduled earlier are put in order by them. Called once, before the first
  /// run. Violates "timeline" the second time.
  void freeze();

  [[nodiscard]] SimTime now() const { return now_; }

  /// Plans `callback(self, argument)` for `when` >= now(). Violates "timeline" for an earlier time.
  Handle schedule(SimTime when, Phase phase, Component who, Callback callback, void* self, std::uint64_t argument = 0);

  /// The same for a member function: schedule<&Engine::finish>(when, phase, who, this, argument).
  template <auto Member, class Object>
  Handle schedule(SimTime when, Phase phase, Component who, Object* object, std::uint64_t argument = 0) {
    return schedule(
        when, phase, who,
        [](void* self, std::uint64_t value) {
          if constexpr (requires(Object* o) { (o->*Member)(value); }) {
            (static_cast<Object*>(self)->*Member)(value);
          } else {
            (static_cast<Object*>(self)->*Member)();
          }
        },
        object, argument);
  }

  /// Removes the entry for good (no tombstone). False if it has run, was cancelled, or never existed.
  bool cancel(Handle handle);
  [[nodiscard]] bool is_pending(Handle handle) const;

  [[nodiscard]] bool empty() const { return near_count_ == 0; }
  [[nodiscard]] std::size_t pending() const { return near_count_ + far_.size(); }
  /// Time of the earliest entry; kNever if there is none.
  [[nodiscard]] SimTime next_time() const { return empty() ? kNever : near_[near_count_ - 1].when; }

  /// Moves time to the earliest entry and runs it. Pre: !empty().
  void run_one();

  /// For the entry that runs now: moves time on to `when` without an entry of its own, if nothing else is due up to and
  /// including then and the limit allows it. The same as scheduling an entry for `when` and returning, only cheaper.
  [[nodiscard]] bool try_advance(SimTime when) {
    if (when > advance_limit_ || next_time() <= when || executed_ >= advance_steps_) return false;
    now_ = when;
    ++executed_;
    return true;
  }
  /// How often try_advance(now() + step) would say yes in a row. Pre: step > 0.
  [[nodiscard]] std::uint64_t advances_within(Picoseconds step) const;
  /// The same as try_advance(now() + step) so often. Pre: count <= advances_within(step).
  void advance(Picoseconds step, std::uint64_t count) {
    now_ += step * static_cast<std::int64_t>(count);
    executed_ += count;
  }
  /// How far try_advance() may go; set by the pump, which knows what else is pending outside. Initially nowhere.
  void set_advance_limit(SimTime limit) { advance_limit_ = limit; }
  /// Up to how many executed(): so that who runs the entries has a look between them now and then.
  void set_advance_steps(std::uint64_t executed) { advance_steps_ = executed; }

  /// For who acts outside any entry, such as a process of a foreign simulation kernel: moves time on to `when`, at
  /// which he does. Violates "timeline" if an entry is due before.
  void move_to(SimTime when);
  /// What the clock of that kernel shows while it lets entries run: none of them is earlier. kNever: it runs none now.
  [[nodiscard]] SimTime kernel_time() const { return kernel_time_; }
  void set_kernel_time(SimTime when) { kernel_time_ = when; }
  /// Calls `listener(self, 0)` whenever an entry is planned for a time before `when`: who has gone to sleep until then
  /// has to get up earlier. SimTime::min(): never.
  void set_alarm(SimTime when, Callback listener, void* self);

  /// Runs all entries up to and including `until`, then sets the time to `until`.
  void run_until(SimTime until);

  /// Entries run so far, and advances.
  [[nodiscard]] std::uint64_t executed() const { return executed_; }

 private:
  struct Entry {
    SimTime when{};
    std::uint64_t order = 0;  // phase : 4, rank : 20, sequence : 40
    std::uint32_t slot = 0;
  };
  struct Slot {
    Callback callback = nullptr;
    void* self = nullptr;
    std::uint64_t argument = 0;
    std::uint32_t position = 0;  // in far_, or kInNear; of a free slot: the next free one
    std::uint32_t generation = 1;
  };

  struct Source {
    std::uint32_t rank;  // the index itself before freeze()
    std::uint64_t next_sequence = 0;
  };
  static constexpr std::uint32_t kNoSlot = 0xffff'ffff;
  static constexpr std::uint32_t kInNear = 0xffff'ffff;
  static constexpr std::size_t kMostNear = 32;

  static bool before(const Entry& a, const Entry& b) { return a.when != b.when ? a.when < b.when : a.order < b.order; }
  // The inline ones are defined beside those who call them.
  inline void insert(const Entry& entry);
  void insert_in_full(const Entry& entry);
  inline void insert_near(const Entry& entry);
  void remove_near(std::size_t position);
  void refill_near();
  void add_slot();
  inline void release(std::uint32_t slot);

  // The heap
  void insert_far(const Entry& entry);
  void remove_far(std::size_t position);
  void sift_up(std::size_t position, const Entry& entry);
  void sift_down(std::size_t position, const Entry& entry);
  void place(std::size_t position, const Entry& entry) {
    far_[position] = entry;
    slots_[entry.slot].position = static_cast<std::uint32_t>(position);
  }

  SimTime now_{};
  SimTime advance_limit_ = SimTime::min();
  std::uint64_t advance_steps_ = ~std::uint64_t{0};
  SimTime kernel_time_ = kNever;
  SimTime alarm_ = SimTime::min();
  Callback listener_ = nullptr;
  void* listener_self_ = nullptr;
  bool frozen_ = false;
  std::uint64_t executed_ = 0;
  // The earliest entries, sorted, the next one last. Most are for soon after they are planned, so that they pass few
  // others here and never see the heap. Empty only if that is.
  std::array<Entry, kMostNear> near_;
  std::size_t near_count_ = 0;
  std::vector<Entry> far_;  // 4-ary heap
  std::vector<Slot> slots_;
  std::uint32_t free_slot_ = kNoSlot;
  std::vector<std::string> names_;  // by component index
  std::vector<Source> sources_;     // by component index
};

}  // namespace gpusim
