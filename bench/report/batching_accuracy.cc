// SPDX-License-Identifier: Apache-2.0
#include "bench/report/batching_accuracy.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <vector>

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// By formed batch, in ascending order.
using Tallies = std::map<int32_t, v1::FormedBatch>;

// The images of one answer, of which some have the bits of their answers alone.
struct Verdict {
  double compared = 0;
  double equal = 0;
  double flips = 0;
  double beyond = 0;  // the tolerance
  double difference = 0;
};

double Difference(float a, float b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double difference = std::abs(double{a} - double{b});
  return std::isfinite(difference) ? difference : kInfinity;
}

void JudgeImage(std::span<const float> logits, std::span<const float> alone, double tolerance,
                Verdict* verdict) {
  if (std::memcmp(logits.data(), alone.data(), alone.size_bytes()) == 0) {
    ++verdict->equal;
    return;
  }
  verdict->flips += Predict(logits) != Predict(alone);
  double difference = 0;
  for (size_t i = 0; i < alone.size(); ++i) {
    difference = std::max(difference, Difference(logits[i], alone[i]));
  }
  verdict->beyond += difference > tolerance;
  verdict->difference = std::max(verdict->difference, difference);
}

// What one answer to some images is compared with.
struct Alone {
  std::span<const float> logits;  // of each image alone; empty: not known
  int64_t images = 0;
  double tolerance = 0;
};

Verdict Judge(const DistinctOutput& answer, const Alone& alone) {
  if (!answer.kept || alone.logits.empty()) return {};
  const auto images = static_cast<double>(alone.images);
  if (answer.payload.size() != alone.logits.size_bytes()) {
    return {.compared = images, .flips = images, .beyond = images, .difference = kInfinity};
  }
  std::vector<float> logits(alone.logits.size());
  std::memcpy(logits.data(), answer.payload.data(), answer.payload.size());
  Verdict verdict{.compared = images};
  const size_t classes = logits.size() / static_cast<size_t>(alone.images);
  for (size_t at = 0; at < logits.size(); at += classes) {
    JudgeImage(std::span(logits).subspan(at, classes), alone.logits.subspan(at, classes),
               alone.tolerance, &verdict);
  }
  return verdict;
}

void SetShare(v1::FormedBatch* tally) {
  if (tally->compared() > 0) tally->set_equal_share(tally->equal() / tally->compared());
}

void Add(const v1::FormedBatch& from, v1::FormedBatch* to) {
  to->set_answers(to->answers() + from.answers());
  to->set_compared(to->compared() + from.compared());
  to->set_equal(to->equal() + from.equal());
  to->set_flips(to->flips() + from.flips());
  to->set_beyond_tolerance(to->beyond_tolerance() + from.beyond_tolerance());
  if (from.has_max_abs_difference()) {
    to->set_max_abs_difference(std::max(to->max_abs_difference(), from.max_abs_difference()));
  }
  SetShare(to);
}

// `count` answers of `images` images each, all with this verdict.
v1::FormedBatch Times(const Verdict& verdict, int64_t count, int64_t images) {
  const auto times = static_cast<double>(count);
  v1::FormedBatch tally;
  tally.set_answers(times * static_cast<double>(images));
  tally.set_compared(times * verdict.compared);
  tally.set_equal(times * verdict.equal);
  tally.set_flips(times * verdict.flips);
  tally.set_beyond_tolerance(times * verdict.beyond);
  if (verdict.compared > 0) tally.set_max_abs_difference(verdict.difference);
  return tally;
}

void Count(const std::vector<FormedCount>& counts, const Verdict& verdict, int64_t images,
           Tallies* tallies) {
  for (const FormedCount& formed : counts) {
    Add(Times(verdict, formed.count, images), &(*tallies)[formed.formed_batch]);
  }
}

void AddTo(v1::BatchingAccuracy* batching, Tallies tallies) {
  batching->clear_formed();
  for (auto& [size, tally] : tallies) {
    tally.set_formed_batch(size);
    *batching->add_formed() = tally;
  }
}

}  // namespace

v1::BatchingAccuracy CompareByFormedBatch(const ModelTruth& truth, int request_batch,
                                          const OutputLedger& answers) {
  v1::BatchingAccuracy batching;
  batching.set_logit_tolerance(LogitTolerance(truth.baseline));
  Tallies tallies;
  for (int64_t input = 0; input < answers.inputs(); ++input) {
    const int64_t first = input * request_batch;
    Alone alone{.logits = truth.baseline,
                .images = std::min<int64_t>(request_batch, truth.images - first),
                .tolerance = batching.logit_tolerance()};
    if (!alone.logits.empty()) {
      alone.logits = alone.logits.subspan(first * truth.classes, alone.images * truth.classes);
    }
    for (const DistinctOutput& answer : answers.of(input)) {
      Count(answer.formed, Judge(answer, alone), alone.images, &tallies);
    }
    Count(answers.beyond(input), Verdict{}, alone.images, &tallies);
  }
  AddTo(&batching, std::move(tallies));
  return batching;
}

void AddBatching(const v1::BatchingAccuracy& visit, v1::BatchingAccuracy* sum) {
  Tallies tallies;
  for (const v1::BatchingAccuracy* of : {&visit, static_cast<const v1::BatchingAccuracy*>(sum)}) {
    for (const v1::FormedBatch& formed : of->formed()) Add(formed, &tallies[formed.formed_batch()]);
  }
  // All visits to a case have one baseline, but the first ones may have had none.
  if (sum->baseline().empty()) {
    sum->set_baseline(visit.baseline());
    sum->set_logit_tolerance(visit.logit_tolerance());
  }
  AddTo(sum, std::move(tallies));
}

v1::FormedBatch AllFormed(const v1::BatchingAccuracy& batching) {
  v1::FormedBatch all;
  for (const v1::FormedBatch& formed : batching.formed()) Add(formed, &all);
  return all;
}

bool WereJoined(const v1::CaseResult& result) {
  const bool many = result.model().in_flight() > 1;
  const auto joined = [&](const v1::FormedBatch& formed) {
    return formed.formed_batch() == 0 ? many
                                      : formed.formed_batch() > result.model().request_batch();
  };
  return std::ranges::any_of(result.batching().formed(), joined);
}

}  // namespace normbench
