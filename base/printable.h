// SPDX-License-Identifier: MIT
// Text of others - names of files, what stands in them - as a terminal may be given it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gpusim {

/// The UTF-8 character that the text begins with, in bytes; 0: it begins with none.
[[nodiscard]] std::size_t character_length(std::string_view text);

/// Control characters as escapes of TOML, "\n" and "\u001b", and bytes that are no UTF-8 as "\xff"; those in `kept` and
/// all else as they are.
[[nodiscard]] std::string printable(std::string_view text, std::string_view kept = {});

}  // namespace gpusim
