// SPDX-License-Identifier: MIT
#include "host_driver/completion_list.h"

#include <algorithm>
#include <bit>

namespace gpusim::drv {

namespace {
constexpr std::size_t kRoomToKeep = 64;
}  // namespace

void CompletionList::set(std::vector<std::uint64_t>& bits, std::size_t index, bool value) {
  const std::uint64_t bit = std::uint64_t{1} << index % kBits;
  std::uint64_t& word = bits[index / kBits];
  word = value ? word | bit : word & ~bit;
}

void CompletionList::Place::set_news(bool has_news) {
  has_news_ = has_news;
  if (list_ != nullptr) set(list_->news_, index_, has_news);
}

void CompletionList::add(Place& place) {
  place.list_ = this;
  place.index_ = places_.size();
  places_.push_back(&place);
  listed_.resize(places_.size() / kBits + 1);
  news_.resize(listed_.size());
  set(listed_, place.index_, true);
  set(news_, place.index_, place.has_news_);
}

void CompletionList::remove(Place& place) {
  if (place.list_ == nullptr) return;
  CompletionList& list = *place.list_;
  place.list_ = nullptr;
  list.places_[place.index_] = nullptr;
  ++list.removed_;
  set(list.listed_, place.index_, false);
  set(list.news_, place.index_, false);
}

void CompletionList::tidy() {
  if (removed_ < std::max(places_.size() / 2, kRoomToKeep)) return;
  std::erase(places_, nullptr);
  removed_ = 0;
  listed_.assign(places_.size() / kBits + 1, 0);
  news_.assign(listed_.size(), 0);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    places_[i]->index_ = i;
    set(listed_, i, true);
    set(news_, i, places_[i]->has_news_);
  }
}

std::size_t CompletionList::find(std::size_t from) const {
  if (from >= places_.size()) return places_.size();
  std::uint64_t bits = listed_[from / kBits] >> from % kBits << from % kBits;
  for (std::size_t word = from / kBits;; bits = listed_[word]) {
    if (bits != 0) return word * kBits + static_cast<std::size_t>(std::countr_zero(bits));
    if (++word == listed_.size()) return places_.size();
  }
}

CompletionList::Quiet CompletionList::find_quiet(std::size_t from, std::uint64_t most) const {
  Quiet quiet{from, 0};
  while (quiet.end < places_.size()) {
    const std::size_t shift = quiet.end % kBits;
    const std::uint64_t news = news_[quiet.end / kBits] >> shift;
    std::uint64_t listed = listed_[quiet.end / kBits] >> shift;
    if (news != 0) listed &= (std::uint64_t{1} << std::countr_zero(news)) - 1;  // those before the first with news
    const auto count = static_cast<std::uint64_t>(std::popcount(listed));
    if (count > most - quiet.count) {
      for (; quiet.count < most; ++quiet.count) listed &= listed - 1;
      quiet.end += static_cast<std::size_t>(std::countr_zero(listed));
      return quiet;
    }
    quiet.count += count;
    if (news != 0) {
      quiet.end += static_cast<std::size_t>(std::countr_zero(news));
      return quiet;
    }
    quiet.end += kBits - shift;
  }
  quiet.end = places_.size();
  return quiet;
}

}  // namespace gpusim::drv
