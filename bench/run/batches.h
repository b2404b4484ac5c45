// SPDX-License-Identifier: Apache-2.0
// A data set cut into requests: every image exactly once, in order, the last request maybe smaller.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/run/model_data.h"
#include "bench/run/model_info.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// Refers to its arguments; so do the requests to the images. REQUIRES: batch >= 1.
class Batches {
 public:
  Batches(const v1::ModelCase& model_case, const ModelData& data, int batch)
      : model_case_(model_case), data_(data), batch_(batch) {}

  // Requests in a pass.
  int64_t count() const { return (data_.images + batch_ - 1) / batch_; }

  // Images in request number `input`.
  int size_of(int64_t input) const;

  // Serialised ModelInferRequests; `ask`: for the batch that the server forms, as formed_batch.h
  // does, which takes it a few microseconds. The image shape is the model's own where it fixes one,
  // else that of the data. Returns INVALID_ARGUMENT naming both where they do not go together.
  absl::StatusOr<std::vector<grpc::ByteBuffer>> Requests(const ModelInfo& info, bool ask) const;

 private:
  const v1::ModelCase& model_case_;
  const ModelData& data_;
  int batch_;
};

}  // namespace normbench
