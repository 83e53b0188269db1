// SPDX-License-Identifier: MIT
#include "traces/inspect/events_file.h"

#include <sstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/trace_scene.h"
#include "tests/support/trace_script.h"
#include "traces/event/event_table.h"

namespace gpusim::trace {
namespace {

/// One event of each kind, as the recorder makes them.
struct Written {
  Written() {
    const Names names = test::scene_names();
    std::ostringstream out;
    EventsSink sink{out, names, "a run, seed 1"};
    TraceScript script;
    script.recorder.attach_to_all(sink);
    for (const EventInfo& row : event_table()) script.recorder.emit(test::any_event(row.kind, 7));
    sink.finish(at(ns(5)));
    text = out.str();
    events = script.kept();
    hash = script.recorder.hash();
  }
  std::string text;
  std::vector<Event> events;
  std::uint64_t hash = 0;
};

[[nodiscard]] bool same(const Event& x, const Event& y) {
  for (const Slot slot : {Slot::queue, Slot::unit, Slot::job, Slot::a, Slot::b, Slot::c}) {
    if (word(x, slot) != word(y, slot)) return false;
  }
  return x.time == y.time && x.kind == y.kind && x.cpu == y.cpu && x.thread == y.thread;
}

/// "line:column: text" of the error that the text has.
[[nodiscard]] std::string error_of(const std::string& text) {
  EventsFileError error;
  if (read_events_file(text, error)) return "none";
  return std::to_string(error.line) + ":" + std::to_string(error.column) + ": " + error.text;
}

[[nodiscard]] std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("events file: why a run was cut off is read again", "[inspect]") {
  const Names names = test::scene_names();
  std::ostringstream out;
  EventsSink sink{out, names, "x"};
  sink.finish(at(ns(5)), "out of memory");
  EventsFileError error;
  const auto read = read_events_file(out.str(), error);
  REQUIRE(read);
  CHECK(read->cut_off == "out of memory");
}

TEST_CASE("events file: what is written is read again, every word of every kind and every name", "[inspect]") {
  const Written written;
  EventsFileError error;
  const auto read = read_events_file(written.text, error);
  REQUIRE(read);
  CHECK(read->title == "a run, seed 1");
  CHECK(read->end == at(ns(5)));
  CHECK(read->hash == written.hash);
  REQUIRE(read->events.size() == written.events.size());
  for (std::size_t i = 0; i < read->events.size(); ++i) {
    INFO(info(written.events[i].kind).name);
    CHECK(same(read->events[i], written.events[i]));
  }
  const Names names = test::scene_names();
  CHECK(read->names.clients == names.clients);
  CHECK(read->names.threads == names.threads);
  CHECK(read->names.firmware_events == names.firmware_events);
  REQUIRE(read->names.queues.size() == names.queues.size());
  CHECK(read->names.queues[2].name == "app1.0.rcs");
  CHECK(read->names.queues[2].client == 1);
  CHECK(read->names.engines[1].class_name == "bcs");
}

TEST_CASE("events file: an error has its line and column", "[inspect]") {
  const std::string good = Written{}.text;
  CHECK(error_of(good) == "none");
  CHECK(error_of("") == "1:1: no file of events: its first line is not '# gpusim-events/1'");
  CHECK(error_of("# tracer: gpusim\n") == "1:1: no file of events: its first line is not '# gpusim-events/1'");
  const std::string head = "# gpusim-events/1\ntitle x\nkind 0 client_start client:a\n";
  CHECK(error_of(head) == "4:1: the last line, 'end', is missing: the file is not whole");
  CHECK(error_of(head + "e 1 0 0 0 0 0 0 7 0 0 9\n") == "4:22: more than belongs into this line");
  CHECK(error_of(head + "e 1 0 0 0 0 0 0 seven 0 0\n") == "4:17: 'seven' is no number");
  CHECK(error_of(head + "e 1 0 0 0 0 0 0 7 0\n") == "4:20: a number is missing");
  CHECK(error_of(head + "e 01 0 0 0 0 0 0 7 0 0\n") == "4:3: '01' is no number");
  CHECK(error_of(head + "e 1 0 65536 0 0 0 0 7 0 0\n") == "4:7: 65536 is more than 65535");
  CHECK(error_of(head + "e 1 1 0 0 0 0 0 7 0 0\n") == "4:5: there is no kind 1");
  CHECK(error_of(head + "f 1\n") == "4:1: unknown line 'f'");
  const std::string event = "e 2 0 0 0 0 0 0 7 0 0\n";
  CHECK(error_of(head + event + "e 1 0 0 0 0 0 0 7 0 0\n") == "5:4: an event before the one in front of it");
  CHECK(error_of(head + event + "end 3 2 0000000000000000\n") == "5:8: 2 events, and the file has 1");
  CHECK(error_of(good + "x\n").ends_with("there is something behind the last line, 'end'"));
}

TEST_CASE("events file: an altered event is found by the hash", "[inspect]") {
  const std::string text = replaced(Written{}.text, "e 0 0 0 1 0 0 0 7 0 0\n", "e 0 0 0 1 0 0 0 8 0 0\n");
  CHECK(error_of(text).find("the file was altered") != std::string::npos);
}

TEST_CASE("events file: a kind of another build is an error only if the run has such an event", "[inspect]") {
  const std::string head = "# gpusim-events/1\ntitle x\nkind 0 client_start client:a\nkind 1 teleport queue:queue\n";
  CHECK(error_of(head + "e 1 1 0 0 0 0 0 0 0 0\n") ==
        "5:5: events of kind 1 are unknown to this program, or have other fields");
  // The hash of no event at all.
  std::ostringstream out;
  const Names names;
  EventsSink sink{out, names, "x"};
  sink.finish(at(ns(0)));
  const std::string last = out.str().substr(out.str().rfind("end "));
  CHECK(error_of(head + last) == "none");
}

}  // namespace gpusim::trace
