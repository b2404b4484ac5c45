// SPDX-License-Identifier: Apache-2.0
// A network as a plain value: what the `parameters` of a model's configuration say and what the
// trainer is told. Plain6: six times 3x3 convolution, normalization, ReLU; global average pool; one
// linear layer. Needs no torch.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/norm/spec.h"
#include "bench/norm/words.h"

namespace normbench {

// Who computes the norms at inference: LibTorch, or server/kernels/native. Training is LibTorch's.
enum class NormImpl { kTorch, kNative };

struct NetSpec {
  std::string network = "plain6";
  std::vector<int64_t> channels = {16, 16, 32, 32, 64, 64};  // of each convolution's output
  std::vector<int64_t> strides = {2, 1, 2, 1, 2, 1};
  int64_t image_channels = 1;
  int64_t image_side = 28;
  int64_t classes = 10;

  // Batch, layer, instance or group; nothing: the convolutions have a bias instead.
  std::optional<Method> norm = Method::kGroup;
  int64_t channels_per_group = 2;  // group norm; divides every entry of `channels`
  // Batch norm at inference; folded: running ones, once and for all inside the convolutions.
  StatsSource stats = StatsSource::kRunning;
  NormImpl norm_impl = NormImpl::kTorch;  // where inference computes a norm
  double eps = 1e-5;

  bool operator==(const NetSpec&) const = default;
};

// Reads network, norm, channels_per_group, stats and norm_impl. What a configuration keeps for its
// reader (train_batch, data, seed, test_error, test_draw, test_batch) is allowed and ignored.
// Returns INVALID_ARGUMENT for an unknown parameter or value, naming the nearest, and for one that
// does not go with the norm.
absl::StatusOr<NetSpec> ParseNetSpec(const std::map<std::string, std::string>& parameters);

// The inverse: ParseNetSpec(ToParameters(spec)) == spec for a spec of that kind.
std::map<std::string, std::string> ToParameters(const NetSpec& spec);

// The word for its norm in parameters and tables: that of the method, or "none".
std::string NormName(const NetSpec& spec);

// Statistics groups of each sample in a layer of `channels` channels: 1 for layer norm, C for
// instance norm. REQUIRES: spec.norm is neither batch nor nothing.
int64_t GroupsOf(const NetSpec& spec, int64_t channels);

// The norm behind a convolution with `channels` outputs. REQUIRES: spec has a norm.
NormSpec NormSpecOf(const NetSpec& spec, int64_t channels);

}  // namespace normbench
