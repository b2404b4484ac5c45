// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/columns.h"

#include <algorithm>

#include "server/kernels/native/moments.h"
#include "server/kernels/native/table.h"
#include "server/kernels/native/tree_sum.h"

namespace normbench {
namespace {

// Statistics of groups of columns. A unit is a table, or some of its groups; channels and groups
// are counted within it, and arrays over columns are over those of the folded table.
class ColumnSteps final : public Steps {
 public:
  explicit ColumnSteps(const Setting& setting)
      : setting_(setting),
        table_(setting, setting.scheme.table_rows),
        width_(setting.scheme.channels / setting.scheme.groups),
        groups_(setting.scheme.unit_channels / width_),
        units_(setting.scheme.units()) {}

  StepSizes sizes() const override {
    return {.units = units_,
            .chunks = table_.chunks(),
            .unit_bytes = UnitElements() * setting_.element_bytes(),
            .state = ColumnScalesBytes(table_),
            .sums = 2 * SumBytes()};
  }

  void Begin(const NormCall& call, int64_t unit, UnitMemory memory) const override {
    if (!scheme().centred) return;
    float* shift = ScalesAt(memory.state, table_).high;
    const void* x = setting_.At(call.buffers.norm.x, First(unit));
    setting_.loops->middle_of_columns(x, table_.whole_rows(), shift);
    for (int64_t g = 0; width_ > 1 && g < groups_; ++g) AverageGroup(shift + g * width_);
    RepeatOne(shift, table_.fold());
  }

  void Sum(const NormCall& call, int64_t unit, int64_t chunk, UnitMemory memory) const override {
    double* s = SumsOf(memory, chunk);
    double* q = s + SumBytes() / sizeof(double);
    std::fill_n(s, 2 * SumBytes() / sizeof(double), 0.0);
    const float* shift = ScalesAt(memory.state, table_).high;
    table_.ForEachPart(chunk, [&](TablePart part) {
      const void* x = setting_.At(call.buffers.norm.x, First(unit) + part.first);
      setting_.loops->sum_columns[scheme().centred](x, part.size, shift, s, q);
    });
  }

  void Finish(const NormCall& call, int64_t unit, UnitMemory memory) const override {
    AddUp(memory);
    const NormBuffers norm =
        FromChannel(call.buffers.norm, unit % Parts() * scheme().unit_channels);
    const bool apart = width_ == 1 && scheme().centred;
    if (!apart || !FinishChannels(norm, unit, memory)) {
      for (int64_t g = 0; g < groups_; ++g) FinishGroup(call, norm, unit, g, memory);
    }
    Repeat(ScalesAt(memory.state, table_), table_.fold());
  }

  void Apply(const NormCall& call, int64_t unit, int64_t chunk, UnitMemory memory) const override {
    const bool fetches = units_ > 1 && setting_.Ahead(UnitElements(), false) > 0;
    table_.ApplyChunk(call.buffers, First(unit), chunk, ScalesAt(memory.state, table_),
                      fetches ? First(unit + 1) - First(unit) : 0);
  }

 private:
  const Scheme& scheme() const { return setting_.scheme; }
  int64_t UnitElements() const { return scheme().table_rows * scheme().unit_channels; }
  // Units of a table.
  int64_t Parts() const { return scheme().channels / scheme().unit_channels; }
  int64_t First(int64_t unit) const {
    return unit / Parts() * scheme().table_rows * scheme().channels +
           unit % Parts() * scheme().unit_channels;
  }
  size_t SumBytes() const {
    return Lines((table_.fold().columns + kPackLanes) * static_cast<int64_t>(sizeof(double)));
  }
  double* SumsOf(UnitMemory memory, int64_t chunk) const {
    return reinterpret_cast<double*>(memory.sums + static_cast<size_t>(chunk) * 2 * SumBytes());
  }

  // One shift for all columns of a group: its sums are then just the sums of theirs.
  void AverageGroup(float* shift) const {
    const double mean = TreeSum(shift, width_) / static_cast<double>(width_);
    std::fill_n(shift, width_, static_cast<float>(mean));
  }

  // The chunks' sums into the first chunk's, then those of the folded table's columns into its
  // first ones, which are the channels.
  void AddUp(UnitMemory memory) const {
    double* s = SumsOf(memory, 0);
    const size_t count = SumBytes() / sizeof(double);
    for (int64_t c = 1; c < table_.chunks(); ++c) {
      const double* sums = SumsOf(memory, c);
      for (size_t i = 0; i < 2 * count; ++i) s[i] += sums[i];
    }
    double* q = s + count;
    const int64_t channels = scheme().unit_channels;
    for (int64_t j = 1; j < table_.fold().fold; ++j) {
      for (int64_t c = 0; c < channels; ++c) {
        s[c] += s[j * channels + c];
        q[c] += q[j * channels + c];
      }
    }
  }

  // All groups at once, each of one channel. False where one is out of range; the shifts are as
  // they were.
  bool FinishChannels(const NormBuffers& norm, int64_t unit, UnitMemory memory) const {
    const double* s = SumsOf(memory, 0);
    const double* q = s + SumBytes() / sizeof(double);
    const ColumnScales scales = ScalesAt(memory.state, table_);
    const StandardArrays standards = {scales.high, scales.bias, scales.scale};
    if (!StandardsOf(s, q, groups_, scheme().table_rows, setting_.problem.spec.eps, standards))
      return false;
    if (norm.mean_out != nullptr) std::copy_n(scales.high, groups_, norm.mean_out + unit * groups_);
    if (norm.rstd_out != nullptr)
      std::copy_n(scales.scale, groups_, norm.rstd_out + unit * groups_);
    ToScales(norm, {0, groups_}, scales);
    return true;
  }

  void FinishGroup(const NormCall& call, const NormBuffers& norm, int64_t unit, int64_t group,
                   UnitMemory memory) const {
    const Moments moments = MomentsOfGroup(call, unit, group, memory);
    const Standard standard = StandardOf(moments, setting_.problem.spec.eps);
    const int64_t index = unit * groups_ + group;
    if (norm.mean_out != nullptr) norm.mean_out[index] = standard.high;
    if (norm.rstd_out != nullptr) norm.rstd_out[index] = standard.rstd;
    FillScales(norm, {group * width_, (group + 1) * width_}, standard,
               ScalesAt(memory.state, table_));
  }

  Moments MomentsOfGroup(const NormCall& call, int64_t unit, int64_t group,
                         UnitMemory memory) const {
    const double* s = SumsOf(memory, 0) + group * width_;
    const double* q = s + SumBytes() / sizeof(double);
    const ShiftedSums sums = {TreeSum(s, width_), TreeSum(q, width_)};
    const float shift =
        scheme().centred ? ScalesAt(memory.state, table_).high[group * width_] : 0.0f;
    const int64_t n = scheme().table_rows * width_;
    const Moments moments = MomentsOf(sums, static_cast<double>(shift), n);
    if (IsInRange(sums, moments, setting_.problem.spec.eps)) return moments;
    const Pieces pieces = {.x = setting_.At(call.buffers.norm.x, First(unit) + group * width_),
                           .count = scheme().table_rows,
                           .length = width_,
                           .stride = scheme().channels};
    return PreciseMoments(setting_.problem.format.dtype, pieces, scheme().centred);
  }

  const Setting setting_;
  const FoldedTable table_;
  const int64_t width_;   // columns of a group
  const int64_t groups_;  // of a unit
  const int64_t units_;
};

// Mean and rstd are the caller's, or there are none.
class ScaledColumnSteps final : public Steps {
 public:
  explicit ScaledColumnSteps(const Setting& setting)
      : setting_(setting), table_(setting, setting.scheme.table_rows) {}

  StepSizes sizes() const override {
    const int64_t bytes =
        setting_.scheme.table_rows * setting_.scheme.channels * setting_.element_bytes();
    return {.units = table_.chunks(),
            .unit_bytes = bytes / table_.chunks(),
            .shared = ColumnScalesBytes(table_)};
  }

  void Prepare(const NormCall& call) const override {
    const ColumnScales scales = ScalesAt(call.shared, table_);
    FillGivenScales(setting_, call.buffers.norm, scales);
    Repeat(scales, table_.fold());
  }

  void Apply(const NormCall& call, int64_t unit, int64_t, UnitMemory) const override {
    table_.ApplyChunk(call.buffers, 0, unit, ScalesAt(call.shared, table_), 0);
  }

 private:
  const Setting setting_;
  const FoldedTable table_;
};

}  // namespace

std::unique_ptr<const Steps> MakeColumns(const Setting& setting) {
  return std::make_unique<ColumnSteps>(setting);
}

std::unique_ptr<const Steps> MakeScaledColumns(const Setting& setting) {
  return std::make_unique<ScaledColumnSteps>(setting);
}

}  // namespace normbench
