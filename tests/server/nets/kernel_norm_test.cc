// SPDX-License-Identifier: Apache-2.0
#include "server/nets/kernel_norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "bench/norm/accuracy.h"
#include "bench/norm/error_bound.h"
#include "server/kernels/native_kernel.h"
#include "server/kernels/torch_memory.h"
#include "server/kernels/torch_wall.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using torch::Tensor;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

std::unique_ptr<const NormKernel> Native() {
  return MakeNativeKernel({.threads = 1, .norm = {}}).value();
}

// A tensor to normalize and parameters of all kinds, each channel with its own.
struct Problem {
  Tensor x, gamma, beta, mean, variance;

  explicit Problem(torch::IntArrayRef shape) {
    const torch::NoGradGuard guard;
    torch::manual_seed(1);
    x = torch::randn(shape) + 0.5;
    gamma = torch::rand({shape[1]}) + 0.5;
    beta = torch::rand({shape[1]}) - 0.5;
    mean = torch::rand({shape[1]}) - 0.5;
    variance = torch::rand({shape[1]}) + 0.5;
  }

  KernelNormInputs Inputs(const NormSpec& spec) const {
    const bool running = TakesStatistics(spec);
    return {x, gamma, beta, running ? mean : Tensor(), running ? variance : Tensor()};
  }
};

// What LibTorch's operator makes of it.
Tensor ByTorch(const NormSpec& spec, const Problem& p) {
  if (spec.method != Method::kBatch) {
    const int64_t channels = p.x.size(1);
    const int64_t groups = spec.method == Method::kGroup   ? spec.groups
                           : spec.method == Method::kLayer ? 1
                                                           : channels;
    return at::group_norm(p.x, groups, p.gamma, p.beta, spec.eps);
  }
  const bool running = TakesStatistics(spec);
  return at::batch_norm(p.x, p.gamma, p.beta, running ? p.mean : Tensor(),
                        running ? p.variance : Tensor(), !running, 0.1, spec.eps, false);
}

// Its error over the bound of bench/norm/README.md.
double ShareOfBound(const NormSpec& spec, const Problem& p, const Tensor& y) {
  const Tensor x = p.x.contiguous(), values = y.contiguous();
  const Shape shape = Shape::Create(x.sizes().vec()).value();
  const NormBuffers in = {.x = x.const_data_ptr(),
                          .gamma = p.gamma.const_data_ptr<float>(),
                          .beta = p.beta.const_data_ptr<float>(),
                          .mean = p.mean.const_data_ptr<float>(),
                          .variance = p.variance.const_data_ptr<float>()};
  const ReferenceResult reference = ReferenceNorm(spec, shape, in);
  const double bound =
      ErrorBound(spec, shape, DType::kF32, ConditioningOf(spec, shape, in, reference));
  const std::span<const float> span(values.const_data_ptr<float>(), values.numel());
  return Compare(spec, shape, DType::kF32, reference, span).err_scaled / bound;
}

std::vector<NormSpec> Specs() {
  return {{.method = Method::kBatch},
          {.method = Method::kBatch, .stats = StatsSource::kBatch},
          {.method = Method::kLayer},
          {.method = Method::kInstance},
          {.method = Method::kGroup, .groups = 4, .eps = 0.1}};
}

// Within the bound of one reference, both of them: so they agree within the sum of the two.
TEST(KernelNormTest, IsAsRightAsLibTorchInBothLayouts) {
  for (const NormSpec& spec : Specs()) {
    for (const auto format : {at::MemoryFormat::Contiguous, kChannelsLast}) {
      Problem problem({3, 16, 14, 14});
      problem.x = problem.x.contiguous(format);
      KernelNorm norm(Native());
      const Tensor y = norm.Normalize(spec, problem.Inputs(spec));
      EXPECT_LE(ShareOfBound(spec, problem, y), 1) << Name(spec.method);
      EXPECT_LE(ShareOfBound(spec, problem, ByTorch(spec, problem)), 1) << Name(spec.method);
      EXPECT_EQ(y.strides(), problem.x.strides()) << "the layout is kept";
    }
  }
}

TEST(KernelNormTest, OtherStridesBecomeContiguous) {
  const NormSpec spec = Specs()[4];
  Problem problem({2, 8, 6, 5});
  KernelNorm norm(Native());
  const Tensor expected = norm.Normalize(spec, problem.Inputs(spec));
  problem.x = problem.x.transpose(2, 3).contiguous().transpose(2, 3);
  ASSERT_FALSE(problem.x.is_contiguous());
  const Tensor y = norm.Normalize(spec, problem.Inputs(spec));
  EXPECT_TRUE(torch::equal(y, expected));
  EXPECT_TRUE(y.is_contiguous());
}

TEST(KernelNormTest, TakesTheMemoryOfItsResultAndNoCopy) {
  for (const auto format : {at::MemoryFormat::Contiguous, kChannelsLast}) {
    Problem problem({3, 16, 14, 14});
    problem.x = problem.x.contiguous(format);
    KernelNorm norm(Native());
    const int64_t bytes =
        PeakTorchBytes([&] { (void)norm.Normalize(Specs()[4], problem.Inputs(Specs()[4])); });
    EXPECT_EQ(bytes, problem.x.numel() * 4);
  }
}

TEST(KernelNormTest, KeepsAPlanAShapeAndSoManyOfThem) {
  const NormSpec spec = Specs()[2];
  KernelNorm norm(Native());
  for (int call = 0; call < 2; ++call) {
    (void)norm.Normalize(spec, Problem({2, 8, 6, 5}).Inputs(spec));
  }
  EXPECT_EQ(norm.plans(), 1u);
  for (int64_t n = 1; n < 300; ++n) (void)norm.Normalize(spec, Problem({n, 4, 1, 2}).Inputs(spec));
  EXPECT_EQ(norm.plans(), KernelNorm::kPlans);
}

TEST(KernelNormTest, AnyBatchTakesAtMostThatOfItsSamples) {
  const std::unique_ptr<const NormKernel> kernel = Native();
  const KernelNorm norm(Native());
  for (const NormSpec& spec : Specs()) {
    const int64_t bytes = norm.SampleBytes(spec, Shape::Parse("1x64x4x4").value());
    for (const int n : {1, 2, 7, 64, 500}) {
      const Shape shape = Shape::Parse(absl::StrCat(n, "x64x4x4")).value();
      for (const Layout layout : kLayouts) {
        EXPECT_LE(kernel->WorkspaceBytes(spec, shape, {DType::kF32, layout}), n * bytes) << n;
      }
    }
  }
}

// An implementation that has no plan for anything.
class Refusing final : public NormKernel {
 public:
  std::string name() const override { return "refusing"; }
  KernelCapabilities capabilities() const override { return {}; }
  int64_t WorkspaceBytes(const NormSpec&, const Shape&, TensorFormat) const override { return 0; }
  absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec&, const Shape&, DType, Layout,
                                                       const std::string&) const override {
    return absl::UnimplementedError("norm: group with layout nchw");
  }
};

TEST(KernelNormTest, SaysWhatTheKernelRefuses) {
  const Problem problem({2, 8, 6, 5});
  KernelNorm norm(std::make_unique<Refusing>());
  const absl::Status status = BehindTorchWall([&] {
    (void)norm.Normalize(Specs()[4], problem.Inputs(Specs()[4]));
    return absl::OkStatus();
  });
  EXPECT_THAT(std::string(status.message()), HasSubstr("norm: group with layout nchw"));
}

}  // namespace
}  // namespace normbench
