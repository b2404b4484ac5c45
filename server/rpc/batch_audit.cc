// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/batch_audit.h"

#include <cstring>
#include <utility>

#include "server/exec/guarded.h"

namespace normbench {
namespace {

// How often a place is asked for while there is none.
constexpr absl::Duration kPause = absl::Milliseconds(5);

int64_t SamplesOf(const AuditedBatch& batch) {
  int64_t samples = 0;
  for (const int64_t of_request : batch.samples) samples += of_request;
  return samples;
}

int64_t BytesOf(const AuditedBatch& batch) {
  size_t bytes = 0;
  for (const TensorIn& input : batch.inputs) bytes += input.bytes;
  for (const InferOutput& output : batch.outputs) bytes += output.bytes;
  return static_cast<int64_t>(bytes);
}

// The rows of one request.
struct Rows {
  int64_t first = 0, count = 0, all = 0;
  size_t begin(size_t bytes) const { return bytes / static_cast<size_t>(all) * first; }
  size_t size(size_t bytes) const { return bytes / static_cast<size_t>(all) * count; }
};

bool SameBits(const AuditedBatch& batch, const Rows& rows, const std::vector<Buffer>& again) {
  for (size_t i = 0; i < again.size(); ++i) {
    const InferOutput& output = batch.outputs[i];
    if (!output.made) continue;
    if (again[i].size() != rows.size(output.bytes)) return false;
    const std::byte* const then = output.buffer.data() + rows.begin(output.bytes);
    if (std::memcmp(then, again[i].data(), again[i].size()) != 0) return false;
  }
  return true;
}

bool IsSameAlone(const AuditedBatch& batch, const Rows& rows, BufferPool& buffers) {
  std::vector<Buffer> memory;
  std::vector<TensorIn> inputs = batch.inputs;
  for (TensorIn& input : inputs) {
    const std::byte* const from = input.data + rows.begin(input.bytes);
    input.bytes = rows.size(input.bytes);
    input.shape[0] = rows.count;
    memory.push_back(buffers.Get(input.bytes));  // aligned, which a row within a batch is not
    std::memcpy(memory.back().data(), from, input.bytes);
    input.data = memory.back().data();
  }
  std::vector<Buffer> outputs(batch.outputs.size());
  const auto allocate = [&](int index, const std::vector<int64_t>&, size_t bytes) -> std::byte* {
    if (index < 0 || static_cast<size_t>(index) >= outputs.size()) return nullptr;
    outputs[index] = buffers.Get(bytes);
    return outputs[index].data();
  };
  return batch.model->model->Infer(inputs, allocate).ok() && SameBits(batch, rows, outputs);
}

}  // namespace

AuditResult Audit(const AuditedBatch& batch, BufferPool& buffers,
                  const std::function<bool()>& before, const std::function<void()>& after) {
  AuditResult result;
  Rows rows = {.first = 0, .count = 0, .all = SamplesOf(batch)};
  for (const int64_t count : batch.samples) {
    rows.count = count;
    if (!before()) return result;
    bool same = false;
    const absl::Status status = Guarded([&] {
      same = IsSameAlone(batch, rows, buffers);
      return absl::OkStatus();
    });
    after();
    ++(status.ok() && same ? result.same : result.different);
    rows.first += count;
  }
  return result;
}

BatchAudit::BatchAudit(Options options) : options_(std::move(options)) {
  if (options_.share > 0) thread_ = std::thread([this] { Work(); });
}

BatchAudit::~BatchAudit() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool BatchAudit::Wants(const ModelMetrics& metrics, size_t requests) {
  if (options_.share <= 0) return false;
  const absl::MutexLock lock(&mutex_);
  due_ += options_.share;
  if (due_ < 1) return false;
  due_ -= 1;
  if (kept_.size() < options_.max_kept) return true;
  metrics.audit_skipped->Increment(static_cast<double>(requests));
  return false;
}

void BatchAudit::Keep(AuditedBatch batch) {
  const int64_t bytes = BytesOf(batch);
  const absl::MutexLock lock(&mutex_);
  const bool fits = bytes <= options_.max_kept_bytes - kept_bytes_;
  if (!fits || kept_.size() >= options_.max_kept || stopping_) {
    batch.metrics->audit_skipped->Increment(static_cast<double>(batch.samples.size()));
    return;
  }
  kept_bytes_ += bytes;
  kept_.push_back(std::move(batch));
}

void BatchAudit::Work() {
  if (options_.thread_init) options_.thread_init();
  const auto has_work = [this] { return stopping_ || !kept_.empty(); };
  while (true) {
    AuditedBatch next;
    {
      const absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&has_work));
      if (stopping_) return;
      next = std::move(kept_.front());
      kept_.pop_front();
    }
    const AuditResult result = Audit(
        next, *options_.buffers, [this] { return WaitForPlace(); },
        [this] { options_.queue->EndInline(); });
    next.metrics->audit_same->Increment(static_cast<double>(result.same));
    next.metrics->audit_different->Increment(static_cast<double>(result.different));
    const absl::MutexLock lock(&mutex_);
    kept_bytes_ -= BytesOf(next);
  }
}

// Returns false when it is time to stop.
bool BatchAudit::WaitForPlace() {
  const auto is_stopping = [this] { return stopping_; };
  while (!options_.queue->TryBeginInline()) {
    const absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&is_stopping), kPause)) return false;
  }
  return true;
}

}  // namespace normbench
