// SPDX-License-Identifier: MIT
#include "traces/sinks/vcd/sink.h"

#include <sstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/trace_scene.h"
#include "tests/support/trace_script.h"
#include "tests/support/vcd_reader.h"

namespace gpusim::trace {
namespace {

using Values = std::vector<std::pair<std::int64_t, std::uint64_t>>;

const DeviceShape kShape{.engines = {"rcs0", "bcs0"}, .vectors = {"reply", "rcs", ""}, .slots = 2};

[[nodiscard]] Names names_of_steps() {
  Names names = test::scene_names();
  names.firmware_events = {"doorbell", "message", "pick"};
  return names;
}

/// A hand-made trace that a sink hears.
struct VcdScene {
  explicit VcdScene(const std::vector<std::string>& signals = {}, SimTime begin = {}, SimTime end = kNever)
      : sink{text,
             names,
             kShape,
             {.about = "gpusim test; scenario $end", .signals = indices(signals), .begin = begin, .end = end}} {
    sink.attach_to(script.recorder);
  }
  [[nodiscard]] static std::vector<std::size_t> indices(const std::vector<std::string>& signals) {
    std::vector<std::size_t> all;
    for (const std::string& name : signals) {
      const auto found = find_signals(vcd_signals(kShape), name);
      all.insert(all.end(), found.begin(), found.end());
    }
    return all;
  }
  [[nodiscard]] std::string finished(SimTime end) {
    sink.finish(end, "done");
    return text.str();
  }
  [[nodiscard]] test::VcdFile read(SimTime end) { return test::VcdReader::read(finished(end)); }

  Names names = names_of_steps();
  std::ostringstream text;
  TraceScript script;
  VcdSink sink;
};

}  // namespace

TEST_CASE("signals have names in scopes, and a scope stands for all within it", "[vcd]") {
  const std::vector<VcdSignal> signals = vcd_signals(kShape);
  std::string all;
  for (const VcdSignal& signal : signals) all += signal.name + ' ' + std::to_string(signal.width) + '\n';
  CHECK(all ==
        "engine.rcs0.queue 32\nengine.rcs0.busy 1\nengine.rcs0.switching 1\n"
        "engine.bcs0.queue 32\nengine.bcs0.busy 1\nengine.bcs0.switching 1\n"
        "firmware.busy 1\ndoorbells.pending 32\nmessages.depth 32\n"
        "interrupt.reply.line 1\ninterrupt.reply.handler 1\ninterrupt.rcs.line 1\ninterrupt.rcs.handler 1\n"
        "slot.0.queue 32\nslot.1.queue 32\n");
  CHECK(find_signals(signals, "engine.bcs0.busy") == std::vector<std::size_t>{4});
  CHECK(find_signals(signals, "engine.rcs0") == std::vector<std::size_t>{0, 1, 2});
  CHECK(find_signals(signals, "slot").size() == 2);
  CHECK(find_signals(signals, "engine.rcs").empty());  // no scope ends here
  CHECK(find_signals(signals, "").empty());
}

TEST_CASE("a file of chosen signals, to the letter", "[vcd]") {
  VcdScene scene{{"firmware.busy", "engine.rcs0"}};
  scene.script.at_ns(1).put(firmware_begin{.event = 2}).put(engine_assign{.queue = QueueId{2}, .engine = 0});
  scene.script.at_ns(2).put(firmware_end{}).put(fetch_begin{.engine = 0}).put(fetch_begin{.engine = 1});
  scene.script.at_ns(3).put(job_end{.engine = 0}).put(fetch_begin{.engine = 0});  // nothing to see
  scene.script.at_ns(4).put(job_end{.engine = 0}).put(engine_release{.engine = 0});
  CHECK(scene.finished(at(ns(5))) ==
        "$version gpusim test; scenario _end $end\n"
        "$timescale 1 ps $end\n"
        "$scope module gpu0 $end\n"
        "$scope module engine $end\n"
        "$scope module rcs0 $end\n"
        "$var wire 32 ! queue $end\n"
        "$var wire 1 \" busy $end\n"
        "$var wire 1 # switching $end\n"
        "$upscope $end\n"
        "$upscope $end\n"
        "$scope module firmware $end\n"
        "$var wire 1 $ busy $end\n"
        "$upscope $end\n"
        "$upscope $end\n"
        "$enddefinitions $end\n"
        "#0\n"
        "$dumpvars\nb0 !\n0\"\n0#\n0$\n$end\n"
        "$comment queue 2 is app1.0.rcs $end\n"
        "#1000\nb10 !\n1$\n"
        "#2000\n1\"\n0$\n"
        "#4000\nb0 !\n0\"\n"
        "#5000\n"
        "$comment done $end\n");
}

TEST_CASE("a window begins with what all are worth at its first moment", "[vcd]") {
  const auto read = [](std::int64_t from, std::int64_t to) {
    VcdScene scene{{"engine.rcs0.queue"}, at(ns(from)), at(ns(to))};
    for (const std::int64_t time : {2, 4, 6, 8}) {
      scene.script.at_ns(time).put(engine_assign{.queue = QueueId{static_cast<std::uint32_t>(time)}, .engine = 0});
    }
    return scene.read(at(ns(10)));
  };
  const auto values = [&](std::int64_t from, std::int64_t to) {
    return read(from, to).signals.at("engine.rcs0.queue").values;
  };
  CHECK(values(3, 7) == Values{{3000, 2}, {4000, 4}, {6000, 6}});
  CHECK(values(4, 6) == Values{{4000, 4}});  // an event at its begin is in it, one at its end is not
  CHECK(values(1, 20) == Values{{1000, 0}, {2000, 2}, {4000, 4}, {6000, 6}, {8000, 8}});
  CHECK(values(9, 20) == Values{{9000, 8}});
  CHECK(read(3, 7).times == std::vector<std::int64_t>{3000, 4000, 6000, 7000});
  CHECK(read(9, 20).times == std::vector<std::int64_t>{9000, 10000});
  CHECK(read(10, 20).times == std::vector<std::int64_t>{10000});
  CHECK(read(11, 20).times.empty());
  VcdScene late{{}, at(ns(11))};
  CHECK(late.finished(at(ns(10))).ends_with("$comment the run ended before the window $end\n$comment done $end\n"));
}

TEST_CASE("doorbells are pending from their arrival until the firmware turns to them, or a reset", "[vcd]") {
  VcdScene scene;
  const auto ring = [&](std::int64_t time, std::uint32_t queue) -> TraceScript& {
    return scene.script.at_ns(time).put(doorbell_arrive{.queue = QueueId{queue}, .doorbell = queue});
  };
  ring(1, 1);
  ring(2, 2);
  ring(3, 1);                                                                      // is pending
  ring(4, 1).put(fault_injected{.queue = QueueId{1}, .unit = 1, .fault = 1});      // the first one still is
  ring(5, 3).put(fault_injected{.queue = QueueId{3}, .unit = 3, .fault = 4});      // late: not there yet
  scene.script.at_ns(6).put(doorbell_arrive{.queue = QueueId{1}, .doorbell = 0});  // a message
  scene.script.at_ns(7).put(firmware_begin{.queue = QueueId{2}, .event = 0}).put(firmware_end{});
  scene.script.at_ns(8).on_queue(0).put(firmware_begin{.event = 0}).put(firmware_end{});  // unknown: the oldest
  ring(9, 1);
  scene.script.at_ns(10).put(queue_deregistered{.queue = QueueId{1}});
  ring(11, 2);
  scene.script.put(message_send{});
  scene.script.at_ns(12).put(message_send{});
  scene.script.at_ns(13).put(firmware_begin{.event = 1}).put(firmware_end{});
  scene.script.at_ns(14).put(device_reset_end{});
  const test::VcdFile file = scene.read(at(ns(20)));
  CHECK(file.signals.at("doorbells.pending").values ==
        Values{{0, 0}, {1000, 1}, {2000, 2}, {7000, 1}, {8000, 0}, {9000, 1}, {10000, 0}, {11000, 1}, {14000, 0}});
  CHECK(file.signals.at("messages.depth").values == Values{{0, 0}, {11000, 1}, {12000, 2}, {13000, 1}, {14000, 0}});
}

TEST_CASE("an interrupt's line is up from the write that raises it until its handler begins", "[vcd]") {
  VcdScene scene;
  scene.script.at_ns(1).put(interrupt_raise{.vector = 1});
  scene.script.at_ns(2).put(interrupt_arrive{.vector = 1}).put(interrupt_raise{.vector = 1});
  scene.script.at_ns(3).put(irq_handler_entry{.vector = 1});  // the second is on its way
  scene.script.at_ns(4).put(interrupt_arrive{.vector = 1});
  scene.script.at_ns(5).put(irq_handler_exit{.vector = 1});
  scene.script.at_ns(6).put(irq_handler_entry{.vector = 1});
  scene.script.at_ns(7).put(irq_handler_exit{.vector = 1});
  scene.script.at_ns(8).put(interrupt_raise{.vector = 0}).put(interrupt_raise{.vector = 2});  // 2: not of this device
  scene.script.at_ns(9).put(device_gone{});
  const test::VcdFile file = scene.read(at(ns(10)));
  CHECK(file.signals.at("interrupt.rcs.line").values == Values{{0, 0}, {1000, 1}, {6000, 0}});
  CHECK(file.signals.at("interrupt.rcs.handler").values == Values{{0, 0}, {3000, 1}, {5000, 0}, {6000, 1}, {7000, 0}});
  CHECK(file.signals.at("interrupt.reply.line").values == Values{{0, 0}, {8000, 1}, {9000, 0}});
}

TEST_CASE("slots have holders, a reset takes an engine off its queue", "[vcd]") {
  VcdScene scene;
  scene.script.at_ns(1).put(slot_grant{.queue = QueueId{2}, .slot = 1});
  scene.script.at_ns(2).put(engine_assign{.queue = QueueId{2}, .engine = 1}).put(context_restore_begin{.engine = 1});
  scene.script.at_ns(3).put(engine_reset{.engine = 1});
  scene.script.at_ns(4).put(slot_evict{.queue = QueueId{2}, .slot = 1});
  const test::VcdFile file = scene.read(at(ns(5)));
  CHECK(file.signals.at("slot.1.queue").values == Values{{0, 0}, {1000, 2}, {4000, 0}});
  CHECK(file.signals.at("engine.bcs0.queue").values == Values{{0, 0}, {2000, 2}, {3000, 0}});
  CHECK(file.signals.at("engine.bcs0.switching").values == Values{{0, 0}, {2000, 1}, {3000, 0}});
  CHECK(file.signals.at("slot.0.queue").width == 32);
}

TEST_CASE("a hundred engines have a hundred codes", "[vcd]") {
  DeviceShape shape;
  for (int i = 0; i < 100; ++i) shape.engines.push_back("e" + std::to_string(i));
  const Names names = names_of_steps();
  std::ostringstream text;
  VcdSink sink{text, names, shape};
  sink.finish(at(ns(1)));
  CHECK(test::VcdReader::read(text.str()).signals.size() == 303);
}

}  // namespace gpusim::trace
