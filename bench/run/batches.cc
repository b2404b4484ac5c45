// SPDX-License-Identifier: Apache-2.0
#include "bench/run/batches.h"

#include <algorithm>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/run/formed_batch.h"
#include "bench/run/message.h"
#include "inference/grpc_service.pb.h"

namespace normbench {
namespace {

int64_t Elements(const std::vector<int64_t>& shape) {
  int64_t elements = 1;
  for (const int64_t dim : shape) elements *= dim;
  return elements;
}

absl::StatusOr<std::vector<int64_t>> ImageShape(const ModelData& data, const ModelInfo& info) {
  const bool open = std::any_of(info.input_shape.begin(), info.input_shape.end(),
                                [](int64_t dim) { return dim < 1; });
  if (open) return data.image_shape;
  if (Elements(info.input_shape) == data.image_elements()) return info.input_shape;
  return absl::InvalidArgumentError(
      absl::StrCat("input '", info.input, "' takes ", absl::StrJoin(info.input_shape, "x"),
                   " for each image; the data has ", absl::StrJoin(data.image_shape, "x")));
}

}  // namespace

int Batches::size_of(int64_t input) const {
  return static_cast<int>(std::min<int64_t>(batch_, data_.images - input * batch_));
}

absl::StatusOr<std::vector<grpc::ByteBuffer>> Batches::Requests(const ModelInfo& info,
                                                                bool ask) const {
  const auto image_shape = ImageShape(data_, info);
  if (!image_shape.ok()) return image_shape.status();
  inference::ModelInferRequest request;
  request.set_model_name(model_case_.model());
  request.set_model_version(model_case_.version());
  request.add_outputs()->set_name(info.output);
  if (ask) AskForFormedBatch(&request);
  auto* input = request.add_inputs();
  input->set_name(info.input);
  input->set_datatype("FP32");
  input->add_shape(0);
  for (const int64_t dim : *image_shape) input->add_shape(dim);
  std::vector<grpc::ByteBuffer> requests;
  requests.reserve(count());
  for (int64_t i = 0; i < count(); ++i) {
    input->set_shape(0, size_of(i));
    requests.push_back(WithTensor(request,
                                  inference::ModelInferRequest::kRawInputContentsFieldNumber,
                                  std::as_bytes(data_.slice(i * batch_, size_of(i)))));
  }
  return requests;
}

}  // namespace normbench
