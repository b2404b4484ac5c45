// SPDX-License-Identifier: Apache-2.0
#include "server/repository/config_check.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/norm/shape.h"
#include "server/repository/backend_name.h"
#include "server/repository/config_error.h"
#include "server/repository/config_offered.h"
#include "server/repository/naming.h"
#include "server/repository/placement.h"
#include "server/repository/warmup_check.h"

namespace normbench {
namespace {

constexpr int64_t kMaxElements = Shape::kMaxElements;

absl::Status CheckBackend(const std::string& backend, std::span<const std::string> backends) {
  if (std::find(backends.begin(), backends.end(), backend) != backends.end()) {
    return absl::OkStatus();
  }
  return ConfigError(absl::StrCat("backend: unknown ", Quoted(backend), "; allowed: ",
                                  absl::StrJoin(backends, ", "), NearestNote(backend, backends)));
}

// A file of `folder`, or none.
absl::Status CheckFileName(const std::string& field, const std::string& file,
                           const std::string& folder) {
  if (file.empty() || IsFileName(file)) return absl::OkStatus();
  return ConfigError(absl::StrCat(field, ": ", Quoted(file),
                                  "; allowed: the name of a file in the ", folder,
                                  "'s folder, at most ", kMaxNameLength, " characters, without /"));
}

absl::Status CheckFiles(const inference::ModelConfig& config) {
  absl::Status status =
      CheckFileName("default_model_filename", config.default_model_filename(), "version");
  for (const inference::ModelOutput& output : config.output()) {
    if (!status.ok()) break;
    status = CheckFileName(absl::StrCat("output ", Quoted(output.name()), ".label_filename"),
                           output.label_filename(), "model");
  }
  return status;
}

bool IsTensorName(const std::string& name) {
  return !name.empty() && name.size() <= kMaxNameLength &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
}

template <typename Dims>
absl::Status CheckDims(const std::string& field, const Dims& dims, bool batched) {
  const int least = batched ? 0 : 1;
  if (dims.size() < least || dims.size() > kMaxTensorRank) {
    return ConfigError(absl::StrCat(field, ".dims: ", dims.size(), " entries; allowed: ", least,
                                    " to ", kMaxTensorRank));
  }
  int64_t elements = 1;
  for (const int64_t dim : dims) {
    if (dim != -1 && (dim < 1 || dim > kMaxElements)) {
      return ConfigError(
          absl::StrCat(field, ".dims: ", dim, "; allowed: -1 or 1 to ", kMaxElements));
    }
    if (dim > 0 && elements > kMaxElements / dim) {
      return ConfigError(absl::StrCat(field, ".dims: ", absl::StrJoin(dims, "x"), " has more than ",
                                      kMaxElements, " elements"));
    }
    if (dim > 0) elements *= dim;
  }
  return absl::OkStatus();
}

// What inputs and outputs have in common.
template <typename Tensors>
absl::Status CheckTensors(const std::string& kind, const Tensors& tensors, bool batched) {
  if (tensors.empty() || tensors.size() > kMaxModelTensors) {
    return ConfigError(
        absl::StrCat(kind, ": ", tensors.size(), " tensors; allowed: 1 to ", kMaxModelTensors));
  }
  std::set<std::string> names;
  for (const auto& tensor : tensors) {
    const std::string field = absl::StrCat(kind, " ", Quoted(tensor.name()));
    if (!IsTensorName(tensor.name())) {
      return ConfigError(absl::StrCat(field, ".name: allowed: 1 to ", kMaxNameLength,
                                      " printable characters without spaces"));
    }
    if (!names.insert(tensor.name()).second) return ConfigError(field + ".name: used twice");
    if (tensor.data_type() == inference::TYPE_INVALID ||
        !inference::DataType_IsValid(tensor.data_type())) {
      return ConfigError(field + ".data_type: missing; allowed: TYPE_FP32 and the others");
    }
    if (absl::Status status = CheckDims(field, tensor.dims(), batched); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckVersionPolicy(const inference::ModelVersionPolicy& policy) {
  if (!policy.has_specific()) return absl::OkStatus();
  if (policy.specific().versions().empty()) {
    return ConfigError("version_policy.specific.versions: empty; allowed: one or more versions");
  }
  for (const int64_t version : policy.specific().versions()) {
    if (version < 1) {
      return ConfigError(
          absl::StrCat("version_policy.specific.versions: ", version, "; allowed: 1 and above"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckModelConfig(const inference::ModelConfig& config, const std::string& folder,
                              std::span<const std::string> backends) {
  if (!config.name().empty() && config.name() != folder) {
    return ConfigError(absl::StrCat("name: ", Quoted(config.name()),
                                    " is not the name of the model's folder, ", Quoted(folder)));
  }
  if (config.max_batch_size() < 0 || config.max_batch_size() > kMaxModelBatch) {
    return ConfigError(absl::StrCat("max_batch_size: ", config.max_batch_size(), "; allowed: 0 to ",
                                    kMaxModelBatch));
  }
  const bool batched = config.max_batch_size() > 0;
  absl::Status status = CheckOffered(config);
  if (status.ok()) status = CheckBackend(BackendName(config), backends);
  if (status.ok()) status = CheckFiles(config);
  if (status.ok()) status = CheckTensors("input", config.input(), batched);
  if (status.ok()) status = CheckTensors("output", config.output(), batched);
  if (status.ok()) status = CheckVersionPolicy(config.version_policy());
  if (status.ok()) status = CheckInstanceGroups(config);
  if (status.ok()) status = CheckWarmups(config);
  return status;
}

std::string UnusedSettings(const inference::ModelConfig& config,
                           std::span<const std::string> unknown) {
  std::vector<std::string> unused = IgnoredSettings(config);
  unused.insert(unused.end(), unknown.begin(), unknown.end());
  return unused.empty() ? "" : absl::StrCat("no effect: ", absl::StrJoin(unused, ", "));
}

}  // namespace normbench
