// SPDX-License-Identifier: Apache-2.0
#include "server/exec/executor.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/exec/endings.h"
#include "server/exec/job_queue.h"
#include "server/exec/mutex.h"

namespace normbench {
namespace {

using Seconds = std::chrono::duration<double>;

// An estimate may be wrong, but not so wrong that it poisons sums.
double PlausibleSeconds(double seconds) {
  constexpr double kLongest = 1e6;
  return seconds > 0 ? std::min(seconds, kLongest) : 0;  // NaN: 0
}

}  // namespace

struct Executor::State {
  // What one worker is doing.
  struct Activity {
    bool busy = false;
    Deadline started;
    double cost_seconds = 0;  // estimate for the whole job
    int workers = 1;          // that it occupies: all if it is exclusive
  };

  explicit State(ExecutorOptions given)
      : options(std::move(given)), queue(workers()), activities(workers()) {}

  int workers() const { return std::max(1, options.workers); }

  bool CanStart() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  bool CouldStartAtOnce() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  bool Idle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  double WaitSeconds(Deadline now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  absl::Status Refusal(const Job& job, Deadline now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  void WakeWorker() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  void Ended() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

  void Drop(std::vector<Job> jobs, const absl::Status& reason) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  void RunFront(Activity& activity) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  void WorkerLoop(int index);
  void TimerLoop();
  void JoinThreads();

  const ExecutorOptions options;
  mutable Mutex mutex;
  CondVar work;      // a job may have become ready to start
  CondVar timer;     // a deadline came that is earlier than timer_wakes_at
  CondVar progress;  // something ended; only Shutdown listens

  JobQueue queue ABSL_GUARDED_BY(mutex);
  JobId next_id ABSL_GUARDED_BY(mutex) = 1;
  std::vector<Activity> activities ABSL_GUARDED_BY(mutex);
  int running ABSL_GUARDED_BY(mutex) = 0;  // on workers and inline
  bool exclusive_running ABSL_GUARDED_BY(mutex) = false;
  int dropping ABSL_GUARDED_BY(mutex) = 0;  // out of the queue, their drop not yet returned
  Deadline timer_wakes_at ABSL_GUARDED_BY(mutex) = Deadline::max();
  bool accepting ABSL_GUARDED_BY(mutex) = true;
  bool stopping ABSL_GUARDED_BY(mutex) = false;  // nothing is left to do: threads end

  Mutex join_mutex;
  std::vector<std::thread> threads ABSL_GUARDED_BY(join_mutex);
};

bool Executor::State::CanStart() const {
  if (queue.empty() || exclusive_running) return false;
  return queue.Front().exclusive ? running == 0 : running < workers();
}

bool Executor::State::CouldStartAtOnce() const {
  return queue.empty() && !exclusive_running && running < workers();
}

bool Executor::State::Idle() const {
  return queue.empty() && running == 0 && dropping == 0;
}

double Executor::State::WaitSeconds(Deadline now) const {
  double total = queue.worker_seconds();
  for (const Activity& activity : activities) {
    if (!activity.busy) continue;
    const double spent = Seconds(now - activity.started).count();
    total += std::max(0.0, activity.cost_seconds - spent) * activity.workers;
  }
  return total / workers();
}

absl::Status Executor::State::Refusal(const Job& job, Deadline now) const {
  if (!accepting) return ShuttingDown();
  const size_t exclusive = queue.exclusive_count();
  const size_t waiting = job.exclusive ? exclusive : queue.size() - exclusive;
  const int limit = job.exclusive ? options.max_queued_exclusive : options.max_queued;
  if (waiting >= static_cast<size_t>(std::max(1, limit))) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "queue: ", waiting, job.exclusive ? " exclusive" : "", " requests wait, the limit is ",
        limit, "; try again later or send fewer at once"));
  }
  if (job.deadline == Deadline::max()) return absl::OkStatus();
  if (job.deadline <= now) return AlreadyExpired();
  const bool at_once = CouldStartAtOnce() && (!job.exclusive || running == 0);
  const double left = Seconds(job.deadline - now).count();
  const double wait = at_once ? 0 : WaitSeconds(now);
  if (wait <= left) return absl::OkStatus();
  return absl::DeadlineExceededError(absl::StrCat(
      "the estimated wait of ", wait, " s is longer than the ", left, " s until the deadline"));
}

// Signals at most one worker: each one that starts a job passes the signal on.
void Executor::State::WakeWorker() {
  if (CanStart()) work.NotifyOne();
}

void Executor::State::Ended() {
  if (!accepting) progress.NotifyAll();
}

// REQUIRES: `jobs` are out of the queue since the lock was taken. Releases the lock for the calls.
void Executor::State::Drop(std::vector<Job> jobs, const absl::Status& reason) {
  if (jobs.empty()) return;
  const int count = static_cast<int>(jobs.size());
  dropping += count;
  WakeWorker();  // an exclusive job may have been in the way
  mutex.Unlock();
  for (Job& job : jobs) job.drop(reason);
  jobs.clear();
  mutex.Lock();
  dropping -= count;
  Ended();
}

// REQUIRES: CanStart(). Releases the lock while the job runs.
void Executor::State::RunFront(Activity& activity) {
  const Deadline now = std::chrono::steady_clock::now();
  if (queue.Front().deadline <= now) {  // the timer is about to see it as well
    std::vector<Job> expired = queue.RemoveExpired(now);
    return Drop(std::move(expired), Expired());
  }
  Job job = queue.PopFront();
  const bool exclusive = job.exclusive;
  ++running;
  exclusive_running = exclusive;
  activity = {true, now, job.cost_seconds, exclusive ? workers() : 1};
  WakeWorker();
  mutex.Unlock();
  if (options.hold_until) std::this_thread::sleep_until(options.hold_until(now));
  job.run();
  job = Job();  // what the callables hold is free before the place is
  mutex.Lock();
  activity.busy = false;
  --running;
  if (exclusive) exclusive_running = false;
  Ended();
}

void Executor::State::WorkerLoop(int index) {
  if (options.worker_init) options.worker_init();
  MutexLock lock(&mutex);
  while (!stopping) {
    if (CanStart()) {
      RunFront(activities[index]);
    } else {
      work.Wait(&mutex);
    }
  }
}

void Executor::State::TimerLoop() {
  MutexLock lock(&mutex);
  while (!stopping) {
    Drop(queue.RemoveExpired(std::chrono::steady_clock::now()), Expired());
    timer_wakes_at = queue.NextDeadline();
    if (timer_wakes_at <= std::chrono::steady_clock::now() || stopping) continue;
    timer.WaitUntil(&mutex, timer_wakes_at);
  }
}

void Executor::State::JoinThreads() {
  MutexLock lock(&join_mutex);
  for (std::thread& thread : threads) thread.join();
  threads.clear();
}

Executor::Executor(ExecutorOptions options) : state_(std::make_unique<State>(std::move(options))) {
  State* state = state_.get();
  MutexLock lock(&state->join_mutex);
  state->threads.emplace_back([state] { state->TimerLoop(); });
  for (int i = 0; i < state->workers(); ++i) {
    state->threads.emplace_back([state, i] { state->WorkerLoop(i); });
  }
}

Executor::~Executor() {
  Shutdown(std::chrono::milliseconds(0));
}

absl::StatusOr<JobId> Executor::Submit(Job job) {
  State& state = *state_;
  job.cost_seconds = PlausibleSeconds(job.cost_seconds);
  const Deadline deadline = job.deadline;
  MutexLock lock(&state.mutex);
  absl::Status refusal = state.Refusal(job, std::chrono::steady_clock::now());
  if (!refusal.ok()) return refusal;
  const JobId id = state.next_id++;
  state.queue.Push(id, std::move(job));
  state.WakeWorker();
  // Most requests are done long before their deadline, and a later one never needs the timer
  // earlier: so it sleeps on and finds their entries gone.
  if (deadline < state.timer_wakes_at) {
    state.timer_wakes_at = deadline;
    state.timer.NotifyAll();
  }
  return id;
}

bool Executor::Cancel(JobId id, const absl::Status& reason) {
  State& state = *state_;
  MutexLock lock(&state.mutex);
  std::optional<Job> job = state.queue.Remove(id);
  if (!job.has_value()) return false;
  std::vector<Job> jobs;
  jobs.push_back(*std::move(job));
  state.Drop(std::move(jobs), reason);
  return true;
}

bool Executor::TryBeginInline() {
  State& state = *state_;
  MutexLock lock(&state.mutex);
  if (!state.accepting || !state.CouldStartAtOnce()) return false;
  const Deadline now = std::chrono::steady_clock::now();
  if (state.options.hold_until && state.options.hold_until(now) > now) return false;
  ++state.running;
  return true;
}

void Executor::EndInline() {
  MutexLock lock(&state_->mutex);
  --state_->running;
  state_->Ended();
  state_->WakeWorker();
}

int Executor::PositionOf(JobId id) const {
  MutexLock lock(&state_->mutex);
  return state_->queue.PositionOf(id);
}

int Executor::queued() const {
  MutexLock lock(&state_->mutex);
  return static_cast<int>(state_->queue.size());
}

int Executor::running() const {
  MutexLock lock(&state_->mutex);
  return state_->running;
}

double Executor::wait_seconds() const {
  MutexLock lock(&state_->mutex);
  return state_->WaitSeconds(std::chrono::steady_clock::now());
}

void Executor::Shutdown(std::chrono::milliseconds grace) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365);
  grace = std::clamp(grace, std::chrono::milliseconds(0), kLongest);
  const Deadline end = std::chrono::steady_clock::now() + grace;
  State& state = *state_;
  {
    MutexLock lock(&state.mutex);
    state.accepting = false;
    while (!state.Idle() && std::chrono::steady_clock::now() < end) {
      state.progress.WaitUntil(&state.mutex, end);
    }
    state.Drop(state.queue.RemoveAll(), ShuttingDown());
    while (!state.Idle()) state.progress.Wait(&state.mutex);
    state.stopping = true;
    state.work.NotifyAll();
    state.timer.NotifyAll();
  }
  state.JoinThreads();
}

}  // namespace normbench
