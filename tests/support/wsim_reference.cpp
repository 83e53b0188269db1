// SPDX-License-Identifier: MIT
#include "tests/support/wsim_reference.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

namespace gpusim::reference {

namespace {

using Words = std::vector<std::string>;

constexpr std::size_t nobody = static_cast<std::size_t>(-1);

Words split(const std::string& text, char separator) {
  Words words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, separator);) words.push_back(word);
  return words;
}

// One entry a step, each the list of its fields.
std::vector<Words> read_steps(std::string_view text) {
  std::vector<Words> steps;
  for (std::string line : split(std::string(text), '\n')) {
    line = line.substr(0, line.find('#'));
    for (std::string word : split(line, ',')) {
      std::erase_if(word, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
      if (!word.empty()) steps.push_back(split(word, '.'));
    }
  }
  return steps;
}

int number(const std::string& text) { return std::atoi(text.c_str()); }

std::size_t index(const std::string& text) { return static_cast<std::size_t>(number(text)); }

std::string capitals(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (text == "RCS1" || text == "BCS1" || text == "VECS1" || text == "CCS1") text.pop_back();
  return text;
}

bool is_batch(const Words& step) { return step[0][0] >= '0' && step[0][0] <= '9'; }

// A batch that uses a buffer object, on the fence context of its queue.
struct Use {
  std::tuple<unsigned, std::vector<std::string>, bool> queue;
  std::size_t batch = nobody;
  bool writes = false;
};

// A buffer object: who uses it, as in a dma_resv: a later use of the same queue takes an earlier one's place, unless it
// reads and that one writes. Readers since the last write are what a wait for it has to cover.
struct Object {
  std::vector<Use> uses;
  std::set<std::size_t> readers;
};

class Interpreter {
 public:
  explicit Interpreter(std::string_view text)
      : steps_(read_steps(text)), last_batch_(steps_.size(), nobody), last_fence_(steps_.size(), nobody) {
    prepare();
  }

  Expectation run(std::size_t repeats) {
    for (iteration_ = 0; iteration_ < repeats; ++iteration_) {
      for (step_ = 0; step_ < steps_.size(); ++step_) take_step();
      signal_fences(expectation_.fences.size());
    }
    return expectation_;
  }

 private:
  // Engine maps hold for the whole text, wherever they stand. Balancing needs no look: in a valid text a batch that
  // names no engine of its map is of a balanced context.
  void prepare() {
    for (const Words& step : steps_)
      if (step[0] == "M")
        for (const std::string& word : split(step[2], '|')) {
          const Words all = capitals(word) == "VCS" ? Words{"VCS1", "VCS2"} : Words{capitals(word)};
          Words& map = maps_[number(step[1])];
          map.insert(map.end(), all.begin(), all.end());
        }
  }

  void take_step() {
    const Words& step = steps_[step_];
    if (is_batch(step))
      submit(step);
    else if (step[0] == "f") {
      last_fence_[step_] = expectation_.fences.size();
      expectation_.fences.push_back({iteration_, step_, 0});
    } else if (step[0] == "a")
      signal_fences(last_fence_[target(step[1])] + 1);
    else if (step[0] == "s")
      wait('s', target(step[1]));
    else if (step[0] == "T")
      act('T', target(step[1]), {});
    else if (step[0] == "t")
      throttle_ = index(step[1]);
    else if (step[0] == "q")
      depth_ = index(step[1]);
    else if (step[0] == "P")
      priorities_[number(step[1])] = number(step[2]);
  }

  std::size_t target(const std::string& minus_n) const { return step_ - static_cast<std::size_t>(-number(minus_n)); }

  void submit(const Words& step) {
    if (throttle_ > 0) {
      // n steps back, wrapping into the previous loop; from there back to the next batch.
      std::size_t at = (step_ + steps_.size() - throttle_) % steps_.size();
      while (!is_batch(steps_[at])) at = (at + steps_.size() - 1) % steps_.size();
      wait('t', at);
    }
    Batch batch;
    batch.iteration = iteration_;
    batch.step = step_;
    batch.context = static_cast<unsigned>(number(step[0]));
    place(batch, capitals(step[1]));
    batch.unbounded = step[2] == "*";
    if (!batch.unbounded) {
      const Words bounds = split(step[2], '-');
      batch.min_us = static_cast<std::uint64_t>(number(bounds.front()));
      batch.max_us = static_cast<std::uint64_t>(number(bounds.back()));
    }
    batch.priority = priorities_[number(step[0])];
    batch.preempt_us = preemption(step[0]);
    batch.edges = edges(step[3], batch);
    last_batch_[step_] = expectation_.batches.size();
    expectation_.batches.push_back(batch);
    if (step[4] == "1") wait('w', step_);
    limit_depth(batch.engines.front());
  }

  void place(Batch& batch, const std::string& name) const {
    const auto found = maps_.find(static_cast<int>(batch.context));
    if (found == maps_.end())
      batch.engines = {name == "DEFAULT" ? "RCS" : name == "VCS" ? "VCS1" : name};
    else if (std::find(found->second.begin(), found->second.end(), name) != found->second.end())
      batch.engines = {name};
    else {
      batch.engines = found->second;
      batch.is_virtual = true;
    }
  }

  // The last X of the context earlier in the text; 100 us without one.
  std::uint64_t preemption(const std::string& context) const {
    for (std::size_t at = step_; at-- > 0;)
      if (steps_[at][0] == "X" && number(steps_[at][1]) == number(context)) return index(steps_[at][2]);
    return 100;
  }

  std::vector<Edge> edges(const std::string& list, const Batch& batch) {
    const std::size_t self = expectation_.batches.size();
    const std::tuple queue{batch.context, batch.engines, batch.is_virtual};
    std::map<std::pair<bool, std::size_t>, bool> wanted;  // (to fence, target) -> started is enough
    const auto want = [&wanted](bool to_fence, std::size_t to, bool started) {
      const auto [entry, fresh] = wanted.insert({{to_fence, to}, started});
      entry->second = entry->second && started;
    };

    std::map<std::string, bool> accesses;  // object -> written
    accesses["step " + std::to_string(step_)] = true;
    for (const std::string& word : list == "0" ? Words{} : split(list, '/')) {
      const std::string rest = word.substr(1);
      if (word[0] == '-')
        accesses["step " + std::to_string(target(word))];
      else if (word[0] == 's')
        want(false, last_batch_[target(rest)], true);
      else if (word[0] == 'f' && is_batch(steps_[target(rest)]))
        want(false, last_batch_[target(rest)], false);
      else if (word[0] == 'f')
        want(true, last_fence_[target(rest)], false);
      else {
        const Words numbers = split(rest, '-');  // set, first, maybe last
        for (int i = number(numbers[1]); i <= number(numbers.back()); ++i)
          accesses["set " + numbers[0] + " object " + std::to_string(i)] |= word[0] == 'w';
      }
    }

    for (const auto& [name, written] : accesses) {
      for (const Use& use : objects_[name].uses)
        if (written || use.writes) want(false, use.batch, false);
    }
    for (const auto& [name, written] : accesses) {
      Object& object = objects_[name];
      const bool writes = written;
      std::erase_if(object.uses, [&](const Use& use) { return use.queue == queue && (writes || !use.writes); });
      object.uses.push_back({queue, self, writes});
      if (written)
        object.readers.clear();
      else
        object.readers.insert(self);
    }

    std::vector<Edge> result;
    for (const auto& [to, started] : wanted) result.push_back({to.first, to.second, started});
    return result;
  }

  // gem_wsim lists the batch *steps* of an engine (of a virtual engine: under its first sibling) in order of their
  // last submit, and waits for the head while the list is longer than n. A step stands in the list once.
  void limit_depth(const std::string& engine) {
    std::vector<std::size_t>& listed = listed_[engine];
    std::erase(listed, step_);
    listed.push_back(step_);
    while (depth_ > 0 && listed.size() > depth_) {
      wait('q', listed.front());
      listed.erase(listed.begin());
    }
  }

  // For the latest instance of a batch step; nothing when it was never submitted.
  void wait(char cause, std::size_t step) {
    const Object& object = objects_["step " + std::to_string(step)];
    act(cause, step, {object.readers.begin(), object.readers.end()});
  }

  void act(char cause, std::size_t step, const std::vector<std::size_t>& readers) {
    if (last_batch_[step] != nobody)
      expectation_.actions.push_back(
          {cause, iteration_, step_, expectation_.batches.size(), last_batch_[step], readers});
  }

  void signal_fences(std::size_t count) {
    for (; signalled_ < count; ++signalled_)
      expectation_.fences[signalled_].batches_before_signal = expectation_.batches.size();
  }

  std::vector<Words> steps_;
  std::vector<std::size_t> last_batch_, last_fence_;  // by step: ordinal of its latest instance
  std::map<int, Words> maps_;
  std::map<int, int> priorities_;
  std::map<std::string, Object> objects_;
  std::map<std::string, std::vector<std::size_t>> listed_;
  std::size_t throttle_ = 0, depth_ = 0, signalled_ = 0, iteration_ = 0, step_ = 0;
  Expectation expectation_;
};

}  // namespace

Expectation interpret_wsim(std::string_view text, std::size_t repeats) { return Interpreter(text).run(repeats); }

}  // namespace gpusim::reference
