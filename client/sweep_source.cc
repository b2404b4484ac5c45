// SPDX-License-Identifier: Apache-2.0
#include "client/sweep_source.h"

#include "absl/strings/match.h"
#include "bench/report/expand.h"
#include "bench/report/sweep_file.h"

namespace normbench {
namespace {

bool IsKey(const std::string& source) {
  return absl::StartsWith(source, "norm/") || absl::StartsWith(source, "service/") ||
         absl::StartsWith(source, "model/");
}

v1::Sweep Named(const std::string& name) {
  v1::Sweep sweep;
  sweep.set_version(kSweepVersion);
  sweep.set_name(name);
  return sweep;
}

}  // namespace

absl::StatusOr<v1::Sweep> SweepOf(const RunArguments& arguments) {
  if (arguments.norm) {
    v1::Sweep sweep = Named("norm");
    *sweep.add_kernel() = *arguments.norm;
    return sweep;
  }
  if (arguments.model) {
    v1::Sweep sweep = Named("model");
    *sweep.add_model() = *arguments.model;
    return sweep;
  }
  return IsKey(arguments.source) ? SweepOfKey(arguments.source) : ReadSweepFile(arguments.source);
}

}  // namespace normbench
