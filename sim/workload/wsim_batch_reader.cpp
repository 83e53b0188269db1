// SPDX-License-Identifier: MIT
// The part of StepReader that reads batches and their dependencies.
#include <cstddef>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "sim/workload/wsim_step_reader.h"

namespace gpusim::workload {

void StepReader::read_batch() {
  if (!want(5, "ctx.ENGINE.duration.deps.wait")) return;
  Batch batch;
  batch.context = static_cast<std::uint32_t>(number(fields_[0], 0, int_max, "context"));
  batch.engine = engine(fields_[1]).value_or(WsimEngine::default_engine);
  read_duration(fields_[2], batch.duration);
  if (fields_[3].text != "0")  // gem_wsim: a lone 0 is no dependency, and 0 in a list is an error
    for (const Field& token : split(fields_[3], '/')) read_dependency(token, batch);
  batch.wait = fields_[4].text == "1";
  if (!batch.wait && fields_[4].text != "0")
    error(fields_[4].column, "wait must be 0 or 1, not " + quoted(fields_[4].text));
  step_.body = std::move(batch);
}

void StepReader::read_duration(Field field, Duration& duration) {
  if (field.text == "*") {
    duration.unbounded = true;
    return;
  }
  const std::size_t dash = field.text.find('-', 1);
  const bool range = dash != std::string_view::npos;
  const Field low = range ? field.until(dash) : field;
  const Field high = range ? field.from(dash + 1) : field;
  duration.min_us = static_cast<std::uint64_t>(number(low, 1, int_max, "duration"));
  duration.max_us = range ? static_cast<std::uint64_t>(number(high, 1, int_max, "longest duration")) : duration.min_us;
  if (duration.max_us < duration.min_us)
    error(high.column, fmt::format("longest duration {} is below the shortest", high.text),
          fmt::format("{}-{}", high.text, low.text));
}

void StepReader::read_dependency(Field token, Batch& batch) {
  switch (token.text.empty() ? '\0' : token.text[0]) {
    case '-':
      if (const auto target = earlier(token, holds<Batch>, "a batch, which a data dependency needs"))
        batch.data_deps.push_back(*target);
      return;
    case 'f':
      if (const auto target = earlier(token.from(1), holds<Batch, SwFence>, "a batch or a software fence"))
        batch.fence_deps.push_back({target->step, token.column});
      return;
    case 's':
      if (const auto target = earlier(token.from(1), holds<Batch>, "a batch, which a submit fence needs"))
        batch.submit_deps.push_back({target->step, token.column});
      return;
    case 'r':
    case 'w':
      return read_set_dependency(token, batch);
    default:
      error(token.column, fmt::format("unknown dependency {}: expected -N, f-N, s-N, rW-i or wW-i", quoted(token.text)),
            !token.text.empty() && token.text[0] >= '1' && token.text[0] <= '9' ? "-" + std::string(token.text)
                                                                                : std::string());
  }
}

void StepReader::read_set_dependency(Field token, Batch& batch) {
  const std::vector<Field> parts = split(token.from(1), '-');
  if (parts.size() < 2 || parts.size() > 3)
    return error(token.column, "a working-set dependency is rW-i or rW-i-j (w to write), not " + quoted(token.text));
  const std::size_t before = findings_.problems.size();
  WorkingSetDep dep;
  dep.write = token.text[0] == 'w';
  dep.column = token.column;
  dep.set = static_cast<std::uint32_t>(number(parts[0], 0, int_max, "working set"));
  dep.first = static_cast<std::uint32_t>(number(parts[1], 0, int_max, "object"));
  dep.last = parts.size() == 3 ? static_cast<std::uint32_t>(number(parts[2], 0, int_max, "last object")) : dep.first;
  if (dep.last < dep.first) error(parts[2].column, fmt::format("last object {} is before the first", parts[2].text));
  if (findings_.problems.size() == before) batch.set_deps.push_back(dep);
}

}  // namespace gpusim::workload
