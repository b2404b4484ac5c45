// SPDX-License-Identifier: Apache-2.0
#include "bench/report/expand_entry.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bench/load/arrival_spec.h"
#include "bench/norm/shape.h"
#include "bench/report/axis.h"
#include "bench/report/case_key.h"

namespace normbench {
namespace {

using NormCases = std::vector<v1::NormCase>;

constexpr auto kAlways = [](const auto&) { return true; };

absl::Status CheckPositive(const char* field,
                           const google::protobuf::RepeatedField<int32_t>& values) {
  for (int i = 0; i < values.size(); ++i) {
    if (values[i] >= 1) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(field, "[", i, "]: ", values[i], "; allowed: 1 .. 2147483647"));
  }
  return absl::OkStatus();
}

absl::Status CheckGiven(const char* field, const std::string& hint, bool given) {
  if (given) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ": missing; ", hint));
}

// (N, C, H, W) from tensor_n and "CxHxW".
absl::StatusOr<Shape> FullShape(int32_t n, const std::string& sample_shape) {
  absl::StatusOr<Shape> shape = Shape::Parse(absl::StrCat(n, "x", sample_shape));
  if (shape.ok()) return shape;
  return absl::InvalidArgumentError(absl::StrCat("shape: '", sample_shape, "' with tensor_n ", n,
                                                 ": ", shape.status().message(),
                                                 "; write it without N: 64x56x56 or 768"));
}

// None for an entry whose shape is that of one sample.
template <typename Entry>
google::protobuf::RepeatedField<int32_t> TensorN(const Entry& entry) {
  if constexpr (requires { entry.tensor_n(); }) return entry.tensor_n();
  return {};
}

template <typename Entry>
absl::StatusOr<std::vector<google::protobuf::RepeatedField<int32_t>>> FullShapes(const Entry& entry,
                                                                                 size_t limit) {
  std::vector<google::protobuf::RepeatedField<int32_t>> shapes;
  google::protobuf::RepeatedField<int32_t> counts = TensorN(entry);
  if (counts.empty()) counts.Add(1);
  for (const std::string& sample_shape : entry.shape()) {
    for (const int32_t n : counts) {
      if (shapes.size() > limit) return shapes;
      const absl::StatusOr<Shape> shape = FullShape(n, sample_shape);
      if (!shape.ok()) return shape.status();
      shapes.emplace_back(shape->dims().begin(), shape->dims().end());
    }
  }
  return shapes;
}

template <typename Entry>
absl::Status CheckNormAxes(const Entry& entry) {
  if (absl::Status s =
          CheckGiven("norm", "give batch, layer, instance, group or rms", !entry.norm().empty());
      !s.ok()) {
    return s;
  }
  if (absl::Status s = CheckGiven("shape", "give for example 64x56x56", !entry.shape().empty());
      !s.ok()) {
    return s;
  }
  if (absl::Status s = CheckPositive("groups", entry.groups()); !s.ok()) return s;
  if (absl::Status s = CheckPositive("trailing", entry.trailing()); !s.ok()) return s;
  return CheckPositive("tensor_n", TensorN(entry));
}

// The axes that all but model entries share.
template <typename Entry>
absl::StatusOr<NormCases> ExpandNorm(const Entry& entry, const EntryOptions& options) {
  if (absl::Status s = CheckNormAxes(entry); !s.ok()) return s;
  const auto shapes = FullShapes(entry, options.limit);
  if (!shapes.ok()) return shapes.status();
  v1::NormCase first;
  first.set_seed(options.seed);
  if (entry.has_eps()) first.mutable_spec()->set_eps(entry.eps());
  NormCases cases = {first};
  const auto is = [](const char* norm) {
    return [norm](const v1::NormCase& c) { return c.spec().norm() == norm; };
  };
  cases = Multiply(cases, entry.norm(), options.limit, kAlways,
                   [](const auto& v, auto* c) { c->mutable_spec()->set_norm(v); });
  cases = Multiply(cases, entry.stats(), options.limit, is("batch"),
                   [](const auto& v, auto* c) { c->mutable_spec()->set_stats(v); });
  cases = Multiply(cases, entry.groups(), options.limit, is("group"),
                   [](const auto& v, auto* c) { c->mutable_spec()->set_groups(v); });
  cases = Multiply(cases, entry.affine(), options.limit, kAlways,
                   [](const auto& v, auto* c) { c->mutable_spec()->set_affine(v); });
  const auto has_trailing = [&](const auto& c) { return is("layer")(c) || is("rms")(c); };
  cases = Multiply(cases, entry.trailing(), options.limit, has_trailing,
                   [](int32_t v, auto* c) { c->mutable_spec()->set_trailing(v); });
  cases = Multiply(cases, *shapes, options.limit, kAlways,
                   [](const auto& v, auto* c) { *c->mutable_shape() = v; });
  cases = Multiply(cases, entry.dtype(), options.limit, kAlways,
                   [](const auto& v, auto* c) { c->set_dtype(v); });
  cases = Multiply(cases, entry.layout(), options.limit, kAlways,
                   [](const auto& v, auto* c) { c->set_layout(v); });
  cases = Multiply(cases, entry.device(), options.limit, kAlways,
                   [](const auto& v, auto* c) { c->set_device(v); });
  cases = Multiply(cases, entry.data(), options.limit, kAlways,
                   [](const auto& v, auto* c) { c->set_data(v); });
  return Multiply(cases, entry.impl(), options.limit, kAlways,
                  [](const auto& v, auto* c) { c->set_impl(v); });
}

template <typename C>
std::vector<CaseSpec> ToSpecs(const std::vector<C>& cases) {
  return std::vector<CaseSpec>(cases.begin(), cases.end());
}

// An empty word would read as the default, which is a closed loop.
template <typename Entry>
absl::Status CheckLoadAxes(const Entry& entry) {
  for (const std::string& word : entry.arrivals()) {
    if (absl::Status s = ParseArrivalSpec(word).status(); !s.ok()) return s;
  }
  if (absl::Status s = CheckPositive("channels", entry.channels()); !s.ok()) return s;
  return CheckPositive("in_flight", entry.in_flight());
}

absl::Status CheckModelAxes(const v1::ModelSweep& entry) {
  if (absl::Status s =
          CheckGiven("model", "give the names of the server's models", !entry.model().empty());
      !s.ok()) {
    return s;
  }
  if (entry.data().empty() == entry.input_data().empty()) {
    return absl::InvalidArgumentError("data, input_data: give exactly one of them");
  }
  if (entry.images() < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("images: ", entry.images(), "; allowed: 0 (all) .. 2147483647"));
  }
  if (absl::Status s = CheckPositive("request_batch", entry.request_batch()); !s.ok()) return s;
  return CheckLoadAxes(entry);
}

// The axes that service and model entries share, up to in_flight.
template <typename C, typename Entry>
std::vector<CaseSpec> ExpandLoad(std::vector<C> cases, const Entry& entry, size_t limit) {
  for (C& c : cases) {
    c.mutable_load()->set_late(entry.late());
    c.mutable_load()->set_deadline_seconds(entry.deadline_seconds());
  }
  cases = Multiply(cases, entry.in_flight(), limit, kAlways,
                   [](int32_t v, auto* c) { c->set_in_flight(v); });
  cases = Multiply(cases, entry.arrivals(), limit, kAlways,
                   [](const auto& v, auto* c) { c->mutable_load()->set_arrivals(v); });
  return ToSpecs(Multiply(cases, entry.channels(), limit, kAlways,
                          [](int32_t v, auto* c) { c->mutable_load()->set_channels(v); }));
}

bool NamesSeed(const std::string& key) {
  return absl::StrContains(key, "?seed=") || absl::StrContains(key, "&seed=");
}

void SetSeed(int32_t seed, CaseSpec* spec) {
  if (v1::NormCase* norm_case = MutableNormCase(spec); norm_case != nullptr) {
    norm_case->set_seed(seed);
  }
}

}  // namespace

absl::StatusOr<std::vector<CaseSpec>> ExpandEntry(const v1::KernelSweep& entry,
                                                  const EntryOptions& options) {
  if (absl::Status s = CheckPositive("threads", entry.threads()); !s.ok()) return s;
  absl::StatusOr<NormCases> cases = ExpandNorm(entry, options);
  if (!cases.ok()) return cases.status();
  *cases = Multiply(*cases, entry.cache(), options.limit, kAlways,
                    [](const auto& v, auto* c) { c->set_cache(v); });
  *cases = Multiply(*cases, entry.threads(), options.limit, kAlways,
                    [](int32_t v, auto* c) { c->set_threads(v); });
  return ToSpecs(*cases);
}

absl::StatusOr<std::vector<CaseSpec>> ExpandEntry(const v1::ServiceSweep& entry,
                                                  const EntryOptions& options) {
  if (absl::Status s = CheckLoadAxes(entry); !s.ok()) return s;
  absl::StatusOr<NormCases> cases = ExpandNorm(entry, options);
  if (!cases.ok()) return cases.status();
  std::vector<v1::ServiceCase> services;
  for (const v1::NormCase& norm_case : *cases)
    *services.emplace_back().mutable_norm_case() = norm_case;
  return ExpandLoad(std::move(services), entry, options.limit);
}

absl::StatusOr<std::vector<CaseSpec>> ExpandEntry(const v1::ModelSweep& entry,
                                                  const EntryOptions& options) {
  if (absl::Status s = CheckModelAxes(entry); !s.ok()) return s;
  v1::ModelCase first;
  first.set_version(entry.version());
  first.set_data(entry.data().empty() ? entry.input_data() : entry.data());
  first.set_labels(entry.labels());
  first.set_images(entry.images());
  std::vector<v1::ModelCase> cases = {first};
  cases = Multiply(cases, entry.model(), options.limit, kAlways,
                   [](const auto& v, auto* c) { c->set_model(v); });
  cases = Multiply(cases, entry.request_batch(), options.limit, kAlways,
                   [](int32_t v, auto* c) { c->set_request_batch(v); });
  return ExpandLoad(std::move(cases), entry, options.limit);
}

absl::StatusOr<std::vector<CaseSpec>> ExpandEntry(const v1::InvarianceSweep& entry,
                                                  const EntryOptions& options) {
  if (absl::Status s = CheckPositive("batch_sizes", entry.batch_sizes()); !s.ok()) return s;
  if (absl::Status s = CheckPositive("threads", entry.threads()); !s.ok()) return s;
  absl::StatusOr<NormCases> cases = ExpandNorm(entry, options);
  if (!cases.ok()) return cases.status();
  std::vector<v1::InvarianceCase> checks;
  for (const v1::NormCase& norm_case : *cases) {
    v1::InvarianceCase& check = checks.emplace_back();
    *check.mutable_norm_case() = norm_case;
    *check.mutable_batch_sizes() = entry.batch_sizes();
    *check.mutable_threads() = entry.threads();
  }
  return ToSpecs(checks);
}

absl::StatusOr<std::vector<CaseSpec>> ExpandEntry(const v1::KeyedSweep& entry,
                                                  const EntryOptions& options) {
  if (absl::Status s =
          CheckGiven("key", "give for example norm/group?shape=8x64x56x56", !entry.key().empty());
      !s.ok()) {
    return s;
  }
  std::vector<CaseSpec> specs;
  for (const std::string& key : entry.key()) {
    absl::StatusOr<CaseSpec> spec = ParseCaseKey(key);
    if (!spec.ok()) return spec.status();
    if (!NamesSeed(key)) SetSeed(options.seed, &*spec);
    specs.push_back(*std::move(spec));
  }
  return specs;
}

}  // namespace normbench
