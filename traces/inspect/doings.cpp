// SPDX-License-Identifier: MIT
#include "traces/inspect/doings.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/faults.h"
#include "traces/event/handlers.h"
#include "traces/inspect/words.h"

namespace gpusim::trace {
namespace {

constexpr std::size_t kMostNamed = 4;

[[nodiscard]] Picoseconds overlap(SimTime begin, SimTime end, SimTime from, SimTime until) {
  return std::max(std::min(end, until) - std::max(begin, from), Picoseconds{0});
}

struct Part {
  std::string name;
  Picoseconds time{0};
};

/// "a (3 us), b (1 us) and 2 more (5 ns)", in the order in which they began; of many the longest.
[[nodiscard]] std::string list_of(std::vector<Part> parts) {
  std::vector<Picoseconds> times;
  for (const Part& part : parts) times.push_back(part.time);
  std::sort(times.begin(), times.end(), std::greater<>{});
  const Picoseconds least = times.size() > kMostNamed ? times[kMostNamed - 1] : Picoseconds{0};
  std::string text;
  std::size_t named = 0;
  Picoseconds rest{0};
  for (const Part& part : parts) {
    if (named == kMostNamed || part.time < least) {
      rest += part.time;
      continue;
    }
    ++named;
    text += (text.empty() ? "" : ", ") + fmt::format("{} ({})", part.name, exact(part.time));
  }
  if (parts.size() > named) text += fmt::format(" and {} more ({})", parts.size() - named, exact(rest));
  return text;
}

}  // namespace

Doings::Doings(const Recording& recording) : names_{recording.names} {
  for (const Event& event : recording.events) dispatch(*this, event);
}

void Doings::on(const fetch_begin& event) {
  leaves(event.engine, event.time);
  jobs_.push_back({event.engine, event.queue, event.job, event.time});
  grown(last_of_engine_, event.engine) = jobs_.size();
}

void Doings::on(const job_resumed& event) {
  leaves(event.engine, event.time);
  jobs_.push_back({event.engine, event.queue, event.job, event.time});
  grown(last_of_engine_, event.engine) = jobs_.size();
}

void Doings::leaves(std::uint32_t engine, SimTime now) {
  const std::size_t last = std::exchange(grown(last_of_engine_, engine), 0);
  if (last != 0) jobs_[last - 1].end = now;
}

void Doings::on(const firmware_begin& event) {
  services_.push_back({event.event.as<std::uint64_t>(), event.queue, event.time});
}

void Doings::on(const firmware_end& event) {
  if (!services_.empty()) services_.back().end = event.time;
  ends_failures(false, event.time);
}

void Doings::on(const fault_injected& event) {
  const auto fault = event.fault.as<Fault>();
  if (fault != Fault::firmware_crash && fault != Fault::firmware_stall) return;
  failures_.push_back({.is_crash = fault == Fault::firmware_crash, .begin = event.time});
}

void Doings::on(const device_reset_end& event) { ends_failures(true, event.time); }

void Doings::ends_failures(bool with_crashes, SimTime now) {
  for (Failure& failure : failures_) {
    if (failure.end == kNever && (with_crashes || !failure.is_crash)) failure.end = now;
  }
}

std::string Doings::on_engines(const RunIndex& index, std::uint64_t engine_mask, JobId except, SimTime begin,
                               SimTime end) const {
  std::map<std::uint32_t, std::vector<Part>> by_engine;
  for (const JobOnEngine& one : jobs_) {
    if (one.begin >= end) break;
    const Picoseconds time = overlap(one.begin, one.end, begin, end);
    if (time.count() == 0 || one.job == except || (engine_mask >> one.engine & 1) == 0) continue;
    by_engine[one.engine].push_back({index.text(one.job), time});
  }
  std::string text;
  for (const auto& [engine, parts] : by_engine) {
    const std::string name = engine < names_.engines.size() ? names_.engines[engine].name : "an engine";
    text += (text.empty() ? "" : "; ") + fmt::format("{} works for {}", name, list_of(parts));
  }
  return text;
}

std::string Doings::of_firmware(SimTime begin, SimTime end) const {
  std::vector<Part> parts;
  for (const FirmwareService& one : services_) {
    if (one.begin >= end) break;
    const Picoseconds time = overlap(one.begin, one.end, begin, end);
    if (time.count() == 0) continue;
    std::string name = Names::of(names_.firmware_events, one.event);
    if (one.queue.value() != 0 && one.queue.value() < names_.queues.size()) {
      name += " of " + names_.queues[one.queue.value()].name;
    }
    parts.push_back({std::move(name), time});
  }
  std::string text = parts.empty() ? "" : "the firmware is at " + list_of(parts);
  for (const Failure& one : failures_) {
    if (one.begin >= end || one.end <= begin) continue;
    text += text.empty() ? "the firmware" : "; it";
    text += fmt::format(" {} at {} (fault.firmware_{})", one.is_crash ? "crashed" : "stalled", exact(one.begin),
                        one.is_crash ? "crash" : "stall");
  }
  return text;
}

}  // namespace gpusim::trace
