// SPDX-License-Identifier: MIT
#include "sim/fault/aims.h"

#include <fmt/core.h>

#include "sim/fault/aimed_kinds.h"

namespace gpusim::fault {

Aims::Aims(const std::vector<AimedFault>& faults, const trace::Names* names, std::uint64_t seed) : names_{names} {
  aims_.reserve(faults.size());
  for (const AimedFault& fault : faults) {
    by_kind_[static_cast<std::size_t>(fault.kind)].push_back(aims_.size());
    const std::size_t number = aims_.size() + 1;
    aims_.push_back({.fault = fault, .number = number, .random = Prng{seed, fmt::format("faults.{}", number)}});
  }
}

const AimedFault* Aims::strike(Kind kind, SimTime now, std::uint32_t queue, std::uint32_t unit) {
  const AimedFault* first = nullptr;
  for (const std::size_t index : by_kind_[static_cast<std::size_t>(kind)]) {
    Aim& aim = aims_[index];
    if (!is_aimed_at(aim.fault, now, queue, unit)) continue;
    if (++aim.came < aim.fault.nth) continue;
    if (aim.fault.count != 0 && aim.struck == aim.fault.count) continue;
    const bool is_sure = aim.fault.probability_ppm >= AimedFault::kAlways;
    if (!is_sure && aim.random.uniform(1, AimedFault::kAlways) > aim.fault.probability_ppm) continue;
    ++aim.struck;
    if (first == nullptr) first = &aim.fault;
  }
  return first;
}

bool Aims::is_aimed_at(const AimedFault& fault, SimTime now, std::uint32_t queue, std::uint32_t unit) const {
  if (now < SimTime{fault.from}) return false;
  if (fault.until.count() != 0 && now >= SimTime{fault.until}) return false;
  if (unit < 64 && (fault.units >> unit & 1) == 0) return false;
  return is_of(fault, queue);
}

bool Aims::is_of(const AimedFault& fault, std::uint32_t queue) const {
  if (fault.client.empty() && fault.queue.empty()) return true;
  if (names_ == nullptr || queue == 0 || queue >= names_->queues.size()) return false;
  const trace::QueueName& known = names_->queues[queue];
  if (!fault.queue.empty() && fault.queue != known.name) return false;
  if (fault.client.empty()) return true;
  if (known.client >= names_->clients.size()) return false;
  // A client's name has no dot; that of a clone has one.
  const std::string& client = names_->clients[known.client];
  return client == fault.client || client.substr(0, client.find('.')) == fault.client;
}

std::vector<std::string> Aims::not_happened() const {
  std::vector<std::string> lines;
  for (const Aim& aim : aims_) {
    const AimedFault& fault = aim.fault;
    const bool is_sure = fault.probability_ppm >= AimedFault::kAlways;
    const bool is_short = is_sure && aim.struck < fault.count;
    if (aim.struck != 0 && !is_short) continue;
    const AimedKind* kind = aimed_kind(fault.kind);
    const OccasionRow& occasion = row_of(kind->occasion);
    const std::string what =
        aim.struck == 0 ? "did not happen" : fmt::format("happened {} of {} times", aim.struck, fault.count);
    const std::string where = fault.place.empty() ? "" : ", " + fault.place;
    lines.push_back(fmt::format("faults.{} ({}{}) {}: {} {} that it is aimed at", aim.number,
                                explored(fault.kind).place.name(), where, what, aim.came,
                                aim.came == 1 ? occasion.one : occasion.many));
  }
  return lines;
}

}  // namespace gpusim::fault
