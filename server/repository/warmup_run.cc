// SPDX-License-Identifier: Apache-2.0
#include "server/repository/warmup_run.h"

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/repository/config_error.h"
#include "server/repository/naming.h"
#include "server/repository/warmup_check.h"
#include "server/repository/warmup_data.h"

namespace normbench {
namespace {

// As for a request: answers go to memory of ours, which is then forgotten.
absl::Status RunOnce(Model& model, const WarmupData& data, int outputs) {
  std::vector<std::vector<Line>> memory(static_cast<size_t>(outputs));
  return model.Infer(data.inputs, [&](int index, const std::vector<int64_t>&, size_t bytes) {
    auto& lines = memory[static_cast<size_t>(index)];
    if (bytes > static_cast<size_t>(kMaxWarmupBytes)) return static_cast<std::byte*>(nullptr);
    lines.resize((bytes + sizeof(Line) - 1) / sizeof(Line));
    return reinterpret_cast<std::byte*>(lines.data());
  });
}

}  // namespace

absl::Status RunWarmups(Model& model, const inference::ModelConfig& config,
                        const std::filesystem::path& folder) {
  for (const inference::ModelWarmup& warmup : config.model_warmup()) {
    const absl::StatusOr<WarmupData> data = MakeWarmupData(warmup, config, folder);
    if (!data.ok()) return data.status();
    for (int64_t run = 0; run < WarmupRuns(warmup); ++run) {
      const absl::Status status = RunOnce(model, *data, config.output_size());
      if (status.ok()) continue;
      return ConfigError(
          absl::StrCat("model_warmup ", Quoted(warmup.name()), " failed: ", status.message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace normbench
