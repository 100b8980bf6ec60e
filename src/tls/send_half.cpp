#include "tls/send_half.hpp"

#include <algorithm>
#include <array>

namespace heliograph::tls {
namespace {

// Takes the content of one record from the front of a gather list.
class RecordContent {
 public:
  // Leaves in `pieces` and `first` what is still to be sent: `first` replaces pieces[0].
  RecordContent(std::span<const Bytes>& pieces, Bytes& first, std::size_t room) {
    while (!pieces.empty() && room > 0 && count_ < taken_.size()) {
      const std::size_t size = std::min(room, first.size());
      if (size > 0) taken_[count_++] = first.first(size);
      room -= size;
      first = first.subspan(size);
      if (!first.empty()) continue;
      pieces = pieces.subspan(1);
      if (!pieces.empty()) first = pieces.front();
    }
  }

  [[nodiscard]] std::span<const Bytes> pieces() const { return std::span(taken_).first(count_); }

 private:
  std::array<Bytes, RecordSealer::kMaxPieces> taken_;
  std::size_t count_ = 0;
};

std::size_t total_size(std::span<const Bytes> pieces) {
  std::size_t size = 0;
  for (const Bytes piece : pieces) size += piece.size();
  return size;
}

}  // namespace

void SendHalf::install_keys(Epoch epoch, CipherSuite suite, const crypto::Secret& traffic_secret) {
  sealer_.emplace(suite, traffic_secret);
  epoch_ = epoch;
}

void SendHalf::remove_keys() {
  sealer_.reset();
  epoch_ = Epoch::kUnprotected;
}

void SendHalf::limit_records(std::size_t record_size_limit) {
  max_content_ = static_cast<std::uint16_t>(std::min(record_size_limit - 1, kMaxPlaintext));
}

void SendHalf::send(ContentType type, std::span<const Bytes> pieces, Buffer& out) {
  if (closed_) return;
  Bytes first = pieces.empty() ? Bytes{} : pieces.front();
  while (!pieces.empty())
    send_record(type, RecordContent(pieces, first, max_content()).pieces(), out);
}

void SendHalf::send_application_data(std::span<const Bytes> pieces, Buffer& out) {
  if (closed_) return;
  const std::size_t size = total_size(pieces);
  if (size == 0) return;
  // Most messages are one record.
  if (size <= max_content() && pieces.size() <= RecordSealer::kMaxPieces) {
    update_keys_if_due(out);
    return send_record(ContentType::kApplicationData, pieces, out);
  }
  Bytes first = pieces.front();
  while (!pieces.empty()) {
    const RecordContent content(pieces, first, max_content());
    if (content.pieces().empty()) continue;
    update_keys_if_due(out);
    send_record(ContentType::kApplicationData, content.pieces(), out);
  }
}

void SendHalf::send_alert(AlertDescription description, Buffer& out) {
  if (closed_) return;
  send(ContentType::kAlert, encode_alert(description), out);
  closed_ = description != AlertDescription::kUserCanceled;
}

void SendHalf::send_change_cipher_spec(Buffer& out) const {
  if (closed_) return;
  out.append(record_header(ContentType::kChangeCipherSpec, 1));
  out.u8(1);
}

void SendHalf::send_record(ContentType type, std::span<const Bytes> pieces, Buffer& out) {
  if (sealer_) {
    sealer_->seal(type, pieces, padding_for(type, total_size(pieces)), out);
    return;
  }
  out.append(record_header(type, total_size(pieces)));
  for (const Bytes piece : pieces) out.append(piece);
}

void SendHalf::update_keys_if_due(Buffer& out) {
  if (!key_update_owed_ && sealer_->records_sealed() < records_per_key_) return;
  if (epoch_ == Epoch::kApplication) update_keys(KeyUpdateRequest::kUpdateNotRequested, out);
}

void SendHalf::update_keys(KeyUpdateRequest request, Buffer& out) {
  key_update_owed_ = false;
  send(ContentType::kHandshake, encode_key_update(request), out);
  sealer_ = sealer_->next();
}

std::size_t SendHalf::padding_for(ContentType type, std::size_t content) const {
  if (padding_block_ == 0 || type != ContentType::kApplicationData) return 0;
  const std::size_t beyond = content % padding_block_;
  const std::size_t padding = beyond == 0 ? 0 : padding_block_ - beyond;
  return std::min(padding, max_content() - content);
}

}  // namespace heliograph::tls
