// SPDX-License-Identifier: MIT
// Whose a metric is, by its name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gpusim::experiment {

/// "web" of "client.web.jobs" and of "client.web.cause.wakeup"; empty if it is no metric of a client.
[[nodiscard]] std::string_view client_of_metric(std::string_view name);

/// All metrics of the client, engine or queue that a name is about, right or wrong; none if it is about none.
[[nodiscard]] std::vector<std::string> names_of_same(std::string_view name);

}  // namespace gpusim::experiment
