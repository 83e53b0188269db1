// SPDX-License-Identifier: MIT
#include "traces/inspect/event_identity.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/hash.h"
#include "traces/event/event_table.h"

namespace gpusim::trace {
namespace {

/// What a field of an event means for who it is.
enum class Role : std::uint8_t {
  content,
  duration,
  queue,
  job,
  engine,
  vector,
  client,
  context,       ///< of a fence
  thread,        ///< that the event is about
  other_thread,  ///< content
  number,        ///< the same in all runs
};

struct RoleOfName {
  std::string_view name;
  Role role;
};

/// By the field's name in kinds.def; any other is content.
constexpr std::array kRoles{RoleOfName{"queue", Role::queue},
                            RoleOfName{"job", Role::job},
                            RoleOfName{"leader", Role::job},
                            RoleOfName{"engine", Role::engine},
                            RoleOfName{"vector", Role::vector},
                            RoleOfName{"client", Role::client},
                            RoleOfName{"compositor", Role::client},
                            RoleOfName{"context", Role::context},
                            RoleOfName{"dependency_context", Role::context},
                            RoleOfName{"fence_context", Role::context},
                            RoleOfName{"seqno", Role::number},
                            RoleOfName{"dependency_seqno", Role::number},
                            RoleOfName{"fence_seqno", Role::number},
                            RoleOfName{"syncobj", Role::number},
                            RoleOfName{"woken", Role::thread},
                            RoleOfName{"next", Role::thread},
                            RoleOfName{"prev", Role::other_thread},
                            RoleOfName{"action", Role::number},
                            RoleOfName{"work", Role::number},
                            RoleOfName{"event", Role::number},
                            RoleOfName{"fault", Role::number},
                            RoleOfName{"frame", Role::number},
                            RoleOfName{"late", Role::duration},
                            RoleOfName{"done", Role::duration},
                            RoleOfName{"latency", Role::duration},
                            RoleOfName{"sleep", Role::duration},
                            RoleOfName{"vruntime", Role::duration}};

struct FieldRole {
  Slot slot = Slot::queue;
  Role role = Role::content;
};

struct KindRoles {
  std::array<FieldRole, 7> fields{};
  std::size_t count = 0;
};

[[nodiscard]] std::array<KindRoles, kEventKindCount> roles_of_all_kinds() {
  std::array<KindRoles, kEventKindCount> all{};
  for (const EventInfo& row : event_table()) {
    KindRoles& roles = all[static_cast<std::size_t>(row.kind)];
    for (const FieldInfo& field : row.fields) {
      if (field.name.empty()) continue;
      const auto* known =
          std::find_if(kRoles.begin(), kRoles.end(), [&](const RoleOfName& one) { return one.name == field.name; });
      roles.fields[roles.count++] = {field.slot, known == kRoles.end() ? Role::content : known->role};
    }
  }
  return all;
}

[[nodiscard]] const KindRoles& roles_of(EventKind kind) {
  static const std::array<KindRoles, kEventKindCount> kAll = roles_of_all_kinds();
  return kAll[static_cast<std::size_t>(kind)];
}

/// Of a thing that has no name: its number.
[[nodiscard]] std::uint64_t key(const std::vector<std::uint64_t>& keys, std::uint64_t number) {
  return number < keys.size() ? keys[number] : number;
}

[[nodiscard]] bool has_role(EventKind kind, Role role) {
  const KindRoles& roles = roles_of(kind);
  return std::any_of(roles.fields.begin(), roles.fields.begin() + roles.count,
                     [&](const FieldRole& field) { return field.role == role; });
}

}  // namespace

EventIdentities::EventIdentities(const Recording& recording, const RunIndex& index)
    : recording_{recording}, index_{index} {
  const Names& names = recording.names;
  for (const QueueName& queue : names.queues) queues_.push_back(hash_bytes(queue.name));
  for (const EngineName& engine : names.engines) engines_.push_back(hash_bytes(engine.name));
  for (const std::string& client : names.clients) clients_.push_back(hash_bytes(client));
  for (const std::string& thread : names.threads) threads_.push_back(hash_bytes(thread));
  for (const std::string& vector : names.vectors) vectors_.push_back(hash_bytes(vector));
  for (std::uint64_t job = 0; job <= index.highest_job(); ++job) jobs_.push_back(make_job_key(JobId{job}));
  learn_contexts();
}

bool EventIdentities::is_of_job(EventKind kind) { return has_role(kind, Role::job); }

void EventIdentities::learn_contexts() {
  std::vector<std::uint64_t> known_of_queue(recording_.names.queues.size());
  for (const Event& event : recording_.events) {
    if (event.kind != EventKind::dma_fence_init && event.kind != EventKind::drm_sched_job_queue) continue;
    if (event.queue == 0 || event.queue >= known_of_queue.size()) continue;
    const std::uint64_t context = word(event, Slot::a);
    if (contexts_.contains(context)) continue;
    Hash64 hash;
    hash.add(key(queues_, event.queue));
    hash.add(++known_of_queue[event.queue]);
    contexts_[context] = hash.value();
  }
}

std::uint64_t EventIdentities::make_job_key(JobId job) const {
  const JobFacts* facts = index_.job(job);
  if (facts == nullptr) return job.value();
  Hash64 hash;
  hash.add(key(queues_, facts->queue.value()));
  hash.add(facts->of_queue);
  return hash.value();
}

std::uint64_t EventIdentities::context_key(std::uint64_t context) const {
  const auto found = contexts_.find(context);
  return found == contexts_.end() ? context : found->second;
}

EventIdentity EventIdentities::of(const Event& event) const {
  Hash64 who;
  Hash64 content;
  Hash64 durations;
  who.add(static_cast<std::uint64_t>(event.kind));
  const KindRoles& roles = roles_of(event.kind);
  for (std::size_t i = 0; i < roles.count; ++i) {
    const std::uint64_t value = word(event, roles.fields[i].slot);
    switch (roles.fields[i].role) {
      case Role::content:
        content.add(value);
        break;
      case Role::duration:
        durations.add(value);
        break;
      case Role::queue:
        who.add(key(queues_, value));
        break;
      case Role::job:
        who.add(key(jobs_, value));
        break;
      case Role::engine:
        who.add(key(engines_, value));
        break;
      case Role::vector:
        who.add(key(vectors_, value));
        break;
      case Role::client:
        who.add(key(clients_, value));
        break;
      case Role::context:
        who.add(context_key(value));
        break;
      case Role::thread:
        who.add(key(threads_, value));
        break;
      case Role::other_thread:
        content.add(key(threads_, value));
        break;
      case Role::number:
        who.add(value);
        break;
    }
  }
  EventIdentity result{.who = who.value(), .content = content.value()};
  Hash64 everything;
  for (const std::uint64_t part :
       {result.who, result.content, durations.value(), static_cast<std::uint64_t>(to_ps(event.time)),
        std::uint64_t{event.cpu}, key(threads_, event.thread)}) {
    everything.add(part);
  }
  result.everything = everything.value();
  if (const Sort sort = sort_of_place(event); sort != Sort::none) {
    Hash64 hash;
    hash.add(static_cast<std::uint64_t>(event.kind));
    hash.add(static_cast<std::uint64_t>(sort));
    if (sort == Sort::engine) hash.add(key(engines_, event.unit));
    if (sort == Sort::queue) hash.add(key(queues_, event.queue));
    result.place = hash.value();
  }
  return result;
}

EventIdentities::Sort EventIdentities::sort_of_place(const Event& event) {
  const Category category = info(event.kind).category;
  if (category == Category::firmware) return Sort::firmware;
  if (category == Category::os || category == Category::irq) return Sort::none;  // interrupts of a vector are alike
  if (has_role(event.kind, Role::engine)) return Sort::engine;
  return event.queue == 0 ? Sort::none : Sort::queue;
}

std::string EventIdentities::place_text(const Event& event) const {
  const auto& engines = recording_.names.engines;
  switch (sort_of_place(event)) {
    case Sort::none:
      return {};
    case Sort::firmware:
      return "the firmware";
    case Sort::engine:
      return "engine " + (event.unit < engines.size() ? engines[event.unit].name : "?");
    case Sort::queue:
      return "queue " + index_.queue_name(QueueId{event.queue});
  }
  return {};
}

}  // namespace gpusim::trace
