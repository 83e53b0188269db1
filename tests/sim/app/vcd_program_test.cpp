// SPDX-License-Identifier: MIT
// trace.vcd of the program: to the letter for a small run, against trace.txt for others; what is chosen, what refused.
#include <cstdint>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "sim/app/build_info.h"
#include "sim/app/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/configs.h"
#include "tests/support/program.h"
#include "tests/support/text.h"
#include "tests/support/vcd_reader.h"

namespace fs = std::filesystem;
using namespace gpusim;
using namespace gpusim::test;

namespace {

const std::string kOneJobScenario = GPUSIM_SOURCE_DIR "/tests/golden/one_job.toml";

/// A value and since when, in ps; queues by their names, "" for none.
using History = std::vector<std::pair<std::int64_t, std::string>>;

/// What trace.txt says of the same signals, by rules of this test's own.
class TextSignals {
 public:
  explicit TextSignals(const std::string& trace) {
    std::istringstream lines{trace};
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("#")) read(line);
    }
  }
  /// As a VCD has it: nothing that comes and goes within a moment, nothing that does not change.
  [[nodiscard]] History history(const std::string& signal, const std::string& initial) const {
    History all{{0, initial}};
    const auto found = changes_.find(signal);
    if (found == changes_.end()) return all;
    for (const auto& [time, value] : found->second) {
      if (all.back().first == time) all.pop_back();
      if (all.empty() || all.back().second != value) all.emplace_back(time, value);
    }
    return all;
  }

 private:
  [[nodiscard]] static std::string field(const std::string& line, const std::string& name) {
    const std::size_t begin = line.find(' ' + name + '=');
    if (begin == std::string::npos) return {};
    const std::size_t value = begin + name.size() + 2;
    return line.substr(value, line.find(' ', value) - value);
  }
  /// "    <device>-0     [---]     0.000054917607: fetch_begin: job=1 engine=rcs0 ring=app.jobs"
  void read(const std::string& line) {
    const std::size_t bracket = line.find("] ");
    std::istringstream words{line.substr(bracket + 1)};
    std::string stamp;
    std::string kind;
    words >> stamp >> kind;
    stamp.erase(stamp.find('.'), 1);
    const std::int64_t time = std::stoll(stamp);
    const std::string engine = "engine." + field(line, "engine");
    const std::string ring = field(line, "ring");
    const std::string irq = "interrupt." + field(line, "irq");
    if (kind == "engine_assign:") set(engine + ".queue", time, ring);
    if (kind == "engine_release:" || kind == "engine_reset:") set(engine + ".queue", time, "");
    if (kind == "fetch_begin:" || kind == "job_resumed:") set(engine + ".busy", time, "1");
    if (kind == "job_end:" || kind == "job_preempted:" || kind == "engine_reset:") set(engine + ".busy", time, "0");
    if (kind == "context_restore_begin:" || kind == "context_save_begin:") set(engine + ".switching", time, "1");
    if (kind == "context_restore_end:" || kind == "context_save_end:") set(engine + ".switching", time, "0");
    if (kind == "firmware_begin:") set("firmware.busy", time, "1");
    if (kind == "firmware_end:") set("firmware.busy", time, "0");
    if (kind == "irq_handler_entry:") set(irq + ".handler", time, "1");
    if (kind == "irq_handler_exit:") set(irq + ".handler", time, "0");
    if (kind == "slot_grant:") set("slot." + field(line, "slot") + ".queue", time, ring);
    if (kind == "slot_evict:") set("slot." + field(line, "slot") + ".queue", time, "");
  }
  void set(const std::string& signal, std::int64_t time, const std::string& value) {
    changes_[signal].emplace_back(time, value);
  }

  std::map<std::string, std::vector<std::pair<std::int64_t, std::string>>> changes_;
};

[[nodiscard]] History vcd_history(const VcdFile& file, const std::string& name, bool is_queue) {
  History all;
  for (const auto& [time, value] : file.signals.at(name).values) {
    const std::string text = value == 0 ? "" : file.queues.at(value);
    all.emplace_back(time, is_queue ? text : std::to_string(value));
  }
  return all;
}

/// How many signals have changed at all.
std::size_t compare_with_text(const std::string& run) {
  const Folder folder;
  INFO(run);
  REQUIRE(run_program("run " + run + " -q --trace text,vcd --out " + folder.text()).code == app::kGood);
  const VcdFile file = VcdReader::read(slurp(folder / "trace.vcd"));
  const TextSignals text{slurp(folder / "trace.txt")};
  std::size_t changing = 0;
  for (const auto& [name, signal] : file.signals) {
    // Vectors have numbers in trace.txt; doorbells and messages are counted over several kinds of events.
    if (name.starts_with("interrupt.") || name.starts_with("doorbells") || name.starts_with("messages")) continue;
    INFO(name);
    const bool is_queue = name.ends_with(".queue");
    CHECK(vcd_history(file, name, is_queue) == text.history(name, is_queue ? "" : "0"));
    changing += signal.values.size() > 1 ? 1 : 0;
  }
  CHECK(vcd_history(file, "interrupt.reply.handler", false) == text.history("interrupt.0.handler", "0"));
  return changing;
}

}  // namespace

TEST_CASE("trace.vcd of a small run, to the letter", "[vcd]") {
  const Folder folder;
  REQUIRE(run_program("run " + kOneJobScenario +
                      " -q --trace vcd --vcd-signals engine.rcs0,doorbells,messages.depth,interrupt.rcs "
                      "--vcd-window ..70us --out " +
                      folder.text())
              .code == app::kGood);
  const std::string text = slurp(folder / "trace.vcd");
  const std::string version = "$version " + app::build_info().text() + "; scenario one_job, seed 1 $end\n";
  CHECK(text.substr(0, version.size()) == version);
  const std::size_t comment = text.rfind("$comment trace hash ");
  REQUIRE(comment != std::string::npos);
  CHECK(text.substr(version.size(), comment - version.size()) ==
        "$timescale 1 ps $end\n"
        "$scope module gpu0 $end\n"
        "$scope module engine $end\n"
        "$scope module rcs0 $end\n"
        "$var wire 32 ! queue $end\n"
        "$var wire 1 \" busy $end\n"
        "$var wire 1 # switching $end\n"
        "$upscope $end\n"
        "$upscope $end\n"
        "$scope module doorbells $end\n"
        "$var wire 32 $ pending $end\n"
        "$upscope $end\n"
        "$scope module messages $end\n"
        "$var wire 32 % depth $end\n"
        "$upscope $end\n"
        "$scope module interrupt $end\n"
        "$scope module rcs $end\n"
        "$var wire 1 & line $end\n"
        "$var wire 1 ' handler $end\n"
        "$upscope $end\n"
        "$upscope $end\n"
        "$upscope $end\n"
        "$enddefinitions $end\n"
        "#0\n$dumpvars\nb0 !\n0\"\n0#\nb0 $\nb0 %\n0&\n0'\n$end\n"
        "#23117607\nb1 %\n"  // register_queue is sent,
        "#23651607\nb1 $\n"  // the doorbell rings,
        "#23917607\nb0 %\n"  // the firmware takes the message,
        "$comment queue 1 is app.jobs $end\n"
        "#44917607\nb1 !\n1#\nb0 $\n"  // and the doorbell, when the engine has the queue
        "#54917607\n1\"\n0#\n"
        "#60617607\n1&\n"  // the next job begins as this one ends
        "#62217607\n0&\n1'\n"
        "#63269428\n0'\n"
        "#66317607\nb0 !\n0\"\n1&\n"
        "#67917607\n0&\n1'\n"
        "#69459428\n0'\n"
        "#70000000\n");
}

TEST_CASE("trace.vcd says of engines, firmware, handlers and slots what trace.txt says", "[vcd]") {
  CHECK(compare_with_text(kQuickstart) > 3);
  CHECK(compare_with_text(kConfigs + "/scenarios/slots.toml") > 3);
  CHECK(compare_with_text(kQuickstart + " --set device.slots=1 --set device.quantum_us=100") > 3);
}

TEST_CASE("a window shows what the whole run shows then, and equal runs give equal bytes", "[vcd]") {
  const Folder whole;
  const Folder part;
  const Folder again;
  REQUIRE(run_program("run " + kQuickstart + " -q --trace vcd --out " + whole.text()).code == app::kGood);
  const std::string window = "run " + kQuickstart + " -q --trace vcd --vcd-window 300us..0.7ms --out ";
  REQUIRE(run_program(window + part.text()).code == app::kGood);
  REQUIRE(run_program(window + again.text()).code == app::kGood);
  CHECK(slurp(part / "trace.vcd") == slurp(again / "trace.vcd"));
  const VcdFile all = VcdReader::read(slurp(whole / "trace.vcd"));
  const VcdFile cut = VcdReader::read(slurp(part / "trace.vcd"));
  constexpr std::int64_t kFrom = 300'000'000;
  constexpr std::int64_t kTo = 700'000'000;
  CHECK(cut.times.front() == kFrom);
  CHECK(cut.times.back() == kTo);
  REQUIRE(cut.signals.size() == all.signals.size());
  std::size_t changes = 0;
  for (const auto& [name, signal] : all.signals) {
    INFO(name);
    std::vector<std::pair<std::int64_t, std::uint64_t>> expected;
    for (const auto& [time, value] : signal.values) {
      if (time <= kFrom) expected.assign(1, {kFrom, value});
      if (time > kFrom && time < kTo) expected.emplace_back(time, value);
    }
    CHECK(cut.signals.at(name).values == expected);
    changes += expected.size() - 1;
  }
  CHECK(changes > 10);
}

TEST_CASE("signals that the device does not have, and windows that are none, are refused before anything is written",
          "[vcd]") {
  const Folder folder;
  const std::string out = (folder / "x").string();
  const auto refused = [&](const std::string& options, const std::string& why) {
    const Ended run = run_program("run " + kQuickstart + " --out " + out + options);
    INFO(options << '\n' << run.err);
    CHECK(run.code == app::kBadInput);
    CHECK(has(run.err, why));
    CHECK_FALSE(fs::exists(out));
  };
  refused(" --trace vcd --vcd-signals engine.rcs0,firmware.bussy",
          "--vcd-signals: error: the device has no signal 'firmware.bussy'; did you mean 'firmware.busy'?");
  refused(" --trace vcd --vcd-signals engin", "no signal 'engin'; did you mean 'engine'?");
  refused(" --trace vcd --vcd-signals slot.0.queue", "the device has no signal 'slot.0.queue'");
  refused(" --trace vcd --vcd-window 1ms", "--vcd-window: error: '1ms' is no window such as 1ms..2.5ms");
  refused(" --trace vcd --vcd-window 1ms..2", "is no window such as");
  refused(" --trace vcd --vcd-window 2ms..1ms", "'2ms..1ms' does not end after it begins");
  refused(" --trace vcd --vcd-window 2ms..2ms", "does not end after it begins");
  refused(" --trace text --vcd-window 1ms..", "--vcd-window: error: it is for vcd, and --trace does not name that");
  refused(" --vcd-signals engine", "--vcd-signals: error: it is for vcd, and --trace does not name that");
  CHECK(run_program("run " + kQuickstart + " --trace vcd").code == app::kBadInput);  // no --out
}
