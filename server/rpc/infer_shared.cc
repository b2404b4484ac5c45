// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_shared.h"

#include "absl/strings/str_cat.h"
#include "server/repository/naming.h"

namespace normbench {
namespace {

using inference::InferParameter;

constexpr const char* kRegion = "shared_memory_region";
constexpr const char* kByteSize = "shared_memory_byte_size";
constexpr const char* kOffset = "shared_memory_offset";

absl::Status Wrong(const std::string& field, const char* name, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat(field, ".parameters: ", name, ": ", what));
}

// Returns an absent one as 0.
absl::StatusOr<uint64_t> SizeOf(const std::string& field, const InferParameters& parameters,
                                const char* name) {
  const auto found = parameters.find(name);
  if (found == parameters.end()) return 0;
  const InferParameter& value = found->second;
  if (value.parameter_choice_case() == InferParameter::kUint64Param) return value.uint64_param();
  if (value.parameter_choice_case() == InferParameter::kInt64Param && value.int64_param() >= 0)
    return static_cast<uint64_t>(value.int64_param());
  return Wrong(field, name, "is no int64_param of 0 or more");
}

}  // namespace

bool IsShared(const InferParameters& parameters) {
  return parameters.contains(kRegion);
}

absl::StatusOr<SharedPlace> SharedPlaceOf(const std::string& field,
                                          const InferParameters& parameters,
                                          const Regions* regions) {
  const auto found = parameters.find(kRegion);
  if (found == parameters.end()) return SharedPlace();
  if (regions == nullptr) {
    return absl::UnimplementedError(
        absl::StrCat(field, ".parameters: ", kRegion, ": ", kSharedOff));
  }
  const auto byte_size = SizeOf(field, parameters, kByteSize);
  if (!byte_size.ok()) return byte_size.status();
  const auto offset = SizeOf(field, parameters, kOffset);
  if (!offset.ok()) return offset.status();
  auto region = regions->Find(found->second.string_param());
  if (!region.ok()) return Wrong(field, kRegion, std::string(region.status().message()));
  if (*byte_size == 0 || !(*region)->Holds(*offset, *byte_size)) {
    return Wrong(
        field, kByteSize,
        absl::StrCat(*byte_size, " from offset ", *offset, " on; allowed: 1 to the end of ",
                     Quoted((*region)->spec().name), ", which has ", (*region)->spec().byte_size));
  }
  return SharedPlace{.region = *std::move(region), .offset = *offset, .byte_size = *byte_size};
}

}  // namespace normbench
