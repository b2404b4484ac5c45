// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/rows.h"

#include <algorithm>

#include "server/kernels/native/affine.h"
#include "server/kernels/native/moments.h"
#include "server/kernels/native/scales.h"

namespace normbench {
namespace {

struct RowState {
  float shift = 0;
  Standard standard;
};

class RowSteps final : public Steps {
 public:
  explicit RowSteps(const Setting& setting) : setting_(setting) {}

  StepSizes sizes() const override {
    const int64_t chunks = (scheme().length + kChunk - 1) / kChunk;
    return {.units = scheme().rows,
            .chunks = chunks,
            .unit_bytes = scheme().length * setting_.element_bytes(),
            .shared = ExpandedBytes(setting_),
            .state = Lines(sizeof(RowState)) + 2 * ScaleBytes(),
            .sums = Lines(2 * kPackLanes * sizeof(double))};
  }

  void Prepare(const NormCall& call) const override {
    Expand(setting_, call.buffers.norm, call.shared);
  }

  void Begin(const NormCall& call, int64_t row, UnitMemory memory) const override {
    StateOf(memory) = {};
    if (!scheme().centred) return;
    const int64_t first = row * scheme().length;
    const void* x = setting_.At(call.buffers.norm.x, first);
    StateOf(memory).shift = setting_.problem.fusion.add_before
                                ? MiddleOfSum(call.buffers, first)
                                : setting_.loops->middle_of_row(x, scheme().length);
  }

  void Sum(const NormCall& call, int64_t row, int64_t chunk, UnitMemory memory) const override {
    const int64_t first = row * scheme().length + chunk * kChunk;
    const int64_t n = std::min(kChunk, scheme().length - chunk * kChunk);
    setting_.AddBefore(call.buffers, first, n);
    double* sums = SumsOf(memory, chunk);
    std::fill_n(sums, 2 * kPackLanes, 0.0);
    setting_.loops->sum_row[scheme().centred](setting_.At(setting_.Source(call.buffers), first), n,
                                              StateOf(memory).shift, sums);
  }

  void Finish(const NormCall& call, int64_t row, UnitMemory memory) const override {
    RowState& state = StateOf(memory);
    state.standard = StandardOf(MomentsOfRow(call, row, memory), eps());
    const NormBuffers& norm = call.buffers.norm;
    if (norm.mean_out != nullptr) norm.mean_out[row] = state.standard.high;
    if (norm.rstd_out != nullptr) norm.rstd_out[row] = state.standard.rstd;
    FillScales(norm, row, memory);
  }

  void Apply(const NormCall& call, int64_t row, int64_t chunk, UnitMemory memory) const override {
    const int64_t offset = chunk * kChunk;
    const int64_t n = std::min(kChunk, scheme().length - offset);
    Sweep sweep = setting_.SweepAt(call.buffers, row * scheme().length + offset);
    const bool by_element = IsByElement() && call.buffers.norm.gamma != nullptr;
    sweep.ahead = setting_.Ahead(scheme().length, by_element);
    const bool streams = setting_.Streams(call.buffers);
    const Activation activation = setting_.problem.fusion.activation;
    if (by_element) {
      const AffinePointers affine = AffineOf(setting_, call.buffers.norm, call.shared);
      const int64_t at = row % scheme().period * scheme().length + offset;
      const float* beta = affine.beta == nullptr ? nullptr : affine.beta + at;
      setting_.loops->apply_elements[streams](sweep, n, StateOf(memory).standard, affine.gamma + at,
                                              beta, activation);
    } else {
      setting_.loops->apply_segments[streams](sweep, SegmentsOf(memory, offset, n), activation);
    }
    if (streams) setting_.loops->fence();
  }

 private:
  const Scheme& scheme() const { return setting_.scheme; }
  double eps() const { return setting_.problem.spec.eps; }
  bool IsByElement() const { return scheme().segment == 1; }
  // By element the whole row is one, for where the caller gives no gamma and beta.
  int64_t Segment() const { return IsByElement() ? scheme().length : scheme().segment; }
  int64_t SegmentCount() const { return scheme().length / Segment(); }
  size_t ScaleBytes() const { return Lines(SegmentCount() * static_cast<int64_t>(sizeof(float))); }

  // Of x + residual, which is not there yet: of the three packs that would be looked at.
  float MiddleOfSum(const NativeBuffers& b, int64_t first) const {
    alignas(64) std::byte sum[3 * kPackLanes * sizeof(float)];
    for (int i = 0; i < 3; ++i) {
      const int64_t at = first + scheme().length / 3 * i;
      setting_.loops->add(setting_.At(b.norm.x, at), setting_.At(b.residual, at),
                          setting_.At(sum, i * kPackLanes), kPackLanes);
    }
    return setting_.loops->middle_of_row(sum, 3 * kPackLanes);
  }

  static RowState& StateOf(UnitMemory memory) { return *reinterpret_cast<RowState*>(memory.state); }
  float* ScalesOf(UnitMemory memory) const {
    return reinterpret_cast<float*>(memory.state + Lines(sizeof(RowState)));
  }
  float* BiasesOf(UnitMemory memory) const {
    return reinterpret_cast<float*>(memory.state + Lines(sizeof(RowState)) + ScaleBytes());
  }
  static double* SumsOf(UnitMemory memory, int64_t chunk) {
    return reinterpret_cast<double*>(memory.sums) + chunk * 2 * kPackLanes;
  }

  Moments MomentsOfRow(const NormCall& call, int64_t row, UnitMemory memory) const {
    double* total = SumsOf(memory, 0);
    for (int64_t c = 1; c < (scheme().length + kChunk - 1) / kChunk; ++c) {
      const double* sums = SumsOf(memory, c);
      for (int i = 0; i < 2 * kPackLanes; ++i) total[i] += sums[i];
    }
    const ShiftedSums sums = SumLanes(total);
    const Moments moments =
        MomentsOf(sums, static_cast<double>(StateOf(memory).shift), scheme().length);
    if (IsInRange(sums, moments, eps())) return moments;
    const void* x = setting_.At(setting_.Source(call.buffers), row * scheme().length);
    return PreciseMoments(setting_.problem.format.dtype, {.x = x, .length = scheme().length},
                          scheme().centred);
  }

  void FillScales(const NormBuffers& norm, int64_t row, UnitMemory memory) const {
    const Standard& standard = StateOf(memory).standard;
    const int64_t first = row % scheme().period * SegmentCount();
    float* scales = ScalesOf(memory);
    float* biases = BiasesOf(memory);
    for (int64_t i = 0; i < SegmentCount(); ++i) {
      const Scaling scaling = ScalingOf(standard, norm.gamma, norm.beta, first + i);
      scales[i] = scaling.scale;
      biases[i] = scaling.bias;
    }
  }

  Segments SegmentsOf(UnitMemory memory, int64_t offset, int64_t n) const {
    const int64_t at = offset / Segment();
    return {.n = n,
            .head = (at + 1) * Segment() - offset,
            .segment = Segment(),
            .high = &StateOf(memory).standard.high,
            .high_step = 0,
            .scale = ScalesOf(memory) + at,
            .bias = BiasesOf(memory) + at};
  }

  const Setting setting_;
};

}  // namespace

std::unique_ptr<const Steps> MakeRows(const Setting& setting) {
  return std::make_unique<RowSteps>(setting);
}

}  // namespace normbench
