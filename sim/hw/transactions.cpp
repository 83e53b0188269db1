// SPDX-License-Identifier: MIT
#include "sim/hw/transactions.h"

#include <fmt/core.h>

#include "base/invariant.h"

namespace gpusim::hw {

void refused(const tlm::tlm_generic_payload& transaction, std::string_view who) {
  violate("bus", fmt::format("{} {}s address {:#x}: {}", who, transaction.is_write() ? "write" : "read",
                             transaction.get_address(), transaction.get_response_string()));
}

}  // namespace gpusim::hw
