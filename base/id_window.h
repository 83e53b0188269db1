// SPDX-License-Identifier: MIT
// State of what is alive now, by number: ids are handed out in ascending order and retire roughly in that order, so a
// ring with one place per id (id modulo a power of two) finds an entry without hashing. An old id that is still alive
// when its place is needed again (an endless job among millions of short ones) moves to a short sorted list. The ring
// grows only when it is half full or that list gets long. Values are pooled and reused.
//
// A reference returned by find() or insert() is good until the next insert().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace gpusim {

template <class T>
class IdWindow {
 public:
  /// The live entry of `id`, or null; 0 is never live.
  [[nodiscard]] T* find(std::uint64_t id) {
    if (id == 0) return nullptr;
    const Place& place = ring_[home(id)];
    if (place.id == id) return &pool_[place.slot];
    return aside_.empty() ? nullptr : find_aside(id);
  }

  /// A fresh T for `id` (> 0, not live). If T has a member recycle(), that resets a pooled T, which keeps its memory.
  T& insert(std::uint64_t id) {
    if (2 * (live_ + 1) > ring_.size()) grow();
    while (ring_[home(id)].id != 0) {
      if (aside_.size() >= kMaxAside + live_ / 8) {
        grow();
        continue;
      }
      step_aside(ring_[home(id)]);
    }
    ring_[home(id)] = {id, take_slot()};
    ++live_;
    return pool_[ring_[home(id)].slot];
  }

  /// The live entry of `id`, made if there is none.
  T& find_or_insert(std::uint64_t id) {
    T* found = find(id);
    return found != nullptr ? *found : insert(id);
  }

  /// Retires `id`; nothing happens if it is not live.
  void erase(std::uint64_t id) {
    if (id == 0) return;
    Place& place = ring_[home(id)];
    if (place.id == id) {
      free_.push_back(place.slot);
      place.id = 0;
      --live_;
    } else if (!aside_.empty()) {
      erase_aside(id);
    }
  }

  /// The same by a strong id.
  template <class Tag, class Rep>
  [[nodiscard]] T* find(StrongId<Tag, Rep> id) {
    return find(std::uint64_t{id.value()});
  }
  template <class Tag, class Rep>
  T& insert(StrongId<Tag, Rep> id) {
    return insert(std::uint64_t{id.value()});
  }
  template <class Tag, class Rep>
  T& find_or_insert(StrongId<Tag, Rep> id) {
    return find_or_insert(std::uint64_t{id.value()});
  }
  template <class Tag, class Rep>
  void erase(StrongId<Tag, Rep> id) {
    erase(std::uint64_t{id.value()});
  }

  [[nodiscard]] std::size_t size() const { return live_; }
  [[nodiscard]] std::size_t places() const { return ring_.size(); }

  /// All live ids in ascending order. Not for the hot path.
  [[nodiscard]] std::vector<std::uint64_t> ids() const {
    std::vector<std::uint64_t> result;
    for (const Place& place : ring_) {
      if (place.id != 0) result.push_back(place.id);
    }
    for (const Place& place : aside_) result.push_back(place.id);
    std::sort(result.begin(), result.end());
    return result;
  }

 private:
  struct Place {
    std::uint64_t id = 0;  ///< 0: free
    std::uint32_t slot = 0;
  };
  static constexpr std::size_t kMaxAside = 8;

  [[nodiscard]] std::size_t home(std::uint64_t id) const { return static_cast<std::size_t>(id) & (ring_.size() - 1); }

  [[nodiscard]] typename std::vector<Place>::iterator aside_position(std::uint64_t id) {
    return std::lower_bound(aside_.begin(), aside_.end(), id,
                            [](const Place& place, std::uint64_t wanted) { return place.id < wanted; });
  }

  [[nodiscard]] T* find_aside(std::uint64_t id) {
    const auto position = aside_position(id);
    return position != aside_.end() && position->id == id ? &pool_[position->slot] : nullptr;
  }

  void erase_aside(std::uint64_t id) {
    const auto position = aside_position(id);
    if (position == aside_.end() || position->id != id) return;
    free_.push_back(position->slot);
    aside_.erase(position);
    --live_;
  }

  void step_aside(Place& place) {
    aside_.insert(aside_position(place.id), place);
    place.id = 0;
  }

  /// Doubles the places. Newest first; an entry whose place is taken moves to the sorted list.
  void grow() {
    std::vector<Place> all = std::move(aside_);
    for (const Place& place : ring_) {
      if (place.id != 0) all.push_back(place);
    }
    std::sort(all.begin(), all.end(), [](const Place& a, const Place& b) { return a.id > b.id; });
    ring_.assign(ring_.size() * 2, Place{});
    aside_.clear();
    for (const Place& place : all) {
      Place& target = ring_[home(place.id)];
      if (target.id == 0) {
        target = place;
      } else {
        aside_.insert(aside_position(place.id), place);
      }
    }
  }

  std::uint32_t take_slot() {
    if (free_.empty()) {
      pool_.emplace_back();
      return static_cast<std::uint32_t>(pool_.size() - 1);
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    if constexpr (requires(T& value) { value.recycle(); }) {
      pool_[slot].recycle();
    } else {
      pool_[slot] = T{};
    }
    return slot;
  }

  std::vector<Place> ring_ = std::vector<Place>(64);
  std::vector<Place> aside_;  ///< by id
  std::vector<T> pool_;
  std::vector<std::uint32_t> free_;
  std::size_t live_ = 0;
};

}  // namespace gpusim
