// SPDX-License-Identifier: MIT
// The connection: who waits for whom, and what becomes of a run without its debugger.
#include "sim/gdb/server.h"

#include <utility>  // first: Boost 1.74's Asio forgets it

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <string>
#include <thread>

#include "sim/gdb/packet.h"
#include "tests/sim/gdb/fake_target.h"
#include "tests/support/catch.h"

using namespace gpusim;
using boost::asio::ip::tcp;
using hw::DebugResume;
using hw::DebugStop;

namespace {

class Client {
 public:
  explicit Client(std::uint16_t port) { socket_.connect({boost::asio::ip::address_v4::loopback(), port}); }
  void send(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }
  void ask(std::string_view packet) { send(gdb::framed(packet)); }
  /// As many bytes as these have.
  [[nodiscard]] std::string receive(std::string_view like) {
    std::string text(like.size(), '\0');
    boost::system::error_code error;
    text.resize(boost::asio::read(socket_, boost::asio::buffer(text), error));
    return text;
  }

 private:
  boost::asio::io_context io_;
  tcp::socket socket_{io_};
};

}  // namespace

TEST_CASE("a core waits for its debugger, stops when it is interrupted, and the debugger hears of the end") {
  gdb::Server server{0};
  REQUIRE(server.error().empty());
  REQUIRE(server.port() != 0);
  CHECK_FALSE(server.wants_stop());
  test::FakeTarget target;
  Client client{server.port()};
  client.ask("?");
  client.ask("c");
  CHECK(server.on_stop(target, DebugStop::reset) == DebugResume::go_on);
  const std::string at_reset = "+" + gdb::framed("T05thread:1;") + "+";
  CHECK(client.receive(at_reset) == at_reset);
  CHECK_FALSE(server.wants_stop());
  client.send("\x03");
  while (!server.wants_stop()) std::this_thread::yield();
  client.ask("s");
  CHECK(server.on_stop(target, DebugStop::interrupt) == DebugResume::step);
  const std::string interrupted = gdb::framed("T02thread:1;") + "+";
  CHECK(client.receive(interrupted) == interrupted);
  server.finish(0);
  CHECK(client.receive("$W00#b7") == "$W00#b7");
}

TEST_CASE("an interrupt is seen that came with the command before it, or behind another, which is answered") {
  gdb::Server server{0};
  test::FakeTarget target;
  Client client{server.port()};
  client.send(gdb::framed("c") + "\x03");
  CHECK(server.on_stop(target, DebugStop::reset) == DebugResume::go_on);
  CHECK(client.receive("+") == "+");
  CHECK(server.wants_stop());
  client.ask("c");
  CHECK(server.on_stop(target, DebugStop::interrupt) == DebugResume::go_on);
  const std::string stopped = gdb::framed("T02thread:1;");
  CHECK(client.receive(stopped + "+") == stopped + "+");
  CHECK_FALSE(server.wants_stop());
  client.send(gdb::framed("H0") + "\x03");
  while (!server.wants_stop()) std::this_thread::yield();
  client.ask("c");
  CHECK(server.on_stop(target, DebugStop::interrupt) == DebugResume::go_on);
  CHECK(client.receive(stopped + "+$OK#9a+") == stopped + "+$OK#9a+");
}

TEST_CASE("a run that the debugger kills does not go on") {
  for (const char* packet : {"k", "vKill;1"}) {
    CAPTURE(packet);
    gdb::Server server{0};
    test::FakeTarget target;
    Client client{server.port()};
    client.ask("Z0,1000,2");
    client.ask(packet);
    CHECK(server.on_stop(target, DebugStop::reset) == DebugResume::kill);
    CHECK(server.is_killed());
    CHECK(target.breakpoints.empty());
    CHECK_FALSE(server.wants_stop());
  }
}

TEST_CASE("what is broken is asked for again, and so is a reply that was lost") {
  gdb::Server server{0};
  test::FakeTarget target;
  Client client{server.port()};
  client.send("$?#00");
  client.ask("H0");
  client.send("-");
  client.ask("c");
  CHECK(server.on_stop(target, DebugStop::reset) == DebugResume::go_on);
  CHECK(client.receive("-+$OK#9a$OK#9a+") == "-+$OK#9a$OK#9a+");
}

TEST_CASE("a connection that is lost leaves the core alone for ever, without breakpoints") {
  gdb::Server server{0};
  test::FakeTarget target;
  {
    Client client{server.port()};
    client.ask("Z0,1000,2");
  }
  CHECK(server.on_stop(target, DebugStop::reset) == DebugResume::go_on);
  CHECK(target.breakpoints.empty());
  CHECK(server.on_stop(target, DebugStop::breakpoint) == DebugResume::go_on);
  CHECK_FALSE(server.wants_stop());
  CHECK_FALSE(server.is_killed());
}

TEST_CASE("who interrupts the program does not wait for a debugger, and a port has one listener") {
  gdb::Server server{0};
  const gdb::Server second{server.port()};
  CHECK(second.error() == "port " + std::to_string(server.port()) + ": Address already in use");
  int asked = 0;
  server.is_interrupted = [&asked] { return ++asked == 2; };
  test::FakeTarget target;
  CHECK(server.on_stop(target, DebugStop::reset) == DebugResume::go_on);
  CHECK(asked == 2);
}
