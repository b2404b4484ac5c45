// SPDX-License-Identifier: Apache-2.0
#include "server/backends/torch_spec.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/backends/torch_datatype.h"
#include "server/kernels/torch_runtime.h"

namespace normbench {

std::string DeviceOf(const ModelSpec& spec) {
  return spec.device.empty() ? "cpu" : spec.device;
}

absl::Status CheckTensorsGiven(const ModelSpec& spec, const std::string& what) {
  if (!spec.inputs.empty() && !spec.outputs.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(spec.inputs.empty() ? "input" : "output",
                                                 ": missing; ", what, " does not tell its shapes"));
}

absl::Status CheckTorchSpec(const ModelSpec& spec) {
  absl::Status status = CheckTorchTypes(spec.inputs, "input");
  if (status.ok()) status = CheckTorchTypes(spec.outputs, "output");
  if (!status.ok()) return status;
  const std::vector<std::string> here = TorchDevices();
  if (std::ranges::find(here, DeviceOf(spec)) != here.end()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "device: ", DeviceOf(spec), " is not here; allowed: ", absl::StrJoin(here, ", ")));
}

absl::StatusOr<std::string> ModelPath(const ModelSpec& spec, const std::string& usual) {
  const std::string path =
      absl::StrCat(spec.version_folder, "/", spec.model_file.empty() ? usual : spec.model_file);
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) return path;
  return absl::NotFoundError(absl::StrCat(path, ": no such file"));
}

absl::StatusOr<std::unique_ptr<Model>> Named(const ModelSpec& spec,
                                             absl::StatusOr<std::unique_ptr<Model>> model) {
  if (model.ok()) return model;
  return absl::Status(model.status().code(),
                      absl::StrCat("model ", spec.name, ": ", model.status().message()));
}

}  // namespace normbench
