// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/buffer_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/server/kernels/native/native_run.h"

namespace normbench {
namespace {

using testing::HasSubstr;

constexpr NormSpec kGroup = {.method = Method::kGroup, .groups = 2};
constexpr NormSpec kBatch = {.method = Method::kBatch};
constexpr NormSpec kRms = {.method = Method::kRms};

// Ten buffers of 4 KiB each, of which a problem of 2x4x3 needs far less.
class BufferCheck : public testing::Test {
 protected:
  static constexpr size_t kBytes = 4096;

  std::byte* At(size_t buffer, size_t byte = 0) { return memory_[buffer].data() + byte; }
  float* Floats(size_t buffer) { return reinterpret_cast<float*>(At(buffer)); }

  // All that kGroup may have, and nothing fused.
  NativeBuffers Group() {
    return {.norm = {.x = At(0),
                     .gamma = Floats(1),
                     .beta = Floats(2),
                     .y = At(3),
                     .mean_out = Floats(4),
                     .rstd_out = Floats(5)}};
  }
  static NativeProblem Problem(const NormSpec& spec, const Fusion& fusion = {},
                               DType dtype = DType::kF32) {
    return ProblemOf(spec, "2x4x3", {.dtype = dtype}, fusion);
  }
  static void ExpectRefused(const NativeProblem& problem, const NativeBuffers& buffers,
                            std::string_view text) {
    const absl::Status status = CheckBuffers(problem, buffers);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(std::string(status.message()), text);
  }

 private:
  struct alignas(64) Buffer : std::array<std::byte, kBytes> {};
  std::array<Buffer, 10> memory_;
};

TEST_F(BufferCheck, TakesWhatIsNeededAndWhatMayBe) {
  EXPECT_TRUE(CheckBuffers(Problem(kGroup), Group()).ok());
  const NativeBuffers least = {.norm = {.x = At(0), .y = At(1)}};
  EXPECT_TRUE(CheckBuffers(Problem(kGroup), least).ok());
}

TEST_F(BufferCheck, NamesWhatIsMissing) {
  NativeBuffers buffers = Group();
  buffers.norm.x = nullptr;
  ExpectRefused(Problem(kGroup), buffers, "x: missing");
  buffers = Group();
  buffers.norm.y = nullptr;
  ExpectRefused(Problem(kGroup), buffers, "y: missing");
  buffers = Group();
  buffers.norm.gamma = nullptr;
  ExpectRefused(Problem(kGroup), buffers, "beta: without gamma");
  ExpectRefused(Problem(kGroup, {.add_after = true}), Group(), "residual: missing");
  ExpectRefused(Problem(kRms, {.add_before = true}), {.norm = {.x = At(0), .y = At(1)}},
                "residual: missing");
}

TEST_F(BufferCheck, NamesGivenStatisticsThatAreMissing) {
  NativeBuffers buffers = {
      .norm = {.x = At(0), .mean = Floats(1), .variance = Floats(2), .y = At(3)}};
  EXPECT_TRUE(CheckBuffers(Problem(kBatch), buffers).ok());
  buffers.norm.mean = nullptr;
  ExpectRefused(Problem(kBatch), buffers, "mean: missing");
  buffers.norm.mean = Floats(1);
  buffers.norm.variance = nullptr;
  ExpectRefused(Problem(kBatch), buffers, "variance: missing");
}

TEST_F(BufferCheck, NamesWhatWasGivenInVain) {
  NativeBuffers buffers = Group();
  buffers.norm.mean = Floats(6);
  ExpectRefused(Problem(kGroup), buffers, "mean: this normalization has none");
  buffers = Group();
  buffers.residual = At(6);
  ExpectRefused(Problem(kGroup), buffers, "residual: this normalization has none");
  buffers = Group();
  buffers.residual = At(6);
  buffers.sum = At(7);
  ExpectRefused(Problem(kGroup, {.add_after = true}), buffers, "sum: this normalization has none");
  ExpectRefused(Problem(kRms), Group(), "mean_out: this normalization has none");
  NormSpec plain = kGroup;
  plain.affine = Affine::kNone;
  ExpectRefused(Problem(plain), Group(), "gamma: this normalization has none");
}

TEST_F(BufferCheck, YMayBeX) {
  NativeBuffers buffers = Group();
  buffers.norm.y = At(0);
  EXPECT_TRUE(CheckBuffers(Problem(kGroup), buffers).ok());
}

TEST_F(BufferCheck, YMayNotOverlapXInPart) {
  NativeBuffers buffers = Group();
  constexpr size_t kTensor = 24 * sizeof(float);
  for (size_t shift : {size_t{4}, size_t{64}, kTensor - 4}) {
    buffers.norm.x = At(0);
    buffers.norm.y = At(0, shift);
    ExpectRefused(Problem(kGroup), buffers, "x and y: overlap in memory");
    std::swap(buffers.norm.y, const_cast<void*&>(buffers.norm.x));
    ExpectRefused(Problem(kGroup), buffers, "x and y: overlap in memory");
  }
  buffers.norm.x = At(0);
  buffers.norm.y = At(0, kTensor);
  EXPECT_TRUE(CheckBuffers(Problem(kGroup), buffers).ok()) << "side by side";
  buffers.norm.y = At(0, kTensor / 2);
  EXPECT_TRUE(CheckBuffers(Problem(kGroup, {}, DType::kBf16), buffers).ok()) << "half the bytes";
}

TEST_F(BufferCheck, OutputsOverlapNothingElse) {
  const auto refuses = [&](auto change, std::string_view text) {
    NativeBuffers buffers = Group();
    change(buffers.norm);
    ExpectRefused(Problem(kGroup), buffers, text);
  };
  refuses([&](NormBuffers& b) { b.y = At(1); }, "y and gamma: overlap in memory");
  refuses([&](NormBuffers& b) { b.beta = static_cast<float*>(b.y); },
          "y and beta: overlap in memory");
  refuses([&](NormBuffers& b) { b.mean_out = static_cast<float*>(b.y) + 23; },
          "y and mean_out: overlap in memory");
  refuses([&](NormBuffers& b) { b.rstd_out = b.mean_out + 3; },
          "mean_out and rstd_out: overlap in memory");
  refuses([&](NormBuffers& b) { b.rstd_out = Floats(0); }, "x and rstd_out: overlap in memory");
  NativeBuffers shared = Group();
  shared.norm.beta = shared.norm.gamma;
  shared.norm.x = shared.norm.gamma;
  EXPECT_TRUE(CheckBuffers(Problem(kGroup), shared).ok()) << "what is only read may be the same";
}

TEST_F(BufferCheck, ResidualAndSum) {
  const NativeProblem problem = Problem(kRms, {.add_before = true});
  const auto check = [&](size_t y, size_t sum, size_t sum_byte = 0) {
    return CheckBuffers(
        problem, {.norm = {.x = At(0), .y = At(y)}, .residual = At(1), .sum = At(sum, sum_byte)});
  };
  EXPECT_TRUE(check(2, 3).ok());
  EXPECT_TRUE(check(2, 0).ok()) << "the sum in place of x";
  EXPECT_TRUE(check(2, 1).ok()) << "the sum in place of the residual";
  EXPECT_TRUE(check(0, 1).ok());
  EXPECT_TRUE(check(1, 0).ok()) << "y in place of the residual";
  EXPECT_EQ(check(2, 2).message(), "y and sum: overlap in memory");
  EXPECT_EQ(check(2, 1, 4).message(), "residual and sum: overlap in memory");
  EXPECT_EQ(check(2, 0, 4).message(), "x and sum: overlap in memory");
  const NativeBuffers twice = {.norm = {.x = At(0), .y = At(2)}, .residual = At(0)};
  EXPECT_TRUE(CheckBuffers(problem, twice).ok()) << "x + x";
}

TEST_F(BufferCheck, NamesWhatIsTooSmall) {
  const NativeSizes enough = {
      .x = 96, .y = 96, .gamma = 16, .beta = 16, .mean_out = 16, .rstd_out = 16};
  EXPECT_TRUE(CheckSizes(Problem(kGroup), Group(), enough).ok());
  const auto says = [&](size_t NativeSizes::*buffer) {
    NativeSizes sizes = enough;
    sizes.*buffer -= 1;
    return std::string(CheckSizes(Problem(kGroup), Group(), sizes).message());
  };
  EXPECT_EQ(says(&NativeSizes::x), "x: has 95 bytes, takes 96");
  EXPECT_EQ(says(&NativeSizes::y), "y: has 95 bytes, takes 96");
  EXPECT_EQ(says(&NativeSizes::gamma), "gamma: has 15 bytes, takes 16");
  EXPECT_EQ(says(&NativeSizes::beta), "beta: has 15 bytes, takes 16");
  EXPECT_EQ(says(&NativeSizes::mean_out), "mean_out: has 15 bytes, takes 16");
  EXPECT_EQ(says(&NativeSizes::rstd_out), "rstd_out: has 15 bytes, takes 16");
}

TEST_F(BufferCheck, NamesWhatIsTooSmallOfResidualSumAndStatistics) {
  const NativeProblem adds = Problem(kRms, {.add_before = true}, DType::kF16);
  const NativeBuffers buffers = {.norm = {.x = At(0), .y = At(1)}, .residual = At(2), .sum = At(3)};
  EXPECT_TRUE(CheckSizes(adds, buffers, {48, 48, 48, 48}).ok());
  EXPECT_EQ(CheckSizes(adds, buffers, {48, 48, 47, 48}).message(),
            "residual: has 47 bytes, takes 48");
  EXPECT_EQ(CheckSizes(adds, buffers, {48, 48, 48, 0}).message(), "sum: has 0 bytes, takes 48");
  const NativeBuffers given = {
      .norm = {.x = At(0), .mean = Floats(1), .variance = Floats(2), .y = At(3)}};
  EXPECT_EQ(
      CheckSizes(Problem(kBatch), given, {.x = 96, .y = 96, .mean = 15, .variance = 16}).message(),
      "mean: has 15 bytes, takes 16");
  EXPECT_EQ(
      CheckSizes(Problem(kBatch), given, {.x = 96, .y = 96, .mean = 16, .variance = 15}).message(),
      "variance: has 15 bytes, takes 16");
}

}  // namespace
}  // namespace normbench
