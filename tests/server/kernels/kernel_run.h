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
  std::vector<float> y;     // values in logical order
  std::vector<float> mean;  // empty where there is none
  std::vector<float> rstd;  // likewise
  bool converts_layout = false;
};

// What to run, where, and on tensors of which format.
struct KernelUnderTest {
  const NormKernel& kernel;
  std::string device = "cpu";
  TensorFormat format = {};
};

// Plans, binds and launches once, asking for the statistics too. `inputs` has x as values, which
// are packed here.
absl::StatusOr<KernelAnswer> RunKernel(const KernelUnderTest& under_test, const NormSpec& spec,
                                       const Shape& shape, const NormBuffers& inputs);

// Every method, kind of statistics and affine form that fits the shape.
std::vector<NormSpec> SpecsFor(const Shape& shape);

// Every dtype and layout that fits the shape.
std::vector<TensorFormat> FormatsFor(const Shape& shape);

std::string Describe(const NormSpec& spec, const Shape& shape, TensorFormat format = {});

// Expects for N(offset, 1) data: y within its bound of the reference, statistics within theirs, and
// the inputs untouched.
void ExpectRight(const KernelUnderTest& under_test, const NormSpec& spec, const Shape& shape,
                 float offset);

// Expects that a NaN or an infinity gives what the reference gives, and leaves other groups' bits
// alone.
void ExpectConfined(const KernelUnderTest& under_test, const NormSpec& spec, const Shape& shape,
                    float poison);

}  // namespace normbench
