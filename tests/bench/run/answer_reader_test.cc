// SPDX-License-Identifier: Apache-2.0
#include "bench/run/answer_reader.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

#include "inference/grpc_service.pb.h"
#include "normbench/v1/normalization.pb.h"

namespace normbench {
namespace {

std::string Text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> Span(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

// `text` in slices of at most `piece` bytes, as gRPC delivers big messages.
grpc::ByteBuffer Buffer(const std::string& text, size_t piece) {
  std::vector<grpc::Slice> slices;
  for (size_t at = 0; at < text.size(); at += piece) slices.emplace_back(text.substr(at, piece));
  return {slices.data(), slices.size()};
}

std::string Answer(const std::string& y) {
  v1::NormalizeResponse response;
  response.set_impl("torch");
  response.set_queue_seconds(0.25);
  response.set_y(y);
  response.set_mean("mmmm");
  return response.SerializeAsString();
}

TEST(AnswerReaderTest, FindsTheTensorAmongOtherFields) {
  AnswerReader reader;
  const auto buffer = Buffer(Answer("the tensor"), 1 << 20);
  const auto payload = reader.Read(buffer, v1::NormalizeResponse::kYFieldNumber);
  ASSERT_TRUE(payload.ok()) << payload.status();
  EXPECT_EQ(Text(*payload), "the tensor");
  EXPECT_EQ(Text(reader.message()), Answer("the tensor"));
}

TEST(AnswerReaderTest, GathersSlicesAndReusesItsMemory) {
  AnswerReader reader;
  const std::string big(200000, 'x');
  for (const std::string& y : {big, std::string("small"), big + "tail"}) {
    for (const size_t piece : {1000, 1 << 20}) {
      const auto buffer = Buffer(Answer(y), piece);
      const auto payload = reader.Read(buffer, v1::NormalizeResponse::kYFieldNumber);
      ASSERT_TRUE(payload.ok()) << payload.status();
      EXPECT_EQ(Text(*payload), y);
    }
  }
}

TEST(AnswerReaderTest, JoinsSeveralOutputs) {
  inference::ModelInferResponse response;
  response.set_id("42");
  response.add_raw_output_contents("first");
  response.add_raw_output_contents("second");
  AnswerReader reader;
  const auto buffer = Buffer(response.SerializeAsString(), 1 << 20);
  const auto payload =
      reader.Read(buffer, inference::ModelInferResponse::kRawOutputContentsFieldNumber);
  ASSERT_TRUE(payload.ok()) << payload.status();
  EXPECT_EQ(Text(*payload), "firstsecond");
}

TEST(AnswerReaderTest, RefusesAnAnswerWithoutTensor) {
  AnswerReader reader;
  v1::NormalizeResponse response;
  response.set_impl("torch");
  const auto buffer = Buffer(response.SerializeAsString(), 1 << 20);
  const auto payload = reader.Read(buffer, v1::NormalizeResponse::kYFieldNumber);
  EXPECT_EQ(payload.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(payload.status().message(), "the answer has no tensor bytes (field 7)");
}

TEST(FindFieldsTest, SkipsEveryWireType) {
  // field 1 varint 300, field 2 fixed64, field 3 fixed32, field 7 "ab"
  const std::string message(
      "\x08\xac\x02\x11"
      "12345678"
      "\x1d"
      "1234"
      "\x3a\x02"
      "ab",
      21);
  std::vector<std::span<const std::byte>> found;
  ASSERT_TRUE(FindFields(Span(message), 7, &found));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(Text(found[0]), "ab");
}

TEST(FindFieldsTest, RefusesWhatIsNoMessage) {
  std::vector<std::span<const std::byte>> found;
  EXPECT_FALSE(FindFields(Span(std::string("\x3a\x05"
                                           "ab",
                                           4)),
                          7, &found));                                // 5 announced, 2 there
  EXPECT_FALSE(FindFields(Span(std::string("\x3b", 1)), 7, &found));  // a group
  EXPECT_FALSE(FindFields(Span(std::string("\x11"
                                           "123",
                                           4)),
                          7, &found));                                 // fixed64 cut
  EXPECT_FALSE(FindFields(Span(std::string(11, '\xff')), 7, &found));  // varint without end
  EXPECT_FALSE(FindFields(Span(std::string("\x3a", 1)), 7, &found));   // no length
}

TEST(FindFieldsTest, SurvivesAnyBytes) {
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = Answer("payload of some length");
    bytes.resize(random() % (bytes.size() + 1));
    for (int flips = 0; flips < 3 && !bytes.empty(); ++flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    std::vector<std::span<const std::byte>> found;
    FindFields(Span(bytes), 7, &found);
    for (const auto& field : found) {
      EXPECT_LE(field.data() + field.size(), Span(bytes).data() + bytes.size());
    }
  }
}

}  // namespace
}  // namespace normbench
