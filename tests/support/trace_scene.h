// SPDX-License-Identifier: MIT
// A small machine's names and hand-made events, for the tests of sinks and folds.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "traces/event/event.h"
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
  names.cpus = 2;
  return names;
}

/// An event that is then completed by name: Make{...}.on_cpu(0).by(1).
struct Make {
  trace::Event event;

  Make(std::int64_t time_ps, trace::EventKind kind) {
    event.time = at(ps(time_ps));
    event.kind = kind;
  }
  Make& cpu(std::uint16_t n) { return event.cpu = n, *this; }
  Make& thread(std::uint32_t n) { return event.thread = n, *this; }
  Make& queue(std::uint32_t n) { return event.queue = n, *this; }
  Make& unit(std::uint32_t n) { return event.unit = n, *this; }
  Make& job(std::uint64_t n) { return event.job = n, *this; }
  Make& fields(std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0) {
    event.a = a;
    event.b = b;
    event.c = c;
    return *this;
  }
  operator const trace::Event&() const { return event; }  // NOLINT(google-explicit-constructor)
};

}  // namespace gpusim::test
