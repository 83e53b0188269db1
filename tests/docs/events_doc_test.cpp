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

#include "tests/docs/markdown.h"
#include "tests/docs/repository.h"
#include "tests/support/catch.h"
#include "traces/event/event_table.h"

using namespace gpusim;
using gpusim::test::cell;

namespace {

constexpr std::string_view kHead =
    "# Events\n"
    "\n"
    "Generated from the list of kinds (`traces/event/kinds.def`). Do not edit it by hand: change the list, then run\n"
    "the docs tests once with `GPUSIM_UPDATE=1` in the environment.\n"
    "\n"
    "Every event has a time (picoseconds), a CPU and a host thread (or none); the fields that its kind has besides\n"
    "are named here, as in `traces/event/make.h`. An id that is 0 says that there is none. *Opens* is the cause of a\n"
    "job's life (`traces/event/cause.h`) that a job, or the jobs that wait in the queue, are in from that event on;\n"
    "`docs/architecture.md` says what goes before where two could be named. Names that the kernel has for the same\n"
    "thing are the kernel's.\n";

using C = trace::Category;
constexpr std::array kCategories{C::client, C::scheduler, C::fence,  C::os, C::driver,
                                 C::link,   C::firmware,  C::engine, C::irq};

/// "`job`; `index`: of the ring entry": each field with its meaning.
[[nodiscard]] std::string fields_of(const trace::EventInfo& row) {
  std::string text;
  for (const trace::FieldInfo& field : row.fields) {
    if (field.name.empty()) continue;
    text += (text.empty() ? "`" : "; `") + std::string{field.name} + "`";
    if (!field.meaning.empty()) text += ": " + std::string{field.meaning};
  }
  return text.empty() ? "-" : text;
}

[[nodiscard]] std::string generate() {
  std::ostringstream out;
  out << kHead;
  for (const trace::Category category : kCategories) {
    out << "\n## " << trace::to_string(category) << "\n\n| event | when | opens | fields |\n|---|---|---|---|\n";
    for (const trace::EventInfo& row : trace::event_table()) {
      if (row.category != category) continue;
      out << "| `" << row.name << "` | " << (row.doc.empty() ? "-" : cell(row.doc)) << " | "
          << (row.opens ? trace::to_string(*row.opens) : "-") << " | " << cell(fields_of(row)) << " |\n";
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
