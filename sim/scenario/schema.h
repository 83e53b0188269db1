// SPDX-License-Identifier: MIT
// The parameter table as JSON Schema (draft 7) of a scenario file, for editors: put `#:schema ./scenario.schema.json`
// on a file's first line. It knows ranges and names; contradictions between parameters only the loader knows.
#pragma once

#include <ostream>

namespace gpusim::scenario {

void write_schema_json(std::ostream& out);

}  // namespace gpusim::scenario
