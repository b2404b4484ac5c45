// SPDX-License-Identifier: Apache-2.0
#include "bench/report/model_accuracy.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "bench/stats/mcnemar.h"

namespace normbench {
namespace {

constexpr double kRelativeTolerance = 0x1p-13;

double LargestMagnitude(std::span<const float> logits) {
  double largest = 0;
  for (const float logit : logits) {
    if (std::isfinite(logit)) largest = std::max(largest, std::abs(double{logit}));
  }
  return largest;
}

// Between the best and the second best; 0 where a logit is NaN.
double Margin(std::span<const float> logits) {
  float best = -std::numeric_limits<float>::infinity();
  float second = best;
  for (const float logit : logits) {
    if (std::isnan(logit)) return 0;
    if (logit > best) {
      second = best;
      best = logit;
    } else {
      second = std::max(second, logit);
    }
  }
  return double{best} - double{second};
}

// What all answers for one image came to.
struct ImageVerdict {
  bool right = true;
  bool flipped = false;
  double difference = 0;  // largest of a logit from batch 1
};

class Comparison {
 public:
  Comparison(const ModelTruth& truth, int request_batch) : truth_(truth), batch_(request_batch) {
    tolerance_ = LogitTolerance(truth.baseline);
  }

  void AddRequest(int64_t input, const std::vector<DistinctOutput>& answers) {
    if (answers.empty()) return;
    const int64_t first = input * batch_;
    const int64_t last = std::min(truth_.images, first + batch_);
    std::vector<std::vector<float>> logits;
    for (const DistinctOutput& answer : answers) logits.push_back(Logits(answer, last - first));
    for (int64_t image = first; image < last; ++image) AddImage(image, image - first, logits);
  }

  v1::ModelAccuracy Result() const {
    v1::ModelAccuracy accuracy;
    accuracy.set_images(static_cast<double>(images_));
    accuracy.set_planned_images(static_cast<double>(truth_.images));
    // A share of the images is another set than the one that is asked for.
    if (images_ < truth_.images) return accuracy;
    if (!truth_.labels.empty()) {
      accuracy.set_top1(static_cast<double>(right_) / static_cast<double>(images_));
      accuracy.mutable_wrong()->Add(wrong_.begin(), wrong_.end());
    }
    if (truth_.baseline.empty()) return accuracy;
    accuracy.set_flips(static_cast<double>(flips_));
    accuracy.set_flips_beyond_tolerance(static_cast<double>(flips_beyond_));
    accuracy.set_logit_tolerance(tolerance_);
    accuracy.set_max_abs_logit_difference(difference_);
    if (!truth_.labels.empty()) accuracy.set_mcnemar_p(McNemarP(only_baseline_, only_cell_));
    return accuracy;
  }

 private:
  // Empty for a payload that was not kept (nothing to say) and NaN for one of the wrong size.
  std::vector<float> Logits(const DistinctOutput& answer, int64_t images) const {
    const auto values = static_cast<size_t>(images * truth_.classes);
    if (!answer.kept) return {};
    std::vector<float> logits(values, std::numeric_limits<float>::quiet_NaN());
    if (answer.payload.size() == values * sizeof(float)) {
      std::memcpy(logits.data(), answer.payload.data(), answer.payload.size());
    }
    return logits;
  }

  std::span<const float> Row(std::span<const float> logits, int64_t row) const {
    return logits.subspan(static_cast<size_t>(row * truth_.classes),
                          static_cast<size_t>(truth_.classes));
  }

  void AddImage(int64_t image, int64_t row, const std::vector<std::vector<float>>& answers) {
    ImageVerdict verdict;
    bool kept = false;
    for (const std::vector<float>& logits : answers) {
      if (logits.empty()) continue;
      kept = true;
      Judge(image, Row(logits, row), &verdict);
    }
    if (kept) Count(image, verdict);
  }

  void Judge(int64_t image, std::span<const float> logits, ImageVerdict* verdict) const {
    const int predicted = Predict(logits);
    if (!truth_.labels.empty() && predicted != truth_.labels[static_cast<size_t>(image)]) {
      verdict->right = false;
    }
    if (truth_.baseline.empty()) return;
    const std::span<const float> expected = Row(truth_.baseline, image);
    if (predicted != Predict(expected)) verdict->flipped = true;
    for (size_t i = 0; i < logits.size(); ++i) {
      const double difference = std::abs(double{logits[i]} - double{expected[i]});
      verdict->difference = std::max(verdict->difference, difference);
    }
  }

  void Count(int64_t image, const ImageVerdict& verdict) {
    ++images_;
    if (verdict.right) ++right_;
    if (!verdict.right && truth_.list_wrong) wrong_.push_back(static_cast<int32_t>(image));
    if (truth_.baseline.empty()) return;
    difference_ = std::max(difference_, verdict.difference);
    const std::span<const float> expected = Row(truth_.baseline, image);
    if (verdict.flipped) ++flips_;
    if (verdict.flipped && Margin(expected) > tolerance_) ++flips_beyond_;
    if (truth_.labels.empty()) return;
    const bool baseline_right = Predict(expected) == truth_.labels[static_cast<size_t>(image)];
    if (baseline_right && !verdict.right) ++only_baseline_;
    if (!baseline_right && verdict.right) ++only_cell_;
  }

  const ModelTruth& truth_;
  int64_t batch_;
  double tolerance_ = 0;
  int64_t images_ = 0, right_ = 0, flips_ = 0, flips_beyond_ = 0;
  int64_t only_baseline_ = 0, only_cell_ = 0;
  double difference_ = 0;
  std::vector<int32_t> wrong_;
};

}  // namespace

double LogitTolerance(std::span<const float> baseline) {
  return kRelativeTolerance * LargestMagnitude(baseline);
}

int Predict(std::span<const float> logits) {
  int best = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    if (std::isnan(logits[i])) return -1;
    if (logits[i] > logits[static_cast<size_t>(best)]) best = static_cast<int>(i);
  }
  return logits.empty() ? -1 : best;
}

v1::ModelAccuracy CompareModelAnswers(const ModelTruth& truth, int request_batch,
                                      const OutputLedger& answers) {
  Comparison comparison(truth, request_batch);
  for (int64_t input = 0; input < answers.inputs(); ++input) {
    comparison.AddRequest(input, answers.of(input));
  }
  return comparison.Result();
}

}  // namespace normbench
