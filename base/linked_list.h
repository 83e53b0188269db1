// SPDX-License-Identifier: MIT
// Singly linked list, first in first out, of objects that live elsewhere and have the link in themselves: `T* next_`,
// and this list as a friend. An object is in one list at a time.
#pragma once

#include <cstdint>

namespace gpusim {

template <class T>
class LinkedList {
 public:
  void push_back(T& item) {
    item.next_ = nullptr;
    (head_ == nullptr ? head_ : tail_->next_) = &item;
    tail_ = &item;
    ++size_;
  }
  void push_front(T& item) {
    item.next_ = head_;
    head_ = &item;
    if (tail_ == nullptr) tail_ = &item;
    ++size_;
  }
  /// nullptr: it is empty.
  T* pop_front() {
    T* const item = head_;
    if (item == nullptr) return nullptr;
    head_ = item->next_;
    if (head_ == nullptr) tail_ = nullptr;
    --size_;
    return item;
  }
  /// Linear. Pre: !empty().
  void pop_back() {
    --size_;
    if (head_ == tail_) {
      head_ = tail_ = nullptr;
      return;
    }
    T* last = head_;
    while (last->next_ != tail_) last = last->next_;
    last->next_ = nullptr;
    tail_ = last;
  }
  [[nodiscard]] T* front() const { return head_; }
  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return head_ == nullptr; }

 private:
  T* head_ = nullptr;
  T* tail_ = nullptr;
  std::uint32_t size_ = 0;
};

}  // namespace gpusim
