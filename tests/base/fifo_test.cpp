// SPDX-License-Identifier: MIT
#include <memory>

#include "base/fifo.h"
#include "tests/support/catch.h"

using gpusim::Fifo;

TEST_CASE("items come out in order while the ring wraps and grows", "[fifo]") {
  Fifo<int> fifo;
  int in = 0;
  int out = 0;
  // Fills faster than it drains: every growth happens with the head somewhere in the middle.
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 3; ++i) fifo.push_back(in++);
    for (int i = 0; i < 2; ++i) REQUIRE(fifo.pop_front() == out++);
  }
  CHECK(fifo.size() == 100);
  while (!fifo.empty()) REQUIRE(fifo.pop_front() == out++);
  CHECK(out == in);
}

TEST_CASE("a stale item is the last one and has what one that left had", "[fifo]") {
  Fifo<int> fifo;
  for (int i = 1; i <= 4; ++i) fifo.push_back(i);
  CHECK(fifo.pop_front() == 1);
  int& stale = fifo.push_stale();  // the fifth in a ring of four places
  CHECK(stale == 1);
  stale = 5;
  for (int i = 2; i <= 5; ++i) CHECK(fifo.pop_front() == i);
  CHECK(fifo.empty());
  for (int i = 1; i <= 5; ++i) fifo.push_stale() = i;  // and grows
  for (int i = 1; i <= 5; ++i) CHECK(fifo.pop_front() == i);
}

TEST_CASE("an item pushed in front comes out first, also before any other was there", "[fifo]") {
  Fifo<std::unique_ptr<int>> fifo;
  fifo.push_front(std::make_unique<int>(2));
  fifo.push_back(std::make_unique<int>(3));
  fifo.push_front(std::make_unique<int>(1));
  CHECK(*fifo.front() == 1);
  for (int expected = 1; expected <= 3; ++expected) CHECK(*fifo.pop_front() == expected);
  CHECK(fifo.empty());
}
