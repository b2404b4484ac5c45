// SPDX-License-Identifier: Apache-2.0
// Keeps the models that serve as the repository's folders are: looks at them every so often, loads
// what is new or has changed, unloads what is gone.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "server/repository/change_watch.h"
#include "server/repository/repository.h"

namespace normbench {

// How long to wait for the next look: `interval`, but at most a second where a folder is changing.
double SecondsToNextLook(double interval, bool settling);

class RepositoryPoller {
 public:
  // Both functions are set.
  struct Options {
    double seconds = 15;                // from one look to the next, by the steady clock
    std::function<void()> thread_init;  // called once on the thread that looks and loads
    std::function<void(const std::string& line)> report;  // what became of a change, for a log
  };

  // Sees from now on what differs from now: create it before ModelRepository::LoadAll().
  // `repository` outlives it.
  RepositoryPoller(ModelRepository& repository, Options options);
  ~RepositoryPoller();  // waits for the load that runs
  RepositoryPoller(const RepositoryPoller&) = delete;
  RepositoryPoller& operator=(const RepositoryPoller&) = delete;

  // One look, and the loads and unloads that follow from it, on this thread. A repository that
  // cannot be read has not changed. Returns whether a folder is still changing. REQUIRES: not after
  // Start().
  bool Look();

  // Looks on a thread of its own. Call once.
  void Start();

  // No load begins any more. Does not wait.
  void RequestStop() { stop_.request_stop(); }

 private:
  void Run();
  void Load(const std::string& name);
  void Unload(const std::string& name);

  ModelRepository& repository_;
  const Options options_;
  ChangeWatch watch_;
  std::stop_source stop_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace normbench
