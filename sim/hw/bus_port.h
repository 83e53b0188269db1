// SPDX-License-Identifier: MIT
// A module's way out: an initiator socket, and the transactions that go through it. Writes and reads that are over when
// the call returns, and debug reads; a ReadingPort has reads in two halves, too (TLM's base protocol), which take time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/timeline.h"
#include "sim/hw/device_bus.h"
#include "sim/hw/requester.h"
#include "sim/hw/systemc.h"
#include "sim/hw/transactions.h"
#include "traces/event/event.h"

namespace gpusim::hw {

/// Rides on a posted write: the event to record when it arrives.
struct ArrivalNote : tlm::tlm_extension<ArrivalNote> {
  trace::Event event;
  bool wanted = false;
  [[nodiscard]] tlm_extension_base* clone() const override { return new ArrivalNote{*this}; }
  void copy_from(const tlm_extension_base& other) override { *this = static_cast<const ArrivalNote&>(other); }
};

/// Rides on a read in two halves.
struct ReadNote : tlm::tlm_extension<ReadNote> {
  std::uint32_t number = 0;
  bool is_aborted = false;  ///< nobody wants it any more: who has not looked yet need not
  [[nodiscard]] tlm_extension_base* clone() const override { return new ReadNote{*this}; }
  void copy_from(const tlm_extension_base& other) override { *this = static_cast<const ReadNote&>(other); }
};

/// Violates "bus" if a transaction of its is refused.
class BusPort {
 public:
  BusPort(const char* socket_name, Timeline& timeline);
  virtual ~BusPort();
  BusPort(const BusPort&) = delete;
  BusPort& operator=(const BusPort&) = delete;

  tlm_utils::simple_initiator_socket<BusPort> socket;

  /// `on_arrival`: to be recorded by a link when it has crossed; nullptr: nothing.
  void write(std::uint64_t address, std::span<const std::byte> bytes, const trace::Event* on_arrival = nullptr);
  template <class T>
  void write_value(std::uint64_t address, const T& value) {
    write(address, std::as_bytes(std::span{&value, 1}));
  }
  /// Reads now. Returns the time for which the target asks.
  Picoseconds read(std::uint64_t address, std::span<std::byte> bytes);
  /// The register there.
  template <class T>
  [[nodiscard]] T read_value(std::uint64_t address) {
    T value{};
    read(address, std::as_writable_bytes(std::span{&value, 1}));
    return value;
  }
  /// Looks without a trace of it (transport_dbg). False if not all of it can be seen.
  bool peek(std::uint64_t address, std::span<std::byte> bytes);

 protected:
  [[nodiscard]] Timeline& timeline() const { return timeline_; }

 private:
  virtual tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                      sc_core::sc_time& delay);

  Timeline& timeline_;
  tlm::tlm_generic_payload payload_;
  ArrivalNote note_;
};

/// "to_engine_0" and so on, of the module that is being constructed.
[[nodiscard]] std::vector<std::unique_ptr<BusPort>> ports_to_engines(std::uint32_t engines, Timeline& timeline);

class ReadingPort : public BusPort, private tlm::tlm_mm_interface {
 public:
  ReadingPort(const char* socket_name, Timeline& timeline);

  /// Gets what begin_read() asked for, by its number; called from the Timeline.
  std::function<void(std::uint32_t read, std::span<const std::byte> bytes)> on_read;

  /// At most kMostBytes. The number is its own until it is over.
  [[nodiscard]] std::uint32_t begin_read(std::uint64_t address, std::size_t size);
  /// Nobody will be told of it.
  void abort(std::uint32_t read);

 private:
  struct Read {
    Read(tlm::tlm_mm_interface* owner, std::uint32_t number);
    ~Read() { payload.clear_extension(&note); }
    Read(const Read&) = delete;
    Read& operator=(const Read&) = delete;
    ReadNote note;
    tlm::tlm_generic_payload payload;
    std::array<std::byte, kMostBytes> bytes{};
  };

  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay) override;
  void arrive(const tlm::tlm_generic_payload& payload, SimTime when);
  void finish(std::uint64_t read);
  void free(tlm::tlm_generic_payload* payload) override;

  Timeline::Component component_;
  Requester requester_;
  std::vector<std::unique_ptr<Read>> reads_;  // by number
  std::vector<std::uint32_t> free_;
  bool is_beginning_ = false;
};

}  // namespace gpusim::hw
