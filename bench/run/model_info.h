// SPDX-License-Identifier: Apache-2.0
// What a KServe V2 server says about a model: enough to send it requests and to name it in a
// report.
#pragma once

#include <grpcpp/channel.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

struct ModelInfo {
  std::string input;
  std::vector<int64_t> input_shape;  // of one image; -1: any
  std::string output;
  int64_t classes = 0;         // where the output is FP32 of shape (batch, classes), else 0
  int32_t max_batch_size = 0;  // 0: not known
  std::map<std::string, std::string> parameters;  // of its configuration: norm, train_batch ...
};

// Asks for metadata and, where the server has that method, configuration. Returns the server's
// error, or FAILED_PRECONDITION where the model cannot be driven with one FP32 input.
absl::StatusOr<ModelInfo> AskModel(const std::shared_ptr<grpc::Channel>& channel,
                                   const v1::ModelCase& model_case);

}  // namespace normbench
