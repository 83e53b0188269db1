// SPDX-License-Identifier: MIT
// The tightly coupled memory of a core: bytes of its owner, with rights by granule. What may not be done with a byte of
// it is an access fault; it never reaches the bus.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace gpusim::rv32 {

static_assert(std::endian::native == std::endian::little, "the memory of the core is that of the host");

enum Rights : std::uint8_t {
  kRead = 1,
  kWrite = 2,
  kExecute = 4,
  kHasCode = 8,  ///< CodeCache: it keeps instructions of this granule
};

class Tcm {
 public:
  /// Rights and the code cache have one entry for so many bytes.
  static constexpr std::uint32_t kGranule = 64;

  /// `bytes` outlives this object. Nothing may be done with them at first. Violates "core_memory" unless `base` and the
  /// size are multiples of kGranule, the size is not 0, and the last byte has an address of 32 bits.
  Tcm(std::uint32_t base, std::span<std::byte> bytes);

  /// Sets the rights (kRead, kWrite, kExecute) of the granules that these bytes touch. A core that keeps instructions
  /// of them has to be told (Core::note_write). Violates "core_memory" if not all of them are in this memory.
  void protect(std::uint32_t address, std::uint32_t size, std::uint8_t rights);
  /// Adds to their rights instead.
  void permit(std::uint32_t address, std::uint32_t size, std::uint8_t rights);

  [[nodiscard]] std::uint32_t base() const { return base_; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(bytes_.size()); }
  [[nodiscard]] bool contains(std::uint32_t address) const { return address - base_ < size(); }
  [[nodiscard]] bool contains(std::uint32_t address, std::uint32_t count) const {
    return address - base_ <= size() && count <= size() - (address - base_);
  }
  /// Pre: contains(address).
  [[nodiscard]] bool has(std::uint32_t address, Rights right) const { return (flags_of(address) & right) != 0; }
  [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }

  /// Past all rights: loaders, debuggers. Pre: contains(address, sizeof(T)). A core that keeps instructions of what is
  /// written has to be told (Core::note_write).
  template <class T>
  [[nodiscard]] T peek(std::uint32_t address) const {
    T value;
    std::memcpy(&value, bytes_.data() + (address - base_), sizeof value);
    return value;
  }
  template <class T>
  void poke(std::uint32_t address, T value) {
    std::memcpy(bytes_.data() + (address - base_), &value, sizeof value);
  }

 private:
  friend class CodeCache;
  friend class TcmView;
  [[nodiscard]] std::uint8_t flags_of(std::uint32_t address) const { return flags_[(address - base_) / kGranule]; }
  template <class Change>
  void change(std::uint32_t address, std::uint32_t size, Change change);

  std::uint32_t base_;
  std::span<std::byte> bytes_;
  std::vector<std::uint8_t> flags_;  ///< Rights, by granule
};

/// The fast path of loads and stores: the same memory, small enough for registers of the host.
class TcmView {
 public:
  explicit TcmView(const Tcm& tcm)
      : bytes_{tcm.bytes_.data()}, flags_{tcm.flags_.data()}, base_{tcm.base_}, size_{tcm.size()} {}

  /// False, and nothing is done, if there is anything to say about this access: it is not of this memory, misaligned,
  /// not allowed, or a store to instructions that are kept.
  template <class T>
  [[nodiscard]] bool load(std::uint32_t address, std::uint32_t& to) const {
    const std::uint32_t offset = address - base_;
    if (offset >= size_ || offset % sizeof(T) != 0 || (flags_[offset / Tcm::kGranule] & kRead) == 0) return false;
    T value;
    std::memcpy(&value, bytes_ + offset, sizeof value);
    to = static_cast<std::uint32_t>(static_cast<std::int32_t>(value));
    return true;
  }
  template <class T>
  [[nodiscard]] bool store(std::uint32_t address, std::uint32_t value) const {
    const std::uint32_t offset = address - base_;
    if (offset >= size_ || offset % sizeof(T) != 0) return false;
    if ((flags_[offset / Tcm::kGranule] & (kWrite | kHasCode)) != kWrite) return false;
    const auto part = static_cast<T>(value);
    std::memcpy(bytes_ + offset, &part, sizeof part);
    return true;
  }

 private:
  std::byte* bytes_;
  const std::uint8_t* flags_;
  std::uint32_t base_;
  std::uint32_t size_;
};

}  // namespace gpusim::rv32
