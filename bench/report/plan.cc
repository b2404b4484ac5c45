// SPDX-License-Identifier: Apache-2.0
#include "bench/report/plan.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "bench/report/closed_probe.h"
#include "bench/report/validate.h"
#include "bench/report/visits.h"

namespace normbench {
namespace {

// Of a kernel case, per second of timed work: the copies between the samples, and the time that the
// server takes to get its least number of samples of slow kernels.
constexpr double kKernelWall = 2.5;
constexpr double kAroundCase = 0.3;        // seconds to prepare and verify
constexpr double kAroundService = 0.05;    // and what follows, an element
constexpr double kServiceRate = 5e6;       // elements a second through generator and reference
constexpr double kReferenceRate = 50e6;    // elements a second through the float64 reference
constexpr double kInvarianceRate = 400e6;  // elements a second through a library's kernel
constexpr int kLaunches = 12;              // of an invariance case, a batch size and thread count
constexpr double kUsualThreads = 2;        // thread counts where it names none
constexpr double kImagesPerSecond = 2500;  // of a small network on two cores
constexpr double kFashionImages = 10'000;
constexpr double kUsualRate = 10e3;      // requests a second, of small ones
constexpr int kUsualBacklog = 32;        // requests under way in an open loop
constexpr double kProgramBytes = 150e6;  // both programs, idle

double Elements(const v1::NormCase& norm_case) {
  double elements = 1;
  for (const int32_t dimension : norm_case.shape()) elements *= dimension;
  return elements;
}

// A file's own number of images is not known here.
double Images(const v1::ModelCase& model) {
  return model.images() > 0 ? model.images() : kFashionImages;
}

double Around(const v1::NormCase& norm_case) {
  return kAroundCase + Elements(norm_case) / kReferenceRate;
}

struct Seconds {
  const Case& c;
  std::set<std::string>* baselines;  // models whose answers at batch 1 are known

  double operator()(const v1::NormCase& norm_case) const {
    return c.warmup_seconds + kKernelWall * c.seconds + Around(norm_case);
  }
  double operator()(const v1::ServiceCase& service) const {
    const double around = kAroundService + Elements(service.norm_case()) / kServiceRate;
    return c.warmup_seconds + c.seconds + around;
  }
  double operator()(const v1::ModelCase& model) const {
    const double pass = Images(model) / kImagesPerSecond;
    // The schedule ends an open loop, not a pass over the images.
    const double seconds = model.load().arrivals().empty() ? std::max(c.seconds, pass) : c.seconds;
    const bool is_new = baselines->insert(model.model() + "/" + model.version()).second;
    return c.warmup_seconds + seconds + kAroundCase + (is_new ? pass : 0);
  }
  double operator()(const v1::InvarianceCase& check) const {
    const double samples =
        std::accumulate(check.batch_sizes().begin(), check.batch_sizes().end(), 0.0);
    const double threads = check.threads().empty() ? kUsualThreads : check.threads_size();
    const double rate = check.norm_case().impl() == "reference" ? kReferenceRate : kInvarianceRate;
    return kLaunches * threads * samples * Elements(check.norm_case()) / rate;
  }
};

struct Bytes {
  // x, y and a copy in float32, the reference in float64.
  double operator()(const v1::NormCase& norm_case) const { return Elements(norm_case) * 20; }
  // Each request in flight holds x and y on both sides; of an open loop it is a bound.
  double operator()(const v1::ServiceCase& service) const {
    const bool open = !service.load().arrivals().empty();
    const int in_flight = open ? std::min(service.in_flight(), kUsualBacklog) : service.in_flight();
    return Elements(service.norm_case()) * (12 + 16.0 * in_flight);
  }
  double operator()(const v1::ModelCase& model) const { return Images(model) * 28 * 28 * 4 * 1.5; }
  // x and y of the largest batch, and about as much again in the library.
  double operator()(const v1::InvarianceCase& check) const {
    const auto& sizes = check.batch_sizes();
    const double largest = *std::max_element(sizes.begin(), sizes.end());
    return Elements(check.norm_case()) * (16 * largest + 100);
  }
};

// What the visits to a case leave until the last of them: latencies, twice in an open loop.
double KeptBytes(const Case& c) {
  if (c.visits == 1) return 0;
  const double most = static_cast<double>(kMostKept);
  return c.visits * 2 * sizeof(float) * std::min(most, kUsualRate * c.seconds / c.visits);
}

}  // namespace

Plan PlanOf(std::span<const Case> cases) {
  Plan plan;
  double kept_bytes = 0;
  std::set<std::string> baselines, probes;
  for (const Case& c : cases) {
    ++plan.cases;
    if (NeedsMaximum(c)) {
      const Case probe = ClosedProbe(c);
      if (probes.insert(probe.key).second) plan.seconds += probe.warmup_seconds + probe.seconds;
    }
    const Case visit = VisitTo(c, 0);
    for (int i = 0; i < c.visits; ++i) {
      plan.seconds += std::visit(Seconds{visit, &baselines}, c.spec);
    }
    plan.memory_bytes = std::max(plan.memory_bytes, kProgramBytes + std::visit(Bytes(), c.spec));
    kept_bytes += KeptBytes(c);
  }
  plan.memory_bytes += kept_bytes;
  return plan;
}

}  // namespace normbench
