// SPDX-License-Identifier: Apache-2.0
#include "server/backends/aoti_package.h"

#include <caffe2/serialize/inline_container.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace normbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using Records = std::map<std::string, std::string>;

const char* const kNote = "data/aotinductor/model/c1.wrapper_metadata.json";
const char* const kCode = "data/aotinductor/model/c1.wrapper.so";

Records Good() {
  return {{"archive_format", "pt2"},
          {"archive_version", "0"},
          {kNote, R"({"AOTI_DEVICE_KEY": "cpu", "torch_version": "2.15.0"})"},
          {kCode, std::string(3 << 20, 'c')},
          {"data/aotinductor/model/c1.wrapper.cpp", "int x;"},
          {"data/constants/weight_0", "w"},
          {"data/aotinductor/other/c2.wrapper.so", "o"}};
}

// Writes the file that holds `records`, beside a folder for temporary files.
std::string Write(const Records& records) {
  const std::string path = ::testing::TempDir() + "/p.pt2";
  caffe2::serialize::PyTorchStreamWriter writer(path);
  for (const auto& [name, text] : records) writer.writeRecord(name, text.data(), text.size());
  writer.writeEndOfFile();
  return path;
}

class AotiPackageTest : public testing::Test {
 protected:
  AotiPackageTest() : temporary_(::testing::TempDir() + "/temporary") {
    fs::remove_all(temporary_);
    fs::create_directories(temporary_);
    setenv("TMPDIR", temporary_.c_str(), 1);
  }

  // Whatever happened, nothing of it is left.
  ~AotiPackageTest() override { EXPECT_TRUE(fs::is_empty(temporary_)); }

  static std::string ErrorOf(const Records& records) {
    const absl::Status status = AotiPackage::Open(Write(records)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  }

  static std::string ErrorWith(const std::string& record, const std::string& text) {
    Records records = Good();
    records[record] = text;
    return ErrorOf(records);
  }

  static std::string ErrorWithout(const std::string& record) {
    Records records = Good();
    records.erase(record);
    return ErrorOf(records);
  }

 private:
  const std::string temporary_;
};

TEST_F(AotiPackageTest, IsUnpackedAndTellsWhatItWasMadeFor) {
  const auto package = AotiPackage::Open(Write(Good()));
  ASSERT_TRUE(package.ok()) << package.status();
  EXPECT_THAT(package->metadata(), UnorderedElementsAre(Pair("AOTI_DEVICE_KEY", "cpu"),
                                                        Pair("torch_version", "2.15.0")));
  const fs::path folder = package->folder();
  EXPECT_EQ(fs::file_size(folder / kCode), 3U << 20);
  EXPECT_EQ(fs::file_size(folder / "data/constants/weight_0"), 1U);
  EXPECT_FALSE(fs::exists(folder / "data/aotinductor/other")) << "another model's";
}

TEST_F(AotiPackageTest, WhatIsNoPackageIsRefused) {
  const std::string path = ::testing::TempDir() + "/text.pt2";
  std::ofstream(path) << "text";
  EXPECT_THAT(std::string(AotiPackage::Open(path).status().message()),
              HasSubstr("no AOTInductor package: LibTorch: "));
  const std::string cut = Write(Good());
  fs::resize_file(cut, fs::file_size(cut) / 2);
  EXPECT_THAT(std::string(AotiPackage::Open(cut).status().message()),
              HasSubstr("no AOTInductor package: LibTorch: "));
  EXPECT_EQ(ErrorOf({{"data.pkl", "x"}}),
            "no AOTInductor package; allowed: what torch._inductor.aoti_compile_and_package "
            "writes");
}

TEST_F(AotiPackageTest, AnotherVersionOfTheFormatIsNamed) {
  EXPECT_EQ(ErrorWith("archive_version", "7"),
            "the package is of archive_version 7; allowed, by this LibTorch: 0");
}

TEST_F(AotiPackageTest, APackageWithoutItsModelOrItsCodeIsRefused) {
  EXPECT_THAT(ErrorWithout(kNote), HasSubstr("holds no AOTInductor model called \"model\""));
  EXPECT_THAT(ErrorWithout(kCode), HasSubstr("holds no compiled code"));
  EXPECT_THAT(ErrorWith(kNote, "{"), HasSubstr("no AOTInductor package: LibTorch: "));
  EXPECT_THAT(ErrorWith(kNote, R"({"AOTI_DEVICE_KEY": 7})"), HasSubstr("no AOTInductor package"));
}

TEST_F(AotiPackageTest, NothingIsWrittenOutsideItsFolder) {
  Records records = Good();
  records["data/aotinductor/model/../../../../escaped"] = "x";
  EXPECT_TRUE(AotiPackage::Open(Write(records)).ok());
}

}  // namespace
}  // namespace normbench
