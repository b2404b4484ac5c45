// SPDX-License-Identifier: Apache-2.0
// Model cases: predictions of the timed answers against labels and against the same model's answers
// to each image alone. Each distinct answer counts: an image is right only if every answer for it
// was, and flipped if any differs from batch 1.
//
// Logit tolerance. Two batch sizes may sum in different orders. A network of about 14 layers whose
// longest dot product has K = 576 terms accumulates about 14 * sqrt(K) = 336 roundings of u =
// 2^-24, relative to its largest logit; with a factor 3 for growth through the layers about 2^10 u.
// A margin is a difference of two logits, so it moves by up to twice that: tolerance = 2^-13 * max
// |logit|. A flip at a larger margin is no rounding: the model's answer depends on the batch.
#pragma once

#include <cstdint>
#include <span>

#include "bench/load/outputs.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

struct ModelTruth {
  int64_t images = 0;
  int64_t classes = 0;
  std::span<const int32_t> labels;  // one an image, or empty: top1 and McNemar cannot be said
  std::span<const float> baseline;  // images x classes, each alone; or empty: no flips
  bool list_wrong = false;          // whether ModelAccuracy.wrong is filled
};

// The class with the largest logit, the first among equals; -1 if one is NaN.
int Predict(std::span<const float> logits);

// By how much rounding may move a margin at most; see above.
double LogitTolerance(std::span<const float> baseline);

// Input i of the ledger holds images i * request_batch, ... up to `images`; a payload is its f32
// logits, row-major. ModelAccuracy.images says how many had an answer that was kept; unless those
// are all, nothing else is said. A payload of the wrong size counts as wrong and flipped.
v1::ModelAccuracy CompareModelAnswers(const ModelTruth& truth, int request_batch,
                                      const OutputLedger& answers);

}  // namespace normbench
