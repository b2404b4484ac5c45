// SPDX-License-Identifier: Apache-2.0
#include "server/measure/measure.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "bench/norm/case_data.h"
#include "bench/norm/checksum.h"
#include "bench/norm/error_bound.h"
#include "bench/norm/reference.h"
#include "server/measure/sample_budget.h"

namespace normbench {
namespace {

using Clock = std::chrono::steady_clock;
using Bytes = std::vector<std::byte>;

constexpr std::byte kNan{0xff};  // in every byte of any floating point type

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
  Outputs(const MeasureSpec& spec, const ReferenceResult& reference)
      : spec_(spec), reference_(reference) {}

  void SeeUntimed(const Bytes& y) { Compared(Sum(y), y); }
  void SeeTimed(const Bytes& y) {
    const uint64_t sum = Sum(y);
    timed_.insert(sum);
    if (!Compared(sum, y)) all_compared_ = false;
  }

  void Describe(Measurement& out) const {
    bool first = true;
    for (const auto& [sum, accuracy] : compared_) {
      if (!timed_.contains(sum)) continue;
      out.accuracy = first ? accuracy : Worse(out.accuracy, accuracy);
      first = false;
    }
    out.distinct_outputs = static_cast<int>(timed_.size());
    for (const uint64_t sum : timed_) {
      if (out.output_checksums.size() < kMaxChecksums) out.output_checksums.push_back(sum);
    }
    out.all_compared = all_compared_;
  }

 private:
  static uint64_t Sum(const Bytes& y) { return Checksum(y.data(), y.size()); }

  bool Compared(uint64_t sum, const Bytes& y) {
    if (compared_.contains(sum)) return true;
    if (compared_.size() == kMaxCompared) return false;
    const PlanRequest& plan = spec_.plan;
    compared_[sum] = ComparePacked(plan.spec, plan.shape, plan.format(), reference_, y.data());
    return true;
  }

  const MeasureSpec& spec_;
  const ReferenceResult& reference_;
  std::map<uint64_t, Accuracy> compared_;
  std::set<uint64_t> timed_;
  bool all_compared_ = true;
};

// Memory that a call works on.
struct Lane {
  Bytes own_x;                   // a copy of the case's; empty: the case's own
  std::span<const std::byte> x;  // what is copied and normalized
  Bytes y;                       // also where the copies go: a third tensor would only cost memory
  std::unique_ptr<BoundNorm> bound;
};

// The lanes, one after the other, again and again.
class Lanes {
 public:
  // The first `count` of them are made by `make`.
  absl::Status Create(int64_t count, const std::function<absl::StatusOr<Lane>()>& make) {
    for (int64_t i = 0; i < count; ++i) {
      absl::StatusOr<Lane> lane = make();
      if (!lane.ok()) return lane.status();
      lanes_.push_back(*std::move(lane));
    }
    return absl::OkStatus();
  }

  bool cold() const { return lanes_.size() > 1; }
  const Lane& last() const { return lanes_[last_]; }
  Lane& Next() {
    last_ = (last_ + 1) % lanes_.size();
    return lanes_[last_];
  }

  // Seconds per call over `count` in a row.
  absl::StatusOr<double> TimeCalls(int count) {
    if (!cold()) return Next().bound->Time(count);
    double sum = 0;
    for (int i = 0; i < count; ++i) {
      const absl::StatusOr<double> seconds = Next().bound->Time(1);
      if (!seconds.ok()) return seconds.status();
      sum += *seconds;
    }
    return sum / count;
  }

  // Seconds per copy of x into y, over `count` in a row.
  double TimeCopies(int count) {
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < count; ++i) {
      Lane& lane = Next();
      std::memcpy(lane.y.data(), lane.x.data(), lane.x.size());
      // Otherwise all copies but the last are dead stores to the compiler.
      std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    return Since(start) / count;
  }

 private:
  std::vector<Lane> lanes_;
  size_t last_ = 0;
};

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
    const PlanRequest& plan = spec_.plan;
    data_.emplace(plan.spec, plan.shape, spec_.data, spec_.seed, 0, plan.format());
    out_.algorithmic_bytes = 2.0 * static_cast<double>(data_->packed_x().size());
    return absl::OkStatus();
  }

  absl::Status Bind() {
    const PlanRequest& plan = spec_.plan;
    absl::StatusOr<std::shared_ptr<const NormPlan>> planned =
        plan.kernel->Plan(plan.spec, plan.shape, plan.dtype, plan.layout, plan.device);
    if (!planned.ok()) return planned.status();
    plan_ = *std::move(planned);
    const int64_t count = LanesOf(spec_);
    const auto make = [this, count] { return MakeLane(count > 1); };
    if (absl::Status status = lanes_.Create(count, make); !status.ok()) return status;
    out_.time_source = lanes_.last().bound->time_source();
    copies_ = out_.time_source == "steady_clock";
    return absl::OkStatus();
  }

  absl::StatusOr<Lane> MakeLane(bool own_x) {
    Lane lane;
    lane.x = data_->packed_x();
    if (own_x) {
      lane.own_x.assign(lane.x.begin(), lane.x.end());
      lane.x = lane.own_x;
    }
    lane.y.assign(lane.x.size(), kNan);
    NormBuffers buffers = data_->packed_inputs();
    buffers.x = lane.x.data();
    buffers.y = lane.y.data();
    absl::StatusOr<std::unique_ptr<BoundNorm>> bound = plan_->Bind(buffers);
    if (!bound.ok()) return bound.status();
    lane.bound = *std::move(bound);
    return lane;
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
    out_.converts_layout = lanes_.last().bound->converts_layout();
    outputs_.SeeUntimed(lanes_.last().y);
    return absl::OkStatus();
  }

  absl::Status WarmUp() {
    reporter_.Begin(MeasurePhase::kWarmUp);
    const Clock::time_point start = Clock::now();
    bool enough = false;
    double fastest = std::numeric_limits<double>::infinity();  // one slow call proves nothing
    while (!enough || Since(start) < spec_.warmup_seconds) {
      if (absl::Status status = reporter_.Continue(); !status.ok()) return status;
      const absl::StatusOr<double> seconds = lanes_.TimeCalls(calls_.count());
      if (!seconds.ok()) return seconds.status();
      out_.warmup_calls += calls_.count();
      enough = calls_.Enough(*seconds);
      fastest = std::min(fastest, *seconds);
      reporter_.Update(0, Since(start) / std::max(spec_.warmup_seconds, 1e-9));
    }
    if (fastest > kLongCallSeconds) copy_every_ = kSparse;
    out_.iterations_per_sample = calls_.count();
    if (!copies_) return absl::OkStatus();
    while (!copy_size_.Enough(lanes_.TimeCopies(copy_size_.count()))) {
    }
    evicted_ = !lanes_.cold();
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
    const absl::StatusOr<double> seconds = lanes_.TimeCalls(calls_.count());
    if (!seconds.ok()) return seconds.status();
    if (absl::Status status = lanes_.last().bound->Synchronize(); !status.ok()) return status;
    out_.sample_seconds.push_back(*seconds);
    outputs_.SeeTimed(lanes_.last().y);
    const bool copy = copies_ && index % copy_every_ == 0;
    if (copy) out_.copy_seconds.push_back(lanes_.TimeCopies(copy_size_.count()));
    evicted_ = copy && !lanes_.cold();
    return absl::OkStatus();
  }

  absl::Status LaunchOnce() {
    BoundNorm& bound = *lanes_.Next().bound;
    if (absl::Status status = bound.Launch(); !status.ok()) return status;
    return bound.Synchronize();
  }

  const MeasureSpec& spec_;
  Reporter reporter_;
  std::optional<CaseData> data_;
  ReferenceResult reference_;
  Outputs outputs_{spec_, reference_};
  std::shared_ptr<const NormPlan> plan_;
  Lanes lanes_;
  SampleSize calls_, copy_size_;
  bool copies_ = false;   // whether samples have a copy beside them
  int copy_every_ = 1;    // that many samples
  bool evicted_ = false;  // a copy was the last to run, in a hot case
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

int64_t LanesOf(const MeasureSpec& spec) {
  if (spec.cold_bytes == 0) return 1;
  const int64_t pair = 2 * PackedBytes(spec.plan.format(), spec.plan.shape);
  // One more than are to be used in between, and the one itself.
  return std::min(spec.cold_bytes / pair + 2, kMaxLanes);
}

int64_t MeasureBytes(const MeasureSpec& spec) {
  const auto f32 = static_cast<int64_t>(sizeof(float));
  const auto f64 = static_cast<int64_t>(sizeof(double));
  const NormSpec& norm = spec.plan.spec;
  const Shape& shape = spec.plan.shape;
  const TensorFormat format = spec.plan.format();
  const int64_t tensor = PackedBytes(format, shape), lanes = LanesOf(spec);
  const int64_t values = shape.elements() * (f32 + f64);  // x; the reference's y
  const int64_t packed =
      (IsPlain(format) ? 0 : tensor) + lanes * tensor + (lanes > 1 ? lanes * tensor : 0);
  const int64_t given = 2 * f32 * (AffineElements(norm, shape) + shape.channels());
  // For each group the reference's mean and rstd.
  const int64_t statistics = 2 * f64 * Geometry(norm, shape).groups;
  return values + packed + given + statistics + CompareBytes(norm, shape, format);
}

}  // namespace normbench
