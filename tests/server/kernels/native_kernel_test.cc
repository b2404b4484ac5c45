// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "bench/norm/case_data.h"
#include "bench/norm/error_bound.h"
#include "server/kernels/intra_op.h"
#include "tests/server/kernels/kernel_run.h"

namespace normbench {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

// All ranks with single elements, odd sizes, segments around a pack of 16, rows around the limit
// between short and long ones, several chunks, channels that fold and that do not, 7x7 and 31x31.
constexpr std::string_view kShapes[] = {
    "1x1",        "1x1x1",    "1x1x1x1",     "1x1x1x1x1", "3x4",    "5x33",       "7x6x1x1",
    "2x3x7x7",    "1x12x5x3", "4x8x16x16",   "2x6x50",    "3x4x1",  "2x6x3x4x5",  "3x1024",
    "2x1025",     "19x17",    "1x2x257x255", "2x100x5x5", "3x63x9", "1x48x31x31", "5x16x2x2",
    "1x24x40x40", "2x2049x2", "2x64x7x7",    "70x5x4"};

// On every instruction set of this CPU.
class NativeKernel : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override { SetIntraOpThreads(2); }
  void TearDown() override { SetIntraOpThreads(1); }

  KernelAnswer Run(const NormSpec& spec, const Shape& shape, const NormBuffers& inputs,
                   TensorFormat format = {}) const {
    return RunKernel({*kernel_, "cpu", format}, spec, shape, inputs).value();
  }

  const std::unique_ptr<NormKernel> kernel_ =
      MakeNativeKernel({.threads = 2, .norm = {.isa = GetParam()}}).value();
};

INSTANTIATE_TEST_SUITE_P(Isas, NativeKernel, testing::ValuesIn(SupportedIsas()),
                         [](const auto& info) { return std::string(Name(info.param)); });

TEST_P(NativeKernel, IsWithinTheBoundForEverythingItOffers) {
  for (std::string_view text : kShapes) {
    const Shape shape = Shape::Parse(text).value();
    for (NormSpec spec : SpecsFor(shape)) {
      if (spec.method == Method::kGroup && shape.channels() / spec.groups % 3 == 1) continue;
      for (float offset : {0.0f, -100.0f}) ExpectRight({*kernel_}, spec, shape, offset);
      spec.eps = 0.25;
      ExpectRight({*kernel_}, spec, shape, 0);
    }
  }
}

TEST_P(NativeKernel, IsWithinTheBoundInEveryDTypeAndLayout) {
  for (std::string_view text : kShapes) {
    const Shape shape = Shape::Parse(text).value();
    for (const TensorFormat& format : FormatsFor(shape)) {
      for (const NormSpec& spec : SpecsFor(shape)) {
        if (spec.method == Method::kGroup && shape.channels() / spec.groups % 3 == 1) continue;
        ExpectRight({*kernel_, "cpu", format}, spec, shape, 0);
        ExpectRight({*kernel_, "cpu", format}, spec, shape, 8);
      }
    }
  }
}

TEST_P(NativeKernel, ConfinesNanAndInfToTheirGroup) {
  for (std::string_view text : {"4x6", "3x6x5x7", "2x4x40x40"}) {
    const Shape shape = Shape::Parse(text).value();
    for (const TensorFormat& format : FormatsFor(shape)) {
      for (const NormSpec& spec : SpecsFor(shape)) {
        if (Geometry(spec, shape).length == 1) continue;
        for (float poison : {kNan, kInf, -kInf})
          ExpectConfined({*kernel_, "cpu", format}, spec, shape, poison);
      }
    }
  }
}

TEST_P(NativeKernel, GivesExactlyBetaForAConstantGroup) {
  for (std::string_view text : {"2x4x9x9", "3x40", "2x3x64x64", "2x6x3", "2x2000"}) {
    const Shape shape = Shape::Parse(text).value();
    for (const TensorFormat& format : FormatsFor(shape)) {
      for (NormSpec spec : SpecsFor(shape)) {
        if (spec.affine == Affine::kNone || spec.method == Method::kRms ||
            !ComputesStatistics(spec))
          continue;
        const CaseData data(spec, shape, Distribution::kNormal, 2, 0, format);
        for (double value : {0.7, -31234.567, 1e-3}) {
          const std::vector<float> x(shape.elements(),
                                     static_cast<float>(RoundTo(format.dtype, value)));
          NormBuffers inputs = data.inputs();
          inputs.x = x.data();
          const KernelAnswer answer = Run(spec, shape, inputs, format);
          for (int64_t i = 0; i < shape.elements(); ++i) {
            const float beta = data.beta()[PlaceOf(spec, shape, i).affine];
            ASSERT_EQ(answer.y[i], static_cast<float>(RoundTo(format.dtype, beta)))
                << Describe(spec, shape, format) << " " << value << " at " << i;
          }
        }
      }
    }
  }
}

TEST_P(NativeKernel, SaysWhatItOffers) {
  EXPECT_EQ(kernel_->name(), "native");
  const KernelCapabilities offers = kernel_->capabilities();
  EXPECT_THAT(offers.methods, ElementsAreArray(kMethods));
  EXPECT_THAT(offers.dtypes, ElementsAreArray(kDTypes));
  EXPECT_THAT(offers.layouts, ElementsAreArray(kLayouts));
  EXPECT_THAT(offers.ranks, ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(offers.devices, ElementsAre("cpu"));
  EXPECT_EQ(offers.isa, Name(GetParam()));
  EXPECT_TRUE(offers.any_thread);
}

TEST_P(NativeKernel, RefusesAnotherDevice) {
  const auto plan =
      kernel_->Plan({}, Shape::Parse("2x4").value(), DType::kF32, Layout::kNchw, "cuda:0");
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(plan.status().message(), "device: cuda:0 with impl native; allowed: cpu");
}

TEST_P(NativeKernel, BindsOnlyWhatIsThereAndApart) {
  const NormSpec spec = {.affine = Affine::kNone};
  const auto plan =
      kernel_->Plan(spec, Shape::Parse("2x4").value(), DType::kF32, Layout::kNchw, "cpu").value();
  std::vector<float> x(9), y(8);
  EXPECT_EQ(plan->Bind({.x = x.data()}).status().message(), "y: missing");
  EXPECT_EQ(plan->Bind({.x = x.data(), .y = x.data() + 1}).status().message(),
            "x and y: overlap in memory");
  EXPECT_TRUE(plan->Bind({.x = x.data(), .y = y.data()}).ok());
  EXPECT_TRUE(plan->Bind({.x = x.data(), .y = x.data()}).ok()) << "in place";
}

TEST_P(NativeKernel, TellsWhatItHoldsBesideTheBuffers) {
  const NativeProblem problem = {{.method = Method::kInstance},
                                 Shape::Parse("2x8x9x9").value(),
                                 {.layout = Layout::kNhwc},
                                 {}};
  const size_t scratch = NativeNorm::Plan(problem)->ScratchBytes(2);
  EXPECT_GT(scratch, 0u);
  EXPECT_EQ(kernel_->WorkspaceBytes(problem.spec, problem.shape, problem.format),
            static_cast<int64_t>(scratch));
}

TEST(MakeNativeKernel, RefusesAnIsaThatIsNotHere) {
  for (Isa isa : kIsas) {
    const bool here = testing::Matches(testing::Contains(isa))(SupportedIsas());
    const auto kernel = MakeNativeKernel({.threads = 1, .norm = {.isa = isa}});
    EXPECT_EQ(kernel.status().code(),
              here ? absl::StatusCode::kOk : absl::StatusCode::kFailedPrecondition);
  }
}

}  // namespace
}  // namespace normbench
