// SPDX-License-Identifier: Apache-2.0
// An implementation that can little, on a machine with a GPU: for what is decided before anything
// runs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/kernels/registry.h"
#include "server/metrics/metrics.h"
#include "server/rpc/offered_kernels.h"

namespace normbench {

// f32 of rank 4, contiguous; cannot be run.
class NarrowKernel final : public NormKernel {
 public:
  std::string name() const override { return "narrow"; }
  KernelCapabilities capabilities() const override {
    return {.methods = {kMethods.begin(), kMethods.end()},
            .dtypes = {DType::kF32},
            .layouts = {Layout::kNchw},
            .devices = {"cpu", "cuda:0"},
            .ranks = {4},
            .copying = {},
            .isa = "none"};
  }
  int64_t WorkspaceBytes(const NormSpec&, const Shape&, TensorFormat) const override { return 0; }
  absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec&, const Shape&, DType, Layout,
                                                       const std::string&) const override {
    return absl::UnimplementedError("");
  }
};

// A server that offers nothing else.
struct NarrowOffer {
  static std::vector<std::unique_ptr<NormKernel>> Kernels() {
    std::vector<std::unique_ptr<NormKernel>> kernels;
    kernels.push_back(std::make_unique<NarrowKernel>());
    return kernels;
  }

  const KernelRegistry registry{Kernels()};
  const ServerMetrics metrics{{.rpcs = {},
                               .impls = {"narrow"},
                               .devices = {"cpu", "cuda:0"},
                               .version = "",
                               .sha = "",
                               .torch = ""}};
  const OfferedKernels kernels{registry, metrics, "cpu"};
};

}  // namespace normbench
