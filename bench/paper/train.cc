// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/train.h"

#include <algorithm>
#include <span>
#include <utility>

#include "bench/data/photometric.h"
#include "bench/data/random_order.h"
#include "server/kernels/torch_wall.h"
#include "server/nets/network.h"

namespace normbench {
namespace {

absl::Status Stopped() {
  return absl::CancelledError("training was stopped");
}

std::span<float, kImagePixels> ImageAt(float* images, int64_t index) {
  return std::span<float, kImagePixels>(images + index * kImagePixels, kImagePixels);
}

// The batches of a run, one after the other, into the same memory.
class Batches {
 public:
  Batches(const Recipe& recipe, const ImageSet& images)
      : recipe_(recipe),
        images_(images),
        chosen_(RandomOrder(recipe.seed, 0, static_cast<uint32_t>(images.count()))),
        x_(torch::empty({recipe.batch, 1, kImageSide, kImageSide})),
        labels_(torch::empty({recipe.batch}, torch::kLong)) {}

  // Fills images() and labels() with batch `step` of the run, in a fresh order each epoch.
  void Fill(int64_t step) {
    const int64_t epoch = step / StepsPerEpoch(recipe_);
    const int64_t in_epoch = step % StepsPerEpoch(recipe_);
    if (in_epoch == 0) {
      order_ = RandomOrder(recipe_.seed, 1 + static_cast<uint64_t>(epoch), recipe_.train_images);
    }
    auto* const x = x_.mutable_data_ptr<float>();
    auto* const labels = labels_.mutable_data_ptr<int64_t>();
    for (int64_t i = 0; i < recipe_.batch; ++i) {
      const uint32_t image = chosen_[order_[static_cast<size_t>(in_epoch * recipe_.batch + i)]];
      Expose(images_.image(image), TrainExposure(recipe_.seed, static_cast<uint64_t>(epoch), image),
             ImageAt(x, i));
      labels[i] = images_.labels[image];
    }
  }

  const torch::Tensor& images() const { return x_; }
  const torch::Tensor& labels() const { return labels_; }

 private:
  const Recipe& recipe_;
  const ImageSet& images_;
  std::vector<uint32_t> chosen_;  // the first train_images of it are the training set
  std::vector<uint32_t> order_;
  torch::Tensor x_;
  torch::Tensor labels_;
};

absl::Status Optimize(Network& network, const TrainJob& job, const TrainingData& data,
                      TrainControl& control) {
  const Recipe& recipe = job.recipe;
  const int64_t workers = recipe.batch / job.run.train_batch;
  const int64_t steps = recipe.epochs * StepsPerEpoch(recipe);
  Batches batches(recipe, data.train);
  torch::optim::SGD optimizer(network.Parameters(), torch::optim::SGDOptions(recipe.learning_rate)
                                                        .momentum(recipe.momentum)
                                                        .weight_decay(recipe.weight_decay));
  for (int64_t step = 0; step < steps; ++step) {
    if (control.stop) return Stopped();
    batches.Fill(step);
    optimizer.param_groups()[0].options().set_lr(LearningRate(recipe, step, steps));
    optimizer.zero_grad();
    at::cross_entropy_loss(network.Train(batches.images(), workers), batches.labels()).backward();
    optimizer.step();
    ++control.done;
  }
  return absl::OkStatus();
}

// Images of [first, end) that `network`, seeing `batch` of them at a time, puts into a wrong class.
int64_t CountWrong(const Network& network, const TrainingData& data,
                   std::pair<int64_t, int64_t> range, int64_t batch) {
  int64_t wrong = 0;
  for (int64_t first = range.first; first < range.second; first += batch) {
    const int64_t count = std::min(batch, range.second - first);
    // from_blob wants a mutable pointer and nothing here writes through it.
    auto* const pixels = const_cast<float*>(data.test_images.data()) + first * kImagePixels;
    const torch::Tensor best =
        network.Infer(torch::from_blob(pixels, {count, 1, kImageSide, kImageSide})).argmax(1);
    const auto* const classes = best.const_data_ptr<int64_t>();
    for (int64_t i = 0; i < count; ++i) {
      wrong += classes[i] != data.test_labels[static_cast<size_t>(first + i)];
    }
  }
  return wrong;
}

absl::StatusOr<double> TestError(const Network& network, const TrainingData& data, int64_t batch,
                                 TrainControl& control) {
  const auto count = static_cast<int64_t>(data.test_labels.size());
  int64_t wrong = 0;
  for (int64_t first = 0; first < count; first += kTestStep) {
    if (control.stop) return Stopped();
    wrong += CountWrong(network, data, {first, std::min(count, first + kTestStep)}, batch);
    ++control.done;
  }
  return static_cast<double>(wrong) / static_cast<double>(count);
}

}  // namespace

absl::StatusOr<TrainingData> LoadTrainingData(const std::string& folder, uint32_t test_images) {
  absl::StatusOr<ImageSet> train = ReadFashionMnist(folder, Split::kTrain);
  if (!train.ok()) return train.status();
  const absl::StatusOr<ImageSet> test = ReadFashionMnist(folder, Split::kTest);
  if (!test.ok()) return test.status();

  TrainingData data;
  data.train = *std::move(train);
  data.test_labels.assign(test->labels.begin(), test->labels.begin() + test_images);
  data.test_images.resize(size_t{test_images} * kImagePixels);
  for (uint32_t i = 0; i < test_images; ++i) {
    Expose(test->image(i), TestExposure(kTestDrawSeed, i), ImageAt(data.test_images.data(), i));
  }
  return data;
}

absl::StatusOr<TrainOutcome> Train(const TrainJob& job, const TrainingData& data,
                                   TrainControl& control) {
  TrainOutcome outcome;
  const absl::Status status = BehindTorchWall([&] {
    at::set_num_threads(1);
    Network network(job.run.net, job.recipe.seed);
    absl::Status step = Optimize(network, job, data, control);
    if (step.ok()) step = network.Save(job.weights_path);
    for (const ServedAs& served : job.run.served) {
      if (!step.ok()) return step;
      network.set_stats(served.stats);
      const bool folded = served.stats == StatsSource::kFolded;
      const absl::StatusOr<double> error =
          TestError(folded ? network.Folded() : network, data, TestBatch(job.run, served), control);
      if (error.ok()) outcome.test_errors.push_back(*error);
      step = error.status();
    }
    return step;
  });
  if (!status.ok()) return status;
  return outcome;
}

}  // namespace normbench
