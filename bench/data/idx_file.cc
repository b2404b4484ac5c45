// SPDX-License-Identifier: Apache-2.0
#include "bench/data/idx_file.h"

#include <zlib.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

struct CloseGzip {
  void operator()(gzFile_s* file) const { gzclose(file); }
};
using GzipFile = std::unique_ptr<gzFile_s, CloseGzip>;

// Reads until `out` is full or the file ends; returns the bytes read.
absl::StatusOr<size_t> ReadSome(gzFile_s* file, const std::string& path, std::span<uint8_t> out) {
  size_t done = 0;
  int step = 1;
  while (done < out.size() && step > 0) {
    step = gzread(file, out.data() + done, static_cast<unsigned>(out.size() - done));
    if (step > 0) done += static_cast<size_t>(step);
  }
  // A stream that is cut off reads as one that ends: only the error code tells.
  int code = Z_OK;
  const char* const text = gzerror(file, &code);
  if (code == Z_OK || code == Z_STREAM_END) return done;
  return absl::DataLossError(absl::StrCat(path, ": ", text));
}

absl::Status Fill(gzFile_s* file, const std::string& path, std::span<uint8_t> out) {
  const absl::StatusOr<size_t> got = ReadSome(file, path, out);
  if (!got.ok()) return got.status();
  if (*got == out.size()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(path, ": ends after ", *got, " of ", out.size(), " expected bytes"));
}

uint32_t BigEndian(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

absl::Status CheckHeader(std::span<const uint8_t> header, const std::string& path,
                         std::span<const uint32_t> dims) {
  const uint32_t magic = BigEndian(header.data());
  const uint32_t expected = 0x800 + static_cast<uint32_t>(dims.size());
  if (magic != expected) {
    return absl::DataLossError(absl::StrCat(path, ": starts with ", magic, ", an IDX file of ",
                                            dims.size(), " dimensions of bytes with ", expected));
  }
  for (size_t i = 0; i < dims.size(); ++i) {
    const uint32_t dim = BigEndian(header.data() + 4 + 4 * i);
    if (dim == dims[i]) continue;
    return absl::DataLossError(
        absl::StrCat(path, ": dimension ", i, " is ", dim, ", expected ", dims[i]));
  }
  return absl::OkStatus();
}

// Also what makes zlib look at the checksum behind the last byte.
absl::Status ExpectEnd(gzFile_s* file, const std::string& path) {
  uint8_t extra = 0;
  const absl::StatusOr<size_t> got = ReadSome(file, path, std::span(&extra, 1));
  if (!got.ok()) return got.status();
  if (*got == 0) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path, ": is longer than its dimensions say"));
}

}  // namespace

absl::StatusOr<std::vector<uint8_t>> ReadIdxFile(const std::string& path,
                                                 std::span<const uint32_t> dims) {
  errno = 0;
  const GzipFile file(gzopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return absl::NotFoundError(absl::StrCat(
        path, ": ", errno == 0 ? "out of memory" : std::generic_category().message(errno)));
  }
  std::vector<uint8_t> header(4 + 4 * dims.size());
  absl::Status status = Fill(file.get(), path, header);
  if (status.ok()) status = CheckHeader(header, path, dims);
  if (!status.ok()) return status;

  size_t elements = 1;
  for (const uint32_t dim : dims) elements *= dim;
  std::vector<uint8_t> data(elements);
  status = Fill(file.get(), path, data);
  if (status.ok()) status = ExpectEnd(file.get(), path);
  if (!status.ok()) return status;
  return data;
}

}  // namespace normbench
