// SPDX-License-Identifier: MIT
// How JSON about recorded runs begins.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/build_info.h"
#include "base/hash.h"
#include "traces/inspect/recording.h"
#include "traces/report/json_writer.h"

namespace gpusim::trace {

struct RunJsonHead {
  BuildInfo build;
  std::vector<std::string> notices;  ///< what the reader should know
};

inline void write_head(JsonWriter& json, std::string_view schema, const RunJsonHead& head) {
  json.key("schema").value(schema);
  write_build(json, head.build);
  json.key("notices").begin_array();
  for (const std::string& notice : head.notices) json.value(notice);
  json.end_array();
}

inline void write_run(JsonWriter& json, std::string_view key, const Recording& run) {
  json.key(key).begin_object();
  json.key("run").value(run.title);
  json.key("end_ps").value(to_ps(run.end));
  json.key("events").value(run.events.size());
  json.key("trace_hash").value(hash_text(run.hash));
  json.end_object();
}

}  // namespace gpusim::trace
