#include "ws/deflate.hpp"

#include <algorithm>
#include <new>

#include <zlib.h>

namespace heliograph::ws {
namespace {

// What a message ends with, and what is left out of it: an empty block, not compressed.
constexpr std::array<std::uint8_t, 4> kTail = {0x00, 0x00, 0xff, 0xff};
constexpr int kMemoryLevel = 8;
constexpr std::size_t kChunk = 4096;

Bytef* as_zlib(Bytes bytes) {
  // zlib does not write to its input, and says so only in newer versions.
  return const_cast<Bytef*>(bytes.data());
}

constexpr std::size_t window_size(bool no_context_takeover, std::uint8_t bits) {
  return no_context_takeover ? 0 : std::size_t{1} << bits;
}

// Runs deflate() until its input is used up and everything has come out of it.
void deflate_all(z_stream& stream, Bytes input, int flush, Buffer& out) {
  stream.next_in = as_zlib(input);
  stream.avail_in = static_cast<uInt>(input.size());
  do {
    const MutableBytes room = out.prepare(kChunk);
    stream.next_out = room.data();
    stream.avail_out = static_cast<uInt>(kChunk);
    ::deflate(&stream, flush);
    out.commit(kChunk - stream.avail_out);
  } while (stream.avail_out == 0);
}

}  // namespace

void DeflatePool::Deleter::operator()(z_stream_s* stream) const {
  inflates ? ::inflateEnd(stream) : ::deflateEnd(stream);
  delete stream;
}

DeflatePool::DeflatePool(int level) : level_(level) {}
DeflatePool::~DeflatePool() = default;

z_stream_s& DeflatePool::deflater(std::uint8_t window_bits) {
  Stream& stream = deflaters_.at(window_bits - kMinDeflateWindowBits);
  if (!stream) {
    stream = Stream(new z_stream{}, Deleter{.inflates = false});
    // Negative: a raw stream, without zlib's header.
    if (::deflateInit2(stream.get(), level_, Z_DEFLATED, -window_bits, kMemoryLevel,
                       Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  } else {
    ::deflateReset(stream.get());
  }
  return *stream;
}

z_stream_s& DeflatePool::inflater() {
  if (!inflater_) {
    inflater_ = Stream(new z_stream{}, Deleter{.inflates = true});
    if (::inflateInit2(inflater_.get(), -kMaxWindowBits) != Z_OK) throw std::bad_alloc();
  } else {
    ::inflateReset(inflater_.get());
  }
  return *inflater_;
}

void DeflatePool::compress(Bytes window, std::uint8_t window_bits, std::span<const Bytes> pieces,
                           Buffer& out) {
  z_stream& stream = deflater(window_bits);
  if (!window.empty()) {
    ::deflateSetDictionary(&stream, window.data(), static_cast<uInt>(window.size()));
  }
  for (const Bytes piece : pieces) deflate_all(stream, piece, Z_NO_FLUSH, out);
  deflate_all(stream, {}, Z_SYNC_FLUSH, out);
  out.truncate(out.size() - kTail.size());
}

Result<void, Error> DeflatePool::decompress(Bytes window, Bytes message, std::size_t limit,
                                            Buffer& out) {
  z_stream& stream = inflater();
  if (!window.empty()) {
    ::inflateSetDictionary(&stream, window.data(), static_cast<uInt>(window.size()));
  }
  const std::size_t begin = out.size();
  const std::array<Bytes, 2> inputs = {message, kTail};
  for (const Bytes input : inputs) {
    stream.next_in = as_zlib(input);
    stream.avail_in = static_cast<uInt>(input.size());
    for (bool more = true; more;) {
      // One byte more than the limit, to see that there is more.
      const std::size_t room = std::min(kChunk, limit + 1 - (out.size() - begin));
      stream.next_out = out.prepare(room).data();
      stream.avail_out = static_cast<uInt>(room);
      const int status = ::inflate(&stream, Z_SYNC_FLUSH);
      out.commit(room - stream.avail_out);
      if (out.size() - begin > limit) return fail(Error::kMessageTooBig);
      // "the last block may have the BFINAL bit set": another stream follows in the same message,
      // or nothing.
      if (status == Z_STREAM_END) {
        const uInt left = stream.avail_in;
        const Bytef* const next = stream.next_in;
        ::inflateReset(&stream);
        stream.next_in = const_cast<Bytef*>(next);
        stream.avail_in = left;
        more = left > 0;
        continue;
      }
      if (status != Z_OK && status != Z_BUF_ERROR) return fail(Error::kInvalidDeflate);
      more = stream.avail_out == 0;
      if (!more && stream.avail_in > 0) return fail(Error::kInvalidDeflate);
    }
  }
  return {};
}

void SlidingWindow::append(Bytes bytes) {
  if (bytes.size() >= capacity_) {
    const Bytes last = bytes.last(capacity_);
    bytes_.assign(last.begin(), last.end());
    return;
  }
  const std::size_t kept = std::min(bytes_.size(), capacity_ - bytes.size());
  bytes_.erase(bytes_.begin(), bytes_.end() - static_cast<std::ptrdiff_t>(kept));
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

MessageDeflate::MessageDeflate(Role role, const DeflateParameters& parameters, DeflatePool& pool)
    : pool_(&pool),
      send_bits_(role == Role::kServer ? parameters.server_max_window_bits
                                       : parameters.client_max_window_bits),
      sent_(role == Role::kServer ? window_size(parameters.server_no_context_takeover,
                                                parameters.server_max_window_bits)
                                  : window_size(parameters.client_no_context_takeover,
                                                parameters.client_max_window_bits)),
      received_(role == Role::kServer ? window_size(parameters.client_no_context_takeover,
                                                    parameters.client_max_window_bits)
                                      : window_size(parameters.server_no_context_takeover,
                                                    parameters.server_max_window_bits)) {}

void MessageDeflate::compress(std::span<const Bytes> pieces, Buffer& out) {
  pool_->compress(sent_.bytes(), send_bits_, pieces, out);
  for (const Bytes piece : pieces) sent_.append(piece);
}

Result<void, Error> MessageDeflate::decompress(Bytes message, std::size_t limit, Buffer& out) {
  const std::size_t begin = out.size();
  if (auto done = pool_->decompress(received_.bytes(), message, limit, out); !done) return done;
  received_.append(out.bytes().subspan(begin));
  return {};
}

}  // namespace heliograph::ws
