// SPDX-License-Identifier: MIT
// How a fold or an oracle reads events: it has a member
//
//   void on(const exec_begin& event);
//
// for each kind that it reads, and nothing else says which those are. attach_handlers() finds them. Call it where the
// handlers are defined: one that is inlined decodes only the fields that it uses.
#pragma once

#include "traces/event/make.h"
#include "traces/event/recorder.h"

namespace gpusim::trace {

template <class Reader, class Kind>
concept Reads = requires(Reader& reader, const Kind& event) { reader.on(event); };

/// From here on the reader, which outlives the recorder's events, gets each event of the kinds that it has an on() for.
template <class Reader>
void attach_handlers(Reader& reader, Recorder& recorder) {
#define EVENT(kind_, ...)                                                                      \
  if constexpr (Reads<Reader, kind_>) {                                                        \
    recorder.attach(EventKind::kind_, {&reader, [](void* object, const Event& event) {         \
                                         static_cast<Reader*>(object)->on(kind_::from(event)); \
                                       }});                                                    \
  }
#include "traces/event/kinds.def"
}

/// Hands one event to the reader's on() for its kind, if there is one.
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

}  // namespace gpusim::trace
