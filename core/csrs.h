// SPDX-License-Identifier: MIT
// The control and status registers of machine mode, and what follows from them: which interrupt is due, where a trap
// leads. There is no other mode, so fields that are about one have their only legal value.
#pragma once

#include <cstdint>
#include <optional>

namespace gpusim::rv32 {

enum class Csr : std::uint32_t {
  mstatus = 0x300,
  misa = 0x301,
  mie = 0x304,
  mtvec = 0x305,
  mstatush = 0x310,
  mcountinhibit = 0x320,
  mhpmevent3 = 0x323,
  mhpmevent31 = 0x33f,
  mscratch = 0x340,
  mepc = 0x341,
  mcause = 0x342,
  mtval = 0x343,
  mip = 0x344,
  mcycle = 0xb00,
  minstret = 0xb02,
  mhpmcounter3 = 0xb03,
  mhpmcounter31 = 0xb1f,
  mcycleh = 0xb80,
  minstreth = 0xb82,
  mhpmcounter3h = 0xb83,
  mhpmcounter31h = 0xb9f,
  cycle = 0xc00,
  instret = 0xc02,
  cycleh = 0xc80,
  instreth = 0xc82,
  mvendorid = 0xf11,
  marchid = 0xf12,
  mimpid = 0xf13,
  mhartid = 0xf14,
  mconfigptr = 0xf15,
};

/// Bits of mie and mip, and causes of interrupts.
enum class Line : std::uint8_t { software = 3, timer = 7, external = 11 };

/// Causes of exceptions.
enum class Cause : std::uint8_t {
  fetch_fault = 1,
  illegal_instruction = 2,
  breakpoint = 3,
  load_misaligned = 4,
  load_fault = 5,
  store_misaligned = 6,
  store_fault = 7,
  ecall = 11,
};
inline constexpr std::uint32_t kInterrupt = 0x8000'0000;  ///< in mcause

/// What has been executed since the core was made.
struct Counts {
  std::uint64_t cycles = 0;
  std::uint64_t instructions = 0;
};

class Csrs {
 public:
  explicit Csrs(std::uint32_t hart) : hart_{hart} {}

  /// None if there is no such register. `now`: before the instruction that reads.
  [[nodiscard]] std::optional<std::uint32_t> read(std::uint32_t number, const Counts& now) const;
  /// False if there is no such register, or it can only be read. What a field cannot hold is ignored. `now`: after the
  /// instruction that writes, since a counter then has the value that was written.
  [[nodiscard]] bool write(std::uint32_t number, std::uint32_t value, const Counts& now);

  void set_line(Line line, bool is_up);
  /// An interrupt that is enabled in mie is pending: ends a WFI, whatever mstatus says.
  [[nodiscard]] bool wakes() const { return (mip_ & mie_) != 0; }
  /// The one that is to be taken now: external before software before timer.
  [[nodiscard]] std::optional<Line> due() const;

  /// Enters a trap from `pc`; returns the address of its handler.
  [[nodiscard]] std::uint32_t enter(std::uint32_t cause, std::uint32_t value, std::uint32_t pc);
  /// MRET; returns where it leads.
  [[nodiscard]] std::uint32_t leave();

 private:
  [[nodiscard]] std::optional<std::uint32_t> read_counter(std::uint32_t number, const Counts& now) const;
  [[nodiscard]] bool write_counter(std::uint32_t number, std::uint32_t value, const Counts& now);

  std::uint32_t hart_;
  bool enabled_ = false;   // mstatus.MIE
  bool previous_ = false;  // mstatus.MPIE
  std::uint32_t mie_ = 0;
  std::uint32_t mip_ = 0;
  std::uint32_t mtvec_ = 0;
  std::uint32_t mscratch_ = 0;
  std::uint32_t mepc_ = 0;
  std::uint32_t mcause_ = 0;
  std::uint32_t mtval_ = 0;
  // What mcycle and minstret say beyond Counts.
  std::uint64_t more_cycles_ = 0;
  std::uint64_t more_instructions_ = 0;
};

}  // namespace gpusim::rv32
