// SPDX-License-Identifier: MIT
// The table of all parameters, and the look-ups that readers of files need.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/parameter.h"

namespace gpusim::scenario {

/// Everything but the clients and the aimed faults. Row i has index i; row 0 is a placeholder, so that Cost::parameter
/// 0 means "none". The rows of a section stand together.
[[nodiscard]] std::span<const Parameter> parameters();

/// The keys below [[client]]: the common ones first, `workload` before those of each kind.
[[nodiscard]] std::span<const Parameter> client_parameters();

/// The keys below [[faults]].
[[nodiscard]] std::span<const Parameter> fault_parameters();

/// Pre: there is such a row in parameters(); `path` is without a unit. Violates "parameter_table".
[[nodiscard]] const Parameter& parameter_at(std::string_view path);

struct KeyMatch {
  const Parameter* parameter = nullptr;  ///< none: no such key
  Unit unit = Unit::ns;                  ///< the unit that the key names
};

/// The parameter that a full key of a file ("device.link.mmio_write_latency_ns") names. Below "client": of that kind of
/// workload, or, without one, of any.
[[nodiscard]] KeyMatch match_key(std::span<const Parameter> table, std::string_view key,
                                 std::optional<WorkloadKind> kind = std::nullopt);

/// Is `path` a table that holds parameters, directly or deeper?
[[nodiscard]] bool is_section(std::span<const Parameter> table, std::string_view path);

/// What may stand in a section: keys as documented, and names of tables.
[[nodiscard]] std::vector<std::string> keys_of(std::span<const Parameter> table, std::string_view section,
                                               std::optional<WorkloadKind> kind = std::nullopt);

// The parts of the table, each in its own file; without `fallback`.
[[nodiscard]] std::vector<Parameter> scenario_rows();
[[nodiscard]] std::vector<Parameter> device_rows();
[[nodiscard]] std::vector<Parameter> driver_rows();
[[nodiscard]] std::vector<Parameter> host_rows();
[[nodiscard]] std::vector<Parameter> client_rows();
[[nodiscard]] std::vector<Parameter> aimed_fault_rows();
/// With the defaults of its kind.
[[nodiscard]] workload::WorkloadSpec default_workload(WorkloadKind kind);

}  // namespace gpusim::scenario
