// SPDX-License-Identifier: MIT
#include "tests/support/drm_truth/player.h"

#include <stdexcept>

#include "tests/support/drm_truth/mock_gpu.h"

namespace gpusim::test::truth {

using sched::drm::Entity;
using sched::drm::Scheduler;

namespace {

std::string minus(Errno error) { return std::to_string(-static_cast<int>(error)); }

std::string flag(bool value) { return value ? "1" : "0"; }

std::string in_ms(Picoseconds time) { return std::to_string(time / ms(1)); }

Errno errno_of(const Phrase& phrase, const std::string& key) { return static_cast<Errno>(-phrase.number(key, 0)); }

}  // namespace

void Player::run() {
  os::Host& host = world_.base.host;
  for (const Thread& thread : script_.threads) {
    os::Thread& os_thread =
        host.spawn_asleep("script", os::ContextKind::task, os::SchedClass::normal, host.spec().task_wake,
                          [this, &thread](os::Context& ctx) { return run_thread(ctx, thread); });
    if (thread.at) {
      host.timeline().schedule<&os::Thread::wake_now>(SimTime{*thread.at}, Phase::cpu, host.component(), &os_thread);
    } else {
      world_.event_threads.emplace_back(&thread, &os_thread);
    }
  }
  if (const auto end = script_.model.time("end"); end && end->count() > 0) return world_.base.run_until(*end);
  world_.base.run();
}

os::Task<> Player::run_thread(os::Context& ctx, const Thread& thread) {
  for (const Phrase& phrase : thread.commands) co_await command(ctx, phrase);
}

os::Task<> Player::command(os::Context& ctx, const Phrase& phrase) {
  const std::string& word = phrase.words.front();
  if (word == "submit") co_return co_await submit_one(ctx, phrase);
  if (word == "burst") co_return co_await burst(ctx, phrase);
  if (word == "client") {
    if (phrase.has("window")) co_return co_await window_client(ctx, phrase);
    co_return co_await cycle_client(ctx, phrase);
  }
  if (word == "sleep") co_return co_await os::sleep_until(ctx, ctx.now() + parse_time(phrase.word(1)));
  if (word == "wait") {
    co_await wait_for(ctx, phrase.word(1), world_.job(phrase.word(2)));
    world_.log("woken", "-", phrase.word(2), {{"on", phrase.word(1)}});
    co_return;
  }
  if (word == "loop_prio") co_return co_await loop_priorities(ctx, phrase);
  if (word == "loop_modify") co_return co_await loop_schedulers(ctx, phrase);
  if (word == "signal") {
    const Errno error = errno_of(phrase, "err");
    world_.log("ext_signal", "-", phrase.word(1), {{"err", minus(error)}});
    if (!world_.fence(phrase.word(1))->is_signaled()) world_.fence(phrase.word(1))->signal(ctx, error);
    co_return;
  }
  if (word == "karma") {
    ScriptJob& job = world_.job(phrase.word(1));
    if (job.job == nullptr) co_return;
    job.job->scheduler().increase_karma(ctx, *job.job);
    const Entity& entity = *world_.entity(job.entity).entity;
    world_.log("karma", job.entity, job.name,
               {{"karma", std::to_string(job.job->karma())}, {"guilty", flag(entity.is_guilty())}});
    co_return;
  }
  if (report_command(phrase)) co_return;
  if (co_await entity_command(ctx, phrase)) co_return;
  if (co_await scheduler_command(ctx, phrase)) co_return;
  throw std::runtime_error("unknown command " + word);
}

os::Task<bool> Player::entity_command(os::Context& ctx, const Phrase& phrase) {
  const std::string& word = phrase.words.front();
  const std::string& name = phrase.word(1);
  const Entity::Caller caller{phrase.has("exiting"), phrase.has("sigkill")};
  if (word == "kill") {
    Entity& entity = *world_.entity(name).entity;
    world_.log("kill_begin", name, "-", {});
    co_await entity.flush(ctx, Picoseconds{0}, {true, true});
    world_.log("kill_end", name, "-", {{"stopped", flag(entity.is_stopped())}});
  } else if (word == "flush") {
    world_.log("flush_begin", name, "-", {});
    const Picoseconds timeout = phrase.microseconds("timeout_us").value_or(ms(1000));
    const Picoseconds left = co_await world_.entity(name).entity->flush(ctx, timeout, caller);
    world_.log("flush_end", name, "-", {{"ret", in_ms(left)}});
  } else if (word == "efini") {
    world_.log("efini_begin", name, "-", {});
    co_await world_.entity(name).entity->fini(ctx);
    world_.log("fini_end", name, "-", {});
  } else if (word == "destroy") {
    world_.log("flush_begin", name, "-", {});
    const Picoseconds left = co_await world_.entity(name).entity->flush(ctx, ms(1000), caller);
    world_.log("flush_end", name, "-", {{"ret", in_ms(left)}});
    co_await world_.entity(name).entity->fini(ctx);
    world_.log("fini_end", name, "-", {});
  } else if (word == "setprio") {
    world_.log("setprio", name, "-", {{"prio", phrase.word(2)}});
    world_.entity(name).entity->set_priority(ctx, parse_priority(phrase.word(2)));
  } else if (word == "modify") {
    world_.log("modify", name, "-", {{"to", phrase.word(2)}});
    world_.entity(name).entity->modify_schedulers(ctx, world_.schedulers(phrase.word(2)));
  } else {
    co_return false;
  }
  co_return true;
}

os::Task<bool> Player::scheduler_command(os::Context& ctx, const Phrase& phrase) {
  const std::string& word = phrase.words.front();
  const std::string& name = phrase.word(1);
  MockGpu& gpu = world_.gpu(name);
  Scheduler& scheduler = *gpu.scheduler;
  const auto say = [&](const std::string& event) {
    world_.log(event, "-", "-", {{"s", name}, {"hw", std::to_string(scheduler.credit_count())}});
  };
  const auto announce = [&](const std::string& event) { world_.log(event, "-", "-", {{"s", name}}); };
  if (word == "advance") {
    const std::string& count = phrase.word(2);
    const std::uint64_t found = gpu.advance(ctx, std::stoull(count));
    world_.log("advance", "-", "-", {{"s", name}, {"n", count}, {"found", std::to_string(found)}});
  } else if (word == "fini") {
    announce("fini_begin");
    co_await scheduler.fini(ctx);
    // Not how many: whether jobs were left behind, which is what the kernel warns of.
    world_.log("fini_end", "-", "-", {{"s", name}, {"pending", flag(scheduler.pending_jobs() != 0)}});
  } else if (word == "stop") {
    announce("stop");
    ScriptJob* bad = phrase.has("bad") ? &world_.job(phrase.text("bad", "")) : nullptr;
    co_await scheduler.stop(ctx, bad == nullptr ? nullptr : bad->job);
    say("stop_end");
  } else if (word == "start") {
    announce("start");
    co_await scheduler.restart(ctx, errno_of(phrase, "errno"));
    say("start_end");
  } else if (word == "resubmit") {
    announce("resubmit");
    co_await scheduler.resubmit_jobs(ctx);
  } else if (word == "hwreset") {
    gpu.clear_ring();
  } else if (word == "pause") {
    announce("pause");
    co_await scheduler.stop_workers(ctx);
  } else if (word == "unpause") {
    announce("unpause");
    scheduler.start_workers(ctx);
  } else if (word == "fault") {
    announce("fault");
    scheduler.fault(ctx);
  } else if (word == "tdr_imm") {
    announce("tdr_imm");
    scheduler.queue_timeout_immediately(ctx);
  } else if (word == "ready") {
    scheduler.set_ready(phrase.word(2) != "0");
  } else if (word == "suspend_tdr") {
    gpu.suspended = scheduler.suspend_timeout(ctx);
  } else if (word == "resume_tdr") {
    scheduler.resume_timeout(ctx, gpu.suspended);
  } else {
    co_return false;
  }
  co_return true;
}

bool Player::report_command(const Phrase& phrase) {
  const std::string& word = phrase.words.front();
  const std::string& name = phrase.words.size() > 1 ? phrase.words[1] : word;
  if (word == "check") {
    const ScriptJob& job = world_.job(name);
    const auto signaled = [](const sched::FenceRef& fence) { return flag(fence && fence->is_signaled()); };
    const auto error = [](const sched::FenceRef& fence) { return minus(fence ? fence->error() : Errno::ok); };
    world_.log("check", job.entity, name,
               {{"sched", signaled(job.scheduled)},
                {"fin", signaled(job.finished)},
                {"done", flag(job.done)},
                {"free", flag(job.freed)},
                {"timedout", flag(job.timed_out)},
                {"skipped", flag(job.skipped)},
                {"ferr", error(job.finished)},
                {"herr", error(job.hardware)}});
    return true;
  }
  if (word == "echeck") {
    const Entity& entity = *world_.entity(name).entity;
    const Scheduler& scheduler = entity.scheduler();
    // By what the entity points to, its run queue: the FAIR series has it within the scheduler, which is still there.
    const bool is_gone = scheduler.is_gone() && world_.policy != sched::drm::Policy::fair;
    world_.log("echeck", name, "-",
               {{"qcount", std::to_string(entity.queued_jobs())},
                {"dep", flag(entity.has_dependency())},
                {"stopped", flag(entity.is_stopped())},
                {"err", minus(entity.last_error())},
                {"idle", flag(entity.is_idle())},
                {"prio", priority_name(entity.priority())},
                {"s", is_gone ? "gone" : scheduler.spec().name}});
    return true;
  }
  if (word == "score") {
    const Scheduler& scheduler = *world_.gpu(name).scheduler;
    world_.log(
        "score", "-", "-",
        {{"s", name}, {"score", std::to_string(scheduler.score())}, {"hw", std::to_string(scheduler.credit_count())}});
    return true;
  }
  return false;
}

Log play(std::string_view text, sched::drm::Policy policy, sched::drm::Kernel kernel) {
  const Script script = parse_script(text);
  Player player{script, policy, kernel};
  player.run();
  return player.log();
}

}  // namespace gpusim::test::truth
