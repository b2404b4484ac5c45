// SPDX-License-Identifier: Apache-2.0
#include "server/backends/identity.h"

#include <cstring>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

class IdentityModel : public Model {
 public:
  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    for (size_t i = 0; i < inputs.size(); ++i) {
      const TensorIn& input = inputs[i];
      std::byte* const memory = allocate(static_cast<int>(i), input.shape, input.bytes);
      if (input.bytes == 0) continue;
      if (memory == nullptr) {
        return absl::ResourceExhaustedError(
            absl::StrCat("no memory for ", input.bytes, " bytes of output ", i));
      }
      std::memcpy(memory, input.data, input.bytes);
    }
    return absl::OkStatus();
  }

  int64_t WorkspaceBytes(int64_t) const override { return 0; }
  bool any_thread() const override { return true; }
};

class IdentityBackend : public Backend {
 public:
  std::string name() const override { return "identity"; }

  absl::StatusOr<std::unique_ptr<Model>> Load(const ModelSpec& spec) override {
    if (spec.inputs.size() != spec.outputs.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("model ", spec.name, ": identity answers with its inputs, but it has ",
                       spec.inputs.size(), " inputs and ", spec.outputs.size(), " outputs"));
    }
    for (size_t i = 0; i < spec.inputs.size(); ++i) {
      const TensorSpec& in = spec.inputs[i];
      const TensorSpec& out = spec.outputs[i];
      if (in.datatype == out.datatype && in.dims == out.dims) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("model ", spec.name, ": identity needs output ", out.name,
                       " with the datatype and dims of input ", in.name));
    }
    return std::make_unique<IdentityModel>();
  }
};

}  // namespace

std::unique_ptr<Backend> MakeIdentityBackend() {
  return std::make_unique<IdentityBackend>();
}

}  // namespace normbench
