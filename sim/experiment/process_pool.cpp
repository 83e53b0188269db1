// SPDX-License-Identifier: MIT
#include "sim/experiment/process_pool.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <iostream>

namespace gpusim::experiment {

namespace {

struct Child {
  pid_t pid = -1;
  int pipe = -1;
  std::size_t index = 0;
};

[[noreturn]] void be_child(int pipe, const std::function<std::string(std::size_t)>& work, std::size_t index) {
  const std::string result = work(index);
  std::size_t written = 0;
  while (written < result.size()) {
    const ssize_t size = write(pipe, result.data() + written, result.size() - written);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    written += static_cast<std::size_t>(size);
  }
  // No destructors and no flushing of what the parent had buffered.
  _exit(written == result.size() ? 0 : 1);
}

/// A child whose pipe is -1 if the system has no more processes or pipes.
[[nodiscard]] Child start(std::size_t index, const std::function<std::string(std::size_t)>& work) {
  Child child;
  child.index = index;
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return child;
  child.pid = fork();
  if (child.pid == 0) {
    close(ends[0]);
    be_child(ends[1], work, index);
  }
  close(ends[1]);
  if (child.pid < 0) {
    close(ends[0]);
    return child;
  }
  child.pipe = ends[0];
  return child;
}

/// Reads what is there; false at the end.
[[nodiscard]] bool read_some(int pipe, std::string& text) {
  std::array<char, 65'536> part{};
  const ssize_t size = read(pipe, part.data(), part.size());
  if (size < 0) return errno == EINTR;
  text.append(part.data(), static_cast<std::size_t>(size));
  return size > 0;
}

}  // namespace

std::vector<std::string> run_in_processes(std::size_t count, std::size_t parallel,
                                          const std::function<std::string(std::size_t)>& work,
                                          const std::function<void(std::size_t)>& on_done) {
  std::cout.flush();
  std::fflush(nullptr);
  std::vector<std::string> results(count);
  std::vector<Child> children;
  std::size_t next = 0;
  std::size_t done = 0;
  while (done < count) {
    while (next < count && children.size() < parallel) {
      const Child child = start(next, work);
      if (child.pipe < 0 && !children.empty()) break;  // later, when another has ended
      ++next;
      if (child.pipe >= 0) {
        children.push_back(child);
      } else {
        ++done;  // without a result
      }
    }
    std::vector<pollfd> waiting;
    for (const Child& child : children) waiting.push_back({child.pipe, POLLIN, 0});
    if (!waiting.empty()) poll(waiting.data(), waiting.size(), -1);
    for (std::size_t i = children.size(); i-- > 0;) {
      const Child child = children[i];
      if (waiting[i].revents == 0 || read_some(child.pipe, results[child.index])) continue;
      close(child.pipe);
      while (waitpid(child.pid, nullptr, 0) < 0 && errno == EINTR) {
      }
      children.erase(children.begin() + static_cast<std::ptrdiff_t>(i));
      ++done;
      if (on_done) on_done(done);
    }
  }
  return results;
}

}  // namespace gpusim::experiment
