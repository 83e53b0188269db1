// SPDX-License-Identifier: MIT
#include "sim/gdb/server.h"

#include <utility>  // first: Boost 1.74's Asio forgets it

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <chrono>
#include <deque>
#include <optional>

#include <fmt/core.h>

#include "sim/gdb/packet.h"
#include "sim/gdb/session.h"

namespace gpusim::gdb {

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kAskEvery{100};

}  // namespace

struct Server::Connection {
  explicit Connection(const std::function<bool()>& asked) : is_interrupted{asked} {}

  /// False: the connection is lost, or the user has interrupted the program meanwhile.
  template <class Socket>
  [[nodiscard]] bool wait_for(Socket& what) {
    std::optional<error_code> result;
    what.async_wait(Socket::wait_read, [&result](const error_code& error) { result = error; });
    bool is_cancelled = false;
    while (!result) {
      io.restart();
      io.run_for(kAskEvery);
      if (result || is_cancelled || !is_interrupted()) continue;
      is_cancelled = true;
      error_code none;
      what.cancel(none);
    }
    return !*result;
  }

  [[nodiscard]] bool accept() {
    error_code failed;
    if (!wait_for(acceptor)) return false;
    acceptor.accept(socket, failed);
    if (failed) return false;
    socket.set_option(tcp::no_delay{true}, failed);
    acceptor.close(failed);
    return true;
  }

  /// What has arrived; false: the connection is lost.
  [[nodiscard]] bool receive() {
    error_code failed;
    std::array<char, 4'096> bytes{};
    const std::size_t count = socket.read_some(boost::asio::buffer(bytes), failed);
    reader.feed({bytes.data(), count});
    return !failed;
  }

  /// None: the connection is lost, or the user has interrupted the program.
  [[nodiscard]] std::optional<PacketReader::Item> next() {
    if (!early.empty()) {
      PacketReader::Item item = std::move(early.front());
      early.pop_front();
      return item;
    }
    for (;;) {
      if (auto item = reader.next()) return item;
      if (!wait_for(socket) || !receive()) return std::nullopt;
    }
  }

  bool write(std::string_view text) {
    error_code failed;
    boost::asio::write(socket, boost::asio::buffer(text), failed);
    return !failed;
  }
  bool send(std::string_view payload) { return write(sent = framed(payload)); }

  const std::function<bool()>& is_interrupted;
  boost::asio::io_context io{1};
  tcp::acceptor acceptor{io};
  tcp::socket socket{io};
  PacketReader reader;
  std::deque<PacketReader::Item> early;  // what came while the core was running, for its next stop
  Session session;
  std::string sent;  // for who asks for it once more
};

Server::Server(std::uint16_t port) : connection_{std::make_unique<Connection>(is_interrupted)} {
  tcp::acceptor& acceptor = connection_->acceptor;
  error_code failed;
  const auto no_error = [&] { return !failed; };
  acceptor.open(tcp::v4(), failed);
  if (no_error()) acceptor.set_option(tcp::acceptor::reuse_address{true}, failed);
  if (no_error()) acceptor.bind({boost::asio::ip::address_v4::loopback(), port}, failed);
  if (no_error()) acceptor.listen(1, failed);
  if (failed) error_ = fmt::format("port {}: {}", port, failed.message());
}

Server::~Server() = default;

std::uint16_t Server::port() const {
  error_code none;
  return connection_->acceptor.local_endpoint(none).port();
}

hw::DebugResume Server::on_stop(hw::FirmwareTarget& target, hw::DebugStop stop) {
  if (is_left_) return hw::DebugResume::go_on;
  if (is_connected_) {
    if (!connection_->send(Session::stop_reply(stop))) return leave(target);
  } else if (!connection_->accept()) {
    return leave(target);
  }
  is_connected_ = true;
  return serve(target, stop);
}

hw::DebugResume Server::serve(hw::FirmwareTarget& target, hw::DebugStop stop) {
  for (;;) {
    const auto item = connection_->next();
    if (!item) return leave(target);
    if (item->kind == PacketReader::Kind::interrupt) continue;  // it stands already
    if (item->kind == PacketReader::Kind::refused) {
      connection_->write(connection_->sent);
      continue;
    }
    const bool is_good = item->kind == PacketReader::Kind::packet;
    if (connection_->session.acknowledges()) connection_->write(is_good ? "+" : "-");
    if (!is_good) continue;
    const Answer answer = connection_->session.answer(item->payload, target, stop);
    if (!answer.is_silent) connection_->send(answer.reply);
    switch (answer.next) {
      case Next::stay:
        continue;
      case Next::go_on:
        return hw::DebugResume::go_on;
      case Next::step:
        return hw::DebugResume::step;
      case Next::kill:
        is_killed_ = true;
        (void)leave(target);
        return hw::DebugResume::kill;
      case Next::detach:
        return leave(target);
    }
  }
}

hw::DebugResume Server::leave(hw::FirmwareTarget& target) {
  connection_->session.leave(target);
  error_code none;
  connection_->socket.close(none);
  is_left_ = true;
  return hw::DebugResume::go_on;
}

bool Server::wants_stop() {
  if (is_left_ || !is_connected_) return false;
  error_code failed;
  if (connection_->socket.available(failed) > 0 && !failed) (void)connection_->receive();
  // The interrupt may have come with the command that let the core go on, and behind a packet.
  while (auto item = connection_->reader.next()) {
    if (item->kind == PacketReader::Kind::interrupt) return true;
    if (item->kind != PacketReader::Kind::refused) connection_->early.push_back(std::move(*item));
  }
  return false;
}

void Server::finish(int code) {
  if (is_left_ || !is_connected_) return;
  connection_->send(fmt::format("W{:02x}", code));
  error_code none;
  connection_->socket.shutdown(tcp::socket::shutdown_send, none);
}

}  // namespace gpusim::gdb
