// SPDX-License-Identifier: Apache-2.0
#include "server/nets/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "server/kernels/native_kernel.h"
#include "server/kernels/torch_memory.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using torch::Tensor;

NetSpec SpecOf(Method norm) {
  NetSpec spec;
  spec.norm = norm;
  return spec;
}

Tensor Images(int64_t count, torch::ScalarType type = torch::kFloat) {
  // Any fixed, uneven values do; each image has its own scale, as exposures give.
  const Tensor index = torch::arange(count * 784, torch::kDouble);
  const Tensor scale = torch::linspace(0.3, 4, count, torch::kDouble).view({count, 1, 1, 1});
  return (torch::sin(index * 0.7 + torch::cos(index * index * 1e-3)).view({count, 1, 28, 28}) *
          scale)
      .to(type);
}

Tensor Labels(int64_t count) {
  return torch::arange(count, torch::kLong) % 10;
}

double Difference(const Tensor& a, const Tensor& b) {
  return a.sub(b).abs().max().item<double>();
}

// What one worker alone computes with these weights on its own images, in the plainest way: the
// forward pass written out, statistics as the textbook has them.
struct Worker {
  Tensor logits;
  std::vector<Tensor> means, variances;  // the running statistics after one step
};

Worker RunWorker(const std::vector<Tensor>& p, const Tensor& images) {
  const NetSpec spec;
  Worker worker;
  Tensor x = images;
  for (size_t i = 0; i < spec.strides.size(); ++i) {
    x = torch::conv2d(x, p[3 * i], {}, spec.strides[i], 1);
    const Tensor mean = x.mean({0, 2, 3}, true);
    const Tensor variance = (x - mean).square().mean({0, 2, 3}, true);
    const double count = static_cast<double>(x.numel()) / static_cast<double>(x.size(1));
    worker.means.push_back(0.1 * mean.detach().view(-1));
    worker.variances.push_back(0.9 + 0.1 * variance.detach().view(-1) * count / (count - 1));
    x = (x - mean) / torch::sqrt(variance + 1e-5) * p[3 * i + 1].view({1, -1, 1, 1}) +
        p[3 * i + 2].view({1, -1, 1, 1});
    x = x.clamp_min(0);
  }
  worker.logits = x.mean({2, 3}).matmul(p[18].t()) + p[19];
  return worker;
}

class GhostBatchTest : public ::testing::TestWithParam<int64_t> {};

// Outputs, gradients and running statistics of K ghost batches are those of a loop over K workers.
TEST_P(GhostBatchTest, EqualsALoopOverWorkers) {
  constexpr int64_t kBatch = 12;
  const int64_t workers = GetParam();
  Network network(SpecOf(Method::kBatch), 5);
  network.To(torch::kCPU, torch::kDouble);
  const Tensor images = Images(kBatch, torch::kDouble);
  const Tensor logits = network.Train(images, workers);
  at::cross_entropy_loss(logits, Labels(kBatch)).backward();

  std::vector<Tensor> leaves;
  for (const Tensor& p : network.Parameters()) {
    leaves.push_back(p.detach().clone().set_requires_grad(true));
  }
  Tensor looped = torch::empty({kBatch, 10}, torch::kDouble);
  for (int64_t k = 0; k < workers; ++k) {
    const Tensor mine = torch::arange(k, kBatch, workers);
    const Worker worker = RunWorker(leaves, images.index_select(0, mine));
    looped = looped.index_copy(0, mine, worker.logits);
    for (size_t i = 0; i < 6; ++i) {
      EXPECT_LE(Difference(network.running_mean(i)[k], worker.means[i]), 1e-12);
      EXPECT_LE(Difference(network.running_variance(i)[k], worker.variances[i]), 1e-12);
    }
  }
  at::cross_entropy_loss(looped, Labels(kBatch)).backward();

  EXPECT_LE(Difference(logits, looped), 1e-12);
  const std::vector<Tensor> parameters = network.Parameters();
  ASSERT_EQ(parameters.size(), 20U);
  for (size_t i = 0; i < parameters.size(); ++i) {
    EXPECT_GT(parameters[i].grad().abs().max().item<double>(), 1e-9) << i;
    EXPECT_LE(Difference(parameters[i].grad(), leaves[i].grad()), 1e-12) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Workers, GhostBatchTest, ::testing::Values(1, 2, 3, 6));

TEST(NetworkTest, InferenceTakesTheMeanOfTheWorkersStatistics) {
  Network network(SpecOf(Method::kBatch), 5);
  (void)network.Train(Images(8), 4);
  const std::string path = ::testing::TempDir() + "network_test_mean.pt";
  ASSERT_TRUE(network.Save(path).ok());
  const auto loaded = Network::Load(network.spec(), path);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->running_mean(3).size(0), 1);
  EXPECT_LE(Difference(loaded->running_mean(3)[0], network.running_mean(3).mean(0)), 1e-7);
  EXPECT_TRUE(torch::equal(loaded->Infer(Images(3)), network.Infer(Images(3))));
}

TEST(NetworkTest, FreshWeightsAreHeFanOutAndAFunctionOfTheSeed) {
  const Network network(SpecOf(Method::kGroup), 1);
  const std::vector<Tensor> p = network.Parameters();
  // Independent literals: Philox4x32-10, Box-Muller, times sqrt(2 / (9 * 16)).
  const Tensor first = p[0].view(-1);
  EXPECT_FLOAT_EQ(first[0].item<float>(), 0.17832597F);
  EXPECT_FLOAT_EQ(first[1].item<float>(), -0.02389217F);
  EXPECT_FLOAT_EQ(first[2].item<float>(), 0.14225920F);
  EXPECT_EQ(p[3].sizes(), (std::vector<int64_t>{16, 16, 3, 3}));
  EXPECT_NEAR(p[15].std().item<double>(), std::sqrt(2.0 / (9 * 64)), 0.001);  // 36,864 values
  EXPECT_NEAR(p[18].std().item<double>(), 0.01, 0.001);
  EXPECT_TRUE(torch::equal(p[1], torch::ones({16})));
  EXPECT_TRUE(torch::equal(p[19], torch::zeros({10})));

  EXPECT_TRUE(torch::equal(p[15], Network(SpecOf(Method::kBatch), 1).Parameters()[15]));
  EXPECT_FALSE(torch::equal(p[15], Network(SpecOf(Method::kGroup), 2).Parameters()[15]));
  EXPECT_FALSE(torch::equal(p[9].view(-1).slice(0, 0, 50), p[6].view(-1).slice(0, 0, 50)));
}

// What a sample's answer depends on. Batch statistics are the one case in which mates matter.
TEST(NetworkTest, OnlyBatchStatisticsSeeTheBatchMates) {
  const Tensor images = Images(4);
  for (const Method norm : {Method::kGroup, Method::kLayer, Method::kInstance, Method::kBatch}) {
    Network network(SpecOf(norm), 3);
    EXPECT_LE(Difference(network.Infer(images)[2], network.Infer(images.slice(0, 2, 3))[0]), 1e-6)
        << Name(norm);
  }
  NetSpec spec = SpecOf(Method::kBatch);
  spec.stats = StatsSource::kBatch;
  const Network network(spec, 3);
  EXPECT_GT(Difference(network.Infer(images)[2], network.Infer(images.slice(0, 2, 3))[0]), 1e-3);
}

// What deployment does to batch norm changes roundings, not answers.
TEST(NetworkTest, FoldedAnswersAsRunningStatisticsDo) {
  NetSpec spec = SpecOf(Method::kBatch);
  spec.eps = 0.1;  // large enough to be missed
  Network network(spec, 3);
  {
    const torch::NoGradGuard guard;
    for (Tensor& parameter : network.Parameters()) {
      parameter.add_(torch::sin(torch::arange(parameter.numel())).view(parameter.sizes()), 0.1);
    }
  }
  for (int step = 0; step < 5; ++step) (void)network.Train(Images(8), 4);
  const Network folded = network.Folded();
  EXPECT_EQ(folded.spec().norm, std::nullopt);
  EXPECT_EQ(folded.Parameters().size(), 6u * 2 + 2) << "kernel and bias";
  const Tensor expected = network.Infer(Images(4));
  EXPECT_LE(Difference(folded.Infer(Images(4)), expected),
            1e-5 * expected.abs().max().item<double>());
  EXPECT_GT(Difference(network.Infer(Images(4)), Network(network.spec(), 3).Infer(Images(4))), 1e-2)
      << "statistics and affine parameters matter here";
}

TEST(NetworkTest, WithoutANormTheConvolutionsHaveABias) {
  NetSpec spec;
  spec.norm.reset();
  Network network(spec, 3);
  const std::vector<Tensor> p = network.Parameters();
  ASSERT_EQ(p.size(), 14u);
  at::cross_entropy_loss(network.Train(Images(8), 1), Labels(8)).backward();
  for (const Tensor& parameter : p) EXPECT_GT(parameter.grad().abs().max().item<double>(), 0);
  const std::string path = ::testing::TempDir() + "network_test_none.pt";
  ASSERT_TRUE(network.Save(path).ok());
  const auto loaded = Network::Load(spec, path);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_TRUE(torch::equal(loaded->Infer(Images(2)), network.Infer(Images(2))));
}

// GN with one channel per group, IN, and BN with the statistics of a single image are the same.
TEST(NetworkTest, IdentitiesBetweenTheNorms) {
  NetSpec group = SpecOf(Method::kGroup);
  group.channels_per_group = 1;
  NetSpec batch = SpecOf(Method::kBatch);
  batch.stats = StatsSource::kBatch;
  const Tensor image = Images(1);
  const Tensor instance = Network(SpecOf(Method::kInstance), 3).Infer(image);
  EXPECT_LE(Difference(instance, Network(group, 3).Infer(image)), 1e-5);
  EXPECT_LE(Difference(instance, Network(batch, 3).Infer(image)), 1e-5);
  EXPECT_GT(Difference(instance, Network(SpecOf(Method::kLayer), 3).Infer(image)), 1e-3);
}

std::unique_ptr<const NormKernel> Native() {
  return MakeNativeKernel({.threads = 1, .norm = {}}).value();
}

// Every norm of inference, with statistics and parameters that training has moved.
std::vector<Network> TrainedNetworks() {
  std::vector<Network> networks;
  for (const Method norm : {Method::kBatch, Method::kGroup, Method::kLayer, Method::kInstance}) {
    Network network(SpecOf(norm), 3);
    const torch::NoGradGuard guard;
    for (Tensor& parameter : network.Parameters()) {
      parameter.add_(torch::sin(torch::arange(parameter.numel())).view(parameter.sizes()), 0.1);
    }
    (void)network.Train(Images(8), 1);
    networks.push_back(network);
  }
  networks.push_back(networks[0]);
  networks.back().set_stats(StatsSource::kBatch);
  return networks;
}

// Both norms are off by at most 30 roundings (the bounds of bench/norm/README.md on such data), in
// each of six layers. The next norm keeps a relative error as it is, ReLU and pooling make none
// larger; 32 is the ratio of sum and largest of the last layer's 64 terms, with room.
constexpr double kNativeTolerance = 6 * (30 + 30) * 0x1p-24 * 32;

TEST(NetworkTest, NativeNormsAnswerAsLibTorchsDo) {
  for (Network& network : TrainedNetworks()) {
    for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      const Tensor images = Images(4).contiguous(format);
      Network native = network;
      native.InferWith(Native());
      const Tensor expected = network.Infer(images);
      const Tensor logits = native.Infer(images);
      const double scale = expected.abs().max().item<double>();
      EXPECT_LE(Difference(logits, expected), kNativeTolerance * scale) << NormName(network.spec());
      EXPECT_GT(Difference(logits, expected), 0) << "another route";
    }
  }
}

TEST(NetworkTest, NativeNormsAreOfInferenceOnly) {
  Network network(SpecOf(Method::kInstance), 3), native(SpecOf(Method::kInstance), 3);
  native.InferWith(Native());
  EXPECT_TRUE(torch::equal(network.Train(Images(4), 1), native.Train(Images(4), 1)));
  Network batch(SpecOf(Method::kBatch), 3), native_batch(SpecOf(Method::kBatch), 3);
  native_batch.InferWith(Native());
  EXPECT_TRUE(torch::equal(batch.Folded().Infer(Images(4)), native_batch.Folded().Infer(Images(4))))
      << "no norm is left";
}

class NetworkFileTest : public ::testing::Test {
 protected:
  void ExpectRefused(const NetSpec& spec, const std::string& text) {
    const absl::Status status = Network::Load(spec, path_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path_));
    EXPECT_THAT(std::string(status.message()), HasSubstr(text));
  }

  const std::string path_ = ::testing::TempDir() + "network_test_" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".pt";
};

TEST_F(NetworkFileTest, RoundTripKeepsEveryBit) {
  for (const Method norm : {Method::kBatch, Method::kGroup}) {
    Network network(SpecOf(norm), 9);
    (void)network.Train(Images(4), 1);
    ASSERT_TRUE(network.Save(path_).ok());
    const auto loaded = Network::Load(network.spec(), path_);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    for (size_t i = 0; i < network.Parameters().size(); ++i) {
      EXPECT_TRUE(torch::equal(network.Parameters()[i], loaded->Parameters()[i])) << i;
    }
    if (norm == Method::kBatch) {
      EXPECT_TRUE(torch::equal(network.running_variance(5), loaded->running_variance(5)));
    }
    EXPECT_TRUE(torch::equal(network.Infer(Images(2)), loaded->Infer(Images(2))));
  }
}

TEST_F(NetworkFileTest, NamesTheMissingTensor) {
  ASSERT_TRUE(Network(SpecOf(Method::kGroup), 1).Save(path_).ok());
  ExpectRefused(SpecOf(Method::kBatch), "tensor block0.mean is missing");
}

TEST_F(NetworkFileTest, NamesTheWrongShape) {
  NetSpec wide = SpecOf(Method::kGroup);
  wide.channels[2] = 48;
  ASSERT_TRUE(Network(wide, 1).Save(path_).ok());
  ExpectRefused(SpecOf(Method::kGroup),
                "tensor block2.kernel has shape (48, 16, 3, 3), expected (32, 16, 3, 3)");
}

TEST_F(NetworkFileTest, NamesTheWrongType) {
  Network network(SpecOf(Method::kGroup), 1);
  network.To(torch::kCPU, torch::kDouble);
  ASSERT_TRUE(network.Save(path_).ok());
  ExpectRefused(SpecOf(Method::kGroup), "tensor block0.kernel has type Double, expected Float");
}

TEST_F(NetworkFileTest, NotAnArchive) {
  std::ofstream(path_) << "these are no weights";
  ExpectRefused(SpecOf(Method::kGroup), "LibTorch: ");
}

TEST_F(NetworkFileTest, NoFile) {
  const absl::Status status = Network::Load(SpecOf(Method::kGroup), path_ + ".no").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
}

TEST_F(NetworkFileTest, CannotBeWritten) {
  const Network network(SpecOf(Method::kGroup), 1);
  EXPECT_FALSE(network.Save(::testing::TempDir() + "no-such-folder/weights.pt").ok());
}

TEST(InferBytes, CoversWhatLibTorchAllocates) {
  NetSpec none;
  none.norm.reset();
  std::vector<Network> networks;
  for (const NetSpec& spec : {SpecOf(Method::kBatch), SpecOf(Method::kGroup), none}) {
    networks.emplace_back(spec, 1);
  }
  networks.push_back(networks[1]);
  networks.back().InferWith(Native());
  for (const Network& network : networks) {
    for (const int64_t batch : {1, 16}) {
      const Tensor images = Images(batch);
      const int64_t peak = PeakTorchBytes([&] { network.Infer(images); });
      EXPECT_LE(peak, network.InferBytes(batch));
      EXPECT_GE(peak, network.InferBytes(batch) / 4);
    }
  }
}

TEST(InferBytes, HasTheMemoryOfNativeNorms) {
  Network network(SpecOf(Method::kBatch), 1);
  network.set_stats(StatsSource::kBatch);
  const int64_t by_torch = network.InferBytes(8);
  network.InferWith(Native());
  const NormSpec last = NormSpecOf(network.spec(), 64);
  const Shape shape = Shape::Parse("8x64x4x4").value();
  EXPECT_GE(network.InferBytes(8) - by_torch, Native()->WorkspaceBytes(last, shape, {}));
}

}  // namespace
}  // namespace normbench
