// SPDX-License-Identifier: MIT
#include "sim/scenario/loader.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "base/read_file.h"
#include "sim/scenario/aiming.h"
#include "sim/scenario/checks.h"
#include "sim/scenario/document.h"
#include "sim/scenario/levels.h"
#include "sim/scenario/plug_ins.h"
#include "sim/scenario/possible_faults.h"
#include "sim/scenario/settings.h"
#include "sim/scenario/sharing.h"
#include "sim/scenario/transfers.h"
#include "sim/scenario/unread.h"
#include "sim/workload/steps_parser.h"
#include "sim/workload/wsim_parser.h"

namespace gpusim::scenario {

namespace {

namespace fs = std::filesystem;

class Loader {
 public:
  Loader(const fs::path& file, const LoadOptions& options)
      : file_{file.generic_string()}, folder_{file.parent_path()}, options_{options} {
    spec_.is_explored = options.for_exploration;
  }

  [[nodiscard]] LoadResult load(const std::optional<Node>& document) {
    if (document && document->find("scenario") != nullptr && document->find("client") == nullptr) {
      return fail("this is an experiment, not a scenario: gpusim compare runs it");
    }
    if (document && has_too_many_clients(*document)) return std::move(result_);
    if (document) settings_.read_scenario(*document, result_.problems);
    for (std::size_t i = 0; i < options_.sets.size(); ++i) {
      const auto number = static_cast<std::uint32_t>(i + 1);
      const std::optional<Node> set = parse_override(options_.sets[i], number, result_.problems);
      if (set) settings_.read_override(*set, number, result_.problems);
    }
    read_seed();
    for (const std::string_view section : {"device", "driver", "host"}) read_preset(section);
    if (document) {
      settings_.check_complete(file_, *document, result_.problems);
      build();
      read_plug_ins();
      check_machine(settings_, spec_, result_.problems);
      check_clients(settings_, spec_, result_.problems);
      check_transfers(settings_, spec_, result_.problems);
      check_sharing(settings_, spec_, result_.problems);
      aim_faults(settings_, spec_, result_.problems);
      refuse_impossible_faults(settings_, spec_, result_.problems);
    }
    return finish();
  }

  [[nodiscard]] LoadResult fail(std::string what) {
    result_.problems.push_back({{file_, 0, 0}, std::move(what), {}});
    return std::move(result_);
  }
  [[nodiscard]] std::vector<Problem>& problems() { return result_.problems; }
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  /// Said before any of them is read: each costs a copy of all parameters of clients.
  [[nodiscard]] bool has_too_many_clients(const Node& document) {
    const auto most = static_cast<std::size_t>(parameter_at("device.max_queues").max);
    const Entry* const clients = document.find("client");
    if (clients == nullptr || clients->value.list.size() <= most) return false;
    result_.problems.push_back(
        {clients->value.list[most].place,
         fmt::format("{} [[client]] tables are too many; {} are the most, as many as a device has queues",
                     clients->value.list.size(), most),
         {}});
    return true;
  }

  void read_seed() {
    if (!options_.seed) return;
    const Place place{"--seed", 1, 1};
    if (*options_.seed > static_cast<std::uint64_t>(parameter_at("seed").max)) {
      result_.problems.push_back({place, "seed must be " + expected(parameter_at("seed"), Unit::ns), {}});
      return;
    }
    Setting setting;
    setting.value.number = static_cast<std::int64_t>(*options_.seed);
    setting.place = place;
    settings_.set("seed", std::move(setting), command_line_layer(static_cast<std::uint32_t>(options_.sets.size() + 1)));
  }

  void read_preset(std::string_view section) {
    const Slot& slot = settings_.at("use." + std::string{section});
    std::string name = slot.setting.value.text;
    if (name.empty()) return;
    // A path on the command line begins where the user is.
    const fs::path folder = slot.layer >= Layer::command_line && name.ends_with(".toml") ? "" : folder_;
    const std::optional<fs::path> path =
        find_preset(section, name, folder, options_.config_dir, slot.setting.place, result_.problems);
    if (!path) return;
    if (is_former_name(name, *path)) {
      spec_.notices.push_back(fmt::format("use.{} = {} is a former name of {}", section, name, path->stem().string()));
      name = path->stem().string();
    }
    const std::optional<std::string> text = read_file(*path);
    if (!text) {
      result_.problems.push_back({slot.setting.place, fmt::format("'{}' cannot be read", path->generic_string()), {}});
      return;
    }
    if (const auto own = hidden_preset(section, name, *path, options_.config_dir)) {
      spec_.notices.push_back(fmt::format(
          "use.{0} = {1} is ../{0}s/{1}.toml beside the scenario, not the program's own, which says something else",
          section, name));
    }
    const std::optional<Node> document = parse_document(*text, path->generic_string(), result_.problems);
    if (document) settings_.read_preset(*document, section, result_.problems);
  }

  void build() {
    if (settings_.at("name").setting.value.text.empty()) {
      Setting name;
      name.value.text = in_one_line(fs::path{file_}.stem().string());
      settings_.set("name", std::move(name), Layer::built_in);
    }
    for (const Parameter& parameter : parameters().subspan(1)) {
      parameter.store({&spec_, nullptr}, parameter, settings_.slots()[parameter.index].setting.value);
    }
    spec_.device.estimated_work = static_cast<std::uint16_t>(parameters().size());  // behind all that has a row
    spec_.expectations = settings_.expectations();
    const std::span<const Parameter> table = client_parameters();
    for (const ClientSettings& settings : settings_.clients()) {
      workload::ClientSpec& client = spec_.clients.emplace_back();
      for (std::size_t i = 0; i < table.size(); ++i) {
        if (table[i].kind && table[i].kind != settings.kind()) continue;
        const Setting& setting = settings.slots[i].setting;
        table[i].store({&spec_, &client}, table[i], setting.value);
        if (table[i].mark_estimate != nullptr && trace::is_uncertain(setting.tag))
          table[i].mark_estimate({&spec_, &client});
      }
      ProgramText& program = programs_.emplace_back();
      if (auto* wsim = std::get_if<workload::WsimSpec>(&client.workload)) read_program(settings, *wsim, program);
      if (auto* steps = std::get_if<workload::StepsSpec>(&client.workload)) read_steps(settings, *steps, program);
    }
    build_faults();
  }

  void build_faults() {
    const std::span<const Parameter> table = fault_parameters();
    for (const FaultSettings& settings : settings_.faults()) {
      fault::AimedFault& fault = spec_.fault.aimed.emplace_back();
      for (std::size_t i = 0; i < table.size(); ++i) {
        table[i].store({&spec_, nullptr, &fault}, table[i], settings.slots[i].setting.value);
      }
      // As in notes: results do not depend on where files lie.
      fault.place =
          fmt::format("{}:{}", in_one_line(fs::path{settings.place.file}.filename().string()), settings.place.line);
    }
  }

  void read_plug_ins() {
    const Slot& slot = settings_.at("plug_ins");
    if (slot.is_broken) return;
    // As with presets, a path on the command line begins where the user is.
    const fs::path folder = slot.layer >= Layer::command_line ? fs::path{} : folder_;
    std::vector<fs::path> files;
    for (const std::string& name : spec_.plug_in_files) files.push_back(folder / name);
    const std::size_t before = result_.problems.size();
    const std::vector<LoadedPlugIn> plug_ins = load_plug_ins(files, slot.setting.place, result_.problems);
    if (result_.problems.size() > before) return;
    choose_modules(plug_ins, settings_, spec_.device.modules, result_.problems, spec_.notices);
    if (plug_ins.empty()) return;
    // resolved.toml lies elsewhere, and is to find them.
    Setting resolved = slot.setting;
    resolved.value.text.clear();
    for (const LoadedPlugIn& plug_in : plug_ins) {
      resolved.value.text += (resolved.value.text.empty() ? "" : " ") + plug_in.file.string();
      spec_.plug_ins.push_back(plug_in.text);
    }
    settings_.set("plug_ins", std::move(resolved), slot.layer);
  }

  void read_program(const ClientSettings& settings, workload::WsimSpec& wsim, ProgramText& program) {
    const Slot& file = settings.at("client.file");
    const Slot& text = settings.at("client.program");
    if (file.is_broken || text.is_broken) return;
    // Of the two the later one counts: --set gives a client of a file another program, or the other way round.
    if (file.is_given == text.is_given && file.layer == text.layer) {
      result_.problems.push_back({file.is_given ? file.setting.place : settings.place,
                                  settings.shown + " must have either file or program",
                                  {}});
      return;
    }
    if (text.is_given && (!file.is_given || text.layer > file.layer)) {
      program.text = text.setting.value.text;
      parse_program(text.setting.place, file_, wsim, program);
      return;
    }
    const fs::path folder = file.layer >= Layer::command_line ? fs::path{} : folder_;
    program.file = (folder / file.setting.value.text).lexically_normal().generic_string();
    std::optional<std::string> content = read_file(program.file);
    if (!content) {
      result_.problems.push_back({file.setting.place, fmt::format("there is no file '{}'", program.file), {}});
      return;
    }
    program.text = *std::move(content);
    parse_program({}, program.file, wsim, program);
  }

  // `inside` is the place of a text that stands in the scenario; none: the text is a file of its own.
  void parse_program(const Place& inside, const std::string& file, workload::WsimSpec& wsim, ProgramText& program) {
    workload::WsimParseResult parsed = workload::parse_wsim(program.text, file);
    report(inside, parsed.problems);
    if (!parsed.ok()) return;
    for (const workload::Notice& notice : parsed.program->notices) {
      Place place = inside.is_default() ? Place{file, notice.line, notice.column} : inside;
      // Notes are a part of results, which do not depend on where files lie.
      if (!place.file.starts_with("--")) place.file = fs::path{place.file}.filename().string();
      spec_.notices.push_back(fmt::format("{}: step {}: {}", to_string(place), notice.step, notice.message));
    }
    program.steps = parsed.program->steps.size();
    wsim.program = *std::move(parsed.program);
  }

  void read_steps(const ClientSettings& settings, workload::StepsSpec& steps, ProgramText& program) {
    const Slot& text = settings.at("client.program");
    if (text.is_broken || !text.is_given) return;
    program.text = text.setting.value.text;
    workload::StepsParseResult parsed = workload::parse_steps(program.text, file_, spec_.share);
    report(text.setting.place, parsed.problems);
    if (!parsed.ok()) return;
    program.steps = parsed.program->steps.size();
    steps.program = *std::move(parsed.program);
  }

  // `inside` as above.
  void report(const Place& inside, const std::vector<workload::WsimProblem>& found) {
    for (const workload::WsimProblem& problem : found) {
      const std::string step = problem.step ? fmt::format("step {}: ", *problem.step) : "";
      if (inside.is_default()) {
        result_.problems.push_back(
            {{problem.file, problem.line, problem.column}, step + problem.message, problem.suggestion});
      } else {
        result_.problems.push_back({inside,
                                    fmt::format("line {}, column {} of the program: {}{}", problem.line, problem.column,
                                                step, problem.message),
                                    problem.suggestion});
      }
    }
  }

  [[nodiscard]] LoadResult finish() {
    std::vector<Problem>& problems = result_.problems;
    sort_by_place(problems);
    // Two clients may run one broken program.
    const auto same = [](const Problem& a, const Problem& b) { return a.place == b.place && a.what == b.what; };
    problems.erase(std::unique(problems.begin(), problems.end(), same), problems.end());
    if (problems.empty()) {
      for (std::string& notice : unread_notices(settings_, spec_)) spec_.notices.push_back(std::move(notice));
      for (std::string& notice : level_notices(spec_)) spec_.notices.push_back(std::move(notice));
      for (std::string& notice : sharing_notices(spec_)) spec_.notices.push_back(std::move(notice));
      for (std::string& notice : transfer_notices(spec_)) spec_.notices.push_back(std::move(notice));
      const auto is_asked = [this](std::string_view path) { return settings_.at(path).is_asked(parameter_at(path)); };
      spec_.asks_for_timeout = is_asked("scheduler.timeout");
      spec_.asks_for_preempt_timeout = is_asked("device.preempt_timeout");
      result_.resolved = resolve(file_, settings_, programs_);
      result_.spec = std::move(spec_);
    }
    return std::move(result_);
  }

  std::string file_;
  fs::path folder_;
  const LoadOptions& options_;
  Settings settings_;
  ScenarioSpec spec_;
  std::vector<ProgramText> programs_;  // by client
  LoadResult result_;
};

[[nodiscard]] Node text_node(std::string text, const Place& place) {
  Node node;
  node.kind = Node::Kind::text;
  node.place = place;
  node.text = std::move(text);
  return node;
}

// A name that a client may have.
[[nodiscard]] std::string client_name(const std::string& stem) {
  std::string name = stem.empty() ? "wsim" : stem;
  for (char& c : name) {
    const bool is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!is_good) c = '_';
  }
  return name;
}

}  // namespace

LoadResult load_scenario_text(std::string_view text, const fs::path& file, const LoadOptions& options) {
  Loader loader{file, options};
  return loader.load(parse_document(text, loader.file(), loader.problems()));
}

LoadResult load_scenario(const fs::path& file, const LoadOptions& options) {
  const std::optional<std::string> text = read_file(file);
  if (!text) return Loader{file, options}.fail(why_not_read(file));
  return load_scenario_text(*text, file, options);
}

LoadResult load_wsim_as_scenario(const fs::path& file, const LoadOptions& options) {
  Loader loader{file, options};
  if (!read_file(file)) return loader.fail(why_not_read(file));
  const Place place{loader.file(), 0, 0};
  Node client;
  client.kind = Node::Kind::table;
  client.place = place;
  for (const auto& [key, value] : {std::pair<std::string, std::string>{"name", client_name(file.stem().string())},
                                   {"workload", "wsim"},
                                   {"file", file.filename().string()}}) {
    client.table.push_back({key, place, text_node(value, place)});
  }
  Node clients;
  clients.kind = Node::Kind::list;
  clients.place = place;
  clients.list.push_back(std::move(client));
  Node document;
  document.kind = Node::Kind::table;
  document.place = place;
  document.table.push_back({"client", place, std::move(clients)});
  return loader.load(document);
}

LoadResult load_file(const fs::path& file, const LoadOptions& options) {
  return file.extension() == ".wsim" ? load_wsim_as_scenario(file, options) : load_scenario(file, options);
}

}  // namespace gpusim::scenario
