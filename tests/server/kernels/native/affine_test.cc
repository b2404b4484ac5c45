// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/affine.h"

#include <gtest/gtest.h>

#include "tests/server/kernels/native/native_run.h"

namespace normbench {
namespace {

constexpr NormSpec kByChannel = {.method = Method::kLayer};
constexpr NormSpec kByElement = {.method = Method::kLayer, .affine = Affine::kElement};

struct Expanded {
  std::vector<float> gamma, beta;
};

// beta is 100 more than gamma.
Expanded Expand(const NativeProblem& problem, const std::vector<float>& gamma) {
  const Setting setting = SettingOf(problem);
  std::vector<float> beta = gamma;
  for (float& value : beta) value += 100;
  const NormBuffers buffers = {.gamma = gamma.data(), .beta = beta.data()};
  const GuardedMemory shared(ExpandedBytes(setting));
  Expand(setting, buffers, shared.data());
  EXPECT_TRUE(shared.intact());
  const AffinePointers at = AffineOf(setting, buffers, shared.data());
  const int64_t n = problem.shape.channels() * problem.shape.spatial();
  return {{at.gamma, at.gamma + n}, {at.beta, at.beta + n}};
}

TEST(Affine, OfAChannelIsRepeatedForEveryPlace) {
  const Expanded expanded = Expand(ProblemOf(kByChannel, "2x3x2x2"), {1, 2, 3});
  EXPECT_EQ(expanded.gamma, (std::vector<float>{1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3}));
  EXPECT_EQ(expanded.beta,
            (std::vector<float>{101, 101, 101, 101, 102, 102, 102, 102, 103, 103, 103, 103}));
}

TEST(Affine, OfAnElementIsPutInMemoryOrder) {
  const TensorFormat nhwc = {.layout = Layout::kNhwc};
  const Expanded expanded = Expand(ProblemOf(kByElement, "2x3x2", nhwc), {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(expanded.gamma, (std::vector<float>{1, 3, 5, 2, 4, 6}));
  EXPECT_EQ(expanded.beta, (std::vector<float>{101, 103, 105, 102, 104, 106}));
}

TEST(Affine, IsTheCallersWhereItIsInOrderAlready) {
  const Setting setting = SettingOf(ProblemOf(kByElement, "2x3x2"));
  const std::vector<float> gamma(6), beta(6);
  const NormBuffers buffers = {.gamma = gamma.data(), .beta = beta.data()};
  EXPECT_EQ(ExpandedBytes(setting), 0u);
  Expand(setting, buffers, nullptr);
  EXPECT_EQ(AffineOf(setting, buffers, nullptr).gamma, gamma.data());
  EXPECT_EQ(AffineOf(setting, buffers, nullptr).beta, beta.data());
}

TEST(Affine, ThatIsAbsentStaysAbsent) {
  const Setting setting = SettingOf(ProblemOf(kByChannel, "2x3x2x2"));
  const GuardedMemory shared(ExpandedBytes(setting));
  Expand(setting, {}, shared.data());
  EXPECT_EQ(AffineOf(setting, {}, shared.data()).gamma, nullptr);
  EXPECT_EQ(AffineOf(setting, {}, shared.data()).beta, nullptr);
}

TEST(Affine, TheTwoDoNotShareACacheLine) {
  const Setting setting = SettingOf(ProblemOf(kByChannel, "2x3x7"));
  EXPECT_EQ(ExpandedBytes(setting), 2 * 128u);  // 21 floats each
}

}  // namespace
}  // namespace normbench
