// SPDX-License-Identifier: Apache-2.0
#include "server/trace/trace_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace normbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class TraceFileTest : public ::testing::Test {
 protected:
  TraceFileTest() { fs::remove(path_); }
  ~TraceFileTest() override { fs::remove(path_); }

  std::string Content() const {
    std::stringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  const std::string path_ = ::testing::TempDir() + "trace_" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(TraceFileTest, AppendsToWhatIsThere) {
  for (const char* line : {"one", "two"}) {
    const auto file = TraceFile::Open(path_);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE((*file)->Append(line));
  }
  EXPECT_EQ(Content(), "one\ntwo\n");
  EXPECT_EQ(fs::status(path_).permissions() & fs::perms::others_all, fs::perms::none);
}

TEST_F(TraceFileTest, AFileThatCannotBeOpenedIsNamed) {
  const absl::Status status = TraceFile::Open("/no/such/folder/t").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::string(status.message()),
            "cannot open '/no/such/folder/t': No such file or directory");
}

TEST_F(TraceFileTest, AFullDiskIsSaid) {
  const auto full = TraceFile::Open("/dev/full");
  ASSERT_TRUE(full.ok()) << full.status();
  EXPECT_FALSE((*full)->Append("line"));
  EXPECT_FALSE((*full)->Append("line"));
}

// A pipe takes what fits, then nothing until somebody reads: nobody waits for that, and the line
// that was cut ends before the next one begins.
TEST_F(TraceFileTest, ALineThatIsCutDoesNotRunIntoTheNext) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(std::string(TraceFile::Open(path_).status().message()), HasSubstr("cannot open"))
      << "nobody reads";
  const int reader = open(path_.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  const auto file = TraceFile::Open(path_);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_FALSE((*file)->Append(std::string(1 << 20, 'x')));
  std::string taken(1 << 20, ' ');
  taken.resize(static_cast<size_t>(read(reader, taken.data(), taken.size())));
  EXPECT_EQ(taken.find_first_not_of('x'), std::string::npos);
  EXPECT_TRUE((*file)->Append("next"));
  EXPECT_TRUE((*file)->Append("last"));
  std::string rest(100, ' ');
  rest.resize(static_cast<size_t>(read(reader, rest.data(), rest.size())));
  EXPECT_EQ(rest, "\nnext\nlast\n");
  close(reader);
}

TEST_F(TraceFileTest, LinesOfManyThreadsStayWhole) {
  const auto file = TraceFile::Open(path_);
  ASSERT_TRUE(file.ok());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) (*file)->Append(std::string(500, static_cast<char>('a' + t)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::istringstream text(Content());
  int lines = 0;
  for (std::string line; std::getline(text, line); ++lines) {
    EXPECT_EQ(line, std::string(500, line[0]));
  }
  EXPECT_EQ(lines, 400);
}

}  // namespace
}  // namespace normbench
