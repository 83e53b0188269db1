// SPDX-License-Identifier: MIT
// The player as a program for the core: start() once, then play() for each batch of events.
#include <new>

#include "tests/core/programs/runlist_player.h"

// The policy that decides; a program beside this one has another.
#ifndef RUNLIST_POLICY
#define RUNLIST_POLICY RoundRobin
#endif

using namespace gpusim::test;

// Every member as a function, inlined elsewhere or not: their sizes are the size of the run-list.
template class gpusim::fw::RunList<PlayedMachine, gpusim::fw::RUNLIST_POLICY>;

namespace {

using Player = RunListPlayerOf<gpusim::fw::RUNLIST_POLICY>;
alignas(Player) std::byte g_place[sizeof(Player)];
Player* g_player;

}  // namespace

extern "C" {

PlayedEvent events[kPlayedBatch];
PlayedNotes notes;

void start(std::uint32_t slots);
void start(std::uint32_t slots) { g_player = new (g_place) Player{slots, notes}; }

void play(std::uint32_t count);
void play(std::uint32_t count) {
  notes.count = 0;
  for (std::uint32_t i = 0; i < count; ++i) g_player->play(events[i]);
}

}  // extern "C"
