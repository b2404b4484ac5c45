// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_request.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "server/repository/config_check.h"
#include "server/repository/datatype.h"
#include "server/repository/naming.h"
#include "server/rpc/infer_classes.h"
#include "server/rpc/infer_contents.h"
#include "server/rpc/infer_tensors.h"

namespace normbench {
namespace {

using google::protobuf::internal::WireFormatLite;
using inference::ModelInferRequest;

constexpr int64_t kMaxClasses = 65536;
// As much as the largest tensor of numbers has: sums of such stay far from the end of an int64_t.
constexpr uint64_t kMaxTensorBytes = uint64_t{8} << 31;
constexpr std::array<int, 1> kTensorFields = {ModelInferRequest::kRawInputContentsFieldNumber};

std::string FieldName(std::string_view list, int index, const std::string& name) {
  return absl::StrCat(std::string(list), "[", index, "] ", Quoted(name));
}

std::optional<int> IndexOf(const std::vector<TensorSpec>& tensors, const std::string& name) {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const TensorSpec& tensor) { return tensor.name == name; });
  if (found == tensors.end()) return std::nullopt;
  return static_cast<int>(found - tensors.begin());
}

absl::Status UnknownTensor(const std::string& field, const std::string& name,
                           const std::vector<TensorSpec>& tensors) {
  std::vector<std::string> names;
  for (const TensorSpec& tensor : tensors) names.push_back(tensor.name);
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": the model has no such tensor", NearestNote(name, names)));
}

// Returns with how many classes an output is asked for; 0: not at all.
absl::StatusOr<int64_t> ClassesAskedFor(const std::string& field, const InferParameters& parameters,
                                        const TensorSpec& tensor) {
  const auto found = parameters.find("classification");
  if (found == parameters.end()) return 0;
  if (tensor.datatype == "BYTES") {
    return absl::InvalidArgumentError(
        field + ".parameters: 'classification': of BYTES; allowed: of an output of numbers");
  }
  const int64_t classes = found->second.int64_param();  // 0 where it is of another type
  if (classes >= 1 && classes <= kMaxClasses) return classes;
  return absl::InvalidArgumentError(absl::StrCat(field, ".parameters: 'classification': ", classes,
                                                 "; allowed: int64_param from 1 to ", kMaxClasses));
}

// Inputs that are not in shared memory: either every one is raw or every one is typed.
absl::Status CheckForms(const ModelInferRequest& header, int raw_tensors) {
  int in_message = 0;
  for (int i = 0; i < header.inputs_size(); ++i) {
    const auto& input = header.inputs(i);
    const std::string field = FieldName("inputs", i, input.name());
    const bool shared = IsShared(input.parameters());
    if (input.has_contents() && (shared || raw_tensors > 0)) {
      return absl::InvalidArgumentError(
          absl::StrCat(field, ".contents: given beside ",
                       shared ? "shared memory" : "raw_input_contents", "; allowed: one of them"));
    }
    if (!input.has_contents() && !shared && raw_tensors == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(field, ": no data; send raw_input_contents, or contents for every input"));
    }
    in_message += !shared;
  }
  if (raw_tensors > 0 && raw_tensors != in_message) {
    return absl::InvalidArgumentError(
        absl::StrCat("raw_input_contents: ", raw_tensors, " tensors; allowed: ", in_message,
                     ", one for each of inputs that is not in shared memory"));
  }
  return absl::OkStatus();
}

// What one input of a request is planned from.
struct Given {
  ModelInferRequest::InferInputTensor& tensor;
  std::string field;
  BytesView raw;
  const Regions* regions;
};

// What is given in so many bytes: as many as the shape says, or, of BYTES, at least a length each.
absl::Status CheckBytes(const std::string& field, uint64_t bytes, const TensorSpec& tensor,
                        int64_t elements) {
  const auto size = static_cast<size_t>(WireSize(tensor.datatype));
  const uint64_t least = static_cast<uint64_t>(elements) * (size == 0 ? kElementLengthBytes : size);
  if (bytes > kMaxTensorBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": ", bytes, " bytes; allowed: at most ", kMaxTensorBytes));
  }
  if (size == 0 ? bytes >= least : bytes == least) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": ", bytes, " bytes; allowed: ", size == 0 ? "at least " : "", least,
                   size == 0 ? " (a length for each element)" : " (shape x datatype)"));
}

absl::Status PlanBytes(const Given& given, const TensorSpec& tensor, InferInput& input) {
  if (given.tensor.has_contents()) {
    const auto bytes =
        TypedBytes(given.field, given.tensor.contents(), tensor.datatype, input.elements);
    if (!bytes.ok()) return bytes.status();
    input.bytes = *bytes;
    input.typed = std::move(*given.tensor.mutable_contents());
    return absl::OkStatus();
  }
  input.raw = given.raw;
  input.bytes = input.shared.region ? input.shared.byte_size : given.raw.size();
  return CheckBytes(given.field, input.bytes, tensor, input.elements);
}

absl::StatusOr<InferInput> PlanInput(const Given& given, const ModelSpec& model,
                                     const TensorSpec& tensor) {
  auto shared = SharedPlaceOf(given.field, given.tensor.parameters(), given.regions);
  if (!shared.ok()) return shared.status();
  if (given.tensor.datatype() != tensor.datatype) {
    return absl::InvalidArgumentError(absl::StrCat(given.field,
                                                   ".datatype: ", Quoted(given.tensor.datatype()),
                                                   "; allowed: ", tensor.datatype));
  }
  InferInput input;
  input.field = given.field;
  input.shared = *std::move(shared);
  input.shape.assign(given.tensor.shape().begin(), given.tensor.shape().end());
  const auto elements = CheckShape(given.field, input.shape, model, tensor);
  if (!elements.ok()) return elements.status();
  input.elements = *elements;
  if (absl::Status status = PlanBytes(given, tensor, input); !status.ok()) return status;
  return input;
}

absl::Status PlanInputs(InferMessage& message, const ModelSpec& model, const Regions* regions,
                        InferPlan& plan) {
  const std::vector<BytesView> raw = message.raw.All(kTensorFields[0]);
  absl::Status status = CheckForms(message.header, static_cast<int>(raw.size()));
  if (!status.ok()) return status;
  plan.inputs.resize(model.inputs.size());
  size_t next_raw = 0;
  for (int i = 0; i < message.header.inputs_size(); ++i) {
    auto& tensor = *message.header.mutable_inputs(i);
    const std::string field = FieldName("inputs", i, tensor.name());
    const std::optional<int> index = IndexOf(model.inputs, tensor.name());
    if (!index) return UnknownTensor(field, tensor.name(), model.inputs);
    InferInput& input = plan.inputs[*index];
    if (input.elements > 0) return absl::InvalidArgumentError(field + ": given twice");
    const bool is_raw = !raw.empty() && !IsShared(tensor.parameters());
    const BytesView bytes = is_raw ? raw[next_raw++] : BytesView();
    auto planned = PlanInput({tensor, field, bytes, regions}, model, model.inputs[*index]);
    if (!planned.ok()) return planned.status();
    input = *std::move(planned);
  }
  return absl::OkStatus();
}

// What inputs have to agree on, and their sums.
absl::Status SumInputs(const ModelSpec& model, InferPlan& plan) {
  for (size_t i = 0; i < plan.inputs.size(); ++i) {
    const InferInput& input = plan.inputs[i];
    const TensorSpec& tensor = model.inputs[i];
    if (input.elements == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("inputs: ", Quoted(tensor.name), " is missing"));
    }
    if (model.max_batch_size > 0) {
      if (i == 0) plan.batch = input.shape[0];
      if (input.shape[0] != plan.batch) {
        return absl::InvalidArgumentError(
            absl::StrCat("inputs: ", Quoted(tensor.name), ".shape[0]: batch of ", input.shape[0],
                         "; allowed: ", plan.batch, ", as of ", Quoted(model.inputs[0].name)));
      }
    }
    plan.input_bytes += static_cast<int64_t>(input.bytes);
    if (input.typed) plan.held_bytes += static_cast<int64_t>(input.typed->SpaceUsedLong());
    // What a request costs is learned by elements: those of BYTES may be of any size.
    const auto words = static_cast<int64_t>(input.bytes / sizeof(int64_t));
    plan.elements += tensor.datatype == "BYTES" ? std::max(input.elements, words) : input.elements;
  }
  return absl::OkStatus();
}

absl::Status PlanOutputs(const ModelInferRequest& header, const ModelSpec& model,
                         const Regions* regions, InferPlan& plan) {
  for (int i = 0; i < header.outputs_size(); ++i) {
    const auto& output = header.outputs(i);
    const std::string field = FieldName("outputs", i, output.name());
    const std::optional<int> index = IndexOf(model.outputs, output.name());
    if (!index) return UnknownTensor(field, output.name(), model.outputs);
    if (std::find(plan.outputs.begin(), plan.outputs.end(), *index) != plan.outputs.end()) {
      return absl::InvalidArgumentError(field + ": asked for twice");
    }
    auto shared = SharedPlaceOf(field, output.parameters(), regions);
    if (!shared.ok()) return shared.status();
    const auto classes = ClassesAskedFor(field, output.parameters(), model.outputs[*index]);
    if (!classes.ok()) return classes.status();
    plan.outputs.push_back(*index);
    plan.classes.push_back(*classes);
    plan.shared.push_back(*std::move(shared));
    plan.output_bytes += *classes * MaxClassBytes() * plan.batch;
  }
  for (size_t i = 0; i < model.outputs.size(); ++i) {
    if (header.outputs().empty()) {
      plan.outputs.push_back(static_cast<int>(i));
      plan.classes.push_back(0);
      plan.shared.emplace_back();
    }
    const int64_t known = OutputBytes(model, model.outputs[i], plan.batch);
    plan.output_bytes += known > 0 ? known : plan.input_bytes;
  }
  return absl::OkStatus();
}

// Before it is parsed: an empty tensor is two bytes in the message and a hundred in memory.
// Looks no further than the header may go: beyond, Decode refuses the message.
absl::Status CheckTensorCounts(grpc::ByteBuffer buffer, size_t max_header_bytes) {
  grpc::ProtoBufferReader reader(&buffer);
  google::protobuf::io::CodedInputStream stream(&reader);
  int inputs = 0, outputs = 0, tensor_bytes = 0;
  while (const uint32_t tag = stream.ReadTag()) {
    const int begin = stream.CurrentPosition();
    const int field = WireFormatLite::GetTagFieldNumber(tag);
    inputs += field == ModelInferRequest::kInputsFieldNumber;
    outputs += field == ModelInferRequest::kOutputsFieldNumber;
    if (std::max(inputs, outputs) > kMaxModelTensors) {
      return absl::InvalidArgumentError(absl::StrCat(inputs > outputs ? "inputs" : "outputs",
                                                     ": more than ", kMaxModelTensors,
                                                     " tensors; allowed: 0 to ", kMaxModelTensors));
    }
    if (!WireFormatLite::SkipField(&stream, tag)) break;  // malformed: Decode says in what
    const int end = stream.CurrentPosition();
    if (field == ModelInferRequest::kRawInputContentsFieldNumber) tensor_bytes += end - begin;
    if (static_cast<size_t>(end - tensor_bytes) > max_header_bytes) break;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status DecodeInfer(const grpc::ByteBuffer& buffer, size_t max_header_bytes,
                         InferMessage& message) {
  if (absl::Status status = CheckTensorCounts(buffer, max_header_bytes); !status.ok())
    return status;
  auto raw = RawMessage::Decode(buffer,
                                {.tensor_fields = kTensorFields,
                                 .max_tensor_fields = kMaxModelTensors,
                                 .max_header_bytes = max_header_bytes},
                                message.header);
  if (!raw.ok()) return raw.status();
  message.raw = *std::move(raw);
  return absl::OkStatus();
}

absl::StatusOr<InferPlan> PlanInfer(InferMessage& message, const ModelSpec& model,
                                    const Regions* regions) {
  InferPlan plan;
  const auto parameters = ReadRequestParameters(message.header.parameters());
  if (!parameters.ok()) return parameters.status();
  plan.parameters = *parameters;
  absl::Status status = PlanInputs(message, model, regions, plan);
  if (status.ok()) status = SumInputs(model, plan);
  if (status.ok()) status = PlanOutputs(message.header, model, regions, plan);
  if (!status.ok()) return status;
  plan.id = std::move(*message.header.mutable_id());
  plan.held_bytes += static_cast<int64_t>(plan.id.capacity());
  return plan;
}

}  // namespace normbench
