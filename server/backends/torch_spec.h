// SPDX-License-Identifier: Apache-2.0
// What every model on LibTorch is asked before its file is read, and how its errors name it. Needs
// no torch header.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/backends/model.h"

namespace normbench {

// The device of `spec`; cpu where it has none.
std::string DeviceOf(const ModelSpec& spec);

// Backend::Complete of `what`, which tells the shapes of no tensor: INVALID_ARGUMENT where inputs
// or outputs are not given.
absl::Status CheckTensorsGiven(const ModelSpec& spec, const std::string& what);

// Returns INVALID_ARGUMENT for a tensor of a type that LibTorch does not have, FAILED_PRECONDITION
// where the device is not here.
absl::Status CheckTorchSpec(const ModelSpec& spec);

// Returns the path of the file in the version's folder: the one that the configuration names, else
// `usual`. NOT_FOUND where that is no regular file: opening a pipe would wait for ever.
absl::StatusOr<std::string> ModelPath(const ModelSpec& spec, const std::string& usual);

// Returns `model`; its error with the model's name in front.
absl::StatusOr<std::unique_ptr<Model>> Named(const ModelSpec& spec,
                                             absl::StatusOr<std::unique_ptr<Model>> model);

}  // namespace normbench
