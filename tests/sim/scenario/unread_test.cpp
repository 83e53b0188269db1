// SPDX-License-Identifier: MIT
// Values that nothing reads are noticed: by component, and beside the values that make them matter.
#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "sim/scenario/loader.h"
#include "sim/scenario/parameter_table.h"
#include "tests/sim/scenario/loading.h"
#include "tests/support/catch.h"
#include "tests/support/machine/changed_value.h"

using namespace gpusim;
using namespace gpusim::scenario;
using test::kClient;
using test::notices;

namespace {

using Sets = std::vector<std::string>;

}  // namespace

TEST_CASE("each key of one component is noticed with the other, and not with its own", "[scenario]") {
  std::size_t seen = 0;
  for (const Parameter& parameter : parameters().subspan(1)) {
    if (!parameter.component || parameter.path == "fault.evict") continue;  // which is refused
    ++seen;
    INFO(parameter.path);
    const auto& names = parameter_at("scheduler.component").names;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string component{names[i]};
      const std::string expected =
          fmt::format("{} has no effect: scheduler.component is {}", parameter.path, component);
      Sets sets{"scheduler.component=" + component, test::changed(parameter)};
      // The counter, which is not the default, needs this, and inline ticks need that.
      const bool needs_way = parameter.path == "scheduler.jobqueue" && component == "jobqueue";
      if (needs_way) sets.emplace_back("driver.kill_way=terminate");
      const auto given = notices(kClient, sets);
      const bool is_own = static_cast<Component>(i) == *parameter.component;
      CHECK((std::find(given.begin(), given.end(), expected) != given.end()) != is_own);
    }
  }
  CHECK(seen >= 9);
}

TEST_CASE("a default that is spelled out is no notice, so that a resolved scenario says what its origin said",
          "[scenario]") {
  CHECK(notices(kClient, {"scheduler.component=drm_sched", "scheduler.put_context=worker"}).empty());
  const LoadResult given = test::good(load_scenario_text(
      kClient, "x.toml",
      {.sets = {"scheduler.component=drm_sched", "scheduler.put_context=irq", "fault.delay_us=7"}, .seed = {}}));
  CHECK(given.spec->notices.size() == 2);
  std::ostringstream text;
  write_resolved_toml(text, given.resolved);
  CHECK(notices(text.str()) == given.spec->notices);
}

TEST_CASE("what a preset has is asked for by nobody, in a resolved scenario as in its origin", "[scenario]") {
  const auto asks = [](const LoadResult& loaded) { return loaded.spec->asks_for_timeout; };
  for (const Sets& sets :
       {Sets{"use.driver=panthor_like"}, Sets{"use.driver=amdgpu_like", "scheduler.component=drm_dep"},
        Sets{"use.driver=amdgpu_ring", "scheduler.component=drm_sched"}}) {
    INFO(sets.front());
    const LoadResult given = test::good_text(kClient, {.sets = sets, .seed = {}});
    std::ostringstream text;
    write_resolved_toml(text, given.resolved);
    const LoadResult again = test::good_text(text.str());
    CHECK(again.spec->notices == given.spec->notices);
    CHECK_FALSE(asks(given));
    CHECK_FALSE(asks(again));
  }
  CHECK(asks(test::good_text(kClient, {.sets = {"scheduler.timeout_ms=7"}, .seed = {}})));
  // The default, and not what the preset says.
  CHECK(asks(test::good_text(kClient, {.sets = {"use.driver=amdgpu_like", "scheduler.timeout_ms=5000"}, .seed = {}})));
  CHECK_FALSE(asks(test::good_text(kClient, {.sets = {"scheduler.timeout_ms=5000"}, .seed = {}})));
}

TEST_CASE("keys that share a reason share a line", "[scenario]") {
  CHECK(notices(kClient, {"scheduler.component=drm_sched", "scheduler.put_context=irq", "scheduler.done_context=worker",
                          "scheduler.teardown=sync"}) ==
        std::vector<std::string>{"scheduler.done_context, scheduler.put_context and scheduler.teardown have no effect: "
                                 "scheduler.component is drm_sched"});
}

TEST_CASE("a value that matters only beside another is noticed without it", "[scenario]") {
  const auto one = [](const std::string& set, const std::string& with, const std::string& expected) {
    INFO(set);
    CHECK(notices(kClient, {set}) == std::vector{expected});
    CHECK(notices(kClient, {set, with}).empty());
  };
  one("scheduler.bypass_lock=trylock", "scheduler.bypass=true",
      "scheduler.bypass_lock has no effect: scheduler.bypass is false");
  one("scheduler.bypass_requires.credits=false", "scheduler.bypass=true",
      "scheduler.bypass_requires.credits has no effect: scheduler.bypass is false");
  one("fault.delay_us=1", "fault.late_interrupt=1",
      "fault.delay has no effect: neither fault.late_interrupt nor fault.delayed_doorbell is given");
  one("fault.stall_us=1", "fault.firmware_stall=1", "fault.stall has no effect: fault.firmware_stall is not given");
  one("fault.slow_factor=3", "fault.slow_job=1", "fault.slow_factor has no effect: fault.slow_job is not given");
  one("host.irq_thread_wake_us=1", "driver.irq_path=threaded",
      "host.irq_thread_wake has no effect: driver.irq_path is hard");
  one("client.c.max_in_flight=1", "client.c.jobs_per_cycle=2",
      "client.c.max_in_flight has no effect: with sync, no more jobs than those of one cycle are ever unfinished");
  one("device.firmware.message_short_us=1", "device.notify=message",
      "device.firmware.message_short has no effect: device.notify is doorbell, or device.firmware.timing is not table");
  one("device.doorbell.value=handle", "device.doorbell.route=direct",
      "device.doorbell.value has no effect: device.doorbell.route is firmware, or device.notify is message");
  one("host.background.times=fixed", "host.background={threads=1,busy_us=1,period_us=2}",
      "host.background.times has no effect: host.background.threads is 0");
  one("device.engines.ccs.context_save_us=1", "device.engines.ccs.count=1",
      "device.engines.ccs.context_save has no effect: the device has no engine of that class, or "
      "device.firmware.policy is host_slots");
  one("device.engines.ccs.context_restore_us=1", "device.engines.ccs.count=1",
      "device.engines.ccs.context_restore has no effect: the device has no engine of that class, or "
      "device.firmware.policy is host_slots");
  one("client.c.bytes=5", "device.memory.bandwidth_mb_s=7",
      "client.c.bytes has no effect: nothing on their way has a bandwidth (device.link.bandwidth_mb_s, "
      "device.memory.bandwidth_mb_s)");
  one("device.link.bandwidth_mb_s=7", "client.c.bytes=5",
      "device.link.bandwidth_mb_s has no effect: no job moves bytes from or to the host (client.bytes), and "
      "device.link.packet_bytes is 0");
  one("device.link.packet_bytes=7", "device.link.bandwidth_mb_s=5",
      "device.link.packet_bytes has no effect: device.link.bandwidth_mb_s is 0");
  CHECK(notices(kClient, {"device.link.packet_header_bytes=7"}) ==
        std::vector<std::string>{"device.link.packet_header_bytes has no effect: device.link.bandwidth_mb_s or "
                                 "device.link.packet_bytes is 0"});
  CHECK(notices(kClient,
                {"device.link.packet_header_bytes=7", "device.link.packet_bytes=7", "device.link.bandwidth_mb_s=5"})
            .empty());
  one("device.memory.bandwidth_mb_s=7", "device.context_bytes=5",
      "device.memory.bandwidth_mb_s has no effect: no job moves bytes (client.bytes), and device.context_bytes is 0");
  one("device.context_bytes=5", "device.memory.bandwidth_mb_s=7",
      "device.context_bytes has no effect: device.memory.bandwidth_mb_s is 0, or device.firmware.policy is host_slots");
  one("client.c.preempt_every_us=5", "client.c.preemption=every",
      "client.c.preempt_every has no effect: client.preemption is not every, or the clients share rings");
}

TEST_CASE("a value that does not matter beside another is noticed with it", "[scenario]") {
  const auto one = [](const std::string& set, const std::vector<std::string>& with, const std::string& expected) {
    INFO(set);
    CHECK(notices(kClient, {set}).empty());
    std::vector<std::string> sets = with;
    sets.push_back(set);
    CHECK(notices(kClient, sets) == std::vector{expected});
  };
  one("device.firmware.doorbell_us=1", {"device.notify=message"},
      "device.firmware.doorbell has no effect: device.notify is message, or "
      "device.firmware.timing is not table");
  one("device.firmware.engine_reset_us=1", {"device.preempt_timeout_us=0"},
      "device.firmware.engine_reset has no effect: device.preempt_timeout is 0, or device.firmware.policy is "
      "host_slots, and no page faults are injected");
  one("client.c.preempt_timeout_ms=2", {"device.preempt_timeout_us=0"},
      "client.c.preempt_timeout has no effect: the clients share rings, device.preempt_timeout is 0, or "
      "device.firmware.policy is host_slots");
  one("client.c.quantum_us=2", {"device.firmware.policy=tick_rotation", "device.slots=2"},
      "client.c.quantum has no effect: the clients share rings, or device.firmware.policy has no quantum");
  one("device.quantum_charges_switch=true", {"device.firmware.policy=tick_rotation", "device.slots=2"},
      "device.quantum_charges_switch has no effect: device.firmware.policy is tick_rotation or host_slots, which have "
      "a "
      "tick and no quantum");
  one("device.firmware.timer_us=2", {"device.preempt_timeout_us=0", "device.quantum_us=0"},
      "device.firmware.timer has no effect: device.quantum, device.preempt_timeout and device.idle_hysteresis are 0, "
      "or device.firmware.timing is not table");
  one("device.doorbell.route=direct", {"device.notify=message"},
      "device.doorbell.route has no effect: device.notify is message");
  const std::vector<std::string> host_slots{"device.firmware.policy=host_slots", "device.slots=2"};
  one("device.engines.rcs.context_save_us=1", host_slots,
      "device.engines.rcs.context_save has no effect: the device has no engine of that class, or "
      "device.firmware.policy is host_slots");
  one("device.quantum_us=7", host_slots,
      "device.quantum has no effect: device.firmware.policy is tick_rotation or host_slots, which have a tick and no "
      "quantum");
  for (const std::string name :
       {"driver.tick", "driver.tick_scan", "device.firmware.slot_resume", "device.firmware.slot_suspend"}) {
    CHECK(notices(kClient, {name + "_ms=3"}) ==
          std::vector{name + " has no effect: device.firmware.policy is not host_slots"});
    std::vector<std::string> sets = host_slots;
    sets.push_back(name + "_ms=3");
    CHECK(notices(kClient, sets).empty());
  }
  one("device.firmware.pick_us=2", {"device.firmware.core=rv32", "device.firmware.timing=live"},
      "device.firmware.pick has no effect: device.firmware.timing is not table");
  CHECK(notices(kClient, {"device.firmware.cycle_ns=2"}) ==
        std::vector<std::string>{"device.firmware.cycle has no effect: device.firmware.timing is table"});
  one("driver.timeout_stuck=true", {"driver.timeout_clock=wall"},
      "driver.timeout_stuck has no effect: driver.timeout_clock is not on_engine, scheduler.timeout is 0, or "
      "driver.rings is shared");
  for (const std::string clock : {"wall", "on_slot"}) {
    one("driver.timeout_clock=" + clock, {"scheduler.timeout_ms=0"},
        "driver.timeout_clock has no effect: scheduler.timeout is 0, or driver.rings is shared");
  }
  const Sets in_stage{"scheduler.component=jobqueue", "driver.kill_way=terminate", "driver.timeout_clock=in_stage"};
  one("driver.timeout_not_begun=reset", in_stage,
      "driver.timeout_not_begun has no effect: driver.rings is shared, or driver.timeout_clock is in_stage");
  one("driver.timeout_reads_seqno=false", in_stage,
      "driver.timeout_reads_seqno has no effect: driver.timeout_clock is in_stage");
  one("driver.timeout_retries=5", {"driver.timeout_not_begun=blame"},
      "driver.timeout_retries has no effect: driver.timeout_not_begun is not wait, or driver.rings is shared");
  const std::string no_timeout =
      "scheduler.timeout_restart has no effect: the component has no timeout (scheduler.timeout is 0, or "
      "driver.timeout_clock is on_slot)";
  one("scheduler.timeout_restart=each_job", {"scheduler.timeout_ms=0"}, no_timeout);
  one("scheduler.timeout_restart=each_job", {"driver.timeout_clock=on_slot"}, no_timeout);
}

TEST_CASE("what is of shared rings, of one policy, of a loop that changes its level", "[scenario]") {
  const std::string own =
      "driver.entities, driver.client_levels and driver.video_context have no effect: driver.rings "
      "is own";
  const Sets rings{"driver.entities=client", "driver.client_levels=false", "driver.video_context=true"};
  CHECK(notices(kClient, rings) == std::vector{own});
  const std::string shared = "use.driver = \"amdgpu_ring\"\n" + kClient;
  CHECK(notices(shared, rings).empty());
  const std::string one_ring =
      "driver.high_ring has no effect: driver.rings is own, or the device has one render and one compute engine at "
      "most";
  CHECK(notices(kClient, {"driver.high_ring=true"}) == std::vector{one_ring});
  CHECK(notices(shared, {"driver.high_ring=true"}) == std::vector{one_ring});
  CHECK(notices(shared, {"driver.high_ring=true", "device.engines.ccs.count=2"}).empty());

  const std::string level =
      "client.c.priority has no effect: driver.client_levels is false, or device.firmware.policy is list_walk";
  CHECK(notices("use.driver = \"v3d\"\n" + kClient, {"client.priority=0"}) == std::vector{level});
  CHECK(notices(kClient, {"client.priority=0", "device.firmware.policy=list_walk"}) == std::vector{level});
  const Sets changed{"client.changed_priority=2", "client.change_cycle=1", "scheduler.policy=fifo"};
  CHECK(notices(kClient, {changed[0], changed[1]}).empty());
  CHECK(notices(shared, changed).size() == 2);
  CHECK(notices(shared, {changed[0], changed[1], "scheduler.policy=fair"}).empty());

  const Sets running{"scheduler.component=drm_sched", "scheduler.fair_minimum=running"};
  CHECK(notices(kClient, running) ==
        std::vector<std::string>{"scheduler.fair_minimum has no effect: scheduler.policy is not fair"});
  CHECK(notices(kClient, {running[0], running[1], "scheduler.policy=fair"}).empty());
  CHECK(notices(kClient, {"scheduler.component=drm_sched", "scheduler.policy=single_entity", "scheduler.num_rqs=4"}) ==
        std::vector<std::string>{
            "scheduler.num_rqs has no effect: scheduler.policy is single_entity, which has no run queue"});

  const std::string never = " has no effect: client.change_cycle is not given, or has no effect";
  CHECK(notices(kClient, {"client.changed_priority=2"}) == std::vector{"client.c.changed_priority" + never});
  CHECK(notices(kClient, {"client.changed_priority=2", "client.change_cycle=1"}).empty());
  CHECK(notices(kClient, {"client.changed_priority=2", "client.change_cycle=8", "client.cycles=7"}) ==
        std::vector<std::string>{"client.c.change_cycle has no effect: client.cycles is less; or rings are shared, and "
                                 "neither scheduler.policy nor driver.high_ring follows a change of level",
                                 "client.c.changed_priority" + never});
}

TEST_CASE("a change of limits is noticed where the firmware has none", "[scenario]") {
  const std::string none =
      "client.c.changed_quantum has no effect: client.limits_cycle is not given, or "
      "device.firmware.policy has no quantum";
  CHECK(notices(kClient, {"client.changed_quantum_us=2"}) == std::vector{none});
  CHECK(notices(kClient, {"client.changed_quantum_us=2", "client.limits_cycle=1"}).empty());
  const Sets ticks{"client.changed_quantum_us=2", "client.limits_cycle=1", "device.firmware.policy=tick_rotation",
                   "device.slots=2"};
  CHECK(notices(kClient, ticks) == std::vector{none});
  const std::string no_timeout =
      "client.c.changed_preempt_timeout has no effect: client.limits_cycle is not given, "
      "device.preempt_timeout is 0, or device.firmware.policy is host_slots";
  CHECK(notices(kClient, {"client.changed_preempt_timeout_ms=2"}) == std::vector{no_timeout});
  CHECK(notices(kClient, {"client.changed_preempt_timeout_ms=2", "client.limits_cycle=1"}).empty());
  CHECK(notices(kClient, {"client.limits_cycle=1", "device.firmware.policy=host_slots", "device.slots=2"}) ==
        std::vector<std::string>{"client.c.limits_cycle has no effect: client.cycles is less, or the firmware has "
                                 "neither quanta nor preempt timeouts"});
}

TEST_CASE("a change of level is noticed where shared rings do not follow it", "[scenario]") {
  const auto is_noticed = [](const std::vector<std::string>& more) {
    std::vector<std::string> sets{"use.driver=amdgpu_ring", "scheduler.component=drm_sched", "client.cycles=9",
                                  "client.change_cycle=4", "client.changed_priority=2"};
    sets.insert(sets.end(), more.begin(), more.end());
    return !notices(kClient, sets).empty();
  };
  CHECK_FALSE(is_noticed({"scheduler.policy=fair", "scheduler.kernel=linux_6_18"}));
  CHECK(is_noticed({"scheduler.policy=rr", "scheduler.kernel=linux_7_3"}));
  // The entity has one scheduler, and never chooses another one.
  CHECK(is_noticed({"scheduler.policy=rr", "scheduler.kernel=linux_6_18"}));
  const std::string two = "device.engines.rcs.count=2";
  CHECK_FALSE(is_noticed({"scheduler.policy=rr", "scheduler.kernel=linux_6_18", two}));
  CHECK(is_noticed({"scheduler.policy=rr", "scheduler.kernel=linux_6_18", two, "client.engine=rcs1"}));
  CHECK(is_noticed({"scheduler.policy=rr", "scheduler.kernel=linux_7_3", two}));
}

TEST_CASE("a level that shared rings serve as another one is noticed", "[scenario]") {
  const auto noticed = [](const std::vector<std::string>& more) {
    std::vector<std::string> sets{"use.driver=amdgpu_ring", "scheduler.component=drm_sched"};
    sets.insert(sets.end(), more.begin(), more.end());
    return notices(kClient, sets);
  };
  CHECK(noticed({"client.priority=2"}).empty());
  CHECK(noticed({"client.priority=3"}) ==
        std::vector<std::string>{"client.c.priority = 3 is served as 2: on rings that clients share there are three "
                                 "levels for them, 0 high, 1 normal and 2 low"});
  CHECK(noticed({"client.priority=2", "scheduler.num_rqs=3"}) ==
        std::vector<std::string>{"client.c.priority = 2 is served as normal: with scheduler.num_rqs = 3 there is no "
                                 "run queue for low"});
  CHECK(noticed({"client.priority=1", "scheduler.num_rqs=3"}).empty());
  CHECK(noticed({"client.cycles=9", "client.change_cycle=4", "client.changed_priority=3", "scheduler.policy=fair"}) ==
        std::vector<std::string>{"client.c.changed_priority = 3 is served as 2: on rings that clients share there are "
                                 "three levels for them, 0 high, 1 normal and 2 low"});
  CHECK(notices(kClient, {"client.priority=3"}).empty());  // the firmware has four
}

TEST_CASE("a limit on a job's credits matters where a client's jobs have more", "[scenario]") {
  const std::string oversize = test::changed(parameter_at("scheduler.oversize_rejected"));
  const std::vector<std::string> never{
      "scheduler.oversize_rejected has no effect: no client.NAME.credits is above driver.credit_limit"};
  CHECK(notices(kClient, {oversize}) == never);
  CHECK(notices(kClient, {oversize, "driver.credit_limit=4", "client.c.credits=4"}) == never);
  CHECK(notices(kClient, {oversize, "driver.credit_limit=4", "client.c.credits=5"}).empty());
  CHECK(notices(kClient, {"client.c.credits=5", "scheduler.component=direct"}) ==
        std::vector<std::string>{"client.c.credits has no effect: scheduler.component is direct"});
  CHECK(notices(kClient, {"client.c.credits=5", "scheduler.component=jobqueue"}) ==
        std::vector<std::string>{"client.c.credits has no effect: the pipeline JobQueue has no credits: the ring says "
                                 "no when it is full"});
}

TEST_CASE("what only explorations look at is noticed in a run", "[scenario]") {
  LoadOptions options;
  options.sets = {"scheduler.component=drm_sched", "scheduler.pause_submit_race=true"};
  CHECK(load_scenario_text(kClient, "x.toml", options).spec->notices ==
        std::vector<std::string>{"scheduler.pause_submit_race has no effect: only explorations look at it"});
  options.for_exploration = true;
  CHECK(load_scenario_text(kClient, "x.toml", options).spec->notices.empty());
}

TEST_CASE("a scale of times that a program does not have is noticed", "[scenario]") {
  const auto wsim = [](const std::string& program) {
    return "[[client]]\nname = \"c\"\nworkload = \"wsim\"\nprogram = \"" + program + "\"\n";
  };
  const std::string delay = "client.c.delay_scale_permille=500";
  const std::string work = "client.c.duration_scale_permille=500";
  CHECK(notices(wsim("1.RCS.100.0.1,d.10"), {delay, work}).empty());
  CHECK(notices(wsim("1.RCS.100.0.1"), {delay}) ==
        std::vector<std::string>{"client.c.delay_scale_permille has no effect: the program has no delay"});
  CHECK(notices(wsim("1.RCS.*.0.0,d.10,T.-2"), {work}) ==
        std::vector<std::string>{
            "client.c.duration_scale_permille has no effect: the program has no batch with a duration"});
}

TEST_CASE("presets and committed scenarios say nothing that has no effect", "[scenario]") {
  for (const char* preset :
       {"use.device=xe_guc", "use.device=mali_csf", "use.host=loaded", "use.driver=threaded_irq"}) {
    INFO(preset);
    CHECK(notices(kClient, {preset}).empty());
  }
}

// --- JobQueue --------------------------------------------------------------------------------------------------------

namespace {

[[nodiscard]] std::vector<std::string> problems_with(const Sets& sets) {
  LoadOptions options;
  options.sets = sets;
  std::vector<std::string> texts;
  for (const Problem& problem : load_scenario_text(kClient, "x.toml", options).problems) {
    texts.push_back(problem.what);
  }
  return texts;
}

Sets counter_with(const Sets& more) {
  Sets sets{"scheduler.component=jobqueue", "scheduler.jobqueue=counter", "driver.kill_way=terminate"};
  sets.insert(sets.end(), more.begin(), more.end());
  return sets;
}

}  // namespace

TEST_CASE("what the counter JobQueue does not have is an error where something needs it", "[scenario][jobqueue]") {
  CHECK(problems_with(counter_with({})).empty());
  CHECK(problems_with({"scheduler.component=jobqueue", "scheduler.jobqueue=counter"}) ==
        std::vector<std::string>{"scheduler.jobqueue = \"counter\" needs driver.kill_way = \"terminate\": it has no "
                                 "timeout by which another driver takes a queue off the hardware"});
  CHECK(problems_with(counter_with({"fault.reset_ms=3"})) ==
        std::vector<std::string>{"fault.reset: a device reset stops and starts queues, which scheduler.jobqueue = "
                                 "\"counter\" does not have"});
  CHECK(problems_with({"scheduler.component=drm_dep", "scheduler.jobqueue=counter"}).empty());  // a notice
}

TEST_CASE("an inline tick needs an interrupt that may sleep", "[scenario][jobqueue]") {
  const Sets sets{"scheduler.component=jobqueue", "scheduler.coalescing=inline"};
  CHECK(problems_with(sets) == std::vector<std::string>{"scheduler.coalescing = \"inline\" needs driver.irq_path = "
                                                        "\"threaded\": a tick may sleep"});
  CHECK(problems_with({sets[0], sets[1], "driver.irq_path=threaded"}).empty());
}

TEST_CASE("workers of submission queues are noticed where no queue has any", "[scenario]") {
  const std::string noticed =
      "host.submit_workers and host.kthread_class have no effect: no submission queue has work of its own with this "
      "component";
  const Sets workers{"host.submit_workers=kthread", "host.kthread_class=fifo"};
  const auto with = [&](Sets sets) {
    sets.insert(sets.end(), workers.begin(), workers.end());
    return notices(kClient, sets);
  };
  CHECK(with({"scheduler.component=direct"}) == std::vector{noticed});
  CHECK(with(counter_with({})) == std::vector{noticed});
  CHECK(with(counter_with({"scheduler.orchestrator.slots=1", "scheduler.orchestrator.grant_context=worker"})).empty());
  for (const char* component : {"drm_dep", "drm_sched", "jobqueue"}) {
    CHECK(with({std::string{"scheduler.component="} + component}).empty());
  }
  CHECK(notices(kClient, {"scheduler.component=direct", "scheduler.direct.restore_us=7"}) ==
        std::vector<std::string>{"scheduler.direct.restore has no effect: fault.evict is not given"});
}

TEST_CASE("what a JobQueue does not read is noticed, with the reason", "[scenario][jobqueue]") {
  CHECK(notices(kClient, counter_with({"scheduler.timeout_ms=7", "driver.timeout_retries=7", "scheduler.bypass=true",
                                       "scheduler.cancel_timeout_ms=7"})) ==
        std::vector<std::string>{
            "scheduler.cancel_timeout has no effect: scheduler.jobqueue is not pipeline",
            "scheduler.timeout and driver.timeout_retries have no effect: the counter JobQueue has no timeout",
            "scheduler.bypass has no effect: a JobQueue has no bypass"});
  CHECK(
      notices(kClient, {"scheduler.component=jobqueue", "driver.credit_limit=7"}) ==
      std::vector<std::string>{"driver.credit_limit has no effect: the pipeline JobQueue has no credits: the ring says "
                               "no when it is full"});
}
