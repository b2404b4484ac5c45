// SPDX-License-Identifier: Apache-2.0
#include "server/repository/placement.h"

#include <algorithm>
#include <cstdint>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/repository/config_error.h"

namespace normbench {
namespace {

using Group = inference::ModelInstanceGroup;

bool IsCuda(const std::string& device) {
  return absl::StartsWith(device, "cuda");
}

absl::Status CheckGroup(const Group& group, const std::string& field) {
  if (group.count() < 0) {
    return ConfigError(
        absl::StrCat(field, ".count: ", group.count(), "; allowed: 0 to ", kMaxInstances));
  }
  if (!Group::Kind_IsValid(group.kind())) {
    return ConfigError(absl::StrCat(field, ".kind: unknown ", group.kind(),
                                    "; allowed: KIND_AUTO, KIND_GPU, KIND_CPU, KIND_MODEL"));
  }
  const bool may_name = group.kind() == Group::KIND_AUTO || group.kind() == Group::KIND_GPU;
  if (!may_name && !group.gpus().empty()) {
    return ConfigError(absl::StrCat(field, ".gpus: given with ", Group::Kind_Name(group.kind()),
                                    "; allowed with KIND_GPU and KIND_AUTO"));
  }
  return absl::OkStatus();
}

// The devices that one group asks for: one, or each of `gpus`.
std::set<std::string> Wanted(const Group& group, const std::string& own,
                             std::span<const std::string> here) {
  if (group.kind() == Group::KIND_CPU) return {"cpu"};
  std::set<std::string> wanted;
  for (const int32_t gpu : group.gpus()) wanted.insert(absl::StrCat("cuda:", gpu));
  if (!wanted.empty()) return wanted;
  if (group.kind() != Group::KIND_GPU || IsCuda(own)) return {own};
  const auto first = std::find_if(here.begin(), here.end(), IsCuda);
  return {first == here.end() ? "cuda:0" : *first};
}

}  // namespace

absl::Status CheckInstanceGroups(const inference::ModelConfig& config) {
  int64_t instances = 0;
  for (int i = 0; i < config.instance_group_size(); ++i) {
    const Group& group = config.instance_group(i);
    absl::Status status = CheckGroup(group, absl::StrCat("instance_group[", i, "]"));
    if (!status.ok()) return status;
    instances += std::max(1, group.count());
  }
  if (instances <= kMaxInstances) return absl::OkStatus();
  return ConfigError(absl::StrCat("instance_group: ", instances, " instances; allowed: at most ",
                                  kMaxInstances, " of a model"));
}

absl::StatusOr<std::string> PlaceModel(const inference::ModelConfig& config, const std::string& own,
                                       std::span<const std::string> here) {
  std::set<std::string> wanted;
  for (const Group& group : config.instance_group()) wanted.merge(Wanted(group, own, here));
  if (wanted.empty()) return own;
  if (wanted.size() > 1) {
    return ConfigError(absl::StrCat("instance_group: on ", absl::StrJoin(wanted, ", "),
                                    "; allowed: one device a model"));
  }
  const std::string& device = *wanted.begin();
  if (device == own || std::find(here.begin(), here.end(), device) != here.end()) return device;
  return absl::FailedPreconditionError(
      absl::StrCat("config.pbtxt: instance_group: ", device,
                   " is not here; the server has: ", absl::StrJoin(here, ", ")));
}

}  // namespace normbench
