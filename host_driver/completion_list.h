// SPDX-License-Identifier: MIT
// The queues that the handler of one completion interrupt looks at, in the order in which they got entries on the
// hardware, and at which of them a look may find something. The handler looks at all of them, as xe's does, which walks
// the pending fences of an engine class (xe_hw_fence.c: hw_fence_irq_run_cb()); the simulator need not: in a row of
// queues without news each look is the same step of time. News are never missed, and need not be any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gpusim::drv {

class HardwareQueue;

class CompletionList {
 public:
  /// Of one queue. Lives in it.
  class Place {
   public:
    Place() = default;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    HardwareQueue* queue = nullptr;
    [[nodiscard]] bool is_listed() const { return list_ != nullptr; }
    [[nodiscard]] bool has_news() const { return has_news_; }
    /// Kept while it is in no list, too.
    void set_news(bool has_news);

   private:
    friend class CompletionList;
    CompletionList* list_ = nullptr;
    std::size_t index_ = 0;
    bool has_news_ = false;
  };

  /// Behind the others. Pre: it is in no list.
  void add(Place& place);
  /// No effect if it is in none.
  static void remove(Place& place);
  /// Gives up room that removed ones had. Indices change.
  void tidy();

  [[nodiscard]] std::size_t end() const { return places_.size(); }
  /// The first queue at or behind this index; end(): there is none.
  [[nodiscard]] std::size_t find(std::size_t from) const;
  /// Pre: `index` is from find().
  [[nodiscard]] Place& operator[](std::size_t index) const { return *places_[index]; }

  struct Quiet {
    std::size_t end;  ///< no queue stands between the last of them and this index
    std::uint64_t count;
  };
  /// The queues at or behind `from` up to the first one with news, `most` of them at most.
  [[nodiscard]] Quiet find_quiet(std::size_t from, std::uint64_t most) const;

 private:
  static constexpr std::size_t kBits = 64;
  static void set(std::vector<std::uint64_t>& bits, std::size_t index, bool value);

  std::vector<Place*> places_;  // nullptr: removed
  std::size_t removed_ = 0;
  // By index, a bit each.
  std::vector<std::uint64_t> listed_;
  std::vector<std::uint64_t> news_;
};

}  // namespace gpusim::drv
