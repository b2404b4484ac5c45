// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/trailing.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace normbench {

absl::StatusOr<Shape> OverTrailing(int trailing, Method method, Layout layout, const Shape& shape) {
  if (trailing == 0) return shape;
  if (method != Method::kLayer && method != Method::kRms) {
    return absl::InvalidArgumentError(absl::StrCat("trailing: ", trailing, " with norm ",
                                                   std::string(Name(method)),
                                                   "; allowed: absent (layer and rms have it)"));
  }
  if (trailing < 0 || trailing >= shape.rank()) {
    return absl::InvalidArgumentError(absl::StrCat("trailing: ", trailing, " with shape ",
                                                   shape.ToString(), "; allowed: 1 .. ",
                                                   shape.rank() - 1));
  }
  if (trailing == shape.rank() - 1) return shape;
  if (layout == Layout::kNhwc) {
    return absl::InvalidArgumentError(absl::StrCat(
        "trailing: ", trailing, " with layout nhwc; allowed: ", shape.rank() - 1, ", all after N"));
  }
  const std::vector<int64_t>& all = shape.dims();
  std::vector<int64_t> dims(all.end() - trailing - 1, all.end());
  for (size_t i = 0; i + trailing + 1 < all.size(); ++i) dims[0] *= all[i];
  return Shape::Create(dims);
}

}  // namespace normbench
