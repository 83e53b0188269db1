// SPDX-License-Identifier: MIT
// Runs many independent pieces of work in child processes, because a process has only one SystemC kernel, and a crash
// in one piece must not affect the others. The report depends on the pieces alone, not on the number of processes or
// their speed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gpusim::experiment {

/// Does piece `index` and returns a text; an empty one is not reported. A piece that throws counts as died.
using PieceWork = std::function<std::string(std::uint64_t index)>;

struct PoolOptions {
  std::uint64_t pieces = 0;  ///< their indices are 0..pieces-1
  std::size_t processes = 1;
  bool first_only = false;                           ///< the lowest piece with a text, or that died, is enough
  std::function<void(std::uint64_t done)> progress;  ///< if any, called about ten times a second, and with the last one
  std::string remark;                                ///< a text that is reported, and that first_only does not count
};

struct PieceResult {
  std::uint64_t index = 0;
  std::string text;   ///< empty if it died
  bool died = false;  ///< its process did

  friend bool operator==(const PieceResult&, const PieceResult&) = default;
};

struct PoolReport {
  std::vector<PieceResult> results;  ///< by index, ascending; pieces that ended with an empty text are not listed
  std::uint64_t done = 0;            ///< pieces that ended or died; of all, unless interrupted or first_only
  /// SIGINT, SIGTERM or SIGHUP came before the end, to this process or to a child: what was under way is not done.
  bool interrupted = false;
};

/// Calls `make_work` in each child, and what it returns for one piece after the other, in ascending order over all
/// children; a child that dies is replaced. Children write nothing but their texts. Throws std::system_error if the
/// system has no process to give, std::bad_alloc if a child ran out of memory. Call it before any
/// machine lives in this process.
[[nodiscard]] PoolReport run_in_processes(const PoolOptions& options, const std::function<PieceWork()>& make_work);

}  // namespace gpusim::experiment
