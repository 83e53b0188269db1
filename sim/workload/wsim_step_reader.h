// SPDX-License-Identifier: MIT
// Reads one step of a .wsim program: fields into a StepBody, references checked against the steps before it.
//
// Internal to the parser. A reader reports what it cannot read and goes on where the rest still makes sense; the
// parser sees from the findings that the step is unreadable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/workload/wsim_check.h"
#include "sim/workload/wsim_fields.h"
#include "sim/workload/wsim_program.h"

namespace gpusim::workload {

class StepReader {
 public:
  // `program` holds the steps before this one; `unreadable` tells which of them failed; `step` has index and place
  // set and gets its body. All three outlive the reader.
  StepReader(const WsimProgram& program, const std::vector<bool>& unreadable, Step& step, Field text,
             WsimFindings& findings);

  void read();

 private:
  void error(std::uint32_t column, std::string message, std::string suggestion = {});
  void unknown();
  [[nodiscard]] bool want(std::size_t count, std::string_view form);
  [[nodiscard]] std::int64_t number(Field field, std::int64_t low, std::int64_t high, std::string_view what);
  [[nodiscard]] std::uint32_t control_context();
  [[nodiscard]] std::optional<WsimEngine> engine(Field field);
  [[nodiscard]] std::vector<WsimEngine> engine_list(Field field, bool classes_allowed);

  // "-N" as a reference to an earlier step for which `is_allowed` holds; `allowed` says in words which those are.
  [[nodiscard]] std::optional<StepRef> earlier(Field field, bool (*is_allowed)(const StepBody&),
                                               std::string_view allowed);
  template <typename... Kinds>
  [[nodiscard]] static bool holds(const StepBody& body) {
    return (std::holds_alternative<Kinds>(body) || ...);
  }
  template <typename Body, typename Member>
  void one_number(std::string_view form, std::int64_t lowest, std::string_view what, Member Body::* member);
  template <typename Body, typename Kind>
  void one_target(std::string_view form, std::string_view allowed);

  void read_batch();
  void read_duration(Field field, Duration& duration);
  void read_dependency(Field token, Batch& batch);
  void read_set_dependency(Field token, Batch& batch);
  void read_terminate();
  void read_priority();
  void read_preemption();
  void read_slice_mask();
  void read_map();
  void read_balance();
  void read_bond();
  void read_working_set(bool shared);
  [[nodiscard]] std::optional<ObjectSizes> object_sizes(Field token);
  void read_assignment();

  const WsimProgram& program_;
  const std::vector<bool>& unreadable_;
  Step& step_;
  Field text_;
  std::vector<Field> fields_;
  WsimFindings& findings_;
};

}  // namespace gpusim::workload
