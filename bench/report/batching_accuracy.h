// SPDX-License-Identifier: Apache-2.0
// Model cases: answers to requests that the server joined into batches against the answers to each
// image alone, by the size of the batch. Where a sample's answer does not depend on its neighbours
// all bits are equal, or what differs is the order of sums: less than the logit tolerance
// (model_accuracy.h). Pure.
#pragma once

#include "bench/load/outputs.h"
#include "bench/report/model_accuracy.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// Inputs, payloads and truth as of CompareModelAnswers; `baseline` are the answers alone. Each
// answer counts, as often as it came. Without a baseline, and beyond what was kept, answers are
// counted and not compared. A payload of the wrong size is unequal, flipped and infinitely far off.
v1::BatchingAccuracy CompareByFormedBatch(const ModelTruth& truth, int request_batch,
                                          const OutputLedger& answers);

// Adds what another visit to the same case found.
void AddBatching(const v1::BatchingAccuracy& visit, v1::BatchingAccuracy* sum);

// All sizes together, as one of size 0.
v1::FormedBatch AllFormed(const v1::BatchingAccuracy& batching);

// Whether requests were joined, or may have been: the server does not say, and more than one was
// under way.
bool WereJoined(const v1::CaseResult& result);

}  // namespace normbench
