// SPDX-License-Identifier: Apache-2.0
// What LibTorch allocates, asked from its own allocator, against what the kernel says it will.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "bench/norm/case_data.h"
#include "server/kernels/torch_kernel.h"
#include "server/kernels/torch_memory.h"
#include "server/kernels/torch_runtime.h"
#include "tests/server/kernels/kernel_run.h"

namespace normbench {
namespace {

struct Peak {
  int64_t bound = 0, launched = 0;
};

Peak PeakOf(const NormKernel& kernel, const NormSpec& spec, const Shape& shape, TensorFormat format,
            bool want_statistics) {
  const CaseData data(spec, shape, Distribution::kNormal, 1, 0, format);
  const auto groups = static_cast<size_t>(Geometry(spec, shape).groups);
  std::vector<float> y(static_cast<size_t>(shape.elements())), mean(groups), rstd(groups);
  NormBuffers buffers = data.packed_inputs();
  buffers.y = y.data();
  if (want_statistics) {
    buffers.mean_out = HasMean(spec) ? mean.data() : nullptr;
    buffers.rstd_out = HasRstd(spec) ? rstd.data() : nullptr;
  }
  const auto plan = kernel.Plan(spec, shape, format.dtype, format.layout, "cpu").value();
  return {
      .bound = PeakTorchBytes([&] { EXPECT_TRUE(plan->Bind(buffers).ok()); }),
      .launched = PeakTorchBytes([&] { EXPECT_TRUE(plan->Bind(buffers).value()->Launch().ok()); })};
}

// Where planes are large, and where a group is so small that what is kept for each counts most.
TEST(TorchKernelWorkspace, CoversWhatLibTorchAllocates) {
  constexpr int64_t kScalars = 4096;  // of single values, whatever the shape
  SetTorchThreads(1);
  const std::unique_ptr<NormKernel> kernel = MakeTorchKernel();
  for (const char* text :
       {"64x256", "128x128x1x1", "4x16x2x2", "4x16x32x32", "2x8x64", "2x8x4x8x8"}) {
    const Shape shape = Shape::Parse(text).value();
    for (const NormSpec& spec : SpecsFor(shape)) {
      for (const TensorFormat& format : FormatsFor(shape)) {
        const int64_t most = kernel->WorkspaceBytes(spec, shape, format) + kScalars;
        const int64_t kept = kernel->BoundBytes(spec, shape, format) + kScalars;
        for (const bool want_statistics : {false, true}) {
          const Peak peak = PeakOf(*kernel, spec, shape, format, want_statistics);
          EXPECT_LE(peak.bound, kept) << Describe(spec, shape, format);
          EXPECT_LE(peak.launched, most) << Describe(spec, shape, format);
          EXPECT_TRUE(peak.launched > 0 || IsFolded(spec)) << Describe(spec, shape, format);
        }
      }
    }
  }
}

}  // namespace
}  // namespace normbench
