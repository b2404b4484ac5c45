// SPDX-License-Identifier: Apache-2.0
// The tensors of one benchmark case, made from its seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "bench/norm/buffers.h"
#include "bench/norm/generator.h"
#include "bench/norm/shape.h"
#include "bench/norm/spec.h"
#include "bench/norm/tensor_format.h"

namespace normbench {

// Returns INVALID_ARGUMENT naming the pair where the dtype cannot hold such data.
absl::Status Validate(Distribution distribution, DType dtype);

// Owns the inputs of a case. gamma is U[0.5, 1.5], beta U[-1, 1), running mean U[-1, 1), running
// variance U[0.5, 1.5]: a wrong index into any of them shows in the result. x, gamma and beta are
// rounded to the dtype of the format, so that the reference computes from what a kernel is given.
class CaseData {
 public:
  // Another `index` gives another x with the same parameters: distinct inputs for one case key.
  // REQUIRES: Validate(spec, shape).ok(), Validate(format, shape).ok(),
  // Validate(distribution, format.dtype).ok().
  CaseData(const NormSpec& spec, const Shape& shape, Distribution distribution, uint64_t seed,
           uint64_t index = 0, TensorFormat format = {});

  // Inputs point into this object, which must outlive the result; outputs are null. x as values in
  // logical order, for the reference.
  NormBuffers inputs() const;

  // The same with x packed, for a kernel.
  NormBuffers packed_inputs() const;

  // x in the format's dtype and layout.
  std::span<const std::byte> packed_x() const;

  const std::vector<float>& x() const { return x_; }
  const std::vector<float>& gamma() const { return gamma_; }        // empty: none
  const std::vector<float>& beta() const { return beta_; }          // empty: none
  const std::vector<float>& mean() const { return mean_; }          // empty: not given
  const std::vector<float>& variance() const { return variance_; }  // empty: not given

 private:
  std::vector<float> x_, gamma_, beta_, mean_, variance_;
  std::vector<std::byte> packed_;  // empty where x_ is what a kernel wants
};

}  // namespace normbench
