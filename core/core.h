// SPDX-License-Identifier: MIT
// An RV32IMAC core in machine mode: an interpreter over instructions that are decoded once. It knows neither simulated
// time nor SystemC. Its owner runs it for a number of cycles, hears why it stopped, and makes time of cycles.
//
// Deterministic: how a run is cut into pieces changes nothing but where they end. An interrupt line takes effect at the
// next instruction, because it can only change between runs and during an access to the bus. Nothing is allocated while
// it runs. docs/core.md has what is modelled and what is not.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/bus.h"
#include "core/code_cache.h"
#include "core/csrs.h"
#include "core/op.h"
#include "core/tcm.h"

namespace gpusim::rv32 {

/// Why run() has returned.
enum class Stop : std::uint8_t {
  budget,      ///< the cycles are used up
  wfi,         ///< it waits for an interrupt that is enabled in mie; run() returns this again until there is one
  bus,         ///< it stands in front of an access() that the bus did not serve at once
  trap,        ///< it has entered a trap that CoreSpec::reported_traps names; trap() says which
  breakpoint,  ///< it stands in front of a breakpoint; the next run() goes over it
};

struct CoreSpec {
  std::uint32_t hart = 0;  ///< mhartid
  Costs costs{};
  std::uint32_t reported_traps = 0;  ///< bit n: exceptions of Cause n end a run
};

/// An access to the bus.
struct BusAccess {
  std::uint32_t address = 0;
  std::uint32_t size = 0;
  bool is_store = false;
  std::uint32_t value = 0;  ///< of a store
};

/// An exception, as in mcause, mtval and mepc.
struct Trap {
  Cause cause{};
  std::uint32_t value = 0;
  std::uint32_t pc = 0;
};

class Core {
 public:
  /// `tcm` and `bus` outlive the core, and no other core has this TCM. Violates "core_costs" if costs are out of range.
  Core(Tcm& tcm, Bus& bus, const CoreSpec& spec);

  /// Registers, CSRs and what is pending are 0, lines are down; execution begins at `pc`. Counts go on.
  void reset(std::uint32_t pc);

  /// Executes as long as less than `cycles` are used: the last instruction, or the entry of a trap, may use more.
  Stop run(std::uint64_t cycles);

  /// After Stop::bus. Either the owner calls complete() when the access is served: the next run() ends the instruction
  /// with that reply before anything else. Or it just calls run() again: the core looks at its interrupts, and asks the
  /// bus once more.
  [[nodiscard]] const BusAccess& access() const { return access_; }
  /// Pre: run() has returned Stop::bus, and there was no complete() since; `reply` is not `wait`.
  void complete(BusReply reply);

  /// The last exception, reported or not.
  [[nodiscard]] const Trap& trap() const { return trap_; }

  /// Context: between runs, and in a function of the bus.
  void set_line(Line line, bool is_up) { csrs_.set_line(line, is_up); }
  /// Lets so many cycles pass: the time of an access, of a sleep.
  void stall(std::uint64_t cycles) { counts_.cycles += cycles; }
  /// Somebody else has written these bytes of the TCM or changed their rights: instructions there are decoded anew, a
  /// reservation is lost. Context: as set_line().
  void note_write(std::uint32_t address, std::uint32_t size);

  /// Since the core was made, exact at each access to the bus and after each run. CSRs count from what is written
  /// there.
  [[nodiscard]] const Counts& counts() const { return counts_; }
  [[nodiscard]] std::uint32_t pc() const { return pc_; }
  /// Pre: even.
  void set_pc(std::uint32_t pc);
  /// Registers x0 to x31; x0 stays 0.
  [[nodiscard]] std::uint32_t x(std::uint32_t number) const { return x_[number]; }
  void set_x(std::uint32_t number, std::uint32_t value);
  /// None if there is no such register.
  [[nodiscard]] std::optional<std::uint32_t> csr(Csr number) const;
  /// False if there is none, or it cannot be written.
  bool set_csr(Csr number, std::uint32_t value);

  void set_breakpoint(std::uint32_t pc) { cache_.set_breakpoint(pc); }
  void clear_breakpoint(std::uint32_t pc) { cache_.clear_breakpoint(pc); }

 private:
  /// Executes what needs nothing but registers and TCM, from `first` on. Returns the instruction that needs more, which
  /// is not executed, or Op::pause in front of a block that does not fit into what is left before `limit`.
  [[nodiscard]] const Instruction* execute(const Instruction* first, std::uint64_t limit);
  [[nodiscard]] std::optional<Stop> proceed(std::uint64_t limit);

  /// Executes what execute() has left.
  [[nodiscard]] std::optional<Stop> handle(const Instruction& instruction);
  [[nodiscard]] std::optional<Stop> load_or_store(const Instruction& instruction);
  [[nodiscard]] std::optional<Stop> atomic(const Instruction& instruction);
  [[nodiscard]] std::optional<Stop> access_csr(const Instruction& instruction);
  void wait_for_interrupt(const Instruction& instruction);
  [[nodiscard]] std::optional<Stop> finish_access(const Instruction& instruction, BusReply reply);
  void retire(const Instruction& instruction);
  [[nodiscard]] std::optional<Stop> raise(Cause cause, std::uint32_t value);
  void enter(std::uint32_t cause, std::uint32_t value);

  Tcm& tcm_;
  Bus& bus_;
  CoreSpec spec_;
  CodeCache cache_;
  Csrs csrs_;
  Counts counts_;
  std::uint32_t pc_ = 0;
  std::array<std::uint32_t, kSink + 1> x_{};
  Instruction pause_{.op = Op::pause};
  std::optional<std::uint32_t> reservation_;  // address of a word
  std::optional<std::uint32_t> passed_;       // the breakpoint at which the last run stopped
  bool is_waiting_ = false;                   // in WFI
  BusAccess access_;
  Instruction accessing_;  // the instruction of access_
  std::optional<BusReply> reply_;
  Trap trap_;
};

}  // namespace gpusim::rv32
