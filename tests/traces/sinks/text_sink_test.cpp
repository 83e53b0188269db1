// SPDX-License-Identifier: MIT
#include "traces/sinks/text_sink.h"

#include <sstream>
#include <string>

#include "base/invariant.h"
#include "base/timeline.h"
#include "tests/support/catch.h"
#include "tests/support/trace_scene.h"
#include "traces/sinks/template.h"

namespace gpusim::trace {
namespace {

std::string rendered(std::string_view text, const Event& event, const Names& names = test::scene_names()) {
  ByteBuffer out;
  Template{text, event.kind}.render(event, names, out);
  return std::string{out.view()};
}

std::string lines_of(std::initializer_list<Event> events, const TextSinkOptions& options = {}) {
  const Names names = test::scene_names();
  std::ostringstream out;
  TextSink sink{out, names, options};
  for (const Event& event : events) sink.on_event(event);
  sink.finish();
  std::string text;
  std::istringstream in{out.str()};
  for (std::string line; std::getline(in, line);) {
    if (line.front() != '#') text += line + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("every text and label of the event table compiles and renders without a brace left", "[trace]") {
  const Names names = test::scene_names();
  for (const EventInfo& row : event_table()) {
    INFO(row.name);
    const Event event = test::any_event(row.kind, 1);
    for (const std::string_view text : {row.text, row.label}) {
      const std::string result = rendered(text, event, names);
      CHECK(result.find_first_of("{}?") == std::string::npos);
      CHECK(result.empty() == text.empty());
    }
  }
}

TEST_CASE("a template with an unknown placeholder, a wrong field or a lone brace is refused", "[trace]") {
  for (const char* text : {"{jobs}", "{}", "{thread}", "{job:engine}", "{thread:d}", "{ps:}", "a {job", "job}", "{a:b}",
                           "{index}"}) {  // the last is another kind's
    INFO(text);
    CHECK_THROWS_AS((Template{text, EventKind::job_end}), InvariantViolation);
  }
}

TEST_CASE("placeholders give numbers, halves, names, errors and exact durations", "[trace]") {
  const Event fetch = fetch_begin{.queue = QueueId{2}, .engine = 1, .job = JobId{77}, .index = 3};
  CHECK(rendered("{job} {queue} {engine} {index}", fetch) == "77 2 1 3");
  CHECK(rendered("{ring} {client} {client_name} {dev} {engine:engine}", fetch) == "app1.0.rcs 1 app1 gpu0 bcs0");
  CHECK(rendered("{queued}/{in_flight}", drm_sched_job_run{.queued = 5, .in_flight = 6}) == "5/6");
  CHECK(rendered("{error} {errno:error}", exec_end{.error = Errno::timedout}) == "110 -ETIMEDOUT");
  CHECK(rendered("{ps:sleep} {msg:action}", message_back_off{.action = 1, .sleep = ps(2'500)}) == "2.5ns register");
  CHECK(rendered("{thread:woken}", sched_wakeup{.woken = 3}) == "kworker/0");
  CHECK(rendered("{vector} {vector:vector}", interrupt_raise{.vector = 4}) == "4 ?");
  CHECK(rendered("{fw:event} {ring}", firmware_begin{.queue = QueueId{9}, .event = 0}) == "none ?");
}

TEST_CASE("without a queue the client is the event's own, with one the queue's", "[trace]") {
  CHECK(rendered("{client} {client_name}", client_start{.client = ClientId{1}}) == "1 app1");
  CHECK(rendered("{client}", queue_close{.queue = QueueId{2}, .client = ClientId{0}}) == "1");
}

TEST_CASE("a duration keeps every picosecond and drops trailing zeros", "[trace]") {
  const auto text = [](std::uint64_t count) {
    ByteBuffer out;
    append_duration(count, out);
    return std::string{out.view()};
  };
  CHECK(text(0) == "0ps");
  CHECK(text(999) == "999ps");
  CHECK(text(1'000) == "1ns");
  CHECK(text(12'345'678) == "12.345678us");
  CHECK(text(1'000'000'001) == "1.000000001ms");
  CHECK(text(2'500'000'000'000) == "2.5s");
  CHECK(text(~std::uint64_t{0}) == "endless");
}

TEST_CASE("only texts that vary in one name can be kept by number", "[trace]") {
  const auto key = [](std::string_view text, const Event& event) { return Template{text, event.kind}.key(event); };
  const Event fetch = fetch_begin{.queue = QueueId{2}, .job = JobId{5}};
  CHECK(key("wake", fetch) == 0);
  CHECK(key("ready {ring}", fetch) == 2);
  CHECK(key("{thread:next}", sched_switch{.next = 3}) == 3);
  CHECK(key("job {job}", fetch) == Template::kNoKey);
  CHECK(key("{ring} {engine:engine}", fetch) == Template::kNoKey);
}

TEST_CASE("a line looks like ftrace's, with picoseconds", "[trace]") {
  CHECK(lines_of({drm_sched_job_queue{.time = at(ps(10'010'123)),
                                      .cpu = 0,
                                      .thread = 1,
                                      .queue = QueueId{1},
                                      .job = JobId{1},
                                      .context = 7,
                                      .seqno = 1,
                                      .queued = 1,
                                      .in_flight = 0}}) ==
        "            app0-1     [000]     0.000010010123: drm_sched_job_queue: dev=gpu0, fence=7:1, ring=app0.0.rcs, "
        "job count:1, hw job count:0, client_id:0\n");
}

TEST_CASE("what happens on the device has no CPU, and no text leaves no blank behind", "[trace]") {
  CHECK(lines_of({job_end{.time = at(ps(1'500'000'000'000)), .queue = QueueId{1}, .job = JobId{3}},
                  firmware_wake{.time = at(ps(1'500'000'000'001))}}) ==
        "        <device>-0     [---]     1.500000000000: job_end: job=3 engine=rcs0 ring=app0.0.rcs\n"
        "        <device>-0     [---]     1.500000000001: firmware_wake:\n");
}

TEST_CASE("a hard IRQ on an idle CPU belongs to the idle thread", "[trace]") {
  CHECK(lines_of({irq_handler_entry{.cpu = 1}}) ==
        "          <idle>-0     [001]     0.000000000000: irq_handler_entry: irq=0 name=gpu0-0\n");
}

TEST_CASE("the text sink keeps to its categories and its window, whose end is outside", "[trace]") {
  TextSinkOptions options;
  options.categories = CategorySet{}.set(static_cast<std::size_t>(Category::engine));
  options.begin = at(ps(10));
  options.end = at(ps(20));
  const std::string text =
      lines_of({job_end{.time = at(ps(9)), .job = JobId{1}}, job_end{.time = at(ps(10)), .job = JobId{2}},
                exec_begin{.time = at(ps(15)), .job = JobId{3}}, job_end{.time = at(ps(19)), .job = JobId{4}},
                job_end{.time = at(ps(20)), .job = JobId{5}}},
               options);
  CHECK(text.find("job=2") < text.find("job=4"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("a trace of many lines is written whole and in order, through the recorder", "[trace]") {
  const Names names = test::scene_names();
  std::ostringstream out;
  Timeline timeline;
  timeline.freeze();
  Recorder recorder{timeline};
  TextSink sink{out, names};
  recorder.attach_to_all(sink);
  constexpr int kLines = 5'000;
  for (int i = 0; i < kLines; ++i)
    recorder.emit(job_put{.queue = QueueId{1}, .job = JobId{static_cast<std::uint64_t>(i)}});
  sink.finish();
  std::istringstream in{out.str()};
  int found = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.front() == '#') continue;
    CHECK(line.find("job=" + std::to_string(found) + " ") != std::string::npos);
    ++found;
  }
  CHECK(found == kLines);
}

}  // namespace gpusim::trace
