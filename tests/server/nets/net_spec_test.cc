// SPDX-License-Identifier: Apache-2.0
#include "server/nets/net_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using Parameters = std::map<std::string, std::string>;

void ExpectRefused(const Parameters& parameters, const std::string& text) {
  const absl::Status status = ParseNetSpec(parameters).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
  EXPECT_THAT(std::string(status.message()), HasSubstr(text));
}

TEST(NetSpecTest, ReadsGroupNorm) {
  const auto spec =
      ParseNetSpec({{"network", "plain6"}, {"norm", "group"}, {"channels_per_group", "8"}});
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->norm, Method::kGroup);
  EXPECT_EQ(spec->channels_per_group, 8);
  EXPECT_THAT(spec->channels, ElementsAre(16, 16, 32, 32, 64, 64));
  EXPECT_THAT(spec->strides, ElementsAre(2, 1, 2, 1, 2, 1));
}

TEST(NetSpecTest, ReadsBatchNorm) {
  const auto spec = ParseNetSpec({{"network", "plain6"}, {"norm", "batch"}, {"stats", "batch"}});
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->norm, Method::kBatch);
  EXPECT_EQ(spec->stats, StatsSource::kBatch);
  const auto usual = ParseNetSpec({{"network", "plain6"}, {"norm", "batch"}});
  ASSERT_TRUE(usual.ok()) << usual.status();
  EXPECT_EQ(usual->stats, StatsSource::kRunning);
}

TEST(NetSpecTest, ReadsWhoComputesTheNorms) {
  Parameters parameters = {{"network", "plain6"}, {"norm", "instance"}};
  for (const auto& [text, impl] :
       {std::pair{"torch", NormImpl::kTorch}, std::pair{"native", NormImpl::kNative}}) {
    parameters["norm_impl"] = text;
    const auto spec = ParseNetSpec(parameters);
    ASSERT_TRUE(spec.ok()) << spec.status();
    EXPECT_EQ(spec->norm_impl, impl);
  }
  EXPECT_EQ(ParseNetSpec({{"network", "plain6"}, {"norm", "instance"}})->norm_impl,
            NormImpl::kTorch);
}

TEST(NetSpecTest, IgnoresWhatIsForTheReader) {
  const auto spec = ParseNetSpec({{"network", "plain6"},
                                  {"norm", "layer"},
                                  {"train_batch", "2"},
                                  {"data", "fmnist-wide"},
                                  {"seed", "1"},
                                  {"test_error", "0.2"},
                                  {"test_draw", "1"},
                                  {"test_batch", "64"}});
  EXPECT_TRUE(spec.ok()) << spec.status();
}

TEST(NetSpecTest, Refusals) {
  const Parameters group = {{"network", "plain6"}, {"norm", "group"}};
  const Parameters batch = {{"network", "plain6"}, {"norm", "batch"}};
  auto with = [](Parameters base, const std::string& key, const std::string& value) {
    base[key] = value;
    return base;
  };
  ExpectRefused({{"norm", "group"}}, "network is missing; allowed: plain6");
  ExpectRefused(with(group, "network", "plain5"), "network: unknown 'plain5'; allowed: plain6");
  ExpectRefused({{"network", "plain6"}},
                "norm is missing; allowed: batch, layer, instance, group, none");
  ExpectRefused(with(group, "norm", "gruop"), "nearest: group");
  ExpectRefused(with(group, "norm", "nune"), "nearest: none");
  ExpectRefused(with(group, "norm", "rms"), "norm: plain6 has no 'rms'");
  ExpectRefused(with(group, "channel_per_group", "2"), "nearest: channels_per_group");
  ExpectRefused(with(group, "channels_per_group", "3"), "'3'; allowed: a divisor of 16");
  ExpectRefused(with(group, "channels_per_group", "32"), "'32'; allowed: a divisor of 16");
  ExpectRefused(with(group, "channels_per_group", "0"), "'0'; allowed: a divisor of 16");
  ExpectRefused(with(group, "channels_per_group", "two"), "'two'; allowed: a divisor of 16");
  ExpectRefused(with(batch, "channels_per_group", "2"), "goes with norm group, not with batch");
  ExpectRefused(with(group, "stats", "batch"), "stats goes with norm batch, not with group");
  ExpectRefused(with(batch, "stats", "runing"), "nearest: running");
  const Parameters none = {{"network", "plain6"}, {"norm", "none"}};
  ExpectRefused(with(none, "stats", "folded"), "stats goes with norm batch, not with none");
  ExpectRefused(with(group, "norm_impl", "nativ"),
                "norm_impl: unknown 'nativ'; allowed: torch, native; nearest: native");
  ExpectRefused(with(none, "norm_impl", "native"),
                "norm_impl goes with a norm that inference computes, not with norm none");
  ExpectRefused(with(with(batch, "stats", "folded"), "norm_impl", "native"),
                "norm_impl goes with a norm that inference computes, not with stats folded");
}

TEST(NetSpecTest, ParametersRoundTrip) {
  NetSpec group;
  group.channels_per_group = 4;
  EXPECT_THAT(ToParameters(group), ElementsAre(Pair("channels_per_group", "4"),
                                               Pair("network", "plain6"), Pair("norm", "group")));
  NetSpec batch;
  batch.norm = Method::kBatch;
  batch.stats = StatsSource::kBatch;
  NetSpec folded = batch;
  folded.stats = StatsSource::kFolded;
  NetSpec none;
  none.norm.reset();
  EXPECT_THAT(ToParameters(none), ElementsAre(Pair("network", "plain6"), Pair("norm", "none")));
  NetSpec native = batch;
  native.norm_impl = NormImpl::kNative;
  EXPECT_THAT(ToParameters(native),
              ElementsAre(Pair("network", "plain6"), Pair("norm", "batch"),
                          Pair("norm_impl", "native"), Pair("stats", "batch")));
  for (const NetSpec& spec : {group, batch, folded, none, native}) {
    const auto read = ParseNetSpec(ToParameters(spec));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, spec);
  }
}

TEST(NetSpecTest, Groups) {
  NetSpec spec;
  EXPECT_EQ(GroupsOf(spec, 64), 32);
  spec.norm = Method::kLayer;
  EXPECT_EQ(GroupsOf(spec, 64), 1);
  spec.norm = Method::kInstance;
  EXPECT_EQ(GroupsOf(spec, 64), 64);
}

TEST(NetSpecTest, TheNormOfALayer) {
  NetSpec spec;
  spec.eps = 0.1;
  const NormSpec group = {.method = Method::kGroup, .groups = 32, .eps = 0.1};
  EXPECT_EQ(NormSpecOf(spec, 64), group);
  spec.norm = Method::kBatch;
  spec.stats = StatsSource::kBatch;
  const NormSpec batch = {.method = Method::kBatch, .stats = StatsSource::kBatch, .eps = 0.1};
  EXPECT_EQ(NormSpecOf(spec, 64), batch);
}

}  // namespace
}  // namespace normbench
