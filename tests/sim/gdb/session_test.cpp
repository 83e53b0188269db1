// SPDX-License-Identifier: MIT
// Frames and commands of the remote serial protocol, to the letter.
#include "sim/gdb/session.h"

#include <string>

#include "base/prng.h"
#include "sim/gdb/packet.h"
#include "tests/sim/gdb/fake_target.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::gdb;
using hw::DebugStop;

namespace {

using Kind = PacketReader::Kind;

struct SessionScene {
  std::string ask(std::string_view packet) {
    const Answer answer = session.answer(packet, target, DebugStop::breakpoint);
    next = answer.next;
    return answer.is_silent ? "(silent)" : answer.reply;
  }
  test::FakeTarget target;
  Session session;
  Next next{};
};

}  // namespace

TEST_CASE("a frame has the sum of its bytes, and what would end it early is escaped") {
  CHECK(framed("") == "$#00");
  CHECK(framed("OK") == "$OK#9a");
  CHECK(framed("a#b") ==
        "$a}\x03"
        "b#43");  // 0x61 + 0x7d + 0x03 + 0x62
}

TEST_CASE("a reader takes frames apart wherever they were cut, and finds what is broken") {
  PacketReader reader;
  CHECK_FALSE(reader.next());
  reader.feed("+$m0,");
  CHECK_FALSE(reader.next());
  reader.feed("4#fd\x03-$g#00$c#63");
  auto item = reader.next();
  REQUIRE(item);
  CHECK(item->kind == Kind::packet);
  CHECK(item->payload == "m0,4");
  CHECK(reader.next()->kind == Kind::interrupt);
  CHECK(reader.next()->kind == Kind::refused);
  CHECK(reader.next()->kind == Kind::broken);
  item = reader.next();
  CHECK(item->payload == "c");
  CHECK_FALSE(reader.next());
}

TEST_CASE("a payload may have all the bytes that GDB was promised, wherever its frame is cut, and none more") {
  PacketReader reader;
  const std::string longest(kMostBytes, 'a');  // 0x4000 times 0x61: the sum is 0
  reader.feed("$" + longest);
  CHECK_FALSE(reader.next());
  reader.feed("#");
  CHECK_FALSE(reader.next());
  reader.feed("00");
  const auto item = reader.next();
  REQUIRE(item);
  CHECK(item->kind == Kind::packet);
  CHECK((item->payload == longest));
  for (const char* end : {"", "#61"}) {
    CAPTURE(end);
    reader.feed("$" + longest + "a" + end);
    const auto refused = reader.next();
    REQUIRE(refused);
    CHECK(refused->kind == Kind::broken);
    CHECK_FALSE(reader.next());
    reader.feed("#61$c#63");  // the end of what was refused is skipped
    const auto next = reader.next();
    REQUIRE(next);
    CHECK(next->payload == "c");
  }
}

TEST_CASE("registers are read and written alone and together") {
  SessionScene scene;
  scene.target.regs[2] = 0x12345678;
  scene.target.regs[32] = 0x80000000;
  CHECK(scene.ask("p2") == "78563412");
  CHECK(scene.ask("p20") == "00000080");
  CHECK(scene.ask("p21") == "E01");
  CHECK(scene.ask("P3=efbeadde") == "OK");
  CHECK(scene.target.regs[3] == 0xdeadbeef);
  CHECK(scene.ask("P3=efbead") == "E01");
  CHECK(scene.ask("P3=") == "E01");
  CHECK(scene.ask("P3") == "E01");
  CHECK(scene.ask("p3=efbeadde") == "E01");
  const std::string all = scene.ask("g");
  CHECK(all.size() == 33 * 8);
  CHECK(all.substr(16, 16) == "78563412efbeadde");
  scene.target.regs = {};
  CHECK(scene.ask("G" + all) == "OK");
  CHECK(scene.target.regs[32] == 0x80000000);
  CHECK(scene.ask("G00") == "E01");
}

TEST_CASE("memory is read and written where there is some") {
  SessionScene scene;
  CHECK(scene.ask("M1004,3:0a0b0c") == "OK");
  CHECK(scene.ask("m1003,5") == "000a0b0c00");
  CHECK(scene.ask("m10fe,2") == "0000");
  CHECK(scene.ask("m10fe,3") == "E0e");
  CHECK(scene.ask("m10fe") == "E01");
  CHECK(scene.ask("m1000,0") == "E01");
  CHECK(scene.ask("m0,ffffffff") == "E01");
  CHECK(scene.ask("M0,1:00") == "E0e");
  CHECK(scene.ask("M1000,2:00") == "E01");
}

TEST_CASE("breakpoints are set once, of two kinds that are one, and all gone when GDB leaves") {
  SessionScene scene;
  CHECK(scene.ask("Z0,1000,2") == "OK");
  CHECK(scene.ask("Z1,1004,4") == "OK");
  CHECK(scene.ask("Z0,1001,2") == "E01");
  CHECK(scene.ask("Z2,1000,4").empty());  // no watchpoints: GDB steps instead
  CHECK(scene.target.breakpoints == std::set<std::uint32_t>{0x1000, 0x1004});
  CHECK(scene.ask("z0,1000,2") == "OK");
  CHECK(scene.target.breakpoints == std::set<std::uint32_t>{0x1004});
  scene.session.leave(scene.target);
  CHECK(scene.target.breakpoints.empty());
}

TEST_CASE("the core goes on, steps, is left or killed") {
  SessionScene scene;
  CHECK(scene.ask("?") == "T05thread:1;");
  CHECK(Session::stop_reply(DebugStop::interrupt) == "T02thread:1;");
  CHECK(Session::stop_reply(DebugStop::illegal) == "T04thread:1;");
  CHECK(Session::stop_reply(DebugStop::fault) == "T0bthread:1;");
  for (const auto& [packet, next] :
       {std::pair{"c", Next::go_on}, {"s", Next::step}, {"vCont;c", Next::go_on}, {"vCont;s:1;c", Next::step}}) {
    CAPTURE(packet);
    CHECK(scene.ask(packet) == "(silent)");
    CHECK(scene.next == next);
  }
  CHECK(scene.ask("c1010") == "(silent)");
  CHECK(scene.target.regs[32] == 0x1010);
  CHECK(scene.ask("vCont;t") == "E01");
  CHECK(scene.ask("D") == "OK");
  CHECK(scene.next == Next::detach);
  CHECK(scene.ask("k") == "(silent)");
  CHECK(scene.next == Next::kill);
  CHECK(scene.ask("vMustReplyEmpty").empty());
}

TEST_CASE("GDB is told what the target is, in parts of the size that it asks for") {
  SessionScene scene;
  CHECK(scene.ask("qSupported:multiprocess+") ==
        "PacketSize=4000;qXfer:features:read+;QStartNoAckMode+;vContSupported+");
  CHECK(scene.session.acknowledges());
  CHECK(scene.ask("QStartNoAckMode") == "OK");
  CHECK_FALSE(scene.session.acknowledges());
  std::string all;
  for (bool is_last = false; !is_last;) {
    const std::string part = scene.ask("qXfer:features:read:target.xml:" + [&] {
      std::string text;
      for (std::size_t left = all.size(); left > 0 || text.empty(); left /= 16) {
        text.insert(text.begin(), "0123456789abcdef"[left % 16]);
      }
      return text;
    }() + ",40");
    is_last = part.front() == 'l';
    all += part.substr(1);
  }
  CHECK(all.find("<architecture>riscv:rv32</architecture>") != std::string::npos);
  CHECK(all.find(R"(<reg name="pc" bitsize="32" type="code_ptr" regnum="32"/>)") != std::string::npos);
  CHECK(all.ends_with("</target>"));
}

TEST_CASE("no command breaks a session") {
  SessionScene scene;
  Prng random{1, "packets"};
  const std::string letters = "?gGpPmMcsZzqQHTDkv,;:=0123456789abcdefXCont";
  for (int i = 0; i < 20'000; ++i) {
    std::string packet;
    for (std::uint64_t length = random.uniform(0, 12); length > 0; --length) {
      packet += letters[random.uniform(0, letters.size() - 1)];
    }
    CHECK_NOTHROW(scene.ask(packet));
  }
}
