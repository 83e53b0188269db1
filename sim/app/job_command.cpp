// SPDX-License-Identifier: MIT
#include "sim/app/job_command.h"

#include <algorithm>
#include <ostream>

#include <fmt/core.h>

#include "base/closest.h"
#include "sim/app/exit_code.h"
#include "sim/app/recorded_run.h"
#include "sim/app/report_problems.h"
#include "traces/inspect/job_story.h"

namespace gpusim::app {

namespace {

using scenario::Problem;

[[nodiscard]] std::optional<JobId> find_job_of_client(const std::string& name, std::uint64_t n,
                                                      const trace::Recording& recording, const trace::RunIndex& index,
                                                      std::vector<Problem>& problems) {
  const std::vector<std::string>& clients = recording.names.clients;
  const auto found = std::find(clients.begin(), clients.end(), name);
  if (found == clients.end()) {
    const std::vector<std::string_view> names{clients.begin(), clients.end()};
    problems.push_back({{"--client"}, fmt::format("there is no client '{}'", name), std::string{closest(name, names)}});
    return std::nullopt;
  }
  const ClientId client{static_cast<std::uint32_t>(found - clients.begin())};
  const std::optional<JobId> job = index.nth_job(client, n);
  if (!job) {
    const std::uint64_t count = index.jobs_of(client);
    problems.push_back({{"job"},
                        count == 0 ? fmt::format("client {} has no job", name)
                                   : fmt::format("client {} has jobs 1 to {}, and no {}", name, count, n),
                        {}});
  }
  return job;
}

}  // namespace

std::optional<JobId> find_job(const JobChoice& choice, const trace::Recording& recording, const trace::RunIndex& index,
                              std::vector<Problem>& problems) {
  if (!choice.client.empty()) return find_job_of_client(choice.client, choice.number, recording, index, problems);
  if (index.job(JobId{choice.number}) != nullptr) return JobId{choice.number};
  problems.push_back({{"job"},
                      index.highest_job() == 0
                          ? "the run has no job"
                          : fmt::format("the run has jobs 1 to {}, and no {}", index.highest_job(), choice.number),
                      {}});
  return std::nullopt;
}

int job_command(const JobChoice& choice) {
  std::vector<Problem> problems;
  const std::optional<RecordedRun> run =
      open_run({.path = choice.run, .sets = choice.sets, .seed = choice.seed}, problems);
  if (!run) return report_problems(problems, {choice.sets});
  const trace::RunIndex index{run->recording};
  const std::optional<JobId> job = find_job(choice, run->recording, index, problems);
  if (!job) return report_problems(problems);
  print_words(
      choice.page,
      [&](std::ostream& out) { trace::write_job_json(out, run->recording, index, *job, json_head(run->notes)); },
      [&](std::ostream& out, const trace::PageForm& form) {
        write_notes(out, *run, form);
        trace::write_job_story(out, run->recording, index, *job, form);
      });
  return kGood;
}

}  // namespace gpusim::app
