// SPDX-License-Identifier: Apache-2.0
// What V2 clients ask before they infer, as pure functions of the repository.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/repository/repository.h"

namespace normbench {

// Names only what works: a client calls what it finds here. `more`: extensions beside those that
// are always offered.
inference::ServerMetadataResponse DescribeServer(const std::string& version,
                                                 const std::vector<std::string>& more);

// Shapes start with -1 for the batch where the model has one. Errors as ModelRepository::Find.
absl::StatusOr<inference::ModelMetadataResponse> DescribeModel(
    const ModelRepository& repository, const inference::ModelMetadataRequest& request);

// The answer always holds a config. Errors as ModelRepository::Find.
absl::StatusOr<inference::ModelConfigResponse> DescribeConfig(
    const ModelRepository& repository, const inference::ModelConfigRequest& request);

// Which models' statistics are meant, by name and version: all that serve where the name is empty,
// all versions that serve where only the version is. Errors as ModelRepository::Find.
absl::StatusOr<std::vector<ModelHandle>> ModelsMeant(
    const ModelRepository& repository, const inference::ModelStatisticsRequest& request);

// Returns NOT_FOUND for a repository_name: there is one repository, and it has none.
absl::StatusOr<inference::RepositoryIndexResponse> DescribeRepository(
    const ModelRepository& repository, const inference::RepositoryIndexRequest& request);

// Returns false where Find says NOT_FOUND or UNAVAILABLE, as V2 servers do; INVALID_ARGUMENT for
// what is no version.
absl::StatusOr<bool> IsModelReady(const ModelRepository& repository,
                                  const inference::ModelReadyRequest& request);

}  // namespace normbench
