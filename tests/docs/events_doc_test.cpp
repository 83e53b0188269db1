// SPDX-License-Identifier: MIT
// docs/events.md is the event table in words. With GPUSIM_UPDATE=1 in the environment it is written anew instead of
// compared.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "tests/docs/repository.h"
#include "tests/support/catch.h"
#include "traces/event/event_table.h"

using namespace gpusim;

namespace {

constexpr std::string_view kHead =
    "# Events\n"
    "\n"
    "Generated from the event table (`traces/event/event_table.cpp`). Do not edit it by hand: change the table, then "
    "run\n"
    "the docs tests once with `GPUSIM_UPDATE=1` in the environment.\n"
    "\n"
    "Every event has a time (picoseconds), a CPU and a host thread (or none), and the ids `queue`, `unit`, `job`,\n"
    "which are 0 where there is none; `unit` is the engine, the vector, the doorbell or the slot. The fields `a`, `b`\n"
    "and `c` mean what the last column says. *Opens* is the cause of a job's life (`traces/event/cause.h`) that a job, "
    "or\n"
    "the jobs that wait in the queue, are in from that event on, as a rule; `docs/architecture.md` has the rules.\n"
    "Names that the kernel has for the same thing are the kernel's.\n";

using C = trace::Category;
constexpr std::array kCategories{C::client, C::scheduler, C::fence,  C::os, C::driver,
                                 C::link,   C::firmware,  C::engine, C::irq};

/// A cell of a table: no bar may end it early.
[[nodiscard]] std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c;
  }
  return result;
}

[[nodiscard]] std::string generate() {
  std::ostringstream out;
  out << kHead;
  for (const trace::Category category : kCategories) {
    out << "\n## " << trace::to_string(category) << "\n\n| event | opens | fields and meaning |\n|---|---|---|\n";
    for (const trace::EventInfo& row : trace::event_table()) {
      if (row.category != category) continue;
      out << "| `" << row.name << "` | " << (row.opens ? trace::to_string(*row.opens) : "-") << " | "
          << (row.doc.empty() ? "-" : cell(row.doc)) << " |\n";
    }
  }
  return out.str();
}

}  // namespace

TEST_CASE("docs/events.md is what the event table says", "[docs]") {
  const std::filesystem::path path = test::kRepository / "docs/events.md";
  const std::string wanted = generate();
  if (std::getenv("GPUSIM_UPDATE") != nullptr) std::ofstream{path, std::ios::binary} << wanted;
  std::ifstream file{path, std::ios::binary};
  std::ostringstream found;
  found << file.rdbuf();
  INFO("docs/events.md is not what the table says; run this test once with GPUSIM_UPDATE=1 and look at the diff");
  CHECK((found.str() == wanted));
}

TEST_CASE("every event stands in docs/events.md, with a meaning or with nothing to explain", "[docs]") {
  std::string text;
  for (const std::string& line : test::read_lines(test::kRepository / "docs/events.md")) text += line + "\n";
  for (const trace::EventInfo& row : trace::event_table()) {
    INFO(row.name);
    CHECK(text.find("| `" + std::string{row.name} + "` |") != std::string::npos);
  }
}
