// SPDX-License-Identifier: Apache-2.0
// More elements than 32 bits count. Tensors are address space without memory behind it: zeros,
// but for the few pages that a test writes to. Only the last unit or chunk is computed.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "server/kernels/native/columns.h"
#include "server/kernels/native/planes.h"
#include "server/kernels/native/rows.h"
#include "tests/server/kernels/native/native_run.h"

namespace normbench {
namespace {

constexpr int64_t kFar = int64_t{1} << 32;  // elements

class AddressSpace {
 public:
  explicit AddressSpace(size_t bytes)
      : bytes_(bytes),
        data_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  ~AddressSpace() {
    if (is_there()) munmap(data_, bytes_);
  }
  AddressSpace(const AddressSpace&) = delete;
  AddressSpace& operator=(const AddressSpace&) = delete;

  bool is_there() const { return data_ != MAP_FAILED; }
  std::byte* bytes() const { return static_cast<std::byte*>(data_); }
  float* floats() const { return static_cast<float*>(data_); }

 private:
  const size_t bytes_;
  void* const data_;
};

// Sums up and applies `chunk` of `unit`; the sums of all other chunks are zero.
void RunChunk(const Steps& steps, const NativeBuffers& buffers, int64_t unit, int64_t chunk) {
  const StepSizes sizes = steps.sizes();
  const size_t sums = static_cast<size_t>(sizes.chunks) * sizes.sums;
  const AddressSpace memory(sizes.shared + sizes.state + sums + 64);
  ASSERT_TRUE(memory.is_there());
  const NormCall call = {buffers, memory.bytes()};
  std::byte* const state = memory.bytes() + sizes.shared;
  const UnitMemory unit_memory = {state, state + sizes.state};
  steps.Prepare(call);
  steps.Begin(call, unit, unit_memory);
  steps.Sum(call, unit, chunk, unit_memory);
  steps.Finish(call, unit, unit_memory);
  steps.Apply(call, unit, chunk, unit_memory);
}

class Far : public testing::Test {
 protected:
  void SetUp() override {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "a shadow of so much address space takes too long";
#endif
    ASSERT_TRUE(x_.is_there() && y_.is_there());
  }

  // Writes 1, 2, 3, 1, 2, 3 ... to elements first .. first + n - 1.
  void Write(int64_t first, int64_t n) {
    for (int64_t i = 0; i < n; ++i) x_.floats()[first + i] = ValueAt(i);
  }
  static float ValueAt(int64_t i) {
    return static_cast<float>(i % 3 + 1);
  }

  // Expects (x - mean) * rstd where Write has written.
  void ExpectNormalized(int64_t first, int64_t n, double mean, double rstd) const {
    for (int64_t i = 0; i < n; ++i) {
      const double expected = (ValueAt(i) - mean) * rstd;
      ASSERT_NEAR(y_.floats()[first + i], expected, 1e-5 * (1 + std::abs(expected))) << i;
    }
  }

  // Of groups of `length` that are zero but for `n` of these values, every third of each.
  static double MeanOf(int64_t n, int64_t length) {
    return 2.0 * static_cast<double>(n) / static_cast<double>(length);
  }
  static double RstdOf(int64_t n, int64_t length) {
    const double mean = MeanOf(n, length);
    const double square = 14.0 / 3 * static_cast<double>(n) / static_cast<double>(length);
    return 1 / std::sqrt(square - mean * mean + 1e-5);
  }

  NativeBuffers buffers() const {
    return {.norm = {.x = x_.floats(), .y = y_.floats()}};
  }

 private:
  const AddressSpace x_{17 * sizeof(float) * (kFar / 16)}, y_{17 * sizeof(float) * (kFar / 16)};
};

Setting SettingWith(const NormSpec& spec, std::string_view shape, Layout layout,
                    void (*enlarge)(Scheme&)) {
  Setting setting = SettingOf(ProblemOf(spec, shape, {.layout = layout}));
  enlarge(setting.scheme);
  return setting;
}

constexpr NormSpec kLayer = {.method = Method::kLayer, .affine = Affine::kNone};
constexpr NormSpec kInstance = {.method = Method::kInstance, .affine = Affine::kNone};
constexpr NormSpec kBatch = {
    .method = Method::kBatch, .stats = StatsSource::kBatch, .affine = Affine::kNone};
constexpr NormSpec kRunning = {.method = Method::kBatch, .affine = Affine::kNone};

TEST_F(Far, TheLastOfManyRows) {
  const auto steps = MakeRows(
      SettingWith(kLayer, "1x4098", Layout::kNchw, [](Scheme& s) { s.rows = kFar / 4098 + 9; }));
  const int64_t row = steps->sizes().units - 1;
  ASSERT_GT(row * 4098, kFar);
  Write(row * 4098, 4098);
  RunChunk(*steps, buffers(), row, 0);
  ExpectNormalized(row * 4098, 4098, MeanOf(4098, 4098), RstdOf(4098, 4098));
}

TEST_F(Far, TheEndOfALongRow) {
  const auto steps = MakeRows(SettingWith(kLayer, "1x4098", Layout::kNchw, [](Scheme& s) {
    s.length = s.segment = (kFar / kChunk + 1) * kChunk + 3000;
  }));
  const int64_t chunk = steps->sizes().chunks - 1, length = chunk * kChunk + 3000;
  Write(chunk * kChunk, 3000);
  RunChunk(*steps, buffers(), 0, chunk);
  ExpectNormalized(chunk * kChunk, 3000, MeanOf(3000, length), RstdOf(3000, length));
}

TEST_F(Far, TheLastOfManyShortRows) {
  const auto steps = MakeShortRows(SettingWith(
      kLayer, "1x300", Layout::kNchw, [](Scheme& s) { s.rows = kFar / 300 / 16 * 16 + 32; }));
  const int64_t unit = steps->sizes().units - 1, first = (kFar / 300 / 16 * 16 + 31) * 300;
  ASSERT_GT(first, kFar);
  Write(first, 300);
  RunChunk(*steps, buffers(), unit, 0);
  ExpectNormalized(first, 300, MeanOf(300, 300), RstdOf(300, 300));
}

TEST_F(Far, TheLastOfManyTables) {
  const auto steps = MakeColumns(SettingWith(kInstance, "1x64x30", Layout::kNhwc,
                                             [](Scheme& s) { s.tables = kFar / (64 * 30) + 9; }));
  const int64_t table = steps->sizes().units - 1, first = table * 64 * 30;
  ASSERT_GT(first, kFar);
  Write(first, 64 * 30);
  RunChunk(*steps, buffers(), table, 0);
  ExpectNormalized(first, 64 * 30, MeanOf(30, 30), RstdOf(30, 30));
}

// Sixteen rows of 61 are folded into one; the table ends with a part of such a row.
TEST_F(Far, TheEndOfALongTable) {
  constexpr int64_t kRows = kFar / (16 * 61) * 16 + 16 * 64 * 2 + 3;
  const auto steps = MakeColumns(
      SettingWith(kBatch, "100x61", Layout::kNchw, [](Scheme& s) { s.table_rows = kRows; }));
  constexpr int64_t kWritten = 61 * 9;
  const int64_t first = kRows * 61 - kWritten;
  ASSERT_GT(first, kFar);
  Write(first, kWritten);
  RunChunk(*steps, buffers(), 0, steps->sizes().chunks - 1);
  ExpectNormalized(first, kWritten, MeanOf(9, kRows), RstdOf(9, kRows));
}

TEST_F(Far, TheEndOfALongScaledTable) {
  constexpr int64_t kRows = kFar / (16 * 61) * 16 + 16 * 64 * 2 + 3;
  const auto steps = MakeScaledColumns(
      SettingWith(kRunning, "100x61", Layout::kNchw, [](Scheme& s) { s.table_rows = kRows; }));
  const std::vector<float> mean(61, 2), variance(61, 0.25);
  NativeBuffers given = buffers();
  given.norm.mean = mean.data();
  given.norm.variance = variance.data();
  const int64_t first = (kRows - 9) * 61;
  Write(first, 61 * 9);
  RunChunk(*steps, given, steps->sizes().units - 1, 0);
  ExpectNormalized(first, 61 * 9, 2, 1 / std::sqrt(0.25 + 1e-5));
}

TEST_F(Far, TheLastSampleOfManyPlanes) {
  constexpr int64_t kPlane = 6000, kSamples = kFar / kPlane / 4 * 2 + 40;  // two a chunk
  const auto steps = MakePlanes(
      SettingWith(kBatch, "1x2x6000", Layout::kNchw, [](Scheme& s) { s.samples = kSamples; }));
  const int64_t first = ((kSamples - 1) * 2 + 1) * kPlane;
  ASSERT_GT(first, kFar);
  Write(first, kPlane);
  RunChunk(*steps, buffers(), 1, steps->sizes().chunks - 1);
  ExpectNormalized(first, kPlane, MeanOf(kPlane, kSamples * kPlane),
                   RstdOf(kPlane, kSamples * kPlane));
}

TEST_F(Far, TheLastOfManyScaledPlanes) {
  constexpr int64_t kPlane = 6000, kSamples = kFar / kPlane / 2 + 40;
  const auto steps = MakeScaledPlanes(
      SettingWith(kRunning, "1x2x6000", Layout::kNchw, [](Scheme& s) { s.samples = kSamples; }));
  const std::vector<float> mean = {9, 2}, variance = {9, 0.25};
  NativeBuffers given = buffers();
  given.norm.mean = mean.data();
  given.norm.variance = variance.data();
  const int64_t first = (kSamples * 2 - 1) * kPlane;
  ASSERT_GT(first, kFar);
  Write(first, kPlane);
  RunChunk(*steps, given, steps->sizes().units - 1, 0);
  ExpectNormalized(first, kPlane, 2, 1 / std::sqrt(0.25 + 1e-5));
}

}  // namespace
}  // namespace normbench
