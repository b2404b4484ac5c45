// SPDX-License-Identifier: Apache-2.0
#include "bench/report/case_key.h"

#include <random>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::HasSubstr;

template <typename M>
M Proto(const std::string& text) {
  M message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

bool Same(const CaseSpec& a, const CaseSpec& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&](const auto& message) {
        return MessageDifferencer::Equals(message, std::get<std::decay_t<decltype(message)>>(b));
      },
      a);
}

std::string ErrorOf(const std::string& key) {
  const auto parsed = ParseCaseKey(key);
  return parsed.ok() ? "parsed" : std::string(parsed.status().message());
}

TEST(CaseKey, OfAKernelCaseNamesWhatMattersInAFixedOrder) {
  EXPECT_EQ(CaseKey(Proto<v1::NormCase>(R"(
                spec { norm: "group" groups: 32 } shape: [ 8, 64, 56, 56 ]
                impl: "torch" device: "cpu")")),
            "norm/group?impl=torch&shape=8x64x56x56&g=32&dtype=f32&layout=nchw&dev=cpu");
}

TEST(CaseKey, LeavesOutGroupsForOtherNormsAndExtrasThatAreTheDefault) {
  EXPECT_EQ(CaseKey(Proto<v1::NormCase>(R"(
                spec { norm: "layer" groups: 4 stats: "batch" affine: "channel" eps: 1e-5 }
                shape: [ 2, 8 ] threads: 1 seed: 1 cache: "hot" data: "normal")")),
            "norm/layer?impl=auto&shape=2x8&dtype=f32&layout=nchw&dev=auto");
}

TEST(CaseKey, AppendsExtrasThatAreNot) {
  EXPECT_EQ(CaseKey(Proto<v1::NormCase>(R"(
                spec { norm: "batch" stats: "batch" affine: "none" eps: 0.001 }
                shape: [ 2, 8 ] threads: 4 seed: 9 data: "uniform")")),
            "norm/batch?impl=auto&shape=2x8&dtype=f32&layout=nchw&dev=auto&stats=batch&affine=none"
            "&eps=0.001&threads=4&data=uniform&seed=9");
}

TEST(CaseKey, OfServiceAndModelCases) {
  EXPECT_EQ(CaseKey(Proto<v1::ServiceCase>(R"(
                norm_case { spec { norm: "group" groups: 2 } shape: [ 1, 4 ] } in_flight: 4)")),
            "service/group?impl=auto&shape=1x4&g=2&dtype=f32&layout=nchw&dev=auto&in_flight=4");
  EXPECT_EQ(CaseKey(Proto<v1::ModelCase>(
                R"(model: "plain6_gn" data: "fmnist-wide" request_batch: 8 in_flight: 8
                   parameters { key: "norm" value: "group" })")),
            "model/plain6_gn?data=fmnist-wide&request_batch=8&in_flight=8");
  EXPECT_EQ(CaseKey(Proto<v1::ModelCase>(
                R"(model: "m" version: "2" data: "a b&c.npy" labels: "l=1.npy" images: 100)")),
            "model/m?data=a%20b%26c.npy&request_batch=1&in_flight=8&version=2&images=100"
            "&labels=l%3D1.npy");
}

TEST(CaseKey, OfAnInvarianceCaseNamesWhatIsNotTheUsualSet) {
  EXPECT_EQ(CaseKey(Proto<v1::InvarianceCase>(R"(
                norm_case { spec { norm: "group" groups: 2 } shape: [ 1, 4 ] threads: 4 })")),
            "invariance/group?impl=auto&shape=1x4&g=2&dtype=f32&layout=nchw&dev=auto");
  EXPECT_EQ(CaseKey(Proto<v1::InvarianceCase>(R"(
                norm_case { spec { norm: "rms" } shape: [ 1, 4 ] layout: "nhwc" seed: 3 }
                batch_sizes: [ 8, 1, 3, 8 ] threads: [ 4, 1 ])")),
            "invariance/rms?impl=auto&shape=1x4&dtype=f32&layout=nhwc&dev=auto&threads=1,4&seed=3"
            "&n=1,3,8");
  const auto parsed = ParseCaseKey("invariance/rms?shape=1x4&n=3,1%2C8&threads=2");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(CaseKey(*parsed),
            "invariance/rms?impl=auto&shape=1x4&dtype=f32&layout=nchw&dev=auto&threads=2&n=1,3,8");
}

TEST(CaseKey, OfAnOpenLoopNamesItsArrivals) {
  EXPECT_EQ(CaseKey(Proto<v1::ModelCase>(
                R"(model: "m" data: "fmnist-wide" load { arrivals: "poisson:200" late: "send" })")),
            "model/m?data=fmnist-wide&request_batch=1&in_flight=1024&arrivals=poisson:200");
  EXPECT_EQ(CaseKey(Proto<v1::ServiceCase>(R"(
                norm_case { spec { norm: "rms" } shape: [ 1, 4 ] } in_flight: 4
                load { arrivals: "poisson:80%" late: "drop" deadline_seconds: 0.02 channels: 2 })")),
            "service/rms?impl=auto&shape=1x4&dtype=f32&layout=nchw&dev=auto&in_flight=4"
            "&arrivals=poisson:80%25&late=drop&deadline=0.02&channels=2");
}

TEST(ParseCaseKey, TakesAnyOrderAndFillsInDefaults) {
  const auto parsed = ParseCaseKey("norm/group?shape=8x64x56x56&dev=cpu&impl=torch");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(CaseKey(*parsed),
            "norm/group?impl=torch&shape=8x64x56x56&g=32&dtype=f32&layout=nchw&dev=cpu");
}

TEST(ParseCaseKey, NamesWhatIsWrong) {
  EXPECT_THAT(ErrorOf("nrm/group?shape=1x2"), HasSubstr("nearest: norm/"));
  EXPECT_THAT(ErrorOf("norm?shape=1x2"), HasSubstr("a name must follow"));
  EXPECT_THAT(ErrorOf("norm/group?impl=torch"), HasSubstr("shape: missing"));
  EXPECT_THAT(ErrorOf("model/m?request_batch=2"), HasSubstr("data: missing"));
  EXPECT_THAT(ErrorOf("norm/group?shape=1x2&dtpe=f32"), HasSubstr("nearest: dtype"));
  EXPECT_THAT(ErrorOf("norm/group?shape=1x2&shape=1x2"), HasSubstr("shape: given twice"));
  EXPECT_THAT(ErrorOf("norm/group?shape=1xtwo"), HasSubstr("shape: 'two' is no whole number"));
  EXPECT_THAT(ErrorOf("norm/group?shape=1x0"), HasSubstr("shape: '0' is no whole number from 1"));
  EXPECT_THAT(ErrorOf("norm/group?shape=1x99999999999"), HasSubstr("shape: '99999999999'"));
  EXPECT_THAT(ErrorOf("norm/group?shape=1x2&eps=tiny"), HasSubstr("eps: 'tiny' is no number"));
  EXPECT_THAT(ErrorOf("norm/group?shape=1x2&impl="), HasSubstr("impl: empty value"));
  EXPECT_THAT(ErrorOf("norm/group?shape=1x2&impl=%4"), HasSubstr("two hex digits"));
  EXPECT_THAT(ErrorOf("norm/layer?shape=1x2&g=2"), HasSubstr("g: applies to group norm only"));
  EXPECT_THAT(ErrorOf("norm/group?shape=1x2&stats=batch"),
              HasSubstr("stats: applies to batch norm only"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("must begin with norm/, service/, model/, invariance/"));
  EXPECT_THAT(ErrorOf("invariance/rms?shape=1x2&n=1,two"),
              HasSubstr("n: 'two' is no whole number"));
  EXPECT_THAT(ErrorOf("invariance/rms?shape=1x2&cache=hot"), HasSubstr("parameter"));
  EXPECT_THAT(ErrorOf("invariance/rms?n=1"), HasSubstr("shape: missing"));
}

// Random specs of every kind: the key parses back to the canonical spec, and different specs have
// different keys.
class RandomSpecs {
 public:
  CaseSpec Next() {
    switch (random_() % 4) {
      case 0:
        return Norm();
      case 1: {
        v1::ServiceCase service;
        *service.mutable_norm_case() = Norm();
        service.set_in_flight(Number());
        *service.mutable_load() = Load();
        return service;
      }
      case 2: {
        v1::InvarianceCase invariance;
        *invariance.mutable_norm_case() = Norm();
        for (int i = Number(); i > 0; --i) invariance.add_batch_sizes(1 + Number());
        for (int i = Number(); i > 0; --i) invariance.add_threads(1 + Number());
        return invariance;
      }
      default: {
        v1::ModelCase model;
        model.set_model("m" + Word());
        model.set_data(Word() + "d");
        model.set_version(Word());
        model.set_labels(Word());
        model.set_images(Number());
        model.set_request_batch(Number());
        model.set_in_flight(Number());
        *model.mutable_load() = Load();
        return model;
      }
    }
  }

 private:
  v1::Load Load() {
    v1::Load load;
    load.set_arrivals(Pick({"", "poisson:80%", "spike:10x4@2+0.5", "step:1,2", "trace:a b"}));
    load.set_late(Pick({"", "send", "drop"}));
    load.set_deadline_seconds(Pick({"", "x"}).empty() ? 0 : 0.02);
    load.set_channels(Number());
    return load;
  }

  v1::NormCase Norm() {
    v1::NormCase norm_case;
    v1::NormSpec* spec = norm_case.mutable_spec();
    spec->set_norm(Pick({"batch", "group", "layer", "rms"}));
    spec->set_stats(Pick({"", "batch", "running"}));
    spec->set_groups(Number());
    spec->set_affine(Pick({"", "none", "element"}));
    if (random_() % 2 == 0) spec->set_eps(1.0 / (1 + random_() % 1000));
    for (int i = 0; i < 4; ++i) norm_case.add_shape(1 + Number());
    norm_case.set_impl(Word());
    norm_case.set_device(Pick({"", "cpu", "cuda:1"}));
    norm_case.set_threads(Number());
    norm_case.set_seed(Number());
    norm_case.set_data(Pick({"", "uniform"}));
    return norm_case;
  }

  int Number() { return static_cast<int>(random_() % 5); }

  std::string Pick(const std::vector<std::string>& words) {
    return words[random_() % words.size()];
  }

  std::string Word() {
    std::string word;
    for (size_t i = random_() % 4; i > 0; --i) word += static_cast<char>(1 + random_() % 127);
    return word;
  }

  std::mt19937 random_{7};
};

TEST(CaseKey, RoundTripsRandomSpecs) {
  RandomSpecs specs;
  for (int i = 0; i < 2000; ++i) {
    const CaseSpec spec = specs.Next();
    const std::string key = CaseKey(spec);
    const auto parsed = ParseCaseKey(key);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_TRUE(Same(*parsed, Canonical(spec))) << key;
    EXPECT_EQ(CaseKey(*parsed), key);
    EXPECT_EQ(key.find_first_of("'\" \\\n$`"), std::string::npos) << key;  // safe in a shell
  }
}

TEST(IsCaseKey, LooksAtThePrefixOnly) {
  for (const char* key : {"norm/x", "service/", "model/m?", "invariance/group?shape=1x4"}) {
    EXPECT_TRUE(IsCaseKey(key)) << key;
  }
  for (const char* path : {"", "norm", "normal/sweep.json", "./model/sweep.json", "sweep.json"}) {
    EXPECT_FALSE(IsCaseKey(path)) << path;
  }
}

TEST(RerunCommand, QuotesTheKeyAndNamesTheServer) {
  EXPECT_EQ(RerunCommand("norm/rms?shape=1x2", ""), "normbench run 'norm/rms?shape=1x2'");
  EXPECT_EQ(RerunCommand("norm/rms?shape=1x2", "host:1"),
            "normbench run 'norm/rms?shape=1x2' --server host:1");
  EXPECT_EQ(RerunCommand("norm/rms?shape=1x2", kInProcess),
            "normbench run 'norm/rms?shape=1x2' --remote");
}

}  // namespace
}  // namespace normbench
