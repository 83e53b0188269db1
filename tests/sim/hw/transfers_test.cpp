// SPDX-License-Identifier: MIT
// Who moves bytes at which rate, and when it is over: closed forms, to the picosecond.
#include "sim/hw/transfers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "base/prng.h"
#include "base/timeline.h"
#include "sim/hw/spec.h"
#include "tests/support/catch.h"
#include "tests/support/violation.h"

namespace gpusim::hw {
namespace {

constexpr std::uint64_t kMega = 1'000'000;
constexpr TransferPath kUpload = TransferPath::between(true, false);
constexpr TransferPath kReadback = TransferPath::between(false, true);
constexpr TransferPath kWithin = TransferPath::between(false, false);

/// Five engines, which note when their transfers end.
class TransferRig {
 public:
  TransferRig(std::uint64_t link_mb_s, std::uint64_t memory_mb_s) : spec_{spec_of(link_mb_s, memory_mb_s)} {
    for (std::uint32_t i = 0; i < kEngines; ++i) {
      transfers.bind(i, timeline.add_component("e" + std::to_string(i)), [this, i] { ends[i] = timeline.now(); });
    }
    timeline.freeze();
  }
  void begin(std::uint32_t engine, const TransferPath& path, std::uint64_t bytes) {
    transfers.begin(engine, path, kPicobytesPerByte * bytes);
  }
  void run() {
    while (!timeline.empty()) timeline.run_one();
  }
  [[nodiscard]] std::vector<std::uint64_t> rates() const {
    std::vector<std::uint64_t> all;
    for (std::uint32_t i = 0; i < kEngines; ++i) all.push_back(transfers.rate(i) / kMega);
    return all;
  }

  [[nodiscard]] std::vector<std::uint64_t> exact_rates() const {
    std::vector<std::uint64_t> all;
    for (std::uint32_t i = 0; i < kEngines; ++i) all.push_back(transfers.rate(i));
    return all;
  }

  static constexpr std::uint32_t kEngines = 5;
  Timeline timeline;

 private:
  static DeviceSpec spec_of(std::uint64_t link_mb_s, std::uint64_t memory_mb_s) {
    DeviceSpec spec;
    spec.link.bandwidth_mb_s = link_mb_s;
    spec.memory.bandwidth_mb_s = memory_mb_s;
    return spec;
  }
  DeviceSpec spec_;

 public:
  Transfers transfers{timeline, spec_};
  std::array<std::optional<SimTime>, kEngines> ends;
};

using Rates = std::vector<std::uint64_t>;
constexpr std::array kPaths{kUpload, kReadback, kWithin, TransferPath::of_context()};

struct Capacities {  // bytes a second
  std::uint64_t link;
  std::uint64_t memory;
};
struct Asked {
  TransferPath path;
  Picobytes amount = 0;
  Picobytes moved = 0;  ///< the rates added up
};
using AllAsked = std::array<Asked, TransferRig::kEngines>;

/// By the definition: each is held up by something on its path that is full, and of which nobody has more.
void check_fair(const TransferRig& rig, const AllAsked& asked, const Capacities& capacities) {
  using Weight = std::uint8_t TransferPath::*;
  const std::array<std::pair<Weight, std::uint64_t>, 3> resources{{{&TransferPath::down, capacities.link},
                                                                   {&TransferPath::up, capacities.link},
                                                                   {&TransferPath::memory, capacities.memory}}};
  constexpr std::uint64_t kRounding = 2 * TransferRig::kEngines;
  std::array<bool, TransferRig::kEngines> held_up{};
  for (const auto& [weight, capacity] : resources) {
    std::uint64_t used = 0;
    std::uint64_t most = 0;
    for (std::uint32_t i = 0; i < TransferRig::kEngines; ++i) {
      if (asked[i].path.*weight == 0) continue;
      used += rig.transfers.rate(i) * (asked[i].path.*weight);
      most = std::max(most, rig.transfers.rate(i));
    }
    CHECK(used <= capacity);
    for (std::uint32_t i = 0; i < TransferRig::kEngines; ++i) {
      const bool is_full = used + kRounding >= capacity;
      held_up[i] |= is_full && asked[i].path.*weight != 0 && rig.transfers.rate(i) + kRounding >= most;
    }
  }
  for (std::uint32_t i = 0; i < TransferRig::kEngines; ++i) CHECK((held_up[i] || !rig.transfers.is_active(i)));
}

/// Rates change at entries only. Who ends has moved all, and has been at it for less than a picosecond too long.
void advance(TransferRig& rig, AllAsked& asked, Picoseconds time) {
  const SimTime until = rig.timeline.now() + time;
  for (;;) {
    const SimTime next = std::min(until, rig.timeline.next_time());
    const auto passed = static_cast<Wide>((next - rig.timeline.now()).count());
    for (std::uint32_t i = 0; i < TransferRig::kEngines; ++i) asked[i].moved += rig.transfers.rate(i) * passed;
    if (rig.timeline.next_time() > until) return rig.timeline.run_until(until);
    const Rates before = rig.exact_rates();
    rig.timeline.run_one();
    for (std::uint32_t i = 0; i < TransferRig::kEngines; ++i) {
      if (before[i] == 0 || rig.transfers.is_active(i)) continue;
      CHECK(asked[i].moved >= asked[i].amount);
      CHECK(asked[i].moved < asked[i].amount + before[i]);
    }
  }
}

}  // namespace

TEST_CASE("one transfer takes its bytes over the narrower of link and memory", "[transfers]") {
  struct Row {
    std::uint64_t link;
    std::uint64_t memory;
    TransferPath path;
    Picoseconds time;  // of 16 MB
  };
  for (const Row& row :
       {Row{16'000, 0, kUpload, ms(1)}, Row{16'000, 0, kReadback, ms(1)}, Row{16'000, 8'000, kUpload, ms(2)},
        Row{16'000, 64'000, kUpload, ms(1)}, Row{0, 32'000, kUpload, us(500)},
        Row{16'000, 64'000, kWithin, us(500)}}) {  // read and written
    TransferRig rig{row.link, row.memory};
    rig.begin(0, row.path, 16 * kMega);
    rig.run();
    CHECK(rig.ends[0] == at(row.time));
    CHECK_FALSE(rig.transfers.is_active(0));
  }
}

TEST_CASE("an end is the first picosecond at which all bytes are there", "[transfers]") {
  TransferRig rig{3, 0};  // a byte takes 333,333 1/3 ps
  rig.begin(0, kUpload, 1);
  rig.begin(1, kReadback, 3);
  rig.run();
  CHECK(rig.ends[0] == at(ps(333'334)));
  CHECK(rig.ends[1] == at(us(1)));
}

TEST_CASE("two that begin at once share alike, and the longer one has all when the shorter one is done",
          "[transfers]") {
  TransferRig rig{16'000, 0};
  rig.begin(0, kUpload, 16 * kMega);
  rig.begin(1, kUpload, 32 * kMega);
  CHECK(rig.rates() == Rates{8'000, 8'000, 0, 0, 0});
  rig.run();
  CHECK(rig.ends[0] == at(ms(2)));
  CHECK(rig.ends[1] == at(ms(3)));  // 48 MB in all
}

TEST_CASE("one that begins in the middle of another slows it down from then on", "[transfers]") {
  TransferRig rig{16'000, 0};
  rig.begin(0, kUpload, 32 * kMega);
  rig.timeline.run_until(at(ms(1)));  // half of it
  rig.begin(1, kUpload, 8 * kMega);
  rig.run();
  CHECK(rig.ends[1] == at(ms(2)));            // 8 MB at half the rate
  CHECK(rig.ends[0] == at(ms(2) + us(500)));  // 16 + 8 + 8 MB
}

TEST_CASE("the directions of the link are apart, the memory is one", "[transfers]") {
  TransferRig apart{16'000, 0};
  apart.begin(0, kUpload, 16 * kMega);
  apart.begin(1, kReadback, 16 * kMega);
  CHECK(apart.rates() == Rates{16'000, 16'000, 0, 0, 0});
  TransferRig together{16'000, 16'000};
  together.begin(0, kUpload, 16 * kMega);
  together.begin(1, kReadback, 16 * kMega);
  CHECK(together.rates() == Rates{8'000, 8'000, 0, 0, 0});
}

TEST_CASE("what one cannot use for the link, others have of the memory", "[transfers]") {
  // Max-min: two uploads have 5 each of the link's 10; the copy within has the rest of 100, read and written.
  TransferRig rig{10'000, 100'000};
  rig.begin(0, kUpload, 5 * kMega);
  rig.begin(1, kUpload, 50 * kMega);
  rig.begin(2, kWithin, 90 * kMega);
  CHECK(rig.rates() == Rates{5'000, 5'000, 45'000, 0, 0});
  rig.run();
  CHECK(rig.ends[0] == at(ms(1)));
  // From 1 ms on upload 1 has 10, the copy still 45: it ends at 2 ms, with nothing lost.
  CHECK(rig.ends[2] == at(ms(2)));
  CHECK(rig.ends[1] == at(ms(5) + us(500)));
  // A context beside two copies: each has 20 of 100, which a copy takes twice.
  TransferRig contexts{0, 100'000};
  contexts.begin(0, kWithin, kMega);
  contexts.begin(1, kWithin, kMega);
  contexts.begin(2, TransferPath::of_context(), kMega);
  CHECK(contexts.rates() == Rates{20'000, 20'000, 20'000, 0, 0});
}

TEST_CASE("what is stopped keeps what it has moved, and its share goes to the others", "[transfers]") {
  TransferRig rig{16'000, 0};
  rig.begin(0, kUpload, 32 * kMega);
  rig.begin(1, kUpload, 32 * kMega);
  rig.timeline.run_until(at(ms(1)));
  const Picobytes left = rig.transfers.stop(0);
  CHECK(whole_bytes(left) == 24 * kMega);
  CHECK(rig.rates() == Rates{0, 16'000, 0, 0, 0});
  CHECK(rig.transfers.stop(0) == 0);
  rig.timeline.run_until(at(ms(2)));
  rig.transfers.begin(0, kUpload, left);
  rig.run();
  CHECK(rig.ends[1] == at(ms(3)));  // 8 + 16 + 8
  CHECK(rig.ends[0] == at(ms(4)));  // 8 + 0 + 8 + 16
}

TEST_CASE("shares are max-min fair and every byte is moved once, whatever begins, ends and is stopped", "[transfers]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    Prng random{seed, "transfers"};
    const Capacities capacities{random.uniform(1, 20'000) * kMega, random.uniform(1, 40'000) * kMega};
    TransferRig rig{capacities.link / kMega, capacities.memory / kMega};
    std::array<Asked, TransferRig::kEngines> asked{};
    for (int step = 0; step < 200; ++step) {
      const auto engine = static_cast<std::uint32_t>(random.uniform(0, TransferRig::kEngines - 1));
      Asked& mine = asked[engine];
      if (!rig.transfers.is_active(engine)) {
        const std::uint64_t bytes = random.uniform(1, 100'000);
        mine = {kPaths[random.uniform(0, kPaths.size() - 1)], kPicobytesPerByte * bytes, 0};
        rig.begin(engine, mine.path, bytes);
      } else if (random.uniform(0, 2) == 0) {
        CHECK(rig.transfers.stop(engine) == mine.amount - mine.moved);
      }
      check_fair(rig, asked, capacities);
      advance(rig, asked, ps(static_cast<std::int64_t>(random.uniform(0, 20'000'000))));
    }
  }
}

TEST_CASE("an engine has one transfer at a time, and none that nothing limits", "[transfers]") {
  TransferRig rig{16'000, 0};
  rig.begin(0, kUpload, 1);
  CHECK(test::oracle_of([&] { rig.begin(0, kUpload, 1); }) == "transfer");
  CHECK_FALSE(rig.transfers.limits(kWithin));
  CHECK(test::oracle_of([&] { rig.begin(1, kWithin, 1); }) == "transfer");
}

}  // namespace gpusim::hw
