// SPDX-License-Identifier: Apache-2.0
#include "bench/run/baseline.h"

#include <algorithm>
#include <cstring>

namespace normbench {
namespace {

// An answer that rode in a batch of this size; null if there is none.
const DistinctOutput* Find(const std::vector<DistinctOutput>& answers, int formed_batch) {
  const auto rode = [&](const DistinctOutput& answer) {
    return std::ranges::count(answer.formed, formed_batch, &FormedCount::formed_batch) > 0;
  };
  const auto found = std::ranges::find_if(answers, rode);
  return found == answers.end() ? nullptr : &*found;
}

bool Append(const DistinctOutput& answer, std::vector<float>* logits) {
  const size_t bytes = answer.payload.size();
  if (bytes == 0 || bytes % sizeof(float) != 0) return false;
  const size_t begin = logits->size();
  logits->resize(begin + bytes / sizeof(float));
  std::memcpy(logits->data() + begin, answer.payload.data(), bytes);
  return true;
}

}  // namespace

bool MayBeJoined(const v1::ModelCase& model_case) {
  return model_case.in_flight() > 1;
}

bool AsksAlone(const v1::ModelCase& model_case) {
  return model_case.request_batch() == 1 && !MayBeJoined(model_case) &&
         model_case.load().arrivals().empty();
}

v1::ModelCase AloneCase(const v1::ModelCase& model_case) {
  v1::ModelCase alone = model_case;
  alone.set_request_batch(1);
  alone.set_in_flight(1);
  alone.clear_load();
  return alone;
}

Baseline BaselineFrom(const OutputLedger& answers) {
  Baseline baseline{.logits = {}, .how = "alone"};
  for (int64_t input = 0; input < answers.inputs(); ++input) {
    const DistinctOutput* answer = Find(answers.of(input), 1);
    if (answer == nullptr) {
      answer = Find(answers.of(input), 0);
      baseline.how = "one_at_a_time";
    }
    if (answer == nullptr || !Append(*answer, &baseline.logits)) return {};
  }
  return baseline;
}

}  // namespace normbench
