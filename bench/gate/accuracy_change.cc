// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/accuracy_change.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/report/batching_accuracy.h"
#include "bench/report/format.h"
#include "bench/report/invariance_case.h"
#include "bench/stats/clopper_pearson.h"
#include "bench/stats/mcnemar.h"

namespace normbench {
namespace {

// The worst of what all visits to an arm had of one cell.
struct Worst {
  std::optional<double> err_scaled, bound, nonfinite, outputs, equal_share, flips, beyond;
  const v1::CellAccuracy* listed = nullptr;   // the first one that says which images were wrong
  const v1::CellAccuracy* counted = nullptr;  // the first one that says how many were
  bool is_empty = true;

  void Add(const v1::CellAccuracy& accuracy);
};

// A visit whose list was not kept (gate_run.cc) has fewer numbers than wrong images.
bool IsListed(const v1::CellAccuracy& accuracy) {
  const double wrong = std::round((1 - accuracy.top1()) * accuracy.images());
  return accuracy.has_top1() && accuracy.images() > 0 && accuracy.wrong_size() == wrong;
}

void KeepLargest(bool given, double value, std::optional<double>* worst) {
  // NaN is worse than any number.
  if (given && !(worst->has_value() && (std::isnan(**worst) || **worst >= value))) *worst = value;
}

void Worst::Add(const v1::CellAccuracy& accuracy) {
  is_empty = is_empty && accuracy.ByteSizeLong() == 0;
  KeepLargest(accuracy.has_err_scaled(), accuracy.err_scaled(), &err_scaled);
  KeepLargest(accuracy.has_bound(), accuracy.bound(), &bound);
  KeepLargest(accuracy.has_nonfinite_mismatches(), accuracy.nonfinite_mismatches(), &nonfinite);
  KeepLargest(accuracy.has_distinct_outputs(), accuracy.distinct_outputs(), &outputs);
  KeepLargest(accuracy.has_flips(), accuracy.flips(), &flips);
  KeepLargest(accuracy.has_flips_beyond_tolerance(), accuracy.flips_beyond_tolerance(), &beyond);
  if (accuracy.has_equal_share()) {
    equal_share = std::min(equal_share.value_or(1), accuracy.equal_share());
  }
  if (counted == nullptr && accuracy.has_top1()) counted = &accuracy;
  if (listed == nullptr && IsListed(accuracy)) listed = &accuracy;
}

struct Arms {
  Worst a, b;
};

// By key, in the order in which cells were first measured.
std::vector<std::pair<std::string, Arms>> Collect(const Rounds& rounds) {
  std::vector<std::pair<std::string, Arms>> cells;
  std::map<std::string, size_t> places;
  for (const v1::Round& round : rounds) {
    for (const v1::ArmVisit& visit : round.visits()) {
      for (const v1::CellSample& sample : visit.cells()) {
        const auto [place, is_new] = places.emplace(sample.key(), cells.size());
        if (is_new) cells.emplace_back(sample.key(), Arms());
        Arms& arms = cells[place->second].second;
        (visit.arm() == "B" ? arms.b : arms.a).Add(sample.accuracy());
      }
    }
  }
  return cells;
}

class Judgement {
 public:
  Judgement(const v1::Policy& policy, v1::AccuracyVerdict* verdict)
      : policy_(policy), verdict_(*verdict) {}

  void Judge(const std::string& key, const Arms& arms) {
    key_ = key;
    if (arms.a.is_empty != arms.b.is_empty) {
      return Note(absl::StrCat("only answers of ", arms.b.is_empty ? "A" : "B", " were compared"));
    }
    Missing(arms.a, arms.b);
    Errors(arms.a, arms.b);
    Outputs(arms.a, arms.b);
    if (arms.a.listed != nullptr && arms.b.listed != nullptr) {
      Top1(*arms.a.listed, *arms.b.listed);
    } else if (arms.a.counted != nullptr && arms.b.counted != nullptr) {
      Top1Counts(*arms.a.counted, *arms.b.counted);
    }
  }

 private:
  void Errors(const Worst& a, const Worst& b) {
    if (b.nonfinite.value_or(0) > a.nonfinite.value_or(0)) {
      Worse(absl::StrCat("NaN or Inf out of place: ", FormatCount(a.nonfinite.value_or(0)), " -> ",
                         FormatCount(*b.nonfinite)));
    }
    if (!a.err_scaled || !b.err_scaled) return;
    const auto over = [](const Worst& w) { return !(*w.err_scaled <= w.bound.value_or(INFINITY)); };
    const double most = policy_.max_error_growth() * std::max(1.0, *a.err_scaled);
    const bool are_both_nan = std::isnan(*a.err_scaled) && std::isnan(*b.err_scaled);
    const std::string change = absl::StrCat("err_scaled ", FormatNumber(*a.err_scaled), " -> ",
                                            FormatNumber(*b.err_scaled));
    if (over(b) && !over(a)) {
      Worse(absl::StrCat(change, ", its bound is ", FormatNumber(b.bound.value_or(0))));
    } else if (!(*b.err_scaled <= most) && !std::isnan(*a.err_scaled)) {
      Worse(
          absl::StrCat(change, ", more than ", FormatNumber(policy_.max_error_growth()), " times"));
    } else if (*b.err_scaled != *a.err_scaled && !are_both_nan) {
      Note(change);
    }
  }

  // What only B has: answers that differ from each other or from those to the sample alone.
  void Outputs(const Worst& a, const Worst& b) {
    if (a.outputs == 1.0 && b.outputs.value_or(1) > 1) {
      Worse(
          absl::StrCat("answers to one input differ: ", FormatCount(*b.outputs), " distinct ones"));
    }
    if (a.equal_share == 1.0 && b.equal_share.value_or(1) < 1) {
      Worse(absl::StrFormat(
          "batch invariance lost: %.3g %% of the answers have the bits of the sample alone",
          100 * *b.equal_share));
    }
    Flips(a, b);
  }

  // Near a tie between two classes rounding alone may change a prediction.
  void Flips(const Worst& a, const Worst& b) {
    if (a.beyond == 0.0 && b.beyond.value_or(0) > 0) {
      return Worse(absl::StrCat(FormatCount(*b.beyond),
                                " predictions differ from those to the image alone by more than "
                                "rounding explains"));
    }
    if (a.flips == 0.0 && b.flips.value_or(0) > 0) {
      Note(absl::StrCat(FormatCount(*b.flips),
                        " predictions differ from those to the image alone, by rounding"));
    }
  }

  // What one arm says and the other does not is no proof that nothing changed.
  void Missing(const Worst& a, const Worst& b) {
    const auto check = [this](bool has_a, bool has_b, const char* what) {
      if (has_a != has_b) Note(absl::StrCat("only ", has_a ? "A" : "B", " says ", what));
    };
    check(a.err_scaled.has_value(), b.err_scaled.has_value(), "err_scaled");
    check(a.outputs.has_value(), b.outputs.has_value(), "how many distinct answers it gave");
    check(a.equal_share.has_value(), b.equal_share.has_value(), "how answers in batches compare");
    check(a.flips.has_value(), b.flips.has_value(), "which predictions differ");
    check(a.counted != nullptr, b.counted != nullptr, "top-1");
  }

  void Top1(const v1::CellAccuracy& a, const v1::CellAccuracy& b) {
    const std::set<int32_t> wrong_a(a.wrong().begin(), a.wrong().end());
    const std::set<int32_t> wrong_b(b.wrong().begin(), b.wrong().end());
    const auto only = [](const std::set<int32_t>& in, const std::set<int32_t>& not_in) {
      return std::count_if(in.begin(), in.end(), [&](int32_t i) { return !not_in.contains(i); });
    };
    const auto lost = only(wrong_b, wrong_a), won = only(wrong_a, wrong_b);
    if (lost == 0 && won == 0) return;
    const double p = McNemarP(lost, won);
    const std::string change =
        absl::StrFormat("top-1 %.2f %% -> %.2f %%: %d images lost, %d won, McNemar p = %.2g",
                        100 * a.top1(), 100 * b.top1(), lost, won, p);
    if (lost > won && p <= policy_.accuracy_alpha()) return Worse(change);
    Note(change);
  }

  // Without the images, as of kept reports: shares whose intervals are apart.
  void Top1Counts(const v1::CellAccuracy& a, const v1::CellAccuracy& b) {
    if (a.top1() == b.top1()) return;
    const auto interval = [this](const v1::CellAccuracy& accuracy) {
      const auto n = static_cast<int64_t>(accuracy.images());
      return ClopperPearson(std::llround(accuracy.top1() * accuracy.images()), n,
                            1 - policy_.accuracy_alpha());
    };
    const std::string change =
        absl::StrFormat("top-1 %.2f %% -> %.2f %%, which images is not in the reports",
                        100 * a.top1(), 100 * b.top1());
    if (interval(b).high < interval(a).low) return Worse(change);
    Note(change);
  }

  void Worse(const std::string& what) { verdict_.add_worse(absl::StrCat(key_, ": ", what)); }
  void Note(const std::string& what) { verdict_.add_notes(absl::StrCat(key_, ": ", what)); }

  const v1::Policy& policy_;
  v1::AccuracyVerdict& verdict_;
  std::string key_;
};

void AddModel(const v1::CaseResult& result, v1::CellAccuracy* accuracy) {
  const v1::ModelAccuracy& model = result.model_accuracy();
  if (!result.has_model_accuracy()) return;
  accuracy->set_images(model.images());
  if (model.has_top1()) accuracy->set_top1(model.top1());
  if (model.has_flips()) accuracy->set_flips(model.flips());
  if (model.has_flips_beyond_tolerance()) {
    accuracy->set_flips_beyond_tolerance(model.flips_beyond_tolerance());
  }
  *accuracy->mutable_wrong() = model.wrong();
}

}  // namespace

v1::AccuracyVerdict JudgeAccuracy(const v1::Policy& policy, const Rounds& rounds) {
  v1::AccuracyVerdict verdict;
  Judgement judgement(policy, &verdict);
  bool compared = false;
  for (const auto& [key, arms] : Collect(rounds)) {
    judgement.Judge(key, arms);
    compared = compared || !arms.a.is_empty;
  }
  verdict.set_unchanged(compared && verdict.worse().empty() && verdict.notes().empty());
  return verdict;
}

v1::CellAccuracy AccuracyOf(const v1::CaseResult& result) {
  v1::CellAccuracy accuracy;
  if (result.has_norm_accuracy()) {
    accuracy.set_err_scaled(result.norm_accuracy().err_scaled());
    accuracy.set_bound(result.norm_accuracy().bound());
    accuracy.set_nonfinite_mismatches(result.norm_accuracy().nonfinite_mismatches());
  }
  if (result.has_distinct_outputs()) accuracy.set_distinct_outputs(result.distinct_outputs());
  AddModel(result, &accuracy);
  if (result.has_batching() && AllFormed(result.batching()).has_equal_share()) {
    accuracy.set_equal_share(AllFormed(result.batching()).equal_share());
  }
  if (result.invariance_numbers().all().comparisons() > 0) {
    accuracy.set_equal_share(EqualShare(result.invariance_numbers().all()));
  }
  return accuracy;
}

}  // namespace normbench
