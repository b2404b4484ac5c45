// SPDX-License-Identifier: Apache-2.0
// What a model is to the server, whatever runs it: named tensors in, named tensors out. This is
// where repository (configuration, no torch) and backends (torch, no protobuf) meet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace normbench {

struct TensorSpec {
  std::string name;
  std::string datatype;       // V2 names: FP32, INT64 ...
  std::vector<int64_t> dims;  // without the batch dimension; -1: any
};

// One version of one model, as its configuration and folder say.
struct ModelSpec {
  std::string name;
  int64_t version = 1;
  std::string backend;     // builtin | torchscript | aoti | identity
  int max_batch_size = 0;  // 0: no batch dimension
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  std::map<std::string, std::string> parameters;  // network, norm, stats, train_batch ...
  std::string version_folder;                     // holds weights.pt, model.pt, model.pt2
  std::string model_file;                         // in that folder; empty: the backend's own name
  std::string device;                             // cpu, cuda:0
};

// The most bytes that LibTorch held beside the tensors of a request of `batch` samples.
struct MemoryPoint {
  int64_t batch = 1;
  int64_t bytes = 0;
};

struct TensorIn {
  std::string datatype;
  std::vector<int64_t> shape;       // with the batch dimension where max_batch_size > 0
  const std::byte* data = nullptr;  // 64-byte aligned
  size_t bytes = 0;
};

// Gives the memory for output `index`, whose shape is known only when the model has run its checks.
// 64-byte aligned, valid until the caller of Infer has sent it; null where it is too much.
using AllocateOutput =
    std::function<std::byte*(int index, std::vector<int64_t> shape, size_t bytes)>;

// Loaded and warm. Thread-safe.
class Model {
 public:
  virtual ~Model() = default;

  // `inputs` are in the order of the spec, checked against it and against max_batch_size.
  virtual absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) = 0;

  // The most bytes that Infer holds for `batch` samples beside its inputs and outputs.
  virtual int64_t WorkspaceBytes(int64_t batch) const = 0;

  // What was measured as the model was loaded, ascending by batch; empty: nothing.
  virtual std::vector<MemoryPoint> MeasuredMemory() const { return {}; }

  // Whether an answer may depend on the requests before it.
  virtual bool keeps_state() const { return false; }

  // Plain code that does not block: may run on a thread that is not a worker.
  virtual bool any_thread() const { return false; }
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::string name() const = 0;

  // Fills in the inputs, outputs and max_batch_size that `spec` leaves out, as far as the rest of
  // it tells them. Returns INVALID_ARGUMENT where they cannot be known, saying why.
  virtual absl::Status Complete(ModelSpec& spec) const {
    (void)spec;
    return absl::OkStatus();
  }

  // Returns INVALID_ARGUMENT where the spec contradicts itself or its files, naming both.
  virtual absl::StatusOr<std::unique_ptr<Model>> Load(const ModelSpec& spec) = 0;
};

}  // namespace normbench
