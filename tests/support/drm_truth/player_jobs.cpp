// SPDX-License-Identifier: MIT
// The commands and clients that submit jobs, and those that wait for them.
#include <algorithm>
#include <deque>

#include "tests/support/drm_truth/log_writer.h"
#include "tests/support/drm_truth/mock_gpu.h"
#include "tests/support/drm_truth/player.h"

namespace gpusim::test::truth {

namespace {

/// Names that a comma separates; none for an empty text.
std::vector<std::string> names(const std::string& text) {
  return text.empty() ? std::vector<std::string>{} : split(text, ',');
}

/// What the kernel's tests print of a client.
class MinMeanMax {
 public:
  void add(std::int64_t value) {
    least_ = count_ == 0 ? value : std::min(least_, value);
    most_ = std::max(most_, value);
    sum_ += value;
    ++count_;
  }
  [[nodiscard]] std::string text() const {
    const std::int64_t mean = count_ == 0 ? 0 : sum_ / count_;
    return std::to_string(least_) + "/" + std::to_string(mean) + "/" + std::to_string(most_);
  }

 private:
  std::int64_t least_ = 0;
  std::int64_t most_ = 0;
  std::int64_t sum_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace

os::Task<> Player::submit(os::Context& ctx, const Submission& submission) {
  ScriptEntity& target = world_.entity(submission.entity);
  sched::drm::Entity& entity = *target.entity;
  ScriptJob& job = world_.job(submission.job);
  job.entity = submission.entity;
  job.duration = submission.duration;
  std::uint64_t id = 1;
  while (world_.jobs[id - 1].get() != &job) ++id;
  Result<sched::Job*> prepared = entity.prepare(ctx, {JobId{id}, submission.credits, 0});
  if (!prepared) {
    world_.log("msg", "-", "-", {});
    co_return;
  }
  sched::Job& armed = *prepared.value();
  job.job = static_cast<sched::drm::SchedJob*>(&armed);
  for (const sched::FenceRef& dependency : submission.dependencies) (void)entity.add_dependency(ctx, armed, dependency);
  target.jobs.push_back(job.name);
  entity.arm(ctx, armed);
  job.scheduled = job.job->scheduled();
  job.finished = job.job->finished();
  job.armed_wait.wake_all(ctx);
  co_await entity.push(ctx, armed);
  world_.writer->after_push(target);
  entity.put_job(ctx, armed);
}

os::Task<> Player::submit_one(os::Context& ctx, const Phrase& phrase) {
  Submission submission;
  submission.entity = phrase.word(1);
  submission.job = phrase.word(2);
  submission.duration = phrase.microseconds("us").value_or(Picoseconds{0});
  submission.credits = static_cast<std::uint32_t>(phrase.number("credits", 1));
  for (const auto& name : names(phrase.text("deps", ""))) {
    submission.dependencies.push_back(world_.job(name).finished);
  }
  for (const auto& name : names(phrase.text("sdeps", ""))) {
    submission.dependencies.push_back(world_.job(name).scheduled);
  }
  for (const auto& name : names(phrase.text("ext", ""))) submission.dependencies.push_back(world_.fence(name));
  ScriptJob& job = world_.job(submission.job);
  job.keeps = phrase.has("noreset");
  job.no_fence = phrase.has("null");
  job.instant = phrase.has("instant");
  job.fails = phrase.number("fail", 0);
  co_await submit(ctx, submission);
}

os::Task<> Player::burst(os::Context& ctx, const Phrase& phrase) {
  const std::vector<std::string> entities = names(phrase.word(1));
  const std::int64_t first = phrase.number("first", 0);
  const std::int64_t count = phrase.number("n", 0);
  const bool chain = phrase.number("chain", 0) != 0;
  sched::FenceRef before;
  if (phrase.has("after")) before = world_.job(phrase.text("after", "")).finished;
  for (std::int64_t i = 0; i < count; ++i) {
    Submission submission;
    submission.entity = entities[static_cast<std::size_t>(i) % entities.size()];
    submission.job = phrase.text("prefix", "j") + std::to_string(first + i);
    submission.duration = phrase.microseconds("us").value_or(Picoseconds{0});
    submission.credits = static_cast<std::uint32_t>(phrase.number("credits", 1));
    if (before) submission.dependencies.push_back(before);
    co_await submit(ctx, submission);
    if (chain) before = world_.job(submission.job).finished;
    if (const auto gap = phrase.time("gap")) co_await os::sleep_until(ctx, ctx.now() + *gap);
  }
}

os::Task<> Player::wait_for(os::Context& ctx, const std::string& event, ScriptJob& job) {
  const os::BlockedOn reason{os::BlockedOn::Kind::other, "a job's event", 0, 0};
  if (event == "done") {
    co_await job.done_wait.wait(ctx, reason, [&] { return job.done; });
  } else if (event == "free") {
    co_await job.free_wait.wait(ctx, reason, [&] { return job.freed; });
  } else {
    co_await job.armed_wait.wait(ctx, reason, [&] { return static_cast<bool>(job.finished); });
    co_await sched::wait(ctx, event == "sched" ? job.scheduled : job.finished);
  }
}

os::Task<> Player::cycle_client(os::Context& ctx, const Phrase& phrase) {
  const std::string& name = phrase.word(1);
  const std::int64_t jobs = phrase.number("jobs", 1);
  const Picoseconds duration = phrase.microseconds("us").value_or(Picoseconds{0});
  const Picoseconds pause = phrase.microseconds("wait_us").value_or(Picoseconds{0});
  const Picoseconds total = phrase.microseconds("dur_us").value_or(Picoseconds{0});
  const Picoseconds cost = phrase.time("subcost").value_or(Picoseconds{0});
  const Picoseconds period = jobs * duration + pause;
  const std::int64_t cycles = (total + period - Picoseconds{1}) / period;
  const SimTime start = ctx.now();
  std::int64_t pushed = 0;
  ScriptJob* last = nullptr;
  MinMeanMax cycle_times;
  MinMeanMax latencies;
  for (std::int64_t cycle = 0; cycle < cycles; ++cycle) {
    const SimTime begin = ctx.now();
    for (std::int64_t i = 0; i < jobs; ++i) {
      const Submission submission{phrase.word(2), name + "." + std::to_string(pushed++), duration, 1, {}};
      co_await submit(ctx, submission);
      last = &world_.job(submission.job);
      if (cost.count() > 0) co_await os::sleep_until(ctx, ctx.now() + cost);
    }
    if (phrase.number("sync", 0) != 0) co_await wait_for(ctx, "done", *last);
    const std::int64_t took = (ctx.now() - begin) / us(1);
    const std::int64_t busy = jobs * duration / us(1);
    cycle_times.add(took);
    latencies.add(took >= busy ? took - busy : took);
    world_.log("cycle", phrase.word(2), name, {{"n", std::to_string(cycle)}, {"us", std::to_string(took)}});
    if (pause.count() > 0) co_await os::sleep_until(ctx, ctx.now() + pause);
  }
  if (last != nullptr) co_await wait_for(ctx, "done", *last);
  world_.log("client_end", phrase.word(2), name,
             {{"start", std::to_string(start.time_since_epoch() / ns(1))},
              {"elapsed_us", std::to_string((ctx.now() - start) / us(1))},
              {"ideal_us", std::to_string(cycles * period / us(1))},
              {"cycles", std::to_string(cycles)},
              {"jobs", std::to_string(pushed)},
              {"cycle_us", cycle_times.text()},
              {"latency_us", latencies.text()}});
}

os::Task<> Player::window_client(os::Context& ctx, const Phrase& phrase) {
  const std::string& name = phrase.word(1);
  const auto window = static_cast<std::size_t>(phrase.number("window", 1));
  const std::int64_t count = phrase.number("count", 0);
  std::deque<ScriptJob*> in_flight;
  for (std::int64_t i = 0; i < count; ++i) {
    if (in_flight.size() == window) {
      co_await wait_for(ctx, "done", *in_flight.front());
      in_flight.pop_front();
    }
    const Submission submission{
        phrase.word(2), name + "." + std::to_string(i), phrase.microseconds("us").value_or(Picoseconds{0}), 1, {}};
    co_await submit(ctx, submission);
    in_flight.push_back(&world_.job(submission.job));
  }
  if (!in_flight.empty()) co_await wait_for(ctx, "done", *in_flight.back());
  world_.log("client_end", phrase.word(2), name, {{"jobs", std::to_string(count)}});
}

os::Task<> Player::loop_priorities(os::Context& ctx, const Phrase& phrase) {
  const std::vector<std::string> entities = names(phrase.word(1));
  const ScriptJob& until = world_.job(phrase.text("until", ""));
  const Picoseconds period = phrase.time("period").value_or(us(1));
  std::size_t i = 0;
  for (; !until.done; ++i) {
    sched::drm::Entity& entity = *world_.entity(entities[i % entities.size()]).entity;
    entity.set_priority(ctx, static_cast<sched::drm::Priority>((static_cast<unsigned>(entity.priority()) + 1) % 4));
    co_await os::sleep_until(ctx, ctx.now() + period);
  }
  world_.log("loop_end", "-", "-", {{"n", std::to_string(i)}});
}

/// Every period the next entity gets the next scheduler, as the kernel's test of modify_sched does.
os::Task<> Player::loop_schedulers(os::Context& ctx, const Phrase& phrase) {
  const std::vector<std::string> entities = names(phrase.word(1));
  const std::vector<sched::drm::Scheduler*> schedulers = world_.schedulers(phrase.word(2));
  const ScriptJob& until = world_.job(phrase.text("until", ""));
  const Picoseconds period = phrase.time("period").value_or(us(1));
  std::size_t i = 0;
  while (!until.done) {
    co_await os::sleep_until(ctx, ctx.now() + period);
    ++i;
    sched::drm::Entity& entity = *world_.entity(entities[i % entities.size()]).entity;
    entity.modify_schedulers(ctx, {schedulers[i % schedulers.size()]});
  }
  world_.log("loop_end", "-", "-", {{"n", std::to_string(i)}});
}

}  // namespace gpusim::test::truth
