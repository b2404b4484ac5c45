// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/fused_cases.h"

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

constexpr Fusion kSilu{.activation = Activation::kSilu};
constexpr Fusion kRelu{.activation = Activation::kRelu};
constexpr Fusion kAddRelu{.add_after = true, .activation = Activation::kRelu};
constexpr Fusion kAddBefore{.add_before = true};

std::string Group(const std::string& shape, const std::string& more = "") {
  return absl::StrCat("norm/group?shape=", shape, "&g=32", more);
}

}  // namespace

// Group norm as in U-Nets (SiLU) and in residual networks (ReLU, add + ReLU); layer and RMS norm
// behind a residual sum, which pre-norm transformers need again and post-norm ones do not.
std::vector<FusedCase> FusedCases() {
  std::vector<FusedCase> cases;
  for (const char* shape : {"1x256x56x56", "8x256x56x56", "2x320x64x64"}) {
    cases.push_back({Group(shape), kSilu});
  }
  cases.push_back({Group("1x256x56x56", "&layout=nhwc"), kSilu});
  cases.push_back({Group("8x256x56x56", "&dtype=bf16"), kSilu});
  for (const char* shape : {"1x256x56x56", "8x256x56x56"}) {
    cases.push_back({Group(shape), kRelu});
    cases.push_back({Group(shape), kAddRelu});
  }
  for (const char* norm : {"layer", "rms"}) {
    for (const char* shape : {"128x768", "4096x1024", "2048x4096"}) {
      const std::string key = absl::StrCat("norm/", norm, "?shape=", shape);
      cases.push_back({key, kAddBefore});
      cases.push_back({key, kAddBefore, /*keeps_sum=*/true});
    }
    cases.push_back({absl::StrCat("norm/", norm, "?shape=4096x1024&dtype=bf16"), kAddBefore,
                     /*keeps_sum=*/true});
  }
  return cases;
}

}  // namespace normbench
