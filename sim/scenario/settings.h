// SPDX-License-Identifier: MIT
// All values of a scenario while its texts are read: the built-in defaults, over them the presets, over them the
// scenario's own tables, over them what the command line sets. Reports what is unknown, of the wrong type, out of
// range, given twice or missing; does not compare one parameter with another (checks.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/document.h"
#include "sim/scenario/expectations.h"
#include "sim/scenario/parameter_table.h"
#include "sim/scenario/problem.h"
#include "sim/scenario/values.h"

namespace gpusim::scenario {

/// Which text a value comes from; higher ones win, whatever the order of reading. Each --set is a layer of its own.
enum class Layer : std::uint32_t { built_in, preset, scenario, command_line };
[[nodiscard]] constexpr Layer command_line_layer(std::uint32_t number) {
  return static_cast<Layer>(static_cast<std::uint32_t>(Layer::command_line) + number);
}

/// One slot for each row of a table.
struct Slot {
  Setting setting;
  Layer layer = Layer::built_in;
  std::string unit_key;            ///< the key by which `layer` set it
  bool is_given = false;           ///< by any text, readable or not
  bool is_broken = false;          ///< a text gave something else than the parameter holds
  std::optional<Value> of_preset;  ///< what a preset gives, overridden or not

  [[nodiscard]] bool is_of_preset() const { return layer == Layer::preset || setting.is_of_preset; }
  /// The scenario or an option wants another value than what would be there without it. A preset asks for nothing: it
  /// describes a thing as it is, whatever the scenario is about.
  [[nodiscard]] bool is_asked(const Parameter& parameter) const {
    return !is_of_preset() && setting.value != of_preset.value_or(parameter.fallback);
  }
};

struct ClientSettings {
  Place place;              ///< of its [[client]]
  std::string shown;        ///< "client.web", for messages
  std::vector<Slot> slots;  ///< by row of client_parameters()

  [[nodiscard]] std::optional<WorkloadKind> kind() const;
  /// Pre: the client's kind has such a key.
  [[nodiscard]] const Slot& at(std::string_view path) const;
};

struct FaultSettings {
  Place place;              ///< of its [[faults]]
  std::string shown;        ///< "faults.2", for messages
  std::vector<Slot> slots;  ///< by row of fault_parameters()

  /// Violates "parameter_table" if there is no such key.
  [[nodiscard]] const Slot& at(std::string_view path) const;
};

/// One for each row, as it is when nothing is said.
[[nodiscard]] std::vector<Slot> default_slots(std::span<const Parameter> table);

class Settings {
 public:
  Settings();

  void read_scenario(const Node& document, std::vector<Problem>& problems);
  void read_override(const Node& document, std::uint32_t number, std::vector<Problem>& problems);
  /// A preset may give `description`, `former_names` and keys of its own section: "device", "driver" or "host".
  void read_preset(const Node& document, std::string_view section, std::vector<Problem>& problems);
  /// Sets a parameter that no text gives.
  void set(std::string_view path, Setting setting, Layer layer);

  /// Reports required values that no text gives.
  void check_complete(const std::string& file, const Node& document, std::vector<Problem>& problems) const;

  [[nodiscard]] const Slot& at(std::string_view path) const { return slots_[parameter_at(path).index]; }
  [[nodiscard]] const std::vector<Slot>& slots() const { return slots_; }
  [[nodiscard]] const std::vector<ClientSettings>& clients() const { return clients_; }
  [[nodiscard]] const std::vector<FaultSettings>& faults() const { return faults_; }
  [[nodiscard]] const std::vector<Expectation>& expectations() const { return expectations_; }

 private:
  struct Reading {  // where a walk is
    std::span<const Parameter> table;
    std::vector<Slot>* slots = nullptr;
    std::optional<WorkloadKind> kind;
    std::string shown_root;  // what stands for "client" or "faults" in messages
    Layer layer = Layer::built_in;
    std::vector<Problem>* problems = nullptr;
  };
  void read_table(const Node& table, const std::string& section, const Reading& reading);
  void read_value(const Entry& entry, const KeyMatch& match, const std::string& shown, const Reading& reading);
  static void unknown_key(const Entry& entry, const std::string& section, const std::string& path,
                          const Reading& reading);
  void read_top(const Entry& entry, Layer layer, std::vector<Problem>& problems);
  void read_clients(const Entry& entry, std::vector<Problem>& problems);
  void override_clients(const Entry& entry, Layer layer, std::vector<Problem>& problems);
  void override_client(ClientSettings& client, const Node& keys, Layer layer, std::vector<Problem>& problems);

  // settings_faults.cpp
  void read_faults(const Entry& entry, std::vector<Problem>& problems);
  void read_fault(FaultSettings& fault, const Node& keys, Layer layer, std::vector<Problem>& problems);
  void override_faults(const Entry& entry, Layer layer, std::vector<Problem>& problems);
  void check_faults_complete(std::vector<Problem>& problems) const;

  std::vector<Slot> slots_;  // by Parameter::index
  std::vector<ClientSettings> clients_;
  std::vector<FaultSettings> faults_;
  std::vector<Expectation> expectations_;
  bool names_clients_ = false;
};

}  // namespace gpusim::scenario
