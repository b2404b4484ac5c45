// SPDX-License-Identifier: Apache-2.0
#include "bench/load/open_loop.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/load/open_slots.h"
#include "bench/load/pacing.h"

namespace normbench {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Clock::duration kPollInterval = std::chrono::milliseconds(250);
// The longest time for which the sender does not look whether the loop has ended.
constexpr Clock::duration kLongestSleep = std::chrono::milliseconds(50);
// For the answers that are still to come after an interruption.
constexpr Clock::duration kPatience = std::chrono::seconds(2);

Clock::duration ToDuration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(Seconds(std::min(seconds, 1e9)));
}

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
  void Record(const OpenRequest& request, const Completion& completion);
  void CountError(const Completion& completion);
  void Drain();
  void FailWhatIsUnderWay();
  void Poll(const std::function<bool()>& stop,
            const std::function<void(const LoopProgress&)>& progress);
  void Show(Clock::time_point now, const std::function<void(const LoopProgress&)>& progress) const;
  void Finish(double receiver_cpu);
  void SetWindow();
  StopReason EndedBy() const;

  int32_t SamplesOf(int64_t input) const {
    return options_.samples_of ? options_.samples_of(input) : 1;
  }

  Target& target_;
  Arrivals& arrivals_;
  const OpenLoopOptions& options_;
  OutputLedger* const outputs_;
  OpenSlots slots_;
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
  Clock::time_point first_error_;  // of those in a row
  int consecutive_errors_ = 0;
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
  if (result_.interrupted) Drain();
  if (!result_.lost.ok()) FailWhatIsUnderWay();
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
  const std::optional<int> slot = slots_.Take(
      {.scheduled = start_ + ToDuration(time), .sent = {}, .input = input, .measured = measured},
      options_.late == LatePolicy::kSend);
  // The loop has ended while it waited: neither sent nor dropped.
  if (!slot.has_value() && slots_.ended()) return;
  last_scheduled_ = time;
  offered_ += measured;
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
  const OpenRequest request = slots_.Get(completion.slot);
  last_completion_ = completion.time;
  ++completed_;
  CountError(completion);
  if (request.measured) {
    Record(request, completion);
  } else {
    ++result_.warmup_requests;
  }
  slots_.GiveBack(completion.slot);
}

void OpenLoop::Record(const OpenRequest& request, const Completion& completion) {
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
  if (outputs_ != nullptr && completion.code == 0)
    outputs_->Add(request.input, completion.payload, completion.formed_batch);
}

// A schedule goes on through an outage, which is a finding, but not for ever.
void OpenLoop::CountError(const Completion& completion) {
  if (completion.code == 0) {
    consecutive_errors_ = 0;
    return;
  }
  // Not since the last success: a schedule may ask for nothing for long.
  if (++consecutive_errors_ == 1) first_error_ = completion.time;
  if (slots_.ended() || consecutive_errors_ < options_.max_consecutive_errors ||
      completion.time - first_error_ < ToDuration(options_.stall_seconds)) {
    return;
  }
  result_.lost = absl::UnavailableError(absl::StrCat(
      "the target is lost: ", consecutive_errors_, " requests in a row failed, none in ",
      options_.stall_seconds, " s succeeded, the last one had status code ", completion.code));
  slots_.End();
}

void OpenLoop::Drain() {
  const Clock::time_point end = Clock::now() + kPatience;
  while (slots_.busy() > 0 && Clock::now() < end) {
    const std::optional<Completion> completion = target_.Wait(end);
    if (completion.has_value()) OnCompletion(*completion);
  }
}

// Left out, the requests that a target never answers would make it look fast.
void OpenLoop::FailWhatIsUnderWay() {
  const Clock::time_point now = Clock::now();
  for (const OpenRequest& request : slots_.UnderWay()) {
    if (!request.measured) continue;
    Record(request,
           {.code = static_cast<int>(absl::StatusCode::kUnavailable), .time = now, .payload = {}});
  }
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
  result_.offered = offered_;
  result_.dropped = dropped_;
  result_.drop_times = std::move(drop_times_);
  result_.sender_load = sender_load_;
  result_.receiver_load = elapsed > 0 ? receiver_cpu / elapsed : 0;
  SetWindow();
  const int64_t count = result_.recorder.count();
  if (count > 0 && result_.errors == count && !result_.interrupted && result_.lost.ok()) {
    result_.lost = absl::UnavailableError(
        absl::StrCat("none of the ", count, " requests in the measured window succeeded"));
  }
  result_.ended_by = EndedBy();
}

StopReason OpenLoop::EndedBy() const {
  if (result_.interrupted) return StopReason::kInterrupted;
  if (!result_.lost.ok()) return StopReason::kLost;
  return cut_short_ ? StopReason::kMaxRequests : StopReason::kSchedule;
}

void OpenLoop::SetWindow() {
  // Cut short: what was scheduled until then.
  const double scheduled = sent_all_ && !cut_short_ && !result_.interrupted && result_.lost.ok()
                               ? options_.warmup_seconds + options_.seconds
                               : last_scheduled_;
  const double last = std::max(scheduled, Seconds(last_completion_ - start_).count());
  result_.measured_seconds = std::max(0.0, last - options_.warmup_seconds);
  result_.offered_seconds = std::max(0.0, scheduled - options_.warmup_seconds);
}

}  // namespace

OpenLoopResult RunOpenLoop(Target& target, Arrivals& arrivals, const OpenLoopOptions& options,
                           OutputLedger* outputs, const std::function<bool()>& stop,
                           const std::function<void(const LoopProgress&)>& progress) {
  return OpenLoop(target, arrivals, options, outputs).Run(stop, progress);
}

}  // namespace normbench
