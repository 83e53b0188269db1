// SPDX-License-Identifier: MIT
// What the injector answers when it is asked, without a machine around it.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/timeline.h"
#include "sim/fault/injector.h"
#include "tests/support/catch.h"
#include "traces/event/recorder.h"

using namespace gpusim;

namespace {

struct Asked {
  explicit Asked(std::vector<fault::AimedFault> aimed) {
    spec.aimed = std::move(aimed);
    names.clients = {"app.0", "app.1", "apple"};
    names.queues = {{}, {"app.0.jobs", 0, 1}, {"app.1.jobs", 1, 1}, {"apple.jobs", 2, 1}};
  }
  fault::FaultSpec spec;
  trace::Names names;
  Timeline timeline;
  trace::Recorder recorder{timeline};
  [[nodiscard]] fault::Injector injector() { return {recorder, spec, nullptr, &names, 1}; }
};

}  // namespace

TEST_CASE("an acknowledgement that is stuck stays so for its queue until the device is reset", "[fault]") {
  Asked asked{{{.kind = fault::Kind::stuck_acknowledgement}}};
  fault::Injector injector = asked.injector();
  CHECK(injector.drops_reply(1));
  CHECK_FALSE(injector.drops_reply(2));
  CHECK(injector.drops_reply(1));
  CHECK_FALSE(injector.fails_device_reset());
  CHECK_FALSE(injector.drops_reply(1));
}

TEST_CASE("a client is its clones, and no other client whose name begins so", "[fault]") {
  const auto hits = [](const std::string& client) {
    Asked asked{{{.kind = fault::Kind::hung_job, .client = client, .count = 0}}};
    fault::Injector injector = asked.injector();
    std::vector<bool> hit;
    for (std::uint32_t queue = 0; queue <= 3; ++queue) hit.push_back(injector.hangs(queue, 1, 0));
    return hit;
  };
  CHECK(hits("app") == std::vector<bool>{false, true, true, false});
  CHECK(hits("app.1") == std::vector<bool>{false, false, true, false});
  CHECK(hits("apple") == std::vector<bool>{false, false, false, true});
  CHECK(hits("") == std::vector<bool>{true, true, true, true});
}

TEST_CASE("of two faults that strike one occasion the first says by how much, and both have struck", "[fault]") {
  Asked asked{{{.kind = fault::Kind::slow_job, .factor = 3}, {.kind = fault::Kind::slow_job, .factor = 5}}};
  fault::Injector injector = asked.injector();
  CHECK(injector.slows(1, 1, 0) == 3);
  CHECK(injector.slows(1, 2, 0) == 1);
  CHECK(injector.not_happened(SimTime{}).empty());
}

TEST_CASE("without a fault no occasion is struck", "[fault]") {
  Asked asked{{}};
  fault::Injector injector = asked.injector();
  CHECK_FALSE(injector.reply_interrupt(0).lost);
  CHECK_FALSE(injector.crashes_firmware(1));
  CHECK_FALSE(injector.fails_engine_reset(1, 0));
  CHECK_FALSE(injector.fails_device_reset());
  CHECK_FALSE(injector.may_corrupt_messages());
  CHECK(injector.delays_write().count() == 0);
  CHECK(asked.recorder.count() == 0);
}
