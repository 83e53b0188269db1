// SPDX-License-Identifier: MIT
// The parts of the text summary, for summary_text.cpp to put together. Each writes nothing if it has nothing to say,
// and an empty line behind it otherwise.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "traces/report/summary.h"
#include "traces/report/text_table.h"

namespace gpusim::trace {

class JsonWriter;

struct Page {
  std::ostream& out;
  const RunInfo& run;
  const Statistics& statistics;
  const Names& names;
  const PageForm& form;

  void table(const TextTable& table) const {
    table.write(out, form);
    out << '\n';
  }
  void line(const std::string& text) const { write_paragraph(out, text, form); }
};

/// One line each: jobs, latencies.
void write_clients(const Page& page);
/// One line each: what engines did for them, and what their lives went to. Then how evenly engines were shared.
void write_shares(const Page& page);
void write_frames(const Page& page);
void write_engines(const Page& page);
/// All lives, and the slowest of them, by cause.
void write_causes(const Page& page);
/// What the turns of the firmware's loop took, where it runs on a core, or else with RunInfo::show_all.
void write_firmware(const Page& page);
/// With RunInfo::show_all: the causes of each client's lives, of its slowest ones, and of each of its queues'.
void write_causes_of_each(const Page& page);
void write_slowest_jobs(const Page& page);
void write_histogram(const Page& page);
void write_recovery(const Page& page);

/// What the firmware was busy with, and what it had before it: messages, slots, its run-list.
void write_device_load(const Page& page);

void write_firmware_json(JsonWriter& json, const FirmwareProfile& profile);
void write_device_load_json(JsonWriter& json, const RunInfo& run, const Names& names);

/// "1 job", "2 jobs"
[[nodiscard]] std::string counted(std::uint64_t value, const char* one, const char* many);
/// "engine_busy 43% (own 12%), work 30%": the largest causes, at most so many; what is own backlog of the first.
[[nodiscard]] std::string largest_causes(const CauseSums& sums, std::size_t most);
/// The clients that have a line of their own, in order: all, or of many those with most to tell.
[[nodiscard]] std::vector<std::size_t> shown_clients(const Page& page);
/// By client, as many as are configured.
[[nodiscard]] std::vector<const ClientStatistics*> clients_of(const Page& page);

/// Those of `places` that weigh most; of two that weigh alike the earlier one. (std::stable_sort of libstdc++ 12 uses
/// what clang calls deprecated.)
template <class Weight>
void keep_heaviest(std::vector<std::size_t>& places, std::size_t most, Weight weight) {
  if (places.size() <= most) return;
  std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    const auto of_a = weight(a);
    const auto of_b = weight(b);
    return of_a != of_b ? of_a > of_b : a < b;
  });
  places.resize(most);
}

}  // namespace gpusim::trace
