// SPDX-License-Identifier: MIT
#include "sim/experiment/plan.h"

#include <algorithm>
#include <utility>

#include "sim/experiment/process_pool.h"

namespace gpusim::experiment {

using scenario::Problem;

std::size_t Plan::add(std::size_t variant, const Overrides& overrides) {
  std::vector<const Placed*> sets;
  // An estimate last: it is one in this variant, whoever said so.
  for (const auto* part :
       {&experiment_.sets, &overrides.sweep, &experiment_.variants[variant].sets, &overrides.estimates}) {
    for (const Placed& set : *part) sets.push_back(&set);
  }
  scenario::LoadOptions options;
  for (const Placed* set : sets) options.sets.push_back(set->text);
  options.seed = settings_.first_seed;
  options.config_dir = settings_.config_dir;
  scenario::LoadResult loaded = scenario::load_file(experiment_.scenario, options);
  for (Problem& problem : loaded.problems) {
    // The loader calls the n-th override "--set:n"; here each has a place of its own.
    if (problem.place.file == "--set" && problem.place.line >= 1 && problem.place.line <= sets.size()) {
      const std::uint32_t column = problem.place.column;
      const Placed& set = *sets[problem.place.line - 1];
      problem.place = set.place;
      if (problem.place.file.starts_with("--") && column > 0) problem.place.column += column - 1;
    }
    const auto same = [&](const Problem& other) { return other.place == problem.place && other.what == problem.what; };
    if (std::none_of(problems_.begin(), problems_.end(), same)) problems_.push_back(std::move(problem));
  }
  Point& point = points_.emplace_back();
  if (loaded.ok()) point = {*std::move(loaded.spec), std::move(loaded.resolved)};
  return points_.size() - 1;
}

std::optional<std::size_t> Plan::try_add(std::size_t variant, const Overrides& overrides) {
  const std::size_t before = problems_.size();
  const std::size_t point = add(variant, overrides);
  if (problems_.size() == before) return point;
  problems_.resize(before);
  points_.pop_back();
  return std::nullopt;
}

// Seed by seed, so that what an interrupted comparison has done can be compared.
std::vector<Cell> Plan::run() {
  const std::size_t first = points_run_;
  const std::size_t points = points_.size() - first;
  const std::size_t count = points * experiment_.seeds;
  const std::vector<std::string> asked = metrics_asked_by(experiment_);
  PieceWork work = [&](std::uint64_t i) {
    scenario::ScenarioSpec spec = points_[first + i % points].spec;
    spec.seed += i / points;
    return encode(measure(spec, asked));
  };
  PoolOptions options;
  options.pieces = count;
  options.processes = settings_.parallel;
  if (settings_.progress) options.progress = [&](std::uint64_t done) { settings_.progress(done, count); };
  const PoolReport pool = run_in_processes(options, [&] { return work; });
  Measurement not_run;
  not_run.status = Status::not_run;
  std::vector<Cell> cells(points);
  for (Cell& cell : cells) cell.runs.assign(experiment_.seeds, not_run);
  for (const PieceResult& result : pool.results) {
    cells[result.index % points].runs[result.index / points] = decode(result.text);
  }
  is_interrupted_ = pool.interrupted;
  points_run_ = points_.size();
  return cells;
}

}  // namespace gpusim::experiment
