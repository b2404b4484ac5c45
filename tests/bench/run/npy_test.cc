// SPDX-License-Identifier: Apache-2.0
#include "bench/run/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename T>
std::string Bytes(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// A version 1 file with this header dict and data.
std::string Npy(const std::string& dict, const std::string& data) {
  std::string text = "\x93NUMPY";
  text += '\x01';
  text += '\0';
  text += static_cast<char>(dict.size() & 0xff);
  text += static_cast<char>(dict.size() >> 8);
  return text + dict + data;
}

std::string Write(const std::string& content) {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string path = ::testing::TempDir() + "npy_test_" + test->name() + ".npy";
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

// What the reader says about a broken file.
std::string TensorError(const std::string& content) {
  const auto result = ReadNpyTensor(Write(content));
  return result.ok()
             ? "OK"
             : std::string(result.status().message().data(), result.status().message().size());
}

std::string LabelError(const std::string& content) {
  const auto result = ReadNpyLabels(Write(content));
  return result.ok()
             ? "OK"
             : std::string(result.status().message().data(), result.status().message().size());
}

TEST(NpyTest, ReadsFloatsWithTheirShape) {
  const std::vector<float> values = {1, -2, 3.5f, 4, 5, 6};
  const auto tensor = ReadNpyTensor(Write(
      Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   \n", Bytes(values))));
  ASSERT_TRUE(tensor.ok()) << tensor.status();
  EXPECT_THAT(tensor->shape, ElementsAre(2, 3));
  EXPECT_EQ(tensor->values, values);
}

TEST(NpyTest, ReadsVersion2AndKeysInAnyOrder) {
  std::string dict = "{'shape': (2,), 'fortran_order': False, 'descr': '<f4'}\n";
  std::string file = "\x93NUMPY";
  file += '\x02';
  file += '\0';
  file += static_cast<char>(dict.size());
  file += std::string(3, '\0');
  const auto tensor = ReadNpyTensor(Write(file + dict + Bytes<float>({7, 8})));
  ASSERT_TRUE(tensor.ok()) << tensor.status();
  EXPECT_THAT(tensor->values, ElementsAre(7, 8));
}

TEST(NpyTest, LetsNanAndInfinityPass) {
  const float inf = std::numeric_limits<float>::infinity();
  const auto tensor =
      ReadNpyTensor(Write(Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n",
                              Bytes<float>({std::nanf(""), -inf}))));
  ASSERT_TRUE(tensor.ok()) << tensor.status();
  EXPECT_TRUE(std::isnan(tensor->values[0]));
  EXPECT_EQ(tensor->values[1], -inf);
}

TEST(NpyTest, ReadsLabelsOfThreeTypes) {
  const std::string rest = "'fortran_order': False, 'shape': (3,), }\n";
  const auto wide =
      ReadNpyLabels(Write(Npy("{'descr': '<i8', " + rest, Bytes<int64_t>({9, 0, 4}))));
  ASSERT_TRUE(wide.ok()) << wide.status();
  EXPECT_THAT(*wide, ElementsAre(9, 0, 4));
  const auto four =
      ReadNpyLabels(Write(Npy("{'descr': '<i4', " + rest, Bytes<int32_t>({1, 2, 3}))));
  ASSERT_TRUE(four.ok()) << four.status();
  EXPECT_THAT(*four, ElementsAre(1, 2, 3));
  const auto one = ReadNpyLabels(Write(Npy("{'descr': '|u1', " + rest, "\x01\x02\xff")));
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_THAT(*one, ElementsAre(1, 2, 255));
}

TEST(NpyTest, SaysWhatIsWrongWithATensor) {
  const std::string c_order = "'fortran_order': False, ";
  EXPECT_THAT(TensorError("PK\x03\x04 a zip file, not an array"), HasSubstr("not a .npy file"));
  EXPECT_THAT(TensorError("\x93NUM"), HasSubstr("not a .npy file"));
  EXPECT_THAT(
      TensorError(Npy("{'descr': '<f8', " + c_order + "'shape': (1,), }", Bytes<double>({1}))),
      HasSubstr("'<f8'; allowed: '<f4' (save x.astype('<f4'))"));
  EXPECT_THAT(
      TensorError(Npy("{'descr': '>f4', " + c_order + "'shape': (1,), }", Bytes<float>({1}))),
      HasSubstr("'>f4'"));
  EXPECT_THAT(TensorError(Npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }",
                              Bytes<float>({1}))),
              HasSubstr("Fortran order"));
  EXPECT_THAT(
      TensorError(Npy("{'descr': '<f4', " + c_order + "'shape': (2,), }", Bytes<float>({1}))),
      HasSubstr("ask for 8 bytes of data; the file has 4"));
  EXPECT_THAT(TensorError(Npy("{'descr': '<f4', " + c_order + "'shape': (), }", Bytes<float>({1}))),
              HasSubstr("array is empty"));
  EXPECT_THAT(TensorError(Npy("{'descr': '<f4', " + c_order + "'shape': (0, 3), }", "")),
              HasSubstr("array is empty"));
  EXPECT_THAT(TensorError(Npy("{'descr': '<f4', " + c_order + "'shape': (-1,), }", "")),
              HasSubstr("malformed header"));
  EXPECT_THAT(TensorError(Npy("{'descr': '<f4'}", "")), HasSubstr("malformed header"));
}

TEST(NpyTest, BoundsWhatItReads) {
  // 2^62 elements of 4 bytes do not fit in 63 bits.
  EXPECT_THAT(TensorError(Npy("{'descr': '<f4', 'fortran_order': False, 'shape': "
                              "(2147483648, 2147483648), }",
                              "")),
              HasSubstr("over"));
  const std::string path = Write(
      Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", Bytes<float>({1, 2, 3})));
  EXPECT_TRUE(ReadNpyTensor(path, 12).ok());
  EXPECT_EQ(ReadNpyTensor(path, 11).status().code(), absl::StatusCode::kInvalidArgument);
  std::string file = "\x93NUMPY";
  file += '\x02';
  file += '\0';
  file += "\xff\xff\xff\xff";
  EXPECT_THAT(TensorError(file + "{"), HasSubstr("header of 4294967295 bytes; at most 65536"));
}

TEST(NpyTest, SaysWhatIsWrongWithLabels) {
  const std::string rest = "'fortran_order': False, 'shape': (1,), }\n";
  EXPECT_THAT(LabelError(Npy("{'descr': '<i8', " + rest, Bytes<int64_t>({-1}))),
              HasSubstr("label 0 is -1; allowed: 0 .. 2147483647"));
  EXPECT_THAT(LabelError(Npy("{'descr': '<f4', " + rest, Bytes<float>({1}))), HasSubstr("'<f4'"));
  EXPECT_THAT(LabelError(Npy("{'descr': '<i4', 'fortran_order': False, 'shape': (1, 1), }",
                             Bytes<int32_t>({1}))),
              HasSubstr("labels have 2 dimensions; expected 1"));
}

TEST(NpyTest, NamesAFileThatIsNotThere) {
  const auto result = ReadNpyTensor("/nowhere/x.npy");
  EXPECT_EQ(result.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(result.status().ToString()), HasSubstr("/nowhere/x.npy"));
}

}  // namespace
}  // namespace normbench
