// SPDX-License-Identifier: Apache-2.0
#include "bench/report/norm_accuracy.h"

#include <cmath>
#include <iterator>
#include <vector>

#include "bench/norm/accuracy.h"
#include "bench/norm/case_data.h"
#include "bench/norm/error_bound.h"
#include "bench/norm/reference.h"

namespace normbench {
namespace {

// What the answers to all inputs have come to so far. err_scaled and bound are those of the answer
// that is nearest to its input's bound.
struct Total {
  Accuracy accuracy;
  double err_scaled = 0;
  double bound = 0;
  double worst_ratio = -1;  // of err_scaled to its bound

  void Add(const Accuracy& answer, double input_bound) {
    accuracy = worst_ratio < 0 ? answer : Worse(accuracy, answer);
    const double ratio = std::isinf(input_bound) ? 0 : answer.err_scaled / input_bound;
    if (ratio <= worst_ratio) return;
    worst_ratio = ratio;
    err_scaled = answer.err_scaled;
    bound = input_bound;
  }
};

Accuracy CompareOne(const NormProblem& problem, const ReferenceResult& reference,
                    const std::vector<std::byte>& payload) {
  if (std::ssize(payload) != PackedBytes(problem.format, problem.shape)) {
    Accuracy wrong_size;
    wrong_size.nonfinite_mismatches = problem.shape.elements();
    return wrong_size;
  }
  return ComparePacked(problem.spec, problem.shape, problem.format, reference, payload.data());
}

void AddInput(const NormProblem& problem, int64_t input, const std::vector<DistinctOutput>& answers,
              Total* total) {
  if (answers.empty()) return;
  const CaseData data(problem.spec, problem.shape, problem.distribution, problem.seed,
                      static_cast<uint64_t>(input), problem.format);
  const NormBuffers in = data.inputs();
  const ReferenceResult reference = ReferenceNorm(problem.spec, problem.shape, in);
  const double bound = ErrorBound(problem.spec, problem.shape, problem.format.dtype,
                                  ConditioningOf(problem.spec, problem.shape, in, reference));
  for (const DistinctOutput& answer : answers) {
    if (answer.kept) total->Add(CompareOne(problem, reference, answer.payload), bound);
  }
}

}  // namespace

std::optional<v1::NormAccuracy> CompareNormAnswers(const NormProblem& problem,
                                                   const OutputLedger& answers) {
  Total total;
  for (int64_t input = 0; input < answers.inputs(); ++input) {
    AddInput(problem, input, answers.of(input), &total);
  }
  if (total.worst_ratio < 0) return std::nullopt;
  v1::NormAccuracy accuracy;
  accuracy.set_err_scaled(total.err_scaled);
  accuracy.set_bound(total.bound);
  accuracy.set_max_abs(total.accuracy.max_abs);
  if (total.accuracy.rel_l2.has_value()) accuracy.set_rel_l2(*total.accuracy.rel_l2);
  if (total.accuracy.misrounded.has_value()) accuracy.set_misrounded(*total.accuracy.misrounded);
  accuracy.set_nonfinite_mismatches(static_cast<int32_t>(total.accuracy.nonfinite_mismatches));
  return accuracy;
}

}  // namespace normbench
