// SPDX-License-Identifier: MIT
// On the device, and back.
#include <fmt/core.h>

#include "traces/inspect/story_rows.h"
#include "traces/inspect/words.h"

namespace gpusim::trace {

void StoryRows::on(const doorbell_arrive& event) {
  if (concerns(event.queue, Stage::written, Stage::written) && event.write_index > ring_index_) {
    const auto rung = rung_for_.find(event.write_index);
    say(event.time, fmt::format("the {}{} arrives at the device", event.doorbell == 0 ? "message" : "doorbell",
                                rung == rung_for_.end() ? "" : whose(rung->second)));
  }
}

void StoryRows::on(const queue_registered& event) {
  if (concerns(event.queue, Stage::written, Stage::announced)) say(event.time, "the firmware registers the queue");
}

/// The firmware may look several times: the first that finds its entry counts.
void StoryRows::on(const queue_ready& event) {
  if (!concerns(event.queue, Stage::written, Stage::written) || event.write_index <= ring_index_) return;
  stage_ = Stage::announced;
  say(event.time,
      event.resident ? "the firmware has seen its entry" : "the firmware has seen its entry; the queue has no slot");
}

void StoryRows::on(const firmware_begin& event) {
  const bool is_timeout = Names::of(names_.firmware_events, event.event.as<std::uint64_t>()) == "preempt_timeout";
  if (!is_timeout || !concerns(event.queue, Stage::written, Stage::fetched)) return;
  say(event.time,
      fmt::format("the preempt timeout is over: the queue was to leave {}, and has not", engine(event.engine)));
}
void StoryRows::on(const page_fault& event) {
  if (is_mine(event.job)) {
    say(event.time, fmt::format("it touches a page that is not mapped: {} stops it", engine(event.engine)));
  }
}
void StoryRows::on(const reset_notify& event) {
  if (lives() && event.queue == facts_.queue) say(event.time, "the firmware tells the host that it gave the queue up");
}

void StoryRows::on(const ring_wait_begin& event) {
  if (concerns(event.queue, Stage::written, Stage::announced)) {
    say(event.time, "the queue waits in its ring for another one's fence value");
  }
}
void StoryRows::on(const ring_wait_end& event) {
  if (concerns(event.queue, Stage::written, Stage::announced)) say(event.time, "the queue waits no longer");
}

void StoryRows::on(const slot_grant& event) {
  if (concerns(event.queue, Stage::written, Stage::announced)) {
    say(event.time, fmt::format("the queue gets slot {}", event.slot));
  }
}
void StoryRows::on(const slot_evict& event) {
  if (concerns(event.queue, Stage::written, Stage::fetched)) {
    say(event.time, fmt::format("the queue loses slot {}", event.slot));
  }
}

void StoryRows::on(const engine_assign& event) {
  if (!concerns(event.queue, Stage::written, Stage::fetched)) return;
  say(event.time,
      fmt::format("{} is given the queue{}", engine(event.engine), event.loaded ? ", whose context is loaded" : ""));
}
void StoryRows::on(const context_restore_begin& event) {
  if (concerns(event.queue, Stage::written, Stage::fetched)) {
    say(event.time, engine(event.engine) + " restores the queue's context");
  }
}

void StoryRows::on(const fetch_begin& event) {
  if (!is_mine(event.job)) return;
  stage_ = Stage::fetched;
  say(event.time, engine(event.engine) + " fetches its entry");
}
void StoryRows::on(const job_start& event) {
  if (is_mine(event.job)) say(event.time, "its work begins");
}
void StoryRows::on(const job_preempted& event) {
  if (is_mine(event.job)) {
    say(event.time, fmt::format("is preempted after {} of its work: {} is wanted by others", exact(event.done),
                                engine(event.engine)));
  }
}
void StoryRows::on(const job_resumed& event) {
  if (is_mine(event.job)) say(event.time, fmt::format("goes on on {}", engine(event.engine)));
}
void StoryRows::on(const work_killed& event) {
  if (is_mine(event.job)) say(event.time, "the host has its work ended");
}
void StoryRows::on(const job_end& event) {
  if (!is_mine(event.job)) return;
  stage_ = Stage::worked;
  say(event.time, "its work is done: the fence value leaves for host memory");
}

void StoryRows::on(const fence_visible& event) {
  if (!is_mine(event.job) || !event.completion) return;
  vector_ = event.vector;
  awaits_interrupt_ = true;
  awaits_handler_ = true;
  say(event.time, fmt::format("the fence value {} is in memory", event.value));
}
void StoryRows::on(const interrupt_arrive& event) {
  if (!awaits_interrupt_ || event.vector != vector_) return;
  awaits_interrupt_ = false;
  say(event.time, fmt::format("interrupt {} arrives at the host", Names::of(names_.vectors, event.vector)));
}
void StoryRows::on(const irq_handler_entry& event) {
  handlers_[event.cpu] = event.vector;
  if (!awaits_handler_ || event.vector != vector_) return;
  awaits_handler_ = false;
  awaits_interrupt_ = false;
  say(event.time, fmt::format("its handler begins on CPU {}", event.cpu));
}
void StoryRows::on(const irq_handler_exit& event) { handlers_.erase(event.cpu); }
void StoryRows::on(const workqueue_execute_start& event) { works_[event.thread] = event.work.as<std::uint64_t>(); }
void StoryRows::on(const workqueue_execute_end& event) { works_.erase(event.thread); }

void StoryRows::on(const dma_fence_signaled& event) {
  if (!is_mine(event.job)) return;
  stage_ = Stage::signalled;
  awaits_handler_ = false;
  awaits_interrupt_ = false;
  const std::string error = event.error == Errno::ok ? "" : fmt::format(", with the error {}", to_string(event.error));
  say(event.time, fmt::format("{} signals its finished fence{}", doer(event.cpu, event.thread), error));
}
void StoryRows::on(const dma_fence_wait_start& event) {
  if (is_mine(event.job)) say(event.time, thread(event.thread) + " waits for it");
}
void StoryRows::on(const dma_fence_wait_end& event) {
  if (is_mine(event.job)) {
    say(event.time, fmt::format("{} returns from its wait, with {}", thread(event.thread), to_string(event.error)));
  }
}
void StoryRows::on(const job_put& event) {
  if (is_mine(event.job)) say(event.time, "the queue drops its reference");
}
void StoryRows::on(const job_released& event) {
  if (is_mine(event.job)) say(event.time, "its last reference is gone");
}

}  // namespace gpusim::trace
