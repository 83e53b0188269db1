// SPDX-License-Identifier: MIT
#include "sim/gdb/session.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/core.h>

#include "sim/gdb/packet.h"

namespace gpusim::gdb {

namespace {

using hw::FirmwareTarget;

constexpr const char* kOk = "OK";
constexpr const char* kBad = "E01";       // the command cannot be read
constexpr const char* kNotThere = "E0e";  // EFAULT

constexpr std::array kRegisterNames{"zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "fp", "s1", "a0",
                                    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
                                    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6", "pc"};
static_assert(kRegisterNames.size() == FirmwareTarget::kRegisters);

[[nodiscard]] std::string target_description() {
  std::string text =
      "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target version=\"1.0\">"
      "<architecture>riscv:rv32</architecture><feature name=\"org.gnu.gdb.riscv.cpu\">";
  for (std::size_t i = 0; i < kRegisterNames.size(); ++i) {
    text += fmt::format(R"(<reg name="{}" bitsize="32" type="{}" regnum="{}"/>)", kRegisterNames[i],
                        i == FirmwareTarget::kPc ? "code_ptr" : "int", i);
  }
  return text + "</feature></target>";
}

/// In front of and behind the first `at`; nothing behind if there is none.
[[nodiscard]] std::pair<std::string_view, std::string_view> cut(std::string_view text, char at) {
  const std::size_t place = text.find(at);
  if (place == std::string_view::npos) return {text, {}};
  return {text.substr(0, place), text.substr(place + 1)};
}

/// "address,length"
[[nodiscard]] std::optional<std::pair<std::uint32_t, std::uint32_t>> range_of(std::string_view text) {
  const auto [first, second] = cut(text, ',');
  const auto address = number_of(first);
  const auto length = number_of(second);
  if (!address || !length) return std::nullopt;
  return std::pair{*address, *length};
}

[[nodiscard]] std::string word_text(std::uint32_t word) { return hex(std::as_bytes(std::span{&word, 1})); }

[[nodiscard]] std::optional<std::uint32_t> word_of(std::string_view text) {
  const auto bytes = bytes_of(text);
  if (!bytes || bytes->size() != sizeof(std::uint32_t)) return std::nullopt;
  std::uint32_t word = 0;
  std::memcpy(&word, bytes->data(), sizeof word);
  return word;
}

[[nodiscard]] std::string read_all(const FirmwareTarget& target) {
  std::string text;
  for (std::uint32_t i = 0; i < FirmwareTarget::kRegisters; ++i) text += word_text(target.reg(i));
  return text;
}

[[nodiscard]] std::string write_all(std::string_view text, FirmwareTarget& target) {
  constexpr std::size_t kDigits = 8;
  if (text.size() != kDigits * FirmwareTarget::kRegisters || !bytes_of(text)) return kBad;
  for (std::uint32_t i = 0; i < FirmwareTarget::kRegisters; ++i) {
    target.set_reg(i, *word_of(text.substr(kDigits * i, kDigits)));
  }
  return kOk;
}

/// "n"
[[nodiscard]] std::string read_register(std::string_view text, const FirmwareTarget& target) {
  const auto number = number_of(text);
  if (!number || *number >= FirmwareTarget::kRegisters) return kBad;
  return word_text(target.reg(*number));
}

/// "n=value"
[[nodiscard]] std::string write_register(std::string_view text, FirmwareTarget& target) {
  const auto [name, value] = cut(text, '=');
  const auto number = number_of(name);
  const auto word = word_of(value);
  if (!number || *number >= FirmwareTarget::kRegisters || !word) return kBad;
  target.set_reg(*number, *word);
  return kOk;
}

[[nodiscard]] std::string read_memory(std::string_view text, const FirmwareTarget& target) {
  const auto range = range_of(text);
  // Nothing of no bytes: an empty reply would say that the command is not known.
  if (!range || range->second == 0 || range->second > kMostBytes / 2) return kBad;
  std::vector<std::byte> bytes(range->second);
  return target.read(range->first, bytes) ? hex(bytes) : kNotThere;
}

/// "address,length:bytes"
[[nodiscard]] std::string write_memory(std::string_view text, FirmwareTarget& target) {
  const auto [where, data] = cut(text, ':');
  const auto range = range_of(where);
  const auto bytes = bytes_of(data);
  if (!range || !bytes || bytes->size() != range->second) return kBad;
  return target.write(range->first, *bytes) ? kOk : kNotThere;
}

/// "offset,length" of the description of the target.
[[nodiscard]] std::string describe(std::string_view text) {
  const auto range = range_of(text);
  if (!range) return kBad;
  const std::string all = target_description();
  if (range->first >= all.size()) return "l";
  const std::string part = all.substr(range->first, range->second);
  return (range->first + part.size() < all.size() ? "m" : "l") + part;
}

}  // namespace

std::string Session::stop_reply(hw::DebugStop stop) {
  const auto signal = [stop] {
    switch (stop) {
      case hw::DebugStop::interrupt:
        return 2;  // SIGINT
      case hw::DebugStop::illegal:
        return 4;  // SIGILL
      case hw::DebugStop::fault:
        return 11;  // SIGSEGV
      default:
        return 5;  // SIGTRAP
    }
  };
  return fmt::format("T{:02x}thread:1;", signal());
}

void Session::leave(FirmwareTarget& target) {
  for (const std::uint32_t pc : breakpoints_) target.clear_breakpoint(pc);
  breakpoints_.clear();
}

std::string Session::breakpoint(std::string_view packet, FirmwareTarget& target) {
  // "Z0,address,kind"; those in hardware are the same here.
  const bool is_known = packet.size() > 2 && (packet[1] == '0' || packet[1] == '1') && packet[2] == ',';
  if (!is_known) return {};
  const auto pc = number_of(cut(packet.substr(3), ',').first);
  if (!pc || *pc % 2 != 0) return kBad;
  if (packet[0] == 'Z') {
    if (breakpoints_.insert(*pc).second) target.set_breakpoint(*pc);
  } else if (breakpoints_.erase(*pc) > 0) {
    target.clear_breakpoint(*pc);
  }
  return kOk;
}

/// "c", "s", with an address or without; "vCont;c", "vCont;s:1;c".
Answer Session::resume(std::string_view packet, FirmwareTarget& target) {
  const bool is_vcont = packet.starts_with("vCont;");
  if (!is_vcont && packet.size() > 1) {
    const auto pc = number_of(packet.substr(1));
    if (!pc) return {kBad};
    target.set_reg(FirmwareTarget::kPc, *pc);
  }
  const char action = is_vcont && packet.size() > 6 ? packet[6] : packet[0];
  const bool is_step = action == 's' || action == 'S';
  if (!is_step && action != 'c' && action != 'C') return {kBad};
  return {.reply = {}, .next = is_step ? Next::step : Next::go_on, .is_silent = true};
}

Answer Session::query(std::string_view packet) {
  constexpr std::string_view kDescription = "qXfer:features:read:target.xml:";
  if (packet.starts_with("qSupported")) {
    return {fmt::format("PacketSize={:x};qXfer:features:read+;QStartNoAckMode+;vContSupported+", kMostBytes)};
  }
  if (packet == "QStartNoAckMode") {
    acknowledges_ = false;
    return {kOk};
  }
  if (packet.starts_with(kDescription)) return {describe(packet.substr(kDescription.size()))};
  if (packet == "qAttached") return {"1"};  // to quit is to detach
  if (packet == "qC") return {"QC1"};
  if (packet == "qfThreadInfo") return {"m1"};
  if (packet == "qsThreadInfo") return {"l"};
  return {};
}

Answer Session::answer(std::string_view packet, FirmwareTarget& target, hw::DebugStop stop) {
  if (packet.empty()) return {};
  if (packet == "vCont?") return {"vCont;c;C;s;S"};
  if (packet.starts_with("vCont;")) return resume(packet, target);
  if (packet.starts_with("vKill")) return {kOk, Next::kill};
  const std::string_view rest = packet.substr(1);
  switch (packet.front()) {
    case '?':
      return {stop_reply(stop)};
    case 'g':
      return {read_all(target)};
    case 'G':
      return {write_all(rest, target)};
    case 'p':
      return {read_register(rest, target)};
    case 'P':
      return {write_register(rest, target)};
    case 'm':
      return {read_memory(rest, target)};
    case 'M':
      return {write_memory(rest, target)};
    case 'c':
    case 's':
      return resume(packet, target);
    case 'Z':
    case 'z':
      return {breakpoint(packet, target)};
    case 'q':
    case 'Q':
      return query(packet);
    case 'H':  // there is one thread
    case 'T':
      return {kOk};
    case 'D':
      return {kOk, Next::detach};
    case 'k':
      return {.reply = {}, .next = Next::kill, .is_silent = true};
    default:
      return {};
  }
}

}  // namespace gpusim::gdb
