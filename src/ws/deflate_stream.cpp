#include "ws/deflate_stream.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <vector>

#include <zlib.h>

#include "ws/deflate_negotiation.hpp"

namespace heliograph::ws {
namespace {

// What a message ends with, and what is left out of it: an empty block, not compressed.
constexpr std::array<std::uint8_t, 4> kTail = {0x00, 0x00, 0xff, 0xff};
constexpr int kMemoryLevel = 8;
constexpr std::size_t kChunk = 4096;
// What zlib keeps beside windows and tables.
constexpr std::size_t kObject = 8192;

Bytef* as_zlib(Bytes bytes) {
  // zlib does not write to its input, and says so only in newer versions.
  return const_cast<Bytef*>(bytes.data());
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

void Deflater::Deleter::operator()(z_stream_s* stream) const {
  ::deflateEnd(stream);
  std::default_delete<z_stream>()(stream);
}

Deflater::Deflater(int level, std::uint8_t window_bits)
    : stream_(std::make_unique<z_stream>().release()) {
  // Negative: a raw stream, without zlib's header.
  if (::deflateInit2(stream_.get(), level, Z_DEFLATED, -window_bits, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
}

void Deflater::reset(Bytes window) {
  ::deflateReset(stream_.get());
  if (!window.empty()) {
    ::deflateSetDictionary(stream_.get(), window.data(), static_cast<uInt>(window.size()));
  }
}

void Deflater::compress(std::span<const Bytes> pieces, Buffer& out) {
  for (const Bytes piece : pieces) deflate_all(*stream_, piece, Z_NO_FLUSH, out);
  deflate_all(*stream_, {}, Z_SYNC_FLUSH, out);
  out.truncate(out.size() - kTail.size());
}

void Inflater::Deleter::operator()(z_stream_s* stream) const {
  ::inflateEnd(stream);
  std::default_delete<z_stream>()(stream);
}

Inflater::Inflater() : stream_(std::make_unique<z_stream>().release()) {
  if (::inflateInit2(stream_.get(), -kMaxWindowBits) != Z_OK) throw std::bad_alloc();
}

void Inflater::reset(Bytes window) {
  ::inflateReset(stream_.get());
  if (!window.empty()) {
    ::inflateSetDictionary(stream_.get(), window.data(), static_cast<uInt>(window.size()));
  }
}

Result<void, Error> Inflater::decompress(Bytes message, std::size_t limit, Buffer& out) {
  // Some peers send an empty message as nothing at all.
  if (message.empty()) return {};
  const std::size_t end = out.size() + limit;
  final_blocks_ = 0;
  const auto ended = inflate_all(message, end, out);
  if (!ended) return fail(ended.error());
  if (*ended) return {};
  if (auto tail = inflate_all(kTail, end, out); !tail) return fail(tail.error());
  // What ends within a block was cut off.
  if (!between_blocks()) return fail(Error::kInvalidDeflate);
  return {};
}

Result<bool, Error> Inflater::inflate_all(Bytes input, std::size_t end, Buffer& out) {
  z_stream& stream = *stream_;
  stream.next_in = as_zlib(input);
  stream.avail_in = static_cast<uInt>(input.size());
  while (true) {
    // One byte more than the limit, to see that there is more.
    const std::size_t room = std::min(kChunk, end + 1 - out.size());
    stream.next_out = out.prepare(room).data();
    stream.avail_out = static_cast<uInt>(room);
    const int status = ::inflate(&stream, Z_SYNC_FLUSH);
    out.commit(room - stream.avail_out);
    if (out.size() > end) return fail(Error::kMessageTooBig);
    if (status == Z_STREAM_END) {
      if (final_blocks_ == kMaxFinalBlocks) return fail(Error::kTooManyFinalBlocks);
      ++final_blocks_;
      restart();
      if (stream.avail_in == 0) return true;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return fail(Error::kInvalidDeflate);
    } else if (stream.avail_out > 0) {
      return false;
    }
  }
}

void Inflater::restart() {
  z_stream& stream = *stream_;
  const Bytes left(stream.next_in, stream.avail_in);
  uInt size = 0;
  ::inflateGetDictionary(&stream, nullptr, &size);
  std::vector<std::uint8_t> window(size);
  ::inflateGetDictionary(&stream, window.data(), &size);
  reset(window);
  stream.next_in = as_zlib(left);
  stream.avail_in = static_cast<uInt>(left.size());
}

bool Inflater::between_blocks() const {
  constexpr int kAfterBlock = 128;
  return (stream_->data_type & kAfterBlock) != 0;
}

// zlib.h and zconf.h: "(1 << (windowBits+2)) + (1 << (memLevel+9))" for deflate, "1 << windowBits"
// for inflate, "plus about" six or seven kilobytes for the objects.
std::size_t deflater_memory(std::uint8_t window_bits) {
  return (std::size_t{1} << (window_bits + 2)) + (std::size_t{1} << (kMemoryLevel + 9)) + kObject;
}

std::size_t inflater_memory() {
  return (std::size_t{1} << kMaxWindowBits) + kObject;
}

}  // namespace heliograph::ws
