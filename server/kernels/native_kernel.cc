// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native_kernel.h"

#include <algorithm>
#include <cstddef>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/kernels/device_name.h"
#include "server/kernels/intra_op.h"
#include "server/kernels/steady_time.h"

namespace normbench {
namespace {

constexpr std::align_val_t kLine{64};

struct FreeLines {
  void operator()(std::byte* memory) const { ::operator delete[](memory, kLine); }
};
using Scratch = std::unique_ptr<std::byte[], FreeLines>;

class BoundNative final : public BoundNorm {
 public:
  BoundNative(NativeNorm norm, const NormBuffers& buffers, std::shared_ptr<ThreadPool> pool)
      : norm_(std::move(norm)),
        buffers_{.norm = buffers},
        pool_(std::move(pool)),
        scratch_(new (kLine) std::byte[norm_.ScratchBytes(pool_->threads())]) {}

  absl::Status Launch() override {
    const int threads = std::min(IntraOpThreads(), pool_->threads());
    norm_.Run(buffers_, scratch_.get(), pool_.get(), threads);
    return absl::OkStatus();
  }

  absl::Status Synchronize() override { return absl::OkStatus(); }

  absl::StatusOr<double> Time(int iterations) override { return TimeLaunches(*this, iterations); }

  std::string time_source() const override { return "steady_clock"; }

 private:
  const NativeNorm norm_;
  const NativeBuffers buffers_;
  const std::shared_ptr<ThreadPool> pool_;
  const Scratch scratch_;
};

class NativePlan final : public NormPlan {
 public:
  NativePlan(NativeNorm norm, std::shared_ptr<ThreadPool> pool)
      : norm_(std::move(norm)), pool_(std::move(pool)) {}

  absl::StatusOr<std::unique_ptr<BoundNorm>> Bind(const NormBuffers& buffers) const override {
    if (absl::Status status = norm_.Check({.norm = buffers}); !status.ok()) return status;
    return std::make_unique<BoundNative>(norm_, buffers, pool_);
  }

 private:
  const NativeNorm norm_;
  const std::shared_ptr<ThreadPool> pool_;
};

class NativeKernel final : public NormKernel {
 public:
  NativeKernel(const NativeKernelOptions& options, Isa isa)
      : options_(options), isa_(isa), pool_(std::make_shared<ThreadPool>(options.threads)) {}

  std::string name() const override { return "native"; }

  KernelCapabilities capabilities() const override {
    return {.methods = {kMethods.begin(), kMethods.end()},
            .dtypes = {kDTypes.begin(), kDTypes.end()},
            .layouts = {kLayouts.begin(), kLayouts.end()},
            .devices = {"cpu"},
            .ranks = {2, 3, 4, 5},
            .copying = {},
            .isa = std::string(Name(isa_)),
            .any_thread = true};
  }

  int64_t WorkspaceBytes(const NormSpec& spec, const Shape& shape,
                         TensorFormat format) const override {
    const absl::StatusOr<NativeNorm> norm = NativeNorm::Plan({spec, shape, format, {}});
    return norm.ok() ? static_cast<int64_t>(norm->ScratchBytes(options_.threads)) : 0;
  }

  absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec& spec, const Shape& shape,
                                                       DType dtype, Layout layout,
                                                       const std::string& device) const override {
    const absl::StatusOr<DeviceName> wanted = ParseDeviceName(device);
    if (!wanted.ok()) return wanted.status();
    if (wanted->cuda) {
      return absl::InvalidArgumentError(
          absl::StrCat("device: ", device, " with impl native; allowed: cpu"));
    }
    absl::StatusOr<NativeNorm> norm =
        NativeNorm::Plan({spec, shape, {dtype, layout}, {}}, options_.norm);
    if (!norm.ok()) return norm.status();
    return std::make_shared<NativePlan>(*std::move(norm), pool_);
  }

 private:
  const NativeKernelOptions options_;
  const Isa isa_;
  const std::shared_ptr<ThreadPool> pool_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<NormKernel>> MakeNativeKernel(const NativeKernelOptions& options) {
  const absl::StatusOr<Isa> isa = ChooseIsa(options.norm.isa);
  if (!isa.ok()) return isa.status();
  return std::make_unique<NativeKernel>(options, *isa);
}

}  // namespace normbench
