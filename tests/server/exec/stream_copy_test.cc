// SPDX-License-Identifier: Apache-2.0
#include "server/exec/stream_copy.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace normbench {
namespace {

// Every alignment of both ends against a line, and nothing written outside.
TEST(StreamCopy, CopiesWhatMemcpyCopies) {
  std::vector<unsigned char> from(1024);
  std::iota(from.begin(), from.end(), 1);
  for (size_t to_offset = 0; to_offset < 64; ++to_offset) {
    for (const size_t size : {0, 1, 63, 64, 65, 127, 128, 129, 500, 700}) {
      const size_t from_offset = (7 * to_offset + size) % 67;
      std::vector<unsigned char> to(1024, 0xee), expected(1024, 0xee);
      StreamCopy(to.data() + to_offset, from.data() + from_offset, size);
      std::copy_n(from.begin() + static_cast<ptrdiff_t>(from_offset), size,
                  expected.begin() + static_cast<ptrdiff_t>(to_offset));
      ASSERT_EQ(to, expected) << size << " bytes to offset " << to_offset;
    }
  }
}

}  // namespace
}  // namespace normbench
