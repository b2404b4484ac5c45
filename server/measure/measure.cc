// SPDX-License-Identifier: Apache-2.0
#include "server/measure/measure.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "bench/norm/case_data.h"
#include "bench/norm/checksum.h"
#include "bench/norm/error_bound.h"
#include "bench/norm/reference.h"
#include "server/measure/sample_budget.h"

namespace normbench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kProgressEvery(500);
constexpr int kMaxIterations = 1 << 20;
// Different outputs are rare, and comparing one takes as long as many samples.
constexpr size_t kMaxCompared = 4;
// A copy and the call that warms up after it take as long as a few samples: where a call is long
// only every kSparse-th sample has them.
constexpr double kLongCallSeconds = 5e-3;
constexpr int kSparse = 4;

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Calls `progress` at most twice a second, except where a phase starts.
class Reporter {
 public:
  explicit Reporter(const MeasureHooks& hooks) : hooks_(hooks) {}

  void Begin(MeasurePhase phase) {
    phase_ = phase;
    Report(0, 0);
  }
  void Update(int samples, double fraction) {
    if (Clock::now() >= next_) Report(samples, std::min(fraction, 1.0));
  }
  absl::Status Continue() const {
    return hooks_.cancelled() ? absl::CancelledError("the measurement was cancelled")
                              : absl::OkStatus();
  }

 private:
  void Report(int samples, double fraction) {
    hooks_.progress(phase_, samples, fraction);
    next_ = Clock::now() + kProgressEvery;
  }

  const MeasureHooks& hooks_;
  MeasurePhase phase_ = MeasurePhase::kPrepare;
  Clock::time_point next_;
};

// What the outputs were, told apart by their bits; each different one is compared once.
class Outputs {
 public:
  Outputs(const MeasureSpec& spec, const ReferenceResult& reference, const std::vector<float>& y)
      : spec_(spec), reference_(reference), y_(y) {}

  void SeeUntimed() { Compared(Sum()); }
  void SeeTimed() {
    const uint64_t sum = Sum();
    timed_.insert(sum);
    if (!Compared(sum)) all_compared_ = false;
  }

  void Describe(Measurement& out) const {
    bool first = true;
    for (const auto& [sum, accuracy] : compared_) {
      if (!timed_.contains(sum)) continue;
      out.accuracy = first ? accuracy : Worse(out.accuracy, accuracy);
      first = false;
    }
    out.distinct_outputs = static_cast<int>(timed_.size());
    out.all_compared = all_compared_;
  }

 private:
  uint64_t Sum() const { return Checksum(y_.data(), y_.size() * sizeof(float)); }

  bool Compared(uint64_t sum) {
    if (compared_.contains(sum)) return true;
    if (compared_.size() == kMaxCompared) return false;
    compared_[sum] = Compare(spec_.plan.spec, spec_.plan.shape, spec_.plan.dtype, reference_, y_);
    return true;
  }

  const MeasureSpec& spec_;
  const ReferenceResult& reference_;
  const std::vector<float>& y_;
  std::map<uint64_t, Accuracy> compared_;
  std::set<uint64_t> timed_;
  bool all_compared_ = true;
};

// Seconds per copy of `from` into `to`, over `count` in a row.
double TimeCopies(const std::vector<float>& from, std::vector<float>& to, int count) {
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < count; ++i) {
    std::memcpy(to.data(), from.data(), from.size() * sizeof(float));
    // Otherwise all copies but the last are dead stores to the compiler.
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  return Since(start) / count;
}

// How many calls in a row make a sample long enough, found by doubling.
class SampleSize {
 public:
  int count() const { return count_; }
  // Returns whether count() calls are long enough, given that they took `seconds` each; grows it if
  // not. Asks for several that agree: one slow call, as the first ones are, proves nothing.
  bool Enough(double seconds) {
    if (seconds * count_ >= kSampleSeconds || count_ >= kMaxIterations) {
      ++agreed_;
    } else {
      count_ *= 2;
      agreed_ = 0;
    }
    return agreed_ >= 3;
  }

 private:
  int count_ = 1;
  int agreed_ = 0;
};

class Session {
 public:
  Session(const MeasureSpec& spec, const MeasureHooks& hooks) : spec_(spec), reporter_(hooks) {}

  absl::StatusOr<Measurement> Run() {
    for (const auto step : {&Session::Prepare, &Session::Bind, &Session::Verify, &Session::WarmUp,
                            &Session::Collect}) {
      if (absl::Status status = reporter_.Continue(); !status.ok()) return status;
      if (absl::Status status = (this->*step)(); !status.ok()) return status;
    }
    return std::move(out_);
  }

 private:
  absl::Status Prepare() {
    reporter_.Begin(MeasurePhase::kPrepare);
    data_.emplace(spec_.plan.spec, spec_.plan.shape, spec_.data, spec_.seed);
    y_.assign(data_->x().size(), std::numeric_limits<float>::quiet_NaN());
    return absl::OkStatus();
  }

  absl::Status Bind() {
    const PlanRequest& plan = spec_.plan;
    absl::StatusOr<std::shared_ptr<const NormPlan>> planned =
        plan.kernel->Plan(plan.spec, plan.shape, plan.dtype, plan.layout, plan.device);
    if (!planned.ok()) return planned.status();
    plan_ = *std::move(planned);
    NormBuffers buffers = data_->inputs();
    buffers.y = y_.data();
    absl::StatusOr<std::unique_ptr<BoundNorm>> bound = plan_->Bind(buffers);
    if (!bound.ok()) return bound.status();
    bound_ = *std::move(bound);
    out_.time_source = bound_->time_source();
    copies_ = out_.time_source == "steady_clock";
    out_.algorithmic_bytes = 2.0 * static_cast<double>(y_.size() * sizeof(float));
    return absl::OkStatus();
  }

  // y still holds the NaN it was made with: an element that is never written shows.
  absl::Status Verify() {
    reporter_.Begin(MeasurePhase::kVerify);
    const PlanRequest& plan = spec_.plan;
    const NormBuffers in = data_->inputs();
    reference_ = ReferenceNorm(plan.spec, plan.shape, in);
    out_.bound = ErrorBound(plan.spec, plan.shape, plan.dtype,
                            ConditioningOf(plan.spec, plan.shape, in, reference_));
    const Clock::time_point start = Clock::now();
    if (absl::Status status = LaunchOnce(); !status.ok()) return status;
    out_.first_call_seconds = Since(start);
    outputs_.SeeUntimed();
    return absl::OkStatus();
  }

  absl::Status WarmUp() {
    reporter_.Begin(MeasurePhase::kWarmUp);
    const Clock::time_point start = Clock::now();
    bool enough = false;
    while (!enough || Since(start) < spec_.warmup_seconds) {
      if (absl::Status status = reporter_.Continue(); !status.ok()) return status;
      const absl::StatusOr<double> seconds = bound_->Time(calls_.count());
      if (!seconds.ok()) return seconds.status();
      out_.warmup_calls += calls_.count();
      enough = calls_.Enough(*seconds);
      if (*seconds > kLongCallSeconds) copy_every_ = kSparse;
      reporter_.Update(0, Since(start) / std::max(spec_.warmup_seconds, 1e-9));
    }
    out_.iterations_per_sample = calls_.count();
    if (!copies_) return absl::OkStatus();
    while (!copy_size_.Enough(TimeCopies(data_->x(), y_, copy_size_.count()))) {
    }
    evicted_ = true;
    return absl::OkStatus();
  }

  absl::Status Collect() {
    reporter_.Begin(MeasurePhase::kMeasure);
    const Clock::time_point start = Clock::now();
    SampleBudget budget(spec_);
    while (budget.Used(Since(start)) < 1) {
      if (absl::Status status = reporter_.Continue(); !status.ok()) return status;
      if (absl::Status status = Sample(budget.samples()); !status.ok()) return status;
      budget.Add(out_.sample_seconds.back() * calls_.count());
      reporter_.Update(budget.samples(), budget.Used(Since(start)));
    }
    outputs_.Describe(out_);
    return absl::OkStatus();
  }

  // A copy takes x and y out of the caches that a hot case wants: one untimed call brings them
  // back. It also proves that y is written, as the copy left x in it.
  absl::Status Sample(int index) {
    if (evicted_) {
      if (absl::Status status = LaunchOnce(); !status.ok()) return status;
    }
    const absl::StatusOr<double> seconds = bound_->Time(calls_.count());
    if (!seconds.ok()) return seconds.status();
    if (absl::Status status = bound_->Synchronize(); !status.ok()) return status;
    out_.sample_seconds.push_back(*seconds);
    outputs_.SeeTimed();
    evicted_ = copies_ && index % copy_every_ == 0;
    if (evicted_) out_.copy_seconds.push_back(TimeCopies(data_->x(), y_, copy_size_.count()));
    return absl::OkStatus();
  }

  absl::Status LaunchOnce() {
    if (absl::Status status = bound_->Launch(); !status.ok()) return status;
    return bound_->Synchronize();
  }

  const MeasureSpec& spec_;
  Reporter reporter_;
  std::optional<CaseData> data_;
  std::vector<float> y_;  // also where the copies go: a third tensor would only cost memory
  ReferenceResult reference_;
  Outputs outputs_{spec_, reference_, y_};
  std::shared_ptr<const NormPlan> plan_;
  std::unique_ptr<BoundNorm> bound_;
  SampleSize calls_, copy_size_;
  bool copies_ = false;   // whether samples have a copy beside them
  int copy_every_ = 1;    // that many samples
  bool evicted_ = false;  // a copy was the last to run
  Measurement out_;
};

}  // namespace

std::string_view Name(MeasurePhase phase) {
  switch (phase) {
    case MeasurePhase::kPrepare:
      return "prepare";
    case MeasurePhase::kVerify:
      return "verify";
    case MeasurePhase::kWarmUp:
      return "warm-up";
    case MeasurePhase::kMeasure:
      return "measure";
  }
  return "";
}

absl::StatusOr<Measurement> Measure(const MeasureSpec& spec, const MeasureHooks& hooks) {
  return Session(spec, hooks).Run();
}

int64_t MeasureBytes(const NormSpec& spec, const Shape& shape) {
  const auto f32 = static_cast<int64_t>(sizeof(float));
  const auto f64 = static_cast<int64_t>(sizeof(double));
  const int64_t tensors = shape.elements() * (2 * f32 + f64);  // x, y; the reference's y
  const int64_t given = 2 * f32 * (AffineElements(spec, shape) + shape.channels());
  // For each group the reference's mean and rstd, and what a comparison sums up beside them.
  return tensors + given + 5 * f64 * Geometry(spec, shape).groups;
}

}  // namespace normbench
