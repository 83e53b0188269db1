// SPDX-License-Identifier: MIT
// Whose a metric is, by its name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gpusim::experiment {

/// Where the name of whose metric it is ends, which may have dots; that of a figure, of an event or of a cause has
/// none. npos: nobody's.
[[nodiscard]] std::size_t end_of_owner(std::string_view metric);

/// "web" of "client.web.jobs" and of "client.web.cause.wakeup"; empty if it is no metric of a client.
[[nodiscard]] std::string_view client_of_metric(std::string_view name);

/// All metrics of the client, engine or queue that a name is about, right or wrong; none if it is about none.
[[nodiscard]] std::vector<std::string> names_of_same(std::string_view name);

}  // namespace gpusim::experiment
