// SPDX-License-Identifier: MIT
#include "sim/workload/wsim_step_reader.h"

#include "base/closest.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/core.h>

namespace gpusim::workload {

namespace {

constexpr std::int64_t highest_priority = 1023;   // i915's bound for user contexts
constexpr std::int64_t most_objects = 1'000'000;  // in one list entry; our own bound, against typing errors

}  // namespace

StepReader::StepReader(const WsimProgram& program, const std::vector<bool>& unreadable, Step& step, Field text,
                       WsimFindings& findings)
    : program_(program),
      unreadable_(unreadable),
      step_(step),
      text_(text),
      fields_(split(text, '.')),
      findings_(findings) {}

void StepReader::read() {
  const std::string_view key = fields_[0].text;
  if (read_integer(key)) return read_batch();
  if (key.size() != 1) return unknown();
  switch (key[0]) {
    case 'd':
      return one_number("d.us", 1, "delay", &Delay::us);
    case 'p':
      return one_number("p.us", 1, "period", &Period::us);
    case 't':
      return one_number("t.n", 0, "throttle", &Throttle::steps);
    case 'q':
      return one_number("q.n", 0, "queue depth", &QueueDepth::depth);
    case 's':
      return one_target<Sync, Batch>("s.-N", "a batch");
    case 'a':
      return one_target<SignalSwFence, SwFence>("a.-N", "a software fence");
    case 'f':
      if (want(1, "f")) step_.body = SwFence{};
      return;
    case 'T':
      return read_terminate();
    case 'P':
      return read_priority();
    case 'X':
      return read_preemption();
    case 'S':
      return read_slice_mask();
    case 'M':
      return read_map();
    case 'B':
      return read_balance();
    case 'b':
      return read_bond();
    case 'w':
      return read_working_set(false);
    case 'W':
      return read_working_set(true);
    case 'V':
      return one_number("V.id", 1, "address space", &AddressSpace::id);
    case 'v':
      return read_assignment();
    default:
      return unknown();
  }
}

void StepReader::error(std::uint32_t column, std::string message, std::string suggestion) {
  findings_.error(step_, column, std::move(message), std::move(suggestion));
}

void StepReader::unknown() {
  const Field& key = fields_[0];
  if (read_engine(key.text))
    return error(key.column, "a batch begins with its context: ctx.ENGINE.duration.deps.wait",
                 "0." + std::string(text_.text));
  // The only near miss of a letter is its other case.
  constexpr std::string_view letters = "DQAFxm";
  constexpr std::string_view others = "dqafXM";
  std::string meant;
  if (const std::size_t at = key.text.size() == 1 ? letters.find(key.text) : std::string_view::npos;
      at != std::string_view::npos)
    meant = others[at];
  error(key.column, "unknown step " + quoted(key.text), meant);
}

bool StepReader::want(std::size_t count, std::string_view form) {
  if (fields_.size() < count)
    error(text_.end_column(), fmt::format("missing field: expected {}", form));
  else if (fields_.size() > count)
    error(fields_[count].column, fmt::format("unexpected field {}: expected {}", quoted(fields_[count].text), form));
  return fields_.size() == count;
}

// The value, or `low` after having reported.
std::int64_t StepReader::number(Field field, std::int64_t low, std::int64_t high, std::string_view what) {
  const std::optional<std::int64_t> value = read_integer(field.text);
  if (value && *value >= low && *value <= high) return *value;
  error(field.column,
        fmt::format("{} must be a whole number from {} to {}, not {}", what, low, high, quoted(field.text)));
  return low;
}

// Field 1 of a control step. gem_wsim allows context 0 for batches only.
std::uint32_t StepReader::control_context() {
  return static_cast<std::uint32_t>(number(fields_[1], 1, int_max, "context"));
}

std::optional<WsimEngine> StepReader::engine(Field field) {
  const std::optional<WsimEngine> found = read_engine(field.text);
  if (!found) error(field.column, "unknown engine " + quoted(field.text), closest(field.text, engine_names()));
  return found;
}

// "A|B|...". Each physical engine at most once; DEFAULT never.
std::vector<WsimEngine> StepReader::engine_list(Field field, bool classes_allowed) {
  std::vector<WsimEngine> engines;
  for (const Field& token : split(field, '|')) {
    const std::optional<WsimEngine> found = engine(token);
    if (!found) continue;
    const bool is_class = *found == WsimEngine::vcs;
    const auto taken = [found, is_class](WsimEngine other) {
      const bool other_is_vcs = other == WsimEngine::vcs1 || other == WsimEngine::vcs2;
      const bool found_is_vcs = *found == WsimEngine::vcs1 || *found == WsimEngine::vcs2;
      return other == *found || (is_class && other_is_vcs) || (found_is_vcs && other == WsimEngine::vcs);
    };
    if (*found == WsimEngine::default_engine || (is_class && !classes_allowed))
      error(token.column, quoted(token.text) + " does not name one engine");
    else if (std::any_of(engines.begin(), engines.end(), taken))
      error(token.column, fmt::format("engine {} is in the list already", quoted(token.text)));
    else
      engines.push_back(*found);
  }
  return engines;
}

std::optional<StepRef> StepReader::earlier(Field field, bool (*is_allowed)(const StepBody&), std::string_view allowed) {
  const std::optional<std::int64_t> offset = read_integer(field.text);
  if (!offset || *offset >= 0) {
    error(field.column, "a reference is -N, N steps back from this one, not " + quoted(field.text));
    return std::nullopt;
  }
  const auto back = static_cast<std::size_t>(-*offset);
  if (back > step_.index) {
    error(field.column, quoted(field.text) + " reaches before the first step");
    return std::nullopt;
  }
  const std::size_t target = step_.index - back;
  const Step& step = program_.steps[target];
  if (!unreadable_[target] && !is_allowed(step.body)) {
    error(field.column, fmt::format("step {} (line {}) is not {}", target, step.line, allowed));
    return std::nullopt;
  }
  return StepRef{target, field.column};
}

template <typename Body, typename Member>
void StepReader::one_number(std::string_view form, std::int64_t lowest, std::string_view what, Member Body::* member) {
  if (!want(2, form)) return;
  Body body;
  body.*member = static_cast<Member>(number(fields_[1], lowest, int_max, what));
  step_.body = body;
}

template <typename Body, typename Kind>
void StepReader::one_target(std::string_view form, std::string_view allowed) {
  if (!want(2, form)) return;
  if (const std::optional<StepRef> target = earlier(fields_[1], holds<Kind>, allowed)) step_.body = Body{*target};
}

void StepReader::read_terminate() {
  one_target<Terminate, Batch>("T.-N", "a batch");
  const auto* terminate = std::get_if<Terminate>(&step_.body);
  if (terminate == nullptr || unreadable_[terminate->target.step]) return;
  if (!std::get<Batch>(program_.steps[terminate->target.step].body).duration.unbounded)
    error(fields_[1].column, fmt::format("step {} is not an unbounded batch ('*')", terminate->target.step));
}

void StepReader::read_priority() {
  if (!want(3, "P.ctx.priority")) return;
  Priority priority;
  priority.context = control_context();
  priority.value = static_cast<std::int32_t>(number(fields_[2], -highest_priority, highest_priority, "priority"));
  step_.body = priority;
}

void StepReader::read_preemption() {
  if (!want(3, "X.ctx.us")) return;
  Preemption preemption;
  preemption.context = control_context();
  preemption.period_us = static_cast<std::uint64_t>(number(fields_[2], 0, int_max, "preemption period"));
  step_.body = preemption;
}

void StepReader::read_slice_mask() {
  if (!want(3, "S.ctx.mask")) return;
  SliceMask mask;
  mask.context = control_context();
  mask.mask = number(fields_[2], -int_max, int_max, "slice mask");
  step_.body = mask;
}

void StepReader::read_map() {
  if (!want(3, "M.ctx.ENGINE|ENGINE")) return;
  EngineMap map;
  map.context = control_context();
  map.engines = engine_list(fields_[2], true);
  step_.body = std::move(map);
}

void StepReader::read_balance() {
  if (want(2, "B.ctx")) step_.body = Balance{control_context()};
}

void StepReader::read_bond() {
  if (!want(4, "b.ctx.ENGINE|ENGINE.master")) return;
  Bond bond;
  bond.context = control_context();
  bond.siblings = engine_list(fields_[2], false);
  const std::vector<WsimEngine> master = engine_list(fields_[3], false);
  if (master.size() > 1)
    error(fields_[3].column, "a bond has one master engine");
  else if (!master.empty())
    bond.master = master.front();
  step_.body = std::move(bond);
}

void StepReader::read_working_set(bool shared) {
  if (!want(3, shared ? "W.id.sizes" : "w.id.sizes")) return;
  WorkingSet set;
  set.shared = shared;
  set.id = static_cast<std::uint32_t>(number(fields_[1], 0, int_max, "working set"));
  for (const Field& token : split(fields_[2], '/'))
    if (const std::optional<ObjectSizes> sizes = object_sizes(token)) set.sizes.push_back(*sizes);
  step_.body = std::move(set);
}

// "[count n]size[-size]"
std::optional<ObjectSizes> StepReader::object_sizes(Field token) {
  ObjectSizes sizes;
  Field rest = token;
  if (const std::size_t n = token.text.find('n'); n != std::string_view::npos) {
    sizes.count = static_cast<std::uint32_t>(number(token.until(n), 1, most_objects, "number of objects"));
    rest = token.from(n + 1);
  }
  const std::size_t dash = rest.text.find('-');
  const Field low = rest.until(dash);
  const Field high = dash == std::string_view::npos ? low : rest.from(dash + 1);
  const std::optional<std::uint64_t> smallest = read_size(low.text);
  const std::optional<std::uint64_t> largest = read_size(high.text);
  if (!smallest || !largest) {
    const Field& wrong = smallest ? high : low;
    error(wrong.column, "a size is a number of bytes from 1 on, with k, m or g, not " + quoted(wrong.text));
    return std::nullopt;
  }
  if (*largest < *smallest) {
    error(high.column, fmt::format("largest size {} is below the smallest", high.text));
    return std::nullopt;
  }
  sizes.min_bytes = *smallest;
  sizes.max_bytes = *largest;
  return sizes;
}

void StepReader::read_assignment() {
  if (!want(3, "v.id.ctx")) return;
  AssignAddressSpace assign;
  assign.id = static_cast<std::uint32_t>(number(fields_[1], 1, int_max, "address space"));
  assign.context = static_cast<std::uint32_t>(number(fields_[2], 1, int_max, "context"));
  step_.body = assign;
}

}  // namespace gpusim::workload
