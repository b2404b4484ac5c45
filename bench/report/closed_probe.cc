// SPDX-License-Identifier: Apache-2.0
#include "bench/report/closed_probe.h"

#include "bench/load/arrival_spec.h"
#include "bench/report/canonical.h"
#include "bench/report/case_key.h"

namespace normbench {
namespace {

// Enough to keep the workers of a machine busy, too few to be refused.
constexpr int kInFlight = 32;
constexpr double kWarmupSeconds = 0.5;
constexpr double kSeconds = 2;

}  // namespace

bool NeedsMaximum(const Case& c) {
  const v1::Load* load = LoadOf(c.spec);
  if (load == nullptr || load->arrivals().empty()) return false;
  const auto spec = ParseArrivalSpec(load->arrivals());
  return spec.ok() && spec->relative;
}

Case ClosedProbe(const Case& c) {
  Case probe{.key = "",
             .spec = c.spec,
             .warmup_seconds = kWarmupSeconds,
             .seconds = kSeconds,
             .expect = {}};
  v1::Load* load = MutableLoad(&probe.spec);
  const int channels = load->channels();
  load->Clear();
  load->set_channels(channels);
  if (auto* service = std::get_if<v1::ServiceCase>(&probe.spec)) service->set_in_flight(kInFlight);
  if (auto* model = std::get_if<v1::ModelCase>(&probe.spec)) model->set_in_flight(kInFlight);
  probe.spec = Canonical(probe.spec);
  probe.key = CaseKey(probe.spec);
  return probe;
}

}  // namespace normbench
