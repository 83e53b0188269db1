// SPDX-License-Identifier: MIT
// Objects with a modelled life: counted references as their component prescribes, storage that stays valid after
// release. The arena knows which objects still live, so a reference too many is found at the end of the run and one too
// few at once, by name. Storage of a released object is used again only for an object of the same type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "base/invariant.h"

namespace gpusim {

/// Base of counted objects. T derives from Counted and has `std::string describe() const`.
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
    for (std::size_t i = 0; i < live_.size(); ++i) {
      if (live_[i] != 0) at(i)->~T();
    }
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// A new object with one reference, the caller's.
  template <class... Args>
  [[nodiscard]] T* create(Args&&... args) {
    std::size_t slot = 0;
    if (free_.empty()) {
      slot = live_.size();
      if (slot % kSlab == 0) slabs_.push_back(std::make_unique<Slab>());
      live_.push_back(0);
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    T* object = ::new (static_cast<void*>(at(slot))) T(std::forward<Args>(args)...);
    object->slot_ = static_cast<std::uint32_t>(slot);
    live_[slot] = 1;
    ++live_count_;
    return object;
  }

  void get(T& object) {
    check_live(object, "taken");
    ++object.references_;
  }

  /// Drops a reference. True if it was the last: the object is gone when this returns.
  bool put(T& object) {
    check_live(object, "dropped");
    if (--object.references_ != 0) return false;
    const std::uint32_t slot = object.slot_;
    object.~T();
    live_[slot] = 0;
    --live_count_;
    free_.push_back(slot);
    return true;
  }

  [[nodiscard]] std::size_t live() const { return live_count_; }

  /// Violates "reference_counts" if an object is still alive.
  void check_empty() const {
    for (std::size_t i = 0; i < live_.size(); ++i) {
      if (live_[i] == 0) continue;
      const T* object = at(i);
      violate("reference_counts", what_ + " " + object->describe() + " still has " +
                                      std::to_string(object->references_) + " reference(s) at the end of the run");
    }
  }

 private:
  static constexpr std::size_t kSlab = 64;
  struct Slab {
    alignas(T) std::byte storage[kSlab][sizeof(T)];
  };

  [[nodiscard]] T* at(std::size_t slot) const {
    return std::launder(reinterpret_cast<T*>(slabs_[slot / kSlab]->storage[slot % kSlab]));
  }
  void check_live(const T& object, const char* verb) const {
    if (object.slot_ < live_.size() && live_[object.slot_] != 0 && object.references_ > 0) return;
    violate("reference_counts", "a reference on a released " + what_ + " is " + verb);
  }

  std::string what_;
  std::vector<std::unique_ptr<Slab>> slabs_;
  std::vector<std::uint8_t> live_;  // by slot, 0 or 1
  std::vector<std::size_t> free_;
  std::size_t live_count_ = 0;
};

}  // namespace gpusim
