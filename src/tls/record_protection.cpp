#include "tls/record_protection.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace heliograph::tls {
namespace {

std::size_t total_size(std::span<const Bytes> pieces) {
  std::size_t size = 0;
  for (const Bytes piece : pieces) size += piece.size();
  return size;
}

}  // namespace

// The sequence number "in network byte order and padded to the left with zeros", XORed with the IV.
crypto::AeadNonce Nonce::current() const {
  constexpr bool kSwaps = std::endian::native == std::endian::little;
  const std::uint64_t sequence = kSwaps ? std::byteswap(sequence_) : sequence_;
  crypto::AeadNonce nonce = iv_;
  std::uint8_t* const low = nonce.data() + nonce.size() - sizeof(sequence);
  std::uint64_t word = 0;
  std::memcpy(&word, low, sizeof(word));
  word ^= sequence;
  std::memcpy(low, &word, sizeof(word));
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
  const std::size_t content = total_size(pieces);
  const std::size_t size = content + 1 + padding + crypto::kAeadTagSize;
  const MutableBytes record = out.prepare(kRecordHeaderSize + size);
  const MutableBytes header = record.first(kRecordHeaderSize);
  std::ranges::copy(record_header(ContentType::kApplicationData, size), header.begin());
  const MutableBytes sealed = record.subspan(header.size());

  // The end of the TLSInnerPlaintext is written where it is to be sealed.
  const MutableBytes end = sealed.subspan(content, 1 + padding);
  end[0] = static_cast<std::uint8_t>(type);
  std::ranges::fill(end.subspan(1), std::uint8_t{0});
  std::array<Bytes, kMaxPieces + 1> inner;
  const auto last = std::ranges::copy(pieces, inner.begin()).out;
  *last = end;

  if (!key_) key_.emplace(aead_of(suite_), traffic_keys(suite_, traffic_secret_).key.bytes());
  key_->seal(nonce_.current(), header, std::span<const Bytes>(inner.begin(), last + 1), sealed);
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
