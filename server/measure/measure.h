// SPDX-License-Identifier: Apache-2.0
// One kernel case, measured where it runs: data from its seed, checked against the float64
// reference before and after the clock runs, samples of at least kSampleSeconds beside timed copies
// of the same bytes; always the same memory (hot), or so much of it in turn that no call finds its
// own in the caches (cold). Apart from server/rpc so that nothing here can touch the wire, and
// testable without it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/norm/accuracy.h"
#include "bench/norm/generator.h"
#include "server/kernels/plan_cache.h"

namespace normbench {

// Shorter samples would measure the clock.
inline constexpr double kSampleSeconds = 50e-6;

// So many checksums of outputs are told.
inline constexpr size_t kMaxChecksums = 16;

// So many pairs of x and y at most stand for cold memory.
inline constexpr int64_t kMaxLanes = 16384;

struct MeasureSpec {
  PlanRequest plan;
  Distribution data = Distribution::kNormal;
  uint64_t seed = 1;
  int64_t cold_bytes = 0;  // to use before memory is used again; 0: hot
  double warmup_seconds = 0.1;
  double seconds = 0.5;  // of timed work, the target
  int min_samples = 60;  // go on for these, to at most 3 x seconds of timed work
  int max_samples = 10000;
};

// The longest that sampling takes, whatever goes on between the timed calls; a call that has begun
// is ended.
constexpr double MaxSamplingSeconds(double seconds) {
  return 4 * seconds + 1;
}

enum class MeasurePhase { kPrepare, kVerify, kWarmUp, kMeasure };
std::string_view Name(MeasurePhase phase);  // prepare | verify | warm-up | measure

struct MeasureHooks {
  // Called at the start of each phase and about twice a second; `fraction` of the phase's budget.
  std::function<void(MeasurePhase, int samples, double fraction)> progress;
  // Asked at least once a sample.
  std::function<bool()> cancelled;
};

struct Measurement {
  std::vector<double> sample_seconds;  // per call, mean of iterations_per_sample calls
  // Per copy of x by one thread: one after each sample, or each fourth one where calls are long.
  // Empty on a GPU: the host's memory is not what that kernel uses.
  std::vector<double> copy_seconds;
  int iterations_per_sample = 0;
  std::string time_source;
  double first_call_seconds = 0;
  int warmup_calls = 0;
  double algorithmic_bytes = 0;            // x read once, y written once
  Accuracy accuracy;                       // the worst of all timed outputs that were compared
  double bound = 0;                        // what accuracy.err_scaled may be
  int distinct_outputs = 0;                // among the timed ones, by checksum
  std::vector<uint64_t> output_checksums;  // of these, at most kMaxChecksums
  bool all_compared = true;                // false: too many different outputs to compare each
  bool converts_layout = false;            // the library's results had another layout
};

// Measures on this thread, which should be the only one at work. Returns CANCELLED if
// hooks.cancelled said so, else errors of the kernel. REQUIRES: Validate(plan.spec,
// plan.shape).ok(), min_samples >= 1, max_samples >= 1.
absl::StatusOr<Measurement> Measure(const MeasureSpec& spec, const MeasureHooks& hooks);

// Pairs of x and y that Measure goes round: 1 where it is hot.
int64_t LanesOf(const MeasureSpec& spec);

// Memory that Measure takes beside the kernel's own workspace, in bytes.
int64_t MeasureBytes(const MeasureSpec& spec);

}  // namespace normbench
