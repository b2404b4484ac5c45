// SPDX-License-Identifier: Apache-2.0
#include "server/repository/batching.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/repository/config_error.h"

namespace normbench {
namespace {

using inference::ModelDynamicBatching;
using inference::ModelQueuePolicy;
using std::chrono::microseconds;

constexpr uint64_t kMaxMicroseconds = 86'400'000'000;  // a day
constexpr uint64_t kMaxLevels = 1'000'000;

absl::Status OutOfRange(const std::string& what, const absl::AlphaNum& value,
                        const absl::AlphaNum& min, const absl::AlphaNum& max) {
  return ConfigError(absl::StrCat(what, ": ", value, "; allowed: ", min, " to ", max));
}

absl::StatusOr<microseconds> ToTime(const std::string& what, uint64_t value) {
  if (value > kMaxMicroseconds) return OutOfRange(what, value, 0, kMaxMicroseconds);
  return microseconds(value);
}

absl::StatusOr<QueuePolicy> ToPolicy(const std::string& field, const ModelQueuePolicy& given) {
  const auto timeout =
      ToTime(field + ".default_timeout_microseconds", given.default_timeout_microseconds());
  if (!timeout.ok()) return timeout.status();
  return QueuePolicy{.timeout = *timeout,
                     .delays = given.timeout_action() == ModelQueuePolicy::DELAY,
                     .allows_shorter = given.allow_timeout_override(),
                     .max_waiting = given.max_queue_size()};
}

absl::Status ReadLevels(const ModelDynamicBatching& given, BatchRules& rules) {
  rules.levels = given.priority_levels();
  rules.default_level = given.default_priority_level();
  if (rules.levels > kMaxLevels) {
    return OutOfRange("dynamic_batching.priority_levels", rules.levels, 0, kMaxLevels);
  }
  const uint64_t first = rules.levels == 0 ? 0 : 1;
  if (rules.default_level < first || rules.default_level > rules.levels) {
    return OutOfRange("dynamic_batching.default_priority_level", rules.default_level, first,
                      rules.levels);
  }
  return absl::OkStatus();
}

// An order that is kept, and what makes another one.
absl::Status CheckOrder(const BatchRules& rules) {
  const auto delays = [](const QueuePolicy& policy) { return policy.delays; };
  const std::string field = "dynamic_batching.preserve_ordering: true beside ";
  if (!rules.keeps_order) return absl::OkStatus();
  if (rules.levels > 1) {
    return ConfigError(absl::StrCat(field, "priority_levels ", rules.levels,
                                    "; allowed: one of them, a priority is another order"));
  }
  if (delays(rules.default_policy) ||
      std::ranges::any_of(rules.policies, [&](const auto& own) { return delays(own.second); })) {
    return ConfigError(absl::StrCat(field, "timeout_action DELAY; allowed: one of them"));
  }
  return absl::OkStatus();
}

absl::Status ReadPolicies(const ModelDynamicBatching& given, BatchRules& rules) {
  auto policy = ToPolicy("dynamic_batching.default_queue_policy", given.default_queue_policy());
  if (!policy.ok()) return policy.status();
  rules.default_policy = *policy;
  for (const auto& [level, of_level] : given.priority_queue_policy()) {
    const std::string field = "dynamic_batching.priority_queue_policy";
    if (level < 1 || level > rules.levels) {
      return OutOfRange(field + " key", level, 1, rules.levels);
    }
    policy = ToPolicy(absl::StrCat(field, "[", level, "]"), of_level);
    if (!policy.ok()) return policy.status();
    rules.policies[level] = *policy;
  }
  return absl::OkStatus();
}

absl::Status ReadBatching(const inference::ModelConfig& config, BatchRules& rules) {
  const ModelDynamicBatching& given = config.dynamic_batching();
  for (const int32_t size : given.preferred_batch_size()) {
    if (size < 1 || size > config.max_batch_size()) {
      return OutOfRange("dynamic_batching.preferred_batch_size", size, 1, config.max_batch_size());
    }
    rules.preferred.push_back(size);
  }
  const auto delay =
      ToTime("dynamic_batching.max_queue_delay_microseconds", given.max_queue_delay_microseconds());
  if (!delay.ok()) return delay.status();
  rules.max_delay = *delay;
  rules.keeps_order = given.preserve_ordering();
  rules.max_samples = std::max(1, config.max_batch_size());
  rules.joins =
      config.max_batch_size() > 1 && std::ranges::none_of(config.output(), [](const auto& output) {
        return output.data_type() == inference::TYPE_STRING;
      });
  absl::Status status = ReadLevels(given, rules);
  if (status.ok()) status = ReadPolicies(given, rules);
  return status.ok() ? CheckOrder(rules) : status;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const BatchRules>> ReadBatchRules(
    const inference::ModelConfig& config) {
  if (!config.has_dynamic_batching() && config.instance_group().empty()) return nullptr;
  BatchRules rules;
  for (const auto& group : config.instance_group()) rules.max_running += std::max(1, group.count());
  if (config.has_dynamic_batching()) {
    if (absl::Status status = ReadBatching(config, rules); !status.ok()) return status;
  }
  return std::make_shared<const BatchRules>(std::move(rules));
}

}  // namespace normbench
