// SPDX-License-Identifier: MIT
// The reader of executables: a good file made by hand, and all that can be wrong with it.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <elf.h>

#include "base/prng.h"
#include "core/elf.h"
#include "tests/core/rig.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::test;
using rv32::ElfFile;

namespace {

constexpr char kNames[] = "\0main\0table\0main";  // at 1, 6, 12

/// Two segments, code and data, and four symbols.
struct Image {
  Elf32_Ehdr header{};
  Elf32_Phdr segments[3]{};
  std::uint32_t code[4]{rv::addi(1, 0, 1), rv::addi(2, 0, 2), rv::kEbreak, 0};
  Elf32_Shdr sections[3]{};
  Elf32_Sym symbols[5]{};
  char names[sizeof kNames]{};

  Image() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS32;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_RISCV;
    header.e_version = EV_CURRENT;
    header.e_entry = kCode + 4;
    header.e_phoff = offsetof(Image, segments);
    header.e_phentsize = sizeof(Elf32_Phdr);
    header.e_phnum = 3;
    header.e_shoff = offsetof(Image, sections);
    header.e_shentsize = sizeof(Elf32_Shdr);
    header.e_shnum = 3;
    segments[0] = {PT_LOAD, offsetof(Image, code), kCode, kCode, sizeof code, sizeof code, PF_R | PF_X, 4};
    segments[1] = {PT_LOAD, offsetof(Image, code) + 4, kData, kData, 4, 100, PF_R | PF_W, 4};
    segments[2] = {PT_NOTE, 0, 0, 0, 0, 0, 0, 0};
    sections[1] = {0, SHT_SYMTAB, 0, 0, offsetof(Image, symbols), sizeof symbols, 2, 0, 4, sizeof(Elf32_Sym)};
    sections[2] = {0, SHT_STRTAB, 0, 0, offsetof(Image, names), sizeof names, 0, 0, 1, 0};
    symbols[1] = {1, kCode, 8, ELF32_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 1};
    symbols[2] = {6, kData, 100, ELF32_ST_INFO(STB_LOCAL, STT_OBJECT), 0, 1};
    symbols[3] = {12, kCode + 8, 4, ELF32_ST_INFO(STB_LOCAL, STT_FUNC), 0, 1};  // another main, of some file
    symbols[4] = {6, 0, 0, ELF32_ST_INFO(STB_GLOBAL, STT_NOTYPE), 0, SHN_UNDEF};
    std::memcpy(names, kNames, sizeof kNames);
  }
  [[nodiscard]] std::vector<std::byte> bytes() const {
    std::vector<std::byte> bytes(sizeof *this);
    std::memcpy(bytes.data(), this, sizeof *this);
    return bytes;
  }
};

std::string error_of(const std::vector<std::byte>& bytes) {
  const auto file = ElfFile::read(bytes);
  return file ? "" : file.error().what;
}

}  // namespace

TEST_CASE("an executable has its segments, its entry and its symbols", "[core]") {
  const std::vector<std::byte> bytes = Image{}.bytes();
  const auto file = ElfFile::read(bytes);
  REQUIRE(file.ok());
  const ElfFile& elf = file.value();
  CHECK(elf.entry() == kCode + 4);
  REQUIRE(elf.segments().size() == 2);
  CHECK(elf.segments()[0].rights == (rv32::kRead | rv32::kExecute));
  CHECK(elf.segments()[1].size == 100);
  CHECK(elf.segments()[1].bytes.size() == 4);
  REQUIRE(elf.symbol("main"));
  CHECK(elf.symbol("main")->address == kCode);
  CHECK(elf.symbol("main")->size == 8);
  CHECK(elf.symbol("table")->address == kData);
  CHECK_FALSE(elf.symbol("mai"));
  CHECK(elf.function_at(kCode - 1).empty());
  CHECK(elf.function_at(kCode + 7) == "main");
  CHECK(elf.function_at(kCode + 8) == "main");  // the other one
  CHECK(elf.function_at(kCode + 12).empty());
}

TEST_CASE("an executable is loaded with its rights and runs", "[core]") {
  Rig rig;
  rig.tcm.poke(kData + 50, std::uint32_t{0xffff'ffff});
  const std::vector<std::byte> bytes = Image{}.bytes();
  const auto file = ElfFile::read(bytes);
  REQUIRE_FALSE(rv32::load(file.value(), rig.tcm));
  rig.core.reset(file.value().entry());
  CHECK(rig.core.run(10) == rv32::Stop::trap);
  CHECK(rig.core.trap().cause == rv32::Cause::breakpoint);
  CHECK(rig.core.x(1) == 0);
  CHECK(rig.core.x(2) == 2);
  CHECK(rig.tcm.peek<std::uint32_t>(kData) == rv::addi(2, 0, 2));
  CHECK(rig.tcm.peek<std::uint32_t>(kData + 50) == 0);
  CHECK(rig.tcm.has(kCode, rv32::kExecute));
  CHECK_FALSE(rig.tcm.has(kCode, rv32::kWrite));
  CHECK_FALSE(rig.tcm.has(kData, rv32::kExecute));
  CHECK(rig.tcm.has(kData + 99, rv32::kWrite));
  CHECK_FALSE(rig.tcm.has(kBase, rv32::kRead));
}

TEST_CASE("segments that share a granule share its rights", "[core]") {
  Rig rig;
  Image image;
  image.segments[1].p_vaddr = kCode + 16;
  const std::vector<std::byte> bytes = image.bytes();
  const auto file = ElfFile::read(bytes);
  REQUIRE_FALSE(rv32::load(file.value(), rig.tcm));
  CHECK(rig.tcm.has(kCode, rv32::kWrite));
  CHECK(rig.tcm.has(kCode + 16, rv32::kExecute));
}

TEST_CASE("a segment outside the TCM is an error, and nothing is changed", "[core]") {
  Rig rig;
  rig.tcm.poke(kCode, std::uint32_t{7});
  Image image;
  image.segments[1].p_vaddr = kBase + kSize - 96;
  const std::vector<std::byte> bytes = image.bytes();
  const auto file = ElfFile::read(bytes);
  REQUIRE(file.ok());
  const auto error = rv32::load(file.value(), rig.tcm);
  REQUIRE(error);
  CHECK(error->what == "a segment of 100 bytes at 0x8000ffa0 is not in the 65536 bytes at 0x80000000");
  CHECK(rig.tcm.peek<std::uint32_t>(kCode) == 7);
  CHECK(rig.tcm.has(kCode, rv32::kWrite));
}

TEST_CASE("what is wrong with an executable is said", "[core]") {
  const struct {
    std::function<void(Image&)> change;
    const char* what;
  } cases[]{
      {[](Image& i) { i.header.e_ident[0] = 'x'; }, "not an ELF file"},
      {[](Image& i) { i.header.e_ident[EI_CLASS] = ELFCLASS64; }, "not a file of 32 bits"},
      {[](Image& i) { i.header.e_ident[EI_DATA] = ELFDATA2MSB; }, "not little endian"},
      {[](Image& i) { i.header.e_version = 2; }, "no version 1"},
      {[](Image& i) { i.header.e_machine = EM_ARM; }, "for machine 40, not for RISC-V"},
      {[](Image& i) { i.header.e_type = ET_DYN; }, "of type 3: not a linked executable"},
      {[](Image& i) { i.header.e_flags = EF_RISCV_FLOAT_ABI_SINGLE; }, "its ABI wants floating point"},
      {[](Image& i) { i.header.e_flags = EF_RISCV_RVE; }, "its ABI is that of RV32E"},
      {[](Image& i) { i.header.e_phnum = 0; }, "no program headers"},
      {[](Image& i) { i.header.e_phentsize = 56; }, "its program headers have another size"},
      {[](Image& i) { i.header.e_phoff = ~0U; }, "its program headers are not in the file"},
      {[](Image& i) { i.header.e_phnum = 0xffff; }, "its program headers are not in the file"},
      {[](Image& i) { i.header.e_entry = kData; }, "its entry 0x80008000 is not code"},
      {[](Image& i) { i.header.e_entry = kCode + 1; }, "its entry 0x80001001 is not code"},
      {[](Image& i) { i.segments[2].p_type = PT_DYNAMIC; },
       "program header 2: dynamic linking and thread-local data are not for a bare core"},
      {[](Image& i) { i.segments[1].p_filesz = 101; }, "program header 1: more bytes in the file than in memory"},
      {[](Image& i) { i.segments[0].p_offset = ~0U; }, "program header 0: its bytes are not in the file"},
      {[](Image& i) { i.segments[0].p_filesz = i.segments[0].p_memsz = 0xffff'0000; },
       "program header 0: its bytes are not in the file"},
      {[](Image& i) { i.segments[1].p_vaddr = 0xffff'ffff; }, "program header 1: it ends behind 4 GiB"},
      {[](Image& i) { i.segments[1].p_vaddr = kCode + 12; }, "program header 1: it overlaps another one at 0x8000100c"},
      {[](Image& i) { i.header.e_shentsize = 64; }, "its section headers have another size"},
      {[](Image& i) { i.header.e_shoff = 0xffff'fff0; }, "its section headers are not in the file"},
      {[](Image& i) { i.sections[1].sh_entsize = 24; }, "section 1: its symbols have another size"},
      {[](Image& i) { i.sections[1].sh_size -= 1; }, "section 1: its symbols have another size"},
      {[](Image& i) { i.sections[1].sh_offset = ~0U; }, "section 1: its symbols are not in the file"},
      {[](Image& i) { i.sections[1].sh_link = 3; }, "section 1: its symbols have no names"},
      {[](Image& i) { i.sections[1].sh_link = 0; }, "section 1: the names of its symbols are not in the file"},
      {[](Image& i) { i.sections[2].sh_size = ~0U; }, "section 1: the names of its symbols are not in the file"},
      {[](Image& i) { i.symbols[2].st_name = 0xffff'ffff; }, "section 1: the name of symbol 2 has no end"},
      {[](Image& i) { i.sections[2].sh_size = 3; }, "section 1: the name of symbol 1 has no end"},
  };
  for (const auto& c : cases) {
    Image image;
    c.change(image);
    CHECK(error_of(image.bytes()) == c.what);
  }
}

TEST_CASE("a file without sections has no symbols", "[core]") {
  Image image;
  image.header.e_shnum = 0;
  const std::vector<std::byte> bytes = image.bytes();
  const auto file = ElfFile::read(bytes);
  REQUIRE(file.ok());
  CHECK_FALSE(file.value().symbol("main"));
}

TEST_CASE("a file that is cut off anywhere is an error", "[core]") {
  const std::vector<std::byte> bytes = Image{}.bytes();
  for (std::size_t size = 0; size + 3 < bytes.size(); ++size) {  // the last bytes are padding
    INFO(size);
    CHECK_FALSE(error_of({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}).empty());
  }
}

TEST_CASE("a file with random bytes is read to its end or refused", "[core]") {
  Prng random{1, "elf"};
  std::uint32_t good = 0;
  for (int trial = 0; trial < 20'000; ++trial) {
    std::vector<std::byte> bytes = Image{}.bytes();
    for (std::uint64_t changes = random.uniform(1, 4); changes > 0; --changes) {
      bytes[random.uniform(0, bytes.size() - 1)] = static_cast<std::byte>(random.uniform(0, 255));
    }
    const auto file = ElfFile::read(bytes);
    if (!file) continue;
    ++good;
    Rig rig;
    if (rv32::load(file.value(), rig.tcm)) continue;
    rig.core.reset(file.value().entry());
    (void)rig.core.run(50);
  }
  CHECK(good > 1'000);
}
