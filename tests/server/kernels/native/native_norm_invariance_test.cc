// SPDX-License-Identifier: Apache-2.0
// The bits of a sample depend on nothing but the sample: not on how many others are computed with
// it, where it lies among them, what they are, how many threads there are, or how memory is
// aligned.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "server/kernels/intra_op.h"
#include "server/kernels/native_kernel.h"
#include "tests/server/kernels/kernel_run.h"
#include "tests/server/kernels/native/native_reference.h"

namespace normbench {
namespace {

constexpr int64_t kBatches[] = {1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 255, 256, 257};
constexpr int64_t kMostSamples = 257;
constexpr int64_t kSamplesMade = 9;  // then again from the first
constexpr int kThreads[] = {1, 2, 4};
constexpr size_t kOffsets[] = {0, 4, 16, 32, 60};  // bytes behind the beginning of a cache line
constexpr size_t kHalfOffsets[] = {0, 2, 16, 34, 60};

enum class Neighbours { kZeros, kLarge, kRandom };

// What one sample is made into.
struct Bits {
  std::vector<std::byte> y;
  std::vector<float> mean, rstd;  // of its groups; empty where statistics are not a sample's

  bool operator==(const Bits& other) const {
    const auto same = [](const std::vector<float>& a, const std::vector<float>& b) {
      return std::ranges::equal(std::as_bytes(std::span(a)), std::as_bytes(std::span(b)));
    };
    return y == other.y && same(mean, other.mean) && same(rstd, other.rstd);
  }
};

struct Surroundings {
  int64_t batch = 1, position = 0;
  Neighbours neighbours = Neighbours::kZeros;
  int threads = 1;
  size_t offset = 0;
};

// One sample of one spec and format, to be put in any surroundings.
class Sample {
 public:
  Sample(const NormKernel& kernel, const NativeProblem& of_one)
      : kernel_(kernel),
        problem_(of_one),
        bytes_(static_cast<size_t>(PackedBytes(of_one.format, of_one.shape))),
        parameters_(MakeCase(of_one)),
        sample_(PackedBatch(1, Distribution::kNormal, 1)),
        zeros_(bytes_ * kMostSamples),
        random_(PackedBatch(kMostSamples, Distribution::kNormal, 1)),
        large_(PackedBatch(kMostSamples, Distribution::kMean1e4, 1e4f)) {}

  Bits In(const Surroundings& s) const {
    const Shape shape = ShapeOf(s.batch);
    const size_t at = static_cast<size_t>(s.position) * bytes_, all = bytes_ * s.batch;
    const GuardedMemory x(all, s.offset), y(all, OtherOffset(s.offset));
    std::memcpy(x.data(), Around(s.neighbours).data(), all);
    std::memcpy(x.data() + at, sample_.data(), bytes_);
    NormBuffers buffers = parameters_.inputs();
    buffers.x = x.data();
    buffers.y = y.data();
    const int64_t groups = Geometry(problem_.spec, shape).groups;
    std::vector<float> mean(groups), rstd(groups);
    if (HasMean(problem_.spec)) buffers.mean_out = mean.data();
    buffers.rstd_out = rstd.data();
    const auto plan =
        kernel_.Plan(problem_.spec, shape, problem_.format.dtype, problem_.format.layout, "cpu");
    SetIntraOpThreads(s.threads);
    EXPECT_TRUE((*(*plan)->Bind(buffers))->Launch().ok());
    SetIntraOpThreads(1);
    EXPECT_TRUE(x.intact() && y.intact());
    Bits bits = {.y = {y.data() + at, y.data() + at + bytes_}, .mean = {}, .rstd = {}};
    if (problem_.spec.method == Method::kBatch) return bits;
    const int64_t each = groups / s.batch, first = s.position * each;
    bits.mean.assign(mean.begin() + first, mean.begin() + first + each);
    bits.rstd.assign(rstd.begin() + first, rstd.begin() + first + each);
    return bits;
  }

  size_t bytes() const { return bytes_; }
  bool is_half() const { return problem_.format.dtype != DType::kF32; }
  std::span<const size_t> offsets() const {
    return is_half() ? std::span(kHalfOffsets) : std::span(kOffsets);
  }

 private:
  Shape ShapeOf(int64_t batch) const {
    std::vector<int64_t> dims = problem_.shape.dims();
    dims[0] = batch;
    return Shape::Create(dims).value();
  }

  std::vector<std::byte> PackedBatch(int64_t batch, Distribution d, float factor) const {
    const int64_t made = std::min(batch, kSamplesMade);
    const NativeProblem problem = {problem_.spec, ShapeOf(made), problem_.format, {}};
    NativeCase c = MakeCase(problem, d, static_cast<uint64_t>(batch));
    for (float& x : c.x) x *= d == Distribution::kNormal ? factor : 1;
    std::vector<std::byte> packed(bytes_ * static_cast<size_t>(batch));
    Pack(problem.format, problem.shape, std::span<const float>(c.x), packed.data());
    for (size_t i = bytes_ * made; i < packed.size(); ++i) packed[i] = packed[i - bytes_ * made];
    return packed;
  }

  const std::vector<std::byte>& Around(Neighbours neighbours) const {
    if (neighbours == Neighbours::kZeros) return zeros_;
    return neighbours == Neighbours::kLarge ? large_ : random_;
  }

  size_t OtherOffset(size_t offset) const {
    const auto all = offsets();
    const auto at = std::ranges::find(all, offset) - all.begin();
    return all[static_cast<size_t>(at + 2) % all.size()];
  }

  const NormKernel& kernel_;
  const NativeProblem problem_;  // of a batch of one
  const size_t bytes_;           // of one sample
  const NativeCase parameters_;
  const std::vector<std::byte> sample_, zeros_, random_, large_;
};

// All batches, positions, neighbours and threads, each time with the next offset. Of half types and
// of large batches every fourth and eleventh, numbers without a factor in common with the loops'.
void ExpectSameBitsAnywhere(const Sample& sample, const std::string& what) {
  const Bits expected = sample.In({});
  size_t turn = 0;
  for (int64_t batch : kBatches) {
    const bool large = sample.bytes() * static_cast<size_t>(batch) > 300000;
    const size_t step = large ? 11 : sample.is_half() ? 4 : 1;
    for (int64_t position : {int64_t{0}, batch / 2, batch - 1}) {
      for (Neighbours n : {Neighbours::kZeros, Neighbours::kLarge, Neighbours::kRandom}) {
        for (int threads : kThreads) {
          const size_t offset = sample.offsets()[++turn % sample.offsets().size()];
          if (turn % step != 0) continue;
          ASSERT_EQ(sample.In({batch, position, n, threads, offset}), expected)
              << what << ": sample " << position << " of " << batch << ", neighbours "
              << static_cast<int>(n) << ", " << threads << " threads, offset " << offset;
        }
      }
    }
  }
}

void ExpectSameBitsAtAnyAddress(const Sample& sample, const std::string& what) {
  const Bits expected = sample.In({});
  for (size_t offset : sample.offsets()) {
    for (int threads : kThreads) {
      for (int64_t batch : {1, 5}) {
        ASSERT_EQ(sample.In({batch, batch / 2, Neighbours::kRandom, threads, offset}), expected)
            << what << ": offset " << offset << ", " << threads << " threads, batch " << batch;
      }
    }
  }
}

// Batch norm with the statistics of a batch depends on the batch by definition.
std::vector<NormSpec> SpecsOfASample(const Shape& shape) {
  std::vector<NormSpec> specs;
  for (const NormSpec& spec : SpecsFor(shape)) {
    if (!TakesStatistics(spec) && spec.method == Method::kBatch) continue;
    if (spec.method == Method::kGroup && spec.groups != 2) continue;
    if (spec.affine != Affine::kNone) specs.push_back(spec);
  }
  return specs;
}

// Short rows with segments of many kinds; rows; columns, folded and not.
class NativeInvariance : public testing::TestWithParam<std::string_view> {
 protected:
  const std::unique_ptr<NormKernel> kernel_ = MakeNativeKernel({.threads = 4, .norm = {}}).value();
};

INSTANTIATE_TEST_SUITE_P(Shapes, NativeInvariance,
                         testing::Values("1x70", "1x1100", "1x6x7", "1x6x7x5", "1x16x4x4",
                                         "1x4x33x40", "1x100x5x5", "1x1024x3x3"));

TEST_P(NativeInvariance, OfTheBatchAndTheThreads) {
  const Shape shape = Shape::Parse(GetParam()).value();
  for (const TensorFormat& format : FormatsFor(shape)) {
    for (const NormSpec& spec : SpecsOfASample(shape))
      ExpectSameBitsAnywhere(Sample(*kernel_, {spec, shape, format, {}}),
                             Describe(spec, shape, format));
  }
}

TEST_P(NativeInvariance, OfTheAddress) {
  const Shape shape = Shape::Parse(GetParam()).value();
  for (const TensorFormat& format : FormatsFor(shape)) {
    for (const NormSpec& spec : SpecsOfASample(shape))
      ExpectSameBitsAtAnyAddress(Sample(*kernel_, {spec, shape, format, {}}),
                                 Describe(spec, shape, format));
  }
}

// Several chunks a row or table, which threads share.
TEST(NativeInvarianceOfThreads, WhereTheyShareAUnit) {
  for (std::string_view text : {"1x30000", "1x3x100x110", "2x63x900", "40x70x20"}) {
    const Shape shape = Shape::Parse(text).value();
    for (const TensorFormat& format : FormatsFor(shape)) {
      for (const NormSpec& spec : SpecsFor(shape)) {
        if (spec.method == Method::kGroup && spec.groups > 3) continue;
        const NativeCase c = MakeCase({spec, shape, format, {}});
        const NativeAnswer alone = RunNative(c);
        for (int threads : {2, 3, 4}) {
          const RunOptions options = {.pool = &SharedPool(), .threads = threads};
          ASSERT_TRUE(SameBits(RunNative(c, options), alone)) << Describe(c.problem);
        }
      }
    }
  }
}

// The same sixteen lanes and the same fused operations; SSE4 has no fused multiply-add.
TEST(NativeInvarianceOfTheIsa, Avx2AndAvx512GiveTheSameBits) {
  const std::vector<Isa> here = SupportedIsas();
  if (std::ranges::count(here, Isa::kAvx512) == 0) GTEST_SKIP() << "this CPU has no AVX-512";
  for (std::string_view text : {"5x33", "3x1100", "2x6x7x7", "2x4x64x100", "4x48x17", "3x13000"}) {
    const Shape shape = Shape::Parse(text).value();
    for (const TensorFormat& format : FormatsFor(shape)) {
      for (const NormSpec& spec : SpecsFor(shape)) {
        for (Activation activation : {Activation::kNone, Activation::kSilu}) {
          const NativeCase c = MakeCase({spec, shape, format, {.activation = activation}});
          ASSERT_TRUE(SameBits(RunNative(c, {.norm = {.isa = Isa::kAvx2}}),
                               RunNative(c, {.norm = {.isa = Isa::kAvx512}})))
              << Describe(c.problem);
        }
      }
    }
  }
}

}  // namespace
}  // namespace normbench
