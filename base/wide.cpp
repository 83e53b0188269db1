// SPDX-License-Identifier: MIT
#include "base/wide.h"

#include <algorithm>

namespace gpusim {

std::string decimal(Wide value) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string fixed_point(Wide value, unsigned digits) {
  std::string text = decimal(value);
  if (digits == 0) return text;
  if (text.size() <= digits) text.insert(0, digits + 1 - text.size(), '0');
  text.insert(text.size() - digits, ".");
  return text;
}

}  // namespace gpusim
