// SPDX-License-Identifier: Apache-2.0
// The tensors of one benchmark case, made from its seed.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/norm/buffers.h"
#include "bench/norm/generator.h"
#include "bench/norm/shape.h"
#include "bench/norm/spec.h"

namespace normbench {

// Owns the inputs of a case. gamma is U[0.5, 1.5], beta U[-1, 1), running mean U[-1, 1), running
// variance U[0.5, 1.5]: a wrong index into any of them shows in the result.
class CaseData {
 public:
  // Another `index` gives another x with the same parameters: distinct inputs for one case key.
  // REQUIRES: Validate(spec, shape).ok().
  CaseData(const NormSpec& spec, const Shape& shape, Distribution distribution, uint64_t seed,
           uint64_t index = 0);

  // Inputs point into this object, which must outlive the result; outputs are null.
  NormBuffers inputs() const;

  const std::vector<float>& x() const { return x_; }
  const std::vector<float>& gamma() const { return gamma_; }        // empty: none
  const std::vector<float>& beta() const { return beta_; }          // empty: none
  const std::vector<float>& mean() const { return mean_; }          // empty: not given
  const std::vector<float>& variance() const { return variance_; }  // empty: not given

 private:
  std::vector<float> x_, gamma_, beta_, mean_, variance_;
};

}  // namespace normbench
