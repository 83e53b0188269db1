// SPDX-License-Identifier: MIT
// Single events as lines of trace.txt.
#pragma once

#include <sstream>
#include <string>

#include "traces/event/names.h"
#include "traces/sinks/text_sink.h"

namespace gpusim::trace {

class EventLines {
 public:
  /// `names` outlives it.
  explicit EventLines(const Names& names) : sink_{out_, names} { static_cast<void>(take()); }

  [[nodiscard]] std::string line(const Event& event) {
    sink_.on_event(event);
    std::string text = take();
    text.pop_back();  // the end of the line
    return text;
  }

 private:
  std::string take() {
    sink_.finish();
    std::string text = out_.str();
    out_.str({});
    return text;
  }

  std::ostringstream out_;
  TextSink sink_;
};

}  // namespace gpusim::trace
