// SPDX-License-Identifier: MIT
#include "traces/report/summary.h"

#include <algorithm>
#include <sstream>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/text.h"
#include "traces/report/durations.h"
#include "traces/report/json_writer.h"

using namespace gpusim;
using namespace gpusim::trace;
using test::has;

namespace {

void add_lives(Statistics& statistics, std::uint32_t clients, std::int64_t jobs_each) {
  for (std::uint32_t client = 0; client < clients; ++client) {
    for (std::int64_t i = 0; i < jobs_each; ++i) {
      JobLife life{.job = 1, .queue = 1, .client = client, .begin = at(us(i)), .end = at(us(i + 2))};
      life[Cause::syscall] = ns(500);
      life[Cause::work] = ns(1'500);
      statistics.on_job_life(life);
    }
  }
}

struct SummaryExample {
  SummaryExample() {
    names.clients = {"game", "video"};
    names.queues = {{}, {.name = "game.0.rcs"}};
    names.engines = {{.name = "rcs0", .class_name = "rcs"}};
    add_lives(statistics, 1, 4);
    DeviceWait::EngineTimes times{.busy = us(3), .switching = us(1), .idle = us(4)};
    statistics.finish({}, {times});
    run.scenario = "example";
    run.seed = 5;
    run.trace_hash = 0xabc;
    run.events = 100;
    run.end = at(us(8));
    run.charges = {{"host.syscall", 'M', Cause::syscall, us(3)},
                   {"host.fault", 'E', Cause::syscall, us(1)},
                   {"host.misc", 'E', std::nullopt, us(9)}};
  }
  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    write_summary_text(out, run, statistics, names);
    return out.str();
  }
  [[nodiscard]] std::string json() const {
    std::ostringstream out;
    write_summary_json(out, run, statistics, names);
    return out.str();
  }

  Names names;
  Statistics statistics;
  RunInfo run;
};

std::ptrdiff_t lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace

TEST_CASE("the text summary is a page of aligned columns") {
  CHECK(SummaryExample{}.text() ==
        "example, seed 5: finished at 8.000 us with 4 jobs done, 0 failed, 0 unfinished\n"
        "\n"
        "client  jobs  failed   elapsed    jobs/s       min       avg       p50       p99       max  misses\n"
        "game       4       0  5.000 us  800000.0  2.000 us  2.000 us  2.000 us  2.000 us  2.000 us       0\n"
        "video      0       0         -         -         -         -         -         -         -       0\n"
        "all        4       0  5.000 us  800000.0  2.000 us  2.000 us  2.000 us  2.000 us  2.000 us       0\n"
        "\n"
        "client  engine time   share  longest wait  lives went to\n"
        "game       6.000 us  100.0%      2.000 us  work 75%, syscall 25%\n"
        "video             0    0.0%             0  -\n"
        "all        6.000 us  100.0%      2.000 us  work 75%, syscall 25%\n"
        "\n"
        "engine   busy  switching   idle  jobs  switches\n"
        "rcs0    37.5%      12.5%  50.0%     0         0\n"
        "\n"
        "cause       total   share  slow 10%  slow 1%  mean/job  from estimates\n"
        "syscall  2.000 us   25.0%     25.0%    25.0%  0.500 us           25.0%\n"
        "work     6.000 us   75.0%     75.0%    75.0%  1.500 us               -\n"
        "life     8.000 us  100.0%    100.0%   100.0%  2.000 us            6.3%\n"
        "\n"
        "slowest     job   latency  ended  went to\n"
        "game.0.rcs    1  2.000 us   good  work 75%, syscall 25%\n"
        "game.0.rcs    1  2.000 us   good  work 75%, syscall 25%\n"
        "game.0.rcs    1  2.000 us   good  work 75%, syscall 25%\n"
        "\n"
        "trace 0000000000000abc, 100 events\n");
}

TEST_CASE("the slowest jobs of each client are found, however slow those of others are") {
  SummaryExample example;
  // Twenty jobs of the second client are slower than the game's, which take 2 us.
  for (std::uint64_t job = 11; job <= 30; ++job) {
    JobLife life{.job = job, .queue = 2, .client = 1, .begin = at(us(0)), .end = at(us(1'000 + job))};
    life[Cause::work] = life.length();
    example.statistics.on_job_life(life);
  }
  example.names.queues.push_back({.name = "video.0.vcs"});
  CHECK_FALSE(has(example.text(), "slowest of each client"));
  CHECK(has(example.json(),
            "\"slowest_jobs\": [\n        {\n          \"job\": 30,\n          \"client\": \"video\",\n"));
  example.run.show_all = true;
  CHECK(has(example.text(),
            "slowest of each client  job      latency  ended  went to\n"
            "game.0.rcs                1     2.000 us   good  work 75%, syscall 25%\n"
            "game.0.rcs                1     2.000 us   good  work 75%, syscall 25%\n"
            "game.0.rcs                1     2.000 us   good  work 75%, syscall 25%\n"
            "video.0.vcs              30  1030.000 us   good  work 100%\n"
            "video.0.vcs              29  1029.000 us   good  work 100%\n"
            "video.0.vcs              28  1028.000 us   good  work 100%\n"));
}

TEST_CASE("preemptions have a column if there were any") {
  SummaryExample example;
  example.statistics.on(job_preempted{.engine = 0, .job = JobId{1}});
  CHECK(has(example.text(),
            "engine   busy  switching   idle  jobs  switches  preempted\n"
            "rcs0    37.5%      12.5%  50.0%     0         0          1\n"));
}

TEST_CASE("a summary of very many clients, engines and causes still fits a screen") {
  SummaryExample example;
  for (std::uint32_t client = 0; client < 100; ++client) {
    JobLife life{.job = 1, .queue = 1, .client = client, .begin = at(us(0)), .end = at(us(17))};
    for (Picoseconds& part : life.causes) part = us(1);
    example.statistics.on_job_life(life);
  }
  example.names.engines.resize(60);
  const std::string text = example.text();
  CHECK(lines_of(text) <= 60);
  CHECK(has(text, "93 others          93 "));
  CHECK(has(text, "all 100 clients   104 "));
  CHECK(has(text, "and 59 more, idle all the time\n"));
  example.run.show_all = true;
  const std::string all = example.text();
  CHECK_FALSE(has(all, " others "));
  CHECK_FALSE(has(all, " more, "));
  // More lines: clients, twice; engines; the causes of each client, three times, and of a queue, with the head and an
  // empty line; jobs; the slowest jobs of each client, three of the first, likewise with two lines.
  CHECK(lines_of(all) == lines_of(text) + 2 * (93 - 1) + (59 - 1) + (3 * 100 + 1 + 2) + 7 + (3 + 99 + 2));
}

TEST_CASE("a client that has finished nothing has its line, and one that has is not pushed out by many that have not") {
  SummaryExample example;
  example.names.clients = {"game", "a", "b", "c", "d", "e", "f", "g", "h"};
  std::vector<JobLife> open;
  for (std::uint32_t client = 1; client < 9; ++client) {
    JobLife& life = open.emplace_back(JobLife{.job = 2, .queue = 1, .client = client, .end = at(us(client))});
    life[Cause::run_list] = us(client);
  }
  example.statistics.finish(open, {});
  const std::string text = example.text();
  CHECK(has(text, "4 jobs done, 0 failed, 8 unfinished\n"));
  CHECK(has(text, "client         jobs  failed  unfinished    oldest  waits for   elapsed"));
  CHECK(has(text, "\ngame              4       0           0         -          -  5.000 us  800000.0"));
  CHECK(has(text, "\nh                 0       0           1  8.000 us   run_list         -         -"));
  CHECK_FALSE(has(text, "\na "));  // of those that wait it has waited least
  CHECK(has(text, "\n2 others          0       0           2  2.000 us"));
  CHECK(has(text, "\nall 9 clients     4       0           8  8.000 us"));
  CHECK(has(text, "run_list         0    0.0%      0.0%     0.0%         0               -   36.000 us\n"));
  const std::string json = example.json();
  CHECK(has(json,
            "\"name\": \"h\",\n      \"jobs_done\": 0,\n      \"jobs_failed\": 0,\n      \"jobs_unfinished\": 1,\n"
            "      \"oldest_unfinished_ps\": 8000000,\n      \"oldest_waits_for\": \"run_list\",\n"));
}

TEST_CASE("the engine that does all the work is shown, however many come before it") {
  SummaryExample example;
  std::vector<DeviceWait::EngineTimes> times(9, {.idle = us(8)});
  times[8] = {.busy = us(6), .idle = us(2)};
  example.statistics.finish({}, times);
  example.names.engines.clear();
  for (int i = 0; i < 9; ++i) example.names.engines.push_back({"ccs" + std::to_string(i), "ccs"});
  CHECK(has(example.text(), "\nccs8    75.0%"));
  CHECK(has(example.text(), "\nand 8 more, idle all the time\n"));
  // Of many that are not idle the busiest of the others is named.
  for (std::size_t i = 0; i < 8; ++i) times[i] = {.busy = us(static_cast<std::int64_t>(i) / 2), .idle = us(8)};
  example.statistics.finish({}, times);
  CHECK_FALSE(has(example.text(), "\nccs3 "));
  CHECK(has(example.text(), "\nand 2 more, the busiest of them ccs2 with 12.5%\nand 2 more, idle all the time\n"));
}

TEST_CASE("engines that were all idle are counted, with no word of others") {
  SummaryExample example;
  example.statistics.finish({}, {{.idle = us(8)}, {.idle = us(8)}, {.idle = us(8)}});
  example.names.engines = {{"a0", "a"}, {"a1", "a"}, {"a2", "a"}};
  CHECK(has(example.text(), "\nengines: 3, idle all the time\n"));
  CHECK_FALSE(has(example.text(), " more, "));
}

TEST_CASE("what broke and what was done about it is a line of the summary, and an object of the JSON") {
  SummaryExample example;
  CHECK_FALSE(has(example.text(), "recovery"));
  example.names.verdicts = {"recovered", "not hung", "gone"};
  example.names.faults = {"lost_interrupt", "lost_doorbell"};
  Statistics& statistics = example.statistics;
  statistics.on(job_timedout{});
  statistics.on(job_timedout{});
  statistics.on(timeout_verdict{.verdict = 1});
  statistics.on(queue_banned{});
  statistics.on(engine_reset{});
  statistics.on(device_reset_begin{});
  statistics.on(fault_injected{.fault = 1});
  JobLife failed{.job = 9, .queue = 1, .client = 1, .begin = at(us(1)), .end = at(us(2)), .error = 62};
  failed[Cause::work] = us(1);
  statistics.on_job_life(failed);
  CHECK(has(example.text(),
            "\nrecovery: 1 fault injected (1 lost_doorbell), 2 timeouts (answered: 1 not hung), 1 engine reset, "
            "1 device reset, 1 queue banned, 1 job failed with -ETIME\n"));
  const std::string json = example.json();
  CHECK(has(json, "\"timeouts\": 2,\n    \"verdicts\": {\n      \"recovered\": 0,\n      \"not hung\": 1,\n"));
  CHECK(has(json, "\"failed_jobs\": {\n      \"-ETIME\": 1\n"));
  // The host, and then the firmware itself, for a queue that does not leave its engine in time.
  constexpr std::uint64_t kPreemptMissed = 6;
  statistics.on(device_reset_begin{.reason = kPreemptMissed});
  statistics.on(engine_reset{});
  statistics.on(reset_notify{});
  CHECK(has(example.text(),
            "2 engine resets (1 after a missed preemption), 2 device resets (1 after a missed preemption), 1 queue"));
  CHECK(has(example.json(),
            "\"missed_preemptions\": {\n      \"engine_resets\": 1,\n      \"device_resets\": 1\n    },\n"));
  statistics.on(page_fault{});
  statistics.on(engine_reset{});
  statistics.on(reset_notify{});
  CHECK(has(example.text(), "3 engine resets (1 after a missed preemption) (1 after a page fault)"));
  CHECK(has(example.json(), "\"page_faults\": 1,\n"));
  // A device reset comes before the firmware has served it.
  statistics.on(page_fault{});
  statistics.on(engine_reset{.with_device = true});
  statistics.on(engine_reset{});
  statistics.on(reset_notify{});
  CHECK(has(example.text(), "4 engine resets (2 after a missed preemption) (1 after a page fault)"));
}

TEST_CASE("renderers have a table of frames, and compositors a line of vblanks, in the JSON both have an object") {
  SummaryExample example;
  CHECK_FALSE(has(example.text(), "repeated"));
  CHECK_FALSE(has(example.json(), "\"frames\""));
  example.names.clients = {"game", "desktop"};
  example.statistics.on(frame_shown{.client = ClientId{0}, .frame = 1, .latency = ms(20)});
  example.statistics.on(frame_repeated{.client = ClientId{0}, .frame = 1});
  for (const std::uint64_t result : {1U, 2U}) example.statistics.on(vblank{.client = ClientId{1}, .result = result});
  CHECK(has(example.text(),
            "frames  shown  repeated  dropped        min        avg        p50        p99        max\n"
            "game        1         1        0  20.000 ms  20.000 ms  20.000 ms  20.000 ms  20.000 ms\n"
            "desktop: 2 vblanks, 1 missed\n"));
  CHECK(
      has(example.json(), "\"frames\": {\n        \"shown\": 1,\n        \"repeated\": 1,\n        \"dropped\": 0,\n"));
  CHECK(has(example.json(), "\"vblanks\": 2,\n        \"vblanks_missed\": 1,\n"));
}

TEST_CASE("a column of durations is rounded and keeps three digits of its smallest cell") {
  const auto texts = [](std::initializer_list<Wide> cells) {
    DurationColumn column;
    for (const Wide cell : cells) column.add(cell);
    return column.texts();
  };
  CHECK(texts({5'000'000'000'000, 2'980'000'000}) == std::vector<std::string>{"5000.000 ms", "2.980 ms"});
  CHECK(texts({5'000'000'000'000, 298'000'000'000}) == std::vector<std::string>{"5.000 s", "0.298 s"});
  CHECK(texts({731'903'500, 0}) == std::vector<std::string>{"731.904 us", "0"});
  CHECK(texts({999'999'999'600}) == std::vector<std::string>{"1000.000 ms"});
}

TEST_CASE("of a percentile the digits are printed that are known of it") {
  CHECK(known_duration(500'695'039, 0) == "500.695 us");
  CHECK(known_duration(500'695'039, 524'288) == "501 us");          // known to 0.5 us: a digit of 1 us
  CHECK(known_duration(87'912'611'839, 134'217'728) == "87.9 ms");  // known to 134 us
  CHECK(known_duration(3'970'000, 4'096) == "3.970 us");
  CHECK(known_duration(999'900'000, 524'288) == "1000 us");
  CHECK(known_duration(0, 0) == "0 ps");
}

TEST_CASE("a run without a job has a summary") {
  Statistics statistics;
  std::ostringstream text;
  write_summary_text(text, {.scenario = "empty", .outcome = Outcome::stalled, .notices = {"look here"}}, statistics,
                     {});
  CHECK(has(text.str(), "empty, seed 0: stalled at 0 ps with 0 jobs done"));
  CHECK(has(text.str(), "note: look here\n"));
  std::ostringstream json;
  write_summary_json(json, {}, statistics, {});
  CHECK(has(json.str(), "\"clients\": [],"));
}

TEST_CASE("the JSON summary holds picoseconds, and the build that wrote it") {
  SummaryExample example;
  const std::string json = example.json();
  CHECK(json.rfind("{\n  \"schema\": \"gpusim-summary/1\",\n  \"scenario\": \"example\",\n  \"seed\": 5,\n", 0) == 0);
  CHECK(has(json, "\"trace_hash\": \"0000000000000abc\""));
  CHECK(has(json, "\"jobs_per_s\": 800000.000"));
  CHECK(has(json, "\"p99\": 2000000,"));
  CHECK(has(json, "\"busy_ps\": 3000000,"));
  CHECK(has(json,
            "\"name\": \"syscall\",\n      \"total_ps\": 2000000,\n      \"mean_ps\": 500000,\n"
            "      \"share_percent\": 25.0,\n      \"charged_ps\": 4000000,\n      \"estimated_ps\": 500000,\n"));
  CHECK(has(json, "\"name\": \"host.misc\",\n      \"tag\": \"E\",\n      \"cause\": null,\n"));
  example.run.build = {"1.2.3+gabc", "GNU 12", "Release"};
  example.run.command = "gpusim run example";
  CHECK(has(example.text(), " events\nby gpusim 1.2.3+gabc (GNU 12, Release): gpusim run example\n"));
  CHECK(has(example.json(),
            "\"schema\": \"gpusim-summary/1\",\n  \"build\": {\n    \"version\": \"1.2.3+gabc\",\n"
            "    \"compiler\": \"GNU 12\",\n    \"build_type\": \"Release\"\n  },\n"));
}

TEST_CASE("what is from estimates is a part of the time of its cause, and the parts add up") {
  std::array<Wide, kCauseCount> causes{};
  const auto of = [](const auto& shares, Cause cause) { return shares[static_cast<std::size_t>(cause)]; };
  causes[static_cast<std::size_t>(Cause::syscall)] = 2'000'000;
  causes[static_cast<std::size_t>(Cause::interrupt)] = 502'942'560'000;
  causes[static_cast<std::size_t>(Cause::work)] = 6'000'000;
  causes[static_cast<std::size_t>(Cause::wakeup)] = 1'000'000'000;
  const std::vector<ParameterCharge> charges{{"entry", 'M', Cause::syscall, us(3)},
                                             {"fault", 'E', Cause::syscall, us(1)},
                                             {"delivery", 'E', Cause::interrupt, us(8)},
                                             {"wake", 'O', Cause::wakeup, us(5)},
                                             {"misc", 'E', std::nullopt, us(9)}};
  const auto idle = shares_by_cause(causes, charges, false);
  CHECK(of(idle, Cause::syscall).estimated == 500'000);      // a quarter of what was charged, and so of the time
  CHECK(of(idle, Cause::interrupt).estimated == 8'000'000);  // the rest is a wait that no parameter made
  CHECK(of(idle, Cause::wakeup).estimated == 5'000'000);     // one sample is no more than an estimate
  CHECK_FALSE(of(idle, Cause::work).is_known);
  // A load that is an estimate makes the waits for a CPU estimates, too.
  const auto loaded = shares_by_cause(causes, charges, true);
  CHECK(of(loaded, Cause::wakeup).estimated == 1'000'000'000);
  CHECK(of(loaded, Cause::interrupt).estimated == 8'000'000);
  CHECK(of(loaded, Cause::syscall).estimated == 500'000);
}

TEST_CASE("JSON strings are escaped and brackets are closed on their own line") {
  std::ostringstream out;
  JsonWriter json{out};
  json.begin_object().key("a\"b\\c\n\x01").value("\xc3\xa9").key("list").begin_array().value(-1).value(2).end_array();
  json.key("none").begin_object().end_object().key("nothing").null().end_object();
  CHECK(out.str() ==
        "{\n  \"a\\\"b\\\\c\\n\\u0001\": \"\xc3\xa9\",\n  \"list\": [\n    -1,\n    2\n  ],\n  \"none\": {},\n"
        "  \"nothing\": null\n}\n");
}
