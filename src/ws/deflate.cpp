#include "ws/deflate.hpp"

#include <algorithm>

namespace heliograph::ws {
namespace {

// One direction of a connection, in the terms of its sender.
struct Direction {
  std::uint8_t window_bits;
  bool with_context;

  [[nodiscard]] std::size_t window() const {
    return with_context ? std::size_t{1} << window_bits : 0;
  }
};

Direction direction_of(Role sender, const DeflateParameters& parameters) {
  if (sender == Role::kServer) {
    return {parameters.server_max_window_bits, !parameters.server_no_context_takeover};
  }
  return {parameters.client_max_window_bits, !parameters.client_no_context_takeover};
}

bool compresses_for(std::uint8_t window_bits) {
  return window_bits >= kMinDeflateWindowBits;
}

// What a sender remembers.
std::size_t sent_window(const Direction& sent) {
  return compresses_for(sent.window_bits) ? sent.window() : 0;
}

std::size_t total_size(std::span<const Bytes> pieces) {
  std::size_t size = 0;
  for (const Bytes piece : pieces) size += piece.size();
  return size;
}

}  // namespace

void DeflatePool::compress(Bytes window, std::uint8_t window_bits, std::span<const Bytes> pieces,
                           Buffer& out) {
  auto& deflater = deflaters_.at(window_bits - kMinDeflateWindowBits);
  if (!deflater) deflater.emplace(level_, window_bits);
  deflater->reset(window);
  deflater->compress(pieces, out);
}

Result<void, Error> DeflatePool::decompress(Bytes window, Bytes message, std::size_t limit,
                                            Buffer& out) {
  if (!inflater_) inflater_.emplace();
  inflater_->reset(window);
  return inflater_->decompress(message, limit, out);
}

void SlidingWindow::append(Bytes bytes) {
  bytes = bytes.last(std::min(bytes.size(), capacity_));
  const std::size_t kept = std::min(bytes_.size(), capacity_ - bytes.size());
  bytes_.erase(bytes_.begin(), bytes_.end() - static_cast<std::ptrdiff_t>(kept));
  const std::size_t size = kept + bytes.size();
  if (size > bytes_.capacity()) bytes_.reserve(std::min(capacity_, 2 * size));
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

MessageDeflate::MessageDeflate(Role role, const DeflateParameters& parameters, DeflatePool& pool,
                               DeflateMemory memory, DeflateBudget::Share share)
    : pool_(&pool),
      own_(memory == DeflateMemory::kDedicated ? std::make_unique<Streams>() : nullptr),
      parameters_(parameters),
      send_bits_(direction_of(role, parameters).window_bits),
      sends_with_context_(direction_of(role, parameters).with_context),
      receives_with_context_(direction_of(other(role), parameters).with_context),
      sent_(own_ ? 0 : sent_window(direction_of(role, parameters))),
      received_(own_ ? 0 : direction_of(other(role), parameters).window()),
      share_(std::move(share)) {}

bool MessageDeflate::compress(std::span<const Bytes> pieces, Buffer& out) {
  if (!compresses_for(send_bits_)) return false;
  // Such a stream remembers what it was given, so that the peer must be given it too.
  if (own_) {
    compress_dedicated(pieces, out);
    return true;
  }
  const std::size_t begin = out.size();
  pool_->compress(sent_.bytes(), send_bits_, pieces, out);
  if (out.size() - begin >= total_size(pieces)) {
    out.truncate(begin);
    return false;
  }
  for (const Bytes piece : pieces) sent_.append(piece);
  return true;
}

Result<void, Error> MessageDeflate::decompress(Bytes message, std::size_t limit, Buffer& out) {
  if (own_) return decompress_dedicated(message, limit, out);
  const std::size_t begin = out.size();
  if (auto done = pool_->decompress(received_.bytes(), message, limit, out); !done) return done;
  received_.append(out.bytes().subspan(begin));
  return {};
}

void MessageDeflate::compress_dedicated(std::span<const Bytes> pieces, Buffer& out) {
  if (!own_->deflater) {
    own_->deflater.emplace(pool_->level(), send_bits_);
  } else if (!sends_with_context_) {
    own_->deflater->reset({});
  }
  own_->deflater->compress(pieces, out);
}

Result<void, Error> MessageDeflate::decompress_dedicated(Bytes message, std::size_t limit,
                                                         Buffer& out) {
  if (!own_->inflater) {
    own_->inflater.emplace();
  } else if (!receives_with_context_) {
    own_->inflater->reset({});
  }
  return own_->inflater->decompress(message, limit, out);
}

std::size_t deflate_cost(Role role, const DeflateParameters& parameters, DeflateMemory memory) {
  const Direction sent = direction_of(role, parameters);
  const Direction received = direction_of(other(role), parameters);
  if (memory != DeflateMemory::kDedicated) {
    return sizeof(MessageDeflate) + sent_window(sent) + received.window();
  }
  const std::size_t deflater =
      compresses_for(sent.window_bits) ? deflater_memory(sent.window_bits) : 0;
  return sizeof(MessageDeflate) + deflater + inflater_memory();
}

DeflateParameters DeflateOptions::wanted() const {
  const bool alone = memory == DeflateMemory::kShared;
  return {alone, alone, server_max_window_bits, client_max_window_bits};
}

std::unique_ptr<MessageDeflate> make_message_deflate(Role role, const DeflateParameters& parameters,
                                                     const DeflateOptions& options) {
  DeflateBudget::Share share;
  if (options.budget != nullptr && role == Role::kServer) {
    auto reserved = options.budget->reserve(deflate_cost(role, parameters, options.memory));
    if (!reserved) return nullptr;
    share = *std::move(reserved);
  }
  return std::make_unique<MessageDeflate>(role, parameters, *options.pool, options.memory,
                                          std::move(share));
}

}  // namespace heliograph::ws
