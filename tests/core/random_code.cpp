// SPDX-License-Identifier: MIT
#include "tests/core/random_code.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "tests/core/assembler.h"

namespace gpusim::test {
namespace {

using rv::Word;

constexpr bool is_pointer(Word number) { return number == 2 || number == 8 || number == 9; }

/// Draws the parts of an instruction.
class Draw {
 public:
  explicit Draw(Prng& random) : random_{random} {}

  [[nodiscard]] Word below(Word limit) { return static_cast<Word>(random_.uniform(0, limit - 1)); }
  [[nodiscard]] bool one_in(Word count) { return below(count) == 0; }
  [[nodiscard]] int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<Word>(high - low + 1)));
  }
  [[nodiscard]] Word source() { return below(32); }
  [[nodiscard]] Word pointer() { return kPointers[below(3)]; }
  [[nodiscard]] Word destination() {
    for (;;) {
      const Word number = below(32);
      if (!is_pointer(number)) return number;
    }
  }
  /// The same among x8..x15, as its three bits.
  [[nodiscard]] Word popular_destination() { return 2 + below(6); }
  [[nodiscard]] Word popular_source() { return below(8); }
  [[nodiscard]] Word popular_pointer() { return below(2); }
  /// In reach of a pointer.
  [[nodiscard]] int offset(int size) { return between(-2048 / size, 2047 / size - 1) * size; }

 private:
  Prng& random_;
};

Word alu(Draw& draw) {
  const auto code = static_cast<rv::AluCode>(draw.below(8));
  const bool is_shift = code == rv::kSll || code == rv::kSrl;
  if (draw.one_in(2)) {
    const Word function = (code == rv::kAdd || code == rv::kSrl) && draw.one_in(2) ? 0x20 : 0;
    return rv::alu(code, draw.destination(), draw.source(), draw.source(), function);
  }
  const int shift = draw.between(0, 31) | (code == rv::kSrl && draw.one_in(2) ? 0x400 : 0);
  return rv::alu_immediate(code, draw.destination(), draw.source(), is_shift ? shift : draw.between(-2048, 2047));
}

Word memory(Draw& draw) {
  static constexpr std::array kLoads{rv::kByte, rv::kHalf, rv::kWord, rv::kByteUnsigned, rv::kHalfUnsigned};
  const rv::WidthCode code = kLoads[draw.below(5)];
  const int size = code % 4 == 0 ? 1 : code % 4 == 1 ? 2 : 4;
  if (draw.one_in(2)) return rv::load(code, draw.destination(), draw.pointer(), draw.offset(size));
  return rv::store(static_cast<rv::WidthCode>(code % 4), draw.source(), draw.pointer(), draw.offset(size));
}

Word atomic(Draw& draw) {
  static constexpr std::array kCodes{rv::kAmoAdd, rv::kAmoSwap, rv::kAmoXor,  rv::kAmoOr,  rv::kAmoAnd,
                                     rv::kAmoMin, rv::kAmoMax,  rv::kAmoMinu, rv::kAmoMaxu};
  return rv::atomic(kCodes[draw.below(9)], draw.destination(), draw.pointer(), draw.source()) | draw.below(4) << 25;
}

Word nonzero_destination(Draw& draw) {
  for (;;) {
    const Word number = draw.destination();
    if (number != 0) return number;
  }
}

/// With their destinations and pointers; all immediates are legal, or made so.
Word compressed(Draw& draw) {
  const Word nonzero = 1 + draw.below(31);
  const Word shift = draw.below(32);
  const Word sign = draw.below(2);
  const Word any = nonzero_destination(draw);
  switch (draw.below(14)) {
    case 0:  // c.addi4spn
      return 0x0000 | (1 + draw.below(255)) << 5 | draw.popular_destination() << 2;
    case 1:  // c.lw
      return 0x4000 | draw.below(8) << 10 | draw.popular_pointer() << 7 | draw.below(4) << 5 |
             draw.popular_destination() << 2;
    case 2:  // c.sw
      return 0xc000 | draw.below(8) << 10 | draw.popular_pointer() << 7 | draw.below(4) << 5 |
             draw.popular_source() << 2;
    case 3:  // c.addi
      return 0x0001 | sign << 12 | any << 7 | nonzero << 2;
    case 4:  // c.li
      return 0x4001 | sign << 12 | any << 7 | shift << 2;
    case 5:  // c.lui
      return 0x6001 | sign << 12 | any << 7 | nonzero << 2;
    case 6:  // c.srli, c.srai
      return 0x8001 | draw.below(2) << 10 | draw.popular_destination() << 7 | shift << 2;
    case 7:  // c.andi
      return 0x8801 | sign << 12 | draw.popular_destination() << 7 | shift << 2;
    case 8:  // c.sub, c.xor, c.or, c.and
      return 0x8c01 | draw.popular_destination() << 7 | draw.below(4) << 5 | draw.popular_source() << 2;
    case 9:  // c.slli
      return 0x0002 | any << 7 | shift << 2;
    case 10:  // c.lwsp
      return 0x4002 | sign << 12 | any << 7 | shift << 2;
    case 11:  // c.swsp
      return 0xc002 | draw.below(64) << 7 | draw.source() << 2;
    case 12:  // c.mv
      return 0x8002 | any << 7 | nonzero << 2;
    default:  // c.add
      return 0x9002 | any << 7 | nonzero << 2;
  }
}

Piece reserved_pair(Draw& draw) {
  const Word to = draw.pointer();
  Piece piece{{rv::atomic(rv::kLr, draw.destination(), to, 0)}};
  for (Word i = draw.below(3); i > 0; --i) piece.words.push_back(alu(draw));
  const Word other = draw.one_in(4) ? draw.pointer() : to;
  piece.words.push_back(rv::atomic(rv::kSc, draw.destination(), other, draw.source()));
  return piece;
}

/// A branch or a jump; assembled() fills in its offset.
Piece jump(Draw& draw, std::size_t target) {
  static constexpr std::array kBranches{rv::kBeq, rv::kBne, rv::kBlt, rv::kBge, rv::kBltu, rv::kBgeu};
  switch (draw.below(8)) {
    case 0:
      return {{rv::jal(draw.destination(), 0)}, target};
    case 1: {
      const Word to = nonzero_destination(draw);
      return {{rv::auipc(to, 0), rv::jalr(draw.destination(), to, 0)}, target, 1};
    }
    case 2: {  // c.jr, c.jalr
      const Word to = nonzero_destination(draw);
      return {{rv::auipc(to, 0), rv::addi(to, to, 0), 0x8002 | draw.below(2) << 12 | to << 7}, target, 1};
    }
    case 3:  // c.j, c.jal
      return {{draw.one_in(2) ? 0xa001U : 0x2001U}, target};
    case 4:  // c.beqz, c.bnez
      return {{0xc001 | draw.below(2) << 13 | draw.popular_source() << 7}, target};
    default:
      return {{rv::branch(kBranches[draw.below(6)], draw.source(), draw.source(), 0)}, target};
  }
}

Word other(Draw& draw) {
  const Word to = draw.destination();
  switch (draw.below(6)) {
    case 0:
      return rv::auipc(to, draw.below(0x10'0000));
    case 1:
      return rv::kFence;
    case 2:
      return rv::csr(rv::kCsrrw, to, 0x340, draw.source());
    case 3:
      return rv::csr(draw.one_in(2) ? rv::kCsrrs : rv::kCsrrc, to, 0x340, draw.source());
    case 4:
      return rv::csr(static_cast<rv::CsrCode>(rv::kCsrrwi + draw.below(3)), to, 0x340, draw.below(32));
    default:
      return rv::lui(to, draw.below(0x10'0000));
  }
}

/// `offset` is from the word itself; one that follows an AUIPC means it from there.
Word with_offset(Word word, int offset) {
  const auto bits = static_cast<Word>(offset);
  const auto part = [bits](unsigned from, unsigned width, unsigned to) {
    return (bits >> from & ((1U << width) - 1)) << to;
  };
  if ((word & 3) == 1 && word >> 14 == 3) {  // c.beqz, c.bnez
    return word | part(8, 1, 12) | part(3, 2, 10) | part(6, 2, 5) | part(1, 2, 3) | part(5, 1, 2);
  }
  if ((word & 3) == 1) {  // c.j, c.jal
    return word | part(11, 1, 12) | part(4, 1, 11) | part(8, 2, 9) | part(10, 1, 8) | part(6, 1, 7) | part(7, 1, 6) |
           part(1, 3, 3) | part(5, 1, 2);
  }
  switch (word & 0x7f) {
    case 0x6f:
      return word | (rv::jal(0, offset) & ~0x7fU);
    case 0x67:
    case 0x13:
      return word | rv::addi(0, 0, offset + 4) >> 20 << 20;
    default:
      return word | (rv::branch(rv::kBeq, 0, 0, offset) & ~0x7fU);
  }
}

std::uint32_t size_of(Word word) { return (word & 3) == 3 ? 4 : 2; }

}  // namespace

std::uint32_t Piece::size() const {
  std::uint32_t size = 0;
  for (const Word word : words) size += size_of(word);
  return size;
}

std::vector<Piece> random_code(Prng& random, std::size_t pieces) {
  Draw draw{random};
  std::vector<Piece> code;
  for (std::size_t i = 0; i < pieces; ++i) {
    switch (draw.below(16)) {
      case 0:
        code.push_back(jump(draw, i + 1 + draw.below(6)));
        break;
      case 1:
        code.push_back(reserved_pair(draw));
        break;
      case 2:
        code.push_back({{atomic(draw)}});
        break;
      case 3:
        code.push_back({{other(draw)}});
        break;
      case 4:
      case 5:
        code.push_back({{rv::multiply(static_cast<rv::MultiplyCode>(draw.below(8)), draw.destination(), draw.source(),
                                      draw.source())}});
        break;
      case 6:
      case 7:
      case 8:
        code.push_back({{memory(draw)}});
        break;
      case 9:
      case 10:
      case 11:
      case 12:
        code.push_back({{compressed(draw)}});
        break;
      default:
        code.push_back({{alu(draw)}});
        break;
    }
  }
  return code;
}

std::vector<std::uint16_t> assembled(const std::vector<Piece>& pieces) {
  std::vector<std::uint32_t> begins;
  std::uint32_t at = 0;
  for (const Piece& piece : pieces) {
    begins.push_back(at);
    at += piece.size();
  }
  begins.push_back(at);
  std::vector<std::uint16_t> code;
  for (const Piece& piece : pieces) {
    for (std::size_t i = 0; i < piece.words.size(); ++i) {
      Word word = piece.words[i];
      if (piece.target && i == piece.offset_at) {
        const std::uint32_t to = begins[std::min(*piece.target, pieces.size())];
        word = with_offset(word, static_cast<int>(to - static_cast<std::uint32_t>(code.size()) * 2));
      }
      code.push_back(static_cast<std::uint16_t>(word));
      if (size_of(word) == 4) code.push_back(static_cast<std::uint16_t>(word >> 16));
    }
  }
  return code;
}

std::string listed(const std::vector<Piece>& pieces) {
  std::string text;
  const std::vector<std::uint16_t> code = assembled(pieces);
  for (std::size_t i = 0; i < code.size(); ++i) {
    const bool is_long = (code[i] & 3) == 3;
    text += fmt::format("{:4x}: {:0{}x}\n", i * 2, is_long ? code[i] | std::uint32_t{code[i + 1]} << 16 : code[i],
                        is_long ? 8 : 4);
    if (is_long) ++i;
  }
  return text;
}

}  // namespace gpusim::test
