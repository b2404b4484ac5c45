// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/torch_kernel.h"

#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/Event.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/kernels/device_name.h"
#include "server/kernels/steady_time.h"
#include "server/kernels/torch_operators.h"
#include "server/kernels/torch_runtime.h"
#include "server/kernels/torch_wall.h"

namespace normbench {
namespace {

// One spec, shape and format on one device.
struct Problem {
  NormSpec spec;
  Shape shape;
  TensorFormat format;
  c10::Device device;
};

// A view of the caller's memory; undefined where there is none.
at::Tensor View(const float* data, at::IntArrayRef dims) {
  if (data == nullptr) return {};
  return at::from_blob(const_cast<float*>(data), dims, at::TensorOptions().dtype(at::kFloat));
}

// As View, for inputs that may be absent.
std::optional<at::Tensor> OptionalView(const float* data, int64_t elements) {
  if (data == nullptr) return std::nullopt;
  return View(data, {elements});
}

TorchOperands ViewsOf(const Problem& problem, const NormBuffers& buffers) {
  const int64_t affine = AffineElements(problem.spec, problem.shape);
  const int64_t groups = Geometry(problem.spec, problem.shape).groups;
  return {.x = TensorView(problem.shape, problem.format, buffers.x),
          .y = TensorView(problem.shape, problem.format, buffers.y),
          .gamma = OptionalView(buffers.gamma, affine),
          .beta = OptionalView(buffers.beta, affine),
          .mean = OptionalView(buffers.mean, problem.shape.channels()),
          .variance = OptionalView(buffers.variance, problem.shape.channels()),
          .mean_out = View(buffers.mean_out, {groups}),
          .rstd_out = View(buffers.rstd_out, {groups}),
          .saved_mean = {},
          .saved_rstd = {}};
}

// Works on the caller's memory itself.
class BoundOnCpu final : public BoundNorm {
 public:
  BoundOnCpu(const Problem& problem, TorchOperands operands)
      : problem_(problem),
        operator_(ChooseOperator(problem.spec, problem.shape, problem.format.layout)),
        operands_(std::move(operands)) {
    PrepareOperands(problem_.spec, problem_.shape, problem_.format.layout, operands_);
  }

  absl::Status Launch() override {
    return BehindTorchWall([this] {
      const c10::InferenceMode inference;
      operator_(problem_.spec, problem_.shape, operands_);
      return absl::OkStatus();
    });
  }

  absl::Status Synchronize() override { return absl::OkStatus(); }

  absl::StatusOr<double> Time(int iterations) override { return TimeLaunches(*this, iterations); }

  std::string time_source() const override { return "steady_clock"; }
  bool converts_layout() const override { return operands_.converted; }

 private:
  const Problem problem_;
  const TorchOperator operator_;
  TorchOperands operands_;
};

at::Tensor OnDevice(const at::Tensor& tensor, c10::Device device) {
  return tensor.defined() ? tensor.to(device) : tensor;
}

std::optional<at::Tensor> OnDevice(const std::optional<at::Tensor>& tensor, c10::Device device) {
  if (!tensor) return std::nullopt;
  return tensor->to(device);
}

TorchOperands OnDevice(const TorchOperands& o, c10::Device device) {
  return {.x = OnDevice(o.x, device),
          // As Measure leaves the caller's: an element that is never written shows.
          .y = at::full_like(o.y, NAN, o.y.options().device(device)),
          .gamma = OnDevice(o.gamma, device),
          .beta = OnDevice(o.beta, device),
          .mean = OnDevice(o.mean, device),
          .variance = OnDevice(o.variance, device),
          .mean_out = OnDevice(o.mean_out, device),
          .rstd_out = OnDevice(o.rstd_out, device),
          .saved_mean = {},
          .saved_rstd = {}};
}

// Works on copies in the device's memory: inputs go there once, outputs come back in Synchronize.
// Everything is on the stream that is the calling thread's current one for that device.
class BoundOnDevice final : public BoundNorm {
 public:
  BoundOnDevice(const Problem& problem, TorchOperands host)
      : problem_(problem),
        operator_(ChooseOperator(problem.spec, problem.shape, problem.format.layout)),
        host_(std::move(host)),
        results_(OnDevice(host_, problem.device)),
        operands_(results_) {
    PrepareOperands(problem_.spec, problem_.shape, problem_.format.layout, operands_);
  }

  absl::Status Launch() override {
    return BehindTorchWall([this] {
      const c10::DeviceGuard guard(problem_.device);
      Enqueue();
      return absl::OkStatus();
    });
  }

  absl::Status Synchronize() override {
    return BehindTorchWall([this] {
      const c10::InferenceMode inference;
      host_.y.copy_(results_.y);  // to pageable memory: returns when all is done
      if (host_.mean_out.defined()) host_.mean_out.copy_(results_.mean_out);
      if (host_.rstd_out.defined()) host_.rstd_out.copy_(results_.rstd_out);
      return absl::OkStatus();
    });
  }

  absl::StatusOr<double> Time(int iterations) override {
    double seconds = 0;
    const absl::Status status = BehindTorchWall([&] {
      const c10::DeviceGuard guard(problem_.device);
      const c10::Stream stream =
          c10::impl::VirtualGuardImpl(problem_.device.type()).getStream(problem_.device);
      c10::Event start(problem_.device.type(), c10::EventFlag::BACKEND_DEFAULT);
      c10::Event stop(problem_.device.type(), c10::EventFlag::BACKEND_DEFAULT);
      start.record(stream);
      for (int i = 0; i < iterations; ++i) Enqueue();
      stop.record(stream);
      stop.synchronize();
      seconds = start.elapsedTime(stop) / 1000 / iterations;
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return seconds;
  }

  std::string time_source() const override { return "cuda_event"; }
  bool converts_layout() const override { return operands_.converted; }

 private:
  void Enqueue() {
    const c10::InferenceMode inference;
    operator_(problem_.spec, problem_.shape, operands_);
  }

  const Problem problem_;
  const TorchOperator operator_;
  TorchOperands host_;      // views of the caller's memory
  TorchOperands results_;   // the same, in the device's memory
  TorchOperands operands_;  // results_ as the operator wants to see them
};

class TorchPlan final : public NormPlan {
 public:
  explicit TorchPlan(const Problem& problem) : problem_(problem) {}

  absl::StatusOr<std::unique_ptr<BoundNorm>> Bind(const NormBuffers& buffers) const override {
    std::unique_ptr<BoundNorm> bound;
    const absl::Status status = BehindTorchWall([&] {
      const c10::InferenceMode inference;
      TorchOperands views = ViewsOf(problem_, buffers);
      if (problem_.device.is_cpu()) {
        bound = std::make_unique<BoundOnCpu>(problem_, std::move(views));
      } else {
        const c10::DeviceGuard guard(problem_.device);
        bound = std::make_unique<BoundOnDevice>(problem_, std::move(views));
      }
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return bound;
  }

 private:
  const Problem problem_;
};

class TorchKernel final : public NormKernel {
 public:
  std::string name() const override { return "torch"; }

  KernelCapabilities capabilities() const override {
    return {.methods = {kMethods.begin(), kMethods.end()},
            .dtypes = {kDTypes.begin(), kDTypes.end()},
            .layouts = {kLayouts.begin(), kLayouts.end()},
            .devices = TorchDevices(),
            .ranks = {2, 3, 4, 5},
            .copying = {Method::kLayer, Method::kGroup, Method::kRms},
            .isa = TorchCpuCapability()};
  }

  int64_t WorkspaceBytes(const NormSpec& spec, const Shape& shape,
                         TensorFormat format) const override {
    return OperatorBytes(spec, shape, format);
  }

  int64_t BoundBytes(const NormSpec& spec, const Shape& shape, TensorFormat format) const override {
    return PreparedBytes(spec, shape, format);
  }

  absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec& spec, const Shape& shape,
                                                       DType dtype, Layout layout,
                                                       const std::string& device) const override {
    const absl::StatusOr<DeviceName> wanted = ParseDeviceName(device);
    if (!wanted.ok()) return wanted.status();
    const std::vector<std::string> here = TorchDevices();
    if (std::find(here.begin(), here.end(), wanted->ToString()) == here.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat("device: ", device, " is not here; allowed: ", absl::StrJoin(here, ", ")));
    }
    const c10::Device chosen(wanted->cuda ? c10::kCUDA : c10::kCPU,
                             static_cast<c10::DeviceIndex>(wanted->cuda ? wanted->index : -1));
    return std::make_shared<TorchPlan>(Problem{spec, shape, {dtype, layout}, chosen});
  }
};

}  // namespace

std::unique_ptr<NormKernel> MakeTorchKernel() {
  return std::make_unique<TorchKernel>();
}

}  // namespace normbench
