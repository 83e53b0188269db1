// SPDX-License-Identifier: MIT
#include "base/linked_list.h"

#include <array>

#include "tests/support/catch.h"

using gpusim::LinkedList;

namespace {

class Item {
 private:
  friend class LinkedList<Item>;
  Item* next_ = nullptr;
};

}  // namespace

TEST_CASE("a linked list gives its items in order, takes them at either end, and is used again", "[linked_list]") {
  std::array<Item, 3> items;
  LinkedList<Item> list;
  CHECK(list.pop_front() == nullptr);
  for (int round = 0; round < 2; ++round) {
    list.push_back(items[1]);
    list.push_back(items[2]);
    list.push_front(items[0]);
    CHECK(list.size() == 3);
    CHECK(list.front() == &items[0]);
    for (Item& item : items) CHECK(list.pop_front() == &item);
    CHECK(list.empty());
    CHECK(list.pop_front() == nullptr);
  }
}

TEST_CASE("the last item of a linked list can be taken back, down to none", "[linked_list]") {
  std::array<Item, 2> items;
  LinkedList<Item> list;
  for (Item& item : items) list.push_back(item);
  list.pop_back();
  CHECK(list.size() == 1);
  CHECK(list.pop_front() == &items[0]);
  CHECK(list.empty());  // nothing of the item that was taken back is left
  for (Item& item : items) list.push_back(item);
  list.pop_back();
  list.push_back(items[1]);
  CHECK(list.pop_front() == &items[0]);
  list.pop_back();
  CHECK(list.empty());
  list.push_front(items[0]);
  CHECK(list.pop_front() == &items[0]);
}
