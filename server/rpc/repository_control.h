// SPDX-License-Identifier: Apache-2.0
// RepositoryModelLoad and RepositoryModelUnload: which requests are obeyed. They may only name a
// model of the repository: nothing that a caller sends is ever written there.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "inference/grpc_service.pb.h"

namespace normbench {

// What a server answers whose models are not for clients to choose.
inline constexpr const char* kNoControl =
    "clients do not choose what is loaded; start the server with --model-control=explicit";

// Returns NOT_FOUND for any but the empty one: there is one repository, and it has no name.
absl::Status CheckRepositoryName(const std::string& name);

// Return INVALID_ARGUMENT for what is no model's name or an unknown parameter, NOT_FOUND for a
// repository_name, UNIMPLEMENTED for a configuration or files in the request.
absl::Status CheckLoad(const inference::RepositoryModelLoadRequest& request);
absl::Status CheckUnload(const inference::RepositoryModelUnloadRequest& request);

}  // namespace normbench
