// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/bench_case.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace normbench {
namespace {

// Debian's absl::StrCat does not take std::string_view.
template <typename Word>
std::string Text(Word word) {
  return std::string(Name(word));
}

std::string StatsText(const NormSpec& spec) {
  return spec.method == Method::kBatch ? absl::StrCat(" ", Text(spec.stats), " stats") : "";
}

std::string GroupsText(const NormSpec& spec) {
  return spec.method == Method::kGroup ? absl::StrCat(" g=", spec.groups) : "";
}

}  // namespace

std::string Label(const BenchCase& bench_case) {
  const NativeProblem& problem = bench_case.problem;
  const std::string fusion = FusionText(bench_case);
  return absl::StrCat(Text(problem.spec.method), fusion.empty() ? "" : "+", fusion,
                      StatsText(problem.spec), " ", problem.shape.ToString(),
                      GroupsText(problem.spec), " ", Text(problem.format.dtype), " ",
                      Text(problem.format.layout));
}

std::string FusionText(const BenchCase& bench_case) {
  const Fusion& fusion = bench_case.problem.fusion;
  std::vector<std::string> words;
  if (fusion.add_before) words.push_back("add_before");
  if (bench_case.keeps_sum) words.push_back("keep_sum");
  if (fusion.add_after) words.push_back("add_after");
  if (fusion.activation == Activation::kRelu) words.push_back("relu");
  if (fusion.activation == Activation::kSilu) words.push_back("silu");
  return absl::StrJoin(words, "+");
}

bool Adds(const Fusion& fusion) {
  return fusion.add_before || fusion.add_after;
}

int64_t TensorBytes(const BenchCase& bench_case) {
  return PackedBytes(bench_case.problem.format, bench_case.problem.shape);
}

int64_t AlgorithmicBytes(const BenchCase& bench_case) {
  const int tensors =
      2 + (Adds(bench_case.problem.fusion) ? 1 : 0) + (bench_case.keeps_sum ? 1 : 0);
  return tensors * TensorBytes(bench_case);
}

}  // namespace normbench
