// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "sim/scenario/parameter.h"

namespace gpusim::test {

/// `key=value` with another value than the default, of what can be noted as unread.
[[nodiscard]] std::string changed(const scenario::Parameter& parameter);

}  // namespace gpusim::test
