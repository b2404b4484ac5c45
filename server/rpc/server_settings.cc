// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/server_settings.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/repository/naming.h"

namespace normbench {
namespace {

using LogValue = inference::LogSettingsRequest::SettingValue;

std::map<std::string, std::string> TraceSettings(const Tracer* tracer) {
  const Tracer::Options options = tracer == nullptr ? Tracer::Options() : tracer->options();
  return {{"trace_level", tracer == nullptr ? "OFF" : "TIMESTAMPS"},
          {"trace_rate", absl::StrCat(options.rate)},
          {"trace_count", "-1"},
          {"log_frequency", "0"},
          {"trace_file", std::filesystem::path(options.file).filename().string()},
          {"trace_mode", "triton"}};
}

LogValue Of(bool value) {
  LogValue setting;
  setting.set_bool_param(value);
  return setting;
}

LogValue Of(uint32_t value) {
  LogValue setting;
  setting.set_uint32_param(value);
  return setting;
}

LogValue Of(const std::string& value) {
  LogValue setting;
  setting.set_string_param(value);
  return setting;
}

const std::map<std::string, LogValue>& LogSettings() {
  static const std::map<std::string, LogValue> settings = {
      {"log_file", Of(std::string())}, {"log_info", Of(true)},
      {"log_warning", Of(true)},       {"log_error", Of(true)},
      {"log_verbose_level", Of(0u)},   {"log_format", Of(std::string("default"))}};
  return settings;
}

std::string Words(const LogValue& value) {
  switch (value.parameter_choice_case()) {
    case LogValue::kBoolParam:
      return value.bool_param() ? "true" : "false";
    case LogValue::kUint32Param:
      return absl::StrCat(value.uint32_param());
    case LogValue::kStringParam:
      return Quoted(value.string_param());
    default:
      return "nothing";
  }
}

template <typename Settings>
absl::Status UnknownSetting(const std::string& name, const Settings& settings) {
  std::vector<std::string> names;
  for (const auto& [known, value] : settings) names.push_back(known);
  return absl::InvalidArgumentError(absl::StrCat("settings: unknown ", Quoted(name),
                                                 NearestNote(name, names),
                                                 "; allowed: ", absl::StrJoin(names, ", ")));
}

absl::Status Fixed(const std::string& name, const std::string& value, const std::string& allowed) {
  return absl::UnimplementedError(absl::StrCat(
      "settings: ", name, ": ", value, "; allowed: ", allowed, ", this server offers no other"));
}

}  // namespace

absl::StatusOr<inference::TraceSettingResponse> AnswerTraceSetting(
    const ModelRepository& repository, const Tracer* tracer,
    const inference::TraceSettingRequest& request) {
  if (!request.model_name().empty()) {
    const auto found = repository.Find(request.model_name(), "");
    if (!found.ok()) return found.status();
  }
  const std::map<std::string, std::string> settings = TraceSettings(tracer);
  for (const auto& [name, setting] : request.settings()) {
    const auto known = settings.find(name);
    if (known == settings.end()) return UnknownSetting(name, settings);
    // No value at all: back to what it is by default.
    for (const std::string& value : setting.value()) {
      if (value != known->second) return Fixed(name, Quoted(value), Quoted(known->second));
    }
  }
  inference::TraceSettingResponse response;
  for (const auto& [name, value] : settings) {
    (*response.mutable_settings())[name].add_value(value);
  }
  return response;
}

absl::StatusOr<inference::LogSettingsResponse> AnswerLogSettings(
    const inference::LogSettingsRequest& request) {
  for (const auto& [name, value] : request.settings()) {
    const auto known = LogSettings().find(name);
    if (known == LogSettings().end()) return UnknownSetting(name, LogSettings());
    if (Words(value) != Words(known->second))
      return Fixed(name, Words(value), Words(known->second));
  }
  inference::LogSettingsResponse response;
  for (const auto& [name, value] : LogSettings()) {
    // The same message but for its name.
    (*response.mutable_settings())[name].ParseFromString(value.SerializeAsString());
  }
  return response;
}

}  // namespace normbench
