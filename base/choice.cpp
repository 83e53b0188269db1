// SPDX-License-Identifier: MIT
#include "base/choice.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/core.h>

namespace gpusim {
namespace {

// How a seed decides: whether it disturbs a kind at all, and each place of that kind, and how often.
struct KindPolicy {
  std::string_view name;
  std::uint32_t enabled_permille;
  std::uint32_t place_permille;
  std::array<std::uint32_t, 4> one_in;  // rates, one of which a place gets
  std::uint32_t at_most;                // answers other than 0 in a run
};
constexpr std::uint32_t kNoLimit = 0xffff'ffff;

constexpr std::array<KindPolicy, kChoiceKinds> kPolicies{{
    {"order", 500, 700, {2, 4, 16, 64}, kNoLimit},
    {"placement", 400, 500, {2, 8, 32, 128}, kNoLimit},
    {"delay", 600, 400, {4, 16, 64, 256}, kNoLimit},
    {"interrupt", 500, 600, {2, 8, 32, 128}, kNoLimit},
    {"wake", 500, 500, {2, 8, 32, 128}, kNoLimit},
    {"race", 700, 500, {2, 8, 32, 128}, kNoLimit},
    {"fault", 500, 400, {2, 8, 32, 128}, 4},
    {"detail", 1'000, 1'000, {1, 1, 1, 2}, kNoLimit},
}};

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

std::uint64_t mix(std::uint64_t seed, std::uint64_t a, std::uint64_t b) {
  return mix(mix(seed + 0x9e3779b97f4a7c15U * (a + 1)) ^ b);
}

bool happens(std::uint64_t random, std::uint32_t permille) { return random % 1'000 < permille; }

template <class Integer>
bool parse_number(std::string_view text, Integer& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

std::string_view next_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t end = std::min(text.find(' ', begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::optional<ChoiceKind> find_kind(std::string_view name) {
  for (std::size_t i = 0; i < kChoiceKinds; ++i) {
    if (kPolicies[i].name == name) return static_cast<ChoiceKind>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(ChoiceKind kind) { return kPolicies[static_cast<std::size_t>(kind)].name; }

std::string to_text(const Choice& choice) {
  const std::string instance = choice.instance == 0 ? "" : fmt::format("/{}", choice.instance);
  return fmt::format("{} {}{} {} {}", to_string(choice.kind), choice.place, instance, choice.count, choice.value);
}

bool parse_choice(std::string_view text, Choice& choice) {
  const std::optional<ChoiceKind> kind = find_kind(next_word(text));
  std::string_view place = next_word(text);
  choice.instance = 0;
  if (const std::size_t slash = place.rfind('/'); slash != std::string_view::npos) {
    if (!parse_number(place.substr(slash + 1), choice.instance)) return false;
    place = place.substr(0, slash);
  }
  const auto is_named = [](char c) { return c > ' ' && c < 127 && c != '/' && c != '#'; };
  if (!std::all_of(place.begin(), place.end(), is_named)) return false;
  if (!kind || place.empty() || !parse_number(next_word(text), choice.count)) return false;
  if (!parse_number(next_word(text), choice.value) || choice.value == 0 || !next_word(text).empty()) return false;
  choice.kind = *kind;
  choice.place = place;
  return true;
}

ChoiceSource::ChoiceSource(std::uint64_t seed) : replay_{false}, seed_{mix(seed)}, streams_(64) {
  for (std::size_t i = 0; i < kChoiceKinds; ++i) {
    enabled_[i] = happens(mix(seed_, i, 1), kPolicies[i].enabled_permille);
    left_[i] = kPolicies[i].at_most;
  }
  // A run that breaks only one thing says more about that thing.
  std::uint32_t& faults = left_[static_cast<std::size_t>(ChoiceKind::fault)];
  faults = 1 + static_cast<std::uint32_t>(mix(seed_, 0, 2) % faults);
}

ChoiceSource::ChoiceSource(const Schedule& schedule) : replay_{true}, streams_(64) {
  for (const Choice& choice : schedule) {
    const std::uint64_t hash = ChoicePlace::hash_of(choice.place, choice.instance);
    slot(hash).answers.push_back({choice.count, choice.value});
  }
  for (Stream& stream : streams_) {
    std::sort(stream.answers.begin(), stream.answers.end(),
              [](const Answer& a, const Answer& b) { return a.count < b.count; });
  }
}

void ChoiceSource::grow() {
  std::vector<Stream> old = std::exchange(streams_, std::vector<Stream>(streams_.size() * 2));
  for (Stream& stream : old) {
    if (stream.hash == 0) continue;
    std::size_t at = stream.hash & (streams_.size() - 1);
    while (streams_[at].hash != 0) at = (at + 1) & (streams_.size() - 1);
    streams_[at] = std::move(stream);
  }
}

ChoiceSource::Stream& ChoiceSource::slot(std::uint64_t hash) {
  for (std::size_t at = hash & (streams_.size() - 1);; at = (at + 1) & (streams_.size() - 1)) {
    if (streams_[at].hash == hash) return streams_[at];
    if (streams_[at].hash != 0) continue;
    if (++used_ * 2 > streams_.size()) {
      grow();
      --used_;
      return slot(hash);
    }
    streams_[at].hash = hash;
    return streams_[at];
  }
}

ChoiceSource::Stream& ChoiceSource::stream(ChoiceKind kind, std::uint64_t hash) {
  Stream& found = slot(hash);
  if (found.asked == 0 && !replay_) found.rate = draw_rate(kind, hash);
  return found;
}

std::uint32_t ChoiceSource::draw_rate(ChoiceKind kind, std::uint64_t hash) const {
  const auto index = static_cast<std::size_t>(kind);
  const KindPolicy& policy = kPolicies[index];
  const std::uint64_t random = mix(seed_, hash, 3);
  if (!enabled_[index] || !happens(random >> 8, policy.place_permille)) return 0;
  const std::uint32_t one_in = policy.one_in[random & 3];
  return one_in == 1 ? 0xffff'ffffU : static_cast<std::uint32_t>((std::uint64_t{1} << 32) / one_in);
}

std::uint32_t ChoiceSource::draw(ChoiceKind kind, Stream& stream, std::uint32_t n) {
  const std::uint32_t count = stream.asked;
  if (replay_) {
    while (stream.next < stream.answers.size() && stream.answers[stream.next].count < count) ++stream.next;
    if (stream.next == stream.answers.size() || stream.answers[stream.next].count != count) return 0;
    return std::min(stream.answers[stream.next].value, n - 1);
  }
  if (stream.rate == 0 || left_[static_cast<std::size_t>(kind)] == 0) return 0;
  const std::uint64_t random = mix(seed_, stream.hash, std::uint64_t{count} + 16);
  if (static_cast<std::uint32_t>(random) >= stream.rate) return 0;
  return 1 + static_cast<std::uint32_t>((random >> 32) % (n - 1));
}

std::uint32_t ChoiceSource::choose(ChoiceKind kind, const ChoicePlace& place, std::uint32_t n) {
  if (n <= 1 || (clock_ != nullptr && clock_->now() > stop_at_)) return 0;
  Stream& asked = stream(kind, place.hash());
  const std::uint32_t value = draw(kind, asked, n);
  const std::uint32_t count = asked.asked++;
  if (replay_ && count == 0) asked_.insert(place.name());
  if (value == 0) return 0;
  --left_[static_cast<std::size_t>(kind)];
  note(kind, place, count, value);
  return value;
}

void ChoiceSource::note(ChoiceKind kind, const ChoicePlace& place, std::uint32_t count, std::uint32_t value) {
  made_.push_back({kind, place.name(), place.instance(), count, value});
  if (on_choice) on_choice(made_.back());
}

}  // namespace gpusim
