// SPDX-License-Identifier: MIT
// First in, first out in one block of memory that grows and is then kept: for queues that fill and drain all the time,
// where std::deque would keep allocating and freeing.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace gpusim {

template <class T>
class Fifo {
 public:
  [[nodiscard]] bool empty() const { return head_ == tail_; }
  [[nodiscard]] std::size_t size() const { return tail_ - head_; }
  [[nodiscard]] T& front() { return items_[head_ & mask()]; }
  [[nodiscard]] const T& front() const { return items_[head_ & mask()]; }

  [[nodiscard]] const T& back() const { return items_[(tail_ - 1) & mask()]; }

  T& push_back(T item) {
    make_room();
    return items_[tail_++ & mask()] = std::move(item);
  }
  /// Adds a last item with the contents of one that has left, to be written over: for large ones.
  T& push_stale() {
    make_room();
    return items_[tail_++ & mask()];
  }
  void push_front(T item) {
    make_room();
    items_[--head_ & mask()] = std::move(item);
  }
  /// Takes the first item out. Pre: !empty().
  T pop_front() { return std::move(items_[head_++ & mask()]); }

  template <class Change>
  void for_each(Change change) {
    for (std::size_t i = head_; i != tail_; ++i) change(items_[i & mask()]);
  }

  template <class Is>
  [[nodiscard]] bool any_of(Is is) const {
    for (std::size_t i = head_; i != tail_; ++i) {
      if (is(items_[i & mask()])) return true;
    }
    return false;
  }

  /// Removes the first item equal to `item`; linear. False if there is none.
  bool remove(const T& item) {
    for (std::size_t i = head_; i != tail_; ++i) {
      if (items_[i & mask()] != item) continue;
      for (std::size_t next = i + 1; next != tail_; ++next) {
        items_[(next - 1) & mask()] = std::move(items_[next & mask()]);
      }
      --tail_;
      return true;
    }
    return false;
  }

 private:
  [[nodiscard]] std::size_t mask() const { return items_.size() - 1; }
  void make_room() {
    if (size() == items_.size()) grow();
  }
  void grow() {
    std::vector<T> grown(items_.empty() ? 4 : items_.size() * 2);
    for (std::size_t i = 0; i < size(); ++i) grown[i] = std::move(items_[(head_ + i) & mask()]);
    tail_ = size();  // before head_ moves
    head_ = 0;
    items_ = std::move(grown);
  }

  std::vector<T> items_;  // a power of two, or empty
  std::size_t head_ = 0;  // counts modulo 2^64; the place is the remainder
  std::size_t tail_ = 0;
};

}  // namespace gpusim
