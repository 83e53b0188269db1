// SPDX-License-Identifier: MIT
// Who may include whom, and the form of a source file. The rooms and their arrows are those of cmake/rooms.txt, which
// CMake builds from; the table in docs/architecture.md is written from it, too.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/docs/marked_block.h"
#include "tests/docs/repository.h"
#include "tests/support/catch.h"

using gpusim::test::files_below;
using gpusim::test::kRepository;
using gpusim::test::read_lines;

namespace {

struct Room {
  std::string folder;
  std::vector<std::string> rooms;      ///< beside itself
  std::vector<std::string> libraries;  ///< keys of kHeaders, or "freestanding"
  std::string what;
};

/// Beginnings of the names of each library's headers. is_systemc() recognises SystemC's.
const std::map<std::string, std::vector<std::string_view>, std::less<>> kHeaders{
    {"asio", {"boost/asio/", "boost/system/"}},
    {"cli", {"CLI/"}},
    {"elf", {"elf.h"}},
    {"fmt", {"fmt/"}},
    {"json", {"nlohmann/"}},
    {"pugixml", {"pugixml"}},
    {"posix",
     {"dlfcn.h", "fcntl.h", "signal.h", "spawn.h", "sys/file.h", "sys/ioctl.h", "sys/mman.h", "sys/stat.h",
      "sys/wait.h", "unistd.h"}},
    {"spdlog", {"spdlog/"}},
    {"systemc", {}},
    {"toml", {"toml++/"}},
    {"all", {""}},
};

[[nodiscard]] std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == at) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

[[nodiscard]] std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

[[nodiscard]] std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> result;
  for (const std::string& word : split(text, ' ')) {
    if (!word.empty()) result.push_back(word);
  }
  return result;
}

[[nodiscard]] std::vector<Room> read_rooms() {
  std::vector<Room> rooms;
  for (const std::string& line : read_lines(kRepository / "cmake/rooms.txt")) {
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string> cells = split(line, '|');
    if (cells.size() != 5) throw std::runtime_error{"cmake/rooms.txt: not a row of five cells: " + line};
    rooms.push_back({trimmed(cells[0]), words(cells[1]), words(cells[2]), trimmed(cells[4])});
  }
  return rooms;
}

/// Those of the house, and the folders outside that may look at everything.
[[nodiscard]] const std::vector<Room>& all_rooms() {
  static const std::vector<Room> kRooms = [] {
    std::vector<Room> rooms = read_rooms();
    std::vector<std::string> all;
    all.reserve(rooms.size());
    for (const Room& room : rooms) all.push_back(room.folder);
    std::vector<std::string> all_and_tests = all;
    all_and_tests.emplace_back("tests");  // programs for the core
    rooms.push_back({"bench", all_and_tests, {"all", "systemc"}, {}});
    rooms.push_back({"tests", all, {"all", "systemc"}, {}});
    rooms.push_back({"firmware/image/shim", {}, {"all"}, {}});      // stands in for a C++ library
    rooms.push_back({"cmake", {"tests"}, {"all", "systemc"}, {}});  // precompiled headers
    return rooms;
  }();
  return kRooms;
}

/// What the freestanding C++20 library of a bare-metal compiler has.
const std::vector<std::string_view> kFreestanding{
    "array",    "atomic",           "bit",     "compare", "concepts", "coroutine", "cstddef", "cstdint",
    "limits",   "initializer_list", "new",     "numeric", "optional", "span",      "tuple",   "type_traits",
    "expected", "source_location",  "utility", "variant", "version"};

template <class List>
[[nodiscard]] bool contains(const List& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

[[nodiscard]] bool is_below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.substr(0, folder.size()) == folder && path[folder.size()] == '/';
}

[[nodiscard]] const Room* room_of(std::string_view path) {
  const Room* best = nullptr;
  for (const Room& room : all_rooms()) {
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

/// A name without '/' and '.' is the standard library's; the only other headers here named so are SystemC's.
[[nodiscard]] bool is_standard(std::string_view name) {
  return name.find_first_of("/.") == std::string_view::npos && !is_systemc(name);
}

/// Empty if the room may have it.
[[nodiscard]] std::string objection(const Room& room, const Include& include) {
  if (include.quoted) {
    if (is_below(include.name, room.folder)) return {};
    for (const std::string& allowed : room.rooms) {
      if (is_below(include.name, allowed)) return {};
    }
    if (room.folder == "tests" && is_below(include.name, "cmake")) return {};
    return room.folder + " may not know it";
  }
  if (is_systemc(include.name)) {
    const bool may = contains(room.libraries, "systemc");
    return may ? "" : room.folder + " may not know SystemC";
  }
  if (is_standard(include.name)) {
    if (!contains(room.libraries, "freestanding") || contains(kFreestanding, include.name)) return {};
    return room.folder + " may have freestanding headers only";
  }
  for (const std::string& library : room.libraries) {
    const auto headers = kHeaders.find(library);
    if (headers == kHeaders.end()) continue;
    for (const std::string_view header : headers->second) {
      if (include.name.compare(0, header.size(), header) == 0) return {};
    }
  }
  return room.folder + " may not know that library";
}

/// Code points of a UTF-8 text: what an editor shows as columns.
[[nodiscard]] std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

[[nodiscard]] std::string where(const std::string& file, std::size_t index) {
  return file + ":" + std::to_string(index + 1) + ": ";
}

const std::vector<std::string> kSources{".h", ".cpp", ".def"};

}  // namespace

TEST_CASE("every file includes only what its room may know", "[docs]") {
  std::size_t includes = 0;
  for (const std::string& file : files_below("", kSources)) {
    const Room* room = room_of(file);
    if (room == nullptr) {
      FAIL_CHECK(file << ": stands in no room of cmake/rooms.txt");
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

TEST_CASE("the table of rooms names folders and libraries that exist, each below those that use it", "[docs]") {
  std::vector<std::string> above;
  for (const Room& room : read_rooms()) {
    INFO(room.folder);
    CHECK(std::filesystem::is_directory(kRepository / room.folder));
    CHECK_FALSE(room.what.empty());
    for (const std::string& other : room.rooms) {
      INFO(other);
      CHECK(contains(above, other));
    }
    for (const std::string& library : room.libraries) {
      INFO(library);
      CHECK((library == "freestanding" || kHeaders.count(library) == 1));
    }
    above.push_back(room.folder);
  }
  CHECK(above.size() > 15);
}

TEST_CASE("no room is allowed an arrow that none of its files uses", "[docs]") {
  for (const Room& room : read_rooms()) {
    for (const std::string& other : room.rooms) {
      bool used = false;
      for (const std::string& file : files_below(room.folder, kSources)) {
        for (const std::string& line : read_lines(kRepository / file)) {
          const std::optional<Include> include = include_of(line);
          const Room* target = include && include->quoted ? room_of(include->name) : nullptr;
          if (target != nullptr && target->folder == other) used = true;
        }
      }
      if (!used) FAIL_CHECK(room.folder << " includes nothing of " << other);
    }
  }
}

TEST_CASE("no room has a library that none of its files includes", "[docs]") {
  for (const Room& room : read_rooms()) {
    for (const std::string& library : room.libraries) {
      if (library == "freestanding") continue;
      Room alone = room;
      alone.libraries = {library};
      bool used = false;
      for (const std::string& file : files_below(room.folder, kSources)) {
        for (const std::string& line : read_lines(kRepository / file)) {
          const std::optional<Include> include = include_of(line);
          if (!include || include->quoted || is_standard(include->name)) continue;
          used = used || objection(alone, *include).empty();
        }
      }
      if (!used) FAIL_CHECK(room.folder << " includes nothing of " << library);
    }
  }
}

TEST_CASE("docs/architecture.md has the table of rooms", "[docs]") {
  std::string table = "| room | may include | other libraries | what lives there |\n|---|---|---|---|\n";
  for (const Room& room : read_rooms()) {
    std::string others;
    for (const std::string& other : room.rooms) others += (others.empty() ? "" : ", ") + other;
    std::string libraries;
    for (const std::string& library : room.libraries) libraries += (libraries.empty() ? "" : ", ") + library;
    table += "| `" + room.folder + "/` | " + (others.empty() ? "-" : others) + " | " +
             (libraries.empty() ? "-" : libraries) + " | " + room.what + " |\n";
  }
  gpusim::test::check_marked_block("docs/architecture.md", "rooms", table);
}
