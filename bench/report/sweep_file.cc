// SPDX-License-Identifier: Apache-2.0
#include "bench/report/sweep_file.h"

#include <fstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bench/norm/nearest.h"
#include "google/protobuf/util/json_util.h"

namespace normbench {
namespace {

using google::protobuf::Descriptor;

// The message type of `path` ("kernel[0]") below `root`; null where the path leaves it.
const Descriptor* Resolve(const Descriptor* root, const std::string& path) {
  for (const absl::string_view part : absl::StrSplit(path, '.', absl::SkipEmpty())) {
    const auto* field = root->FindFieldByName(std::string(part.substr(0, part.find('['))));
    root = field == nullptr ? nullptr : field->message_type();
    if (root == nullptr) break;
  }
  return root;
}

std::string UnknownKey(const Descriptor* root, const std::string& path, const std::string& key) {
  std::vector<std::string> names;
  const Descriptor* message = Resolve(root, path);
  for (int i = 0; message != nullptr && i < message->field_count(); ++i) {
    names.push_back(message->field(i)->name());
  }
  const std::string nearest = Nearest(key, names);
  return absl::StrCat(
      path, path.empty() ? "" : ".", key, ": unknown key",
      nearest.empty() ? "; allowed: " + absl::StrJoin(names, ", ") : ", did you mean " + nearest);
}

std::string WrongType(absl::string_view path, absl::string_view rest) {
  const size_t split = rest.rfind(" for type ");
  const absl::string_view value = rest.substr(0, split);
  const absl::string_view type = rest.substr(split + 10);
  const char* wanted = type == "TYPE_INT32" ? "a whole number" : "a number";
  return absl::StrCat(path, ": ", value, " is not ", type == "TYPE_STRING" ? "a string" : wanted);
}

// protobuf's parser says "(kernel[0]) tensr_n: Cannot find field.", "(version): invalid value "x"
// for type TYPE_INT32" or, in lines, what is wrong with the JSON and where.
std::string Explain(const Descriptor* root, absl::string_view error) {
  constexpr absl::string_view kUnknown = ": Cannot find field.";
  constexpr absl::string_view kInvalid = ": invalid value ";
  absl::string_view path, rest = error;
  const size_t close = error.find(')');
  if (absl::StartsWith(error, "(") && close != absl::string_view::npos) {
    path = error.substr(1, close - 1);
    rest = error.substr(close + 1);
  }
  if (absl::ConsumePrefix(&rest, kInvalid) && absl::StrContains(rest, " for type ")) {
    return WrongType(path, rest);
  }
  absl::ConsumePrefix(&rest, " ");
  if (absl::ConsumeSuffix(&rest, kUnknown)) {
    return UnknownKey(root, std::string(path), std::string(rest));
  }
  if (absl::StrContains(error, "Root element")) return "the text must be one JSON object";
  const std::vector<std::string> lines = absl::StrSplit(error, '\n');
  return absl::StrCat("not valid JSON: ", lines[0],
                      lines.size() > 1 && !lines[1].empty() ? " Near: " + lines[1] : "");
}

bool IsName(const std::string& name) {
  constexpr const char* kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  return !name.empty() && name.size() <= 64 &&
         name.find_first_not_of(kAllowed) == std::string::npos;
}

}  // namespace

absl::Status CheckSweepHead(const v1::Sweep& sweep) {
  if (sweep.version() != kSweepVersion) {
    return absl::InvalidArgumentError(absl::StrCat("version: ", sweep.version(),
                                                   "; allowed: ", kSweepVersion,
                                                   " (the version of the sweep format)"));
  }
  if (!IsName(sweep.name())) {
    return absl::InvalidArgumentError(
        absl::StrCat("name: '", sweep.name(), "'; allowed: 1 to 64 of a-z 0-9 _ -"));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Sweep> ParseSweep(std::string_view json) {
  if (json.size() > kMaxSweepBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(json.size(), " bytes; a sweep has at most ", kMaxSweepBytes));
  }
  v1::Sweep sweep;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &sweep);
  if (!parsed.ok()) {
    const auto message = parsed.message();
    return absl::InvalidArgumentError(
        Explain(v1::Sweep::descriptor(), absl::string_view(message.data(), message.size())));
  }
  if (absl::Status head = CheckSweepHead(sweep); !head.ok()) return head;
  return sweep;
}

absl::StatusOr<v1::Sweep> ReadSweepFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  std::string text(kMaxSweepBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  absl::StatusOr<v1::Sweep> sweep = ParseSweep(text);
  if (sweep.ok()) return sweep;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", sweep.status().message()));
}

}  // namespace normbench
