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

using K = EventKind;
using test::Make;

std::string rendered(std::string_view text, const Event& event, const Names& names = test::scene_names()) {
  ByteBuffer out;
  Template{text}.render(event, names, out);
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

constexpr std::uint64_t halves(std::uint64_t high, std::uint64_t low) { return high << 32U | low; }

}  // namespace

TEST_CASE("every text and label of the event table compiles and renders without a brace left", "[trace]") {
  const Names names = test::scene_names();
  for (const EventInfo& row : event_table()) {
    INFO(row.name);
    const Event event = Make{1, row.kind}.cpu(0).thread(1).queue(1).job(9).fields(1, 2, 1);
    for (const std::string_view text : {row.text, row.label}) {
      const std::string result = rendered(text, event, names);
      CHECK(result.find_first_of("{}?") == std::string::npos);
      CHECK(result.empty() == text.empty());
    }
  }
}

TEST_CASE("a template with an unknown placeholder, a wrong field or a lone brace is refused", "[trace]") {
  for (const char* text : {"{jobs}", "{}", "{thread}", "{job:a}", "{hi:d}", "{ps:}", "a {job", "job}", "{a:b}"}) {
    INFO(text);
    CHECK_THROWS_AS(Template{text}, InvariantViolation);
  }
}

TEST_CASE("placeholders give numbers, halves, names, errors and exact durations", "[trace]") {
  const Event event = Make{1, K::job_end}.queue(2).unit(1).job(77).fields(3, 110, halves(5, 6));
  CHECK(rendered("{job} {queue} {unit} {a} {b} {c}", event) == "77 2 1 3 110 21474836486");
  CHECK(rendered("{hi:c}/{lo:c} {errno:b}", event) == "5/6 -ETIMEDOUT");
  CHECK(rendered("{ring} {client} {client_name} {dev} {engine} {thread:a}", event) ==
        "app1.0.rcs 1 app1 gpu0 bcs0 kworker/0");
  CHECK(rendered("{vector} {fw:b} {ring}", Make{1, K::job_end}.unit(4).queue(9)) == "? none ?");
}

TEST_CASE("without a queue the client is field a", "[trace]") {
  CHECK(rendered("{client} {client_name}", Make{0, K::client_start}.fields(1)) == "1 app1");
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
  const Event event = Make{0, K::queue_ready}.queue(2).job(5).fields(3);
  CHECK(Template{"wake"}.key(event) == 0);
  CHECK(Template{"ready {ring}"}.key(event) == 2);
  CHECK(Template{"{thread:a}"}.key(event) == 3);
  CHECK(Template{"job {job}"}.key(event) == Template::kNoKey);
  CHECK(Template{"{ring} {engine}"}.key(event) == Template::kNoKey);
}

TEST_CASE("a line looks like ftrace's, with picoseconds", "[trace]") {
  CHECK(lines_of(
            {Make{10'010'123, K::drm_sched_job_queue}.cpu(0).thread(1).queue(1).job(1).fields(7, 1, halves(1, 0))}) ==
        "            app0-1     [000]     0.000010010123: drm_sched_job_queue: dev=gpu0, fence=7:1, ring=app0.0.rcs, "
        "job count:1, hw job count:0, client_id:0\n");
}

TEST_CASE("what happens on the device has no CPU, and no text leaves no blank behind", "[trace]") {
  CHECK(lines_of({Make{1'500'000'000'000, K::job_end}.queue(1).job(3), Make{1'500'000'000'001, K::firmware_wake}}) ==
        "        <device>-0     [---]     1.500000000000: job_end: job=3 engine=rcs0 ring=app0.0.rcs\n"
        "        <device>-0     [---]     1.500000000001: firmware_wake:\n");
}

TEST_CASE("a hard IRQ on an idle CPU belongs to the idle thread", "[trace]") {
  CHECK(lines_of({Make{0, K::irq_handler_entry}.cpu(1)}) ==
        "          <idle>-0     [001]     0.000000000000: irq_handler_entry: irq=0 name=gpu0-0\n");
}

TEST_CASE("the text sink keeps to its categories and its window, whose end is outside", "[trace]") {
  TextSinkOptions options;
  options.categories = CategorySet{}.set(static_cast<std::size_t>(Category::engine));
  options.begin = at(ps(10));
  options.end = at(ps(20));
  const std::string text =
      lines_of({Make{9, K::job_end}.job(1), Make{10, K::job_end}.job(2), Make{15, K::exec_begin}.job(3),
                Make{19, K::job_end}.job(4), Make{20, K::job_end}.job(5)},
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
  for (int i = 0; i < kLines; ++i) recorder.emit(Make{0, K::job_put}.queue(1).job(static_cast<std::uint64_t>(i)));
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
