// SPDX-License-Identifier: MIT
// Which context touches an object, as plain data that the lowest room can keep. For messages about objects that are
// touched after their release.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "base/timeline.h"

namespace gpusim {

struct Actor {
  const char* name = nullptr;  ///< of a thread, or "hard irq"; nullptr: none, a timer or the end of the run
  std::uint16_t cpu = 0;
  SimTime when{};
};

/// "kworker/u:1 on cpu 2 at 12.300 us".
[[nodiscard]] inline std::string to_text(const Actor& actor) {
  const std::string time = " at " + format_duration(actor.when.time_since_epoch());
  if (actor.name == nullptr) return "nobody's context" + time;
  return std::string{actor.name} + " on cpu " + std::to_string(actor.cpu) + time;
}

/// Says which context runs at present. The modelled host writes it, arenas read it.
class ActorBoard {
 public:
  explicit ActorBoard(const Timeline& timeline) : timeline_{timeline} {}
  [[nodiscard]] Actor current() const { return {now.name, now.cpu, timeline_.now()}; }
  Actor now;

 private:
  const Timeline& timeline_;
};

}  // namespace gpusim
