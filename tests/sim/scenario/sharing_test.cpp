// SPDX-License-Identifier: MIT
// What the loader says of things that clients share: names, programs, compositors, and who is killed.
#include <string>
#include <vector>

#include "sim/scenario/loader.h"
#include "tests/sim/scenario/loading.h"
#include "tests/support/catch.h"

using namespace gpusim::scenario;
using gpusim::test::notices;
using gpusim::test::problems;

namespace {

using Lines = std::vector<std::string>;

const std::string kSharedNames = "[share]\nbuffers = \"b\"\ntimelines = \"t\"\nfences = \"f\"\n";

std::string steps(const std::string& name, const std::string& program, const std::string& more = {}) {
  return "[[client]]\nname = \"" + name + "\"\nworkload = \"steps\"\nprogram = \"\"\"\n" + program + "\n\"\"\"\n" +
         more;
}

std::string desktop(const std::string& more = {}) {
  return "[[client]]\nname = \"d\"\nworkload = \"compositor\"\nwork_us = 1\n" + more;
}

std::string renderer(const std::string& compositor) {
  return "[[client]]\nname = \"r\"\nworkload = \"renderer\"\nwork_us = 1\ncompositor = \"" + compositor + "\"\n";
}

}  // namespace

TEST_CASE("a step program's mistakes have the place of its text, with line and column in it", "[scenario][steps]") {
  CHECK(problems(kSharedNames + steps("c", "submit rcs 10 write bb\n# comment\n  wait t:2 u")) ==
        Lines{"x.toml:8:11: error: line 1, column 21 of the program: step 0: share.buffers does not name 'bb'; did you "
              "mean 'b'?",
              "x.toml:8:11: error: line 3, column 12 of the program: step 1: share.timelines or share.fences does not "
              "name 'u'"});
  CHECK(problems(steps("c", "submit ccs 10\nsubmit vcs7 10")) ==
        Lines{"x.toml:4:11: error: step 0: the device has no engine 'ccs', only rcs0, bcs0, vcs0, vcs1, vecs0",
              "x.toml:4:11: error: step 1: the device has no engine 'vcs7', only rcs0, bcs0, vcs0, vcs1, vecs0"});
  CHECK(problems("[[client]]\nname = \"c\"\nworkload = \"steps\"\n") ==
        Lines{"x.toml:1:1: error: missing key 'client.c.program'"});
}

TEST_CASE("the names of what is shared are words, and each stands for one thing", "[scenario][steps]") {
  CHECK(problems("[share]\nbuffers = \"a b:1\"\ntimelines = \"t a\"\n" + steps("c", "sleep 1")) ==
        Lines{"x.toml:2:11: error: share.buffers: 'b:1' is no name of letters, digits, '_' and '-'",
              "x.toml:3:13: error: share.timelines: 'a' is named twice"});
}

TEST_CASE("what is shared and not used, or never signalled, is noted", "[scenario][steps]") {
  CHECK(notices("[share]\nbuffers = \"a b\"\ntimelines = \"t u v\"\nfences = \"f\"\n" +
                steps("c", "submit rcs 1 read b after u:1 signal t:1", "clones = 2\n")) ==
        Lines{"all 2 clones of client c signal the same points of timeline t", "no client uses the buffer a",
              "no client ever signals u", "no client uses v", "no client uses f"});
}

TEST_CASE("a renderer names a compositor, which has no clones and time to compose", "[scenario]") {
  CHECK(problems(renderer("d") + desktop()).empty());
  CHECK(problems(renderer("dd") + desktop()) ==
        Lines{"x.toml:5:14: error: client.r.compositor: no client 'dd' is a compositor; did you mean 'd'?"});
  CHECK(problems(renderer("r")) == Lines{"x.toml:5:14: error: client.r.compositor: no client 'r' is a compositor"});
  CHECK(problems(desktop("clones = 2\n")) == Lines{"x.toml:5:10: error: client.d is a compositor: it has no clones"});
  CHECK(problems(desktop("lead_ms = 20\n")) ==
        Lines{"x.toml:5:11: error: client.d.lead is longer than its period: it would compose two pictures at a time"});
  CHECK(problems(desktop("flip_ms = 5\n")) ==
        Lines{"x.toml:5:11: error: client.d.flip is longer than its lead: no picture would ever be in time"});
  CHECK(notices(desktop()) == Lines{"nobody renders for the compositor d"});
}

TEST_CASE("who is killed is a client, at a time", "[scenario]") {
  const std::string client = steps("app", "sleep 1", "clones = 2\n");
  CHECK(problems("[fault]\nkill_client = \"app\"\nkill_ms = 1\n" + client).empty());
  CHECK(problems("[fault]\nkill_client = \"app.1\"\nkill_ms = 1\n" + client).empty());
  CHECK(problems("[fault]\nkill_client = \"app.2\"\nkill_ms = 1\n" + client) ==
        Lines{"x.toml:2:15: error: fault.kill_client: there is no client 'app.2'; did you mean 'app'?"});
  CHECK(problems("[fault]\nkill_client = \"ap\"\nkill_ms = 1\n" + client) ==
        Lines{"x.toml:2:15: error: fault.kill_client: there is no client 'ap'; did you mean 'app'?"});
  CHECK(problems("[fault]\nkill_client = \"app\"\n" + client) ==
        Lines{"x.toml:2:15: error: fault.kill_client names a client, but fault.kill no time"});
  CHECK(problems("[fault]\nkill_ms = 1\n" + client) ==
        Lines{"x.toml:2:11: error: fault.kill names a time, but fault.kill_client no client"});
}

TEST_CASE("working sets of several clients have the same objects", "[scenario]") {
  const auto wsim = [](const std::string& name, const std::string& sizes, const std::string& shared) {
    return "[[client]]\nname = \"" + name + "\"\nworkload = \"wsim\"\nprogram = \"W.1." + sizes +
           ",1.RCS.10.r1-0.0\"\nshared_sets = \"" + shared + "\"\n";
  };
  CHECK(problems(wsim("a", "2n4k", "s") + wsim("b", "4k/4k", "s") + wsim("c", "4k", "t")).empty());
  CHECK(problems(wsim("a", "2n4k", "s") + wsim("b", "4k", "s")) ==
        Lines{"x.toml:10:15: error: client.a and client.b share W.1, of 2 and of 1 objects"});
}
