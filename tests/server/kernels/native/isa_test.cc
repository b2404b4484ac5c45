// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/isa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <span>
#include <string>

#include "server/kernels/native/loops.h"

namespace normbench {
namespace {

using testing::HasSubstr;

TEST(Isa, NamesAreParsed) {
  for (Isa isa : kIsas) EXPECT_EQ(ParseIsa(Name(isa)).value(), isa);
  EXPECT_EQ(Name(Isa::kSse4), "SSE4");
  EXPECT_EQ(Name(Isa::kAvx512), "AVX512");
}

TEST(Isa, AnUnknownNameIsRefusedWithTheAllowedOnes) {
  const absl::Status status = ParseIsa("AVX51").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("isa: unknown 'AVX51'; allowed: SSE4, AVX2, AVX512; nearest: AVX512"));
  EXPECT_FALSE(ParseIsa("avx2").ok());
  EXPECT_FALSE(ParseIsa("").ok());
}

// All x86-64 CPUs have SSE4, and whoever has AVX-512 has AVX2.
TEST(Isa, TheSupportedAreThoseUpToTheBest) {
  const std::vector<Isa> here = SupportedIsas();
  ASSERT_FALSE(here.empty());
  EXPECT_TRUE(std::ranges::equal(here, std::span(kIsas).first(here.size())));
}

TEST(Isa, EachHasLoopsOfItsOwnForEachDType) {
  std::set<const Loops*> tables;
  for (Isa isa : SupportedIsas()) {
    for (DType dtype : kDTypes) {
      const Loops& loops = LoopsFor(isa, dtype);
      tables.insert(&loops);
      EXPECT_EQ(&LoopsFor(isa, dtype), &loops);
      EXPECT_NE(loops.sum_row[0], loops.sum_row[1]);
      EXPECT_NE(loops.apply_columns[0], loops.apply_columns[1]);
    }
  }
  EXPECT_EQ(tables.size(), SupportedIsas().size() * kDTypes.size());
}

}  // namespace
}  // namespace normbench
