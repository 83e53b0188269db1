// SPDX-License-Identifier: MIT
#include "traces/sinks/template.h"

#include <algorithm>
#include <array>

#include "base/errno.h"
#include "base/invariant.h"

namespace gpusim::trace {
namespace {

[[noreturn]] void refuse(std::string_view whole, const std::string& why) {
  violate("event_template", why + " in the template '" + std::string{whole} + "'");
}

std::uint32_t client_of(const Event& event, const Names& names) {
  const bool known = event.queue != 0 && event.queue < names.queues.size();
  return known ? names.queues[event.queue].client : static_cast<std::uint32_t>(event.a);
}

}  // namespace

Template::Template(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t brace = std::min(text.find_first_of("{}", at), text.size());
    add_literal(text.substr(at, brace - at));
    if (brace == text.size()) break;
    const std::size_t close = text[brace] == '{' ? text.find('}', brace) : std::string_view::npos;
    if (close == std::string_view::npos) refuse(text, "unbalanced brace");
    steps_.push_back(parse_placeholder(text.substr(brace + 1, close - brace - 1), text));
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

Template::Step Template::parse_placeholder(std::string_view inside, std::string_view whole) {
  struct Word {
    std::string_view name;
    Op op;
    bool takes_field;
  };
  static constexpr std::array<Word, 17> kWords{{
      {"job", Op::job, false},
      {"queue", Op::queue, false},
      {"unit", Op::unit, false},
      {"client", Op::client, false},
      {"hi", Op::high, true},
      {"lo", Op::low, true},
      {"ps", Op::duration, true},
      {"errno", Op::error, true},
      {"ring", Op::ring, false},
      {"client_name", Op::client_name, false},
      {"dev", Op::device, false},
      {"engine", Op::engine, false},
      {"vector", Op::vector, false},
      {"thread", Op::thread, true},
      {"fw", Op::firmware_event, true},
      {"msg", Op::message, true},
      {"work", Op::work, true},
  }};
  const auto field_of = [&](std::string_view field) {
    if (field == "a") return &Event::a;
    if (field == "b") return &Event::b;
    if (field == "c") return &Event::c;
    refuse(whole, "unknown field in {" + std::string{inside} + "}");
  };
  Step step;
  if (inside == "a" || inside == "b" || inside == "c") {
    step.op = Op::number;
    step.field = field_of(inside);
    return step;
  }
  const std::size_t colon = inside.find(':');
  const std::string_view name = inside.substr(0, colon);
  for (const Word& word : kWords) {
    if (word.name != name) continue;
    if (word.takes_field != (colon != std::string_view::npos)) {
      refuse(whole, "{" + std::string{inside} + (word.takes_field ? "} lacks its field" : "} takes no field"));
    }
    step.op = word.op;
    if (word.takes_field) step.field = field_of(inside.substr(colon + 1));
    return step;
  }
  refuse(whole, "unknown placeholder {" + std::string{inside} + "}");
}

std::uint64_t Template::number_of(const Step& step, const Event& event) {
  switch (step.op) {
    case Op::job:
      return event.job;
    case Op::queue:
    case Op::ring:
    case Op::client_name:
      return event.queue;
    case Op::unit:
    case Op::engine:
    case Op::vector:
      return event.unit;
    case Op::high:
      return event.*step.field >> 32;
    case Op::low:
      return event.*step.field & 0xffff'ffffU;
    case Op::literal:
    case Op::device:
      return 0;
    case Op::number:
    case Op::client:
    case Op::duration:
    case Op::error:
    case Op::thread:
    case Op::firmware_event:
    case Op::message:
    case Op::work:
      return event.*step.field;
  }
  return 0;
}

std::string_view Template::name_of(const Step& step, const Event& event, const Names& names) {
  const std::uint64_t number = number_of(step, event);
  switch (step.op) {
    case Op::ring:
      return number < names.queues.size() ? std::string_view{names.queues[number].name} : "?";
    case Op::client_name:
      return Names::of(names.clients, client_of(event, names));
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
    case Op::message:
      return Names::of(names.messages, number);
    case Op::work:
      return Names::of(names.works, number);
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
        out.append_decimal(client_of(event, names));
        break;
      case Op::duration:
        append_duration(event.*step.field, out);
        break;
      case Op::error:
        out.append(to_string(static_cast<Errno>(event.*step.field)));
        break;
      default:
        if (is_name(step.op)) {
          out.append(name_of(step, event, names));
        } else {
          out.append_decimal(number_of(step, event));
        }
    }
  }
}

void Template::find_key() {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Op op = steps_[i].op;
    names_job_ = names_job_ || op == Op::job;
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
