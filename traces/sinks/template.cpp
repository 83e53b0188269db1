// SPDX-License-Identifier: MIT
#include "traces/sinks/template.h"

#include <algorithm>
#include <array>

#include "base/errno.h"
#include "base/invariant.h"
#include "traces/event/event_table.h"

namespace gpusim::trace {
namespace {

[[noreturn]] void refuse(std::string_view whole, const std::string& why) {
  violate("event_template", why + " in the template '" + std::string{whole} + "'");
}

std::uint64_t client_of(const Event& event, Slot slot, const Names& names) {
  const bool known = event.queue != 0 && event.queue < names.queues.size();
  return known ? names.queues[event.queue].client : word(event, slot);
}

}  // namespace

Template::Template(std::string_view text, EventKind kind) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t brace = std::min(text.find_first_of("{}", at), text.size());
    add_literal(text.substr(at, brace - at));
    if (brace == text.size()) break;
    const std::size_t close = text[brace] == '{' ? text.find('}', brace) : std::string_view::npos;
    if (close == std::string_view::npos) refuse(text, "unbalanced brace");
    steps_.push_back(parse_placeholder(text.substr(brace + 1, close - brace - 1), text, kind));
    at = close + 1;
  }
  find_key();
}

void Template::add_literal(std::string_view text) {
  if (text.empty()) return;
  Step step;
  step.begin = static_cast<std::uint32_t>(literals_.size());
  step.length = static_cast<std::uint32_t>(text.size());
  steps_.push_back(step);
  literals_ += text;
}

Template::Step Template::parse_placeholder(std::string_view inside, std::string_view whole, EventKind kind) {
  struct Word {
    std::string_view name;
    Op op;
  };
  static constexpr std::array<Word, 10> kPrefixes{{{"ps", Op::duration},
                                                   {"errno", Op::error},
                                                   {"engine", Op::engine},
                                                   {"vector", Op::vector},
                                                   {"thread", Op::thread},
                                                   {"fw", Op::firmware_event},
                                                   {"refusal", Op::refusal},
                                                   {"msg", Op::message},
                                                   {"rule", Op::rule},
                                                   {"work", Op::work}}};
  static constexpr std::array<Word, 4> kWords{
      {{"client", Op::client}, {"ring", Op::ring}, {"client_name", Op::client_name}, {"dev", Op::device}}};
  Step step;
  const std::size_t colon = inside.find(':');
  for (const Word& word : kWords) {
    if (word.name != inside) continue;
    step.op = word.op;
    const FieldInfo* client = info(kind).find_field("client");
    if (client != nullptr && word.op != Op::ring) step.slot = client->slot;
    return step;
  }
  step.op = Op::number;
  if (colon != std::string_view::npos) {
    const auto* prefix = std::find_if(kPrefixes.begin(), kPrefixes.end(),
                                      [&](const Word& word) { return word.name == inside.substr(0, colon); });
    if (prefix == kPrefixes.end()) refuse(whole, "unknown placeholder {" + std::string{inside} + "}");
    step.op = prefix->op;
  }
  const std::string_view name = colon == std::string_view::npos ? inside : inside.substr(colon + 1);
  const FieldInfo* field = info(kind).find_field(name);
  if (field == nullptr) {
    refuse(whole, "{" + std::string{inside} + "} names no field of " + std::string{info(kind).name});
  }
  step.slot = field->slot;
  return step;
}

std::string_view Template::name_of(const Step& step, const Event& event, const Names& names) {
  const std::uint64_t number = word(event, step.slot);
  switch (step.op) {
    case Op::ring:
      return number < names.queues.size() ? std::string_view{names.queues[number].name} : "?";
    case Op::client_name:
      return Names::of(names.clients, client_of(event, step.slot, names));
    case Op::device:
      return names.device;
    case Op::engine:
      return number < names.engines.size() ? std::string_view{names.engines[number].name} : "?";
    case Op::vector:
      return Names::of(names.vectors, number);
    case Op::thread:
      return Names::of(names.threads, number);
    case Op::firmware_event:
      return Names::of(names.firmware_events, number);
    case Op::refusal:
      return Names::of(names.refusals, number);
    case Op::message:
      return Names::of(names.messages, number);
    case Op::work:
      return Names::of(names.works, number);
    case Op::rule:
      return number < kPickRuleNames.size() ? kPickRuleNames[number] : "?";
    default:
      return "?";
  }
}

void Template::render(const Event& event, const Names& names, ByteBuffer& out) const {
  for (const Step& step : steps_) {
    switch (step.op) {
      case Op::literal:
        out.append(std::string_view{literals_}.substr(step.begin, step.length));
        break;
      case Op::client:
        out.append_decimal(client_of(event, step.slot, names));
        break;
      case Op::duration:
        append_duration(word(event, step.slot), out);
        break;
      case Op::error:
        out.append(to_string(static_cast<Errno>(word(event, step.slot))));
        break;
      default:
        if (is_name(step.op)) {
          out.append(name_of(step, event, names));
        } else {
          out.append_decimal(word(event, step.slot));
        }
    }
  }
}

void Template::find_key() {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Op op = steps_[i].op;
    names_job_ = names_job_ || (op == Op::number && steps_[i].slot == Slot::job);
    if (op == Op::literal || op == Op::device) continue;
    has_key_ = has_key_ && key_step_ == kFixed && is_name(op) && op != Op::client_name;
    key_step_ = i;
  }
}

void append_duration(std::uint64_t count, ByteBuffer& out) {
  struct Unit {
    std::uint64_t size;
    std::size_t digits;
    std::string_view name;
  };
  static constexpr std::array<Unit, 5> kUnits{
      {{1'000'000'000'000, 12, "s"}, {1'000'000'000, 9, "ms"}, {1'000'000, 6, "us"}, {1'000, 3, "ns"}, {1, 0, "ps"}}};
  if (count == ~std::uint64_t{0}) {
    out.append("endless");
    return;
  }
  const auto* unit = std::find_if(kUnits.begin(), kUnits.end() - 1, [&](const Unit& u) { return count >= u.size; });
  out.append_decimal(count / unit->size);
  std::uint64_t fraction = count % unit->size;
  if (fraction != 0) {
    std::size_t digits = unit->digits;
    while (fraction % 10 == 0) {
      fraction /= 10;
      --digits;
    }
    out.append('.');
    out.append_decimal(fraction, digits, '0');
  }
  out.append(unit->name);
}

}  // namespace gpusim::trace
