// SPDX-License-Identifier: MIT
// How a fold or an oracle reads events: it has a member
//
//   void on(const exec_begin& event);
//
// for each kind that it reads, and nothing else says which those are. Its on_event() is dispatch(*this, event).
#pragma once

#include "traces/event/make.h"
#include "traces/event/recorder.h"

namespace gpusim::trace {

template <class Reader, class Kind>
concept Reads = requires(Reader& reader, const Kind& event) { reader.on(event); };

/// Hands the event to the reader's on() for its kind; a kind without one is ignored. Call it where the handlers are
/// defined, so that they can be inlined and decode only what they use.
template <class Reader>
void dispatch(Reader& reader, const Event& event) {
  switch (event.kind) {
#define EVENT(kind_, ...)                                                     \
  case EventKind::kind_:                                                      \
    if constexpr (Reads<Reader, kind_>) return reader.on(kind_::from(event)); \
    break;
#include "traces/event/kinds.def"
  }
}

/// The kinds for which the reader has an on().
template <class Reader>
[[nodiscard]] EventSet kinds_of() {
  EventSet kinds;
#define EVENT(kind_, ...) \
  if constexpr (Reads<Reader, kind_>) kinds.set(static_cast<std::size_t>(EventKind::kind_));
#include "traces/event/kinds.def"
  return kinds;
}

}  // namespace gpusim::trace
