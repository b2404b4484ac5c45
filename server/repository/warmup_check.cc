// SPDX-License-Identifier: Apache-2.0
#include "server/repository/warmup_check.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/repository/config_error.h"
#include "server/repository/datatype.h"
#include "server/repository/naming.h"

namespace normbench {
namespace {

using inference::ModelInput;
using inference::ModelWarmup;

absl::Status CheckShape(const std::string& field, const ModelWarmup::Input& given,
                        const ModelInput& input) {
  if (given.data_type() != input.data_type()) {
    return ConfigError(absl::StrCat(field, ".data_type: ", WireName(given.data_type()),
                                    "; the model's is ", WireName(input.data_type())));
  }
  const auto fits = [](int64_t dim, int64_t wanted) {
    return wanted == -1 ? dim >= 1 : dim == wanted;
  };
  if (std::equal(given.dims().begin(), given.dims().end(), input.dims().begin(), input.dims().end(),
                 fits)) {
    return absl::OkStatus();
  }
  return ConfigError(absl::StrCat(field, ".dims: [", absl::StrJoin(given.dims(), ", "),
                                  "]; the model's are [", absl::StrJoin(input.dims(), ", "),
                                  "], where -1 is any size >= 1"));
}

absl::Status CheckSource(const std::string& field, const ModelWarmup::Input& given) {
  constexpr const char* kAllowed =
      "; allowed: zero_data: true, random_data: true or input_data_file";
  switch (given.input_data_type_case()) {
    case ModelWarmup::Input::kZeroData:
    case ModelWarmup::Input::kRandomData:
      if (given.zero_data() || given.random_data()) return absl::OkStatus();
      return ConfigError(absl::StrCat(field, ": data of kind false", kAllowed));
    case ModelWarmup::Input::kInputDataFile:
      if (IsFileName(given.input_data_file())) return absl::OkStatus();
      return ConfigError(absl::StrCat(field, ".input_data_file: ", Quoted(given.input_data_file()),
                                      "; allowed: the name of a file in the model's folder ",
                                      kWarmupFolder, ", without /"));
    default:
      return ConfigError(absl::StrCat(field, ": no data", kAllowed));
  }
}

// Of one sample; at most one above kMaxWarmupBytes. Strings have their length before them.
int64_t BytesOf(const ModelWarmup::Input& given) {
  const int64_t size = WireSize(WireName(given.data_type()));
  int64_t bytes = size > 0 ? size : 4 + (given.random_data() ? kRandomStringBytes : 0);
  for (const int64_t dim : given.dims()) {
    if (dim > kMaxWarmupBytes / bytes) return kMaxWarmupBytes + 1;
    bytes *= dim;
  }
  return bytes;
}

absl::Status CheckNames(const std::string& field, const ModelWarmup& warmup,
                        const inference::ModelConfig& config) {
  std::vector<std::string> names;
  for (const ModelInput& input : config.input()) names.push_back(input.name());
  for (const auto& [name, given] : warmup.inputs()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    return ConfigError(absl::StrCat(field, ".inputs: the model has no input ", Quoted(name),
                                    NearestNote(name, names)));
  }
  return absl::OkStatus();
}

absl::Status CheckInputs(const std::string& field, const ModelWarmup& warmup,
                         const inference::ModelConfig& config) {
  int64_t bytes = 0;
  for (const ModelInput& input : config.input()) {
    const std::string of = absl::StrCat(field, " input ", Quoted(input.name()));
    const auto given = warmup.inputs().find(input.name());
    if (given == warmup.inputs().end()) {
      return ConfigError(absl::StrCat(of, ": missing; a sample has every input of the model"));
    }
    absl::Status status = CheckShape(of, given->second, input);
    if (status.ok()) status = CheckSource(of, given->second);
    if (!status.ok()) return status;
    bytes += BytesOf(given->second);
  }
  if (bytes <= kMaxWarmupBytes / WarmupBatch(warmup)) return absl::OkStatus();
  return ConfigError(absl::StrCat(field, ": its inputs take too much memory; allowed: ",
                                  kMaxWarmupBytes, " bytes, the batch included"));
}

}  // namespace

int64_t WarmupBatch(const ModelWarmup& warmup) {
  return std::max<int64_t>(1, warmup.batch_size());
}

int64_t WarmupRuns(const ModelWarmup& warmup) {
  return std::max<int64_t>(1, warmup.count());
}

absl::Status CheckWarmups(const inference::ModelConfig& config) {
  const int64_t largest = std::max(1, config.max_batch_size());
  int64_t runs = 0;
  for (const ModelWarmup& warmup : config.model_warmup()) {
    const std::string field = absl::StrCat("model_warmup ", Quoted(warmup.name()));
    if (WarmupBatch(warmup) > largest) {
      return ConfigError(absl::StrCat(field, ".batch_size: ", warmup.batch_size(),
                                      "; allowed: 1 to ", largest, ", or 0 for 1"));
    }
    absl::Status status = CheckNames(field, warmup, config);
    if (status.ok()) status = CheckInputs(field, warmup, config);
    if (!status.ok()) return status;
    runs += WarmupRuns(warmup);
  }
  if (runs <= kMaxWarmupRuns) return absl::OkStatus();
  return ConfigError(absl::StrCat("model_warmup: ", runs, " runs; allowed: at most ",
                                  kMaxWarmupRuns, ", all samples together"));
}

}  // namespace normbench
