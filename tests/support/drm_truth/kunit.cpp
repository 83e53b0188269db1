// SPDX-License-Identifier: MIT
#include "tests/support/drm_truth/kunit.h"

#include <algorithm>
#include <array>

#include "tests/support/drm_truth/script.h"

namespace gpusim::test::truth {

namespace {

/// Jobs of a cycle, their length and the pause after them in microseconds.
struct Client {
  const char* priority;
  int jobs;
  int us;
  int wait;
  bool sync;
};

struct Pair {
  const char* name;
  Client first;
  Client second;
};

constexpr Client kDeepNormal{"NORMAL", 1, 8000, 0, false};
constexpr Client kDeepLow{"LOW", 1, 8000, 0, false};
constexpr Client kDeepHigh{"HIGH", 1, 8000, 0, false};
constexpr Client kInteractive{"NORMAL", 1, 1000, 9000, true};

constexpr std::array<Pair, 10> kPairs{{
    {"normal and normal", kDeepNormal, kDeepNormal},
    {"normal and low", kDeepNormal, kDeepLow},
    {"high and normal", kDeepHigh, kDeepNormal},
    {"high and low", kDeepHigh, kDeepLow},
    {"50% and 50%", {"NORMAL", 1, 1500, 1500, true}, {"NORMAL", 1, 2500, 2500, true}},
    {"50% and 50% low", {"NORMAL", 1, 1500, 1500, true}, {"LOW", 1, 2500, 2500, true}},
    {"50% high and 50%", {"HIGH", 1, 1500, 1500, true}, {"NORMAL", 1, 2500, 2500, true}},
    {"low hog and interactive", {"LOW", 3, 2500, 500, false}, {"NORMAL", 1, 500, 10000, true}},
    {"heavy and interactive", {"NORMAL", 3, 2500, 2500, true}, kInteractive},
    {"very heavy and interactive", {"NORMAL", 4, 50000, 1, true}, kInteractive},
}};

constexpr std::array kMany{2, 3, 7, 13, 31};

std::string head(std::uint32_t credits) {
  return "model hop=2us wake=1us timer=exact wq=pipelined\nsched s0 timeout_us=max credits=" + std::to_string(credits) +
         "\n";
}

std::string entity(int index, const char* priority) {
  return "entity e" + std::to_string(index) + " s0 prio=" + priority + "\n";
}

std::string client(int index, const Client& c, int start_ns, int duration_us) {
  const std::string n = std::to_string(index);
  return "client c" + n + " e" + n + " start=" + std::to_string(start_ns) + "ns jobs=" + std::to_string(c.jobs) +
         " us=" + std::to_string(c.us) + " wait_us=" + std::to_string(c.wait) + " sync=" + (c.sync ? "1" : "0") +
         " dur_us=" + std::to_string(duration_us) + " subcost=3us\n";
}

/// "a/b/c"
std::int64_t part(const std::string& text, std::size_t index) { return std::stoll(split(text, '/').at(index)); }

}  // namespace

std::vector<QualityCase> quality_cases() {
  std::vector<QualityCase> cases;
  cases.push_back({"queue overhead", 1,
                   head(1) + entity(0, "NORMAL") +
                       "at 0 submit e0 first ; burst e0 n=1000 us=1000\n"
                       "on sched first do advance s0 1\n",
                   0});
  cases.push_back({"ping pong", 1,
                   head(1) + entity(0, "NORMAL") + entity(1, "NORMAL") +
                       "at 0 submit e0 first ; burst e1,e0 n=1000 us=1000 chain=1 after=first\n"
                       "on sched first do advance s0 1\n",
                   0});
  for (const std::uint32_t credits : {1U, 2U}) {
    for (const Pair& pair : kPairs) {
      cases.push_back({pair.name, credits,
                       head(credits) + entity(0, pair.first.priority) + entity(1, pair.second.priority) +
                           client(0, pair.first, 0, 1000000) + client(1, pair.second, 50000, 1000000),
                       2});
    }
  }
  for (const int count : kMany) {
    const Client each{"NORMAL", count == 31 ? 2 : 4, 1000, 0, true};
    std::string script = head(2);
    for (int i = 0; i < count; ++i) script += entity(i, each.priority);
    for (int i = 0; i < count; ++i) script += client(i, each, 1500 * i, 1000 / count * 1000);
    cases.push_back({std::to_string(count) + " clients", 2, std::move(script), static_cast<std::uint32_t>(count)});
  }
  return cases;
}

std::string with_running_minimum(std::string script) {
  static const std::string kScheduler = "\nsched s0 ";
  return script.replace(script.find(kScheduler), kScheduler.size(), kScheduler + "minimum=running ");
}

std::vector<ClientFigures> client_figures(const Log& log) {
  std::vector<ClientFigures> figures;
  for (const Line& line : log) {
    if (line.event != "client_end") continue;
    const std::size_t index = std::stoul(line.job.substr(1));
    figures.resize(std::max(figures.size(), index + 1));
    const auto number = [&](const char* key) { return std::stoll(line.fields.at(key)); };
    const std::string& latency = line.fields.at("latency_us");
    figures[index] = {number("elapsed_us"), number("ideal_us"), number("cycles"), part(latency, 1), part(latency, 2)};
  }
  return figures;
}

std::int64_t mean_delta_x100(const Log& log, std::uint32_t clients) {
  constexpr std::int64_t kSample = 100'000'000;
  std::vector<std::int64_t> cycles(clients);
  std::uint32_t ended = 0;
  std::int64_t sum = 0;
  std::int64_t samples = 0;
  std::int64_t next = kSample;
  for (const Line& line : log) {
    for (; line.time >= next && ended < clients; next += kSample) {
      const auto [least, most] = std::minmax_element(cycles.begin(), cycles.end());
      sum += *most - *least;
      ++samples;
    }
    if (line.event == "cycle") ++cycles.at(std::stoul(line.job.substr(1)));
    if (line.event == "client_end") ++ended;
  }
  return samples == 0 ? 0 : 100 * sum / samples;
}

std::int64_t overhead_us(const Log& log) {
  std::int64_t released = 0;
  std::int64_t last = 0;
  for (const Line& line : log) {
    if (line.event == "advance") released = line.time;
    if (line.event == "done") last = line.time;
  }
  return (last - released) / 1000;
}

}  // namespace gpusim::test::truth
