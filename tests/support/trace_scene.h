// SPDX-License-Identifier: MIT
// A small machine's names, and an event of any kind, for the tests of sinks and folds.
#pragma once

#include <cstdint>

#include "base/errno.h"
#include "base/ids.h"
#include "base/time.h"
#include "traces/event/make.h"
#include "traces/event/names.h"

namespace gpusim::test {

/// Client 0 "app0" with queue 1, client 1 "app1" with queue 2; threads 1 and 2 are theirs, 3 is a worker.
[[nodiscard]] inline trace::Names scene_names() {
  trace::Names names;
  names.clients = {"app0", "app1"};
  names.queues = {{}, {"app0.0.rcs", 0, 1}, {"app1.0.rcs", 1, 1}};
  names.threads = {"<idle>", "app0", "app1", "kworker/0"};
  names.engines = {{"rcs0", "rcs"}, {"bcs0", "bcs"}};
  names.vectors = {"gpu0-0"};
  names.works = {"none", "submit"};
  names.firmware_events = {"none", "doorbell"};
  names.messages = {"none", "register"};
  names.refusals = {"bad_message", "unknown_action"};
  names.cpus = 2;
  return names;
}

/// An event of any kind at 1 ps, of client thread 1 on CPU 0: `value` in each field, 0 for engines, vectors and the
/// like.
[[nodiscard]] inline trace::Event any_event(trace::EventKind kind, std::uint32_t value) {
  using namespace trace;
  Event event;
#define FIELD(slot, type, name, meaning) .name = detail::from_word<type>(Slot::slot == Slot::unit ? 0 : value),
#define EVENT(kind_, fields, ...) \
  if (kind == EventKind::kind_) event = kind_{.time = at(ps(1)), .cpu = 0, .thread = 1, fields};
#include "traces/event/kinds.def"
  return event;
}

}  // namespace gpusim::test
