// SPDX-License-Identifier: MIT
#include "core/elf.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include <elf.h>
#include <fmt/core.h>

namespace gpusim::rv32 {
namespace {

std::uint8_t rights_of(Elf32_Word flags) {
  std::uint8_t rights = 0;
  if ((flags & PF_R) != 0) rights |= kRead;
  if ((flags & PF_W) != 0) rights |= kWrite;
  if ((flags & PF_X) != 0) rights |= kExecute;
  return rights;
}

}  // namespace

/// Reads one file; the first thing that is wrong is kept, and then everything else is left alone.
class ElfReader {
 public:
  explicit ElfReader(std::span<const std::byte> file) : file_{file} {}

  [[nodiscard]] Result<ElfFile, ElfError> read() {
    read_header();
    read_segments();
    check_entry();
    read_symbols();
    if (!error_.empty()) return ElfError{std::move(error_)};
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool failed() const { return !error_.empty(); }
  void fail(std::string what) {
    if (error_.empty()) error_ = std::move(what);
  }
  [[nodiscard]] bool has(std::uint64_t offset, std::uint64_t size) const {
    return offset <= file_.size() && size <= file_.size() - offset;
  }
  /// Pre: it is in the file.
  template <class T>
  [[nodiscard]] T get(std::uint64_t offset) const {
    T value;
    std::memcpy(&value, file_.data() + offset, sizeof value);
    return value;
  }
  [[nodiscard]] std::span<const std::byte> part(std::uint32_t offset, std::uint32_t size) const {
    return file_.subspan(offset, size);
  }

  void read_header();
  void read_segments();
  void read_segment(const Elf32_Phdr& header, unsigned number);
  void check_entry();
  void read_symbols();
  [[nodiscard]] Elf32_Shdr section(unsigned number) const {
    return get<Elf32_Shdr>(std::uint64_t{header_.e_shoff} + std::uint64_t{number} * sizeof(Elf32_Shdr));
  }
  void read_symbol_table(const Elf32_Shdr& table, unsigned number);
  void add_symbol(const Elf32_Sym& symbol, std::string_view name);
  void read_comment();
  /// Pre: the section is in the file, and the offset in the section.
  [[nodiscard]] std::string_view text_at(const Elf32_Shdr& strings, std::uint32_t offset) const;

  std::span<const std::byte> file_;
  Elf32_Ehdr header_{};
  ElfFile result_;
  std::string error_;
};

void ElfReader::read_header() {
  if (!has(0, SELFMAG) || std::memcmp(file_.data(), ELFMAG, SELFMAG) != 0) return fail("not an ELF file");
  if (!has(0, sizeof header_)) return fail(fmt::format("the file ends in its header, after {} bytes", file_.size()));
  header_ = get<Elf32_Ehdr>(0);
  if (header_.e_ident[EI_CLASS] != ELFCLASS32) return fail("not a file of 32 bits");
  if (header_.e_ident[EI_DATA] != ELFDATA2LSB) return fail("not little endian");
  if (header_.e_ident[EI_VERSION] != EV_CURRENT || header_.e_version != EV_CURRENT) return fail("no version 1");
  if (header_.e_machine != EM_RISCV) return fail(fmt::format("for machine {}, not for RISC-V", header_.e_machine));
  if (header_.e_type != ET_EXEC) return fail(fmt::format("of type {}: not a linked executable", header_.e_type));
  if ((header_.e_flags & EF_RISCV_FLOAT_ABI) != EF_RISCV_FLOAT_ABI_SOFT) return fail("its ABI wants floating point");
  if ((header_.e_flags & EF_RISCV_RVE) != 0) return fail("its ABI is that of RV32E");
}

void ElfReader::read_segments() {
  if (failed()) return;
  if (header_.e_phnum == 0) return fail("no program headers");
  if (header_.e_phentsize != sizeof(Elf32_Phdr)) return fail("its program headers have another size");
  if (!has(header_.e_phoff, std::uint64_t{header_.e_phnum} * sizeof(Elf32_Phdr))) {
    return fail("its program headers are not in the file");
  }
  for (unsigned i = 0; i < header_.e_phnum && !failed(); ++i) {
    read_segment(get<Elf32_Phdr>(header_.e_phoff + std::uint64_t{i} * sizeof(Elf32_Phdr)), i);
  }
}

void ElfReader::read_segment(const Elf32_Phdr& header, unsigned number) {
  if (header.p_type == PT_DYNAMIC || header.p_type == PT_INTERP || header.p_type == PT_TLS) {
    return fail(
        fmt::format("program header {}: dynamic linking and thread-local data are not for a bare core", number));
  }
  if (header.p_type != PT_LOAD || header.p_memsz == 0) return;
  const auto wrong = [&](std::string_view what) { fail(fmt::format("program header {}: {}", number, what)); };
  if (header.p_filesz > header.p_memsz) return wrong("more bytes in the file than in memory");
  if (!has(header.p_offset, header.p_filesz)) return wrong("its bytes are not in the file");
  if (std::uint64_t{header.p_vaddr} + header.p_memsz > std::uint64_t{1} << 32) return wrong("it ends behind 4 GiB");
  for (const ElfSegment& other : result_.segments_) {
    const std::uint64_t begin = std::max(header.p_vaddr, other.address);
    const std::uint64_t end =
        std::min(std::uint64_t{header.p_vaddr} + header.p_memsz, std::uint64_t{other.address} + other.size);
    if (begin < end) return wrong(fmt::format("it overlaps another one at {:#x}", begin));
  }
  result_.segments_.push_back({.address = header.p_vaddr,
                               .size = header.p_memsz,
                               .bytes = part(header.p_offset, header.p_filesz),
                               .rights = rights_of(header.p_flags)});
}

void ElfReader::check_entry() {
  if (failed()) return;
  result_.entry_ = header_.e_entry;
  const bool is_code = std::any_of(result_.segments_.begin(), result_.segments_.end(), [this](const ElfSegment& s) {
    return (s.rights & kExecute) != 0 && header_.e_entry - s.address < s.size;
  });
  if (!is_code || header_.e_entry % 2 != 0) fail(fmt::format("its entry {:#x} is not code", header_.e_entry));
}

void ElfReader::read_symbols() {
  if (failed() || header_.e_shnum == 0) return;  // stripped of everything: no symbols
  if (header_.e_shentsize != sizeof(Elf32_Shdr)) return fail("its section headers have another size");
  if (!has(header_.e_shoff, std::uint64_t{header_.e_shnum} * sizeof(Elf32_Shdr))) {
    return fail("its section headers are not in the file");
  }
  for (unsigned i = 0; i < header_.e_shnum && !failed(); ++i) {
    if (section(i).sh_type == SHT_SYMTAB) read_symbol_table(section(i), i);
  }
  read_comment();
}

/// The comment is strings one behind the other; the first is that of who compiled most of it.
void ElfReader::read_comment() {
  if (failed() || header_.e_shstrndx >= header_.e_shnum) return;
  const Elf32_Shdr names = section(header_.e_shstrndx);
  if (!has(names.sh_offset, names.sh_size)) return;
  for (unsigned i = 0; i < header_.e_shnum; ++i) {
    const Elf32_Shdr comment = section(i);
    if (comment.sh_type != SHT_PROGBITS || comment.sh_name >= names.sh_size) continue;
    if (!has(comment.sh_offset, comment.sh_size)) continue;
    if (text_at(names, comment.sh_name) == ".comment") result_.compiler_ = text_at(comment, 0);
  }
}

std::string_view ElfReader::text_at(const Elf32_Shdr& strings, std::uint32_t offset) const {
  const std::span<const std::byte> bytes = part(strings.sh_offset, strings.sh_size).subspan(offset);
  const auto end = std::find(bytes.begin(), bytes.end(), std::byte{0});
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return {reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(end - bytes.begin())};
}

void ElfReader::read_symbol_table(const Elf32_Shdr& table, unsigned number) {
  const auto wrong = [&](std::string_view what) { fail(fmt::format("section {}: {}", number, what)); };
  if (table.sh_entsize != sizeof(Elf32_Sym) || table.sh_size % sizeof(Elf32_Sym) != 0) {
    return wrong("its symbols have another size");
  }
  if (!has(table.sh_offset, table.sh_size)) return wrong("its symbols are not in the file");
  if (table.sh_link >= header_.e_shnum) return wrong("its symbols have no names");
  const Elf32_Shdr strings = section(table.sh_link);
  if (strings.sh_type != SHT_STRTAB || !has(strings.sh_offset, strings.sh_size)) {
    return wrong("the names of its symbols are not in the file");
  }
  const std::span<const std::byte> bytes = part(strings.sh_offset, strings.sh_size);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  const std::string_view names{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  for (std::uint32_t offset = 0; offset < table.sh_size; offset += sizeof(Elf32_Sym)) {
    const auto symbol = get<Elf32_Sym>(std::uint64_t{table.sh_offset} + offset);
    const std::size_t end = symbol.st_name < names.size() ? names.find('\0', symbol.st_name) : std::string_view::npos;
    if (end == std::string_view::npos) {
      return wrong(fmt::format("the name of symbol {} has no end", offset / sizeof(Elf32_Sym)));
    }
    add_symbol(symbol, names.substr(symbol.st_name, end - symbol.st_name));
  }
}

void ElfReader::add_symbol(const Elf32_Sym& symbol, std::string_view name) {
  const unsigned type = ELF32_ST_TYPE(symbol.st_info);
  if (name.empty() || symbol.st_shndx == SHN_UNDEF || type == STT_FILE || type == STT_SECTION) return;
  const bool is_global = ELF32_ST_BIND(symbol.st_info) != STB_LOCAL;
  if (type == STT_FUNC) {
    ElfFunction& there = result_.functions_[symbol.st_value];
    if (there.name.empty() || is_global) there = {.size = symbol.st_size, .name = name};
  }
  const auto [known, is_new] = result_.symbols_.try_emplace(name);
  if (!is_new && known->second.is_global && !is_global) return;
  known->second = {.symbol = {.address = symbol.st_value, .size = symbol.st_size}, .is_global = is_global};
}

Result<ElfFile, ElfError> ElfFile::read(std::span<const std::byte> file) { return ElfReader{file}.read(); }

std::optional<ElfSymbol> ElfFile::symbol(std::string_view name) const {
  const auto found = symbols_.find(name);
  if (found == symbols_.end()) return std::nullopt;
  return found->second.symbol;
}

std::string_view ElfFile::function_at(std::uint32_t address) const {
  const auto next = functions_.upper_bound(address);
  if (next == functions_.begin()) return {};
  const auto& [begin, function] = *std::prev(next);
  return address - begin < function.size ? function.name : std::string_view{};
}

std::optional<ElfError> load(const ElfFile& file, Tcm& tcm) {
  for (const ElfSegment& segment : file.segments()) {
    if (tcm.contains(segment.address, segment.size)) continue;
    return ElfError{fmt::format("a segment of {} bytes at {:#x} is not in the {} bytes at {:#x}", segment.size,
                                segment.address, tcm.size(), tcm.base())};
  }
  tcm.protect(tcm.base(), tcm.size(), 0);
  for (const ElfSegment& segment : file.segments()) {
    const std::span<std::byte> to = tcm.bytes().subspan(segment.address - tcm.base(), segment.size);
    const auto rest = std::copy(segment.bytes.begin(), segment.bytes.end(), to.begin());
    std::fill(rest, to.end(), std::byte{0});
    tcm.permit(segment.address, segment.size, segment.rights);
  }
  return std::nullopt;
}

}  // namespace gpusim::rv32
