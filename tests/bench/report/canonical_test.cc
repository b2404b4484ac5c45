// SPDX-License-Identifier: Apache-2.0
#include "bench/report/canonical.h"

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using google::protobuf::util::MessageDifferencer;

template <typename M>
M Proto(const std::string& text) {
  M message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

template <typename M>
void ExpectCanonical(const std::string& given, const std::string& expected) {
  const CaseSpec canonical = Canonical(Proto<M>(given));
  EXPECT_TRUE(MessageDifferencer::Equals(std::get<M>(canonical), Proto<M>(expected)))
      << std::get<M>(canonical).DebugString();
  EXPECT_TRUE(
      MessageDifferencer::Equals(std::get<M>(Canonical(canonical)), std::get<M>(canonical)));
}

TEST(Canonical, FillsInTheDefaultsOfANorm) {
  ExpectCanonical<v1::NormCase>("spec { norm: 'batch' } shape: [ 1, 2 ]", R"(
      spec { norm: "batch" stats: "running" affine: "channel" eps: 1e-5 }
      shape: [ 1, 2 ] dtype: "f32" layout: "nchw" impl: "auto" device: "auto" cache: "hot"
      threads: 1 data: "normal" seed: 1)");
}

TEST(Canonical, DropsWhatDoesNotApply) {
  ExpectCanonical<v1::ServiceCase>(
      "norm_case { spec { norm: 'rms' stats: 'batch' groups: 4 eps: 0.5 } shape: [ 1, 2 ] seed: 3 "
      "}",
      R"(
      norm_case {
        spec { norm: "rms" affine: "channel" eps: 0.5 }
        shape: [ 1, 2 ] dtype: "f32" layout: "nchw" impl: "auto" device: "auto" cache: "hot"
        threads: 1 data: "normal" seed: 3
      }
      in_flight: 1 load { channels: 1 })");
}

TEST(Canonical, AnOpenLoopHasItsOwnDefaults) {
  ExpectCanonical<v1::ModelCase>("model: 'm' data: 'fmnist-wide' load { arrivals: 'poisson:1e2' }",
                                 "model: 'm' data: 'fmnist-wide' request_batch: 1 in_flight: 1024"
                                 " load { arrivals: 'poisson:100' late: 'send' channels: 1 }");
}

TEST(Canonical, ModelParametersAreNoPartOfTheIdentity) {
  ExpectCanonical<v1::ModelCase>(
      "model: 'm' data: 'fmnist-wide' parameters { key: 'norm' value: 'batch' }",
      "model: 'm' data: 'fmnist-wide' request_batch: 1 in_flight: 8 load { channels: 1 }");
}

TEST(Canonical, InvarianceCasesHaveSets) {
  ExpectCanonical<v1::InvarianceCase>(
      R"(norm_case { spec { norm: "rms" } shape: [ 1, 4 ] } batch_sizes: [ 2, 1, 2 ])",
      R"(norm_case { spec { norm: "rms" affine: "channel" eps: 1e-5 } shape: [ 1, 4 ] dtype: "f32"
                     layout: "nchw" impl: "auto" device: "auto" data: "normal" seed: 1 }
         batch_sizes: [ 1, 2 ])");
}

}  // namespace
}  // namespace normbench
