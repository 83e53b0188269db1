// SPDX-License-Identifier: MIT
// One parameter of a scenario: its key, what it may hold, what it means, why its default is what it is, and how it gets
// into the Spec structs, where the default itself stands. Reading, checking, documentation and the schema all use the
// table of parameters (parameter_table.h); no key is listed anywhere else.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sim/scenario/spec.h"
#include "traces/event/cause.h"

namespace gpusim::scenario {

enum class Type : std::uint8_t {
  boolean,
  integer,
  text,
  name,            ///< letters, digits, '_' and '-'
  choice,          ///< one of `names`
  duration,        ///< whole units; the key ends in _ps, _ns, _us or _ms
  duration_range,  ///< a duration, or [min, max]
  latency,         ///< a duration, or a distribution: { p0 = ..., p50 = ..., p99_9 = ..., p100 = ... }
  engine,          ///< an engine class ("vcs") or one engine of it ("vcs1")
};

enum class Unit : std::uint8_t { ps, ns, us, ms };
inline constexpr std::array<std::string_view, 4> kUnitNames{"ps", "ns", "us", "ms"};
inline constexpr std::array<std::int64_t, 4> kUnitPicoseconds{1, 1'000, 1'000'000, 1'000'000'000};

/// The alternatives of workload::WorkloadSpec, in their order.
enum class WorkloadKind : std::uint8_t { loop, poisson, pipeline, fan, wsim, churn, steps, renderer, compositor };
inline constexpr std::array<std::string_view, 9> kWorkloadNames{"loop",  "poisson", "pipeline", "fan",       "wsim",
                                                                "churn", "steps",   "renderer", "compositor"};
static_assert(std::variant_size_v<workload::WorkloadSpec> == kWorkloadNames.size());

/// A value of any type. What the numbers mean is up to the type:
/// boolean 0 or 1; choice: index into names; duration: ps; duration_range: min and max in ps; latency: ps, of a
/// distribution the median; engine: class and instance (-1: any).
struct Value {
  std::int64_t number = 0;
  std::int64_t high = 0;
  std::string text;
  std::vector<os::Quantile> quantiles = {};  ///< of a latency that is a distribution, by share

  friend bool operator==(const Value&, const Value&) = default;
};

struct Parameter;

/// What a value is stored into or fetched from; `client` only for keys below [[client]], `fault` below [[faults]].
struct Target {
  ScenarioSpec* spec = nullptr;
  workload::ClientSpec* client = nullptr;
  fault::AimedFault* fault = nullptr;
};
using Store = void (*)(const Target& target, const Parameter& parameter, const Value& value);
/// What stands there now.
using Fetch = Value (*)(const Target& target);
using Mark = void (*)(const Target& target);

struct Parameter {
  std::string_view
      path;  ///< "device.link.mmio_write_latency": without the unit, which the key in a file has; "client.cycles"
  Type type = Type::integer;
  Store store = nullptr;
  Fetch fetch = nullptr;         ///< none: it is read by the loader and never stored, or chooses what `client` holds
  Mark mark_estimate = nullptr;  ///< the client's work rests on it: says that this is an estimate
  std::string_view doc;
  std::int64_t min = 0;  ///< of an integer, or of durations in ps
  std::int64_t max = 0;
  std::vector<std::string_view> names;
  Unit unit = Unit::ns;      ///< in which it is documented
  Value fallback;            ///< what a default-constructed Spec has; empty without `fetch`. Set by the table only
  bool is_required = false;  ///< has no default
  char tag = 'U';            ///< of the default: S D M W C E O; U: a choice rather than a quantity of a machine
  std::string_view source;   ///< of the default
  std::optional<trace::Cause> cause;   ///< of a Cost; none: it belongs to several causes, or to no job's life
  std::optional<WorkloadKind> kind;    ///< below [[client]]: only for this workload
  std::uint16_t index = 0;             ///< Cost::parameter; 0 below [[client]]
  std::optional<Component> component;  ///< the only one that reads it, which its `doc` begins with. Set by the table
  bool (*is_read)(const Target& target) = nullptr;  ///< does it matter beside the other values? none: it always may
  std::string_view unread_because;                  ///< if not, why

  // For the table's rows.
  [[nodiscard]] Parameter from(char default_tag, std::string_view where) && {
    tag = default_tag;
    source = where;
    return std::move(*this);
  }
  [[nodiscard]] Parameter in(trace::Cause of) && {
    cause = of;
    return std::move(*this);
  }
  [[nodiscard]] Parameter read_if(bool (*condition)(const Target& target), std::string_view otherwise) && {
    is_read = condition;
    unread_because = otherwise;
    return std::move(*this);
  }
  [[nodiscard]] Parameter marked_by(Mark mark) && {
    mark_estimate = mark;
    return std::move(*this);
  }
  [[nodiscard]] Parameter required() && {
    is_required = true;
    return std::move(*this);
  }

  [[nodiscard]] bool has_unit() const {
    return type == Type::duration || type == Type::duration_range || type == Type::latency;
  }
  /// "device.link"; empty at top level.
  [[nodiscard]] std::string_view section() const;
  /// The key as documented, without its section: "mmio_write_latency_ns".
  [[nodiscard]] std::string key() const;
};

}  // namespace gpusim::scenario
