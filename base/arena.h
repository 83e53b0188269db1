// SPDX-License-Identifier: MIT
// Objects with a modelled life: counted references as their component prescribes, storage that stays valid after
// release. The arena knows which objects are alive: a reference too many is detected at the end of the run, one too few
// at once, and both are reported by name. Storage of a released object is reused only for an object of the same type.
//
// In quarantine, which explorations use, storage is never reused, and a released object is not destroyed before the
// arena: it only drops what it holds (on_release()). So a touch after release is well defined and is reported with both
// parties and times, however late it comes. Without quarantine it is detected until the storage is reused. In
// quarantine the arena also keeps the context of every reference taken and dropped, and adds it to each report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "base/actor.h"
#include "base/invariant.h"

namespace gpusim {

/// Base of counted objects. T derives from Counted and has `std::string describe() const`; and, if it holds references
/// on others, `void on_release()`, which drops them and leaves what describe() needs.
class Counted {
 public:
  Counted() = default;
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  [[nodiscard]] std::uint32_t references() const { return references_; }

 private:
  template <class T>
  friend class Arena;
  std::uint32_t references_ = 1;
  std::uint32_t slot_ = 0;
};

template <class T>
class Arena {
 public:
  /// `what` names the kind of object in messages: "job", "fence", "queue".
  explicit Arena(std::string what) : what_{std::move(what)} {}
  ~Arena() {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      if (states_[i] != State::free) at(i)->~T();
    }
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// From here on released objects stay. `actors` outlives the arena. Before the first create().
  void quarantine(const ActorBoard& actors) { actors_ = &actors; }

  /// A new object with one reference, the caller's.
  template <class... Args>
  [[nodiscard]] T* create(Args&&... args) {
    std::size_t slot = 0;
    if (free_.empty()) {
      slot = states_.size();
      if (slot % kSlab == 0) slabs_.push_back(std::make_unique<Slab>());
      states_.push_back(State::free);
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    T* object = ::new (static_cast<void*>(at(slot))) T(std::forward<Args>(args)...);
    object->slot_ = static_cast<std::uint32_t>(slot);
    states_[slot] = State::live;
    ++live_count_;
    note(*object, Reference::Kind::made, 1);
    return object;
  }

  /// Every function that works on an object calls this first. `where`: the function. Violates "use_after_free" if the
  /// object is released.
  void touch(const T& object, const char* where) const {
    if (!is_live(object)) report(object, "touched", where);
  }

  void get(T& object) {
    if (!is_live(object)) report(object, "given a reference", nullptr);
    note(object, Reference::Kind::taken, ++object.references_);
  }

  /// Drops a reference. True if it was the last: the object is gone when this returns.
  bool put(T& object) {
    if (!is_live(object)) report(object, "put", nullptr);
    note(object, Reference::Kind::dropped, --object.references_);
    if (object.references_ != 0) return false;
    const std::uint32_t slot = object.slot_;
    --live_count_;
    if (actors_ != nullptr) {
      states_[slot] = State::released;
      if constexpr (requires { object.on_release(); }) object.on_release();
      return true;
    }
    object.~T();
    states_[slot] = State::free;
    free_.push_back(slot);
    return true;
  }

  /// Before the end of an arena whose objects may hold references on each other and on themselves: after a run that
  /// came to no end they still do. All drop what they hold; none is touched any more.
  void release_all() {
    for_each_live([](T& object) { ++object.references_; });
    for_each_live([](T& object) { object.on_release(); });
  }

  [[nodiscard]] std::size_t live() const { return live_count_; }

  /// For objects that count references of another kind themselves (a kref with a zombie state): enters them in the
  /// history. `count`: afterwards.
  void note_taken(const T& object, std::uint32_t count) { note(object, Reference::Kind::taken, count); }
  void note_dropped(const T& object, std::uint32_t count) { note(object, Reference::Kind::dropped, count); }

  /// Who took and dropped references on the object, the last few of them, one line each; empty without quarantine.
  [[nodiscard]] std::string history(const T& object) const {
    if (actors_ == nullptr || object.slot_ >= history_.size()) return {};
    const std::vector<Reference>& references = history_[object.slot_];
    constexpr std::size_t kLines = 12;
    std::string text = "; its references:";
    if (references.size() > kLines) text += "\n  ...";
    for (std::size_t i = references.size() > kLines ? references.size() - kLines : 0; i < references.size(); ++i) {
      constexpr const char* kVerbs[]{"made", "taken", "dropped"};
      text += std::string{"\n  "} + kVerbs[static_cast<std::size_t>(references[i].kind)] + " by " +
              to_text(references[i].actor) + ", now " + std::to_string(references[i].count);
    }
    return text;
  }

  /// Violates "reference_counts" if an object is still alive.
  void check_empty() const {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      if (states_[i] != State::live) continue;
      const T* object = at(i);
      violate("reference_counts", what_ + " " + object->describe() + " still has " +
                                      std::to_string(object->references_) + " reference(s) at the end of the run" +
                                      history(*object));
    }
  }

 private:
  static constexpr std::size_t kSlab = 64;
  struct Reference {
    enum class Kind : std::uint8_t { made, taken, dropped };
    Kind kind;
    std::uint32_t count;  ///< afterwards
    Actor actor;
  };
  void note(const T& object, typename Reference::Kind kind, std::uint32_t count) {
    if (actors_ != nullptr) remember(object, kind, count);
  }
  void remember(const T& object, typename Reference::Kind kind, std::uint32_t count) {
    if (history_.size() < states_.size()) history_.resize(states_.size());
    history_[object.slot_].push_back({kind, count, actors_->current()});
  }

  enum class State : std::uint8_t { free, live, released };
  struct Slab {
    alignas(T) std::byte storage[kSlab][sizeof(T)];
  };

  template <class Function>
  void for_each_live(Function function) {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      if (states_[i] == State::live) function(*at(i));
    }
  }
  [[nodiscard]] T* at(std::size_t slot) const {
    return std::launder(reinterpret_cast<T*>(slabs_[slot / kSlab]->storage[slot % kSlab]));
  }
  [[nodiscard]] bool is_live(const T& object) const {
    return object.slot_ < states_.size() && states_[object.slot_] == State::live;
  }
  [[noreturn]] void report(const T& object, const char* verb, const char* where) const {
    if (object.slot_ >= states_.size() || states_[object.slot_] != State::released) {
      violate("use_after_free", "a released " + what_ + " is " + verb + in(where));
    }
    violate("use_after_free", what_ + " " + object.describe() + " is " + verb + " by " + to_text(actors_->current()) +
                                  in(where) + "; it was released by " + to_text(history_[object.slot_].back().actor) +
                                  history(object));
  }
  [[nodiscard]] static std::string in(const char* where) {
    return where == nullptr ? std::string{} : std::string{" in "} + where;
  }

  std::string what_;
  const ActorBoard* actors_ = nullptr;  // nullptr: no quarantine
  std::vector<std::unique_ptr<Slab>> slabs_;
  std::vector<State> states_;                    // by slot
  std::vector<std::vector<Reference>> history_;  // by slot, in quarantine
  std::vector<std::size_t> free_;
  std::size_t live_count_ = 0;
};

}  // namespace gpusim
