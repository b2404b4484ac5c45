// SPDX-License-Identifier: Apache-2.0
// Random problems, for as long as NORMBENCH_PROPERTY_SECONDS says (20), from the seed
// NORMBENCH_PROPERTY_SEED. A failure prints the line that repeats it alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "bench/norm/case_data.h"
#include "tests/server/kernels/native/native_reference.h"

namespace normbench {
namespace {

constexpr int64_t kMostElements = 40000;

// Decides everything about case `index` of a seed, and nothing else does.
class Choices {
 public:
  Choices(uint64_t seed, uint64_t index) {
    std::seed_seq sequence = {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32),
                              static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32)};
    random_.seed(sequence);
  }

  int64_t Between(int64_t low, int64_t high) {  // both included
    return std::uniform_int_distribution<int64_t>(low, high)(random_);
  }
  bool OneIn(int64_t n) { return Between(1, n) == 1; }
  template <typename Values>
  auto OneOf(const Values& values) {
    return values[static_cast<size_t>(Between(0, std::ssize(values) - 1))];
  }
  // As many small ones as large ones.
  int64_t Size(double most) {
    const double exponent = std::uniform_real_distribution<double>(0, std::log(most + 1))(random_);
    return std::clamp<int64_t>(static_cast<int64_t>(std::exp(exponent)), 1,
                               static_cast<int64_t>(most));
  }

 private:
  std::mt19937_64 random_;
};

Shape AnyShape(Choices& choose) {
  const int64_t rank = choose.Between(Shape::kMinRank, Shape::kMaxRank);
  std::vector<int64_t> dims;
  double left = static_cast<double>(choose.Size(kMostElements));
  for (int64_t i = 0; i < rank; ++i) {
    dims.push_back(i + 1 < rank ? choose.Size(left)
                                : std::max<int64_t>(1, static_cast<int64_t>(left)));
    left /= static_cast<double>(dims.back());
  }
  std::shuffle(dims.begin(), dims.end(), std::mt19937_64(choose.Between(0, 1 << 30)));
  // Channels that a pack is full of are what people have.
  if (choose.OneIn(3)) dims[1] = std::max<int64_t>(dims[1] / 16 * 16, 1);
  return Shape::Create(dims).value();
}

int64_t AnyDivisor(Choices& choose, int64_t n) {
  std::vector<int64_t> divisors;
  for (int64_t d = 1; d <= n; ++d) {
    if (n % d == 0) divisors.push_back(d);
  }
  return choose.OneOf(divisors);
}

NormSpec AnySpec(Choices& choose, const Shape& shape) {
  NormSpec spec;
  do {
    spec.method = choose.OneOf(kMethods);
    spec.stats =
        choose.OneOf(std::vector{StatsSource::kRunning, StatsSource::kBatch, StatsSource::kFolded});
    spec.groups = spec.method == Method::kGroup ? AnyDivisor(choose, shape.channels()) : 1;
    spec.affine = choose.OneOf(std::vector{Affine::kNone, Affine::kChannel, Affine::kElement});
    spec.eps = choose.OneOf(std::vector{1e-5, 1e-5, 1e-3, 0.25, 1e-12, 1.2e-38});
  } while (!Validate(spec, shape).ok());
  return spec;
}

NativeProblem AnyProblem(Choices& choose) {
  NativeProblem problem = {{}, AnyShape(choose), {}, {}};
  problem.spec = AnySpec(choose, problem.shape);
  do {
    problem.format = {choose.OneOf(kDTypes), choose.OneOf(kLayouts)};
  } while (!Validate(problem.format, problem.shape).ok());
  do {
    problem.fusion = {choose.OneIn(3), choose.OneIn(3),
                      choose.OneOf(std::vector{Activation::kNone, Activation::kNone,
                                               Activation::kRelu, Activation::kSilu})};
  } while (!NativeNorm::Plan(problem).ok());
  return problem;
}

NativeCase AnyCase(Choices& choose) {
  const NativeProblem problem = AnyProblem(choose);
  Distribution distribution;
  do {
    distribution = choose.OneIn(2) ? Distribution::kNormal : choose.OneOf(kDistributions);
  } while (!Validate(distribution, problem.format.dtype).ok());
  NativeCase c = MakeCase(problem, distribution, static_cast<uint64_t>(choose.Between(0, 1 << 30)));
  const bool wide = problem.format.dtype != DType::kF16;
  if (ComputesStatistics(problem.spec) && wide && choose.OneIn(4)) {
    const float magnitude = std::pow(10.0f, static_cast<float>(choose.Between(-25, 25)));
    for (std::vector<float>* values : {&c.x, &c.residual}) {
      for (float& value : *values) value *= magnitude;
      RoundTo(problem.format.dtype, *values);
    }
  }
  const bool no_gamma = choose.OneIn(8) && !IsFolded(problem.spec);
  if (no_gamma) c.gamma.clear();
  if (no_gamma || choose.OneIn(4)) c.beta.clear();
  return c;
}

RunOptions AnyOptions(Choices& choose, const NativeProblem& problem) {
  RunOptions options;
  options.norm.isa = choose.OneOf(SupportedIsas());
  options.norm.stores = choose.OneIn(3) ? Stores::kStreaming : Stores::kPlain;
  options.norm.from_memory = choose.OneIn(2);
  options.pool = &SharedPool();
  options.threads = static_cast<int>(choose.Between(1, 5));
  const int64_t element = SizeOf(problem.format.dtype);
  options.offset = static_cast<size_t>(choose.Between(0, 64 / element) * element);
  return options;
}

Place AnyPlace(Choices& choose, const NativeCase& c) {
  return !c.residual.empty() && choose.OneIn(2) ? Place::kResidual : Place::kX;
}

void CheckCase(uint64_t seed, uint64_t index) {
  Choices choose(seed, index);
  const NativeCase c = AnyCase(choose);
  RunOptions options = AnyOptions(choose, c.problem);
  SCOPED_TRACE("NORMBENCH_PROPERTY_SEED=" + std::to_string(seed) + " NORMBENCH_PROPERTY_CASE=" +
               std::to_string(index) + " native_norm_property_test  # " + Describe(c.problem) +
               " " + std::string(Name(*options.norm.isa)));
  const bool keeps_sum = c.problem.fusion.add_before;
  const NativeAnswer plain = RunNative(
      c, {.norm = {.isa = options.norm.isa}, .sum = keeps_sum ? Place::kOwn : Place::kNone});
  ExpectAnswer(c, ExpectedOf(c), plain);
  options.sum = keeps_sum ? Place::kOwn : Place::kNone;
  EXPECT_TRUE(SameBits(RunNative(c, options), plain)) << "threads, addresses, stores or order";
  options.y = AnyPlace(choose, c);
  EXPECT_TRUE(SameBits(RunNative(c, options), plain)) << "in place";
}

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  uint64_t value = otherwise;
  const char* const text = std::getenv(name);
  EXPECT_TRUE(text == nullptr || absl::SimpleAtoi(text, &value)) << name;
  return value;
}

TEST(NativeProperty, HoldsForRandomProblems) {
  const uint64_t seed = FromEnvironment("NORMBENCH_PROPERTY_SEED", 20240601);
  if (std::getenv("NORMBENCH_PROPERTY_CASE") != nullptr)
    return CheckCase(seed, FromEnvironment("NORMBENCH_PROPERTY_CASE", 0));
  const std::chrono::seconds limit(FromEnvironment("NORMBENCH_PROPERTY_SECONDS", 20));
  const auto start = std::chrono::steady_clock::now();
  uint64_t cases = 0;
  while (!HasFailure() && std::chrono::steady_clock::now() - start < limit)
    CheckCase(seed, cases++);
  std::cout << cases << " cases of NORMBENCH_PROPERTY_SEED=" << seed << "\n";
  EXPECT_GT(cases, 0);
}

}  // namespace
}  // namespace normbench
