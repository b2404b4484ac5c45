// SPDX-License-Identifier: Apache-2.0
// A tensor as planes: the H * W elements of one sample and channel. They lie together and share one
// statistics group, so a loop over planes asks once a plane where its elements belong.
#pragma once

#include <cstdint>

#include "bench/norm/shape.h"
#include "bench/norm/spec.h"

namespace normbench {

// Elements first .. first + shape.spatial() - 1; the s-th has its gamma and beta at
// affine + s * affine_step (0 where there are none).
struct Plane {
  int64_t first = 0;
  int64_t group = 0;
  int64_t affine = 0;
  int64_t affine_step = 0;
};

// The `index`-th plane in memory order. REQUIRES: Validate(spec, shape).ok().
Plane PlaneAt(const NormSpec& spec, const Shape& shape, int64_t index);

// All planes in memory order, made one by one as a loop asks for them: where a plane is one
// element, a list of them would be larger than the tensor. `spec` and `shape` outlive it. REQUIRES:
// Validate(spec, shape).ok().
class Planes {
 public:
  class Iterator {
   public:
    Iterator(const Planes& planes, int64_t index) : planes_(planes), index_(index) {}
    Plane operator*() const { return PlaneAt(planes_.spec_, planes_.shape_, index_); }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const Planes& planes_;
    int64_t index_;
  };

  Planes(const NormSpec& spec, const Shape& shape) : spec_(spec), shape_(shape) {}

  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, shape_.n() * shape_.channels()}; }

 private:
  const NormSpec& spec_;
  const Shape& shape_;
};

}  // namespace normbench
