// SPDX-License-Identifier: MIT
#include "tests/support/machine/random_scenario.h"

#include <algorithm>
#include <array>
#include <bit>
#include <filesystem>

#include <fmt/core.h>

#include "base/prng.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/parameter_table.h"

namespace gpusim::test {

namespace {

using scenario::Parameter;
using scenario::Type;
using scenario::WorkloadKind;

// What is there so that an oracle speaks (docs/scenario.md).
[[nodiscard]] bool breaks_rules(std::string_view path) {
  return path.starts_with("scheduler.bypass_requires.") || path == "scheduler.pause_submit_race";
}

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_{seed, "random scenario"}, gang_random_{seed, "random gangs"} {}

  std::vector<std::string> lines() {
    lines_.push_back(fmt::format("seed = {}", pick(1, 1'000)));
    if (chance(50)) {
      lines_.push_back("scheduler.component = \"drm_sched\"");
    } else if (chance(50)) {
      lines_.push_back("scheduler.component = \"jobqueue\"");
      is_counter_ = chance(50);
      if (is_counter_) lines_.push_back("scheduler.jobqueue = \"counter\"\ndriver.kill_way = \"terminate\"");
    } else if (chance(40)) {
      is_direct_ = true;
      lines_.push_back("scheduler.component = \"direct\"\ndevice.notify = \"doorbell\"");
      if (chance(50)) lines_.push_back("scheduler.direct.wait = \"interrupt\"");
    }
    if (!is_direct_ && chance(30)) {
      lines_.push_back(fmt::format("scheduler.orchestrator = {{ slots = {}, policy = \"{}\", batch = {} }}", pick(1, 5),
                                   chance(50)   ? "fair"
                                   : chance(50) ? "rr"
                                                : "fifo",
                                   pick(1, chance(70) ? 4 : 65'536)));
    }
    for (const char* part : {"device", "driver", "host"}) {
      if (chance(40)) lines_.push_back(fmt::format("use.{} = \"{}\"", part, preset(part)));
    }
    const bool is_harsh = chance(40);
    if (is_harsh) {
      harsh_machine();
    } else {
      machine();
    }
    const std::uint64_t clients = pick(1, 4);
    for (std::uint64_t i = 0; i < clients; ++i) {
      if (is_harsh && chance(80)) {
        harsh_client(i);
      } else {
        client(i);
      }
    }
    if (chance(30)) sharing_clients();
    if (chance(15)) desktop();
    if (chance(15)) {  // ahead of all tables
      const std::string victim = names_.empty() || chance(30) ? "c0" : names_.at(pick(0, names_.size() - 1));
      lines_.insert(lines_.begin() + 1,
                    fmt::format("fault.kill_client = \"{}\"\nfault.kill_us = {}", victim, pick(1, 5'000)));
    }
    if (gang_random_.uniform(1, 100) <= 30) gang_clients();
    if (may_share_rings()) {
      std::erase_if(lines_, [](const std::string& line) { return line.starts_with("limits_cycle"); });
    }
    return std::move(lines_);
  }

 private:
  [[nodiscard]] bool may_share_rings() const {
    return std::any_of(lines_.begin(), lines_.end(), [](const std::string& line) {
      return line.find("shared") != std::string::npos || line.starts_with("use.driver");
    });
  }
  std::uint64_t pick(std::uint64_t low, std::uint64_t high) { return random_.uniform(low, high); }
  bool chance(std::uint64_t percent) { return pick(1, 100) <= percent; }

  std::string preset(const std::string& part) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator{scenario::default_config_dir() / (part + "s")}) {
      names.push_back(entry.path().stem().string());
    }
    std::sort(names.begin(), names.end());
    return names.at(pick(0, names.size() - 1));
  }

  // Mostly near the default, now and then anywhere in the range, and often at an end of it.
  std::int64_t number(const Parameter& parameter, std::int64_t usual) {
    const std::int64_t low = parameter.min;
    const std::int64_t high = parameter.max;
    switch (pick(0, 9)) {
      case 0:
        return low;
      case 1:
        return high;
      case 2:
        return std::min(high, low + 1);
      case 3:
      case 4: {  // any order of magnitude
        const std::uint64_t top = pick(1, 62);
        const auto value = static_cast<std::int64_t>(pick(0, std::uint64_t{1} << top));
        return std::clamp(value, low, high);
      }
      default: {
        const auto base = static_cast<std::uint64_t>(std::max<std::int64_t>(usual, 1));
        return std::clamp(static_cast<std::int64_t>(pick(base / 4, base * 4)), low, high);
      }
    }
  }

  static std::string duration(const Parameter& parameter, std::int64_t value, std::string_view path) {
    const auto unit = std::find_if(scenario::kUnitPicoseconds.rbegin(), scenario::kUnitPicoseconds.rend(),
                                   [value](std::int64_t size) { return value % size == 0; });
    const auto index = static_cast<std::size_t>(scenario::kUnitPicoseconds.rend() - unit) - 1;
    static_cast<void>(parameter);
    return fmt::format("{}_{} = {}", path, scenario::kUnitNames[index], value / *unit);
  }

  std::string line(const Parameter& parameter, std::string_view path, std::int64_t usual) {
    switch (parameter.type) {
      case Type::boolean:
        return fmt::format("{} = {}", path, chance(50) ? "true" : "false");
      case Type::integer:
        return fmt::format("{} = {}", path, number(parameter, usual));
      case Type::duration:
        return duration(parameter, number(parameter, usual), path);
      case Type::latency: {
        if (chance(40)) return duration(parameter, number(parameter, 5'000'000), path);
        const std::uint64_t least = pick(0, 10);
        const std::uint64_t median = least + pick(0, 20);
        return fmt::format("{}_us = {{ p0 = {}, p50 = {}, p100 = {} }}", path, least, median,
                           median + pick(0, chance(90) ? 200 : 10'000'000));
      }
      case Type::choice:
        return fmt::format("{} = \"{}\"", path, parameter.names.at(pick(0, parameter.names.size() - 1)));
      case Type::duration_range: {
        const std::int64_t first = chance(90) ? static_cast<std::int64_t>(pick(0, 500)) : pick_any_us();
        const std::int64_t second = first + (chance(50) ? 0 : static_cast<std::int64_t>(pick(0, 300)));
        return fmt::format("{}_us = [{}, {}]", path, first, second);
      }
      case Type::engine:
        return fmt::format("{} = \"{}\"", path, engine());
      case Type::text:
      case Type::name:
        break;
    }
    return {};
  }

  std::int64_t pick_any_us() { return static_cast<std::int64_t>(pick(0, std::uint64_t{1} << pick(1, 31))); }

  std::string engine() {
    constexpr std::array kEngines{"rcs", "rcs", "rcs", "bcs", "vcs", "vcs0", "vcs1", "vecs", "ccs"};
    return kEngines.at(pick(0, kEngines.size() - 1));
  }

  void machine() {
    const auto table = scenario::parameters().subspan(1);
    std::vector<std::string_view> given;
    for (std::uint64_t left = chance(20) ? pick(8, 40) : pick(0, 8); left > 0; --left) {
      const Parameter& parameter = table[pick(0, table.size() - 1)];
      const std::string_view section = parameter.section();
      if (section.empty() || section == "use" || parameter.type == Type::text) continue;
      if (section == "stop" && chance(80)) continue;
      if (std::find(given.begin(), given.end(), parameter.path) != given.end()) continue;
      if (breaks_rules(parameter.path) || is_chosen(parameter.path)) continue;
      given.push_back(parameter.path);
      const std::string line = machine_line(parameter);
      if (!is_refused(parameter.path)) lines_.push_back(line);
    }
  }

  // With the component, and what it does not go with.
  [[nodiscard]] bool is_chosen(std::string_view path) const {
    return path == "scheduler.component" || path == "scheduler.jobqueue" || path == "fault.kill" ||
           path == "scheduler.orchestrator.slots" || path == "scheduler.orchestrator.policy" ||
           path == "scheduler.orchestrator.batch" || path == "scheduler.direct.wait" ||
           path == "device.firmware.outer_quantum" ||
           (is_direct_ && (path == "driver.kill_way" || path == "driver.close_way" || path == "driver.credit_limit" ||
                           path == "driver.max_jobs" || path == "device.notify")) ||
           (is_counter_ && (path == "driver.kill_way" || path == "fault.reset"));
  }

  // Drawn and left out, so that all else of a seed stays what it was.
  [[nodiscard]] bool is_refused(std::string_view path) const { return !is_direct_ && path == "fault.evict"; }

  // Any order of magnitude, and the ends often.
  std::int64_t anywhere(std::int64_t low, std::int64_t high) {
    if (chance(15)) return low;
    if (chance(10)) return high;
    const auto bits = static_cast<std::uint64_t>(std::bit_width(static_cast<std::uint64_t>(high)));
    return std::clamp(static_cast<std::int64_t>(pick(0, std::uint64_t{1} << pick(1, bits))), low, high);
  }

  // What breaks together: faults of all kinds, a device and a driver of which much is anywhere in its range, and jobs
  // that hold up one engine.
  void harsh_machine() {
    for (const Parameter& parameter : scenario::parameters().subspan(1)) {
      const std::string_view path = parameter.path;
      const std::string_view section = parameter.section();
      if (parameter.type == Type::text || breaks_rules(path) || is_chosen(path)) continue;
      if (path == "scheduler.timeout") {
        constexpr std::array kTimeouts{0, 0, 1, 10, 100, 1'000, 5'000, 3'600'000};
        if (chance(60)) lines_.push_back(fmt::format("{}_ms = {}", path, kTimeouts.at(pick(0, kTimeouts.size() - 1))));
        continue;
      }
      if (section == "fault") {
        const bool is_nth = parameter.type == Type::integer && path != "fault.slow_factor";
        if (chance(path == "fault.unplug" ? 4 : path == "fault.slow_factor" ? 60 : 15)) {
          const std::string line = is_nth ? fmt::format("{} = {}", path, pick(1, 8)) : anywhere_line(parameter);
          if (!is_refused(path)) lines_.push_back(line);
        }
      } else if (section == "driver") {
        if (!chance(25)) continue;
        lines_.push_back(parameter.type == Type::duration ? anywhere_line(parameter) : machine_line(parameter));
      } else if (section.starts_with("device")) {
        if (chance(parameter.type == Type::duration ? 12 : 6)) {
          lines_.push_back(parameter.type == Type::duration ? anywhere_line(parameter) : machine_line(parameter));
        }
      } else if (section == "scheduler" || section == "host") {
        if (chance(3)) lines_.push_back(machine_line(parameter));
      }
    }
  }

  std::string anywhere_line(const Parameter& parameter) {
    const std::int64_t value = anywhere(parameter.min, parameter.max);
    if (parameter.type == Type::integer) return fmt::format("{} = {}", parameter.path, value);
    return duration(parameter, value, parameter.path);
  }

  void harsh_client(std::uint64_t number) {
    constexpr std::array kKinds{"loop", "loop", "poisson", "churn", "churn"};
    const std::string_view kind = kKinds.at(pick(0, kKinds.size() - 1));
    const auto longest = anywhere(1, 3'600'000'000);  // us
    lines_.push_back(fmt::format(
        "[[client]]\nname = \"c{}\"\nworkload = \"{}\"\nwork_us = [{}, {}]{}", number, kind, chance(50) ? 1 : longest,
        longest, kind == "poisson" ? fmt::format("\nmean_interval_us = {}", anywhere(1, 1'000'000)) : ""));
    const auto maybe = [&](const std::string& line) {
      if (chance(50)) lines_.push_back(line);
    };
    maybe("engine = \"rcs\"");
    maybe(fmt::format("priority = {}", pick(0, 3)));
    maybe(fmt::format("clones = {}", pick(2, 9)));
    if (kind == "poisson") return maybe(fmt::format("jobs = {}", pick(1, 20)));
    maybe("sync = false");
    maybe(fmt::format("cycles = {}", pick(1, 10)));
    maybe(fmt::format("jobs_per_cycle = {}", pick(kind == "churn" ? 0 : 1, 5)));
    maybe(fmt::format("{}_us = {}", kind == "churn" ? "hold" : "wait", anywhere(0, 1'000'000)));
  }

  // Clients that wait for each other's points: in its loop for those of clients before it, of those behind it for what
  // they submitted two loops ago. So somebody can always go on.
  void sharing_clients() {
    lines_.insert(lines_.begin() + 1,
                  "share.buffers = \"b0 b1\"\nshare.timelines = \"t0 t1 t2\"\nshare.fences = \"f\"");
    const std::uint64_t clients = pick(2, 3);
    const std::uint64_t repeats = pick(1, 6);
    for (std::uint64_t number = 0; number < clients; ++number) {
      std::string program;
      for (std::uint64_t left = pick(0, 4); left > 0; --left) program += shared_step(number, clients) + "\n";
      program += chance(20) ? fmt::format("signal t{}:i", number)
                            : fmt::format("{} signal t{}:i", shared_submit(number, clients), number);
      names_.push_back(fmt::format("s{}", number));
      lines_.push_back(
          fmt::format("[[client]]\nname = \"{}\"\nworkload = \"steps\"\nprogram = \"\"\"\n{}\n\"\"\"\nrepeats = {}",
                      names_.back(), program, repeats));
    }
  }

  std::string shared_point(std::uint64_t client, std::uint64_t clients) {
    const std::uint64_t other = (client + pick(1, clients - 1)) % clients;
    return fmt::format("t{}:i{}", other, other < client ? "" : "-2");
  }

  std::string shared_submit(std::uint64_t client, std::uint64_t clients) {
    constexpr std::array kUses{"read", "read", "write", "write", "move", "bookkeep"};
    std::string text = fmt::format("submit {} {}-{}", engine(), pick(1, 50), pick(50, 600));
    for (const char* buffer : {"b0", "b1"}) {
      if (chance(40)) text += fmt::format(" {} {}", kUses.at(pick(0, kUses.size() - 1)), buffer);
    }
    if (chance(40)) text += " after " + shared_point(client, clients);
    if (chance(20)) text += " signal f";
    return text;
  }

  std::string shared_step(std::uint64_t client, std::uint64_t clients) {
    constexpr std::array kWaits{"wait", "wait", "wait-any", "available", "poll"};
    switch (pick(0, 6)) {
      case 0:
        return fmt::format("{} {} {}", kWaits.at(pick(0, kWaits.size() - 1)), shared_point(client, clients),
                           shared_point(client, clients));
      case 1:
        return fmt::format("{} f within {}", kWaits.at(pick(0, kWaits.size() - 1)), pick(1, 500));
      case 2:
        return fmt::format("sleep {}", pick(1, 300));
      case 3:
        return fmt::format("period {}", pick(1, 2'000));
      case 4:
        return chance(50) ? "idle b0" : chance(50) ? "reset f" : "close";
      default:
        return shared_submit(client, clients);
    }
  }

  // They need rings that clients share. All gangs of a client are on the same queues, and none of its jobs waits for
  // another client's: otherwise gangs may wait for each other for ever, and rightly so (docs/drm_sched.md, "Gangs").
  void gang_clients() {
    constexpr std::array kOthers{"scheduler.component", "scheduler.jobqueue", "scheduler.orchestrator", "use.driver",
                                 "driver.rings",        "driver.kill_way",    "driver.stop_way"};
    std::erase_if(lines_, [&](const std::string& line) {
      return std::any_of(kOthers.begin(), kOthers.end(), [&](const char* path) { return line.starts_with(path); });
    });
    const auto draw = [this](std::uint64_t low, std::uint64_t high) { return gang_random_.uniform(low, high); };
    lines_.insert(lines_.begin() + 1,
                  fmt::format("scheduler.component = \"drm_sched\"\nuse.driver = \"{}\"\ndriver.stop_way = \"{}\"",
                              draw(0, 1) == 0 ? "amdgpu_ring" : "v3d", draw(0, 1) == 0 ? "workers" : "resubmit"));
    for (std::uint64_t client = draw(1, 3); client > 0; --client) {
      std::vector<std::string> engines{"rcs", "bcs", "vcs", "vecs"};
      const auto shuffle = [&] {
        for (std::size_t i = engines.size() - 1; i > 0; --i) std::swap(engines[i], engines[draw(0, i)]);
      };
      shuffle();
      engines.resize(draw(2, 4));
      std::string program;
      for (std::uint64_t step = draw(1, 5); step > 0; --step) {
        shuffle();
        switch (draw(0, 6)) {
          case 0:
            program += fmt::format("sleep {}\n", draw(1, 300));
            break;
          case 1:
            program += fmt::format("submit {} {}\n", engines.front(), draw(1, 500));
            break;
          case 2:
            program += draw(0, 3) == 0 ? "close\n" : fmt::format("period {}\n", draw(1, 1'000));
            break;
          default:
            program += "gang";
            for (const std::string& engine : engines) program += fmt::format(" {} {}", engine, draw(1, 500));
            program += "\n";
        }
      }
      lines_.push_back(
          fmt::format("[[client]]\nname = \"g{}\"\nworkload = \"steps\"\nprogram = \"\"\"\n{}\"\"\"\nrepeats = {}",
                      client, program, draw(1, 6)));
    }
  }

  void desktop() {
    const std::uint64_t period = pick(100, 20'000);
    for (std::uint64_t left = pick(1, 2); left > 0; --left) {
      names_.push_back(fmt::format("r{}", left));
      lines_.push_back(
          fmt::format("[[client]]\nname = \"{}\"\nworkload = \"renderer\"\ncompositor = \"d\"\nengine = "
                      "\"{}\"\nwork_us = [{}, {}]\nbuffers = {}\nvsync = {}",
                      names_.back(), engine(), period / 10, pick(period / 10, period * 2), pick(2, 3), chance(70)));
      if (chance(30)) lines_.push_back(fmt::format("clones = {}", pick(2, 3)));
      if (chance(30)) lines_.push_back(fmt::format("frames = {}", pick(1, 8)));
      if (chance(30)) lines_.push_back(fmt::format("wait_us = {}", pick(1, period)));
    }
    names_.emplace_back("d");
    lines_.push_back(fmt::format(
        "[[client]]\nname = \"d\"\nworkload = \"compositor\"\nengine = \"{}\"\nwork_us = {}\nperiod_us "
        "= {}\nlead_us = {}\nflip_us = 10\nrefreshes = {}\nsync = \"{}\"",
        engine(), pick(1, period), period, pick(10, period), pick(1, 12), chance(50) ? "implicit" : "explicit"));
  }

  std::string machine_line(const Parameter& parameter) {
    const std::string_view path = parameter.path;
    // What must fit to something else would mostly be refused.
    if (path == "driver.ring_entries") return fmt::format("{} = {}", path, 1U << pick(1, 16));
    if (path == "driver.credit_limit") return fmt::format("{} = {}", path, pick(0, chance(50) ? 2 : 32));
    if (path == "driver.irq_cpu" && chance(80)) return fmt::format("{} = {}", path, pick(0, 3));
    if (path == "host.cpus" && chance(60)) return fmt::format("{} = {}", path, pick(1, 8));
    if (path.starts_with("device.engines.") && parameter.type == Type::integer) {
      return fmt::format("{} = {}", path, pick(0, 4));
    }
    if (path.starts_with("host.background.")) {
      return fmt::format("host.background = {{ threads = {}, busy_us = {}, period_us = {} }}", pick(0, 12),
                         pick(1, 900), pick(900, 2'000));
    }
    if (path.starts_with("fault.") && parameter.type == Type::integer && chance(80)) {
      return fmt::format("{} = {}", path, pick(1, 30));
    }
    if (path.ends_with("bandwidth_mb_s")) return fmt::format("{} = {}", path, pick(1, 50'000));
    if (path == "device.context_bytes") return fmt::format("{} = {}", path, pick(1, 2'000'000));
    if (path == "fault.reset" || path == "fault.unplug" || path == "stop.after") {
      return duration(parameter, static_cast<std::int64_t>(pick(1, chance(80) ? 5'000 : 100'000)) * 1'000'000, path);
    }
    return line(parameter, path, parameter.fallback.number);
  }

  void client(std::uint64_t number) {
    const auto kind = static_cast<WorkloadKind>(pick(0, static_cast<std::uint64_t>(WorkloadKind::churn)));
    std::string head = fmt::format("[[client]]\nname = \"c{}\"\nworkload = \"{}\"", number,
                                   scenario::kWorkloadNames[static_cast<std::size_t>(kind)]);
    if (kind == WorkloadKind::wsim) head += "\nprogram = \"" + program() + "\"";
    std::vector<std::string> rest;
    for (const Parameter& parameter : scenario::client_parameters()) {
      if (parameter.kind && *parameter.kind != kind) continue;
      if (parameter.type == Type::text || parameter.type == Type::name) continue;
      const std::string key{parameter.path.substr(std::string_view{"client."}.size())};
      if (key == "workload") continue;
      if (parameter.is_required) {
        head += "\n" +
                (key == "mean_interval" ? fmt::format("mean_interval_us = {}", pick(1, 400)) : line(parameter, key, 0));
      } else if (chance(50)) {
        rest.push_back(client_line(parameter, key));
      }
    }
    lines_.push_back(std::move(head));
    for (std::string& text : rest) lines_.push_back(std::move(text));
  }

  // Counts stay small: how long a run takes is no question here.
  std::string client_line(const Parameter& parameter, const std::string& key) {
    if (key == "clones") return fmt::format("clones = {}", chance(90) ? pick(1, 4) : pick(5, 40));
    if (key == "width") return fmt::format("width = {}", chance(80) ? pick(1, 6) : pick(1, 64));
    if (key == "jobs_per_cycle") return fmt::format("jobs_per_cycle = {}", pick(parameter.min == 0 ? 0 : 1, 8));
    if (key == "max_in_flight" || key == "frames_in_flight") return fmt::format("{} = {}", key, pick(1, 8));
    if (key == "bytes") return fmt::format("bytes = {}", pick(1, 4'000'000));
    if (key == "to") return "to = \"device\"";  // wherever they come from
    if (key.ends_with("_permille")) return fmt::format("{} = {}", key, pick(1, 4'000));
    if (parameter.type == Type::integer && key != "priority") return fmt::format("{} = {}", key, pick(1, 12));
    if (parameter.type == Type::duration && chance(80)) return fmt::format("{}_us = {}", key, pick(0, 3'000));
    return line(parameter, key, parameter.fallback.number);
  }

  // Steps of the .wsim language, each good where it stands.
  std::string program() {
    constexpr std::array kNames{"RCS", "RCS", "BCS", "VCS1", "VCS2", "VECS", "DEFAULT"};
    std::string text;
    std::vector<std::uint64_t> batches;  // their steps
    std::vector<std::uint64_t> endless;
    std::vector<std::uint64_t> fences;
    const std::uint64_t steps = pick(1, 12);
    // A client that waits for what only its own next step brings about waits for ever, and is right to.
    const bool waits = chance(50);
    for (std::uint64_t step = 0; step < steps; ++step) {
      std::string one;
      const auto back = [&](const std::vector<std::uint64_t>& to) {
        return fmt::format("-{}", step - to.at(pick(0, to.size() - 1)));
      };
      const std::uint64_t kind = pick(0, 13);
      if (kind == 0) {
        one = fmt::format("d.{}", pick(1, 500));
      } else if (kind == 1) {
        one = fmt::format("p.{}", pick(1, 2'000));
      } else if (kind == 2 && waits && !batches.empty()) {
        one = "s." + back(batches);
      } else if (kind == 3) {
        one = fmt::format("P.{}.{}", pick(0, 3), static_cast<std::int64_t>(pick(0, 2'046)) - 1'023);
      } else if (kind == 4) {
        one = fmt::format("X.{}.{}", pick(0, 3), pick(0, 200));
      } else if (kind == 5 && waits) {
        one = fmt::format("{}.{}", chance(50) ? "t" : "q", pick(0, 4));
      } else if (kind == 6 && !waits) {
        one = "f";
        fences.push_back(step);
      } else if (kind == 7 && !fences.empty()) {
        one = "a." + fmt::format("-{}", step - fences.back());
        fences.pop_back();
      } else if (kind == 8 && !endless.empty()) {
        one = fmt::format("T.-{}", step - endless.back());
        endless.pop_back();
      } else {
        const bool has_no_end = !waits && chance(10);
        std::string needs = "0";
        if (!batches.empty() && chance(40)) {
          needs = (chance(30) ? (chance(50) ? "f" : "s") : "") + back(batches);
        } else if (!fences.empty() && chance(40)) {
          needs = fmt::format("f-{}", step - fences.back());
        }
        one = fmt::format("{}.{}.{}.{}.{}", pick(0, 3), kNames.at(pick(0, kNames.size() - 1)),
                          has_no_end ? "*" : fmt::format("{}-{}", pick(1, 50), pick(50, 800)), needs,
                          waits && chance(40) ? 1 : 0);
        batches.push_back(step);
        if (has_no_end) endless.push_back(step);
      }
      text += (step == 0 ? "" : ",") + one;
    }
    return text;
  }

  Prng random_;
  Prng gang_random_;  // of its own, so that scenarios without gangs are what they were
  std::vector<std::string> lines_;
  std::vector<std::string> names_;  // of clients that share something
  bool is_counter_ = false;
  bool is_direct_ = false;
};

}  // namespace

std::vector<std::string> random_scenario(std::uint64_t seed) {
  constexpr std::uint64_t kTries = 64;  // some three of four are valid
  std::vector<std::string> lines;
  for (std::uint64_t i = 0; i < kTries; ++i) {
    lines = Generator{seed * kTries + i}.lines();
    if (scenario::load_scenario_text(text_of(lines), "random.toml").ok()) break;
  }
  return lines;
}

std::string text_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace gpusim::test
