// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <utility>

#include "google/protobuf/stubs/logging.h"
#include "inference/grpc_service.pb.h"
#include "normbench/v1/normalization.pb.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

constexpr int kFields[] = {10, 11, 12, 13, 14};
constexpr int kRawInputs[] = {7};

// `bytes` in slices of at most `longest`, some of them empty.
grpc::ByteBuffer Cut(const std::string& bytes, std::mt19937& random, size_t longest) {
  std::vector<grpc::Slice> slices;
  for (size_t at = 0; at < bytes.size();) {
    const size_t size = std::min(random() % (longest + 1), bytes.size() - at);
    slices.emplace_back(bytes.data() + at, size);
    at += size;
  }
  return grpc::ByteBuffer(slices.data(), slices.size());
}

grpc::ByteBuffer Whole(const std::string& bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

std::string Text(BytesView view) {
  std::string text(view.size(), '\0');
  view.CopyTo(text.data());
  return text;
}

std::string Text(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(buffer.Dump(&slices).ok());
  std::string text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

absl::StatusOr<RawMessage> Decode(const grpc::ByteBuffer& buffer, v1::NormalizeRequest& header) {
  return RawMessage::Decode(buffer, {.tensor_fields = kFields}, header);
}

std::string RandomBytes(std::mt19937& random, size_t longest) {
  std::string bytes(random() % (longest + 1), '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

v1::NormalizeRequest RandomRequest(std::mt19937& random) {
  v1::NormalizeRequest request;
  if (random() % 8 != 0) {
    request.mutable_spec()->set_norm("group");
    request.mutable_spec()->set_groups(static_cast<int>(random() % 64));
    if (random() % 2 == 0) request.mutable_spec()->set_eps(1.0 / (random() % 1000 + 1));
  }
  for (size_t i = random() % 5; i > 0; --i) request.add_shape(static_cast<int64_t>(random()) - 99);
  if (random() % 2 == 0) request.set_impl(std::string(random() % 200, 'i'));
  request.set_want_statistics(random() % 2 == 0);
  if (random() % 8 != 0) request.set_x(RandomBytes(random, 400));
  if (random() % 2 == 0) request.set_gamma(RandomBytes(random, 40));
  if (random() % 2 == 0) request.set_beta(RandomBytes(random, 40));
  if (random() % 4 == 0) request.set_mean(RandomBytes(random, 4));
  if (random() % 4 == 0) request.set_variance(RandomBytes(random, 4));
  return request;
}

// Puts the views back where the generated parser would have put them.
void Join(const RawMessage& message, v1::NormalizeRequest& header) {
  header.set_x(Text(message.Last(10)));
  header.set_gamma(Text(message.Last(11)));
  header.set_beta(Text(message.Last(12)));
  header.set_mean(Text(message.Last(13)));
  header.set_variance(Text(message.Last(14)));
}

TEST(RawMessage, EqualsTheGeneratedParserHoweverTheBytesAreCut) {
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    const v1::NormalizeRequest request = RandomRequest(random);
    const std::string bytes = request.SerializeAsString();
    v1::NormalizeRequest header;
    const absl::StatusOr<RawMessage> message =
        Decode(Cut(bytes, random, i % 3 == 0 ? 1 : 1 + i % 300), header);
    ASSERT_TRUE(message.ok()) << message.status();
    EXPECT_TRUE(header.x().empty()) << "the tensor was copied";
    Join(*message, header);
    ASSERT_EQ(header.SerializeAsString(), bytes);
  }
}

TEST(RawMessage, RepeatedTensorsKeepTheirOrder) {
  std::mt19937 random(2);
  for (int i = 0; i < 500; ++i) {
    inference::ModelInferRequest request;
    request.set_model_name("plain6");
    for (size_t n = random() % 6; n > 0; --n) {
      request.add_inputs()->set_name(RandomBytes(random, 0) + "x");
      request.add_raw_input_contents(RandomBytes(random, 200));
    }
    inference::ModelInferRequest header;
    const absl::StatusOr<RawMessage> message =
        RawMessage::Decode(Cut(request.SerializeAsString(), random, 1 + i % 50),
                           {.tensor_fields = kRawInputs}, header);
    ASSERT_TRUE(message.ok()) << message.status();
    for (const BytesView view : message->All(7)) header.add_raw_input_contents(Text(view));
    ASSERT_EQ(header.SerializeAsString(), request.SerializeAsString());
  }
}

TEST(RawMessage, AnEmptyMessageIsEveryDefault) {
  v1::NormalizeRequest header;
  EXPECT_TRUE(Decode(grpc::ByteBuffer(), header).ok()) << "a call without a message";
  const absl::StatusOr<RawMessage> message = Decode(Whole(""), header);
  ASSERT_TRUE(message.ok());
  EXPECT_TRUE(message->Last(10).empty());
  EXPECT_EQ(header.ByteSizeLong(), 0u);
}

TEST(RawMessage, OfASingularFieldTheLastOneCounts) {
  v1::NormalizeRequest first, second;
  first.set_x("first");
  first.set_impl("torch");
  second.set_x("2nd");
  second.set_impl("auto");
  v1::NormalizeRequest header;
  const absl::StatusOr<RawMessage> message =
      Decode(Whole(first.SerializeAsString() + second.SerializeAsString()), header);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(Text(message->Last(10)), "2nd");
  EXPECT_EQ(message->All(10).size(), 2u);
  EXPECT_EQ(header.impl(), "auto");
}

// From kStreamBytes on another copy is used.
TEST(RawMessage, ALargeTensorInPiecesIsGathered) {
  std::mt19937 random(1);
  v1::NormalizeRequest request, header;
  std::string& x = *request.mutable_x();
  x.resize(size_t{5} << 20);
  std::generate(x.begin(), x.end(), [&] { return static_cast<char>(random()); });
  const auto message = Decode(Cut(request.SerializeAsString(), random, 65536), header);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_TRUE(Text(message->Last(10)) == x);  // not EXPECT_EQ: it would print all of them
}

TEST(RawMessage, AMovedMessageKeepsItsViews) {
  v1::NormalizeRequest request, header;
  request.set_x("tensor");
  absl::StatusOr<RawMessage> message = Decode(Whole(request.SerializeAsString()), header);
  ASSERT_TRUE(message.ok());
  const BytesView view = message->Last(10);
  const RawMessage moved = *std::move(message);
  EXPECT_EQ(Text(view), "tensor");
}

struct Malformed {
  std::string bytes;
  const char* says;
};

TEST(RawMessage, RefusesWhatIsMalformed) {
  const std::string long_tag = std::string(5, '\xff') + '\x01';
  const std::vector<Malformed> cases = {
      {"\x52", "the number in field 10 does not end"},
      {"\x52\x80", "the number in field 10 does not end"},
      {std::string("\x52\x80\x80\x80\x80\x80\x00", 7), "the number in field 10 does not end"},
      {"\x52\x05"
       "abc",
       "field 10 has 5 bytes where only 3 are left"},
      {"\x52\xff\xff\xff\xff\x07", "the number in field 10 does not end"},
      {"\x53", "field 10 has wire type 3"},
      {"\x54", "field 10 has wire type 4"},
      {"\x56", "field 10 has wire type 6"},
      {"\x50\x01", "field 10 has wire type 0; allowed: 2"},
      {"\x55"
       "abcd",
       "field 10 has wire type 5; allowed: 2"},
      {"\x51"
       "abcd",
       "field 10 has 8 bytes where only 4 are left"},
      {std::string("\x00\x00", 2), "not a field number"},
      {std::string("\x02\x00", 2), "not a field number"},
      {long_tag, "not a field number"},
      {"\x80", "not a field number"},
      {"\x38" + std::string(10, '\xff'), "the number in field 7 does not end"},
      {"\x0a\x03\x0a\x05x", "not a valid normbench.v1.NormalizeRequest"},
      {"\x1a\x01\xff", "not a valid normbench.v1.NormalizeRequest"}};
  for (const Malformed& bad : cases) {
    v1::NormalizeRequest header;
    const absl::Status status = Decode(Whole(bad.bytes), header).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad.says;
    EXPECT_THAT(std::string(status.message()), HasSubstr(bad.says));
  }
}

TEST(RawMessage, BoundsWhatItKeeps) {
  v1::NormalizeRequest header;
  std::string many;
  for (int i = 0; i < 65; ++i) many += std::string("\x52\x00", 2);
  EXPECT_TRUE(Decode(Whole(many.substr(2)), header).ok());
  EXPECT_EQ(Decode(Whole(many), header).status().message(), "message: more than 64 tensors");
  v1::NormalizeRequest request;
  request.set_impl(std::string(1 << 20, 'x'));
  EXPECT_EQ(Decode(Whole(request.SerializeAsString()), header).status().message(),
            "message: more than 1048576 bytes beside its tensors");
  const DecodeOptions wide = {.tensor_fields = kFields, .max_header_bytes = (1 << 20) + 4};
  EXPECT_TRUE(RawMessage::Decode(Whole(request.SerializeAsString()), wide, header).ok());
}

TEST(DecodeWhole, SaysHowManyBytesAreTooMany) {
  v1::NormalizeRequest request, decoded;
  request.set_impl("torch");
  const std::string bytes = request.SerializeAsString();
  ASSERT_EQ(bytes.size(), 7u);
  EXPECT_TRUE(DecodeWhole(Whole(bytes), 7, decoded).ok());
  EXPECT_EQ(decoded.impl(), "torch");
  const absl::Status refused = DecodeWhole(Whole(bytes), 6, decoded);
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(refused.message(), "message: 7 bytes; allowed: at most 6");
}

// One small change to valid bytes, of the kinds that have broken parsers.
void Mutate(std::string& bytes, std::mt19937& random) {
  const auto place = [&] { return random() % (bytes.size() + 1); };
  switch (random() % 5) {
    case 0:
      if (!bytes.empty()) bytes[random() % bytes.size()] = static_cast<char>(random());
      break;
    case 1:
      if (!bytes.empty()) bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
      break;
    case 2:
      bytes.resize(place());
      break;
    case 3:
      bytes.insert(place(), RandomBytes(random, 11));
      break;
    default: {
      const size_t from = place();
      bytes.insert(place(), bytes.substr(from, random() % 20));
    }
  }
}

TEST(RawMessage, AcceptsNothingThatTheGeneratedParserReadsOtherwise) {
  const google::protobuf::LogSilencer no_lines_about_utf8;
  std::mt19937 random(3);
  int accepted = 0;
  for (int i = 0; i < 60000; ++i) {
    std::string bytes = RandomRequest(random).SerializeAsString();
    for (size_t n = 1 + random() % 3; n > 0; --n) Mutate(bytes, random);
    v1::NormalizeRequest header, generated;
    const absl::StatusOr<RawMessage> message = Decode(Cut(bytes, random, 1 + i % 40), header);
    if (!message.ok()) {
      ASSERT_EQ(message.status().code(), absl::StatusCode::kInvalidArgument);
      continue;
    }
    ++accepted;
    ASSERT_TRUE(generated.ParseFromString(bytes)) << i;
    Join(*message, header);
    // Unknown fields may come in another order; only known ones have a meaning.
    header.DiscardUnknownFields();
    generated.DiscardUnknownFields();
    ASSERT_EQ(header.SerializeAsString(), generated.SerializeAsString()) << i;
  }
  EXPECT_GT(accepted, 10000) << "mutations that are always refused test nothing";
  EXPECT_LT(accepted, 50000) << "mutations that are always accepted test nothing";
}

class EncodeTest : public ::testing::Test {
 protected:
  Buffer Filled(const std::string& text) {
    Buffer buffer = pool_->Get(text.size());
    std::memcpy(buffer.data(), text.data(), text.size());
    return buffer;
  }

  std::shared_ptr<BufferPool> pool_ = BufferPool::Create(1 << 20);
};

TEST_F(EncodeTest, EqualsTheGeneratedSerializer) {
  std::mt19937 random(4);
  for (int i = 0; i < 500; ++i) {
    v1::NormalizeResponse header, whole;
    header.set_impl(std::string(random() % 200, 'i'));
    header.set_compute_seconds(1.0 / (random() % 100 + 1));
    whole = header;
    const std::string mean = "m" + RandomBytes(random, 300);
    const std::string y = "y" + RandomBytes(random, 3000);
    whole.set_mean(mean);
    whole.set_y(y);
    std::vector<TensorField> tensors;
    tensors.push_back({5, Filled(mean), mean.size()});
    tensors.push_back({7, Filled(y), y.size()});
    const absl::StatusOr<grpc::ByteBuffer> encoded = Encode(header, std::move(tensors));
    ASSERT_TRUE(encoded.ok());
    ASSERT_EQ(Text(*encoded), whole.SerializeAsString());
  }
}

TEST_F(EncodeTest, ARepeatedTensorMayBeEmpty) {
  inference::ModelInferResponse header, whole;
  header.set_model_name("m");
  whole = header;
  whole.add_raw_output_contents("");
  whole.add_raw_output_contents("ab");
  std::vector<TensorField> tensors;
  tensors.push_back({6, Buffer(), 0});
  tensors.push_back({6, Filled("ab"), 2});
  const absl::StatusOr<grpc::ByteBuffer> encoded = Encode(header, std::move(tensors));
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(Text(*encoded), whole.SerializeAsString());
}

TEST_F(EncodeTest, WithoutTensorsItIsTheHeader) {
  v1::NormalizeResponse header;
  EXPECT_EQ(Encode(header, {})->Length(), 0u);
  header.set_impl("torch");
  EXPECT_EQ(Text(*Encode(header, {})), header.SerializeAsString());
}

TEST_F(EncodeTest, TheTensorIsNotCopiedAndGoesBackToItsPool) {
  Buffer buffer = Filled(std::string(100000, 't'));
  const std::byte* memory = buffer.data();
  std::vector<TensorField> tensors;
  tensors.push_back({7, std::move(buffer), 100000});
  absl::StatusOr<grpc::ByteBuffer> encoded = Encode(v1::NormalizeResponse(), std::move(tensors));
  ASSERT_TRUE(encoded.ok());
  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(encoded->Dump(&slices).ok());
  EXPECT_TRUE(std::ranges::any_of(slices, [&](const grpc::Slice& slice) {
    return static_cast<const void*>(slice.begin()) == memory;
  }));
  EXPECT_EQ(pool_->kept_bytes(), 0u);
  slices.clear();
  encoded->Clear();
  EXPECT_GE(pool_->kept_bytes(), 100000u);
  EXPECT_EQ(pool_->Get(100000).data(), memory);
}

TEST_F(EncodeTest, RefusesAMessageThatProtobufCouldNotRead) {
  std::vector<TensorField> tensors;
  tensors.push_back({7, Filled("x"), size_t{1} << 31});
  const absl::Status status = Encode(v1::NormalizeResponse(), std::move(tensors)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("allowed: at most 2147483647"));
}

}  // namespace
}  // namespace normbench
