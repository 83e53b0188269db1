// SPDX-License-Identifier: MIT
// What the loader says of bad scenarios: each class of error with its exact text and place, and all of them at once.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "sim/scenario/loader.h"
#include "sim/scenario/resolved.h"
#include "tests/sim/scenario/loading.h"
#include "tests/support/catch.h"

using namespace gpusim::scenario;
using gpusim::test::kClient;
using gpusim::test::problems;

namespace {

// The only problem.
[[nodiscard]] std::string problem(const std::string& text, const LoadOptions& options = {}) {
  const std::vector<std::string> lines = problems(text, options);
  for (const std::string& line : lines) UNSCOPED_INFO(line);
  REQUIRE(lines.size() == 1);
  return lines[0];
}

[[nodiscard]] std::string set(const std::string& override) { return problem(kClient, {.sets = {override}}); }

// A folder for the files of one test.
class ScenarioFolder {
 public:
  explicit ScenarioFolder(const std::string& name)
      : path_{std::filesystem::temp_directory_path() / ("gpusim_scenario_" + name)} {
    std::filesystem::remove_all(path_);
  }
  ~ScenarioFolder() { std::filesystem::remove_all(path_); }
  ScenarioFolder(const ScenarioFolder&) = delete;
  ScenarioFolder& operator=(const ScenarioFolder&) = delete;

  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((path_ / file).parent_path());
    std::ofstream{path_ / file} << text;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Problems of the scenario `file`, with the folder's name taken out.
  [[nodiscard]] std::vector<std::string> load(const std::string& file, const LoadOptions& options = {}) const {
    std::vector<std::string> lines;
    for (const Problem& found : load_scenario(path_ / file, options).problems) {
      std::string line = found.to_string();
      const std::string prefix = path_.generic_string() + "/";
      for (std::size_t at = line.find(prefix); at != std::string::npos; at = line.find(prefix))
        line.erase(at, prefix.size());
      lines.push_back(line);
    }
    return lines;
  }

 private:
  std::filesystem::path path_;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a file that is no TOML is reported where the syntax breaks", "[scenario]") {
  CHECK(problem("name = \"a\"\nseed = = 1\n").starts_with("x.toml:2:8: error: Error while parsing"));
  CHECK(problem("seed = 1\nseed = 2\n").starts_with("x.toml:2:"));
}

TEST_CASE("unknown keys come with what may have been meant", "[scenario]") {
  CHECK(problem(kClient + "[drivr]\n") == "x.toml:6:2: error: unknown key 'drivr'; did you mean 'driver'?");
  CHECK(problem(kClient + "[driver]\nring_entrys = 4\n") ==
        "x.toml:7:1: error: unknown key 'driver.ring_entrys'; did you mean 'ring_entries'?");
  CHECK(problem(kClient + "[device]\nmmio_write_latency_ns = 4\n") ==
        "x.toml:7:1: error: unknown key 'device.mmio_write_latency_ns'; did you mean "
        "'device.link.mmio_write_latency_ns'?");
  CHECK(problem(kClient + "[host]\nxyzzy = 4\n") == "x.toml:7:1: error: unknown key 'host.xyzzy'");
  CHECK(problem(kClient + "cycle = 4\n") == "x.toml:6:1: error: unknown key 'client.c.cycle'; did you mean 'cycles'?");
}

TEST_CASE("a duration needs a unit, and only one", "[scenario]") {
  CHECK(problem(kClient + "wait = 4\n") ==
        "x.toml:6:1: error: 'client.c.wait' names no unit (_ps, _ns, _us or _ms); did you mean 'wait_us = 4'?");
  CHECK(problem(kClient + "wait_us = 4\nwait_ns = 5\n") ==
        "x.toml:7:1: error: 'wait_ns' says again what 'wait_us' has said");
  CHECK(problem(kClient + "wait_us = 1.5\n") ==
        "x.toml:6:11: error: client.c.wait_us must be whole microseconds in 0..3600000000, or two of them as [min, "
        "max], not floating-point number "
        "1.5; did you mean 'wait_ns = 1500'?");
}

TEST_CASE("values of the wrong type or out of range say what is expected", "[scenario]") {
  CHECK(problem(kClient + "cycles = \"four\"\n") ==
        "x.toml:6:10: error: client.c.cycles must be an integer in 1..1000000000000, not string 'four'");
  CHECK(problem(kClient + "priority = 4\n") ==
        "x.toml:6:12: error: client.c.priority must be an integer in 0..3, not 4");
  CHECK(problem(kClient + "priority = -1\n") ==
        "x.toml:6:12: error: client.c.priority must be an integer in 0..3, not -1");
  CHECK(problem(kClient + "sync = 1\n") == "x.toml:6:8: error: client.c.sync must be true or false, not 1");
  CHECK(problem(kClient + "engine = \"vcz1\"\n") ==
        "x.toml:6:10: error: client.c.engine must be an engine (rcs, bcs, vcs, vecs, ccs, or one of a class, as vcs1), "
        "not string 'vcz1'; did you mean 'vcs'?");
  CHECK(problem(kClient + "[device]\nslots = 65\n") ==
        "x.toml:7:9: error: device.slots must be an integer in 0..64, not 65");
  CHECK(problem(kClient + "[device]\nnotify = \"bell\"\n") ==
        "x.toml:7:10: error: device.notify must be one of doorbell, message, not string 'bell'");
  CHECK(problem(kClient + "[device]\nnotify = \"mesage\"\n") ==
        "x.toml:7:10: error: device.notify must be one of doorbell, message, not string 'mesage'; did you mean "
        "'message'?");
  CHECK(problem("name = 5\n" + kClient) == "x.toml:1:8: error: name must be a string, not 5");
  CHECK(problem("[[client]]\nname = \"a b\"\nworkload = \"loop\"\nwork_us = 1\n") ==
        "x.toml:2:8: error: client.a b.name must be a string of letters, digits, '_' and '-', not string 'a b'");
}

TEST_CASE("a range of work has two ends in order", "[scenario]") {
  const std::string expected =
      "error: client.c.work_us must be whole microseconds in 0..3600000000, or two of them as [min, max], not ";
  for (const std::string range : {"[5, 4]", "[1]", "[1, 2, 3]", "[1, true]", "[1, 2, 3, 4, 5]"}) {
    CHECK(problem("[[client]]\nname = \"c\"\nworkload = \"loop\"\nwork_us = " + range + "\n") ==
          "x.toml:4:11: " + expected + (range == "[1, true]" || range.size() > 12 ? "an array" : range) +
              (range == "[5, 4]" ? "; did you mean '[4, 5]'?" : ""));
  }
}

TEST_CASE("a table and a value are not mixed up", "[scenario]") {
  CHECK(problem("host = \"loaded\"\n" + kClient) ==
        "x.toml:1:8: error: host must be a table, not string 'loaded'; did you mean 'use.host'?");
  CHECK(
      problems("[seed]\nx = 1\n" + kClient) ==
      Lines{"x.toml:1:1: error: seed must be an integer in 0..9223372036854775807, or { v = that, tag = \"...\", src = "
            "\"...\" }",
            "x.toml:2:1: error: a tagged value has v, tag and src, not 'x'"});
}

TEST_CASE("a tagged value is complete", "[scenario]") {
  const std::string key = "[device.link]\nmmio_write_latency_ns = ";
  CHECK(problem(kClient + key + "{ v = 3 }\n") ==
        "x.toml:7:25: error: device.link.mmio_write_latency_ns must be whole nanoseconds in 0..3600000000000, or { v = "
        "that, "
        "tag = \"...\", src = \"...\" }");
  CHECK(problem(kClient + key + "{ v = 3, tag = \"X\" }\n") ==
        "x.toml:7:40: error: tag must be one of S, D, M, W, C, E, O, not 'X'");
  CHECK(problem(kClient + key + "{ v = 3, tag = \"S\" }\n") ==
        "x.toml:7:25: error: a value with tag S has to name its source in src");
  CHECK(problem(kClient + key + "{ v = -3, tag = \"E\" }\n") ==
        "x.toml:7:31: error: device.link.mmio_write_latency_ns must be whole nanoseconds in 0..3600000000000, not -3");
  CHECK(problems(kClient + key + "{ v = 3, tag = \"E\" }\n").empty());
}

TEST_CASE("clients are complete, and called differently", "[scenario]") {
  CHECK(problem("seed = 1\n") == "x.toml: error: there is no [[client]]");
  CHECK(problem("[device]\nslots = 1\n[use]\ndriver = \"default\"\n") ==
        "x.toml: error: there is no [[client]]; if this is a preset, a scenario names it: use.device = \"...\"");
  CHECK(problem("[host]\ncpus = 1\n[device]\nslots = 1\n") == "x.toml: error: there is no [[client]]");
  CHECK(problem("scenario = \"y.toml\"\nseeds = 3\n[[variant]]\nname = \"a\"\n") ==
        "x.toml: error: this is an experiment, not a scenario: gpusim compare runs it");
  CHECK(problem("[client]\nname = \"c\"\n").starts_with("x.toml:1:2: error: clients are written as [[client]]"));
  CHECK(problems("[[client]]\n") ==
        Lines{"x.toml:1:1: error: missing key 'client.name'", "x.toml:1:1: error: missing key 'client.workload'"});
  CHECK(problems("[[client]]\nname = \"c\"\nworkload = \"poisson\"\n") ==
        Lines{"x.toml:1:1: error: missing key 'client.c.mean_interval_us'",
              "x.toml:1:1: error: missing key 'client.c.work_us'"});
  CHECK(problem("[[client]]\nname = \"c\"\nworkload = \"lop\"\nwork_us = 1\n") ==
        "x.toml:3:12: error: client.c.workload must be one of loop, poisson, pipeline, fan, wsim, churn, steps, "
        "renderer, compositor, not string 'lop'; did you mean 'loop'?");
  CHECK(problem(kClient + kClient) == "x.toml:7:8: error: there is a client 'c' already, in line 2");
  CHECK(problems(kClient + kClient + kClient) == Lines{"x.toml:7:8: error: there is a client 'c' already, in line 2",
                                                       "x.toml:12:8: error: there is a client 'c' already, in line 2"});
}

TEST_CASE("more clients than a device has queues are refused before any of them is read", "[scenario]") {
  std::string text;
  for (int i = 0; i < 65'536; ++i) text += "[[client]]\n";  // each would lack a name and a workload
  CHECK(problem(text) ==
        "x.toml:65536:1: error: 65536 [[client]] tables are too many; 65535 are the most, as many as a device has "
        "queues");
}

TEST_CASE("a key of another workload is named as such", "[scenario]") {
  CHECK(problem(kClient + "mean_interval_us = 4\n") ==
        "x.toml:6:1: error: 'client.c.mean_interval_us' is a key of workload poisson, not of loop");
}

TEST_CASE("contradictions are reported at the value that was written last", "[scenario]") {
  CHECK(problem(kClient + "[driver]\nring_entries = 48\n") ==
        "x.toml:7:16: error: driver.ring_entries must be a power of two, not 48");
  CHECK(problem(kClient + "[driver]\ncredit_limit = 65\n") ==
        "x.toml:7:16: error: driver.credit_limit is 65, but driver.ring_entries only 64");
  CHECK(problem(kClient + "[driver]\ncredit_limit = 40\n", {.sets = {"driver.ring_entries=32"}}) ==
        "--set:1:21: error: driver.credit_limit is 40, but driver.ring_entries only 32");
  CHECK(problem(kClient + "[driver]\nirq_cpu = 4\n") ==
        "x.toml:7:11: error: driver.irq_cpu is 4, but the host has CPUs 0..3");
  CHECK(problem(kClient + "[host.background]\nthreads = 2\n") ==
        "x.toml:7:11: error: host.background.threads is 2, but busy or period is 0");
  CHECK(problem(kClient + "[host.background]\nthreads = 2\nbusy_us = 5\nperiod_us = 4\n") ==
        "x.toml:8:11: error: host.background.busy is longer than its period");
  CHECK(problem(kClient + "[host]\nsubmit_workers = \"kthread\"\nwork_dispatch = \"serial\"\n") ==
        "x.toml:7:18: error: host.submit_workers other than unbound need host.work_dispatch = \"pool\"");
  CHECK(problem(kClient + "[host]\nkthread_class = \"fifo\"\n") ==
        "x.toml:7:17: error: host.kthread_class is fifo, but host.submit_workers names no kthread_worker");
  CHECK(problem(kClient + "[host]\ntimeslice_us = 0\n") ==
        "x.toml:7:16: error: host.timeslice_us must be whole microseconds in 1..3600000000, not 0");
  CHECK(problem(kClient + "[device.engines]\nvcs.count = 14\n") ==
        "x.toml:7:13: error: the device has 17 engines; 16 are the most");
}

TEST_CASE("rings that clients share need a component and policies that have several queues before one", "[scenario]") {
  const std::string shared = kClient + "[driver]\nrings = \"shared\"\nkill_way = \"entity\"\n";
  CHECK(
      problem(shared) ==
      "x.toml:7:9: error: driver.rings is shared, but only drm_sched has schedulers that queues can share: the others "
      "are 1:1 by design");
  CHECK(problem(kClient + "[driver]\nnative_waits = true\n[scheduler]\ncomponent = \"direct\"\n")
            .starts_with("x.toml:7:16: error: driver.native_waits is for queues with a driver in the path"));
  const std::string drm_sched = shared + "[scheduler]\ncomponent = \"drm_sched\"\n";
  CHECK(problem(drm_sched, {.sets = {"driver.native_waits=true"}})
            .starts_with("--set:1:21: error: driver.native_waits is for rings of a queue's own"));
  CHECK(problems(drm_sched).empty());
  CHECK(problem(drm_sched, {.sets = {"client.limits_cycle=1"}})
            .starts_with("--set:1:21: error: limits_cycle needs driver.rings = \"own\""));
  CHECK(problem(drm_sched + "policy = \"single_entity\"\n") ==
        "x.toml:11:10: error: scheduler.policy = \"single_entity\" is for a scheduler with one queue, but driver.rings "
        "is shared");
}

TEST_CASE("a device's name is one that SystemC takes, and that fits into a line", "[scenario]") {
  for (const std::string& name : Lines{"a.b", "host.cpu0", "a b\\nc", ""}) {
    CAPTURE(name);
    CHECK(problem(kClient + "[device]\nname = \"" + name + "\"\n") ==
          "x.toml:7:8: error: device.name must be a string of letters, digits, '_' and '-', not string '" + name + "'");
  }
  CHECK(problems(kClient + "[device]\nname = \"my_GPU-2\"\n").empty());
}

TEST_CASE("what a file says is shown in one line, whatever is in it", "[scenario]") {
  CHECK(problem("[[client]]\nname = \"a\\nb\\u0007\"\nworkload = \"loop\"\nwork_us = 1\n") ==
        "x.toml:2:8: error: client.a\\nb\\u0007.name must be a string of letters, digits, '_' and '-', not string "
        "'a\\nb\\u0007'");
  CHECK(problem(kClient + "[device]\n\"no\\nkey\" = 1\n") == "x.toml:7:1: error: unknown key 'device.no\\nkey'");
  CHECK(problem("name = \"two\\nlines\"\n" + kClient) == "x.toml:1:8: error: name must be one line of text");
}

TEST_CASE("clients ask only for engines and queues that the device has", "[scenario]") {
  CHECK(problem(kClient + "engine = \"vcs2\"\n") ==
        "x.toml:6:10: error: client.c.engine: the device has no engine 'vcs2', only rcs0, bcs0, vcs0, vcs1, vecs0");
  CHECK(problem(kClient + "[device.engines]\nrcs.count = 0\n") ==
        "x.toml:1:1: error: client.c.engine: the device has no engine 'rcs', only bcs0, vcs0, vcs1, vecs0");
  CHECK(problem(kClient + "clones = 9\n[device]\nmax_queues = 8\n") ==
        "x.toml:8:14: error: the clients need 9 queues, but device.max_queues is 8");
  // A churn client waits for a free id, or loses the cycle.
  CHECK(problems("[[client]]\nname = \"c\"\nworkload = \"churn\"\nwork_us = 1\nclones = 9\n[device]\nmax_queues = 8\n")
            .empty());
  CHECK(problem("[[client]]\nname = \"w\"\nworkload = \"wsim\"\nprogram = \"1.RCS.5.0.0,1.CCS.5.0.0\"\n") ==
        "x.toml:4:11: error: step 1: the device has no engine 'ccs0', only rcs0, bcs0, vcs0, vcs1, vecs0");
}

TEST_CASE("what --set gives is checked like a file", "[scenario]") {
  CHECK(set("seed") == "--set:1:1: error: 'seed' is not of the form key=value");
  CHECK(set("driver.ring_entrys=4") ==
        "--set:1:8: error: unknown key 'driver.ring_entrys'; did you mean 'ring_entries'?");
  CHECK(set("device.slots=many") == "--set:1:14: error: device.slots must be an integer in 0..64, not string 'many'");
  CHECK(set("client.d.cycles=4") == "--set:1:8: error: there is no client 'd'");
  CHECK(
      problem("[[client]]\nname = \"game\"\nworkload = \"loop\"\nwork_us = 1\n", {.sets = {"client.gama.cycles=4"}}) ==
      "--set:1:8: error: there is no client 'gama'; did you mean 'game'?");
  CHECK(set("client.c.cycles=0") == "--set:1:17: error: client.c.cycles must be an integer in 1..1000000000000, not 0");
  CHECK(set("client.c.workload=fan") ==
        "--set:1:10: error: the workload of a client cannot be set from outside of its scenario");
  CHECK(set("client=4") == "--set:1:1: error: a client's key is set as client.NAME.KEY");
  CHECK(set("client.cycle=4") == "--set:1:8: error: unknown key 'client.c.cycle'; did you mean 'cycles'?");
  CHECK(set("cycles=4") == "--set:1:1: error: unknown key 'cycles'; did you mean 'client.cycles'?");
  CHECK(set("client.c.work_sec=4") == "--set:1:10: error: unknown key 'client.c.work_sec'; did you mean 'work_us'?");
  CHECK(set("client.c.quantum_sec=4") ==
        "--set:1:10: error: unknown key 'client.c.quantum_sec'; did you mean 'quantum_us'?");
  CHECK(set("fault.message_lost=1") ==
        "--set:1:7: error: unknown key 'fault.message_lost'; did you mean 'dropped_message'?");
  CHECK(set("quantum=4") == "--set:1:1: error: unknown key 'quantum'; did you mean 'device.quantum_us'?");
  const std::string other = "[[client]]\nname = \"d\"\nworkload = \"loop\"\nwork_us = 1\n";
  CHECK(problem(kClient + other, {.sets = {"client.cycles=4"}}) ==
        "--set:1:8: error: with several clients a key is set as client.NAME.KEY");
  CHECK(set("device.slots=[").starts_with("--set:1:"));
  CHECK(problem(kClient, {.sets = {"seed=1", "device.slots=-1"}}) ==
        "--set:2:14: error: device.slots must be an integer in 0..64, not -1");
  CHECK(problem(kClient, {.seed = UINT64_MAX}) ==
        "--seed:1:1: error: seed must be an integer in 0..9223372036854775807");
}

TEST_CASE("all problems come at once, sorted by place", "[scenario]") {
  const std::string text =
      "[driver]\nring_entries = 3\nirq_path = \"soft\"\n\n[hots]\n" + kClient + "engine = \"ccs\"\n";
  CHECK(
      problems(text, {.sets = {"host.cpus=0"}}) ==
      Lines{
          "--set:1:11: error: host.cpus must be an integer in 1..64, not 0",
          "x.toml:2:16: error: driver.ring_entries must be a power of two, not 3",
          "x.toml:3:12: error: driver.irq_path must be one of hard, threaded, not string 'soft'",
          "x.toml:5:2: error: unknown key 'hots'; did you mean 'host'?",
          "x.toml:11:10: error: client.c.engine: the device has no engine 'ccs', only rcs0, bcs0, vcs0, vcs1, vecs0"});
}

TEST_CASE("missing files are reported where they are named", "[scenario]") {
  const ScenarioFolder folder{"missing"};
  folder.write("devices/small.toml", "[device]\nslots = 4\n");
  folder.write("scenarios/a.toml",
               "use = { device = \"smal\", driver = \"mine.toml\" }\n[[client]]\nname = \"w\"\nworkload = "
               "\"wsim\"\nfile = \"w.wsim\"\n");
  CHECK(folder.load("scenarios/a.toml", {.config_dir = {}}) ==
        Lines{"scenarios/a.toml:1:18: error: there is no device preset 'smal'; did you mean 'small'?",
              "scenarios/a.toml:1:35: error: there is no file 'scenarios/mine.toml'",
              "scenarios/a.toml:5:8: error: there is no file 'scenarios/w.wsim'"});
  CHECK(folder.load("scenarios/b.toml") == Lines{"scenarios/b.toml: error: there is no such file"});
}

TEST_CASE("a preset beside the scenario that hides one of the program is noted, unless both say the same",
          "[scenario]") {
  const ScenarioFolder folder{"hidden"};
  folder.write("own/devices/mine.toml", "[device]\nslots = 4\n");
  folder.write("own/devices/other.toml", "[device]\nslots = 5\n");
  folder.write("x/devices/mine.toml", "[device]\nslots = 4\n");
  folder.write("x/scenarios/a.toml", "use.device = \"mine\"\n" + kClient);
  const auto notices = [&](const std::string& scenario, const std::vector<std::string>& sets = {}) {
    const LoadResult result =
        load_scenario(folder.path() / scenario, {.sets = sets, .config_dir = folder.path() / "own"});
    REQUIRE(result.ok());
    return result.spec->notices;
  };
  CHECK(notices("x/scenarios/a.toml").empty());
  folder.write("x/devices/mine.toml", "[device]\nslots = 8\n");
  CHECK(notices("x/scenarios/a.toml") == Lines{"use.device = mine is ../devices/mine.toml beside the scenario, not the "
                                               "program's own, which says something else"});
  CHECK(notices("x/scenarios/a.toml", {"use.device=other"}).empty());
  folder.write("own/scenarios/a.toml", "use.device = \"mine\"\n" + kClient);
  CHECK(notices("own/scenarios/a.toml").empty());
}

TEST_CASE("a preset holds its own section only, and its problems name its own lines", "[scenario]") {
  const ScenarioFolder folder{"preset"};
  folder.write("devices/bad.toml", "description = \"x\"\n[device]\nslots = 99\n[link]\n[driver]\nring_entries = 4\n");
  folder.write("scenarios/a.toml", "use.device = \"bad\"\n" + kClient);
  CHECK(folder.load("scenarios/a.toml", {.config_dir = {}}) ==
        Lines{"devices/bad.toml:3:9: error: device.slots must be an integer in 0..64, not 99",
              "devices/bad.toml:4:2: error: a device preset has a description, [device] and [use], not 'link'; did you "
              "mean "
              "'device.link'?",
              "devices/bad.toml:5:2: error: a device preset has a description, [device] and [use], not 'driver'"});
}

TEST_CASE("problems of a .wsim file have that file's lines, those of a text in the scenario its place", "[scenario]") {
  const ScenarioFolder folder{"wsim"};
  folder.write("bad.wsim", "# first\n1.RCS.500.0.0\n1.RSC.500.0.0\n");
  const std::string client = "[[client]]\nname = \"w\"\nworkload = \"wsim\"\n";
  folder.write("a.toml", client + "file = \"bad.wsim\"\n");
  folder.write("b.toml", client + "program = \"\"\"\n1.RCS.5.-1.0\n\"\"\"\n");
  folder.write("c.toml", client);
  const Lines file = folder.load("a.toml");
  REQUIRE(file.size() == 1);
  CHECK(file[0].starts_with("bad.wsim:3:3: error: step 1: "));
  CHECK(file[0].ends_with("did you mean 'RCS'?"));
  const Lines text = folder.load("b.toml");
  REQUIRE(text.size() == 1);
  CHECK(text[0].starts_with("b.toml:4:11: error: line 1, column 9 of the program: step 0: "));
  CHECK(folder.load("c.toml") == Lines{"c.toml:1:1: error: client.w must have either file or program"});
}

TEST_CASE("what a queue that is mapped into its client cannot have is an error with its reason", "[scenario][direct]") {
  const std::string direct = "scheduler.component = \"direct\"\n";
  const auto with = [&](const std::string& line) { return problem(direct + line + "\n" + kClient); };
  CHECK(with("driver.credit_limit = 4") ==
        "x.toml:2:23: error: driver.credit_limit: with scheduler.component = \"direct\" the kernel does not see jobs, "
        "and a client may write as many as the ring holds");
  CHECK(with("driver.max_jobs = 10") ==
        "x.toml:2:19: error: driver.max_jobs: with scheduler.component = \"direct\" the kernel does not see jobs, and "
        "refuses none");
  CHECK(with("driver.kill_way = \"entity\"") ==
        "x.toml:2:19: error: driver.kill_way: with scheduler.component = \"direct\" the kernel does not see jobs; a "
        "queue that ends is taken off the hardware");
  CHECK(with("driver.close_way = \"kill\"") ==
        "x.toml:2:20: error: driver.close_way: with scheduler.component = \"direct\" the kernel does not see jobs; a "
        "queue that ends is taken off the hardware");
  CHECK(with("device.notify = \"message\"") ==
        "x.toml:2:17: error: scheduler.component = \"direct\" needs device.notify = \"doorbell\": a message to the "
        "firmware is the kernel's");
  CHECK(with("scheduler.orchestrator.slots = 2") ==
        "x.toml:2:32: error: scheduler.orchestrator: with scheduler.component = \"direct\" no job passes through the "
        "kernel, where it could wait");
  // With a source it describes a driver as it is: so a preset may say it, and what is resolved from that.
  const std::string with_source = "driver.credit_limit = { v = 4, tag = \"S\", src = \"xe: xe_exec.c\" }\n";
  CHECK(load_scenario_text(direct + with_source + kClient, "x.toml").spec->notices ==
        Lines{"driver.credit_limit has no effect: scheduler.component is direct"});
  for (const char* preset : {"amdgpu_like", "panthor_like", "xe_like"}) {
    CAPTURE(preset);
    const LoadResult given =
        load_scenario_text(direct + "use.driver = \"" + std::string{preset} + "\"\n" + kClient, "x.toml");
    REQUIRE(given.problems.empty());
    std::ostringstream resolved;
    write_resolved_toml(resolved, given.resolved);
    CHECK(problems(resolved.str()).empty());
  }
}

TEST_CASE("what a client could only do behind a submission that waits is an error where submissions wait",
          "[scenario][direct]") {
  const auto wsim = [](const std::string& program) {
    return problem(
        "scheduler.component = \"direct\"\n[[client]]\nname = \"c\"\nworkload = \"wsim\"\nprogram = \"\"\"\n" +
        program + "\"\"\"\n");
  };
  const std::string waits = "scheduler.component = \"direct\" waits for dependencies before it submits, and has no ";
  CHECK(wsim("f\n1.RCS.100.f-1.0\na.-2\n") ==
        "x.toml:5:11: error: step 1: " + waits + "batches behind a software fence of their own client");
  CHECK(wsim("1.RCS.100.0.0\n2.BCS.100.s-1.0\n") == "x.toml:5:11: error: step 1: " + waits + "submit fences");
  CHECK(wsim("1.RCS.*.0.0\n2.BCS.100.-1.0\nT.-2\n") ==
        "x.toml:5:11: error: step 1: " + waits + "batches behind one that only a later step ends");
}
