// SPDX-License-Identifier: Apache-2.0
#include "bench/load/closed_loop.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/load/precision_rule.h"
#include "bench/load/slot_pool.h"

namespace normbench {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Clock::duration kPollInterval = std::chrono::milliseconds(250);

// For the answers that are still to come after an interruption or too many errors.
constexpr Clock::duration kPatience = std::chrono::seconds(2);

Clock::duration ToDuration(double seconds) {
  constexpr double kLongest = 1e9;  // 30 years: the clock does not overflow
  return std::chrono::duration_cast<Clock::duration>(Seconds(std::clamp(seconds, 0.0, kLongest)));
}

enum class Phase { kFirstCall, kWarmUp, kWindow };

class ClosedLoop {
 public:
  ClosedLoop(Target& target, const ClosedLoopOptions& options, OutputLedger* outputs);

  LoopResult Run(const std::function<bool()>& stop,
                 const std::function<void(const LoopProgress&)>& progress);

 private:
  // A request under way, by slot.
  struct Request {
    Clock::time_point sent;
    int64_t number = 0;  // in its phase
  };

  bool Drive(Phase phase);
  bool MaySend(Clock::time_point now) const;
  std::optional<StopReason> EndOfWindow(Clock::time_point now) const;
  void FillSlots();
  void WaitOnce(Clock::time_point until);
  void OnCompletion(const Completion& completion);
  Clock::duration LongestUnderWay(int ended, Clock::time_point now) const;
  void CountError(const Completion& completion);
  void Record(const Completion& completion, const Request& request);
  void Poll(Clock::time_point now);
  void Show(Clock::time_point now) const;
  void Drain();
  double Fraction(Clock::time_point now) const;
  double WindowFraction(double time) const;
  void Finish();
  void CountWindow();

  bool ended() const { return result_.interrupted || !result_.lost.ok(); }
  int32_t SamplesOf(int64_t input) const { return samples_of_.empty() ? 1 : samples_of_[input]; }

  Target& target_;
  const ClosedLoopOptions& options_;
  const Clock::duration warmup_;
  const Clock::duration window_;
  const Clock::duration stall_;
  const Clock::duration patience_with_errors_;
  const int64_t max_requests_;
  OutputLedger* const outputs_;
  const std::function<bool()>* stop_ = nullptr;
  const std::function<void(const LoopProgress&)>* progress_ = nullptr;

  std::vector<int32_t> samples_of_;  // by input; empty: all 1
  SlotPool slots_;
  std::vector<Request> requests_;  // by slot

  Phase phase_ = Phase::kFirstCall;
  Clock::time_point phase_start_;
  Clock::time_point last_completion_;
  Clock::time_point last_success_;
  Clock::time_point next_poll_;
  int64_t sent_ = 0;       // in this phase
  int64_t completed_ = 0;  // in this phase
  int64_t errors_ = 0;     // in this phase
  int consecutive_errors_ = 0;
  std::optional<PrecisionRule> precision_;
  bool precise_enough_ = false;
  std::optional<StopReason> ended_by_;  // rule of the window
  LoopResult result_;
};

ClosedLoop::ClosedLoop(Target& target, const ClosedLoopOptions& options, OutputLedger* outputs)
    : target_(target),
      options_(options),
      warmup_(ToDuration(options.warmup_seconds)),
      window_(ToDuration(options.seconds)),
      stall_(ToDuration(options.stall_seconds)),
      patience_with_errors_(ToDuration(options.lost_seconds)),
      max_requests_(options.max_requests > 0 ? options.max_requests
                                             : std::numeric_limits<int64_t>::max()),
      outputs_(outputs),
      slots_(std::clamp(options.in_flight, 1, std::max(1, target.slots()))),
      requests_(std::clamp(options.in_flight, 1, std::max(1, target.slots()))) {
  if (options.precision > 0) precision_.emplace(options.precision);
  if (!options.samples_of) return;
  samples_of_.reserve(options.inputs);
  for (int64_t i = 0; i < options.inputs; ++i) samples_of_.push_back(options.samples_of(i));
}

LoopResult ClosedLoop::Run(const std::function<bool()>& stop,
                           const std::function<void(const LoopProgress&)>& progress) {
  stop_ = &stop;
  progress_ = &progress;
  last_success_ = Clock::now();
  Poll(last_success_);
  if (!Drive(Phase::kFirstCall) || !Drive(Phase::kWarmUp) || !Drive(Phase::kWindow)) Drain();
  Show(Clock::now());
  Finish();
  return std::move(result_);
}

// Runs one phase until its last answer is there. Returns false when the loop has to end.
bool ClosedLoop::Drive(Phase phase) {
  phase_ = phase;
  phase_start_ = last_completion_ = Clock::now();
  sent_ = completed_ = errors_ = 0;
  while (!ended()) {
    FillSlots();
    const Clock::time_point now = Clock::now();
    const bool may_send = MaySend(now);
    // A pass is ended first, and its answers may satisfy another rule: the first one counts.
    if (phase == Phase::kWindow && sent_ > 0 && !ended_by_) ended_by_ = EndOfWindow(now);
    if (slots_.busy() == 0 && !may_send) return true;
    // A slot that has rested is of no use where nothing more is sent.
    const auto rested = may_send ? slots_.NextRested() : std::nullopt;
    WaitOnce(std::min(
        {next_poll_, last_completion_ + stall_, rested.value_or(Clock::time_point::max())}));
  }
  return false;
}

bool ClosedLoop::MaySend(Clock::time_point now) const {
  switch (phase_) {
    case Phase::kFirstCall:
      return sent_ == 0;
    case Phase::kWarmUp:
      return now - phase_start_ < warmup_;
    case Phase::kWindow:
      if (sent_ == 0 || (options_.whole_passes && sent_ % options_.inputs != 0)) return true;
      return !EndOfWindow(now).has_value();
  }
  return false;
}

// The rule that ends the window; nothing while none does.
std::optional<StopReason> ClosedLoop::EndOfWindow(Clock::time_point now) const {
  if (precise_enough_) return StopReason::kPrecision;
  if (sent_ >= max_requests_) return StopReason::kMaxRequests;
  if (now - phase_start_ >= window_) return StopReason::kTime;
  return std::nullopt;
}

void ClosedLoop::FillSlots() {
  while (true) {
    const Clock::time_point now = Clock::now();
    if (!MaySend(now)) return;
    const std::optional<int> slot = slots_.Take(now);
    if (!slot) return;
    requests_[*slot] = {now, sent_};
    if (sent_ == 0) phase_start_ = now;
    const int64_t input = sent_++ % options_.inputs;
    target_.Send(*slot, input);
  }
}

void ClosedLoop::WaitOnce(Clock::time_point until) {
  const std::optional<Completion> completion = target_.Wait(until);
  const Clock::time_point now = Clock::now();
  if (completion.has_value()) {
    OnCompletion(*completion);
  } else if (slots_.busy() > 0 && now - last_completion_ >= stall_) {
    result_.lost = absl::UnavailableError(absl::StrCat("the target is lost: no answer for ",
                                                       options_.stall_seconds, " s, ",
                                                       slots_.busy(), " requests under way"));
  }
  if (now >= next_poll_) Poll(now);
}

void ClosedLoop::OnCompletion(const Completion& completion) {
  const int slot = completion.slot;
  if (!slots_.IsBusy(slot)) {
    result_.lost = absl::InternalError(
        absl::StrCat("the target completed slot ", slot, ", which has no request"));
    return;
  }
  const Request& request = requests_[slot];
  last_completion_ = completion.time;
  ++completed_;
  CountError(completion);
  if (phase_ == Phase::kFirstCall && completion.code == 0) {
    result_.first_call_seconds = Seconds(completion.time - request.sent).count();
  }
  if (phase_ == Phase::kWarmUp) ++result_.warmup_requests;
  if (phase_ == Phase::kWindow) Record(completion, request);
  slots_.GiveBack(slot, completion.code != 0, completion.time);
}

// How long the oldest request has been under way, the one that has just ended left out.
Clock::duration ClosedLoop::LongestUnderWay(int ended, Clock::time_point now) const {
  Clock::duration longest{};
  for (int slot = 0; slot < static_cast<int>(requests_.size()); ++slot) {
    if (slot != ended && slots_.IsBusy(slot)) {
      longest = std::max(longest, now - requests_[slot].sent);
    }
  }
  return longest;
}

// Errors in a row alone say nothing: a server whose queue is full refuses a hundred in no time and
// answers the next one. Nor does their time where a request is at work for as long: the server is
// slow, and stall_seconds bounds that.
void ClosedLoop::CountError(const Completion& completion) {
  if (completion.code == 0) {
    consecutive_errors_ = 0;
    last_success_ = completion.time;
    return;
  }
  ++errors_;
  ++consecutive_errors_;
  if (ended() || consecutive_errors_ < options_.max_consecutive_errors ||
      completion.time - last_success_ < patience_with_errors_ ||
      LongestUnderWay(completion.slot, completion.time) >= patience_with_errors_) {
    return;
  }
  result_.lost = absl::UnavailableError(absl::StrCat(
      "the target is lost: ", consecutive_errors_, " requests in a row failed, none in ",
      options_.lost_seconds, " s succeeded, the last one had status code ", completion.code));
}

void ClosedLoop::Record(const Completion& completion, const Request& request) {
  const int64_t input = request.number % options_.inputs;
  const int32_t samples = SamplesOf(input);
  result_.recorder.Add({.start_seconds = Seconds(request.sent - phase_start_).count(),
                        .latency_seconds = Seconds(completion.time - request.sent).count(),
                        .code = completion.code,
                        .samples = samples,
                        .ragged = samples < SamplesOf(0)});
  if (outputs_ != nullptr && completion.code == 0)
    outputs_->Add(input, completion.payload, completion.formed_batch);
  if (precision_) precise_enough_ = precision_->Done(result_.recorder.histogram());
}

void ClosedLoop::Poll(Clock::time_point now) {
  next_poll_ = now + kPollInterval;
  if (*stop_ && (*stop_)()) result_.interrupted = true;
  Show(now);
}

void ClosedLoop::Show(Clock::time_point now) const {
  if (!*progress_) return;
  (*progress_)({.warming_up = phase_ != Phase::kWindow,
                .fraction = Fraction(now),
                .completed = completed_,
                .errors = errors_,
                .recorder = &result_.recorder});
}

// Of a target that answers, the answers under way still count.
void ClosedLoop::Drain() {
  const Clock::time_point end = last_completion_ + std::min(kPatience, stall_);
  while (slots_.busy() > 0 && !absl::IsInternal(result_.lost) && Clock::now() < end) {
    const std::optional<Completion> completion = target_.Wait(end);
    if (completion.has_value()) OnCompletion(*completion);
  }
}

double ClosedLoop::Fraction(Clock::time_point now) const {
  if (phase_ == Phase::kFirstCall) return 0;
  const double warmup = Seconds(warmup_).count();
  const double window = std::max(1e-3, Seconds(window_).count());
  const double elapsed = Seconds(now - phase_start_).count();
  const double done = phase_ == Phase::kWarmUp ? std::min(elapsed, warmup)
                                               : warmup + window * WindowFraction(elapsed / window);
  return done / (warmup + window);
}

// `time`: elapsed share of the planned time. Whole passes end with the pass that the present rate
// will have begun by then.
double ClosedLoop::WindowFraction(double time) const {
  if (!options_.whole_passes) return std::min(1.0, time);
  if (completed_ == 0 || time <= 0) return 0;
  const double inputs = static_cast<double>(options_.inputs);
  const double needed = std::max(completed_ / time, static_cast<double>(sent_));
  return std::min(1.0, completed_ / (std::ceil(needed / inputs) * inputs));
}

void ClosedLoop::Finish() {
  CountWindow();
  if (result_.interrupted) {
    result_.ended_by = StopReason::kInterrupted;
  } else {
    result_.ended_by =
        result_.lost.ok() ? ended_by_.value_or(StopReason::kTime) : StopReason::kLost;
  }
}

void ClosedLoop::CountWindow() {
  if (phase_ != Phase::kWindow || completed_ == 0) return;
  result_.errors = errors_;
  result_.measured_seconds = Seconds(last_completion_ - phase_start_).count();
  if (errors_ < completed_ || ended()) return;
  result_.lost = absl::UnavailableError(
      absl::StrCat("none of the ", completed_, " requests in the measured window succeeded"));
}

}  // namespace

LoopResult RunClosedLoop(Target& target, const ClosedLoopOptions& options, OutputLedger* outputs,
                         const std::function<bool()>& stop,
                         const std::function<void(const LoopProgress&)>& progress) {
  return ClosedLoop(target, options, outputs).Run(stop, progress);
}

}  // namespace normbench
