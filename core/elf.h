// SPDX-License-Identifier: MIT
// Executables for the core: ELF files of 32 bits for RISC-V. Strict: what is not understood is an error and not left
// out, and every offset is looked at before it is used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/tcm.h"

namespace gpusim::rv32 {

/// In words, with the place in the file: "program header 2: ...".
struct ElfError {
  std::string what;
};

struct ElfSegment {
  std::uint32_t address = 0;
  std::uint32_t size = 0;            ///< in memory: what the file does not fill is 0
  std::span<const std::byte> bytes;  ///< of the file
  std::uint8_t rights = 0;           ///< Rights
};

struct ElfSymbol {
  std::uint32_t address = 0;
  std::uint32_t size = 0;
};

struct ElfFunction {
  std::uint32_t size = 0;
  std::string_view name;  ///< as the linker has it: mangled
};

/// A file that has been found to be good. It refers to the bytes that it was read from.
class ElfFile {
 public:
  /// `file` outlives the result.
  [[nodiscard]] static Result<ElfFile, ElfError> read(std::span<const std::byte> file);

  [[nodiscard]] std::uint32_t entry() const { return entry_; }
  /// Those that take memory.
  [[nodiscard]] const std::vector<ElfSegment>& segments() const { return segments_; }
  /// What it says of its compiler: "GCC: (12.2.0-14+11+deb12u1) 12.2.0"; empty if it says nothing.
  [[nodiscard]] std::string_view compiler() const { return compiler_; }
  /// Functions, objects and labels by name; of several with one name the last that is global, or else the last.
  [[nodiscard]] std::optional<ElfSymbol> symbol(std::string_view name) const;
  /// By address; of several at one address a global one.
  [[nodiscard]] const std::map<std::uint32_t, ElfFunction>& functions() const { return functions_; }
  /// The name of the function whose code this is; empty if there is none.
  [[nodiscard]] std::string_view function_at(std::uint32_t address) const;

 private:
  friend class ElfReader;
  struct Named {
    ElfSymbol symbol;
    bool is_global = false;
  };

  std::uint32_t entry_ = 0;
  std::string_view compiler_;
  std::vector<ElfSegment> segments_;
  std::map<std::string_view, Named> symbols_;
  std::map<std::uint32_t, ElfFunction> functions_;
};

/// Copies the segments into `tcm` and sets their rights: a granule that two segments touch has those of both, one that
/// none touches has no rights. Nothing is changed if there is an error: a segment is not in the TCM as a whole. A core
/// that has executed from it has to be reset.
[[nodiscard]] std::optional<ElfError> load(const ElfFile& file, Tcm& tcm);

}  // namespace gpusim::rv32
