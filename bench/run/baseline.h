// SPDX-License-Identifier: Apache-2.0
// A model's answers to each image alone: what its answers in batches are compared with.
#pragma once

#include <string>
#include <vector>

#include "bench/load/outputs.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

struct Baseline {
  std::vector<float> logits;  // images x classes; empty: cannot be had
  std::string how;            // as BatchingAccuracy.baseline
  bool asked = false;         // the server was asked whether each was alone
};

// Whether the server may join requests of the case: it is asked then, and else not, since the
// answer to that takes time, too.
bool MayBeJoined(const v1::ModelCase& model_case);

// Whether the requests of the case are themselves those that ask for each image alone.
bool AsksAlone(const v1::ModelCase& model_case);

// The case that asks for each image alone: one pass, one request at a time, so that no server has
// anything to join.
v1::ModelCase AloneCase(const v1::ModelCase& model_case);

// From the answers to a case for which AsksAlone is true. No logits where the server did not answer
// one of the images alone: not at all, or joined with what somebody else had sent.
Baseline BaselineFrom(const OutputLedger& answers);

}  // namespace normbench
