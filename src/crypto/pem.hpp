// PEM text (RFC 7468, and the encapsulated headers of RFC 1421 that encrypted traditional keys
// have), cut into blocks. Private to this room.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"
#include "crypto/secret_bytes.hpp"

namespace heliograph::crypto {

struct PemBlock {
  // "CERTIFICATE", "PRIVATE KEY", ...
  std::string label;
  // The encapsulated header lines, empty in most blocks.
  std::string header;
  SecretBytes data;  // may be a private key
};

class PemReader {
 public:
  // A pasted trust store or a wrong path such as a log file is refused before it is parsed.
  static constexpr std::size_t kMaxSize = std::size_t{1} << 20U;

  // `text` must outlive the reader.
  explicit PemReader(Bytes text);

  // The next block, or nothing at the end of the text. Text outside of blocks is skipped. The error
  // is one sentence.
  Result<std::optional<PemBlock>, std::string> next();

 private:
  Handle<bio_st> source_;
};

}  // namespace heliograph::crypto
