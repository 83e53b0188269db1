// SPDX-License-Identifier: MIT
// [[faults]].
#include "sim/fault/aimed_kinds.h"
#include "sim/scenario/parameter_rows.h"
#include "sim/scenario/parameter_table.h"

namespace gpusim::scenario {

namespace {

using fault::AimedFault;

void store_fault_kind(const Target& target, const Parameter& /*parameter*/, const Value& value) {
  target.fault->kind = fault::kAimedKinds[static_cast<std::size_t>(value.number)].kind;
}

[[nodiscard]] std::vector<std::string_view> fault_kind_names() {
  std::vector<std::string_view> names;
  for (const fault::AimedKind& row : fault::kAimedKinds) names.emplace_back(explored(row.kind).place.name());
  return names;
}

}  // namespace

std::vector<Parameter> aimed_fault_rows() {
  return {
      Parameter{.path = "faults.kind",
                .type = Type::choice,
                .store = &store_fault_kind,
                .doc = "What goes wrong; see the table below.",
                .names = fault_kind_names()}
          .required(),
      rows::text<&AimedFault::client>("faults.client",
                                      "Only what is of this client: all clones of a name, or one, as app.0."),
      rows::text<&AimedFault::queue>("faults.queue", "Only what is of this queue, by its name in traces: app.jobs."),
      rows::text<&AimedFault::engine>("faults.engine", "Only on engines of this class, vcs, or on this engine, vcs1."),
      rows::duration<&AimedFault::from>("faults.from", Unit::us, "Not before that time."),
      rows::duration<&AimedFault::until>("faults.until", Unit::us,
                                         "Not at that time, nor later. 0: to the end of the run."),
      rows::integer<&AimedFault::nth>("faults.nth", 1, INT64_MAX,
                                      "It strikes from the n-th occasion on that it is aimed at."),
      rows::integer<&AimedFault::count>("faults.count", 0, INT64_MAX, "So often. 0: each time."),
      rows::integer<&AimedFault::probability_ppm>(
          "faults.probability_ppm", 1, AimedFault::kAlways,
          "It strikes each occasion with this probability, in millionths, drawn from a random stream of its own."),
      rows::duration<&AimedFault::delay>("faults.delay", Unit::us, "How much later, for kinds that say so."),
      rows::integer<&AimedFault::factor>("faults.factor", 1, 1'000'000, "slow_job: the work is multiplied by this."),
  };
}

}  // namespace gpusim::scenario
