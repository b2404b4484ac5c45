// SPDX-License-Identifier: Apache-2.0
// The interface behind which normalization implementations stand. A normalization is planned, then
// bound to memory, then run: Plan validates and chooses the code path once, Bind ties it to
// buffers, Launch does no validation, no look-up and, where the library allows, no allocation.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/norm/buffers.h"
#include "bench/norm/shape.h"
#include "bench/norm/spec.h"
#include "bench/norm/tensor_format.h"

namespace normbench {

// What one implementation can do; the answer of ListImplementations.
struct KernelCapabilities {
  std::vector<Method> methods;
  std::vector<DType> dtypes;
  std::vector<Layout> layouts;
  std::vector<std::string> devices;  // cpu, cuda:0 ...
  std::vector<int> ranks;
  std::vector<Method> copying;  // the library writes elsewhere; the copy is inside Launch
  std::string isa;
  bool any_thread = false;  // plain code: may run on a thread that is not a worker
};

// A plan tied to buffers, which must outlive it. One thread at a time.
class BoundNorm {
 public:
  virtual ~BoundNorm() = default;

  // Computes once. On a GPU: enqueues on the device, where the inputs already are.
  virtual absl::Status Launch() = 0;

  // Waits, then the outputs are in the caller's buffers. On a CPU there is nothing to do.
  virtual absl::Status Synchronize() = 0;

  // Seconds per Launch over `iterations` in a row, on the device's own clock (time_source()).
  virtual absl::StatusOr<double> Time(int iterations) = 0;

  virtual std::string time_source() const = 0;  // steady_clock | cuda_event

  // Whether the last Launch got its result in another layout than y has, and rearranged it.
  virtual bool converts_layout() const { return false; }
};

// Validated choice of code path for one spec, shape, dtype, layout and device. Thread-safe.
class NormPlan {
 public:
  virtual ~NormPlan() = default;

  // REQUIRES: every input and output of `buffers` that the spec needs.
  virtual absl::StatusOr<std::unique_ptr<BoundNorm>> Bind(const NormBuffers& buffers) const = 0;
};

// Thread-safe.
class NormKernel {
 public:
  virtual ~NormKernel() = default;

  virtual std::string name() const = 0;
  virtual KernelCapabilities capabilities() const = 0;

  // The most bytes that Bind and Launch hold beside the caller's buffers. REQUIRES:
  // Validate(spec, shape).ok().
  virtual int64_t WorkspaceBytes(const NormSpec& spec, const Shape& shape,
                                 TensorFormat format) const = 0;

  // How much of it Bind alone holds, as long as what it returned lives. REQUIRES: the same.
  virtual int64_t BoundBytes(const NormSpec& spec, const Shape& shape, TensorFormat format) const {
    return WorkspaceBytes(spec, shape, format);
  }

  // REQUIRES: Validate(spec, shape).ok(), Validate({dtype, layout}, shape).ok(). Returns
  // FAILED_PRECONDITION for a device that is not here, INVALID_ARGUMENT for what capabilities()
  // rules out.
  virtual absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec& spec,
                                                               const Shape& shape, DType dtype,
                                                               Layout layout,
                                                               const std::string& device) const = 0;
};

}  // namespace normbench
