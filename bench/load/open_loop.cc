// SPDX-License-Identifier: Apache-2.0
#include "bench/load/open_loop.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/load/pacing.h"

namespace normbench {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Clock::duration kPollInterval = std::chrono::milliseconds(250);
// The longest time for which the sender does not look whether the loop has ended.
constexpr Clock::duration kLongestSleep = std::chrono::milliseconds(50);

Clock::duration ToDuration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(Seconds(std::min(seconds, 1e9)));
}

struct Request {
  Clock::time_point scheduled;
  Clock::time_point sent;
  int64_t input = 0;
  bool measured = false;  // scheduled after the warm-up
  bool waited = false;    // for a slot
};

// Handed over between the threads: which slots are free, what is under way, what was dropped.
class Slots {
 public:
  explicit Slots(int count) : requests_(static_cast<size_t>(count)) {
    for (int slot = count - 1; slot >= 0; --slot) free_.push_back(slot);
  }

  // A slot for `request`, whose `sent` is now; nothing where none is free and it must not wait, or
  // when the loop ends.
  std::optional<int> Take(Request request, LatePolicy late) {
    std::unique_lock<std::mutex> lock(mutex_);
    request.waited = free_.empty();
    if (late == LatePolicy::kSend) {
      changed_.wait(lock, [this] { return !free_.empty() || ended_; });
    }
    if (free_.empty() || ended_) return std::nullopt;
    const int slot = free_.back();
    free_.pop_back();
    request.sent = Clock::now();
    requests_[static_cast<size_t>(slot)] = request;
    ++busy_;
    return slot;
  }

  // What was under way on `slot`, which is free now; nothing if there was nothing. The caller is
  // through with the payload that lies on the slot.
  Request GiveBack(int slot) {
    const std::lock_guard<std::mutex> lock(mutex_);
    free_.push_back(slot);
    --busy_;
    changed_.notify_one();
    return requests_[static_cast<size_t>(slot)];
  }

  Request Get(int slot) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return requests_[static_cast<size_t>(slot)];
  }

  void End() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  bool ended() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return ended_;
  }

  int busy() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return busy_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> free_;
  std::vector<Request> requests_;
  int busy_ = 0;
  bool ended_ = false;
};

class OpenLoop {
 public:
  OpenLoop(Target& target, Arrivals& arrivals, const OpenLoopOptions& options,
           OutputLedger* outputs)
      : target_(target),
        arrivals_(arrivals),
        options_(options),
        outputs_(outputs),
        slots_(std::clamp(options.in_flight, 1, std::max(1, target.slots()))) {}

  OpenLoopResult Run(const std::function<bool()>& stop,
                     const std::function<void(const LoopProgress&)>& progress);

 private:
  void Send();
  void Offer(double time);
  bool SleepUntilOrEnd(Clock::time_point time) const;
  void WaitOnce();
  void OnCompletion(const Completion& completion);
  void Poll(const std::function<bool()>& stop,
            const std::function<void(const LoopProgress&)>& progress);
  void Show(Clock::time_point now, const std::function<void(const LoopProgress&)>& progress) const;
  void Finish(double receiver_cpu);

  int32_t SamplesOf(int64_t input) const {
    return options_.samples_of ? options_.samples_of(input) : 1;
  }

  Target& target_;
  Arrivals& arrivals_;
  const OpenLoopOptions& options_;
  OutputLedger* const outputs_;
  Slots slots_;
  Clock::time_point start_;

  // Of the sender; read by the other thread after `sent_all_` or as counts.
  std::atomic<int64_t> offered_{0};
  std::atomic<int64_t> dropped_{0};
  std::atomic<bool> sent_all_{false};
  std::vector<double> drop_times_;
  int64_t number_ = 0;
  bool cut_short_ = false;
  double last_scheduled_ = 0;
  double sender_load_ = 0;

  // Of the receiver.
  Clock::time_point last_completion_;
  Clock::time_point next_poll_;
  int64_t completed_ = 0;
  OpenLoopResult result_;
};

OpenLoopResult OpenLoop::Run(const std::function<bool()>& stop,
                             const std::function<void(const LoopProgress&)>& progress) {
  const double cpu = ThreadCpuSeconds();
  start_ = last_completion_ = Clock::now();
  next_poll_ = start_;
  std::thread sender([this] { Send(); });
  while (!slots_.ended() && !(sent_all_ && slots_.busy() == 0)) {
    WaitOnce();
    if (Clock::now() >= next_poll_) Poll(stop, progress);
  }
  slots_.End();
  sender.join();
  Show(Clock::now(), progress);
  Finish(ThreadCpuSeconds() - cpu);
  return std::move(result_);
}

// The sender's thread.
void OpenLoop::Send() {
  UseExactTimers();
  while (const std::optional<double> time = arrivals_.Next()) {
    if (!SleepUntilOrEnd(start_ + ToDuration(*time))) break;
    Offer(*time);
    if (offered_ == options_.max_requests && offered_ > 0) {
      cut_short_ = true;
      break;
    }
  }
  const double elapsed = Seconds(Clock::now() - start_).count();
  sender_load_ = elapsed > 0 ? ThreadCpuSeconds() / elapsed : 0;
  sent_all_ = true;
}

void OpenLoop::Offer(double time) {
  const bool measured = time >= options_.warmup_seconds;
  const int64_t input = number_++ % options_.inputs;
  last_scheduled_ = time;
  offered_ += measured;
  const std::optional<int> slot = slots_.Take(
      {.scheduled = start_ + ToDuration(time), .sent = {}, .input = input, .measured = measured},
      options_.late);
  if (slot.has_value()) {
    target_.Send(*slot, input);
  } else if (measured) {
    ++dropped_;
    if (drop_times_.size() < OpenLoopResult::kMaxDropTimes) {
      drop_times_.push_back(time - options_.warmup_seconds);
    }
  }
}

// False when the loop ends first.
bool OpenLoop::SleepUntilOrEnd(Clock::time_point time) const {
  for (Clock::time_point now = Clock::now(); now < time; now = Clock::now()) {
    if (slots_.ended()) return false;
    SleepUntil(std::min(time, now + kLongestSleep));
  }
  return !slots_.ended();
}

void OpenLoop::WaitOnce() {
  // Short where the end of the schedule may come without a completion.
  const Clock::time_point now = Clock::now();
  const std::optional<Completion> completion =
      target_.Wait(std::min(next_poll_, now + kLongestSleep));
  if (completion.has_value()) return OnCompletion(*completion);
  const int busy = slots_.busy();
  if (busy == 0) last_completion_ = now;  // nothing is owed
  if (now - last_completion_ < ToDuration(options_.stall_seconds)) return;
  result_.lost = absl::UnavailableError(absl::StrCat("the target is lost: no answer for ",
                                                     options_.stall_seconds, " s, ", busy,
                                                     " requests under way"));
  slots_.End();
}

void OpenLoop::OnCompletion(const Completion& completion) {
  const Request request = slots_.Get(completion.slot);
  last_completion_ = completion.time;
  ++completed_;
  if (!request.measured) {
    ++result_.warmup_requests;
  } else {
    const Clock::time_point window = start_ + ToDuration(options_.warmup_seconds);
    const int32_t samples = SamplesOf(request.input);
    result_.errors += completion.code != 0;
    result_.waited += request.waited;
    result_.recorder.Add({.start_seconds = Seconds(request.sent - window).count(),
                          .latency_seconds = Seconds(completion.time - request.sent).count(),
                          .code = completion.code,
                          .samples = samples,
                          .ragged = samples < SamplesOf(0),
                          .waited = request.waited,
                          .lag_seconds = Seconds(request.sent - request.scheduled).count()});
    if (outputs_ != nullptr && completion.code == 0) {
      outputs_->Add(request.input, completion.payload);
    }
  }
  slots_.GiveBack(completion.slot);
}

void OpenLoop::Poll(const std::function<bool()>& stop,
                    const std::function<void(const LoopProgress&)>& progress) {
  const Clock::time_point now = Clock::now();
  next_poll_ = now + kPollInterval;
  if (stop && stop()) {
    result_.interrupted = true;
    slots_.End();
  }
  Show(now, progress);
}

void OpenLoop::Show(Clock::time_point now,
                    const std::function<void(const LoopProgress&)>& progress) const {
  if (!progress) return;
  const double elapsed = Seconds(now - start_).count();
  const double planned = std::max(1e-3, options_.warmup_seconds + options_.seconds);
  progress({.warming_up = elapsed < options_.warmup_seconds,
            .fraction = std::min(1.0, elapsed / planned),
            .completed = completed_,
            .errors = result_.errors,
            .dropped = dropped_,
            .recorder = &result_.recorder});
}

void OpenLoop::Finish(double receiver_cpu) {
  const double elapsed = Seconds(Clock::now() - start_).count();
  // Cut short: what was scheduled until then.
  const double scheduled = sent_all_ && !cut_short_ && !result_.interrupted && result_.lost.ok()
                               ? options_.warmup_seconds + options_.seconds
                               : last_scheduled_;
  const double last = std::max(scheduled, Seconds(last_completion_ - start_).count());
  result_.measured_seconds = std::max(0.0, last - options_.warmup_seconds);
  result_.offered_seconds = std::max(0.0, scheduled - options_.warmup_seconds);
  result_.offered = offered_;
  result_.dropped = dropped_;
  result_.drop_times = std::move(drop_times_);
  result_.sender_load = sender_load_;
  result_.receiver_load = elapsed > 0 ? receiver_cpu / elapsed : 0;
  const int64_t count = result_.recorder.count();
  if (count == 0 || result_.errors < count || result_.interrupted || !result_.lost.ok()) return;
  result_.lost = absl::UnavailableError(
      absl::StrCat("none of the ", count, " requests in the measured window succeeded"));
}

}  // namespace

OpenLoopResult RunOpenLoop(Target& target, Arrivals& arrivals, const OpenLoopOptions& options,
                           OutputLedger* outputs, const std::function<bool()>& stop,
                           const std::function<void(const LoopProgress&)>& progress) {
  return OpenLoop(target, arrivals, options, outputs).Run(stop, progress);
}

}  // namespace normbench
