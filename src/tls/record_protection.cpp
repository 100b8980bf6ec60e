#include "tls/record_protection.hpp"

#include <algorithm>
#include <utility>

namespace heliograph::tls {
namespace {

std::size_t total_size(std::span<const Bytes> pieces) {
  std::size_t size = 0;
  for (const Bytes piece : pieces) size += piece.size();
  return size;
}

}  // namespace

crypto::AeadNonce Nonce::current() const {
  crypto::AeadNonce nonce = iv_;
  std::uint64_t rest = sequence_;
  for (auto byte = nonce.rbegin(); rest != 0; ++byte, rest >>= 8) {
    *byte = static_cast<std::uint8_t>(*byte ^ (rest & 0xff));
  }
  return nonce;
}

RecordSealer::RecordSealer(CipherSuite suite, const crypto::Secret& traffic_secret)
    : RecordSealer(suite, traffic_secret, traffic_keys(suite, traffic_secret)) {}

RecordSealer::RecordSealer(CipherSuite suite, const crypto::Secret& traffic_secret,
                           const TrafficKeys& keys)
    : suite_(suite),
      traffic_secret_(traffic_secret.copy()),
      key_(std::in_place, aead_of(suite), keys.key.bytes()),
      nonce_(keys.iv) {}

void RecordSealer::seal(ContentType type, std::span<const Bytes> pieces, std::size_t padding,
                        Buffer& out) {
  static constexpr std::array<std::uint8_t, kMaxPadding> kZeros = {};
  const std::uint8_t inner_type = static_cast<std::uint8_t>(type);
  std::array<Bytes, kMaxPieces + 2> inner;
  auto end = std::ranges::copy(pieces, inner.begin()).out;
  *end++ = Bytes(&inner_type, 1);
  if (padding > 0) *end++ = Bytes(kZeros).first(padding);

  const std::size_t size = total_size(pieces) + 1 + padding + crypto::kAeadTagSize;
  const RecordHeader header = record_header(ContentType::kApplicationData, size);
  const MutableBytes record = out.prepare(header.size() + size).first(header.size() + size);
  std::ranges::copy(header, record.begin());
  if (!key_) key_.emplace(aead_of(suite_), traffic_keys(suite_, traffic_secret_).key.bytes());
  key_->seal(nonce_.current(), header, std::span<const Bytes>(inner.begin(), end),
             record.subspan(header.size()));
  nonce_.advance();
  out.commit(record.size());
}

RecordSealer RecordSealer::next() const {
  return RecordSealer(suite_, next_traffic_secret(hash_of(suite_), traffic_secret_));
}

RecordOpener::RecordOpener(CipherSuite suite, const crypto::Secret& traffic_secret)
    : RecordOpener(suite, traffic_secret, traffic_keys(suite, traffic_secret)) {}

RecordOpener::RecordOpener(CipherSuite suite, const crypto::Secret& traffic_secret,
                           const TrafficKeys& keys)
    : suite_(suite),
      traffic_secret_(traffic_secret.copy()),
      key_(std::in_place, aead_of(suite), keys.key.bytes()),
      nonce_(keys.iv) {}

Result<OpenedRecord, Error> RecordOpener::open(const Record& record, std::size_t max_inner) {
  if (!key_) key_.emplace(aead_of(suite_), traffic_keys(suite_, traffic_secret_).key.bytes());
  const auto inner = key_->open(nonce_.current(), record.header, record.payload);
  if (!inner) return fail(Error::kBadRecordMac);
  nonce_.advance();
  if (inner->size() > max_inner) return fail(Error::kPlaintextTooLong);
  std::size_t end = inner->size();
  while (end > 0 && (*inner)[end - 1] == 0) --end;
  if (end == 0) return fail(Error::kOnlyPadding);
  return OpenedRecord{(*inner)[end - 1], inner->first(end - 1)};
}

RecordOpener RecordOpener::next() const {
  return RecordOpener(suite_, next_traffic_secret(hash_of(suite_), traffic_secret_));
}

}  // namespace heliograph::tls
