// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/planes.h"

#include <gtest/gtest.h>

#include "bench/norm/reference.h"

namespace normbench {
namespace {

// PlaceOf is the definition, one element at a time.
TEST(Planes, SayForEveryElementWhatPlaceOfSays) {
  const Shape shape = Shape::Parse("2x6x3x2").value();
  for (const NormSpec& spec :
       {NormSpec{.method = Method::kBatch}, NormSpec{.method = Method::kInstance},
        NormSpec{.method = Method::kGroup, .groups = 3},
        NormSpec{.method = Method::kLayer, .affine = Affine::kElement},
        NormSpec{.method = Method::kRms, .affine = Affine::kNone}}) {
    int64_t element = 0;
    for (const Plane plane : Planes(spec, shape)) {
      ASSERT_EQ(plane.first, element);
      for (int64_t s = 0; s < shape.spatial(); ++s, ++element) {
        const ElementPlace place = PlaceOf(spec, shape, element);
        EXPECT_EQ(plane.group, place.group);
        EXPECT_EQ(plane.affine + s * plane.affine_step, place.affine);
      }
    }
    EXPECT_EQ(element, shape.elements());
  }
}

}  // namespace
}  // namespace normbench
