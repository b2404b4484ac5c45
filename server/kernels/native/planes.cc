// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/planes.h"

#include <algorithm>

#include "server/kernels/native/moments.h"
#include "server/kernels/native/scales.h"

namespace normbench {
namespace {

// Neighbouring channels are taken together until a sample's planes of them are this long: jumping
// from sample to sample for less would leave the memory waiting. Longer ones only as far as the
// planes of all samples stay in the second cache, for the second sweep, and are much beside the
// sums, 256 bytes a channel and chunk.
int64_t ChannelsPerTile(const Scheme& scheme) {
  constexpr int64_t kShortest = 4096, kLongest = 12288, kAllSamples = 96 << 10, kLongPlane = 512;
  const bool longer = scheme.samples > 1 && scheme.plane >= kLongPlane;
  const int64_t elements =
      longer ? std::clamp(kAllSamples / scheme.samples, kShortest, kLongest) : kShortest;
  return std::clamp<int64_t>(elements / scheme.plane, 1, scheme.channels);
}

// Of one sample, which is read once.
int64_t ScaledChannelsPerTile(const Scheme& scheme) {
  constexpr int64_t kElements = 16384;
  return std::clamp<int64_t>(kElements / scheme.plane, 1, scheme.channels);
}

// The planes of neighbouring channels of one sample, the channels counted as in `scales`.
Segments SegmentsOf(const ColumnScales& scales, ChannelRange channels, const Scheme& scheme) {
  return {.n = (channels.end - channels.begin) * scheme.plane,
          .head = scheme.plane,
          .segment = scheme.plane,
          .high = scales.high + channels.begin,
          .high_step = 1,
          .scale = scales.scale + channels.begin,
          .bias = scales.bias + channels.begin};
}

class PlaneSteps final : public Steps {
 public:
  explicit PlaneSteps(const Setting& setting)
      : setting_(setting),
        tile_(ChannelsPerTile(setting.scheme)),
        samples_per_chunk_(std::max<int64_t>(kChunk / (tile_ * setting.scheme.plane), 1)) {}

  StepSizes sizes() const override {
    const int64_t chunks = (scheme().samples + samples_per_chunk_ - 1) / samples_per_chunk_;
    return {.units = (scheme().channels + tile_ - 1) / tile_,
            .chunks = chunks,
            .unit_bytes = scheme().samples * tile_ * scheme().plane * setting_.element_bytes(),
            .state = ScalesBytes(tile_),
            .sums = Lines(tile_ * 2 * kPackLanes * static_cast<int64_t>(sizeof(double)))};
  }

  void Begin(const NormCall& call, int64_t unit, UnitMemory memory) const override {
    const ChannelRange channels = ChannelsOf(unit);
    for (int64_t c = channels.begin; c < channels.end; ++c) {
      ScalesOf(memory).high[c - channels.begin] = MiddleOf(call.buffers.norm.x, c);
    }
  }

  void Sum(const NormCall& call, int64_t unit, int64_t chunk, UnitMemory memory) const override {
    const ChannelRange channels = ChannelsOf(unit);
    double* sums = SumsOf(memory, chunk);
    std::fill_n(sums, tile_ * 2 * kPackLanes, 0.0);
    const float* shifts = ScalesOf(memory).high;
    for (int64_t sample = First(chunk); sample < Last(chunk); ++sample) {
      for (int64_t c = channels.begin; c < channels.end; ++c) {
        const int64_t i = c - channels.begin;
        setting_.loops->sum_row[1](setting_.At(call.buffers.norm.x, PlaneAt(sample, c)),
                                   scheme().plane, shifts[i], sums + i * 2 * kPackLanes);
      }
    }
  }

  void Finish(const NormCall& call, int64_t unit, UnitMemory memory) const override {
    double* total = SumsOf(memory, 0);
    for (int64_t chunk = 1; chunk < sizes().chunks; ++chunk) {
      const double* sums = SumsOf(memory, chunk);
      for (int64_t i = 0; i < tile_ * 2 * kPackLanes; ++i) total[i] += sums[i];
    }
    const ChannelRange channels = ChannelsOf(unit);
    for (int64_t c = channels.begin; c < channels.end; ++c) FinishChannel(call, c, unit, memory);
  }

  void Apply(const NormCall& call, int64_t unit, int64_t chunk, UnitMemory memory) const override {
    const ChannelRange channels = ChannelsOf(unit);
    const ColumnScales scales = ScalesOf(memory);
    const bool streams = setting_.Streams(call.buffers);
    const Segments segments = SegmentsOf(scales, {0, channels.end - channels.begin}, scheme());
    for (int64_t sample = First(chunk); sample < Last(chunk); ++sample) {
      Sweep sweep = setting_.SweepAt(call.buffers, PlaneAt(sample, channels.begin));
      // The next unit's: the CPU does not foresee where reading goes on.
      if (scheme().samples > 1) sweep.ahead = tile_ * scheme().plane;
      setting_.loops->apply_segments[streams](sweep, segments, setting_.problem.fusion.activation);
    }
    if (streams) setting_.loops->fence();
  }

 private:
  const Scheme& scheme() const { return setting_.scheme; }
  ChannelRange ChannelsOf(int64_t unit) const {
    return {unit * tile_, std::min((unit + 1) * tile_, scheme().channels)};
  }
  int64_t First(int64_t chunk) const { return chunk * samples_per_chunk_; }
  int64_t Last(int64_t chunk) const {
    return std::min(scheme().samples, (chunk + 1) * samples_per_chunk_);
  }
  // The median of three samples' from all over the batch: one unlike the others does not move it.
  float MiddleOf(const void* x, int64_t channel) const {
    const auto of = [&](int64_t sample) {
      return setting_.loops->middle_of_row(setting_.At(x, PlaneAt(sample, channel)),
                                           scheme().plane);
    };
    if (scheme().samples == 1) return of(0);
    const float a = of(0), b = of(scheme().samples / 3), c = of(scheme().samples * 2 / 3);
    return std::max(std::min(a, b), std::min(std::max(a, b), c));
  }
  int64_t PlaneAt(int64_t sample, int64_t channel) const {
    return (sample * scheme().channels + channel) * scheme().plane;
  }
  // Of the tile's channels; high is the shift until Finish.
  ColumnScales ScalesOf(UnitMemory memory) const { return ScalesAt(memory.state, tile_); }
  double* SumsOf(UnitMemory memory, int64_t chunk) const {
    return reinterpret_cast<double*>(memory.sums + static_cast<size_t>(chunk) * sizes().sums);
  }

  void FinishChannel(const NormCall& call, int64_t c, int64_t unit, UnitMemory memory) const {
    const int64_t i = c - ChannelsOf(unit).begin;
    const ColumnScales scales = ScalesOf(memory);
    const ShiftedSums sums = SumLanes(SumsOf(memory, 0) + i * 2 * kPackLanes);
    const double eps = setting_.problem.spec.eps;
    Moments moments =
        MomentsOf(sums, static_cast<double>(scales.high[i]), scheme().samples * scheme().plane);
    if (!IsInRange(sums, moments, eps)) {
      const Pieces pieces = {.x = setting_.At(call.buffers.norm.x, c * scheme().plane),
                             .count = scheme().samples,
                             .length = scheme().plane,
                             .stride = scheme().channels * scheme().plane};
      moments = PreciseMoments(setting_.problem.format.dtype, pieces, true);
    }
    const Standard standard = StandardOf(moments, eps);
    const NormBuffers& norm = call.buffers.norm;
    if (norm.mean_out != nullptr) norm.mean_out[c] = standard.high;
    if (norm.rstd_out != nullptr) norm.rstd_out[c] = standard.rstd;
    FillScales(FromChannel(norm, c - i), {i, i + 1}, standard, scales);
  }

  const Setting setting_;
  const int64_t tile_;  // channels of a unit
  const int64_t samples_per_chunk_;
};

// A unit is a tile of one sample.
class ScaledPlaneSteps final : public Steps {
 public:
  explicit ScaledPlaneSteps(const Setting& setting)
      : setting_(setting),
        tile_(ScaledChannelsPerTile(setting.scheme)),
        tiles_((setting.scheme.channels + tile_ - 1) / tile_) {}

  StepSizes sizes() const override {
    return {.units = setting_.scheme.samples * tiles_,
            .unit_bytes = tile_ * setting_.scheme.plane * setting_.element_bytes(),
            .shared = ScalesBytes(setting_.scheme.channels)};
  }

  void Prepare(const NormCall& call) const override {
    FillGivenScales(setting_, call.buffers.norm, ScalesOf(call));
  }

  void Apply(const NormCall& call, int64_t unit, int64_t, UnitMemory) const override {
    const Scheme& scheme = setting_.scheme;
    const int64_t c = unit % tiles_ * tile_;
    const int64_t count = std::min(tile_, scheme.channels - c);
    const ColumnScales scales = ScalesOf(call);
    const Segments segments = SegmentsOf(scales, {c, c + count}, scheme);
    const int64_t first = (unit / tiles_ * scheme.channels + c) * scheme.plane;
    const bool streams = setting_.Streams(call.buffers);
    setting_.loops->apply_segments[streams](setting_.SweepAt(call.buffers, first), segments,
                                            setting_.problem.fusion.activation);
    if (streams) setting_.loops->fence();
  }

 private:
  ColumnScales ScalesOf(const NormCall& call) const {
    return ScalesAt(call.shared, setting_.scheme.channels);
  }

  const Setting setting_;
  const int64_t tile_;   // channels of a unit
  const int64_t tiles_;  // units of a sample
};

}  // namespace

std::unique_ptr<const Steps> MakePlanes(const Setting& setting) {
  return std::make_unique<PlaneSteps>(setting);
}

std::unique_ptr<const Steps> MakeScaledPlanes(const Setting& setting) {
  return std::make_unique<ScaledPlaneSteps>(setting);
}

}  // namespace normbench
