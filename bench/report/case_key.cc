// SPDX-License-Identifier: Apache-2.0
#include "bench/report/case_key.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "bench/norm/nearest.h"
#include "bench/report/key_field.h"
#include "bench/report/percent.h"

namespace normbench {
namespace {

using google::protobuf::Message;

constexpr const char* kPrefixes[] = {"norm", "service", "model", "invariance"};  // by CaseKind

Message* Mutable(CaseSpec* spec) {
  return std::visit([](auto& message) -> Message* { return &message; }, *spec);
}

const Message& Get(const CaseSpec& spec) {
  return std::visit([](const auto& message) -> const Message& { return message; }, spec);
}

// What comes after the prefix: the norm or the model.
std::string* MutableName(CaseSpec* spec) {
  if (v1::NormCase* c = MutableNormCase(spec); c != nullptr)
    return c->mutable_spec()->mutable_norm();
  return std::get<v1::ModelCase>(*spec).mutable_model();
}

CaseSpec EmptySpec(CaseKind kind) {
  switch (kind) {
    case CaseKind::kKernel:
      return v1::NormCase();
    case CaseKind::kService:
      return v1::ServiceCase();
    case CaseKind::kModel:
      return v1::ModelCase();
    case CaseKind::kInvariance:
      return v1::InvarianceCase();
  }
  return {};
}

// An empty case with what other defaults depend on: the norm, and whether the loop is open.
CaseSpec DefaultsFor(CaseSpec* canonical) {
  CaseSpec defaults = EmptySpec(KindOf(*canonical));
  *MutableName(&defaults) = *MutableName(canonical);
  if (const v1::Load* load = LoadOf(*canonical); load != nullptr) {
    MutableLoad(&defaults)->set_arrivals(load->arrivals());
  }
  return Canonical(defaults);
}

absl::Status BadKey(std::string_view key, const std::string& why) {
  return absl::InvalidArgumentError(absl::StrCat("case key '", std::string(key), "': ", why));
}

absl::StatusOr<CaseSpec> ParseHead(std::string_view head) {
  const size_t slash = head.find('/');
  for (const CaseKind kind : kCaseKinds) {
    if (head.substr(0, slash) != kPrefixes[static_cast<int>(kind)]) continue;
    const std::string_view encoded =
        slash == std::string_view::npos ? std::string_view() : head.substr(slash + 1);
    absl::StatusOr<std::string> name = PercentDecode(encoded);
    if (!name.ok()) return name.status();
    if (name->empty()) return absl::InvalidArgumentError("a name must follow the first /");
    CaseSpec spec = EmptySpec(kind);
    *MutableName(&spec) = *std::move(name);
    return spec;
  }
  const std::vector<std::string> prefixes(std::begin(kPrefixes), std::end(kPrefixes));
  const std::string nearest = Nearest(head.substr(0, slash), prefixes);
  return absl::InvalidArgumentError(
      absl::StrCat("must begin with ", absl::StrJoin(prefixes, "/, "), "/",
                   nearest.empty() ? "" : absl::StrCat("; nearest: ", nearest, "/")));
}

absl::Status UnknownParameter(const std::string& name, const std::vector<KeyField>& fields) {
  std::vector<std::string> names;
  for (const KeyField& field : fields) names.push_back(field.name);
  return absl::InvalidArgumentError(UnknownWord("parameter", name, names));
}

absl::Status SetParameter(CaseSpec* spec, const std::vector<KeyField>& fields,
                          const std::pair<std::string, std::string>& parameter) {
  for (const KeyField& field : fields) {
    if (field.name != parameter.first) continue;
    absl::StatusOr<std::string> value = PercentDecode(parameter.second);
    if (!value.ok()) return value.status();
    if (value->empty()) return absl::InvalidArgumentError(field.name + ": empty value");
    const absl::Status set = SetFieldText(Mutable(spec), field.path, *value);
    if (set.ok()) return set;
    return absl::InvalidArgumentError(absl::StrCat(field.name, ": ", set.message()));
  }
  return UnknownParameter(parameter.first, fields);
}

absl::Status ParseParameters(std::string_view text, CaseSpec* spec) {
  const std::vector<KeyField> fields = KeyFields(KindOf(*spec));
  std::set<std::string> seen;
  for (const absl::string_view part :
       absl::StrSplit(absl::string_view(text.data(), text.size()), '&', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> parameter =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (!seen.insert(parameter.first).second) {
      return absl::InvalidArgumentError(parameter.first + ": given twice");
    }
    const absl::Status set = SetParameter(spec, fields, parameter);
    if (!set.ok()) return set;
  }
  const std::string required = KindOf(*spec) == CaseKind::kModel ? "data" : "shape";
  if (!seen.contains(required)) return absl::InvalidArgumentError(required + ": missing");
  if (seen.contains("stats") && *MutableName(spec) != "batch") {
    return absl::InvalidArgumentError("stats: applies to batch norm only");
  }
  if (seen.contains("g") && *MutableName(spec) != "group") {
    return absl::InvalidArgumentError("g: applies to group norm only");
  }
  return absl::OkStatus();
}

}  // namespace

std::string CaseKey(const CaseSpec& spec) {
  CaseSpec canonical = Canonical(spec);
  const CaseSpec defaults = DefaultsFor(&canonical);
  std::vector<std::string> parameters;
  for (const KeyField& field : KeyFields(KindOf(spec))) {
    const std::string text = FieldText(Get(canonical), field.path);
    if (text.empty() || (!field.always && text == FieldText(Get(defaults), field.path))) continue;
    parameters.push_back(absl::StrCat(field.name, "=", PercentEncode(text)));
  }
  return absl::StrCat(kPrefixes[spec.index()], "/", PercentEncode(*MutableName(&canonical)), "?",
                      absl::StrJoin(parameters, "&"));
}

bool IsCaseKey(std::string_view text) {
  return std::ranges::any_of(kPrefixes, [text](std::string_view prefix) {
    return text.starts_with(prefix) && text.substr(prefix.size()).starts_with('/');
  });
}

absl::StatusOr<CaseSpec> ParseCaseKey(std::string_view key) {
  const size_t question = key.find('?');
  absl::StatusOr<CaseSpec> spec = ParseHead(key.substr(0, question));
  if (!spec.ok()) return BadKey(key, std::string(spec.status().message()));
  const absl::Status parsed = ParseParameters(
      question == std::string_view::npos ? std::string_view() : key.substr(question + 1), &*spec);
  if (!parsed.ok()) return BadKey(key, std::string(parsed.message()));
  return Canonical(*spec);
}

std::string RerunCommand(std::string_view key, std::string_view server) {
  if (server == kInProcess) {
    return absl::StrCat("normbench run '", std::string(key), "' --remote");
  }
  return absl::StrCat("normbench run '", std::string(key), "'",
                      server.empty() ? "" : absl::StrCat(" --server ", std::string(server)));
}

}  // namespace normbench
