// SPDX-License-Identifier: MIT
#include "traces/sinks/perfetto/encoder.h"

namespace gpusim::trace {

void ProtoWriter::close_long(std::size_t begin, std::size_t length) {
  std::size_t bytes = 1;
  for (std::size_t rest = length >> 7U; rest != 0; rest >>= 7U) ++bytes;
  buffer_.insert_gap(begin, bytes - 1);
  for (std::size_t i = 0; i < bytes; ++i) {
    const bool more = i + 1 < bytes;
    buffer_[begin - 1 + i] = static_cast<char>((length >> (7 * i) & 0x7f) | (more ? 0x80U : 0U));
  }
}

}  // namespace gpusim::trace
