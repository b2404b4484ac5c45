// SPDX-License-Identifier: Apache-2.0
#include "bench/data/idx_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::array<uint32_t, 2> kDims = {2, 3};

// Magic 2050 (bytes, two dimensions), 2 x 3, six elements.
std::string GoodFile() {
  return std::string("\0\0\x08\x02\0\0\0\x02\0\0\0\x03", 12) + "abcdef";
}

class IdxFileTest : public ::testing::Test {
 protected:
  void Write(const std::string& content) {
    const gzFile file = gzopen(path_.c_str(), "wb");
    gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
    gzclose(file);
  }

  absl::Status Read() { return ReadIdxFile(path_, kDims).status(); }

  void ExpectDamage(const std::string& text) {
    const absl::Status status = Read();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()), HasSubstr(path_));
    EXPECT_THAT(std::string(status.message()), HasSubstr(text));
  }

  const std::string path_ = ::testing::TempDir() + "idx_file_test_" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".gz";
};

TEST_F(IdxFileTest, ReadsTheElements) {
  Write(GoodFile());
  const auto data = ReadIdxFile(path_, kDims);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(*data, ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
}

TEST_F(IdxFileTest, MissingFile) {
  const absl::Status status = ReadIdxFile(path_ + ".not-there", kDims).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr(".not-there: No such file"));
}

TEST_F(IdxFileTest, WrongMagic) {
  std::string content = GoodFile();
  content[3] = 3;
  Write(content);
  ExpectDamage("starts with 2051, an IDX file of 2 dimensions of bytes with 2050");
}

TEST_F(IdxFileTest, WrongDimension) {
  std::string content = GoodFile();
  content[11] = 4;
  Write(content);
  ExpectDamage("dimension 1 is 4, expected 3");
}

TEST_F(IdxFileTest, TooShort) {
  Write(GoodFile().substr(0, 15));
  ExpectDamage("ends after 3 of 6 expected bytes");
}

TEST_F(IdxFileTest, EndsInTheHeader) {
  Write(GoodFile().substr(0, 7));
  ExpectDamage("ends after 7 of 12 expected bytes");
}

TEST_F(IdxFileTest, TooLong) {
  Write(GoodFile() + "g");
  ExpectDamage("is longer than its dimensions say");
}

TEST_F(IdxFileTest, CutGzipStream) {
  Write(GoodFile());
  std::ifstream in(path_, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  std::ofstream(path_, std::ios::binary) << bytes.substr(0, bytes.size() - 8);
  ExpectDamage("unexpected end of file");
}

TEST_F(IdxFileTest, DamagedChecksum) {
  Write(GoodFile());
  std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(-8, std::ios::end);
  file.put('!');
  file.close();
  ExpectDamage("incorrect data check");
}

}  // namespace
}  // namespace normbench
