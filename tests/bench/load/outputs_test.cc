// SPDX-License-Identifier: Apache-2.0
#include "bench/load/outputs.h"

#include <gtest/gtest.h>

#include <string>

#include "bench/norm/checksum.h"

namespace normbench {
namespace {

std::span<const std::byte> Bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string Text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(OutputLedger, KeepsOneCopyOfEachDistinctAnswer) {
  OutputLedger ledger(2, 1000);
  EXPECT_EQ(ledger.inputs(), 2);
  EXPECT_EQ(ledger.max_distinct(), 0);
  std::string answer = "first";
  ledger.Add(0, Bytes(answer));
  answer = "other";  // the ledger has its own copy
  ledger.Add(0, Bytes(answer));
  ledger.Add(0, Bytes("first"));
  ledger.Add(1, Bytes("first"));
  ASSERT_EQ(ledger.of(0).size(), 2u);
  EXPECT_EQ(ledger.of(0)[0].count, 2);
  EXPECT_EQ(ledger.of(0)[0].checksum, Checksum("first", 5));
  EXPECT_TRUE(ledger.of(0)[0].kept);
  EXPECT_EQ(Text(ledger.of(0)[0].payload), "first");
  EXPECT_EQ(Text(ledger.of(0)[1].payload), "other");
  EXPECT_EQ(ledger.of(0)[1].count, 1);
  EXPECT_EQ(ledger.of(1).size(), 1u);
  EXPECT_EQ(ledger.max_distinct(), 2);
  EXPECT_EQ(ledger.not_kept(), 0);
}

TEST(OutputLedger, OneBitIsADifference) {
  OutputLedger ledger(1, 1000);
  ledger.Add(0, Bytes("answer"));
  ledger.Add(0, Bytes("answes"));  // r and s differ in one bit
  EXPECT_EQ(ledger.max_distinct(), 2);
}

TEST(OutputLedger, BeyondTheByteBoundItOnlyCounts) {
  OutputLedger ledger(3, 10);
  ledger.Add(0, Bytes("123456"));
  ledger.Add(1, Bytes("123456"));  // 12 bytes would be too many
  ledger.Add(1, Bytes("123456"));
  ledger.Add(2, Bytes("1234"));  // exactly 10
  EXPECT_TRUE(ledger.of(0)[0].kept);
  EXPECT_FALSE(ledger.of(1)[0].kept);
  EXPECT_TRUE(ledger.of(1)[0].payload.empty());
  EXPECT_EQ(ledger.of(1)[0].count, 2);
  EXPECT_TRUE(ledger.of(2)[0].kept);
  EXPECT_EQ(ledger.not_kept(), 2);
  EXPECT_EQ(ledger.max_distinct(), 1);
}

TEST(OutputLedger, AnEmptyAnswerIsAnAnswer) {
  OutputLedger ledger(1, 10);
  ledger.Add(0, {});
  ASSERT_EQ(ledger.of(0).size(), 1u);
  EXPECT_TRUE(ledger.of(0)[0].kept);
  EXPECT_EQ(ledger.not_kept(), 0);
}

TEST(OutputLedger, DistinctAnswersAreBounded) {
  OutputLedger ledger(2, 1000);
  for (char c = 'a'; c < 'a' + 16; ++c) ledger.Add(1, Bytes(std::string(1, c)));
  EXPECT_EQ(ledger.max_distinct(), 16);
  EXPECT_EQ(ledger.not_kept(), 0);
  ledger.Add(1, Bytes("too many"));
  ledger.Add(1, Bytes("a"));
  EXPECT_EQ(ledger.of(1).size(), OutputLedger::kMaxDistinct);
  EXPECT_EQ(ledger.max_distinct(), 17);
  EXPECT_EQ(ledger.not_kept(), 1);
  EXPECT_EQ(ledger.of(1)[0].count, 2);
}

TEST(OutputLedger, CountsEachAnswerByTheBatchThatItRodeIn) {
  OutputLedger ledger(2, 1000);
  for (const int formed : {4, 1, 4, 0}) ledger.Add(1, Bytes("a"), formed);
  ledger.Add(1, Bytes("b"), 4);
  ASSERT_EQ(ledger.of(1).size(), 2u) << "the same bits are one answer, whatever the batch";
  const std::vector<FormedCount>& formed = ledger.of(1)[0].formed;
  ASSERT_EQ(formed.size(), 3u);
  EXPECT_EQ(formed[0].formed_batch, 4);
  EXPECT_EQ(formed[0].count, 2);
  EXPECT_EQ(formed[1].formed_batch, 1);
  EXPECT_EQ(formed[2].formed_batch, 0) << "not known";
  EXPECT_EQ(formed[2].count, 1);
  EXPECT_EQ(ledger.of(1)[1].formed[0].count, 1);
}

TEST(OutputLedger, KeepsAsManyAsItIsToldAndCountsTheOthersByBatch) {
  OutputLedger ledger(1, 10000, 20);
  for (char c = 'a'; c < 'a' + 20; ++c) ledger.Add(0, Bytes(std::string(1, c)), 2);
  EXPECT_EQ(ledger.of(0).size(), 20u);
  EXPECT_EQ(ledger.not_kept(), 0);
  EXPECT_EQ(ledger.max_distinct(), 17) << "no more are told apart in results";
  for (const int formed : {8, 8, 3}) ledger.Add(0, Bytes("too many"), formed);
  EXPECT_EQ(ledger.of(0).size(), 20u);
  EXPECT_EQ(ledger.not_kept(), 3);
  ASSERT_EQ(ledger.beyond(0).size(), 2u);
  EXPECT_EQ(ledger.beyond(0)[0].formed_batch, 8);
  EXPECT_EQ(ledger.beyond(0)[0].count, 2);
}

TEST(OutputLedger, OfManyAnswersTheEntriesCountAmongTheBytes) {
  constexpr size_t kBytes = 100'000;
  OutputLedger ledger(1, kBytes, 4096);
  for (int i = 0; i < 4096; ++i) ledger.Add(0, std::as_bytes(std::span(&i, 1)), 2);
  EXPECT_LT(ledger.of(0).size(), kBytes / sizeof(DistinctOutput));
  EXPECT_GT(ledger.of(0).size(), 100u);
  EXPECT_TRUE(ledger.of(0).back().kept);
  ASSERT_EQ(ledger.beyond(0).size(), 1u);
  EXPECT_EQ(ledger.beyond(0)[0].count, ledger.not_kept());
  EXPECT_EQ(ledger.not_kept(), 4096 - std::ssize(ledger.of(0)));
}

}  // namespace
}  // namespace normbench
