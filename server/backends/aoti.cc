// SPDX-License-Identifier: Apache-2.0
#include "server/backends/aoti.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <stdlib.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>
#include <torch/headeronly/version.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/base/const_init.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "server/backends/aoti_host.h"
#include "server/backends/aoti_package.h"
#include "server/backends/libtorch_name.h"
#include "server/backends/reordered.h"
#include "server/backends/torch_spec.h"
#include "server/backends/torch_tensors.h"
#include "server/backends/warm_up.h"
#include "server/kernels/torch_runtime.h"
#include "server/kernels/torch_wall.h"

namespace normbench {
namespace {

using Loader = torch::inductor::AOTIModelPackageLoader;

// Older loaders take no folder.
constexpr bool kLoadsFolders = TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 15;

// LibTorch's loader keeps what it reads in static variables.
ABSL_CONST_INIT absl::Mutex load_mutex(absl::kConstInit);

class AotiModel : public Model {
 public:
  AotiModel(AotiPackage package, std::unique_ptr<Loader> loader, const ModelSpec& spec)
      : package_(std::move(package)),
        loader_(std::move(loader)),
        spec_(spec),
        device_(DeviceOf(spec)) {}

  int64_t WorkspaceBytes(int64_t batch) const override { return workspace_.of(batch); }
  std::vector<MemoryPoint> MeasuredMemory() const override { return workspace_.points; }

  // What the warm-up has seen. Before any request.
  void set_workspace(const Workspace& workspace) { workspace_ = workspace; }

  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    const absl::Status status = BehindTorchWall([&] {
      const c10::InferenceMode guard;
      std::vector<at::Tensor> arguments;
      for (const TensorIn& input : inputs) {
        arguments.push_back(TensorOf(input, device_, /*copy=*/false));
      }
      return Answer(loader_->run(arguments), spec_, BatchOf(spec_, inputs), allocate);
    });
    return status.ok() ? status : WithNames(status);
  }

 private:
  // Packages count their inputs.
  absl::Status WithNames(const absl::Status& status) const {
    std::string text(status.message());
    for (size_t i = 0; i < spec_.inputs.size(); ++i) {
      absl::StrReplaceAll(
          {{absl::StrCat("input_handles[", i, "]"), absl::StrCat("input ", spec_.inputs[i].name)}},
          &text);
    }
    return absl::Status(status.code(), text);
  }

  const AotiPackage package_;  // outlives the code that lies in its folder
  const std::unique_ptr<Loader> loader_;
  const ModelSpec spec_;
  const at::Device device_;
  Workspace workspace_;
};

// The code would follow null pointers to weights that are nowhere, or where LibTorch does not look.
absl::Status CheckWeights(Loader& loader) {
  const size_t wanted = loader.get_constant_fqns().size();
  if (wanted == 0 || !loader.get_runner()->extract_constants_map(false).empty()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the package lacks its weights (tensors: ", wanted,
      "); allowed: in its code (aot_inductor.package_constants_in_so) or as binary_blob "
      "(aot_inductor.package_constants_on_disk_format)"));
}

absl::StatusOr<std::unique_ptr<Loader>> LoadCode(const AotiPackage& package, at::Device device,
                                                 int workers) {
  absl::Status status = ProvideLibTorchName();
  if (!status.ok()) return status;
  std::unique_ptr<Loader> loader;
  status = BehindTorchWall([&] {
    loader = std::make_unique<Loader>(package.folder(), "model", /*run_single_threaded=*/false,
                                      static_cast<size_t>(workers), device.index());
    return CheckWeights(*loader);
  });
  if (status.ok()) return loader;
  return absl::InvalidArgumentError(
      absl::StrCat("its code does not load: ",
                   absl::StrReplaceAll(status.message(), {{package.folder() + "/", ""}})));
}

absl::StatusOr<std::unique_ptr<AotiModel>> LoadPackage(const std::string& path,
                                                       const ModelSpec& spec, int workers) {
  const absl::MutexLock lock(&load_mutex);
  absl::StatusOr<AotiPackage> package = AotiPackage::Open(path);
  if (!package.ok()) return package.status();
  const absl::Status here = CheckMadeFor(package->metadata(), ThisHost(DeviceOf(spec)));
  if (!here.ok()) return here;
  auto loader = LoadCode(*package, at::Device(DeviceOf(spec)), workers);
  if (!loader.ok()) return loader.status();
  return std::make_unique<AotiModel>(*std::move(package), *std::move(loader), spec);
}

// Both are said of a package whose first dimension is not what max_batch_size needs.
absl::Status WithAdvice(const absl::Status& status) {
  const char* advice = "";
  if (absl::StrContains(status.message(), "unmatched dim value at 0,")) {
    advice = "; one for several batches is exported with a dynamic first dimension";
  } else if (absl::StrContains(status.message(), "dim value is too small at 0,")) {
    advice = "; one that takes every batch is made with aot_inductor.check_lowerbound False";
  }
  return absl::Status(status.code(), absl::StrCat(status.message(), advice));
}

absl::StatusOr<std::unique_ptr<Model>> LoadModel(const ModelSpec& spec,
                                                 const AotiOptions& options) {
  if (!kLoadsFolders) {
    return absl::FailedPreconditionError(
        absl::StrCat("backend aoti needs LibTorch 2.15; here: ", TorchVersion()));
  }
  const absl::Status status = CheckTorchSpec(spec);
  if (!status.ok()) return status;
  const absl::StatusOr<std::string> path = ModelPath(spec, "model.pt2");
  if (!path.ok()) return path.status();
  auto model = LoadPackage(*path, spec, options.workers);
  if (!model.ok()) {
    return absl::Status(model.status().code(), absl::StrCat(*path, ": ", model.status().message()));
  }
  const absl::StatusOr<Workspace> workspace = WarmUp(**model, spec, options.max_request_bytes);
  if (!workspace.ok()) return WithAdvice(workspace.status());
  (*model)->set_workspace(*workspace);
  return *std::move(model);
}

class AotiBackend : public Backend {
 public:
  explicit AotiBackend(const AotiOptions& options) : options_(options) {}

  std::string name() const override { return "aoti"; }

  absl::Status Complete(ModelSpec& spec) const override {
    return CheckTensorsGiven(spec, "a package");
  }

  absl::StatusOr<std::unique_ptr<Model>> Load(const ModelSpec& spec) override {
    const absl::StatusOr<TensorOrder> order = OrderOf(spec);
    if (!order.ok()) return Named(spec, order.status());
    auto model = LoadModel(InOrder(spec, *order), options_);
    if (!model.ok()) return Named(spec, model.status());
    return Reordered(*std::move(model), *order);
  }

 private:
  const AotiOptions options_;
};

}  // namespace

void CheckPackageInputs() {
  setenv("AOTI_RUNTIME_CHECK_INPUTS", "1", /*overwrite=*/0);
}

std::unique_ptr<Backend> MakeAotiBackend(const AotiOptions& options) {
  return std::make_unique<AotiBackend>(options);
}

}  // namespace normbench
