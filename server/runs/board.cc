// SPDX-License-Identifier: Apache-2.0
#include "server/runs/board.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace normbench {

absl::StatusOr<RunBoard::Token> RunBoard::Subscribe(const std::string& run_id,
                                                    std::function<void()> wake) {
  const absl::MutexLock lock(&mutex_);
  if (static_cast<int>(watchers_.size()) >= max_watchers_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("watchers: ", max_watchers_, " watch runs already; try again later"));
  }
  watchers_.emplace(next_, Watcher{run_id, std::move(wake)});
  return next_++;
}

void RunBoard::Unsubscribe(Token token) {
  const absl::MutexLock lock(&mutex_);
  watchers_.erase(token);
}

void RunBoard::Wake(const std::string& run_id) {
  for (const auto& [token, watcher] : watchers_) {
    if (watcher.run_id == run_id) watcher.wake();
  }
}

void RunBoard::Tell(const std::string& run_id) {
  const absl::MutexLock lock(&mutex_);
  Wake(run_id);
}

void RunBoard::TellAll() {
  const absl::MutexLock lock(&mutex_);
  for (const auto& [token, watcher] : watchers_) watcher.wake();
}

void RunBoard::SetProgress(const std::string& run_id, v1::CaseProgress progress) {
  const absl::MutexLock lock(&mutex_);
  running_ = run_id;
  progress_ = {std::move(progress), progress_.version + 1};
  Wake(run_id);
}

std::optional<LiveProgress> RunBoard::ProgressOf(const std::string& run_id) const {
  const absl::MutexLock lock(&mutex_);
  return running_ == run_id ? std::optional(progress_) : std::nullopt;
}

void RunBoard::SetTrouble(const std::string& run_id, const absl::Status& status) {
  const absl::MutexLock lock(&mutex_);
  troubled_ = run_id;
  trouble_ = status;
  Wake(run_id);
}

absl::Status RunBoard::TroubleOf(const std::string& run_id) const {
  const absl::MutexLock lock(&mutex_);
  return troubled_ == run_id ? trouble_ : absl::OkStatus();
}

void RunBoard::Close() {
  {
    const absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  TellAll();
}

bool RunBoard::closed() const {
  const absl::MutexLock lock(&mutex_);
  return closed_;
}

}  // namespace normbench
