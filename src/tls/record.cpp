#include "tls/record.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/reader.hpp"

namespace heliograph::tls {
namespace {

bool is_content_type(std::uint8_t value) {
  return value >= static_cast<std::uint8_t>(ContentType::kChangeCipherSpec) &&
         value <= static_cast<std::uint8_t>(ContentType::kApplicationData);
}

// Somebody typed http:// where https:// was meant, and deserves a readable answer.
bool is_http_request(Bytes first_bytes) {
  static constexpr std::array<std::string_view, 9> kMethods = {
      "GET ", "POST", "HEAD", "PUT ", "OPTI", "CONN", "DELE", "PATC", "TRAC"};
  return std::ranges::find(kMethods, as_text(first_bytes.first(4))) != kMethods.end();
}

}  // namespace

Result<std::optional<Record>, Error> RecordReader::next(MutableBytes& input,
                                                        std::size_t max_payload) {
  const auto header = spill_.peek(kRecordHeaderSize, input);
  if (!header) return std::nullopt;
  if (!started_ && is_http_request(*header)) return fail(Error::kHttpRequest);
  started_ = true;

  Reader reader(*header);
  const std::uint8_t type = reader.u8();
  reader.u16();  // legacy_record_version
  const std::size_t length = reader.u16();
  if (!is_content_type(type)) return fail(Error::kUnknownContentType);
  // Application data is never sent in the clear, also where it comes before this side has keys.
  const bool is_protected = type == std::to_underlying(ContentType::kApplicationData);
  if (length > (is_protected ? kMaxCiphertext : max_payload)) return fail(Error::kRecordTooLong);

  const auto whole = spill_.peek(kRecordHeaderSize + length, input);
  if (!whole) return std::nullopt;
  spill_.take(whole->size(), input);

  return Record{.type = static_cast<ContentType>(type),
                .header = whole->first(kRecordHeaderSize),
                .payload = whole->subspan(kRecordHeaderSize)};
}

}  // namespace heliograph::tls
