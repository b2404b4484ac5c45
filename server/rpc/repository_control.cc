// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/repository_control.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/repository/naming.h"

namespace normbench {
namespace {

template <typename Request>
absl::Status CheckNames(const Request& request) {
  if (!request.repository_name().empty()) {
    return absl::NotFoundError(absl::StrCat("repository_name: unknown ",
                                            Quoted(request.repository_name()),
                                            "; allowed: empty, there is one repository"));
  }
  if (IsModelName(request.model_name())) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("model_name: ", Quoted(request.model_name()),
                                                 "; allowed: 1 to ", kMaxNameLength,
                                                 " of A-Z a-z 0-9 . _ - and no leading dot"));
}

absl::Status UnknownParameter(const std::string& name, const char* allowed) {
  return absl::InvalidArgumentError(
      absl::StrCat("parameters: unknown ", Quoted(name), "; allowed: ", allowed));
}

}  // namespace

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
