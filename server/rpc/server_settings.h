// SPDX-License-Identifier: Apache-2.0
// TraceSetting and LogSettings: what this server does, said in the settings of V2. They can be
// read; one that is set to what it is stays so, every other change is refused: this server writes
// no traces and its log goes where it was started to, which nobody may move over the network.
#pragma once

#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/repository/repository.h"

namespace normbench {

// Return INVALID_ARGUMENT for an unknown setting, UNIMPLEMENTED for another value, each naming
// setting, value and what is allowed. A trace's may be those of a model: NOT_FOUND for an unknown
// one.
absl::StatusOr<inference::TraceSettingResponse> AnswerTraceSetting(
    const ModelRepository& repository, const inference::TraceSettingRequest& request);
absl::StatusOr<inference::LogSettingsResponse> AnswerLogSettings(
    const inference::LogSettingsRequest& request);

}  // namespace normbench
