// SPDX-License-Identifier: Apache-2.0
// The checksums and counts were taken from the files with Python's gzip and zlib.
#include "bench/data/fashion_mnist.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace normbench {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

uint32_t Crc(std::span<const uint8_t> bytes) {
  return static_cast<uint32_t>(crc32(0, bytes.data(), static_cast<unsigned>(bytes.size())));
}

std::array<int, kImageClasses> Histogram(const ImageSet& set) {
  std::array<int, kImageClasses> counts = {};
  for (const uint8_t label : set.labels) ++counts[label];
  return counts;
}

TEST(FashionMnistTest, TrainingSplit) {
  const auto set = ReadFashionMnist(FashionMnistFolder(), Split::kTrain);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->count(), 60000U);
  EXPECT_THAT(Histogram(*set), Each(6000));
  EXPECT_EQ(Crc(set->pixels), 0xae65dccdU);
  EXPECT_EQ(Crc(set->labels), 0x2ed6e46aU);
  EXPECT_EQ(Crc(set->image(0)), 0xf270beb5U);
  EXPECT_EQ(Crc(set->image(59999)), 0x6d595368U);
}

TEST(FashionMnistTest, TestSplit) {
  const auto set = ReadFashionMnist(FashionMnistFolder(), Split::kTest);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->count(), 10000U);
  EXPECT_THAT(Histogram(*set), Each(1000));
  EXPECT_EQ(Crc(set->pixels), 0x12728439U);
  EXPECT_EQ(Crc(set->image(0)), 0x52830860U);
  EXPECT_THAT(std::span(set->labels).first(10), ElementsAre(9, 2, 1, 1, 6, 1, 4, 6, 5, 7));
}

TEST(FashionMnistTest, MissingFolderNamesThePackage) {
  const absl::Status status = ReadFashionMnist("/not/there", Split::kTest).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  const std::string text(status.message());
  EXPECT_THAT(text, HasSubstr("/not/there/t10k-images-idx3-ubyte.gz"));
  EXPECT_THAT(text, HasSubstr("install the package dataset-fashion-mnist"));
  EXPECT_THAT(text, HasSubstr("NORMBENCH_FASHION_MNIST"));
}

// The files of the wrong split have another count.
TEST(FashionMnistTest, CountsAreChecked) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(::testing::TempDir()) / "fashion_mnist_test";
  fs::create_directories(folder);
  for (const std::string kind : {"images-idx3", "labels-idx1"}) {
    fs::copy_file(FashionMnistFolder() + "/t10k-" + kind + "-ubyte.gz",
                  folder / ("train-" + kind + "-ubyte.gz"), fs::copy_options::overwrite_existing);
  }
  const absl::Status status = ReadFashionMnist(folder.string(), Split::kTrain).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("dimension 0 is 10000, expected 60000"));
}

TEST(FashionMnistTest, EnvironmentNamesTheFolder) {
  const std::string before = FashionMnistFolder();
  setenv("NORMBENCH_FASHION_MNIST", "/elsewhere", 1);
  EXPECT_EQ(FashionMnistFolder(), "/elsewhere");
  setenv("NORMBENCH_FASHION_MNIST", before.c_str(), 1);
  EXPECT_EQ(FashionMnistFolder(), before);
}

}  // namespace
}  // namespace normbench
