// SPDX-License-Identifier: Apache-2.0
// TraceSetting and LogSettings: what this server does, said in the settings of V2. They can be
// read; one that is set to what it is stays so, every other change is refused: traces and log go
// where the server was started to write them, which nobody may move over the network.
#pragma once

#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/repository/repository.h"
#include "server/trace/tracer.h"

namespace normbench {

// Return INVALID_ARGUMENT for an unknown setting, UNIMPLEMENTED for another value, each naming
// setting, value and what is allowed. A trace's may be those of a model: NOT_FOUND for an unknown
// one. `tracer` null: nothing is traced. Of its file only the name is told, not where it is.
absl::StatusOr<inference::TraceSettingResponse> AnswerTraceSetting(
    const ModelRepository& repository, const Tracer* tracer,
    const inference::TraceSettingRequest& request);
absl::StatusOr<inference::LogSettingsResponse> AnswerLogSettings(
    const inference::LogSettingsRequest& request);

}  // namespace normbench
