// SPDX-License-Identifier: Apache-2.0
#include "server/measure/invariance.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "bench/norm/case_data.h"
#include "server/measure/neighbours.h"

namespace normbench {
namespace {

using Bytes = std::vector<std::byte>;

constexpr int kNan = 0xff;  // in every byte of any floating point type
constexpr double kProgressStep = 0.01;
constexpr size_t kLine = 64;  // bytes of a cache line, and of the widest vector
constexpr size_t kMostPositions = 3;

// Where a batch lies and what is beside the sample.
struct Setting {
  Neighbour neighbour = Neighbour::kSameDistribution;
  size_t offset = 0;  // of x and y from a cache line, in bytes

  bool aligned() const { return offset == 0; }
  bool plain() const { return aligned() && neighbour == Neighbour::kSameDistribution; }
};

// The plain one first: the others are compared with it.
std::vector<Setting> SettingsOf(const InvarianceSpec& spec, int n) {
  std::vector<Setting> settings = {{}};
  if (n > 1) {
    settings.push_back({.neighbour = Neighbour::kHuge});
    settings.push_back({.neighbour = Neighbour::kZeros});
  }
  if (spec.sample.device != "cpu") return settings;  // its own memory is always aligned
  for (const size_t offset :
       {static_cast<size_t>(SizeOf(spec.sample.dtype)), size_t{16}, size_t{32}}) {
    settings.push_back({.offset = offset});
  }
  return settings;
}

// First, middle and last, as far as they are different ones.
std::vector<int> PositionsOf(int n) {
  std::vector<int> positions = {0, n / 2, n - 1};
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  return positions;
}

// Positions [first, second) are looked at: the middle one where only the alignment is new.
std::pair<size_t, size_t> LookedAt(const Setting& setting, size_t positions) {
  if (setting.aligned()) return {0, positions};
  return {positions / 2, positions / 2 + 1};
}

double LaunchesAt(const InvarianceSpec& spec, int n) {
  size_t launches = 0;
  for (const Setting& setting : SettingsOf(spec, n)) {
    const auto [begin, end] = LookedAt(setting, PositionsOf(n).size());
    launches += end - begin;
  }
  return static_cast<double>(launches * spec.threads.size());
}

// Memory that begins at a cache line, or so many bytes behind one.
class Lined {
 public:
  explicit Lined(size_t bytes) : bytes_(bytes + 2 * kLine) {}

  // REQUIRES: offset <= kLine.
  std::byte* At(size_t offset) {
    void* begin = bytes_.data();
    size_t space = bytes_.size();
    return static_cast<std::byte*>(std::align(kLine, 1, begin, space)) + offset;
  }

 private:
  Bytes bytes_;
};

class Session {
 public:
  Session(const InvarianceSpec& spec, const InvarianceHooks& hooks)
      : spec_(spec),
        hooks_(hooks),
        data_(spec.sample.spec, spec.sample.shape, spec.data, spec.seed, 0, spec.sample.format()),
        neighbours_(spec.sample, spec.data, spec.seed),
        bytes_(data_.packed_x().size()),
        x_(bytes_ * static_cast<size_t>(spec.batch_sizes.back())),
        y_(bytes_ * static_cast<size_t>(spec.batch_sizes.back())),
        work_(InvarianceElements(spec)) {}

  absl::StatusOr<Invariance> Run() {
    if (absl::Status status = Alone(); !status.ok()) return status;
    for (const int n : spec_.batch_sizes) {
      if (absl::Status status = Check(n); !status.ok()) return status;
    }
    return result_;
  }

 private:
  absl::Status Alone() {
    for (const int threads : spec_.threads) {
      hooks_.set_threads(threads);
      absl::StatusOr<Bytes> answer = Answer(1, 0, {});
      if (!answer.ok()) return answer.status();
      alone_.push_back(*std::move(answer));
    }
    rms_ = RmsOf(spec_.sample.format(), spec_.sample.shape, alone_.front());
    return absl::OkStatus();
  }

  absl::Status Check(int n) {
    plain_.assign(spec_.threads.size() * kMostPositions, {});
    for (const Setting& setting : SettingsOf(spec_, n)) {
      for (int i = 0; i < n; ++i) PutNeighbour(setting, i);
      for (size_t t = 0; t < spec_.threads.size(); ++t) {
        hooks_.set_threads(spec_.threads[t]);
        if (absl::Status status = CheckPositions(n, setting, t); !status.ok()) return status;
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckPositions(int n, const Setting& setting, size_t t) {
    const std::vector<int> positions = PositionsOf(n);
    const auto [begin, end] = LookedAt(setting, positions.size());
    for (size_t p = begin; p < end; ++p) {
      absl::StatusOr<Bytes> answer = Answer(n, positions[p], setting);
      if (!answer.ok()) return answer.status();
      Count(n, setting, t, p, *std::move(answer));
      Advance(n);
    }
    return absl::OkStatus();
  }

  // Compares the answer with the sample alone, and with those that differ in one thing only.
  void Count(int n, const Setting& setting, size_t t, size_t p, Bytes answer) {
    result_.all.Add(n, Compare(answer, alone_.front()));
    Bytes& plain = plain_[t * kMostPositions + p];
    if (!setting.plain()) {
      const Cause cause = setting.aligned() ? Cause::kNeighbours : Cause::kAlignment;
      return CountFor(cause, n, Compare(answer, plain));
    }
    CountFor(Cause::kBatch, n, Compare(answer, alone_[t]));
    if (t > 0) CountFor(Cause::kThreads, n, Compare(answer, plain_[p]));
    plain = std::move(answer);
  }

  void CountFor(Cause cause, int n, const Difference& difference) {
    result_.by_cause[static_cast<size_t>(cause)].Add(n, difference);
  }

  // The answer for the sample at `position` among `n`; the neighbours are there.
  absl::StatusOr<Bytes> Answer(int n, int position, const Setting& setting) {
    if (hooks_.cancelled()) return absl::CancelledError("the comparison was cancelled");
    const size_t at = bytes_ * static_cast<size_t>(position);
    std::memcpy(x_.At(setting.offset) + at, data_.packed_x().data(), bytes_);
    std::byte* answer = y_.At(setting.offset) + at;
    std::memset(answer, kNan, bytes_);  // an element that is never written shows
    if (absl::Status status = Launch(n, setting.offset); !status.ok()) return status;
    PutNeighbour(setting, position);
    return Bytes(answer, answer + bytes_);
  }

  absl::Status Launch(int n, size_t offset) {
    const PlanRequest& sample = spec_.sample;
    const absl::StatusOr<Shape> shape = BatchOf(sample.shape, n);
    if (!shape.ok()) return shape.status();
    const auto plan =
        sample.kernel->Plan(sample.spec, *shape, sample.dtype, sample.layout, sample.device);
    if (!plan.ok()) return plan.status();
    NormBuffers buffers = data_.packed_inputs();
    buffers.x = x_.At(offset);
    buffers.y = y_.At(offset);
    const absl::StatusOr<std::unique_ptr<BoundNorm>> bound = (*plan)->Bind(buffers);
    if (!bound.ok()) return bound.status();
    if (absl::Status status = (*bound)->Launch(); !status.ok()) return status;
    return (*bound)->Synchronize();
  }

  void PutNeighbour(const Setting& setting, int i) {
    const std::span<const std::byte> neighbour = neighbours_.Get(setting.neighbour, i);
    std::memcpy(x_.At(setting.offset) + bytes_ * static_cast<size_t>(i), neighbour.data(), bytes_);
  }

  Difference Compare(const Bytes& a, const Bytes& b) const {
    return DifferenceOf(spec_.sample.format(), spec_.sample.shape, a, b, rms_);
  }

  void Advance(int n) {
    done_ += static_cast<double>(n) * static_cast<double>(spec_.sample.shape.elements());
    if (done_ < next_ * work_) return;
    hooks_.progress(std::min(done_ / work_, 1.0));
    next_ = done_ / work_ + kProgressStep;
  }

  const InvarianceSpec& spec_;
  const InvarianceHooks& hooks_;
  const CaseData data_;
  const Neighbours neighbours_;
  const size_t bytes_;  // of one sample
  Lined x_, y_;
  std::vector<Bytes> alone_;  // the answer for the sample alone, by threads
  double rms_ = 0;
  std::vector<Bytes> plain_;  // of this batch size, by threads and position
  const double work_;         // elements
  double done_ = 0, next_ = 0;
  Invariance result_;
};

}  // namespace

absl::StatusOr<Invariance> CheckInvariance(const InvarianceSpec& spec,
                                           const InvarianceHooks& hooks) {
  return Session(spec, hooks).Run();
}

absl::StatusOr<Shape> BatchOf(const Shape& sample, int64_t n) {
  std::vector<int64_t> dims = sample.dims();
  dims[0] *= n;
  return Shape::Create(dims);
}

double InvarianceElements(const InvarianceSpec& spec) {
  double samples = 0;
  for (const int n : spec.batch_sizes) samples += LaunchesAt(spec, n) * n;
  return samples * static_cast<double>(spec.sample.shape.elements());
}

int64_t InvarianceBytes(const InvarianceSpec& spec) {
  const TensorFormat format = spec.sample.format();
  const int64_t sample = PackedBytes(format, spec.sample.shape);
  const int64_t values = spec.sample.shape.elements() * int64_t{sizeof(float)};
  const auto threads = static_cast<int64_t>(spec.threads.size());
  const int64_t batches = 2 * (sample * spec.batch_sizes.back() + int64_t{2 * kLine});
  // The one at hand; alone and plain for each number of threads.
  const int64_t answers = sample * (1 + threads * int64_t{1 + kMostPositions});
  const int64_t given =
      4 * int64_t{sizeof(float)} *
      (AffineElements(spec.sample.spec, spec.sample.shape) + spec.sample.shape.channels());
  // x as values and packed; both sides of a difference.
  return batches + answers + given + values + sample + 2 * values +
         Neighbours::BytesFor(spec.sample);
}

}  // namespace normbench
