// SPDX-License-Identifier: Apache-2.0
#include "server/nets/net_spec.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/norm/nearest.h"

namespace normbench {
namespace {

using Parameters = std::map<std::string, std::string>;

const std::vector<std::string>& KnownParameters() {
  static const auto* const known = new std::vector<std::string>{
      "network", "norm", "channels_per_group", "stats",     "norm_impl", "train_batch",
      "data",    "seed", "test_error",         "test_draw", "test_batch"};
  return *known;
}

absl::Status CheckNames(const Parameters& parameters) {
  for (const auto& [name, value] : parameters) {
    if (std::ranges::find(KnownParameters(), name) != KnownParameters().end()) continue;
    return absl::InvalidArgumentError(UnknownWord("parameters", name, KnownParameters()));
  }
  return absl::OkStatus();
}

std::optional<std::string> Find(const Parameters& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  if (found == parameters.end()) return std::nullopt;
  return found->second;
}

absl::Status ReadNetwork(const Parameters& parameters, NetSpec& spec) {
  const std::optional<std::string> network = Find(parameters, "network");
  if (network.has_value() && *network == spec.network) return absl::OkStatus();
  return absl::InvalidArgumentError(
      network.has_value()
          ? absl::StrCat("parameters: network: unknown '", *network, "'; allowed: plain6")
          : "parameters: network is missing; allowed: plain6");
}

absl::Status ReadNorm(const Parameters& parameters, NetSpec& spec) {
  const std::vector<std::string> words = {"batch", "layer", "instance", "group", "none"};
  const std::string allowed = absl::StrJoin(words, ", ");
  const std::optional<std::string> norm = Find(parameters, "norm");
  if (!norm.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("parameters: norm is missing; allowed: ", allowed));
  }
  if (*norm == "none") {
    spec.norm.reset();
    return absl::OkStatus();
  }
  const absl::StatusOr<Method> method = ParseMethod(*norm);
  if (!method.ok()) {
    return absl::InvalidArgumentError(UnknownWord("parameters: norm", *norm, words));
  }
  if (*method == Method::kRms) {
    return absl::InvalidArgumentError(
        absl::StrCat("parameters: norm: plain6 has no '", *norm, "'; allowed: ", allowed));
  }
  spec.norm = *method;
  return absl::OkStatus();
}

absl::Status ReadGroups(const Parameters& parameters, NetSpec& spec) {
  const std::optional<std::string> text = Find(parameters, "channels_per_group");
  if (!text.has_value()) return absl::OkStatus();
  if (spec.norm != Method::kGroup) {
    return absl::InvalidArgumentError(absl::StrCat(
        "parameters: channels_per_group goes with norm group, not with ", NormName(spec)));
  }
  int64_t divisor = 0;
  for (const int64_t channels : spec.channels) divisor = std::gcd(divisor, channels);
  int64_t value = 0;
  if (!absl::SimpleAtoi(*text, &value) || value < 1 || divisor % value != 0) {
    return absl::InvalidArgumentError(absl::StrCat("parameters: channels_per_group is '", *text,
                                                   "'; allowed: a divisor of ", divisor));
  }
  spec.channels_per_group = value;
  return absl::OkStatus();
}

absl::Status ReadStats(const Parameters& parameters, NetSpec& spec) {
  const std::optional<std::string> text = Find(parameters, "stats");
  if (!text.has_value()) return absl::OkStatus();
  if (spec.norm != Method::kBatch) {
    return absl::InvalidArgumentError(
        absl::StrCat("parameters: stats goes with norm batch, not with ", NormName(spec)));
  }
  const absl::StatusOr<StatsSource> stats = ParseStatsSource(*text);
  if (!stats.ok()) return stats.status();
  spec.stats = *stats;
  return absl::OkStatus();
}

// What goes without a norm at inference: none was trained, or it is folded.
absl::Status ReadNormImpl(const Parameters& parameters, NetSpec& spec) {
  const std::vector<std::string> words = {"torch", "native"};
  const std::optional<std::string> text = Find(parameters, "norm_impl");
  if (!text.has_value()) return absl::OkStatus();
  const auto found = std::ranges::find(words, *text);
  if (found == words.end()) {
    return absl::InvalidArgumentError(UnknownWord("parameters: norm_impl", *text, words));
  }
  const bool folded = spec.norm == Method::kBatch && spec.stats == StatsSource::kFolded;
  if (!spec.norm.has_value() || folded) {
    return absl::InvalidArgumentError(
        absl::StrCat("parameters: norm_impl goes with a norm that inference computes, not with ",
                     folded ? "stats folded" : "norm none"));
  }
  spec.norm_impl = *text == "native" ? NormImpl::kNative : NormImpl::kTorch;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NetSpec> ParseNetSpec(const Parameters& parameters) {
  NetSpec spec;
  absl::Status status = CheckNames(parameters);
  if (status.ok()) status = ReadNetwork(parameters, spec);
  if (status.ok()) status = ReadNorm(parameters, spec);
  if (status.ok()) status = ReadGroups(parameters, spec);
  if (status.ok()) status = ReadStats(parameters, spec);
  if (status.ok()) status = ReadNormImpl(parameters, spec);
  if (!status.ok()) return status;
  return spec;
}

Parameters ToParameters(const NetSpec& spec) {
  Parameters parameters = {{"network", spec.network}, {"norm", NormName(spec)}};
  if (spec.norm == Method::kGroup) {
    parameters["channels_per_group"] = absl::StrCat(spec.channels_per_group);
  }
  if (spec.norm == Method::kBatch) parameters["stats"] = std::string(Name(spec.stats));
  if (spec.norm_impl == NormImpl::kNative) parameters["norm_impl"] = "native";
  return parameters;
}

std::string NormName(const NetSpec& spec) {
  return spec.norm.has_value() ? std::string(Name(*spec.norm)) : "none";
}

int64_t GroupsOf(const NetSpec& spec, int64_t channels) {
  if (spec.norm == Method::kGroup) return channels / spec.channels_per_group;
  return spec.norm == Method::kInstance ? channels : 1;
}

NormSpec NormSpecOf(const NetSpec& spec, int64_t channels) {
  return {.method = *spec.norm,
          .stats = spec.stats,
          .groups = spec.norm == Method::kGroup ? GroupsOf(spec, channels) : 1,
          .affine = Affine::kChannel,
          .eps = spec.eps};
}

}  // namespace normbench
