// SPDX-License-Identifier: MIT
// Independent pieces of work in processes of their own: SystemC's kernel is one for a process, and what breaks in one
// run cannot touch another.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace gpusim::experiment {

/// Calls work(i) for i in 0..count-1, each in a child process, at most `parallel` (>= 1) at a time. The results by i,
/// whatever the order in which they came; that of a child that died is what it had written, or empty. `on_done` is
/// called in the parent with the number of pieces done. Children write nothing but their result.
[[nodiscard]] std::vector<std::string> run_in_processes(std::size_t count, std::size_t parallel,
                                                        const std::function<std::string(std::size_t)>& work,
                                                        const std::function<void(std::size_t)>& on_done = {});

}  // namespace gpusim::experiment
