// SPDX-License-Identifier: Apache-2.0
// One run of an implementation, from spec to answer, for the tests of all of them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/norm/accuracy.h"
#include "server/kernels/kernel.h"

namespace normbench {

struct KernelAnswer {
  std::vector<float> y;
  std::vector<float> mean;  // empty for RMS norm
  std::vector<float> rstd;
};

// Where to run.
struct KernelUnderTest {
  const NormKernel& kernel;
  std::string device = "cpu";
};

// Plans, binds and launches once, asking for the statistics too.
absl::StatusOr<KernelAnswer> RunKernel(const KernelUnderTest& under_test, const NormSpec& spec,
                                       const Shape& shape, const NormBuffers& inputs);

// Every method, kind of statistics and affine form that fits the shape.
std::vector<NormSpec> SpecsFor(const Shape& shape);

std::string Describe(const NormSpec& spec, const Shape& shape);

// Expects for N(offset, 1) data: y within its bound of the reference, statistics within theirs, and
// the inputs untouched.
void ExpectRight(const KernelUnderTest& under_test, const NormSpec& spec, const Shape& shape,
                 float offset);

// Expects that a NaN or an infinity gives what the reference gives, and leaves other groups' bits
// alone.
void ExpectConfined(const KernelUnderTest& under_test, const NormSpec& spec, const Shape& shape,
                    float poison);

}  // namespace normbench
