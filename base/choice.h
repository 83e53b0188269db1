// SPDX-License-Identifier: MIT
// Where an exploration may decide otherwise than the model does by itself. Code that could go another way asks
//   choose(kind, place, n)
// and takes way 0 unless the answer says otherwise. A normal run has no source and pays a test of a null pointer.
//
// Each answer depends only on the seed, the place, and how often that place has asked before, so a new place never
// shifts the answers of another. Which kinds and places a seed disturbs, and how often, is drawn for each seed: a few
// places often rather than all places rarely, because most bugs need few choices, in one place.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/timeline.h"

namespace gpusim {

enum class ChoiceKind : std::uint8_t {
  order,      ///< which of the contexts that are ready goes first
  placement,  ///< on which CPU
  delay,      ///< a step takes longer
  interrupt,  ///< an interrupt is taken later
  wake,       ///< a wake-up takes longer
  race,       ///< others get in at a race point
  fault,      ///< something breaks, or a client does what it need not
  detail,     ///< how a fault that was chosen looks
};
inline constexpr std::size_t kChoiceKinds = 8;

[[nodiscard]] std::string_view to_string(ChoiceKind kind);

/// A place where a choice is made: a name that does not change, and, if there are several of a sort, which of them.
class ChoicePlace {
 public:
  /// `name` is a literal without white space.
  consteval ChoicePlace(const char* name) : name_{name}, hash_{hash_of(name)} {}

  [[nodiscard]] constexpr ChoicePlace of(std::uint32_t instance) const {
    ChoicePlace place = *this;
    place.instance_ = instance;
    place.hash_ = combine(hash_, instance);
    return place;
  }
  [[nodiscard]] constexpr const char* name() const { return name_; }
  [[nodiscard]] constexpr std::uint32_t instance() const { return instance_; }
  [[nodiscard]] constexpr std::uint64_t hash() const { return hash_; }

  /// A place that was read from a file.
  [[nodiscard]] static constexpr std::uint64_t hash_of(std::string_view name, std::uint32_t instance) {
    const std::uint64_t hash = hash_of(name);
    return instance == 0 ? hash : combine(hash, instance);
  }

 private:
  static constexpr std::uint64_t hash_of(std::string_view name) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3U;
    return hash;
  }
  static constexpr std::uint64_t combine(std::uint64_t hash, std::uint32_t instance) {
    return instance == 0 ? hash : (hash ^ instance) * 0x9fb21c651e98df25U;
  }

  const char* name_;
  std::uint64_t hash_;
  std::uint32_t instance_ = 0;  // 0: the only one
};

/// One answer that was not 0.
struct Choice {
  ChoiceKind kind{};
  std::string place;
  std::uint32_t instance = 0;
  std::uint32_t count = 0;  ///< how often the place was asked before
  std::uint32_t value = 0;  ///< > 0

  friend bool operator==(const Choice&, const Choice&) = default;
};

/// All of a run's answers that were not 0, in the order in which they were given.
using Schedule = std::vector<Choice>;

/// "delay step/4 17 3": kind, place/instance, count, value. One line of a schedule's file.
[[nodiscard]] std::string to_text(const Choice& choice);
/// False if the text is not a choice.
[[nodiscard]] bool parse_choice(std::string_view text, Choice& choice);

class ChoiceSource {
 public:
  /// Answers at random.
  explicit ChoiceSource(std::uint64_t seed);
  /// Gives the answers of the schedule, and 0 everywhere else.
  explicit ChoiceSource(const Schedule& schedule);
  ChoiceSource(const ChoiceSource&) = delete;
  ChoiceSource& operator=(const ChoiceSource&) = delete;

  /// Returns 0..n-1. With n = 1 it returns 0 and does not count the question.
  [[nodiscard]] std::uint32_t choose(ChoiceKind kind, const ChoicePlace& place, std::uint32_t n);

  /// After that moment every answer is 0.
  void stop_at(const Timeline& timeline, SimTime when) {
    clock_ = &timeline;
    stop_at_ = when;
  }

  [[nodiscard]] const Schedule& made() const { return made_; }
  /// The names of all places that have asked, of a schedule's source; of a random one nothing.
  [[nodiscard]] const std::set<std::string_view>& asked() const { return asked_; }
  /// Called for each answer that is not 0, after it was noted.
  std::function<void(const Choice&)> on_choice;

 private:
  struct Answer {
    std::uint32_t count;
    std::uint32_t value;
  };
  struct Stream {
    std::uint64_t hash = 0;  // 0: free
    std::uint32_t asked = 0;
    std::uint32_t rate = 0;  // of 2^32: how often the answer is not 0
    std::size_t next = 0;    // replay: in answers
    std::vector<Answer> answers;
  };

  [[nodiscard]] Stream& stream(ChoiceKind kind, std::uint64_t hash);
  [[nodiscard]] Stream& slot(std::uint64_t hash);
  void grow();
  [[nodiscard]] std::uint32_t draw_rate(ChoiceKind kind, std::uint64_t hash) const;
  [[nodiscard]] std::uint32_t draw(ChoiceKind kind, Stream& stream, std::uint32_t n);
  void note(ChoiceKind kind, const ChoicePlace& place, std::uint32_t count, std::uint32_t value);

  bool replay_;
  const Timeline* clock_ = nullptr;
  SimTime stop_at_ = kNever;
  std::uint64_t seed_ = 0;
  std::array<bool, kChoiceKinds> enabled_{};
  std::array<std::uint32_t, kChoiceKinds> left_{};  // answers that may still be other than 0
  std::vector<Stream> streams_;                     // open addressing by hash, a power of two
  std::size_t used_ = 0;
  Schedule made_;
  std::set<std::string_view> asked_;  // literals
};

}  // namespace gpusim
