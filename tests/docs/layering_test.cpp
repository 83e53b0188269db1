// SPDX-License-Identifier: MIT
// Who may include whom, and the form of a source file. The table is the one of docs/architecture.md, "Rooms".
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/docs/repository.h"
#include "tests/support/catch.h"

using gpusim::test::files_below;
using gpusim::test::kRepository;
using gpusim::test::read_lines;

namespace {

enum class Standard { any, freestanding };

struct Room {
  std::string_view folder;
  std::vector<std::string_view> rooms;  ///< beside itself
  /// Beginnings of the names of other libraries' headers. SystemC's stand for themselves, see kSystemC.
  std::vector<std::string_view> libraries;
  Standard standard = Standard::any;
};

const std::vector<std::string_view> kAllRooms{"base",         "traces",           "os",          "scheduler",
                                              "firmware/abi", "firmware/runlist", "host_driver", "sim"};
const std::vector<std::string_view> kSystemC{"systemc", "tlm", "tlm_utils/"};

/// A file belongs to the room with the longest folder that its path begins with.
const std::vector<Room> kRooms{
    {"base", {}, {}},
    {"traces", {"base"}, {}},
    {"os", {"base", "traces"}, {"boost/asio/"}},
    {"scheduler", {"os", "traces", "base"}, {}},
    {"firmware/abi", {}, {}, Standard::freestanding},
    {"firmware/runlist", {"firmware/abi"}, {}, Standard::freestanding},
    {"host_driver", {"scheduler", "os", "firmware/abi", "traces", "base"}, {}},
    {"sim/workload", kAllRooms, {}},
    {"sim/scenario", kAllRooms, {"toml++/"}},
    {"sim/system", kAllRooms, {}},
    {"sim/hw", kAllRooms, kSystemC},
    {"sim/experiment", kAllRooms, {"poll.h", "sys/mman.h", "sys/wait.h", "unistd.h"}},
    {"sim", kAllRooms, {"boost/asio/", "CLI/", "spdlog/", "unistd.h"}},
    // Outside the house: they may look at everything.
    {"tests", kAllRooms, {"", "systemc", "tlm"}},
    {"bench", kAllRooms, {"", "systemc", "tlm"}},
    {"cmake", {"tests"}, {"", "systemc", "tlm"}},  // precompiled headers
};

/// What the freestanding C++20 library of a bare-metal compiler has.
const std::vector<std::string_view> kFreestanding{
    "array",    "atomic",           "bit",     "compare", "concepts", "coroutine", "cstddef", "cstdint",
    "limits",   "initializer_list", "new",     "numeric", "optional", "span",      "tuple",   "type_traits",
    "expected", "source_location",  "utility", "variant", "version"};

[[nodiscard]] bool contains(const std::vector<std::string_view>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

[[nodiscard]] bool is_below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.substr(0, folder.size()) == folder && path[folder.size()] == '/';
}

[[nodiscard]] const Room* room_of(std::string_view path) {
  const Room* best = nullptr;
  for (const Room& room : kRooms) {
    if (!is_below(path, room.folder)) continue;
    if (best == nullptr || room.folder.size() > best->folder.size()) best = &room;
  }
  return best;
}

struct Include {
  std::string name;
  bool quoted = false;
};

[[nodiscard]] std::optional<Include> include_of(const std::string& line) {
  const std::size_t start = line.find_first_not_of(' ');
  if (start == std::string::npos || line.compare(start, 8, "#include") != 0) return std::nullopt;
  const std::size_t open = line.find_first_of("<\"", start);
  if (open == std::string::npos) return std::nullopt;
  const bool quoted = line[open] == '"';
  const std::size_t close = line.find(quoted ? '"' : '>', open + 1);
  return Include{line.substr(open + 1, close - open - 1), quoted};
}

[[nodiscard]] bool is_systemc(std::string_view name) {
  return name == "systemc" || name == "systemc.h" || name == "tlm" || name == "tlm.h" || name.substr(0, 4) == "tlm_" ||
         name.substr(0, 8) == "sysc/ker";
}

/// A name without '/' and '.' is the standard library's: nobody else's header here is called so but SystemC's.
[[nodiscard]] bool is_standard(std::string_view name) {
  return name.find_first_of("/.") == std::string_view::npos && !is_systemc(name);
}

/// Empty if the room may have it.
[[nodiscard]] std::string objection(const Room& room, const Include& include) {
  if (include.quoted) {
    if (is_below(include.name, room.folder)) return {};
    for (const std::string_view allowed : room.rooms) {
      if (is_below(include.name, allowed)) return {};
    }
    if (room.folder == "tests" && is_below(include.name, "cmake")) return {};
    return std::string{room.folder} + " may not know it";
  }
  if (is_systemc(include.name)) {
    const bool may = contains(room.libraries, "systemc");
    return may ? "" : std::string{room.folder} + " may not know SystemC";
  }
  if (is_standard(include.name)) {
    if (room.standard == Standard::any || contains(kFreestanding, include.name)) return {};
    return std::string{room.folder} + " may have freestanding headers only";
  }
  for (const std::string_view library : room.libraries) {
    if (include.name.compare(0, library.size(), library) == 0) return {};
  }
  return std::string{room.folder} + " may not know that library";
}

/// Code points of a UTF-8 text: what an editor shows as columns.
[[nodiscard]] std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

[[nodiscard]] std::string where(const std::string& file, std::size_t index) {
  return file + ":" + std::to_string(index + 1) + ": ";
}

const std::vector<std::string> kSources{".h", ".cpp"};

}  // namespace

TEST_CASE("every file includes only what its room may know", "[docs]") {
  std::size_t includes = 0;
  for (const std::string& file : files_below("", kSources)) {
    const Room* room = room_of(file);
    if (room == nullptr) {
      FAIL_CHECK(file << ": stands in no room of the table in tests/docs/layering_test.cpp");
      continue;
    }
    const std::vector<std::string> lines = read_lines(kRepository / file);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::optional<Include> include = include_of(lines[i]);
      if (!include) continue;
      ++includes;
      const std::string wrong = objection(*room, *include);
      if (!wrong.empty()) FAIL_CHECK(where(file, i) << lines[i] << ": " << wrong);
      if (include->quoted && !std::filesystem::exists(kRepository / include->name)) {
        FAIL_CHECK(where(file, i) << lines[i] << ": no such file, seen from the repository's root");
      }
    }
  }
  CHECK(includes > 1'000);
}

TEST_CASE("clients know the driver's uapi and no other part of the driver, and no hardware", "[docs]") {
  for (const std::string& file : files_below("sim/workload", kSources)) {
    const std::vector<std::string> lines = read_lines(kRepository / file);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::optional<Include> include = include_of(lines[i]);
      if (!include) continue;
      const bool driver = is_below(include->name, "host_driver") && include->name != "host_driver/uapi.h";
      const bool hardware = is_below(include->name, "sim/hw") || is_below(include->name, "sim/system");
      if (driver || hardware) FAIL_CHECK(where(file, i) << lines[i] << ": a client may not know it");
    }
  }
}

TEST_CASE("a header beside the one place includes no SystemC", "[docs]") {
  for (const std::string& file : files_below("sim", kSources)) {
    if (file == "sim/hw/systemc.h") continue;
    const std::vector<std::string> lines = read_lines(kRepository / file);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::optional<Include> include = include_of(lines[i]);
      if (include && is_systemc(include->name)) FAIL_CHECK(where(file, i) << "include sim/hw/systemc.h instead");
    }
  }
}

TEST_CASE("every source file has its licence line, no tab, no line above 120 columns", "[docs]") {
  for (const std::string& file : files_below("", kSources)) {
    const std::vector<std::string> lines = read_lines(kRepository / file);
    if (lines.empty() || lines[0] != "// SPDX-License-Identifier: MIT") {
      FAIL_CHECK(file << ": does not begin with the licence line");
    }
    std::string wrong;
    bool is_table = false;  // clang-format off: long rows are wanted there
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].find("// clang-format off") != std::string::npos) is_table = true;
      if (lines[i].find("// clang-format on") != std::string::npos) is_table = false;
      if (lines[i].find('\t') != std::string::npos) wrong += where(file, i) + "a tab\n";
      if (lines[i].find('\r') != std::string::npos) wrong += where(file, i) + "a carriage return\n";
      const std::size_t width = columns(lines[i]);
      if (!is_table && width > 120) wrong += where(file, i) + std::to_string(width) + " columns\n";
    }
    if (!wrong.empty()) FAIL_CHECK(wrong);
  }
}

TEST_CASE("CMake links a room to those it may know, and no others", "[docs]") {
  std::string text;
  for (const std::string& line : read_lines(kRepository / "CMakeLists.txt")) text += line + "\n";
  for (const Room& room : kRooms) {
    const std::string name = room.folder == "firmware/abi"       ? "firmware_abi"
                             : room.folder == "firmware/runlist" ? "firmware"
                                                                 : std::string{room.folder};
    std::size_t start = text.find("gpusim_room(" + name + " ");
    if (start == std::string::npos) start = text.find("gpusim_room(" + name + ")");
    if (start == std::string::npos) continue;  // tests, parts of sim
    const std::string call = text.substr(start, text.find(')', start) - start);
    INFO(call);
    for (const std::string_view other : kAllRooms) {
      const std::string target = other == "firmware/abi"       ? "gpusim::firmware_abi"
                                 : other == "firmware/runlist" ? "gpusim::firmware"
                                                               : "gpusim::" + std::string{other};
      std::size_t at = call.find(target);
      while (at != std::string::npos && call.compare(at + target.size(), 1, "_") == 0) at = call.find(target, at + 1);
      const bool linked = at != std::string::npos;
      const bool allowed = contains(room.rooms, other) && other != room.folder;
      if (linked != allowed) FAIL_CHECK("room " << name << (linked ? " links " : " does not link ") << target);
    }
  }
}
