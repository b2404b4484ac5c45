// SPDX-License-Identifier: Apache-2.0
#include "bench/report/validate.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bench/data/photometric.h"
#include "bench/load/arrival_spec.h"
#include "bench/norm/nearest.h"
#include "bench/report/canonical.h"
#include "bench/report/invariance_case.h"
#include "bench/report/norm_case.h"

namespace normbench {
namespace {

constexpr double kMaxWarmup = 60;
constexpr double kMaxKernelSeconds = 60;
constexpr double kMaxLoopSeconds = 3600;
constexpr double kMaxDeadline = 3600;

absl::Status CheckRange(const char* field, double value, double low, double high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": ", value, " is not in ", low, " .. ", high));
}

absl::Status CheckWord(const char* field, const std::string& word,
                       const std::vector<std::string>& allowed) {
  for (const std::string& known : allowed) {
    if (word == known) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(UnknownWord(field, word, allowed));
}

absl::Status CheckDevice(const std::string& device) {
  const std::string prefix = "cuda:";
  if (absl::StartsWith(device, prefix) && device.size() > prefix.size() &&
      device.find_first_not_of("0123456789", prefix.size()) == std::string::npos) {
    return absl::OkStatus();
  }
  return CheckWord("device", device, {"auto", "cpu", "cuda", "cuda:0"});
}

absl::Status CheckNorm(const v1::NormCase& norm_case) {
  if (const auto problem = ToNormProblem(norm_case); !problem.ok()) return problem.status();
  if (absl::Status s =
          CheckWord("impl", norm_case.impl(), {"auto", "native", "reference", "torch"});
      !s.ok()) {
    return s;
  }
  if (absl::Status s = CheckDevice(norm_case.device()); !s.ok()) return s;
  return CheckRange("seed", norm_case.seed(), 1, 2147483647);
}

absl::Status CheckThreads(const v1::NormCase& norm_case) {
  return CheckRange("threads", norm_case.threads(), 1, kMaxThreads);
}

absl::Status CheckData(const v1::ModelCase& model) {
  // The built-in data; anything else is a .npy file.
  const bool is_file = absl::EndsWith(model.data(), ".npy");
  if (!is_file) {
    const absl::Status word = CheckWord("data", model.data(), {kFashionMnistWideKey});
    if (!word.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(word.message(), "; or a file that ends in .npy"));
    }
  }
  if (!is_file && !model.labels().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("labels: ", kFashionMnistWideKey, " has its own; leave them out"));
  }
  return absl::OkStatus();
}

absl::Status CheckLoad(const v1::Load& load) {
  if (load.arrivals().empty()) {
    if (!load.late().empty()) {
      return absl::InvalidArgumentError("late: applies to open loops only; give arrivals");
    }
  } else if (absl::Status s = ParseArrivalSpec(load.arrivals()).status(); !s.ok()) {
    return s;
  } else if (s = CheckWord("late", load.late(), {"send", "drop"}); !s.ok()) {
    return s;
  }
  if (absl::Status s = CheckRange("deadline_seconds", load.deadline_seconds(), 0, kMaxDeadline);
      !s.ok()) {
    return s;
  }
  return CheckRange("channels", load.channels(), 1, kMaxChannels);
}

struct Check {
  absl::Status operator()(const v1::NormCase& norm_case) const {
    if (absl::Status s = CheckNorm(norm_case); !s.ok()) return s;
    return CheckThreads(norm_case);
  }

  absl::Status operator()(const v1::ServiceCase& service) const {
    if (absl::Status s = CheckNorm(service.norm_case()); !s.ok()) return s;
    if (absl::Status s = CheckThreads(service.norm_case()); !s.ok()) return s;
    if (absl::Status s = CheckLoad(service.load()); !s.ok()) return s;
    return CheckRange("in_flight", service.in_flight(), 1, kMaxInFlight);
  }

  absl::Status operator()(const v1::ModelCase& model) const {
    if (model.model().empty()) return absl::InvalidArgumentError("model: must not be empty");
    if (absl::Status s = CheckData(model); !s.ok()) return s;
    if (absl::Status s = CheckRange("images", model.images(), 0, 2147483647); !s.ok()) return s;
    if (absl::Status s = CheckRange("request_batch", model.request_batch(), 1, kMaxRequestBatch);
        !s.ok()) {
      return s;
    }
    if (absl::Status s = CheckLoad(model.load()); !s.ok()) return s;
    return CheckRange("in_flight", model.in_flight(), 1, kMaxInFlight);
  }

  absl::Status operator()(const v1::InvarianceCase& invariance) const {
    if (absl::Status s = CheckNorm(invariance.norm_case()); !s.ok()) return s;
    return ValidateBatches(invariance, kMaxThreads);
  }
};

// Of measuring, at most; an invariance case takes the time that its batches take.
double MaxSeconds(CaseKind kind) {
  if (kind == CaseKind::kInvariance) return 0;
  return kind == CaseKind::kKernel ? kMaxKernelSeconds : kMaxLoopSeconds;
}

}  // namespace

absl::Status ValidateCase(const CaseSpec& spec) {
  return std::visit(Check(), Canonical(spec));
}

absl::Status ValidateBudget(const Case& c) {
  const CaseKind kind = KindOf(c.spec);
  const double max_warmup = kind == CaseKind::kInvariance ? 0 : kMaxWarmup;
  if (absl::Status s = CheckRange("warmup_seconds", c.warmup_seconds, 0, max_warmup); !s.ok())
    return s;
  if (absl::Status s =
          CheckRange("max_requests", static_cast<double>(c.max_requests), 0, 2147483647);
      !s.ok()) {
    return s;
  }
  if (absl::Status s = CheckRange("precision", c.precision, 0, 1); !s.ok()) return s;
  const v1::Load* load = LoadOf(c.spec);
  if (c.precision > 0 && load != nullptr && !load->arrivals().empty()) {
    return absl::InvalidArgumentError("precision: applies to closed loops only");
  }
  return CheckRange("seconds", c.seconds, 0, MaxSeconds(kind));
}

}  // namespace normbench
