// SPDX-License-Identifier: Apache-2.0
#include "server/repository/poller.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/norm/printable.h"

namespace normbench {

double SecondsToNextLook(double interval, bool settling) {
  return settling ? std::min(interval, 1.0) : interval;
}

RepositoryPoller::RepositoryPoller(ModelRepository& repository, Options options)
    : repository_(repository),
      options_(std::move(options)),
      watch_(repository.Fingerprints().value_or(FolderFingerprints())) {}

RepositoryPoller::~RepositoryPoller() {
  RequestStop();
}

bool RepositoryPoller::Look() {
  auto now = repository_.Fingerprints();
  if (!now.ok()) return false;
  const FolderChanges changes = watch_.Look(*std::move(now));
  for (const std::string& name : changes.gone) Unload(name);
  for (const std::string& name : changes.changed) {
    if (!stop_.stop_requested()) Load(name);
  }
  return changes.settling;
}

void RepositoryPoller::Load(const std::string& name) {
  const absl::Status status = repository_.LoadModel(name);
  options_.report(Printable(status.ok()
                                ? absl::StrCat("model ", name, " loaded, version ",
                                               absl::StrJoin(repository_.versions(name), ", "))
                                : std::string(status.message())));
}

void RepositoryPoller::Unload(const std::string& name) {
  const absl::Status status = repository_.UnloadModel(name);
  options_.report(Printable(status.ok()
                                ? absl::StrCat("model ", name, " unloaded, its folder is gone")
                                : std::string(status.message())));
}

void RepositoryPoller::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void RepositoryPoller::Run() {
  options_.thread_init();
  std::mutex mutex;
  std::condition_variable_any wake;  // only the request to stop wakes it early
  bool settling = false;
  while (true) {
    const std::chrono::duration<double> wait(SecondsToNextLook(options_.seconds, settling));
    std::unique_lock<std::mutex> lock(mutex);
    wake.wait_for(lock, stop_.get_token(), wait, [] { return false; });
    if (stop_.stop_requested()) return;
    settling = Look();
  }
}

}  // namespace normbench
