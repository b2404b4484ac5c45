// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/run/fake_server.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <thread>

#include "absl/strings/str_cat.h"
#include "bench/norm/reference.h"
#include "bench/report/norm_case.h"
#include "bench/run/channel.h"

namespace normbench {
namespace {

const std::string kFormedBatch = "normbench_formed_batch";

const float* Floats(const std::string& bytes) {
  return bytes.empty() ? nullptr : reinterpret_cast<const float*>(bytes.data());
}

v1::NormCase CaseOf(const v1::NormalizeRequest& request) {
  v1::NormCase norm_case;
  *norm_case.mutable_spec() = request.spec();
  for (const int64_t dim : request.shape()) norm_case.add_shape(static_cast<int32_t>(dim));
  norm_case.set_dtype(request.dtype());
  norm_case.set_layout(request.layout());
  return norm_case;
}

}  // namespace

grpc::Status FakeNormalization::Normalize(grpc::ServerContext* context,
                                          const v1::NormalizeRequest* request,
                                          v1::NormalizeResponse* response) {
  const int call = ++calls;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    received_[context->peer()].insert(request->x());
  }
  while (hang && !context->IsCancelled()) std::this_thread::yield();
  if (refuse > 0) {
    --refuse;
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "slots: 1 of 1 in use"};
  }
  const auto problem = ToNormProblem(CaseOf(*request));
  if (!problem.ok()) return {grpc::StatusCode::INVALID_ARGUMENT, problem.status().ToString()};
  std::vector<float> x(static_cast<size_t>(problem->shape.elements()));
  if (std::ssize(request->x()) != PackedBytes(problem->format, problem->shape)) {
    return {grpc::StatusCode::INVALID_ARGUMENT, "x: not of the dtype's size"};
  }
  Unpack(problem->format, problem->shape, request->x().data(), x);
  const auto reference = ReferenceNorm(problem->spec, problem->shape,
                                       {.x = x.data(),
                                        .gamma = Floats(request->gamma()),
                                        .beta = Floats(request->beta()),
                                        .mean = Floats(request->mean()),
                                        .variance = Floats(request->variance())});
  std::vector<float> y(reference.y.begin(), reference.y.end());
  y[0] += offset;
  response->set_impl("reference");
  response->set_compute_seconds(call * 0.001);
  if (problem->format.layout == Layout::kNhwc) response->add_warnings("NB111");
  std::string packed(request->x().size(), '\0');
  Pack(problem->format, problem->shape, std::span<const float>(y), packed.data());
  response->set_y(packed);
  return grpc::Status::OK;
}

grpc::Status FakeNormalization::ListImplementations(grpc::ServerContext*,
                                                    const v1::ListImplementationsRequest*,
                                                    v1::ListImplementationsResponse* response) {
  response->mutable_environment()->set_host(host);
  v1::Implementation* torch = response->add_implementations();
  torch->set_name("torch");
  for (const std::string& device : devices) {
    response->mutable_environment()->add_devices(device);
    torch->add_devices(device);
  }
  v1::Implementation* reference = response->add_implementations();
  reference->set_name("reference");
  reference->add_devices("cpu");
  return grpc::Status::OK;
}

grpc::Status FakeBenchmark::Begin(grpc::ServerContext* context, const std::string& impl,
                                  grpc::ServerWriter<v1::MeasureResponse>* writer) {
  on_call();
  if (impl == "nobody") {
    return {grpc::StatusCode::NOT_FOUND, "impl: unknown 'nobody'; allowed: torch, reference"};
  }
  v1::MeasureResponse event;
  event.mutable_queued()->set_position(2);
  writer->Write(event);
  while (hang && !context->IsCancelled()) std::this_thread::yield();
  if (hang) {
    ++cancelled;
    return grpc::Status::CANCELLED;
  }
  event.mutable_progress()->set_phase("measure");
  event.mutable_progress()->set_fraction(0.5);
  writer->Write(event);
  return grpc::Status::OK;
}

grpc::Status FakeBenchmark::Measure(grpc::ServerContext* context, const v1::MeasureRequest* request,
                                    grpc::ServerWriter<v1::MeasureResponse>* writer) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto& shape = request->norm_case().shape();
    batch_sizes_.push_back(shape.empty() ? 0 : shape[0]);
    budgets_.push_back(request->budget());
  }
  const grpc::Status begun = Begin(context, request->norm_case().impl(), writer);
  if (newer) writer->Write(v1::MeasureResponse());
  if (!begun.ok() || silent || newer) return begun;
  v1::MeasureResponse event;
  auto* result = event.mutable_result();
  *result->mutable_norm_case() = request->norm_case();
  for (int i = 0; i < 1000; ++i) result->add_sample_seconds(1e-5 * (1 + i % 7 * 0.01));
  result->set_iterations_per_sample(1);
  result->set_algorithmic_bytes(8e5);
  result->set_distinct_outputs(1);
  result->set_time_source("steady_clock");
  result->mutable_accuracy()->set_err_scaled(err_scaled);
  result->mutable_accuracy()->set_bound(4);
  writer->Write(event);
  return grpc::Status::OK;
}

grpc::Status FakeBenchmark::CheckInvariance(grpc::ServerContext* context,
                                            const v1::CheckInvarianceRequest* request,
                                            grpc::ServerWriter<v1::MeasureResponse>* writer) {
  const v1::InvarianceCase& wanted = request->invariance_case();
  const grpc::Status begun = Begin(context, wanted.norm_case().impl(), writer);
  if (newer) writer->Write(v1::MeasureResponse());
  if (!begun.ok() || silent || newer) return begun;
  v1::MeasureResponse event;
  v1::InvarianceResult* result = event.mutable_invariance();
  *result->mutable_invariance_case() = wanted;
  result->mutable_numbers()->mutable_all()->set_comparisons(386);
  result->mutable_numbers()->mutable_all()->set_equal(380);
  result->mutable_numbers()->mutable_all()->set_max_abs(1e-6);
  result->mutable_numbers()->mutable_all()->set_first_failing_n(33);
  result->set_seconds(0.25);
  writer->Write(event);
  return grpc::Status::OK;
}

grpc::Status FakeInference::ServerLive(grpc::ServerContext*, const inference::ServerLiveRequest*,
                                       inference::ServerLiveResponse* response) {
  on_live();
  response->set_live(true);
  return grpc::Status::OK;
}

grpc::Status FakeInference::ServerReady(grpc::ServerContext*, const inference::ServerReadyRequest*,
                                        inference::ServerReadyResponse* response) {
  response->set_ready(true);
  return grpc::Status::OK;
}

grpc::Status FakeInference::ModelMetadata(grpc::ServerContext*,
                                          const inference::ModelMetadataRequest* request,
                                          inference::ModelMetadataResponse* response) {
  if (request->name() != "toy") {
    return {grpc::StatusCode::NOT_FOUND, absl::StrCat("model '", request->name(), "' is not here")};
  }
  auto* input = response->add_inputs();
  input->set_name("x");
  input->set_datatype("FP32");
  for (const int dim : {-1, 1, 2}) input->add_shape(dim);
  auto* output = response->add_outputs();
  output->set_name("logits");
  output->set_datatype("FP32");
  for (const int dim : {-1, 2}) output->add_shape(dim);
  return grpc::Status::OK;
}

grpc::Status FakeInference::ModelConfig(grpc::ServerContext*, const inference::ModelConfigRequest*,
                                        inference::ModelConfigResponse* response) {
  if (!has_config) return {grpc::StatusCode::UNIMPLEMENTED, "no ModelConfig here"};
  response->mutable_config()->set_max_batch_size(16);
  (*response->mutable_config()->mutable_parameters())["norm"].set_string_value("GN");
  return grpc::Status::OK;
}

grpc::Status FakeInference::ModelInfer(grpc::ServerContext*,
                                       const inference::ModelInferRequest* request,
                                       inference::ModelInferResponse* response) {
  const int call = ++calls;
  if (request->inputs_size() != 1 || request->raw_input_contents_size() != 1 ||
      request->inputs(0).shape_size() != 3 || request->outputs(0).name() != "logits") {
    return {grpc::StatusCode::INVALID_ARGUMENT, "not a request for toy"};
  }
  std::string logits = request->raw_input_contents(0);
  if (request->inputs(0).shape(0) == 1) ++single;
  const int64_t formed = request->inputs(0).shape(0) + (call > joins_after ? 4 : 0);
  if (batch_matters && formed > 1) {
    for (size_t i = 0; i < sizeof(float); ++i) std::swap(logits[i], logits[i + sizeof(float)]);
  }
  response->set_id(absl::StrCat(call));
  const auto asked = request->parameters().find("normbench_times");
  if (says_formed && asked != request->parameters().end() && asked->second.bool_param()) {
    (*response->mutable_parameters())[kFormedBatch].set_int64_param(formed);
  }
  response->add_raw_output_contents(logits);
  return grpc::Status::OK;
}

FakeServer::FakeServer(bool foreign) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&inference);
  if (!foreign) builder.RegisterService(&normalization);
  if (!foreign) builder.RegisterService(&benchmark);
  server_ = builder.BuildAndStart();
  address = absl::StrCat("127.0.0.1:", port);
}

FakeServer::~FakeServer() {
  Stop();
}

void FakeServer::Stop() {
  server_->Shutdown(std::chrono::system_clock::now());
}

Session FakeServer::session() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(-1);
  const auto channel =
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  return {
      .channel = channel,
      .channels = [channel, at = address](int count) { return MoreChannels(channel, at, count); },
      .stop = [this] { return stop.load(); },
      .watcher = &watcher};
}

std::string WriteNpy(const std::string& name, const std::string& type, const std::string& shape,
                     const std::string& data) {
  const std::string dict =
      absl::StrCat("{'descr': '", type, "', 'fortran_order': False, 'shape': ", shape, ", }\n");
  std::string file = "\x93NUMPY";
  file += '\x01';
  file += '\0';
  file += static_cast<char>(dict.size());
  file += '\0';
  const std::string path = ::testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << file << dict << data;
  return path;
}

}  // namespace normbench
