// SPDX-License-Identifier: Apache-2.0
#include "bench/report/expand.h"

#include "bench/report/sweep_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A sweep with these fields added to version and name.
v1::Sweep Sweep(const std::string& fields) {
  const auto sweep = ParseSweep(R"({"version": 1, "name": "s", )" + fields + "}");
  EXPECT_TRUE(sweep.ok()) << sweep.status();
  return *sweep;
}

ExpandOptions Devices(ImplDevices devices) {
  ExpandOptions options;
  options.devices = std::move(devices);
  return options;
}

ExpandOptions Filter(const std::string& filter) {
  ExpandOptions options;
  options.filter = filter;
  return options;
}

ExpandOptions Limit(int64_t max_cases) {
  ExpandOptions options;
  options.max_cases = max_cases;
  return options;
}

std::vector<std::string> Keys(const std::string& fields, const ExpandOptions& options = {}) {
  const auto cases = Expand(Sweep(fields), options);
  EXPECT_TRUE(cases.ok()) << cases.status();
  std::vector<std::string> keys;
  for (const Case& c : *cases) keys.push_back(c.key);
  return keys;
}

std::string ErrorOf(const std::string& fields, const ExpandOptions& options = {}) {
  const auto cases = Expand(Sweep(fields), options);
  return cases.ok() ? "expanded" : std::string(cases.status().message());
}

TEST(Expand, KernelEntriesVaryFormatDataCacheAndThreads) {
  EXPECT_THAT(
      Keys(R"("kernel": [{"norm": ["rms"], "shape": ["4x5"], "trailing": [1], "impl": ["torch"],
              "dtype": ["f16", "bf16"], "data": ["mean1e3"], "cache": ["hot", "cold"],
              "threads": [2]}])"),
      ElementsAre(
          "norm/rms?impl=torch&shape=1x4x5&dtype=f16&layout=nchw&dev=auto&trailing=1&threads=2"
          "&data=mean1e3",
          "norm/rms?impl=torch&shape=1x4x5&dtype=f16&layout=nchw&dev=auto&trailing=1&cache=cold"
          "&threads=2&data=mean1e3",
          "norm/rms?impl=torch&shape=1x4x5&dtype=bf16&layout=nchw&dev=auto&trailing=1&threads=2"
          "&data=mean1e3",
          "norm/rms?impl=torch&shape=1x4x5&dtype=bf16&layout=nchw&dev=auto&trailing=1&cache=cold"
          "&threads=2&data=mean1e3"));
}

TEST(Expand, InvarianceEntriesVaryTheFormatAndKeepTheirSets) {
  EXPECT_THAT(
      Keys(R"("invariance": [{"norm": ["batch", "rms"], "stats": ["folded"], "shape": ["4x5"],
              "impl": ["torch"], "dtype": ["f16"], "layout": ["nchw", "nhwc"],
              "batch_sizes": [2, 1], "threads": [1]}])"),
      ElementsAre("invariance/batch?impl=torch&shape=1x4x5&dtype=f16&layout=nchw&dev=auto"
                  "&stats=folded&threads=1&n=1,2",
                  "invariance/batch?impl=torch&shape=1x4x5&dtype=f16&layout=nhwc&dev=auto"
                  "&stats=folded&threads=1&n=1,2",
                  "invariance/rms?impl=torch&shape=1x4x5&dtype=f16&layout=nchw&dev=auto"
                  "&threads=1&n=1,2",
                  "invariance/rms?impl=torch&shape=1x4x5&dtype=f16&layout=nhwc&dev=auto"
                  "&threads=1&n=1,2"));
}

TEST(Expand, InvarianceEntriesAreCheckedBeforeAServerIsAsked) {
  const auto error = [](const std::string& rest) {
    return ErrorOf(R"("invariance": [{"norm": ["batch"], "shape": ["4x5"], )" + rest + "}]");
  };
  EXPECT_THAT(error(R"("stats": ["batch"])"), HasSubstr("by definition"));
  EXPECT_THAT(error(R"("batch_sizes": [0])"), HasSubstr("batch_sizes[0]: 0"));
  EXPECT_THAT(error(R"("threads": [-1])"), HasSubstr("threads[0]: -1"));
  EXPECT_THAT(error(R"("expect": ["p50<1s"])"), HasSubstr("invariance cases have no p50"));
  EXPECT_THAT(std::string(ParseSweep(R"({"version": 1, "name": "s",
                                         "invariance": [{"batch_size": [1]}]})")
                              .status()
                              .message()),
              HasSubstr("did you mean batch_sizes"));
}

TEST(Expand, ImplementationsAreNeighboursSoThatTheyMeetTheSameMachine) {
  EXPECT_THAT(Keys(R"("kernel": [{"norm": ["rms"], "shape": ["4x5"], "impl": ["torch", "native"],
                      "layout": ["nchw", "nhwc"]}])"),
              ElementsAre("norm/rms?impl=torch&shape=1x4x5&dtype=f32&layout=nchw&dev=auto",
                          "norm/rms?impl=native&shape=1x4x5&dtype=f32&layout=nchw&dev=auto",
                          "norm/rms?impl=torch&shape=1x4x5&dtype=f32&layout=nhwc&dev=auto",
                          "norm/rms?impl=native&shape=1x4x5&dtype=f32&layout=nhwc&dev=auto"));
}

TEST(Expand, TrailingIsAnAxisOfLayerAndRmsNormOnly) {
  EXPECT_THAT(
      Keys(R"("kernel": [{"norm": ["layer", "instance"], "shape": ["4x5"],
                      "trailing": [1, 2], "impl": ["torch"]}])"),
      ElementsAre("norm/layer?impl=torch&shape=1x4x5&dtype=f32&layout=nchw&dev=auto&trailing=1",
                  "norm/layer?impl=torch&shape=1x4x5&dtype=f32&layout=nchw&dev=auto&trailing=2",
                  "norm/instance?impl=torch&shape=1x4x5&dtype=f32&layout=nchw&dev=auto"));
}

TEST(Expand, ServiceEntriesVaryTheFormatToo) {
  EXPECT_THAT(
      Keys(R"("service": [{"norm": ["rms"], "shape": ["4x5"], "impl": ["torch"],
              "dtype": ["bf16"], "layout": ["nchw", "nhwc"], "data": ["outlier"]}])"),
      ElementsAre("service/rms?impl=torch&shape=1x4x5&dtype=bf16&layout=nchw&dev=auto&in_flight=1"
                  "&data=outlier",
                  "service/rms?impl=torch&shape=1x4x5&dtype=bf16&layout=nhwc&dev=auto&in_flight=1"
                  "&data=outlier"));
}

TEST(Expand, NamesThePairOfFormatsThatCannotBe) {
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["4"], "layout": ["nhwc"]}])"),
              HasSubstr("layout: nhwc with shape 1x4"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["4"], "threads": [0]}])"),
              HasSubstr("threads[0]: 0"));
}

TEST(Expand, VariesTheLastAxisFastest) {
  EXPECT_THAT(Keys(R"("kernel": [{"norm": ["rms", "layer"], "shape": ["4", "8"],
                      "tensor_n": [1, 2], "impl": ["torch", "reference"], "device": ["cpu"]}])"),
              ElementsAre("norm/rms?impl=torch&shape=1x4&dtype=f32&layout=nchw&dev=cpu",
                          "norm/rms?impl=reference&shape=1x4&dtype=f32&layout=nchw&dev=cpu",
                          "norm/rms?impl=torch&shape=2x4&dtype=f32&layout=nchw&dev=cpu",
                          "norm/rms?impl=reference&shape=2x4&dtype=f32&layout=nchw&dev=cpu",
                          "norm/rms?impl=torch&shape=1x8&dtype=f32&layout=nchw&dev=cpu",
                          "norm/rms?impl=reference&shape=1x8&dtype=f32&layout=nchw&dev=cpu",
                          "norm/rms?impl=torch&shape=2x8&dtype=f32&layout=nchw&dev=cpu",
                          "norm/rms?impl=reference&shape=2x8&dtype=f32&layout=nchw&dev=cpu",
                          "norm/layer?impl=torch&shape=1x4&dtype=f32&layout=nchw&dev=cpu",
                          "norm/layer?impl=reference&shape=1x4&dtype=f32&layout=nchw&dev=cpu",
                          "norm/layer?impl=torch&shape=2x4&dtype=f32&layout=nchw&dev=cpu",
                          "norm/layer?impl=reference&shape=2x4&dtype=f32&layout=nchw&dev=cpu",
                          "norm/layer?impl=torch&shape=1x8&dtype=f32&layout=nchw&dev=cpu",
                          "norm/layer?impl=reference&shape=1x8&dtype=f32&layout=nchw&dev=cpu",
                          "norm/layer?impl=torch&shape=2x8&dtype=f32&layout=nchw&dev=cpu",
                          "norm/layer?impl=reference&shape=2x8&dtype=f32&layout=nchw&dev=cpu"));
}

TEST(Expand, AppliesStatsAndGroupsOnlyWhereTheyMean) {
  EXPECT_THAT(
      Keys(R"("kernel": [{"norm": ["batch", "group", "layer"], "shape": ["8"],
                      "stats": ["running", "batch"], "groups": [2, 4]}])"),
      ElementsAre("norm/batch?impl=auto&shape=1x8&dtype=f32&layout=nchw&dev=auto",
                  "norm/batch?impl=auto&shape=1x8&dtype=f32&layout=nchw&dev=auto&stats=batch",
                  "norm/group?impl=auto&shape=1x8&g=2&dtype=f32&layout=nchw&dev=auto",
                  "norm/group?impl=auto&shape=1x8&g=4&dtype=f32&layout=nchw&dev=auto",
                  "norm/layer?impl=auto&shape=1x8&dtype=f32&layout=nchw&dev=auto"));
}

TEST(Expand, TakesKindsInOrderWithTheirOwnBudgets) {
  const auto cases = Expand(Sweep(R"("cases": [{"key": ["norm/rms?shape=1x2"]}],
      "model": [{"model": ["m"], "data": "fmnist-wide"}],
      "service": [{"norm": ["rms"], "shape": ["2"], "warmup_seconds": 1.5}],
      "kernel": [{"norm": ["rms"], "shape": ["4"], "seconds": 7}])"));
  ASSERT_TRUE(cases.ok()) << cases.status();
  ASSERT_EQ(cases->size(), 4u);
  EXPECT_EQ(KindOf((*cases)[0].spec), CaseKind::kKernel);
  EXPECT_EQ((*cases)[0].warmup_seconds, 0.1);
  EXPECT_EQ((*cases)[0].seconds, 7);
  EXPECT_EQ(KindOf((*cases)[1].spec), CaseKind::kService);
  EXPECT_EQ((*cases)[1].warmup_seconds, 1.5);
  EXPECT_EQ((*cases)[1].seconds, 2);
  EXPECT_EQ((*cases)[2].key, "model/m?data=fmnist-wide&request_batch=1&in_flight=8");
  EXPECT_EQ((*cases)[2].warmup_seconds, 0.5);
  EXPECT_EQ((*cases)[3].key, "norm/rms?impl=auto&shape=1x2&dtype=f32&layout=nchw&dev=auto");
  EXPECT_EQ((*cases)[3].seconds, 0.5);
}

TEST(Expand, UsesTheSeedAndTheServersDevice) {
  EXPECT_THAT(Keys(R"("seed": 5, "kernel": [{"norm": ["rms"], "shape": ["4"]}],
                      "service": [{"norm": ["rms"], "shape": ["4"], "device": ["cuda:1"]}])",
                   Devices({{"auto", "cpu"}, {"torch", "cpu"}})),
              ElementsAre("norm/rms?impl=auto&shape=1x4&dtype=f32&layout=nchw&dev=cpu&seed=5",
                          "service/rms?impl=auto&shape=1x4&dtype=f32&layout=nchw&dev=cuda:1"
                          "&in_flight=1&seed=5"));
}

TEST(Expand, KeepsEqualKeysOnceWithTheExpectationsOfAll) {
  const auto cases = Expand(Sweep(R"("kernel": [
      {"norm": ["rms", "rms"], "shape": ["4"], "seconds": 1, "expect": ["p50<1s"]},
      {"norm": ["rms"], "shape": ["4"], "seconds": 2, "expect": ["outputs==1", "p50<1s"]}])"));
  ASSERT_TRUE(cases.ok()) << cases.status();
  ASSERT_EQ(cases->size(), 1u);
  EXPECT_EQ((*cases)[0].seconds, 1);
  EXPECT_THAT((*cases)[0].expect, ElementsAre("p50<1s", "outputs==1"));
}

TEST(Expand, NamesEntryFieldAndValue) {
  EXPECT_THAT(ErrorOf(R"("kernel": [{"shape": ["4"]}])"), StartsWith("kernel[0]: norm: missing"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"]}])"), StartsWith("kernel[0]: shape: missing"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["gruop"], "shape": ["4"]}])"),
              HasSubstr("nearest: group"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["group"], "groups": [3], "shape": ["64x2x2"]}])"),
              HasSubstr("groups: 3"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["0x2x2"]}])"),
              HasSubstr("kernel[0]: shape: '0x2x2' with tensor_n 1"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["1x2x3x4x5"]}])"),
              HasSubstr("write it without N"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["4"], "tensor_n": [1, 0]}])"),
              StartsWith("kernel[0]: tensor_n[1]: 0; allowed: 1 .."));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["4"], "tensor_n": [-1]}])"),
              HasSubstr("tensor_n[0]: -1"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["65536x65536x8"]}])"),
              HasSubstr("shape: '65536x65536x8'"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["4"], "eps": 0}])"),
              HasSubstr("eps: 0"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["4"], "eps": "NaN"}])"),
              HasSubstr("eps: nan"));
  EXPECT_THAT(
      ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["4"], "impl": ["troch"]}])"),
      HasSubstr("impl: unknown 'troch'; allowed: auto, native, reference, torch; nearest: torch"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["4"], "device": ["gpu"]}])"),
              HasSubstr("device: unknown 'gpu'"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["group"], "affine": ["element"], "shape": ["64"]}])"),
              HasSubstr("affine: element"));
  EXPECT_THAT(ErrorOf(R"("seed": -1, "kernel": [{"norm": ["rms"], "shape": ["4"]}])"),
              HasSubstr("seed: -1"));
  EXPECT_THAT(ErrorOf(R"("cases": [{"key": ["norm/rms?shpe=4"]}])"), HasSubstr("nearest: shape"));
  EXPECT_THAT(ErrorOf(R"("cases": [{}])"), HasSubstr("key: missing"));
}

TEST(Expand, ChecksServiceAndModelEntries) {
  EXPECT_THAT(ErrorOf(R"("service": [{"norm": ["rms"], "shape": ["4"], "in_flight": [0]}])"),
              StartsWith("service[0]: in_flight[0]: 0"));
  EXPECT_THAT(ErrorOf(R"("service": [{"norm": ["rms"], "shape": ["4"], "in_flight": [5000]}])"),
              HasSubstr("in_flight: 5000 is not in 1 .. 4096"));
  EXPECT_THAT(ErrorOf(R"("model": [{"data": "fmnist-wide"}])"), HasSubstr("model: missing"));
  EXPECT_THAT(ErrorOf(R"("model": [{"model": ["m"]}])"), HasSubstr("exactly one"));
  EXPECT_THAT(ErrorOf(R"("model": [{"model": ["m"], "data": "a", "input_data": "b.npy"}])"),
              HasSubstr("exactly one"));
  EXPECT_THAT(ErrorOf(R"("model": [{"model": ["m"], "data": "fmnist-wid"}])"),
              HasSubstr("nearest: fmnist-wide"));
  EXPECT_THAT(ErrorOf(R"("model": [{"model": ["m"], "data": "fmnist-wide", "labels": "l.npy"}])"),
              HasSubstr("labels: fmnist-wide has its own"));
  EXPECT_THAT(ErrorOf(R"("model": [{"model": ["m"], "data": "fmnist-wide", "images": -1}])"),
              HasSubstr("images: -1"));
  EXPECT_EQ(ErrorOf(R"("model": [{"model": ["m"], "input_data": "x.npy", "labels": "l.npy"}])"),
            "expanded");
}

TEST(Expand, ArrivalsAndChannelsAreAxes) {
  EXPECT_THAT(Keys(R"("model": [{"model": ["m"], "data": "fmnist-wide", "late": "drop",
                      "arrivals": ["constant:5", "poisson:50%"], "channels": [1, 2]}])"),
              ElementsAre("model/m?data=fmnist-wide&request_batch=1&in_flight=1024"
                          "&arrivals=constant:5&late=drop",
                          "model/m?data=fmnist-wide&request_batch=1&in_flight=1024"
                          "&arrivals=constant:5&late=drop&channels=2",
                          "model/m?data=fmnist-wide&request_batch=1&in_flight=1024"
                          "&arrivals=poisson:50%25&late=drop",
                          "model/m?data=fmnist-wide&request_batch=1&in_flight=1024"
                          "&arrivals=poisson:50%25&late=drop&channels=2"));
}

TEST(Expand, ChecksTheLoad) {
  const auto error = [](const std::string& fields) {
    return ErrorOf(R"("service": [{"norm": ["rms"], "shape": ["4"], )" + fields + "}]");
  };
  EXPECT_THAT(error(R"("arrivals": ["poison:5"])"),
              StartsWith("service[0]: arrivals: unknown 'poison'"));
  EXPECT_THAT(error(R"("arrivals": [""])"), HasSubstr("no ':'"));
  EXPECT_THAT(error(R"("arrivals": ["poisson:-5"])"), HasSubstr("rate -5 is not in 0"));
  EXPECT_THAT(error(R"("arrivals": ["poisson:5"], "late": "drp")"),
              HasSubstr("late: unknown 'drp'; allowed: send, drop; nearest: drop"));
  EXPECT_THAT(error(R"("late": "drop")"), HasSubstr("late: applies to open loops only"));
  EXPECT_THAT(error(R"("deadline_seconds": -1)"),
              HasSubstr("deadline_seconds: -1 is not in 0 .. 3600"));
  EXPECT_THAT(error(R"("channels": [0])"), HasSubstr("channels[0]: 0; allowed: 1 .."));
  EXPECT_THAT(error(R"("channels": [65])"), HasSubstr("channels: 65 is not in 1 .. 64"));
}

TEST(Expand, StopRulesAreNoPartOfTheKey) {
  const auto cases = Expand(Sweep(R"("service": [{"norm": ["rms"], "shape": ["4"],
                                                  "max_requests": 100, "precision": 0.02}])"));
  ASSERT_TRUE(cases.ok()) << cases.status();
  EXPECT_EQ(cases->front().max_requests, 100);
  EXPECT_EQ(cases->front().precision, 0.02);
  EXPECT_EQ(cases->front().key,
            "service/rms?impl=auto&shape=1x4&dtype=f32&layout=nchw&dev=auto&in_flight=1");
  const auto error = [](const std::string& fields) {
    return ErrorOf(R"("service": [{"norm": ["rms"], "shape": ["4"], )" + fields + "}]");
  };
  EXPECT_THAT(error(R"("max_requests": -1)"), HasSubstr("max_requests: -1 is not in 0 .."));
  EXPECT_THAT(error(R"("precision": 2)"), HasSubstr("precision: 2 is not in 0 .. 1"));
  EXPECT_THAT(error(R"("precision": 0.1, "arrivals": ["poisson:5"])"),
              HasSubstr("precision: applies to closed loops only"));
}

TEST(Expand, ChecksBudgets) {
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["4"], "seconds": 61}])"),
              HasSubstr("seconds: 61 is not in 0 .. 60"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["4"], "warmup_seconds": -1}])"),
              HasSubstr("warmup_seconds: -1"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["4"], "seconds": "NaN"}])"),
              HasSubstr("seconds: nan"));
  EXPECT_EQ(ErrorOf(R"("service": [{"norm": ["rms"], "shape": ["4"], "seconds": 61}])"),
            "expanded");
}

TEST(Expand, ChecksExpectations) {
  EXPECT_THAT(
      ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["4"], "expect": ["p50<1s", "top1>=1"]}])"),
      HasSubstr("kernel[0]: expect[1]: metric: kernel cases have no top1"));
  EXPECT_THAT(ErrorOf(R"("kernel": [{"norm": ["rms"], "shape": ["4"], "expect": ["top_1>=1"]}])"),
              HasSubstr("nearest: top1"));
}

TEST(Expand, LimitsTheNumberOfCases) {
  std::string numbers = "1";
  for (int i = 2; i <= 200; ++i) numbers += ", " + std::to_string(i);
  const std::string entry = R"("kernel": [{"norm": ["rms"], "shape": ["4"], "tensor_n": [)" +
                            numbers + R"(], "affine": [)" + std::string(R"("none", )") +
                            R"("channel"]}])";
  EXPECT_EQ(ErrorOf(entry, Limit(400)), "expanded");
  EXPECT_THAT(ErrorOf(entry, Limit(399)), HasSubstr("more than 399 cases"));
}

TEST(Expand, RefusesAProductOfHugeListsQuickly) {
  v1::Sweep sweep = Sweep(R"("kernel": [{"norm": ["rms"]}])");
  for (int i = 0; i < 50'000; ++i) {
    sweep.mutable_kernel(0)->add_shape("4");
    sweep.mutable_kernel(0)->add_tensor_n(1);
    sweep.mutable_kernel(0)->add_impl("torch");
  }
  EXPECT_THAT(std::string(Expand(sweep).status().message()), HasSubstr("more than 10000 cases"));
}

TEST(Expand, Filters) {
  const std::string fields =
      R"("kernel": [{"norm": ["rms", "layer"], "shape": ["4"], "tensor_n": [1, 2]}])";
  EXPECT_EQ(Keys(fields, Filter("norm/rms")).size(), 2u);
  EXPECT_EQ(Keys(fields, Filter("rms*2x4")).size(), 1u);
  EXPECT_THAT(ErrorOf(fields, Filter("group")),
              HasSubstr("filter: 'group' matches none of 4 keys"));
  EXPECT_THAT(ErrorOf(R"("seed": 1)"), HasSubstr("the sweep has no cases"));
}

TEST(MatchesFilter, StarStandsForAnything) {
  EXPECT_TRUE(MatchesFilter("norm/group?g=32", ""));
  EXPECT_TRUE(MatchesFilter("norm/group?g=32", "group?g"));
  EXPECT_TRUE(MatchesFilter("norm/group?g=32", "n*g*32"));
  EXPECT_TRUE(MatchesFilter("norm/group?g=32", "*"));
  EXPECT_FALSE(MatchesFilter("norm/group?g=32", "32*group"));
  EXPECT_FALSE(MatchesFilter("norm/group?g=32", "g=32*2"));
}

TEST(MatchesFilter, AutoIsAnyDevice) {
  EXPECT_TRUE(MatchesFilter("norm/rms?dev=auto&seed=2", "rms?dev=cpu&seed=2")) << "of a report";
  EXPECT_TRUE(MatchesFilter("norm/rms?dev=auto", "dev=c"));
  EXPECT_TRUE(MatchesFilter("norm/rms?dev=cuda:0&seed=2", "rms?dev=auto&seed=2"));
  EXPECT_FALSE(MatchesFilter("norm/rms?dev=auto&seed=2", "rms?dev=cpu&seed=3"));
  EXPECT_FALSE(MatchesFilter("norm/rms?dev=cuda:0", "dev=cpu"));
  EXPECT_TRUE(MatchesFilter("norm/rms?dev=cpu", "dev=*"));
}

TEST(Expand, KeysWithoutASeedGetTheSweeps) {
  v1::Sweep sweep;
  sweep.set_version(1);
  sweep.set_name("seeds");
  sweep.set_seed(5);
  sweep.add_cases()->add_key("norm/rms?shape=1x4");
  sweep.mutable_cases(0)->add_key("service/rms?shape=1x4");
  sweep.mutable_cases(0)->add_key("norm/rms?shape=1x4&seed=7");
  const auto cases = Expand(sweep);
  ASSERT_TRUE(cases.ok()) << cases.status();
  ASSERT_EQ(cases->size(), 3u);
  EXPECT_EQ(std::get<v1::NormCase>((*cases)[0].spec).seed(), 5);
  EXPECT_EQ(std::get<v1::ServiceCase>((*cases)[1].spec).norm_case().seed(), 5);
  EXPECT_EQ(std::get<v1::NormCase>((*cases)[2].spec).seed(), 7);
}

TEST(SweepOfKey, ExpandsToThatCase) {
  const std::string key =
      "service/group?impl=torch&shape=1x4x2x2&g=2&dtype=f32&layout=nchw&dev=cpu"
      "&in_flight=4&eps=0.01&threads=2&seed=3";
  const auto cases = Expand(SweepOfKey(key));
  ASSERT_TRUE(cases.ok()) << cases.status();
  ASSERT_EQ(cases->size(), 1u);
  EXPECT_EQ((*cases)[0].key, key);
  EXPECT_EQ((*cases)[0].seconds, 2);
}

}  // namespace
}  // namespace normbench
