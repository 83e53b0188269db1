// SPDX-License-Identifier: MIT
// Shared rings: what has an entity, among which rings it chooses, and when.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using test::client_text;
using test::Job;
using test::Outcome;
using test::run_to_end;

namespace {

using Errors = std::vector<Errno>;

const std::string kRing = "use = { driver = \"amdgpu_ring\" }\n";

Outcome run_on_rings(const std::string& text, const std::vector<std::string>& sets = {}) {
  return run_to_end(kRing + text, "drm_sched", sets);
}

/// On which engines the jobs of each client ran, in the order of submission; repeats are left out.
std::map<std::string, std::string> engines(const Outcome& outcome) {
  std::map<std::string, std::string> found;
  std::map<std::string, std::string> last;
  for (const Job& job : outcome.recording.jobs()) {
    const std::string client = outcome.recording.names.clients.at(job.client);
    if (last[client] == job.engine) continue;
    found[client] += (last[client].empty() ? "" : " ") + job.engine;
    last[client] = job.engine;
  }
  return found;
}

const std::string kPipeline =
    client_text("app", "pipeline", "upload_us = 100\nkernel_us = 1000\nreadback_us = 100\nframes = 3\n");

}  // namespace

TEST_CASE("an entity for each client: its queues on an engine are one, and a job that waits holds up those behind",
          "[rings]") {
  const Outcome of_queues = run_on_rings(kPipeline);
  CHECK(of_queues.errors.at("app") == Errors(9, Errno::ok));
  CHECK(of_queues.count<trace::queue_create>() == 3);
  CHECK(of_queues.count<trace::queue_close>() == 3);
  const Outcome of_clients = run_on_rings(kPipeline, {"driver.entities=client"});
  CHECK(of_clients.errors.at("app") == Errors(9, Errno::ok));
  CHECK(of_clients.count<trace::queue_create>() == 2);  // uploads and readbacks are one
  CHECK(of_clients.count<trace::queue_close>() == 2);
  CHECK(of_clients.count<trace::queue_destroyed>() == 2);
  // Upload, kernel, readback of the first frame, then the second upload: it has only its engine to wait for, or the
  // readback before it, which waits for the kernel.
  const auto jobs = [](const Outcome& outcome) { return outcome.recording.jobs(); };
  CHECK(*jobs(of_queues)[3].start < *jobs(of_queues)[1].end);
  CHECK(*jobs(of_clients)[3].start > *jobs(of_clients)[1].end);
  CHECK(*jobs(of_clients)[3].start >= *jobs(of_clients)[2].end);
}

TEST_CASE("an entity for each client: not for several clients, several engines or several levels", "[rings]") {
  const std::vector<std::string> sets{"driver.entities=client"};
  CHECK(run_on_rings(
            client_text("app", "pipeline", "clones = 2\nupload_us = 1\nkernel_us = 1\nreadback_us = 1\nframes = 1\n"),
            sets)
            .count<trace::queue_create>() == 4);
  // Contexts 1 and 2 are of the same level, 3 is above.
  const std::string levels = client_text(
      "app", "wsim", "program = \"P.3.1,1.RCS.10.0.0,2.RCS.10.0.0,3.RCS.10.0.0,1.BCS.10.0.1\"\nrepeats = 2\n");
  CHECK(run_on_rings(levels).count<trace::queue_create>() == 4);
  CHECK(run_on_rings(levels, sets).count<trace::queue_create>() == 3);
}

TEST_CASE("an entity for each client: with its last queue it goes, and a later one has another", "[rings]") {
  const Outcome outcome =
      run_on_rings(client_text("app", "churn", "engine = \"rcs\"\nwork_us = 10\ncycles = 3\n") +
                       client_text("fan", "fan", "source_us = 1\nbranch_us = 1\nsink_us = 1\nwidth = 4\n"),
                   {"driver.entities=client", "driver.close_way=kill"});
  CHECK(outcome.failed() == 0);
  CHECK(outcome.count<trace::queue_create>() == 3 + 2);  // four branches on the video engines are one
  CHECK(outcome.count<trace::queue_destroyed>() == 5);
}

TEST_CASE("v3d: a client has one entity for each engine", "[rings]") {
  const Outcome outcome = run_to_end("use = { driver = \"v3d\" }\n" + kPipeline, "drm_sched");
  CHECK(outcome.errors.at("app") == Errors(9, Errno::ok));
  CHECK(outcome.count<trace::queue_create>() == 2);
}

TEST_CASE("a ring for level 0 alone: others have the rest, and a change of level takes a queue there and back",
          "[rings]") {
  const std::string device = "[device.engines.ccs]\ncount = 2\n";
  const std::string clients =
      client_text("mover", "loop",
                  "engine = \"ccs\"\nwork_us = 100\ncycles = 9\nchange_cycle = 4\nchanged_priority = 0\n") +
      client_text("high", "loop", "engine = \"ccs\"\nwork_us = 10\ncycles = 3\npriority = 0\nstart_us = 5000\n") +
      client_text("named", "loop", "engine = \"ccs0\"\nwork_us = 10\ncycles = 3\nstart_us = 9000\n");
  // Without it the first of equals is taken; an entity that has had a job counts, so that the idle ring is the other.
  for (const char* policy : {"rr", "fifo", "fair"}) {
    for (const char* kernel : {"linux_6_18", "linux_7_3"}) {
      CAPTURE(policy, kernel);
      const std::vector<std::string> sets{"driver.high_ring=true", std::string{"scheduler.policy="} + policy,
                                          std::string{"scheduler.kernel="} + kernel};
      auto found = engines(run_on_rings(device + clients, sets));
      CHECK(found["mover"] == "ccs1 ccs0");
      CHECK(found["high"] == "ccs0");
      CHECK(found["named"] == "ccs0");  // who names it has no other
    }
  }
  const std::string back = client_text(
      "mover", "loop",
      "engine = \"ccs\"\nwork_us = 100\ncycles = 6\npriority = 0\nchange_cycle = 4\nchanged_priority = 2\n");
  CHECK(engines(run_on_rings(device + back, {"driver.high_ring=true"}))["mover"] == "ccs0 ccs1");
  // One engine, or video engines: there is no such ring.
  const std::string video = client_text("video", "loop", "engine = \"vcs\"\nwork_us = 100\ncycles = 2\n") +
                            client_text("alone", "loop", "engine = \"rcs\"\nwork_us = 100\ncycles = 2\n");
  auto others = engines(run_on_rings(video, {"driver.high_ring=true"}));
  CHECK(others["video"].starts_with("vcs0"));
  CHECK(others["alone"] == "rcs0");
}

TEST_CASE("video engines that keep a context: an entity takes the ring with the least to do, and stays", "[rings]") {
  // Each begins when those before it have jobs: who was only created does not count.
  std::string text;
  for (const char* name : {"a", "b", "c"}) {
    text += client_text(name, "loop",
                        "engine = \"vcs\"\nwork_us = [100, 900]\ncycles = 20\njobs_per_cycle = 2\nstart_us = " +
                            std::to_string(300 * (*name - 'a')) + "\n");
  }
  const auto moves = [&](const std::vector<std::string>& sets) {
    const Outcome outcome = run_on_rings(text, sets);
    CHECK(outcome.failed() == 0);
    std::size_t longest = 0;
    std::set<std::string> first;
    for (const auto& [client, list] : engines(outcome)) {
      longest = std::max(longest, list.size());
      first.insert(list.substr(0, 4));
    }
    CHECK(first == std::set<std::string>{"vcs0", "vcs1"});
    return longest;
  };
  CHECK(moves({}) > 4);
  CHECK(moves({"driver.video_context=true"}) == 4);
  // A change of level gives rings to render and compute queues only.
  const std::string mover = client_text("a", "loop",
                                        "engine = \"vcs\"\nwork_us = 500\ncycles = 8\nchange_cycle = 3\n"
                                        "changed_priority = 0\n") +
                            client_text("b", "loop", "engine = \"vcs0\"\nwork_us = 300\ncycles = 20\n");
  CHECK(engines(run_on_rings(mover, {"driver.video_context=true", "driver.high_ring=true"}))["a"].size() == 4);
  // Two that are created before either has a job.
  const std::string together =
      client_text("app", "loop", "clones = 2\nengine = \"vcs\"\nwork_us = 500\ncycles = 5\njobs_per_cycle = 2\n");
  for (const auto& [client, list] : engines(run_on_rings(together, {"driver.video_context=true"})))
    CHECK(list == "vcs0");
}
