// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/suite.h"

#include <filesystem>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "bench/micro/kernels/fused_cases.h"
#include "bench/report/case_key.h"
#include "bench/report/expand.h"
#include "bench/report/norm_case.h"
#include "bench/report/sweep_file.h"

namespace normbench {
namespace {

// What a contender, a machine or an option decides is not part of a case.
v1::NormCase Stripped(v1::NormCase norm_case) {
  norm_case.clear_impl();
  norm_case.clear_device();
  norm_case.clear_cache();
  norm_case.clear_threads();
  return norm_case;
}

absl::StatusOr<BenchCase> FromNormCase(const v1::NormCase& given) {
  const v1::NormCase norm_case = Stripped(given);
  absl::StatusOr<NormProblem> problem = ToNormProblem(norm_case);
  if (!problem.ok()) return problem.status();
  NativeProblem native{problem->spec, std::move(problem->shape), problem->format, /*fusion=*/{}};
  BenchCase bench_case{.problem = std::move(native), .key = CaseKey(norm_case)};
  bench_case.data = problem->distribution;
  bench_case.seed = problem->seed;
  return bench_case;
}

absl::StatusOr<std::vector<BenchCase>> FusedSuite() {
  std::vector<BenchCase> cases;
  for (const FusedCase& row : FusedCases()) {
    const absl::StatusOr<CaseSpec> spec = ParseCaseKey(row.key);
    if (!spec.ok()) return spec.status();
    absl::StatusOr<BenchCase> fused = FromNormCase(*NormCaseOf(*spec));
    if (!fused.ok()) return fused.status();
    fused->problem.fusion = row.fusion;
    fused->keeps_sum = row.keeps_sum;
    cases.push_back(*std::move(fused));
  }
  return cases;
}

// A folder that is called like a suite is not meant.
std::string PathOf(const std::string& name) {
  if (std::filesystem::is_regular_file(name)) return name;
  const std::string committed = absl::StrCat(NORMBENCH_SWEEPS, "/", name, ".json");
  return std::filesystem::exists(committed) ? committed : name;
}

}  // namespace

absl::StatusOr<std::vector<BenchCase>> ReadSuite(const std::string& name) {
  if (name == "fused") return FusedSuite();
  const absl::StatusOr<v1::Sweep> sweep = ReadSweepFile(PathOf(name));
  if (!sweep.ok()) return sweep.status();
  const absl::StatusOr<std::vector<Case>> all = Expand(*sweep);
  if (!all.ok()) return all.status();
  std::vector<BenchCase> cases;
  std::set<std::string> seen;
  for (const Case& one : *all) {
    if (KindOf(one.spec) != CaseKind::kKernel) continue;
    absl::StatusOr<BenchCase> bench_case = FromNormCase(*NormCaseOf(one.spec));
    if (!bench_case.ok()) return bench_case.status();
    if (seen.insert(bench_case->key).second) cases.push_back(*std::move(bench_case));
  }
  if (cases.empty()) return absl::InvalidArgumentError(absl::StrCat(name, ": no kernel case"));
  return cases;
}

std::string RunKey(const BenchCase& bench_case, std::string_view contender, Cache cache,
                   int threads) {
  absl::StatusOr<CaseSpec> spec = ParseCaseKey(bench_case.key);
  if (!spec.ok()) return bench_case.key;
  v1::NormCase& norm_case = *MutableNormCase(&*spec);
  norm_case.set_impl(std::string(contender));
  norm_case.set_device("cpu");
  norm_case.set_cache(std::string(Name(cache)));
  norm_case.set_threads(threads);
  const std::string fusion = FusionText(bench_case);
  return absl::StrCat(CaseKey(*spec), fusion.empty() ? "" : "&fused=", fusion);
}

}  // namespace normbench
