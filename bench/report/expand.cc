// SPDX-License-Identifier: Apache-2.0
#include "bench/report/expand.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bench/report/case_key.h"
#include "bench/report/expand_entry.h"
#include "bench/report/expect.h"
#include "bench/report/validate.h"
#include "bench/report/visits.h"

namespace normbench {
namespace {

struct Budget {
  double warmup_seconds = 0;
  double seconds = 0;
};

Budget DefaultBudget(CaseKind kind) {
  if (kind == CaseKind::kInvariance) return {};
  return kind == CaseKind::kKernel ? Budget{0.1, 0.5} : Budget{0.5, 2};
}

absl::Status In(const std::string& where, const absl::Status& status) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", status.message()));
}

// Sets the device of a case that names none.
void ResolveDevice(const ImplDevices& devices, CaseSpec* spec) {
  v1::NormCase* norm_case = MutableNormCase(spec);
  if (norm_case == nullptr || !(norm_case->device().empty() || norm_case->device() == "auto")) {
    return;
  }
  const auto found = devices.find(norm_case->impl().empty() ? "auto" : norm_case->impl());
  norm_case->set_device(found == devices.end() ? "auto" : found->second);
}

template <typename Entry>
absl::StatusOr<Case> MakeCase(const Entry& entry, CaseSpec spec, const ImplDevices& devices) {
  ResolveDevice(devices, &spec);
  Case c;
  c.spec = Canonical(spec);
  c.key = CaseKey(c.spec);
  const Budget budget = DefaultBudget(KindOf(c.spec));
  if constexpr (requires { entry.seconds(); }) {
    c.warmup_seconds = entry.warmup_seconds() == 0 ? budget.warmup_seconds : entry.warmup_seconds();
    c.seconds = entry.seconds() == 0 ? budget.seconds : entry.seconds();
  }
  if constexpr (requires { entry.precision(); }) {
    c.max_requests = entry.max_requests();
    c.precision = entry.precision();
  }
  c.expect.assign(entry.expect().begin(), entry.expect().end());
  if (absl::Status s = ValidateBudget(c); !s.ok()) return s;
  if (absl::Status s = ValidateCase(c.spec); !s.ok()) return s;
  return c;
}

absl::Status CheckExpect(const Case& c) {
  for (size_t i = 0; i < c.expect.size(); ++i) {
    const absl::StatusOr<Expect> expect = ParseExpect(c.expect[i]);
    const absl::Status status =
        expect.ok() ? CheckApplies(*expect, KindOf(c.spec)) : expect.status();
    if (!status.ok()) return In(absl::StrCat("expect[", i, "]"), status);
  }
  return absl::OkStatus();
}

// Cases by key: a second one with the same key adds only its expectations.
class CaseList {
 public:
  void Add(Case c) {
    const auto [position, is_new] = index_.emplace(c.key, cases_.size());
    if (is_new) {
      cases_.push_back(std::move(c));
      return;
    }
    std::vector<std::string>& expect = cases_[position->second].expect;
    for (std::string& text : c.expect) {
      if (std::find(expect.begin(), expect.end(), text) == expect.end()) {
        expect.push_back(std::move(text));
      }
    }
  }

  const std::vector<Case>& cases() const { return cases_; }

 private:
  std::vector<Case> cases_;
  std::map<std::string, size_t> index_;
};

// Expands one repeated field of the sweep, counting every case against options.max_cases.
struct Expander {
  const v1::Sweep& sweep;
  const ExpandOptions& options;
  int64_t count = 0;
  CaseList list;

  template <typename Entries>
  absl::Status Add(const char* field, const Entries& entries) {
    for (int i = 0; i < entries.size(); ++i) {
      const std::string where = absl::StrCat(field, "[", i, "]");
      const absl::StatusOr<std::vector<CaseSpec>> specs =
          ExpandEntry(entries[i], {sweep.seed(), static_cast<size_t>(options.max_cases)});
      if (!specs.ok()) return In(where, specs.status());
      if (absl::Status s = AddSpecs(where, entries[i], *specs); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

  template <typename Entry>
  absl::Status AddSpecs(const std::string& where, const Entry& entry,
                        const std::vector<CaseSpec>& specs) {
    count += static_cast<int64_t>(specs.size());
    if (count > options.max_cases) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": the sweep expands to more than ",
                                                     options.max_cases,
                                                     " cases; shorten its lists"));
    }
    for (const CaseSpec& spec : specs) {
      absl::StatusOr<Case> c = MakeCase(entry, spec, options.devices);
      if (!c.ok()) return In(absl::StrCat(where, " ", CaseKey(spec)), c.status());
      if (sweep.seed() > 0) c->arrivals_seed = static_cast<uint64_t>(sweep.seed());
      if (sweep.visits() > 0 && CanBeShared(c->spec)) c->visits = sweep.visits();
      if (absl::Status s = CheckExpect(*c); !s.ok()) return In(where, s);
      list.Add(*std::move(c));
    }
    return absl::OkStatus();
  }
};

constexpr std::string_view kAutoDevice = "dev=auto";

// `filter` with "dev=*" instead of "dev=auto", or of any device.
std::string WithoutDevice(std::string_view filter, bool any) {
  std::string text(filter);
  const size_t begin = text.find("dev=");
  if (begin == std::string::npos) return text;
  const size_t end = std::min(text.size(), text.find_first_of("&*", begin));
  if (!any && text.substr(begin, end - begin) != kAutoDevice) return text;
  return text.replace(begin, end - begin, "dev=*");
}

}  // namespace

absl::StatusOr<std::vector<Case>> Expand(const v1::Sweep& sweep, const ExpandOptions& options) {
  if (sweep.visits() < 0 || sweep.visits() > kMaxVisits) {
    return absl::InvalidArgumentError(
        absl::StrCat("visits: ", sweep.visits(), "; allowed: 1 .. ", kMaxVisits));
  }
  Expander expander{sweep, options, 0, {}};
  if (absl::Status s = expander.Add("kernel", sweep.kernel()); !s.ok()) return s;
  if (absl::Status s = expander.Add("service", sweep.service()); !s.ok()) return s;
  if (absl::Status s = expander.Add("model", sweep.model()); !s.ok()) return s;
  if (absl::Status s = expander.Add("invariance", sweep.invariance()); !s.ok()) return s;
  if (absl::Status s = expander.Add("cases", sweep.cases()); !s.ok()) return s;
  if (expander.list.cases().empty()) {
    return absl::InvalidArgumentError(
        "the sweep has no cases: kernel, service, model, invariance and cases are empty");
  }
  std::vector<Case> matching;
  for (const Case& c : expander.list.cases()) {
    if (MatchesFilter(c.key, options.filter)) matching.push_back(c);
  }
  if (!matching.empty()) return matching;
  return absl::InvalidArgumentError(
      absl::StrCat("filter: '", options.filter, "' matches none of ", expander.list.cases().size(),
                   " keys; the first is ", expander.list.cases().front().key));
}

v1::Sweep SweepOfKey(std::string_view key) {
  v1::Sweep sweep;
  sweep.set_version(1);
  sweep.set_name("case");
  sweep.add_cases()->add_key(std::string(key));
  return sweep;
}

bool MatchesFilter(std::string_view key, std::string_view filter) {
  const bool any_device = key.find(kAutoDevice) != std::string_view::npos;
  size_t from = 0;
  const std::vector<std::string> parts = absl::StrSplit(WithoutDevice(filter, any_device), '*');
  for (const std::string& part : parts) {
    const size_t found = key.find(part, from);
    if (found == std::string_view::npos) return false;
    from = found + part.size();
  }
  return true;
}

}  // namespace normbench
