// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/repository_control.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/repository/naming.h"

namespace normbench {
namespace {

template <typename Request>
absl::Status CheckNames(const Request& request) {
  absl::Status status = CheckRepositoryName(request.repository_name());
  if (!status.ok() || IsModelName(request.model_name())) return status;
  return absl::InvalidArgumentError(absl::StrCat("model_name: ", Quoted(request.model_name()),
                                                 "; allowed: ", AllowedModelNames()));
}

absl::Status UnknownParameter(const std::string& name, const char* allowed) {
  return absl::InvalidArgumentError(
      absl::StrCat("parameters: unknown ", Quoted(name), "; allowed: ", allowed));
}

}  // namespace

absl::Status CheckRepositoryName(const std::string& name) {
  if (name.empty()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("repository_name: unknown ", Quoted(name),
                                          "; allowed: empty, there is one repository"));
}

absl::Status CheckLoad(const inference::RepositoryModelLoadRequest& request) {
  for (const auto& [name, value] : request.parameters()) {
    if (name != "config" && !absl::StartsWith(name, "file:")) return UnknownParameter(name, "none");
    return absl::UnimplementedError(absl::StrCat("parameters: ", Quoted(name),
                                                 ": models and their configurations come from the "
                                                 "repository's folder only; change it there"));
  }
  return CheckNames(request);
}

absl::Status CheckUnload(const inference::RepositoryModelUnloadRequest& request) {
  for (const auto& [name, value] : request.parameters()) {
    // No model depends on another one here.
    if (name != "unload_dependents") return UnknownParameter(name, "unload_dependents");
  }
  return CheckNames(request);
}

}  // namespace normbench
