// SPDX-License-Identifier: MIT
#include "tests/support/machine/wsim_meaning.h"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include "tests/support/catch.h"

namespace gpusim::test {

using trace::Event;
using trace::EventKind;

namespace {

constexpr std::size_t kNever = ~std::size_t{0};

struct FenceKey {
  std::uint64_t context = 0;
  std::uint64_t seqno = 0;
  auto operator<=>(const FenceKey&) const = default;
};

std::string to_text(const FenceKey& key) { return std::to_string(key.context) + ":" + std::to_string(key.seqno); }

// What the trace says, by ordinal of the batch. Marks are indices into the recording's events.
struct Submitted {
  std::size_t begin = kNever;   // exec_begin
  std::size_t queued = kNever;  // drm_sched_job_queue
  std::size_t start = kNever;
  std::size_t end = kNever;
  std::size_t finished = kNever;  // its finished fence has signalled
  FenceKey fence;
  FenceKey start_mark;                                  // context 0: none
  std::map<std::uint64_t, std::uint64_t> dependencies;  // context to seqno
};

class Comparison {
 public:
  Comparison(const Recording& run, const reference::Expectation& expected)
      : run_{run}, expected_{expected}, jobs_{run.jobs()}, submitted_(jobs_.size()) {
    read_events();
  }

  std::vector<std::string> compare() {
    if (jobs_.size() != expected_.batches.size()) {
      differs("number of batches", std::to_string(jobs_.size()), std::to_string(expected_.batches.size()));
      return differences_;
    }
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      compare_batch(i);
      compare_edges(i);
    }
    compare_queues();
    compare_fences();
    compare_actions();
    return differences_;
  }

 private:
  void differs(const std::string& what, const std::string& is, const std::string& should) {
    differences_.push_back(what + ": " + is + ", should be " + should);
  }
  std::string name(std::size_t batch) const {
    return "batch " + std::to_string(batch) + " (loop " + std::to_string(expected_.batches[batch].iteration) +
           ", step " + std::to_string(expected_.batches[batch].step) + ")";
  }

  void read_events() {
    std::map<std::uint64_t, std::size_t> ordinals;  // by job
    for (std::size_t i = 0; i < jobs_.size(); ++i) ordinals[jobs_[i].id] = i;
    std::map<std::uint32_t, std::uint64_t> in_exec;  // job by thread
    for (std::size_t mark = 0; mark < run_.events.size(); ++mark) {
      const Event& event = run_.events[mark];
      Submitted unknown;
      const auto ordinal = ordinals.find(event.job);
      Submitted& job = ordinal == ordinals.end() ? unknown : submitted_[ordinal->second];
      if (event.kind == EventKind::exec_begin) {
        job.begin = mark;
        in_exec[event.thread] = event.job;
      } else if (event.kind == EventKind::exec_end) {
        in_exec.erase(event.thread);
      } else if (const auto fence = trace::as<trace::dma_fence_init>(event)) {
        note_fence(*fence, ordinals, in_exec);
      } else if (const auto queued = trace::as<trace::drm_sched_job_queue>(event)) {
        job.queued = mark;
        job.fence = {queued->context, queued->seqno};
        order_.push_back(event.job);
      } else if (const auto added = trace::as<trace::drm_sched_job_add_dep>(event)) {
        const FenceKey dependency{added->dependency_context, added->dependency_seqno};
        if (!job.dependencies.emplace(dependency.context, dependency.seqno).second)
          differs(to_text(dependency), "twice", "once");
      } else if (event.kind == EventKind::job_start) {
        job.start = mark;
      } else if (event.kind == EventKind::job_end) {
        job.end = mark;
      } else if (const auto signal = trace::as<trace::dma_fence_signaled>(event)) {
        signalled_[{signal->context, signal->seqno}] = mark;
        if (event.job != 0) job.finished = mark;
      }
    }
  }

  // A software fence belongs to no queue. A start mark belongs to a queue and no job, and is made inside an exec.
  void note_fence(const trace::dma_fence_init& event, const std::map<std::uint64_t, std::size_t>& ordinals,
                  const std::map<std::uint32_t, std::uint64_t>& in_exec) {
    if (event.queue == QueueId{}) {
      software_.push_back({event.context, event.seqno});
    } else if (const auto exec = in_exec.find(event.thread); event.job == JobId{} && exec != in_exec.end()) {
      FenceKey& start_mark = submitted_[ordinals.at(exec->second)].start_mark;
      if (start_mark.context == 0) start_mark = {event.context, event.seqno};
    }
  }

  void compare_batch(std::size_t i) {
    const reference::Batch& batch = expected_.batches[i];
    const Job& job = jobs_[i];
    if (i >= order_.size() || order_[i] != job.id)
      differs(name(i) + " place in order of submission", "another", "its own");
    if (submitted_[i].finished == kNever) differs(name(i), "never finished", "finished");

    std::vector<std::string> allowed;
    for (const std::string& engine : batch.engines) allowed.push_back(device_engine(engine));
    if (std::find(allowed.begin(), allowed.end(), job.engine) == allowed.end()) {
      differs(name(i) + " engine", job.engine, allowed.front() + (allowed.size() > 1 ? " or another of its map" : ""));
    }
    const std::string context = "." + std::to_string(batch.context) + ".";
    if (job.queue_name.find(context) == std::string::npos)
      differs(name(i) + " queue", job.queue_name, "of context" + context);

    constexpr std::uint64_t kPsPerUs = 1'000'000;
    const std::uint64_t low = batch.unbounded ? ~std::uint64_t{0} : batch.min_us * kPsPerUs;
    const std::uint64_t high = batch.unbounded ? ~std::uint64_t{0} : batch.max_us * kPsPerUs;
    if (job.work_ps < low || job.work_ps > high) {
      differs(name(i) + " work in ps", std::to_string(job.work_ps),
              std::to_string(low) + " to " + std::to_string(high));
    }
  }

  FenceKey key_of(const reference::Edge& edge) const {
    if (edge.to_fence) return edge.target < software_.size() ? software_[edge.target] : FenceKey{};
    return edge.started ? submitted_[edge.target].start_mark : submitted_[edge.target].fence;
  }

  bool signalled_before(const FenceKey& key, std::size_t mark) const {
    const auto signalled = signalled_.find(key);
    return signalled != signalled_.end() && signalled->second < mark;
  }

  void compare_edges(std::size_t i) {
    const Submitted& job = submitted_[i];
    std::map<std::uint64_t, std::uint64_t> latest;  // context to seqno
    for (const reference::Edge& edge : expected_.batches[i].edges) {
      const FenceKey key = key_of(edge);
      std::uint64_t& seqno = latest[key.context];
      seqno = std::max(seqno, key.seqno);
      check_held(i, edge, key);
    }
    for (const auto& [context, seqno] : latest) {
      const auto found = job.dependencies.find(context);
      const bool present = found != job.dependencies.end() && found->second == seqno;
      if (!present && !signalled_before({context, seqno}, job.queued)) {
        differs(name(i) + " dependency on " + to_text({context, seqno}), "missing", "there");
      }
    }
    for (const auto& [context, seqno] : job.dependencies) {
      const auto found = latest.find(context);
      if (found == latest.end() && is_start_of_a_dependency(i, context)) continue;
      if (found == latest.end() || found->second != seqno) {
        differs(name(i) + " dependency on " + to_text({context, seqno}), "there", "missing");
      }
    }
  }

  // Where both start and end of a batch are wanted the reference lists the end only.
  bool is_start_of_a_dependency(std::size_t i, std::uint64_t context) const {
    const std::vector<reference::Edge>& edges = expected_.batches[i].edges;
    return std::any_of(edges.begin(), edges.end(), [&](const reference::Edge& edge) {
      return !edge.to_fence && submitted_[edge.target].start_mark.context == context;
    });
  }

  // The dependency had effect: the batch started after what it depends on.
  void check_held(std::size_t i, const reference::Edge& edge, const FenceKey& key) {
    const std::size_t start = submitted_[i].start;
    const bool own_queue = !edge.to_fence && jobs_[edge.target].queue == jobs_[i].queue;
    const bool held = own_queue && !edge.started ? submitted_[edge.target].end < start : signalled_before(key, start);
    if (!held) differs(name(i) + " start", "before " + to_text(key), "after it");
  }

  // Same queue exactly if context and placement are the same.
  void compare_queues() {
    using Kind = std::tuple<unsigned, std::vector<std::string>, bool>;
    std::map<Kind, std::uint32_t> queues;
    std::set<std::uint32_t> used;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      const reference::Batch& batch = expected_.batches[i];
      const auto [entry, is_new] = queues.try_emplace({batch.context, batch.engines, batch.is_virtual}, jobs_[i].queue);
      if (is_new && !used.insert(jobs_[i].queue).second)
        differs(name(i) + " queue", "that of another placement", "its own");
      if (entry->second != jobs_[i].queue) differs(name(i) + " queue", jobs_[i].queue_name, "that of its placement");
    }
    const std::vector<Event> created = run_.of_kind(EventKind::queue_create);
    if (created.size() != queues.size()) {
      differs("number of queues", std::to_string(created.size()), std::to_string(queues.size()));
    }
  }

  void compare_fences() {
    if (software_.size() != expected_.fences.size()) {
      differs("number of software fences", std::to_string(software_.size()), std::to_string(expected_.fences.size()));
      return;
    }
    for (std::size_t i = 0; i < software_.size(); ++i) {
      const std::size_t batches = expected_.fences[i].batches_before_signal;
      const auto signalled = signalled_.find(software_[i]);
      const std::size_t mark = signalled == signalled_.end() ? kNever : signalled->second;
      const bool after = batches == 0 || submitted_[batches - 1].begin < mark;
      const bool before = batches == submitted_.size() || mark < submitted_[batches].begin;
      if (!after || !before || mark == kNever) {
        differs("software fence " + std::to_string(i), "signalled elsewhere",
                "signalled after " + std::to_string(batches) + " batches");
      }
    }
  }

  // The client went on only when what it waited for had finished.
  void compare_actions() {
    for (const reference::HostAction& action : expected_.actions) {
      if (action.cause == 'T' || action.batches_submitted == submitted_.size()) continue;
      const std::size_t next = submitted_[action.batches_submitted].begin;
      std::vector<std::size_t> awaited = action.readers;
      awaited.push_back(action.batch);
      for (const std::size_t batch : awaited) {
        if (submitted_[batch].finished < next) continue;
        differs("step " + std::to_string(action.step) + " (" + action.cause + ")", "went on before " + name(batch),
                "waiting for it");
      }
    }
  }

  const Recording& run_;
  const reference::Expectation& expected_;
  std::vector<Job> jobs_;
  std::vector<Submitted> submitted_;
  std::vector<std::uint64_t> order_;  // jobs as queued
  std::vector<FenceKey> software_;
  std::map<FenceKey, std::size_t> signalled_;
  std::vector<std::string> differences_;
};

}  // namespace

std::vector<std::string> compare_meaning(const Recording& run, const reference::Expectation& expected) {
  return Comparison{run, expected}.compare();
}

std::string device_engine(const std::string& wsim_engine) {
  static const std::map<std::string, std::string> kEngines{{"RCS", "rcs0"},  {"BCS", "bcs0"},   {"VCS1", "vcs0"},
                                                           {"VCS2", "vcs1"}, {"VECS", "vecs0"}, {"CCS", "ccs0"}};
  return kEngines.at(wsim_engine);
}

bool mixes_classes(const reference::Expectation& expected) {
  return std::any_of(expected.batches.begin(), expected.batches.end(), [](const reference::Batch& batch) {
    const auto class_of = [](const std::string& engine) { return engine.substr(0, engine.find_first_of("12")); };
    return std::any_of(batch.engines.begin(), batch.engines.end(),
                       [&](const std::string& engine) { return class_of(engine) != class_of(batch.engines.front()); });
  });
}

std::size_t check_folder(const std::string& folder, const scenario::ScenarioSpec& machine,
                         Recording (*seen)(Recording)) {
  constexpr std::uint64_t kRepeats = 2;
  std::size_t compared = 0;
  for (const std::string& file : wsim_files(folder)) {
    const std::string text = read_text((std::filesystem::path{folder} / file).string());
    INFO(file);
    const reference::Expectation expected = reference::interpret_wsim(text, kRepeats);
    if (mixes_classes(expected)) continue;
    scenario::ScenarioSpec spec = machine;
    spec.clients.push_back(client("app", wsim_workload(text, kRepeats), 1));
    const Recording recording = run(spec);
    INFO(recording.result.stall_report);
    REQUIRE(recording.result.outcome == system::Outcome::finished);
    const std::vector<std::string> differences =
        compare_meaning(seen == nullptr ? recording : seen(recording), expected);
    CAPTURE(differences);
    CHECK(differences.empty());
    ++compared;
  }
  return compared;
}

}  // namespace gpusim::test
