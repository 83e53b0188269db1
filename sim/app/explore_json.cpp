// SPDX-License-Identifier: MIT
#include "sim/app/explore_json.h"

#include "base/hash.h"
#include "sim/app/recorded_run.h"
#include "traces/report/json_writer.h"

namespace gpusim::app {
namespace {

void write_exploration_head(trace::JsonWriter& json, const char* schema, const std::string& scenario,
                            const std::vector<std::string>& notices) {
  trace::write_head(json, schema, json_head(notices));
  json.key("scenario").value(scenario);
}

void write_choices(trace::JsonWriter& json, const Schedule& schedule) {
  json.key("schedule").begin_array();
  for (const Choice& choice : schedule) json.value(to_text(choice));
  json.end_array();
}

void write_explained(trace::JsonWriter& json, const ExplainedSeed& one) {
  json.begin_object().key("seed").value(one.failure.seed).key("oracle").value(one.failure.oracle);
  json.key("replay").value(one.replay);
  if (one.small) {
    json.key("choices").value(one.choices).key("trace_hash").value(hash_text(one.trace_hash));
    json.key("small").begin_object();
    json.key("text").value(one.small->run.text).key("end_ps").value(to_ps(one.small->run.end));
    json.key("trace_hash").value(hash_text(one.small->run.trace_hash)).key("tries").value(one.small->tries);
    write_choices(json, one.small->run.schedule);
    if (!one.schedule_file.empty()) json.key("file").value(one.schedule_file);
    json.end_object();
  }
  json.end_object();
}

}  // namespace

void write_search_json(std::ostream& out, const Search& search, const std::vector<ExplainedSeed>& explained) {
  trace::JsonWriter json{out};
  json.begin_object();
  write_exploration_head(json, "gpusim-explore/1", search.scenario, search.notices);
  json.key("first_seed").value(search.first).key("seeds").value(search.seeds);
  json.key("done").value(search.done).key("given_up").value(search.given_up);
  json.key("interrupted").value(search.interrupted);
  json.key("failures").begin_array();
  for (const SeedFailure& failure : search.failures) {
    json.begin_object().key("seed").value(failure.seed).key("oracle").value(failure.oracle).end_object();
  }
  json.end_array().key("explained").begin_array();
  for (const ExplainedSeed& one : explained) write_explained(json, one);
  json.end_array().end_object();
}

void write_explored_run_json(std::ostream& out, const std::string& scenario, const std::vector<std::string>& notices,
                             const system::ExploredRun& run) {
  trace::JsonWriter json{out};
  json.begin_object();
  write_exploration_head(json, "gpusim-explored-run/1", scenario, notices);
  json.key("gave_up").value(run.gave_up).key("oracle").value(run.oracle).key("text").value(run.text);
  json.key("end_ps").value(to_ps(run.end)).key("trace_hash").value(hash_text(run.trace_hash));
  write_choices(json, run.schedule);
  json.end_object();
}

}  // namespace gpusim::app
