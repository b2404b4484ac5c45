// SPDX-License-Identifier: Apache-2.0
#include "server/repository/warmup_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <set>
#include <string>

#include "bench/norm/half.h"
#include "google/protobuf/text_format.h"
#include "server/repository/datatype.h"

namespace normbench {
namespace {

namespace fs = std::filesystem;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class WarmupDataTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "warmup");
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Of a model with one input, of `type` and `dims`, that is warmed up with `data`.
  absl::StatusOr<WarmupData> Make(const std::string& type, const std::string& dims,
                                  const std::string& data, int batch = 0) {
    const std::string shape = "data_type: TYPE_" + type + " dims: " + dims;
    inference::ModelConfig config;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        "input { name: 'x' " + shape + " } model_warmup { name: 's' inputs { key: 'x' value { " +
            shape + " " + data + " } } }",
        &config));
    config.set_max_batch_size(batch);
    config.mutable_model_warmup(0)->set_batch_size(static_cast<uint32_t>(batch));
    return MakeWarmupData(config.model_warmup(0), config, folder_);
  }

  std::string Error(const std::string& type, const std::string& dims) {
    const auto data = Make(type, dims, "input_data_file: 'f'");
    EXPECT_EQ(data.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(data.status().message());
  }

  void WriteFile(const std::string& bytes) { std::ofstream(folder_ / "warmup" / "f") << bytes; }

  const fs::path folder_ = fs::path(::testing::TempDir()) / "warmup_data_test";
};

template <typename T = char>
std::vector<T> Values(const WarmupData& data) {
  std::vector<T> values(data.inputs[0].bytes / sizeof(T));
  std::memcpy(values.data(), data.inputs[0].data, data.inputs[0].bytes);
  return values;
}

TEST_F(WarmupDataTest, Zeros) {
  const auto data = Make("FP32", "[ 2, 3 ]", "zero_data: true", 4);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->inputs[0].datatype, "FP32");
  EXPECT_THAT(data->inputs[0].shape, ElementsAre(4, 2, 3));
  EXPECT_EQ(data->inputs[0].bytes, 4u * 2 * 3 * 4);
  EXPECT_THAT(Values(*data), Each(0));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(data->inputs[0].data) % 64, 0u);
}

TEST_F(WarmupDataTest, ZerosOfStringsAreEmptyStrings) {
  const auto data = Make("STRING", "3", "zero_data: true");
  ASSERT_TRUE(data.ok());
  EXPECT_EQ(data->inputs[0].datatype, "BYTES");
  EXPECT_THAT(data->inputs[0].shape, ElementsAre(3)) << "no batch dimension";
  EXPECT_EQ(Values(*data), std::vector<char>(12, 0));
}

TEST_F(WarmupDataTest, RandomNumbersAreTheSameEveryTimeAndSmall) {
  const auto data = Make("FP32", "1000", "random_data: true");
  ASSERT_TRUE(data.ok());
  const std::vector<float> values = Values<float>(*data);
  EXPECT_EQ(std::set<float>(values.begin(), values.end()).size(), 17u) << "eighths, -1 to 1";
  for (const float value : values) ASSERT_LE(std::fabs(value), 1);
  EXPECT_EQ(values, Values<float>(*Make("FP32", "1000", "random_data: true")));
}

TEST_F(WarmupDataTest, RandomNumbersAreTheSameInEveryType) {
  const std::vector<float> f32 = Values<float>(*Make("FP32", "100", "random_data: true"));
  const auto f64 = Values<double>(*Make("FP64", "100", "random_data: true"));
  const auto f16 = Values<uint16_t>(*Make("FP16", "100", "random_data: true"));
  const auto bf16 = Values<uint16_t>(*Make("BF16", "100", "random_data: true"));
  for (size_t i = 0; i < 100; ++i) {
    ASSERT_EQ(f64[i], f32[i]);
    ASSERT_EQ(F32OfF16(f16[i]), f32[i]);
    ASSERT_EQ(F32OfBf16(bf16[i]), f32[i]);
  }
}

TEST_F(WarmupDataTest, RandomWholeNumbersAreDigits) {
  for (const char* type : {"INT64", "UINT64", "INT32", "UINT32", "INT16", "UINT16", "INT8"}) {
    const auto data = Make(type, "100", "random_data: true");
    ASSERT_TRUE(data.ok()) << type;
    const size_t size = static_cast<size_t>(WireSize(data->inputs[0].datatype));
    const std::vector<char> bytes = Values(*data);
    ASSERT_EQ(bytes.size(), 100 * size);
    for (size_t i = 0; i < bytes.size(); ++i) ASSERT_LE(bytes[i], i % size == 0 ? 9 : 0) << type;
  }
  const std::vector<char> bools = Values(*Make("BOOL", "100", "random_data: true"));
  EXPECT_EQ(std::set<char>(bools.begin(), bools.end()), (std::set<char>{0, 1}));
}

TEST_F(WarmupDataTest, RandomStringsAreEightLetters) {
  const std::vector<char> bytes = Values(*Make("STRING", "2", "random_data: true"));
  ASSERT_EQ(bytes.size(), 24u);
  EXPECT_THAT(std::vector<char>(bytes.begin() + 12, bytes.begin() + 16), ElementsAre(8, 0, 0, 0));
  for (size_t i = 4; i < 12; ++i) EXPECT_TRUE(bytes[i] >= 'a' && bytes[i] <= 'z');
}

TEST_F(WarmupDataTest, AFileIsOneSampleOfTheBatch) {
  WriteFile("abcdef");
  const auto data = Make("UINT8", "[ 2, 3 ]", "input_data_file: 'f'", 2);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(data->inputs[0].shape, ElementsAre(2, 2, 3));
  const std::vector<char> values = Values(*data);
  EXPECT_EQ(std::string(values.begin(), values.end()), "abcdefabcdef");
}

TEST_F(WarmupDataTest, AFileThatDoesNotFitIsNamed) {
  EXPECT_THAT(Error("UINT8", "3"), HasSubstr("model_warmup 's' input 'x'.input_data_file: 'f': "
                                             "there is no such file in the model's folder warmup"));
  WriteFile("abcd");
  EXPECT_THAT(Error("UINT8", "3"), HasSubstr("'f': 4 bytes; one sample has 3"));
  EXPECT_THAT(Error("UINT8", "5"), HasSubstr("'f': 4 bytes; one sample has 5"));
  fs::remove(folder_ / "warmup" / "f");
  fs::create_directories(folder_ / "warmup" / "f");
  EXPECT_THAT(Error("UINT8", "3"), HasSubstr("no such file"));
}

TEST_F(WarmupDataTest, AFileOfStringsHasTheirLengths) {
  const std::string two(std::string("\2\0\0\0ab\0\0\0\0", 10));
  WriteFile(two);
  const auto data = Make("STRING", "2", "input_data_file: 'f'", 2);
  ASSERT_TRUE(data.ok()) << data.status();
  const std::vector<char> values = Values(*data);
  EXPECT_EQ(std::string(values.begin(), values.end()), two + two);
  EXPECT_THAT(Error("STRING", "1"), HasSubstr("does not hold exactly 1 strings"));
  EXPECT_THAT(Error("STRING", "3"), HasSubstr("does not hold exactly 3 strings"));
  WriteFile(std::string("\3\0\0\0ab", 6));
  EXPECT_THAT(Error("STRING", "1"), HasSubstr("does not hold exactly 1 strings"));
}

TEST_F(WarmupDataTest, LongFilesAreNotRead) {
  WriteFile("");
  fs::resize_file(folder_ / "warmup" / "f", (uintmax_t{1} << 28) + 1);
  EXPECT_THAT(Error("STRING", "1"), HasSubstr("too long; allowed: 268435456 bytes"));
  // 65536 strings of 1024 bytes, four of them.
  WriteFile("");
  std::string strings;
  for (int i = 0; i < 65536; ++i) strings += std::string("\0\4\0\0", 4) + std::string(1024, 'a');
  WriteFile(strings);
  EXPECT_TRUE(Make("STRING", "65536", "input_data_file: 'f'", 3).ok());
  EXPECT_THAT(std::string(Make("STRING", "65536", "input_data_file: 'f'", 4).status().message()),
              HasSubstr("more than 268435456 bytes"));
}

}  // namespace
}  // namespace normbench
