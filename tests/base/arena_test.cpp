// SPDX-License-Identifier: MIT
// Lives of counted objects: references, quarantine, and what is said of a touch after release.
#include <string>

#include "base/arena.h"
#include "tests/support/catch.h"
#include "tests/support/violation.h"

using namespace gpusim;
using test::violation_of;

namespace {

class Thing : public Counted {
 public:
  Thing(int number, int& destroyed) : number_{number}, destroyed_{destroyed} {}
  ~Thing() { ++destroyed_; }
  [[nodiscard]] std::string describe() const { return std::to_string(number_); }
  void on_release() { held_ = false; }
  [[nodiscard]] bool holds() const { return held_; }

 private:
  int number_;
  int& destroyed_;
  bool held_ = true;
};

}  // namespace

TEST_CASE("the last put ends an object, its storage serves the next", "[arena]") {
  int destroyed = 0;
  Arena<Thing> arena{"thing"};
  Thing* first = arena.create(1, destroyed);
  arena.get(*first);
  CHECK_FALSE(arena.put(*first));
  CHECK(arena.put(*first));
  CHECK(destroyed == 1);
  CHECK(arena.live() == 0);
  CHECK(violation_of([&] { arena.touch(*first, "somewhere"); }) ==
        "use_after_free: a released thing is touched in somewhere");
  CHECK(arena.create(2, destroyed) == first);
  CHECK(violation_of([&] { arena.check_empty(); }).find("thing 2 still has 1 reference(s)") != std::string::npos);
}

TEST_CASE("in quarantine nothing is used again, and a late touch names both parties and times", "[arena]") {
  Timeline timeline;
  ActorBoard actors{timeline};
  int destroyed = 0;
  {
    Arena<Thing> arena{"job"};
    arena.quarantine(actors);
    Thing* first = arena.create(7, destroyed);
    timeline.run_until(SimTime{ns(11'900)});
    actors.now = {"hard irq", 0, {}};
    CHECK(arena.put(*first));
    CHECK(destroyed == 0);
    CHECK_FALSE(first->holds());
    CHECK(arena.live() == 0);
    CHECK_NOTHROW(arena.check_empty());
    CHECK(arena.create(8, destroyed) != first);

    timeline.run_until(SimTime{ns(12'300)});
    actors.now = {"kworker/u:1", 2, {}};
    CHECK(violation_of([&] { arena.touch(*first, "dep_job_done"); }) ==
          "use_after_free: job 7 is touched by kworker/u:1 on cpu 2 at 12.300 us in dep_job_done; it was released by "
          "hard irq on cpu 0 at 11.900 us; its references:\n"
          "  made by nobody's context at 0 ps, now 1\n"
          "  dropped by hard irq on cpu 0 at 11.900 us, now 0");
    CHECK(violation_of([&] { arena.get(*first); }).find("job 7 is given a reference by kworker/u:1") !=
          std::string::npos);
    actors.now = {};
    CHECK(violation_of([&] { arena.put(*first); }).find("job 7 is put by nobody's context at 12.300 us") !=
          std::string::npos);
  }
  CHECK(destroyed == 2);
}
