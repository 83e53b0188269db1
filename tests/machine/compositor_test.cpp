// SPDX-License-Identifier: MIT
// Renderers and a compositor: which vblank shows which frame, worked out by hand on a machine where only work takes
// time.
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/any_component.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using namespace gpusim::test;
using workload::FrameSync;

namespace {

constexpr workload::EngineChoice kFirstVideo{abi::EngineClass::video, 0};

/// Vblanks every 10 ms; it composes 4 ms before each, for 1 ms.
workload::CompositorSpec compositor(FrameSync sync, std::uint64_t refreshes) {
  workload::CompositorSpec spec;
  spec.placement = kCopy;
  spec.work = fixed(ms(1));
  spec.period = ms(10);
  spec.lead = ms(4);
  spec.flip = us(100);
  spec.sync = sync;
  spec.refreshes = refreshes;
  return spec;
}

workload::RendererSpec renderer(workload::EngineChoice engine, Picoseconds work) {
  workload::RendererSpec spec;
  spec.compositor = "desktop";
  spec.placement = engine;
  spec.work = fixed(work);
  return spec;
}

scenario::ScenarioSpec desktop(scenario::Component component, const workload::CompositorSpec& compositor,
                               std::vector<workload::ClientSpec> renderers) {
  scenario::ScenarioSpec spec = ideal_scenario();
  spec.component = component;
  spec.clients = std::move(renderers);
  spec.clients.push_back(client("desktop", compositor));
  return spec;
}

/// What each vblank did: "10: a1 (10 ms), b=" is the first showing of a's frame 1, 10 ms after its exec, and a
/// repetition for b; "late" if the picture was not ready.
Texts vblanks(const Recording& recording) {
  Texts texts;
  std::string line;
  const auto add = [&line](const std::string& text) { line += (line.empty() ? "" : ", ") + text; };
  const auto name = [&](ClientId client) { return recording.names.clients.at(client.value()); };
  for (const trace::Event& event : recording.events) {
    if (const auto shown = trace::as<trace::frame_shown>(event)) {
      add(name(shown->client) + std::to_string(shown->frame) + " (" + std::to_string(shown->latency / ms(1)) + " ms)");
    } else if (const auto repeated = trace::as<trace::frame_repeated>(event)) {
      add(name(repeated->client) + "=");
    } else if (const auto dropped = trace::as<trace::frame_dropped>(event)) {
      add(name(dropped->client) + "-" + std::to_string(dropped->frame));
    } else if (const auto vblank = trace::as<trace::vblank>(event)) {
      if (vblank->result == 2) add("late");
      texts.push_back(us_of(event.time).substr(0, us_of(event.time).size() - 3) + ": " + line);
      line.clear();
    }
  }
  return texts;
}

}  // namespace

TEST_CASE("a renderer that is fast enough has a new frame in each vblank", "[compositor]") {
  const auto component = any_component();
  const auto sync = GENERATE(FrameSync::implicit, FrameSync::explicit_);
  CAPTURE(component, sync);
  // Frames 1 and 2 are submitted at 0, into the two buffers. Frame 1 is taken at 6 ms and shown at 10; then frame 2 is
  // committed, which is taken at 16 and releases the buffer of frame 1 for frame 3: submitted at 16, shown at 30.
  const Recording recording = run(desktop(component, compositor(sync, 5), {client("a", renderer(kRender, ms(3)))}));
  CHECK(vblanks(recording) ==
        Texts{"10: a1 (10 ms)", "20: a2 (20 ms)", "30: a3 (14 ms)", "40: a4 (14 ms)", "50: a5 (14 ms)"});
  CHECK(recording.result.outcome == system::Outcome::finished);
}

TEST_CASE("implicit: a slow renderer makes the whole picture late, explicit: its own frames only", "[compositor]") {
  const auto component = any_component();
  CAPTURE(component);
  // b renders in 12 ms, from 0, from 12 and so on while it has a buffer.
  const auto shown = [&](FrameSync sync) {
    return vblanks(run(desktop(component, compositor(sync, 6),
                               {client("a", renderer(kRender, ms(3))), client("b", renderer(kFirstVideo, ms(12)))})));
  };
  // At 6 ms a1 and b1 are taken; the device composes when b1 is rendered, from 12 to 13 ms, too late for 10. The next
  // picture can only be composed when that flip has been: at 26 ms, of a2 and b2, which was rendered at 24. It releases
  // the first buffers, so a3 and b3 are submitted at 26; b3 is rendered at 38, and the picture that was begun at 36 is
  // ready at 39. b4, submitted at 36, is rendered from 38 to 50: late again.
  CHECK(shown(FrameSync::implicit) == Texts{"10: late", "20: a1 (20 ms), b1 (20 ms)", "30: a2 (30 ms), b2 (30 ms)",
                                            "40: a3 (14 ms), b3 (14 ms)", "50: a=, b=, late",
                                            "60: a4 (24 ms), b4 (24 ms)"});
  // At 6 only a1 is rendered; at 16 b1, too, at 26 b2; b3, submitted at 26, is ready at 38, taken at 46, and so on: a
  // is never late, b has a new frame in every other vblank.
  CHECK(shown(FrameSync::explicit_) == Texts{"10: a1 (10 ms)", "20: a2 (20 ms), b1 (20 ms)",
                                             "30: a3 (14 ms), b2 (30 ms)",
                                             "40: a4 (14 ms), b=", "50: a5 (14 ms), b3 (24 ms)", "60: a6 (14 ms), b="});
}

TEST_CASE("without vsync the newest frame is shown, and those before it are dropped", "[compositor]") {
  const auto component = any_component();
  CAPTURE(component);
  // Frames of 1 ms at 2.5, 5, 7.5 and 10 ms, in three buffers. At 6 ms the compositor takes frame 2, at 16 ms frame 4,
  // which has the buffer of frame 1.
  workload::RendererSpec game = renderer(kRender, ms(1));
  game.wait = fixed(us(2500));
  game.buffers = 3;
  game.vsync = false;
  game.frames = 4;
  const Recording recording = run(desktop(component, compositor(FrameSync::implicit, 3), {client("a", game)}));
  CHECK(vblanks(recording) == Texts{"10: a-1, a2 (5 ms)", "20: a-3, a4 (10 ms)", "30: "});
}

TEST_CASE("a renderer with a number of frames ends, and its last one stays on the screen", "[compositor]") {
  const auto component = any_component();
  CAPTURE(component);
  workload::RendererSpec game = renderer(kRender, ms(3));
  game.frames = 2;
  const Recording recording = run(desktop(component, compositor(FrameSync::implicit, 4), {client("a", game)}));
  CHECK(vblanks(recording) == Texts{"10: a1 (10 ms)", "20: a2 (20 ms)", "30: ", "40: "});
}

TEST_CASE("a killed renderer does not stall the compositor", "[compositor][kill]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  const std::string sync = GENERATE("implicit", "explicit");
  CAPTURE(component, sync);
  // Its first frame would take 10 s; with implicit synchronisation a picture has it as a dependency when the kill
  // comes.
  std::vector<std::string> sets;
  if (component == "jobqueue") sets.emplace_back("scheduler.cancel_timeout_ms=0");
  const Outcome outcome =
      run_to_end("[fault]\nkill_client = \"slow\"\nkill_ms = 50\n" +
                     client_text("slow", "renderer", "compositor = \"desktop\"\nengine = \"vcs\"\nwork_ms = 10000\n") +
                     client_text("game", "renderer", "compositor = \"desktop\"\nengine = \"rcs\"\nwork_ms = 2\n") +
                     client_text("desktop", "compositor",
                                 "engine = \"bcs\"\nwork_ms = 1\nsync = \"" + sync + "\"\nrefreshes = 30\n"),
                 component, sets);
  std::vector<std::size_t> shown(2);  // by client
  for (const auto& event : outcome.recording.all<trace::frame_shown>()) ++shown.at(event.client.value());
  // Vblanks every 16.667 ms: with explicit ones none is missed; else those up to the kill at 50 ms are, three of them.
  // The picture that had waited for the frame that never was shows it once: implicit synchronisation tells no error.
  CHECK(outcome.recording.all<trace::vblank>().size() == 30);
  CHECK(shown == (sync == "explicit" ? std::vector<std::size_t>{0, 30} : std::vector<std::size_t>{1, 27}));
  CHECK(outcome.errors.at("slow").at(0) != Errno::ok);
  CHECK(outcome.errors.at("desktop").back() == Errno::ok);
}

TEST_CASE("a killed compositor ends its renderers' waits", "[compositor][kill]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(component);
  const Outcome outcome = run_to_end(
      "[fault]\nkill_client = \"desktop\"\nkill_ms = 50\n" +
          client_text("game", "renderer", "compositor = \"desktop\"\nengine = \"rcs\"\nwork_ms = 2\nframes = 100\n") +
          client_text("desktop", "compositor", "engine = \"bcs\"\nwork_ms = 1\n"),
      component);
  CHECK(outcome.count<trace::client_killed>() == 1);
  const auto ends = outcome.recording.all<trace::client_finish>();
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].left > 90);
  CHECK(ends[0].time < SimTime{ms(60)});
}
