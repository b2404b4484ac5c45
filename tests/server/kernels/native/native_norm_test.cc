// SPDX-License-Identifier: Apache-2.0
// The whole: what Plan refuses, in place, fused steps and streaming stores.
#include "server/kernels/native/native_norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "tests/server/kernels/kernel_run.h"
#include "tests/server/kernels/native/native_reference.h"

namespace normbench {
namespace {

// One of every form, with parts of packs, several chunks and folded columns.
constexpr std::string_view kShapes[] = {"3x33",       "2x6x7x7", "2x1100",
                                        "2x4x64x100", "4x48x17", "5x2x2x3x5"};

// Every form, method, dtype and layout.
std::vector<NativeProblem> Problems(const Fusion& fusion = {}) {
  std::vector<NativeProblem> problems;
  for (std::string_view text : kShapes) {
    const Shape shape = Shape::Parse(text).value();
    for (const TensorFormat& format : FormatsFor(shape)) {
      for (const NormSpec& spec : SpecsFor(shape)) {
        if (spec.method == Method::kGroup && spec.groups != 2) continue;
        const NativeProblem problem = {spec, shape, format, fusion};
        if (NativeNorm::Plan(problem).ok()) problems.push_back(problem);
      }
    }
  }
  return problems;
}

void ExpectRefused(const NativeProblem& problem, absl::StatusCode code, std::string_view text,
                   const NativeOptions& options = {}) {
  const absl::Status status = NativeNorm::Plan(problem, options).status();
  EXPECT_EQ(status.code(), code);
  EXPECT_EQ(std::string(status.message()), text);
}

TEST(NativeNorm, RefusesFusionsThatItDoesNotOffer) {
  const auto code = absl::StatusCode::kUnimplemented;
  const Fusion before = {.add_before = true};
  ExpectRefused(ProblemOf({.method = Method::kLayer}, "2x8", {}, {true, true}), code,
                "fusion: add_before with add_after; allowed: one of them");
  ExpectRefused(ProblemOf({.method = Method::kGroup}, "2x8", {}, before), code,
                "fusion: add_before with norm group; allowed: layer, rms");
  ExpectRefused(ProblemOf({.method = Method::kBatch}, "2x8", {}, before), code,
                "fusion: add_before with norm batch; allowed: layer, rms");
  ExpectRefused(ProblemOf({.method = Method::kRms}, "2x8x3", {.layout = Layout::kNhwc}, before),
                code, "fusion: add_before with layout nhwc; allowed: nchw");
}

TEST(NativeNorm, RefusesAnIsaThatIsNotHere) {
  const NativeProblem problem = ProblemOf({}, "2x8");
  for (Isa isa : kIsas) {
    if (testing::Matches(testing::Contains(isa))(SupportedIsas())) {
      EXPECT_EQ(NativeNorm::Plan(problem, {.isa = isa})->isa(), isa);
      continue;
    }
    ExpectRefused(problem, absl::StatusCode::kFailedPrecondition,
                  "isa: this CPU has no " + std::string(Name(isa)) + "; its best is " +
                      std::string(Name(SupportedIsas().back())),
                  {.isa = isa});
  }
  EXPECT_EQ(NativeNorm::Plan(problem)->isa(), SupportedIsas().back());
}

TEST(NativeNorm, DescribesWhatWasChosen) {
  const auto says = [](std::string_view shape, Stores stores) {
    return NativeNorm::Plan(ProblemOf({.method = Method::kLayer}, shape),
                            {.isa = Isa::kSse4, .stores = stores})
        ->description();
  };
  EXPECT_EQ(says("2x700", Stores::kPlain), "short rows of 700, SSE4, plain stores");
  EXPECT_EQ(says("2x3x16384", Stores::kStreaming),
            "rows of 49152 in chunks of 12288, SSE4, streaming stores");
}

TEST(NativeNorm, StreamsOnlyWholePacks) {
  const auto streams = [](const NormSpec& spec, std::string_view shape, Stores stores,
                          Layout layout = Layout::kNchw) {
    return NativeNorm::Plan(ProblemOf(spec, shape, {.layout = layout}),
                            {.isa = {}, .stores = stores})
        ->streams();
  };
  const NormSpec layer = {.method = Method::kLayer}, batch = {.method = Method::kBatch};
  EXPECT_TRUE(streams(layer, "2x2048", Stores::kStreaming));
  EXPECT_FALSE(streams(layer, "2x2048", Stores::kPlain));
  EXPECT_FALSE(streams(layer, "2x2048", Stores::kChosen)) << "far smaller than any cache";
  EXPECT_FALSE(streams(layer, "2x2049", Stores::kStreaming));
  EXPECT_FALSE(streams(layer, "2x1024", Stores::kStreaming)) << "short rows";
  EXPECT_FALSE(streams(layer, "2x96x17", Stores::kStreaming)) << "segments cut packs";
  EXPECT_TRUE(streams(batch, "2x3x32", Stores::kStreaming));
  EXPECT_FALSE(streams(batch, "2x3x33", Stores::kStreaming));
  EXPECT_TRUE(streams(batch, "2x32x33", Stores::kStreaming, Layout::kNhwc));
  EXPECT_FALSE(streams(batch, "2x33x32", Stores::kStreaming, Layout::kNhwc));
  EXPECT_TRUE(streams(batch, "2048x1024x32x8", Stores::kChosen)) << "4 GiB";
}

TEST(NativeNorm, ChecksBuffersAndSizes) {
  const NativeNorm norm = NativeNorm::Plan(ProblemOf({.method = Method::kLayer}, "2x4")).value();
  std::vector<float> x(8), y(8);
  EXPECT_EQ(norm.Check({.norm = {.x = x.data()}}).message(), "y: missing");
  const NativeBuffers buffers = {.norm = {.x = x.data(), .y = y.data()}};
  EXPECT_TRUE(norm.Check(buffers).ok());
  EXPECT_TRUE(norm.Check(buffers, {.x = 32, .y = 32}).ok());
  EXPECT_EQ(norm.Check(buffers, {.x = 32, .y = 31}).message(), "y: has 31 bytes, takes 32");
  EXPECT_EQ(norm.Check({.norm = {.x = x.data()}}, {.x = 32}).message(), "y: missing");
}

TEST(NativeNorm, InPlaceGivesTheSameBits) {
  for (const Fusion& fusion : {Fusion{}, Fusion{.add_after = true}}) {
    for (const NativeProblem& problem : Problems(fusion)) {
      const NativeCase c = MakeCase(problem);
      const NativeAnswer apart = RunNative(c);
      for (int threads : {1, 3}) {
        const RunOptions options = {.pool = &SharedPool(), .threads = threads, .y = Place::kX};
        ASSERT_TRUE(SameBits(RunNative(c, options), apart)) << Describe(problem);
        RunOptions over_residual = options;
        over_residual.y = fusion.add_after ? Place::kResidual : Place::kX;
        ASSERT_TRUE(SameBits(RunNative(c, over_residual), apart)) << Describe(problem);
      }
    }
  }
}

// With or without keeping the sum, and wherever it and y go.
TEST(NativeNorm, AddingBeforeGivesTheSameBitsInAnyPlace) {
  const std::vector<NativeProblem> problems = Problems({.add_before = true});
  ASSERT_FALSE(problems.empty());
  for (const NativeProblem& problem : problems) {
    const NativeCase c = MakeCase(problem);
    const NativeAnswer kept = RunNative(c, {.sum = Place::kOwn});
    ExpectAnswer(c, ExpectedOf(c), kept);
    for (Place y : {Place::kOwn, Place::kX, Place::kResidual}) {
      for (Place sum : {Place::kNone, Place::kOwn, Place::kX, Place::kResidual}) {
        if (y == sum && y != Place::kOwn) continue;
        NativeAnswer answer =
            RunNative(c, {.pool = &SharedPool(), .threads = 3, .y = y, .sum = sum});
        if (sum == Place::kNone) answer.sum = kept.sum;
        ASSERT_TRUE(SameBits(answer, kept)) << Describe(problem);
      }
    }
  }
}

TEST(NativeNorm, FusedStepsAreRight) {
  for (Activation activation : {Activation::kNone, Activation::kRelu, Activation::kSilu}) {
    for (const Fusion& add : {Fusion{}, Fusion{.add_before = true}, Fusion{.add_after = true}}) {
      Fusion fusion = add;
      fusion.activation = activation;
      for (const NativeProblem& problem : Problems(fusion)) {
        NativeCase c = MakeCase(problem);
        for (float& r : c.residual) r *= 4;  // far into the tails of SiLU
        ExpectRight(c);
      }
    }
  }
}

// The bits of the norm stay as they are.
TEST(NativeNorm, ReluIsTheNormOrZero) {
  for (const NativeProblem& problem : Problems({.activation = Activation::kRelu})) {
    const NativeCase c = MakeCase(problem);
    NativeCase bare = c;
    bare.problem.fusion = {};
    std::vector<float> expected = ValuesOf(problem, RunNative(bare).y);
    for (float& y : expected) y = std::max(y, 0.0f);
    ASSERT_EQ(ValuesOf(problem, RunNative(c).y), expected) << Describe(problem);
  }
}

// The same bits as with a beta of zeros, in every kind of loop.
TEST(NativeNorm, GammaMayBeWithoutBeta) {
  for (const NormSpec& spec :
       {NormSpec{.method = Method::kRms}, NormSpec{.method = Method::kLayer},
        NormSpec{.method = Method::kGroup, .groups = 2}, NormSpec{.method = Method::kInstance},
        NormSpec{.method = Method::kBatch},
        NormSpec{.method = Method::kBatch, .stats = StatsSource::kBatch},
        NormSpec{.method = Method::kBatch, .stats = StatsSource::kFolded}}) {
    for (std::string_view shape : {"5x4x7", "3x8x9x9", "2x70x30x30", "2x600x7x7"}) {
      for (Layout layout : kLayouts) {
        NativeCase c = MakeCase(ProblemOf(spec, std::string(shape), {DType::kF32, layout}));
        std::ranges::fill(c.beta, 0.0f);
        const std::vector<float> expected = ValuesOf(c.problem, RunNative(c).y);
        c.beta.clear();
        ASSERT_EQ(ValuesOf(c.problem, RunNative(c).y), expected) << Describe(c.problem);
      }
    }
  }
}

TEST(NativeNorm, RowsOfElementsMayBeWithoutBeta) {
  for (std::string_view shape : {"19x10", "19x48", "19x100", "7x1000", "3x5000", "2x12300"}) {
    NativeCase c = MakeCase(ProblemOf({.method = Method::kRms}, std::string(shape)));
    std::ranges::fill(c.beta, 0.0f);
    const std::vector<float> expected = ValuesOf(c.problem, RunNative(c).y);
    c.beta.clear();
    ASSERT_EQ(ValuesOf(c.problem, RunNative(c).y), expected) << shape;
  }
}

// Where exp(-z) over- and underflows.
TEST(NativeNorm, SiluIsRightFarFromZero) {
  NativeCase c = MakeCase(ProblemOf({.method = Method::kBatch, .stats = StatsSource::kFolded},
                                    "80x40", {}, {.activation = Activation::kSilu}));
  c.gamma.assign(40, 1);
  c.beta.assign(40, 0);
  for (int i = 0; i < 3200; ++i) c.x[i] = static_cast<float>(i - 1600) * 0.07f;
  c.x[0] = -1e4f;
  c.x[1] = 1e4f;
  c.x[2] = -0.0f;
  ExpectRight(c);
}

TEST(NativeNorm, ReluAndSiluKeepNan) {
  for (Activation activation : {Activation::kRelu, Activation::kSilu}) {
    NativeCase c =
        MakeCase(ProblemOf({.method = Method::kBatch}, "3x7x5", {}, {.activation = activation}));
    c.x[11] = std::numeric_limits<float>::quiet_NaN();
    ExpectRight(c);
  }
}

TEST(NativeNorm, StreamingStoresGiveTheSameBits) {
  int streamed = 0;
  for (std::string_view shape : {"3x2048", "2x64x256", "2x4x64x64", "4x48x32", "3x32x49"}) {
    for (const TensorFormat& format : FormatsFor(Shape::Parse(shape).value())) {
      for (const NormSpec& spec : SpecsFor(Shape::Parse(shape).value())) {
        const NativeProblem problem = ProblemOf(spec, shape, format);
        for (Isa isa : SupportedIsas()) {
          const NativeOptions streaming = {.isa = isa, .stores = Stores::kStreaming};
          if (!NativeNorm::Plan(problem, streaming)->streams()) continue;
          ++streamed;
          const NativeCase c = MakeCase(problem);
          const NativeAnswer plain = RunNative(c, {.norm = {.isa = isa}});
          for (size_t offset : {0, 4, 32}) {  // only whole lines stream
            const RunOptions options = {streaming, &SharedPool(), 3, offset};
            ASSERT_TRUE(SameBits(RunNative(c, options), plain)) << Describe(problem);
          }
        }
      }
    }
  }
  EXPECT_GT(streamed, 100);
}

}  // namespace
}  // namespace normbench
