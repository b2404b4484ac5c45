// SPDX-License-Identifier: Apache-2.0
#include "client/sweep_source.h"

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "bench/report/case_key.h"
#include "bench/report/expand.h"
#include "bench/report/sweep_file.h"

namespace normbench {
namespace {

v1::Sweep Named(const std::string& name) {
  v1::Sweep sweep;
  sweep.set_version(kSweepVersion);
  sweep.set_name(name);
  return sweep;
}

// Paths of traces are relative to the sweep; after this, to where the program runs, so that the
// keys of the cases work there.
template <typename Entries>
void ResolveTraces(const std::filesystem::path& folder, Entries* entries) {
  constexpr std::string_view kTrace = "trace:";
  for (auto& entry : *entries) {
    for (std::string& word : *entry.mutable_arrivals()) {
      if (!word.starts_with(kTrace) || word.size() == kTrace.size()) continue;
      word = absl::StrCat("trace:", (folder / word.substr(kTrace.size())).string());
    }
  }
}

absl::StatusOr<v1::Sweep> ReadSweep(const std::string& path) {
  absl::StatusOr<v1::Sweep> sweep = ReadSweepFile(path);
  if (!sweep.ok()) return sweep;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  ResolveTraces(folder, sweep->mutable_service());
  ResolveTraces(folder, sweep->mutable_model());
  return sweep;
}

absl::StatusOr<v1::Sweep> Source(const RunArguments& arguments) {
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
  return IsCaseKey(arguments.source) ? SweepOfKey(arguments.source) : ReadSweep(arguments.source);
}

}  // namespace

absl::StatusOr<v1::Sweep> SweepOf(const RunArguments& arguments) {
  absl::StatusOr<v1::Sweep> sweep = Source(arguments);
  if (!sweep.ok()) return sweep;
  if (arguments.visits > 0) sweep->set_visits(arguments.visits);
  if (!arguments.find_max.empty()) sweep->set_visits(1);
  return sweep;
}

}  // namespace normbench
