// SPDX-License-Identifier: MIT
// What SystemC and modules in it report: where it goes, and what ends a run.
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/invariant.h"
#include "sim/hw/kernel_time.h"
#include "sim/hw/timeline_pump.h"
#include "sim/system/kernel.h"
#include "tests/support/catch.h"

using namespace gpusim;

namespace {

using ReportLevel = system::KernelReport::Level;

/// A module of somebody else with a process.
struct ReportingModule : sc_core::sc_module {
  std::function<void()> act = [] {};
  std::function<void()> at_end = [] {};

  explicit ReportingModule(sc_core::sc_module_name name) : sc_core::sc_module{name} {
    SC_HAS_PROCESS(ReportingModule);
    SC_THREAD(run);
  }
  ~ReportingModule() override { at_end(); }

 private:
  void run() {
    sc_core::wait(hw::to_sc(ns(5)));
    act();
  }
};

/// What is told while it lives, but for what SystemC says of itself.
class ToldReports {
 public:
  ToldReports() {
    system::listen_to_systemc([this](const system::KernelReport& report) {
      if (report.level == ReportLevel::detail) return ++details, void();
      levels.push_back(report.level);
      texts.push_back(report.text);
    });
  }
  ~ToldReports() { system::listen_to_systemc({}); }
  ToldReports(const ToldReports&) = delete;
  ToldReports& operator=(const ToldReports&) = delete;

  std::vector<ReportLevel> levels;
  std::vector<std::string> texts;
  int details = 0;
};

[[nodiscard]] std::string told_at(const std::string& text, int line, const std::string& rest) {
  return fmt::format("{} ({}:{}, {})", text, __FILE__, line, rest);
}

/// The rule that is broken and what is said; nothing: none.
[[nodiscard]] std::string what_broke(const std::function<void()>& run) {
  try {
    run();
  } catch (const InvariantViolation& violation) {
    return violation.what();
  }
  return {};
}

}  // namespace

TEST_CASE("an info and a warning of a module are told, and the run goes on", "[kernel]") {
  ToldReports told;
  system::Kernel kernel;
  Timeline timeline;
  hw::TimelinePump pump{"pump", timeline, true};
  ReportingModule reporter{"reporter"};
  bool went_on = false;
  int line = 0;
  reporter.act = [&] {
    SC_REPORT_INFO("/mine", "hello");
    line = __LINE__ + 1;
    SC_REPORT_WARNING("/mine", "careful");
    went_on = true;
  };
  timeline.freeze();
  kernel.run(&timeline);
  CHECK(went_on);
  CHECK(told.levels == std::vector{ReportLevel::info, ReportLevel::warning});
  CHECK(told.texts == std::vector{std::string{"/mine: hello"},
                                  told_at("/mine: careful", line, "in process reporter.run, at 5.000 ns")});
}

TEST_CASE("what SystemC says of itself is a detail", "[kernel]") {
  ToldReports told;
  system::Kernel kernel;
  ReportingModule reporter{"reporter"};
  reporter.act = [] { sc_core::sc_stop(); };
  kernel.run();
  CHECK(told.details == 1);
  CHECK(told.texts.empty());
}

TEST_CASE("an error of a module ends the run, also a fatal one, and is told once", "[kernel]") {
  for (const bool is_fatal : {false, true}) {
    ToldReports told;
    system::Kernel kernel;
    Timeline timeline;
    hw::TimelinePump pump{"pump", timeline, true};
    ReportingModule reporter{"reporter"};
    int line = 0;
    reporter.act = [&] {
      line = __LINE__ + 2;
      if (is_fatal) SC_REPORT_FATAL("/mine", "bad");
      SC_REPORT_ERROR("/mine", "bad");
    };
    timeline.freeze();
    const std::string said = what_broke([&] { kernel.run(&timeline); });
    CHECK(said ==
          "systemc: " + told_at("/mine: bad", is_fatal ? line - 1 : line, "in process reporter.run, at 5.000 ns"));
    CHECK(told.texts.empty());
  }
}

TEST_CASE("an error of a module that an entry of the Timeline has called says the Timeline's time", "[kernel]") {
  ToldReports told;
  system::Kernel kernel;
  Timeline timeline;
  hw::TimelinePump pump{"pump", timeline, true};
  struct Caller {
    int line = 0;
    void call() {
      line = __LINE__ + 1;
      SC_REPORT_ERROR("/mine", "bad");
    }
  } caller;
  timeline.schedule<&Caller::call>(at(ns(70)), Phase::cpu, timeline.add_component("caller"), &caller);
  timeline.freeze();
  kernel.run(&timeline);
  REQUIRE(pump.error());
  const std::string said = what_broke([&] { std::rethrow_exception(pump.error()); });
  CHECK(said == "systemc: " + told_at("/mine: bad", caller.line, "in process pump.pump, at 70.000 ns"));
}

TEST_CASE("what a module sets for its own reports holds", "[kernel]") {
  ToldReports told;
  system::Kernel kernel;
  ReportingModule reporter{"reporter"};
  bool went_on = false;
  reporter.act = [&] {
    sc_core::sc_report_handler::set_actions("/quiet", sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
    SC_REPORT_WARNING("/quiet", "nobody is to hear this");
    sc_core::sc_report_handler::set_actions("/mild", sc_core::SC_ERROR, sc_core::SC_DISPLAY);
    SC_REPORT_ERROR("/mild", "an error to be displayed");
    went_on = true;
  };
  kernel.run();
  CHECK(went_on);
  CHECK(told.levels == std::vector{ReportLevel::error});
  REQUIRE(told.texts.size() == 1);
  CHECK(told.texts[0].starts_with("/mild: an error to be displayed ("));
}

TEST_CASE("a warning of SystemC's own or of TLM-2.0's sockets is a defect", "[kernel]") {
  ToldReports told;
  system::Kernel kernel;
  ReportingModule first{"same"};
  const std::string renamed = what_broke([] { const ReportingModule second{"same"}; });
  CHECK(renamed.starts_with("systemc: object already exists: same. Latter declaration will be renamed to same_0 ("));
  const std::string twice = what_broke([] { SC_REPORT_WARNING("/OSCI_TLM-2/simple_socket", "registered twice"); });
  CHECK(twice.starts_with("systemc: /OSCI_TLM-2/simple_socket: registered twice ("));
  CHECK(told.texts.empty());
}

TEST_CASE("an error of a module that is being destroyed is told and ends nothing", "[kernel]") {
  ToldReports told;
  SECTION("after the run") {
    system::Kernel kernel;
    ReportingModule reporter{"reporter"};
    reporter.at_end = [] { SC_REPORT_ERROR("/mine", "left over"); };
    kernel.run();
  }
  SECTION("because the machine is not built to its end") {
    system::Kernel kernel;
    const auto build = [] {
      ReportingModule reporter{"reporter"};
      reporter.at_end = [] { SC_REPORT_ERROR("/mine", "left over"); };
      throw std::runtime_error{"not built"};
    };
    CHECK_THROWS_AS(build(), std::runtime_error);
  }
  CHECK(told.levels == std::vector{ReportLevel::error});
  REQUIRE(told.texts.size() == 1);
  CHECK(told.texts[0].starts_with("/mine: left over ("));
}
