// SPDX-License-Identifier: Apache-2.0
#include "bench/report/canonical.h"

#include "bench/load/arrival_spec.h"
#include "bench/report/invariance_case.h"

namespace normbench {
namespace {

std::string Or(const std::string& value, const char* fallback) {
  return value.empty() ? fallback : value;
}

int Or(int value, int fallback) {
  return value == 0 ? fallback : value;
}

v1::NormSpec CanonicalSpec(const v1::NormSpec& given) {
  v1::NormSpec spec = given;
  if (spec.norm() == "batch") {
    spec.set_stats(Or(spec.stats(), "running"));
  } else {
    spec.clear_stats();
  }
  if (spec.norm() == "group") {
    spec.set_groups(Or(spec.groups(), kDefaultGroups));
  } else {
    spec.clear_groups();
  }
  spec.set_affine(Or(spec.affine(), "channel"));
  if (!spec.has_eps()) spec.set_eps(kDefaultEps);
  return spec;
}

v1::NormCase CanonicalNorm(const v1::NormCase& given) {
  v1::NormCase norm_case = given;
  *norm_case.mutable_spec() = CanonicalSpec(given.spec());
  norm_case.set_dtype(Or(given.dtype(), "f32"));
  norm_case.set_layout(Or(given.layout(), "nchw"));
  norm_case.set_impl(Or(given.impl(), "auto"));
  norm_case.set_device(Or(given.device(), "auto"));
  norm_case.set_cache(Or(given.cache(), "hot"));
  norm_case.set_threads(Or(given.threads(), 1));
  norm_case.set_data(Or(given.data(), "normal"));
  norm_case.set_seed(Or(given.seed(), 1));
  return norm_case;
}

v1::Load CanonicalLoad(const v1::Load& given) {
  v1::Load load = given;
  if (const auto spec = ParseArrivalSpec(given.arrivals()); spec.ok()) {
    load.set_arrivals(ToString(*spec));
  }
  load.set_late(given.arrivals().empty() ? given.late() : Or(given.late(), "send"));
  load.set_channels(Or(given.channels(), 1));
  return load;
}

int InFlight(int given, const v1::Load& load, int fallback) {
  return Or(given, load.arrivals().empty() ? fallback : kDefaultOpenInFlight);
}

struct FillDefaults {
  CaseSpec operator()(const v1::NormCase& given) const { return CanonicalNorm(given); }

  CaseSpec operator()(const v1::ServiceCase& given) const {
    v1::ServiceCase service = given;
    *service.mutable_norm_case() = CanonicalNorm(given.norm_case());
    *service.mutable_load() = CanonicalLoad(given.load());
    service.set_in_flight(InFlight(given.in_flight(), given.load(), 1));
    return service;
  }

  CaseSpec operator()(const v1::ModelCase& given) const {
    v1::ModelCase model = given;
    model.set_request_batch(Or(given.request_batch(), 1));
    *model.mutable_load() = CanonicalLoad(given.load());
    model.set_in_flight(InFlight(given.in_flight(), given.load(), kDefaultModelInFlight));
    model.clear_parameters();
    return model;
  }

  CaseSpec operator()(const v1::InvarianceCase& given) const {
    v1::InvarianceCase invariance = given;
    *invariance.mutable_norm_case() = CanonicalNorm(given.norm_case());
    FillBatches(&invariance);
    return invariance;
  }
};

}  // namespace

CaseSpec Canonical(const CaseSpec& spec) {
  return std::visit(FillDefaults(), spec);
}

}  // namespace normbench
