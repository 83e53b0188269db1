// SPDX-License-Identifier: MIT
// Checks that the firmware keeps its promise: this file is compiled freestanding, without exceptions and RTTI, against
// a HAL that does nothing. No other code uses it.
#include "firmware/main/null_hal.h"

namespace gpusim::fw {

template class Main<NullHal>;

}  // namespace gpusim::fw
