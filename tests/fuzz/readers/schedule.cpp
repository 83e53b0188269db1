// SPDX-License-Identifier: MIT
// The lines of a schedule file: what is read can be written, and is then read as the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/choice.h"

using namespace gpusim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find('\n', from), text.size());
    Choice choice;
    Choice again;
    if (parse_choice(text.substr(from, to - from), choice)) {
      if (!parse_choice(to_text(choice), again) || !(again == choice)) std::abort();
    }
    from = to + 1;
  }
  return 0;
}
